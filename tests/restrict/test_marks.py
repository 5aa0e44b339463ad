"""Markings in the ways in which people print them; whole telegrams through the command are slow."""

import re
from pathlib import Path

import duckdb
import pytest

from etl.contracts.tables import literal
from etl.restrict.audience import Audience
from etl.restrict.marks import BEGUN, ENTIRE, IN_TEXT, IN_TITLE, LETTER, SMALL, plain
from tests.conftest import SAMPLES, run_cables
from tests.restrict.conftest import found_in
from tests.restrict.telegrams import telegram
from tests.star.synthetic import query

PUBLIC = Audience(0, frozenset({"NOFORN"}))

ABOVE = """
(C) (C//NF) (C, NF) (C NF) (C;NF) (C.NF) (C-NF) (C–NF) (C—NF) (C / NOFORN) (S/ /NF) (S-) (C/) ( C )
(C)(NF) (C) (NF) (C)/(NF) [C] {C} <C> （C） (С) (SNF) (CNF) (U/C) (U//S) (SBU//NF) (U/NF) (NF)
(S//REL TO USA, GBR) (C//FGI GBR) (TS//HCS/SI/TK//ORCON/NOFORN) (NATO CONFIDENTIAL) (//GBR S)
(s//nf) (C/EYES ONLY) (C//DISPLAY ONLY) (LOU) (SECRET NOFORN)
"""
AT_A_START = ["(CONF)", "(CONFID)", "(Confidential)", "(Secret)", "(NC)", "(CTS)", "(s)", "(c)"]
OPEN = ["(U)", "(SBU)", "(U//FOUO)", "(FOUO)", "(U) ", "(OUO)"]


def above(text: str, patterns: tuple[str, ...]) -> list[str]:
    """Give the markings of a text that the public may not have."""
    found = " || ".join(f"regexp_extract_all(t, {literal(each)}, 1)" for each in patterns)
    row = duckdb.execute(f"SELECT {found} FROM (SELECT {plain('$1')} AS t)", [text]).fetchone()
    assert row is not None
    return [words for words in row[0] if not PUBLIC.may_have_portion(words)]


@pytest.mark.parametrize("marking", re.findall(r"\S.*?[)\]}>）](?=\s|$)", ABOVE))
def test_markings_are_found_anywhere(marking: str) -> None:
    for text in (f"{marking} He left.", f"He sat. {marking} He left.", f"- {marking} he left"):
        assert above(text, IN_TEXT), text
    assert above(f"A RAFT {marking}", IN_TITLE)


@pytest.mark.parametrize("marking", ["(C\u00a0//\u202fNF)", "(\u200bC)", "(C\u00ad)"])
def test_blanks_and_marks_without_width_hide_nothing(marking: str) -> None:
    assert above(f"He sat. {marking} He left.", IN_TEXT)


@pytest.mark.parametrize("marking", AT_A_START)
def test_words_and_small_letters_mark_at_a_start(marking: str) -> None:
    for text in (f"{marking} He left.", f"He sat. {marking} He left.", f"Points:\n- {marking} one"):
        assert above(text, (*IN_TEXT, *SMALL)), text
    assert above(f"{marking} A RAFT", IN_TITLE)


@pytest.mark.parametrize(
    "text",
    [
        "(C He left the room.",
        "/S/ He left.",
        "C: He left.",
        "SECRET/NOFORN - He left.",
        "Confidential. He left.",
        "NOFORN. He left.",
        "(L) He left.",
        "C) He left.",
        "He sat. BEGIN NOFORN: he left. END NOFORN.",
        "He sat. Begin classified: he left.",
        "He sat. [START C/NF] He left.",
    ],
)
def test_other_forms(text: str) -> None:
    assert above(text, (*IN_TEXT, *LETTER, BEGUN))


@pytest.mark.parametrize(
    "text",
    [
        *(f"{marking} He left." for marking in OPEN),
        "The (secret) ballot and a (confidential) letter.",
        "The U.S. (C-130) flew; the Commission (SEC) met in Raleigh (NC).",
        "(S. Korea) is meant, and (C. Snoodle) came; the (S-curve) is steep.",
        "The contact(s) came. Section 501(c) of the law; section 212 (c).",
        "A secret is kept. They begin secret talks. Conf. room.",
        "Restricted areas (RESTRICTED) are closed.",
        "He said (A) one and (B) two.",
        "C. Snoodle and S. Boodle left.",
    ],
)
def test_what_is_no_marking(text: str) -> None:
    assert above(text, (*IN_TEXT, *SMALL, BEGUN)) == []


@pytest.mark.parametrize(
    "words",
    [
        "CONFIDENTIAL - ENTIRE TEXT.",
        "C O N F I D E N T I A L - ENTIRE TEXT",
        "(SECRET-ENTIRE TEXT)",
        "Entire text is confidential.",
        "Entire text: C/NF",
        "This cable is classified SECRET in its entirety.",
        "All portions are SECRET.",
        "NOFORN - ENTIRE TEXT",
        "CONFIDENTIAL ENTIRE MESSAGE",
    ],
)
def test_what_is_said_of_the_whole(words: str) -> None:
    assert above(words, ENTIRE)
    assert not above("Sensitive but unclassified - entire text. Secret ballots.", ENTIRE)
    assert not above("Entire text. C. Snoodle left; the entire text, secret or not.", ENTIRE)


ALL = "1. (U) Openone is well.\n\n{}\n\n9. (U) Openlast stays."
CUT = {
    "unclosed": "2. (C Shuta left the house.",
    "word": "2. (CONF) Shuta left the house.",
    "mixed": "2. (U//S) Shuta left the house.",
    "above": "(C)\n\n2. Shuta left the house.",
    "numbered": "2. (C) He made points:\n\n1. Shuta left.\n\n2. Shutb came.",
    "begun": "2. Begin SECRET. Shuta left.\n\n3. Shutb came. End SECRET.",
    "title": "2. CONFIDENTIAL: Shuta left the house.",
    "table": "2. (S//NF) Prices:\n\nItem    Price\n----    -----\nShuta    12\nShutb    13",
    "bullets": "2. (U) Points:\n\n-- (c) Shuta left;\n\n-- that it rained.",
    "last": "2. Shuta left the house. (C)",
}
"""Of these telegrams a part is withheld."""
GONE = {
    "entire": "CONFIDENTIAL - ENTIRE TEXT\n\n1. Shuta left the house.",
    "entire_marked": "1. (C) Entire text.\n\n2. Shuta left the house.",
    "banner": "CONFIDENTIAL\n\n1. Shuta left the house.",
    "caption": "1. Shuta left the house.\n\nNOFORN\n\n2. Shutb came.",
    "section": "1. Shuta left.\n\nS E C R E T SECTION 02 OF 02 ASTANA 000001\n\n2. Shutb came.",
}
"""These say of all of it that it is above."""
REFS = {
    "first": "A. (C) SHUTWRITER EMAIL OF MAY 3 B. OPENWRITER EMAIL OF MAY 4",
    "behind": "A. SHUTWRITER EMAIL OF MAY 3 (S) B. OPENWRITER EMAIL OF MAY 4",
    "lines": "A. OPENWRITER EMAIL (U)\n     B. SHUTWRITER EMAIL (C)\n     C. OPENREADER EMAIL",
    "all": "(C) A. SHUTWRITER EMAIL OF MAY 3 B. SHUTREADER EMAIL OF MAY 4",
    "title": "A. 07 ASTANA 9804 (SHUTGEESE OVER THE FORT)",
}


@pytest.mark.slow
def test_whole_telegrams(tmp_path: Path) -> None:
    told = {
        **{f"cut_{name}": telegram(100 + n, ALL.format(text)) for n, (name, text) in _each(CUT)},
        **{f"gone_{name}": telegram(200 + n, text) for n, (name, text) in _each(GONE)},
        **{f"ref_{name}": telegram(300 + n, ALL.format(""), ref=r) for n, (name, r) in _each(REFS)},
        "geese": telegram(9804, "1. (U) Openx.", subject="(C) SHUTGEESE OVER THE FORT"),
    }
    (tmp_path / "drop").mkdir()
    shut, opened = set(), set()
    for number, (name, text) in enumerate(told.items()):
        mine = re.sub(r"(?i)\b(shut|open)([a-z]+)", rf"\1\2n{chr(97 + number)}", text)
        (tmp_path / "drop" / f"{name}.txt").write_text(mine)
        shut |= {word.lower() for word in re.findall(r"(?i)\bshut[a-z]+", mine)}
        if not name.startswith("gone"):
            opened |= {word.lower() for word in re.findall(r"(?i)\bopen[a-z]+", mine)}
    path, out = tmp_path / "w" / "w.duckdb", tmp_path / "o.duckdb"
    assert run_cables("ingest", tmp_path / "drop", "-w", path).exit_code == 0
    limits = ("--max-classification", "UNCLASSIFIED", "--exclude-caveat", "NOFORN")
    assert run_cables("publish", "-w", path, *limits, out).exit_code == 0
    assert found_in(out, shut) == set()
    assert found_in(out, opened) == opened


ATTRIBUTES = [
    ("Copy", "SINGLE"),  # the one that says nothing of it
    ("Original Classification", "SECRET"),
    ("Previous Classification", "SECRET"),
    ("Original Previous Classification", "CONFIDENTIAL"),
    ("Handling Restrictions", "NOFORN"),
    ("Previous Handling Restrictions", "NOFORN"),
]


@pytest.mark.slow
def test_what_the_attributes_of_the_archive_say(tmp_path: Path) -> None:
    sample = (SAMPLES / "archive" / "1976REYKJA09906.txt").read_text()
    plain = sample.replace("LIMITED OFFICIAL USE", "UNCLASSIFIED")
    (tmp_path / "drop").mkdir()
    for number, (attribute, words) in enumerate(ATTRIBUTES):
        said = re.sub(rf"(?m)^{attribute}:.*\n", "", plain).replace("9906", f"991{number}")
        said = said.replace("Page Count: 1\n", f"{attribute}: {words}\nPage Count: 1\n")
        (tmp_path / "drop" / f"{number}.txt").write_text(said)
    path, out = tmp_path / "w" / "w.duckdb", tmp_path / "o.duckdb"
    assert run_cables("ingest", tmp_path / "drop", "-w", path).exit_code == 0
    limits = ("--max-classification", "UNCLASSIFIED", "--exclude-caveat", "NOFORN")
    assert run_cables("publish", "-w", path, *limits, out).exit_code == 0
    assert query(path, "SELECT count(*) FROM cable") == [(6,)]
    assert query(out, "SELECT mrn FROM cable") == [("76REYKJAVIK9910",)]


def _each(texts: dict[str, str]) -> list[tuple[int, tuple[str, str]]]:
    return list(enumerate(texts.items()))
