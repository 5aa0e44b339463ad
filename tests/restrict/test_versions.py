"""Texts of documents that a telegram is not loaded from, and what they tell of the one that is."""

from pathlib import Path

import pytest

from tests.conftest import run_cables
from tests.restrict.conftest import found_in
from tests.restrict.telegrams import telegram
from tests.restrict.test_restricted import PUBLIC, published
from tests.star.synthetic import query

HEADER = """R 171204Z NOV 07
FM AMEMBASSY ASTANA
TO RUEHC/SECSTATE WASHDC 1207
BT
UNCLAS ASTANA 009961

SUBJECT: {subject}

1. (U) The harbor pilots of the northern port have agreed to share one launch until the spring.

2. {second} The pilot {name} told Econoff that the board voted nine to two for a bigger pump.

3. (U) {third}

PELLWORTH
"""
WITHHELD = {
    "name": "Shutignatius Shutthistle",
    "subject": "PILOTS SHARE A LAUNCH WITH SHUTTHISTLE",
    "third": "A tow is cheap. Shutignatius will not pay for the pump, the board says openly.",
}


def loaded(folder: Path, first: dict[str, str], second: dict[str, str]) -> Path:
    """Load two documents of one telegram, the first of which shows more."""
    for number, told in enumerate((first, second)):
        (folder / f"{number}.txt").write_text(HEADER.format(**told))
    result = run_cables("ingest", folder, "-w", folder / "w" / "w.duckdb")
    assert result.exit_code == 0, result.output
    return folder / "w" / "w.duckdb"


def test_names_that_another_version_hides_are_masked(tmp_path: Path) -> None:
    hidden = WITHHELD | {"second": "(U)", "name": "X" * 12}
    warehouse = loaded(tmp_path, WITHHELD | {"second": "(U)"}, hidden)
    relation = "SELECT relation, names_hidden FROM cable_version WHERE version_rank = 2"
    assert query(warehouse, relation) == [("redacted", 1)]
    words = {"shutignatius", "shutthistle"}
    masked = published(warehouse, tmp_path / "masked.duckdb", "--mask-protected")
    assert found_in(masked, words) == set()
    assert query(masked, "SELECT text FROM paragraph WHERE number = 2") == [
        (f"The pilot {'X' * 12} told Econoff that the board voted nine to two for a bigger pump.",)
    ]
    plain = published(warehouse, tmp_path / "plain.duckdb", *PUBLIC[:2])
    assert found_in(plain, words) == words


def test_texts_of_other_versions_are_absent(tmp_path: Path) -> None:
    longer = WITHHELD | {
        "second": "(U)",
        "third": "A tow is cheap and a pump is not, or so we hear.",
    }
    other = longer | {"third": "A tow is cheap and a pump is shutreworded, we hear."}
    warehouse = loaded(tmp_path, longer, other)
    assert found_in(warehouse.resolve(), {"shutreworded"}) == {"shutreworded"}
    out = published(warehouse, tmp_path / "out.duckdb", "--max-classification", "UNCLASSIFIED")
    assert found_in(out, {"shutreworded"}) == set()
    assert query(out, "SELECT count(*), count(*) FILTER (is_current) FROM cable_version") == [
        (1, 1)
    ]
    assert query(out, "FROM version_paragraph") == []


BODY = """1. (U) Openone is well and asks for a lamp in the yard of the old school.

2. {marking} The pilot Shutpilot is not dear at all, and was seen with a bag of fish."""
PLAIN = BODY.format(marking="(U)")


@pytest.mark.parametrize(
    ("first", "second", "gone"),
    [
        ({"body": PLAIN + " Opentail."}, {"body": BODY.format(marking="(S)")}, "shutpilot"),
        ({"body": PLAIN}, {"body": BODY.format(marking="(S//NF)")}, "shutpilot"),
        ({"body": PLAIN + " Opentail."}, {"body": PLAIN, "level": "S E C R E T"}, "openone"),
        ({"body": PLAIN + " Opentail."}, {"body": PLAIN, "caption": "NOFORN"}, "openone"),
        (
            {"body": PLAIN + " Opentail.", "subject": "SHUTRAFT SINKS"},
            {"body": PLAIN, "subject": "(S) SHUTRAFT SINKS"},
            "shutraft",
        ),
        (
            {"body": PLAIN + " Opentail.", "subject": "LUNCH WITH SHUTRAFT"},
            {"body": PLAIN, "subject": "LUNCH WITH XXXXXXXXXXXX"},
            "shutraft",
        ),
    ],
    ids=["marking", "marking alone", "level", "caveat", "subject", "name in subject"],
)
@pytest.mark.slow
def test_what_any_version_says_counts(
    tmp_path: Path, first: dict[str, str], second: dict[str, str], gone: str
) -> None:
    (tmp_path / "drop").mkdir()
    for number, told in enumerate((first, second)):
        said = {name: words for name, words in told.items() if name != "body"}
        (tmp_path / "drop" / f"{number}.txt").write_text(telegram(9962, told["body"], **said))
    warehouse, out = tmp_path / "w" / "w.duckdb", tmp_path / "out.duckdb"
    assert run_cables("ingest", tmp_path / "drop", "-w", warehouse).exit_code == 0
    assert found_in(warehouse.resolve(), {gone}) == {gone}
    published(warehouse, out, *PUBLIC)
    assert found_in(out, {gone}) == set()


@pytest.mark.slow
def test_a_request_behind_the_classifier_counts(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    body = """Classified By: Jovan Shutjovan (protect), DCM, for reasons 1.4 (b).

1. (U) Mr. Shutjovan met Openone."""
    (tmp_path / "drop" / "1.txt").write_text(telegram(9963, body))
    warehouse, out = tmp_path / "w" / "w.duckdb", tmp_path / "out.duckdb"
    assert run_cables("ingest", tmp_path / "drop", "-w", warehouse).exit_code == 0
    published(warehouse, out, "--mask-protected")
    assert found_in(out, {"shutjovan", "openone"}) == {"openone"}


@pytest.mark.parametrize("marking", ["(S)", pytest.param("(C/NF)", marks=pytest.mark.slow)])
def test_a_marking_of_another_version_counts(tmp_path: Path, marking: str) -> None:
    told = WITHHELD | {"second": "(U)"}
    # The same paragraph, marked above in the poorer copy.
    other = told | {"second": marking, "name": "Shutignatius S."}
    warehouse = loaded(tmp_path, told, other)
    out = published(warehouse, tmp_path / "out.duckdb", "--max-classification", "UNCLASSIFIED")
    assert query(out, "SELECT number FROM paragraph ORDER BY 1") == [(1,), (3,)]
    assert found_in(out, {"nine to two"}) == set()
