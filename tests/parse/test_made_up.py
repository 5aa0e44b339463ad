"""REF lines and Classified By statements made up of parts, read back as they were put together."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.parse.people import read_classifiers
from etl.parse.references import split_references

YEAR = 2007
POSTS = ["OSLO", "SECSTATE", "RIO DE JANEIRO", "THE HAGUE", "N'DJAMENA", "UNVIE", "TEL AVIV"]
CODES = {"SECSTATE": "STATE", "N'DJAMENA": "NDJAMENA", "UNVIE": "UNVIEVIENNA"}
LETTERED = ["{}. ", "{}) ", "({}) ", "{}: ", "[{}] ", "{0}. {0}) "]
YEARS = ["{2} {post} {serial}", "{4} {post} {serial}", "'{2} {post} {serial}",
         "{post} {serial} ({4})", "{post} {serial}-{2}", "{post} {serial}/{2}"]  # fmt: skip

cited = st.tuples(
    st.sampled_from(POSTS),
    st.sampled_from([2007, 2007, 2006, 1999]),
    st.integers(100, 8000),
    st.sampled_from(["", "", " (NOTAL)", " (SNOW TALKS)"]),
)


@given(
    st.lists(cited, min_size=1, max_size=5),
    st.sampled_from(YEARS),
    st.sampled_from(["", *LETTERED]),
    st.sampled_from(["\n     ", "\n", "\n\n     ", "; ", ", "]),
    st.sampled_from([0, 5, 6]),
)
@settings(max_examples=300, deadline=None)
def test_ref_lines(
    items: list[tuple[str, int, int, str]], years: str, letter: str, between: str, width: int
) -> None:
    printed, expected = [], []
    for place, (post, year, number, behind) in enumerate(items):
        shape = "{post} {serial}" if year == YEAR else years
        for digits, text in (("{2}", f"{year % 100:02}"), ("{4}", str(year))):
            shape = shape.replace(digits, text)
        item = shape.format(post=post, serial=f"{number:0{width}}") + behind
        printed.append(letter.format("ABCDE"[place]) + item)
        code = CODES.get(post, post.replace(" ", ""))
        expected.append(("ABCDE"[place] if letter else None, f"{year % 100:02}{code}{number}"))
    found = split_references("REF: " + between.join(printed), YEAR, "RIGA", 9000)
    assert [(one["letter"], one["referenced_mrn"]) for one in found] == expected


NAMES = ["Anna B. Quill", "F. Daniel Marrow", "Jose de la Torre", "Paul Lanterne, Jr.", "Lee Quill"]
TITLES = ["DCM", "A/DCM", "Pol/Econ Chief", "Charge d'Affaires, a.i.", "EmbOff", "PolMinCouns",
          "Acting Political Minister-Counselor", "Ambasador", "EUR/NB Director", "LTC",
          "Director for Energy and Salt"]  # fmt: skip
FORMS = ["{title} {name}", "{name}, {title}", "{name} ({title})", "{title}: {name}",
         "{name}, {title}, Embassy Oslo", "{title} - {name}"]  # fmt: skip
REASONS = [" for reasons 1.4 (b) and (d).", ", reasons 1.4 (b,d)", ". Reason: 1.4 (B/D).",
           "; E.O. 12958, reasons 1.4 b and d", " per 1.4 (b), (d)", ", resaons 1.4(b)(d)",
           ]  # fmt: skip


@pytest.mark.parametrize("capitals", [False, True])
@given(*map(st.sampled_from, (NAMES, TITLES, FORMS, REASONS)))
@settings(max_examples=300, deadline=None)
def test_statements(capitals: bool, name: str, title: str, form: str, reasons: str) -> None:
    statement = form.format(name=name, title=title) + reasons
    found: dict[str, Any] = read_classifiers(
        "Classified By: " + (statement.upper() if capitals else statement)
    )
    names = [person["full_name"] for person in found["people"]]
    assert names == [name.upper() if capitals else name]
    assert found["reasons"] == ["1.4(b)", "1.4(d)"]
