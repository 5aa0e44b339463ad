"""Fields of header and opening, kind of trap by kind of trap; all fragments are our own."""

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from etl.contracts import frames
from etl.parse import parse
from etl.parse.marking import split_caveats
from etl.parse.orders import resolved_order
from etl.parse.people import read_classifiers, read_signer
from etl.parse.references import split_references

COLUMNS = frames.Documents.create_empty().schema


def read(body: str, **fields: object) -> dict[str, list[dict[str, Any]]]:
    """Parse one telegram; give its frames as rows."""
    row: dict[str, object] = dict.fromkeys(COLUMNS)
    row |= {"document_key": 1, "uri": "file:///x", "sha256": "0" * 64, "size_bytes": 1}
    row |= {"body_text": body} | fields
    parsed = parse(pl.DataFrame([row], schema=COLUMNS))
    return {name: frame.to_dicts() for name, frame in parsed.items()}


def header(body: str, **fields: object) -> dict[str, Any]:
    """Give the one header row."""
    return read(body, **fields)["headers"][0]


@pytest.mark.parametrize(
    ("line", "sent_at", "precedence", "signal"),
    [
        ("R 191204Z NOV 07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("O P 190243Z DEC 89", datetime(1989, 12, 19, 2, 43), "IMMEDIATE", None),
        ("P 011500Z JAN 09 ZDK", datetime(2009, 1, 1, 15, 0), "PRIORITY", "ZDK"),
        ("Z 302359Z JUN 1974", datetime(1974, 6, 30, 23, 59), "FLASH", None),
        ("R 19 1204ZNOV07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("r 19I204z nov O7", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("R 311204Z NOV 07", None, "ROUTINE", None),
        ("R 992599Z XXX 07", None, "ROUTINE", None),
    ],
)
def test_date_time_group(
    line: str, sent_at: datetime | None, precedence: str, signal: str | None
) -> None:
    parsed = read(f"{line}\nFM AMEMBASSY OSLO\nTO SECSTATE WASHDC 12\n\nUNCLAS OSLO 000012\n")
    found = parsed["headers"][0]
    assert (found["sent_at"], found["precedence"], found["operating_signal"]) == (
        sent_at, precedence, signal,
    )  # fmt: skip
    unreadable = [row for row in parsed["reviews"] if row["field"] == "date_time_group"]
    assert bool(unreadable) == (sent_at is None), "what cannot be read is said"


def test_created_time_stands_in_for_a_missing_dtg() -> None:
    found = header("UNCLAS OSLO 000012\n", created_at=datetime(2007, 1, 2, 16, 4))
    assert (found["sent_at"], found["sent_at_source"]) == (datetime(2007, 1, 2, 16, 4), "created")


def test_exempt_addressees_are_kept_apart() -> None:
    parsed = read(
        "O 190243Z DEC 89\nFM SECSTATE WASHDC\nTO ALL DIPLOMATIC POSTS IMMEDIATE\n"
        "INFO ALL CONSULAR POSTS PRIORITY\nXMT USINT HAVANA\nAMCONSUL ADANA\n\n"
        "UNCLAS STATE 000001\n"
    )
    rows = [(row["role"], row["name"], row["is_exempt"]) for row in parsed["addressees"]]
    assert rows == [
        ("action", "ALL DIPLOMATIC POSTS", False),
        ("info", "ALL CONSULAR POSTS", False),
        ("info", "USINT HAVANA", True),
        ("info", "AMCONSUL ADANA", True),
    ]


@pytest.mark.parametrize(
    ("line", "order", "day", "instruction"),
    [
        ("E.O. 12958: DECL: 11/17/2017", "12958", date(2017, 11, 17), None),
        ("EO 12958 DECL 2017/11/17", "12958", date(2017, 11, 17), None),
        ("E.O. 12958: DECL: 17 NOV 2017", "12958", date(2017, 11, 17), None),
        ("E.O. 12958: N/A", "12958", None, "N/A"),
        ("E.O. 12356: DECL: OADR", "12356", None, "OADR"),
        ("E.O. 12598: DECL: 6/3/18", "12958", date(2018, 6, 3), None),
        ("E.O. 12958: DECL: 13/45/2099", "12958", None, "13/45/2099"),
    ],
)
def test_executive_order(line: str, order: str, day: date | None, instruction: str | None) -> None:
    found = header(
        f"S E C R E T OSLO 000012\n\n{line}\nTAGS: PREL\nSUBJECT: SNOW\n\n1. (S) Snow.\n"
    )
    assert (
        found["executive_order"], found["declassify_on"], found["declassify_instruction"]
    ) == (order, day, instruction)  # fmt: skip


def test_a_misprint_is_resolved_only_when_one_order_is_meant() -> None:
    assert resolved_order("19528", 2006) == "12958"
    assert resolved_order("99999", 2006) is None


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        ("SUBJECT: ONE LINE\n\nREF: OSLO 12\n", "ONE LINE"),
        ("SUBJ: TWO LINES OF\nSNOW\n\n1. Text.\n", "TWO LINES OF SNOW"),
        ("SUBJECT: (S/NF) MARKED SUBJECT (S)\n\n1. Text.\n", "MARKED SUBJECT"),
        ("SUBJECT: STOPS IN THE\n\nMIDDLE\n\n1. Text.\n", "STOPS IN THE MIDDLE"),
        ("SUBJECT: A SNOWFALL --\n\n-- AND WHAT CAME OF IT\n\n1. Text.\n",
         "A SNOWFALL -- -- AND WHAT CAME OF IT"),
        ("SUBJECT: CAPITALS ONLY\nThis is an action request. See para 2.\n", "CAPITALS ONLY"),
        ("SUBJECT: BEFORE A HEADING\n\nSUMMARY\n-------\n\n1. Text.\n", "BEFORE A HEADING"),
        ("SUBJECT: LOST BREAKS REF: OSLO 12 Classified By: DCM A. Pellworth\n", "LOST BREAKS"),
    ],
)  # fmt: skip
def test_subject(body: str, subject: str) -> None:
    assert (
        header(f"UNCLAS OSLO 000012\n\nE.O. 12958: N/A\nTAGS: PREL\n{body}")["subject"] == subject
    )


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("REF: OSLO 12", [(None, "07OSLO12")]),
        ("REF: A. OSLO 12 B. 06 PARIS 0044", [("A", "07OSLO12"), ("B", "06PARIS44")]),
        ("REF: A. A) STATE 12; B. B) OSLO 14 AND PREVIOUS",
         [("A", "07STATE12"), ("B", "07OSLO14")]),
        ("REF: (A) OSLO 12 AND 13 (B) RIO DE JANEIRO 7",
         [("A", "07OSLO12"), ("A", "07OSLO13"), ("B", "07RIODEJANEIRO7")]),
        ("REF: OSLO 12-05, OSLO 13 (2004)", [(None, "05OSLO12"), (None, "04OSLO13")]),
        ("REF: A. PELLWORTH-SNOODLE E-MAIL 7/9/07 B. OSLO 3", [("A", None), ("B", "07OSLO3")]),
        ("REF: OSLO 12 OSLO 00000044 001.2 OF 002", [(None, "07OSLO12")]),
        ("REF: A. OSLO 4990", [("A", "06OSLO4990")]),  # own serial is 100: last year's
    ],
)  # fmt: skip
def test_references(text: str, items: list[tuple[str | None, str | None]]) -> None:
    found = split_references(text, 2007, "OSLO", 100)
    assert [(one["letter"], one["referenced_mrn"]) for one in found] == items


@pytest.mark.parametrize(
    ("text", "name", "title", "reasons"),
    [
        ("Classified By: DCM Anna B. Pellworth for reasons 1.4 (b) and (d).",
         "Anna B. Pellworth", "DCM", ["1.4(b)", "1.4(d)"]),
        ("CLASSIFIED BY: PAUL LANTERNE, POLITICAL COUNSELOR. REASON: 1.5 (B/D)",
         "PAUL LANTERNE", "POLITICAL COUNSELOR", ["1.5(b)", "1.5(d)"]),
        ("Classified By: Ambassador Paul Lanterne, III. Reasons 1,4 b and d",
         "Paul Lanterne, III", "Ambassador", ["1.4(b)", "1.4(d)"]),
        ("Classified By: Ambasasdor Paul Lanterne FOR REA\nSONS 1.4 (C)",
         "Paul Lanterne", "Ambasasdor", ["1.4(c)"]),
        ("Classified By: CLASSIFIED BY ACTING DCM/Ted Marrowby, 1.4 (d).",
         "Ted Marrowby", "ACTING DCM", ["1.4(d)"]),
    ],
)  # fmt: skip
def test_classified_by(text: str, name: str, title: str, reasons: list[str]) -> None:
    person = {"full_name": name, "title": title}
    assert read_classifiers(text) == {"people": [person], "reasons": reasons}


@pytest.mark.parametrize(
    ("printed", "name"),
    [("ORDWAY", "ORDWAY"), ("Snoodle##", "SNOODLE"), ("LANTERNE Lanterne", "LANTERNE")],
)
def test_signer(printed: str, name: str) -> None:
    assert read_signer(printed) == name


def test_slug_lines_are_kept() -> None:
    found = header(
        "UNCLAS OSLO 000012\n\nSIPDIS\n\nDEPT FOR EUR/NE, OES\nAND EB\nLONDON FOR SNOODLE\n\n"
        "E.O. 12958: N/A\nTAGS: PREL\nSUBJECT: SNOW\n\n1. Snow.\n"
    )
    assert found["slug"] == "DEPT FOR EUR/NE, OES\nAND EB\nLONDON FOR SNOODLE"


def test_caveats() -> None:
    assert split_caveats("SENSITIVE // N O F O R N") == ["SENSITIVE", "NOFORN"]
    assert split_caveats("FOR OFFICIAL USE ONLY") == ["FOR OFFICIAL USE ONLY"]
    assert split_caveats("SNOW") == []


OPENING = "C O N F I D E N T I A L OSLO 000012\n\nE.O. 12958: N/A\nTAGS: PREL\nSUBJECT: SNOW\n\n"


def paragraphs(text: str) -> list[tuple[int | None, str | None, str | None, str, str]]:
    """Give number, marking, section, kind and text of each paragraph."""
    return [
        (row["number"], row["portion_marking"], row["section"], row["kind"], row["text"])
        for row in read(OPENING + text)["paragraphs"]
    ]


def test_a_date_cut_by_a_wrap_starts_no_paragraph() -> None:
    found = paragraphs(
        "1. (C) Snow fell in May\n2003. It fell again on June\n6. and on July\n2. No more.\n"
    )
    assert [row[0] for row in found] == [1]


def test_a_numbered_list_stays_in_its_paragraph() -> None:
    found = paragraphs(
        "1. (C) Snow.\n\n2. (C) Three wishes:\n\n1. Less snow.\n\n2. More sun.\n\n3. (C) End.\n"
    )
    assert [(row[0], row[4]) for row in found] == [
        (1, "Snow."),
        (2, "Three wishes:\n1. Less snow.\n2. More sun."),
        (3, "End."),
    ]


def test_page_markers_and_banners_do_not_break_a_sentence() -> None:
    found = paragraphs(
        "1. (C) The snow lay on\n\nOSLO 00000012 002 OF 003\n\nSIPDIS\n\nthe roof.\n"
    )
    assert [row[4] for row in found] == ["The snow lay on the roof."]


@pytest.mark.parametrize(
    "heading",
    ["SNOW\n----\n", "----\nSNOW\n----\n", "//SNOW//\n\n", "Snow -------\n\n", "-- Snow --\n",
     "SNOW\n\n",     "THE\nSNOW\n---- ----\n", "=====\nSNOW\n=====\n\n", "(C) SNOW\n- - - - -\n\n"],
)  # fmt: skip
def test_headings_in_every_shape(heading: str) -> None:
    found = paragraphs(f"1. (C) Before.\n\n{heading}2. (C) After.\n")
    assert [row[4] for row in found] == ["Before.", "After."]
    assert str(found[1][2]).upper().removeprefix("THE ") == "SNOW"


def test_summary_runs_to_its_end() -> None:
    parsed = read(
        f"{OPENING}1. (C) SUMMARY: One.\n\n2. (C) Two. END SUMMARY.\n\n3. (C) Comment: Three.\n"
    )
    assert [row["kind"] for row in parsed["paragraphs"]] == ["summary", "summary", "comment"]
    assert parsed["headers"][0]["summary"] == "One.\nTwo."


def test_a_repeated_header_is_no_text() -> None:
    found = paragraphs(
        "1. (C) The snow lay on\n\n"
        "C O N F I D E N T I A L SECTION 02 OF 02 OSLO 000012\n\nSIPDIS\n\n"
        "E.O. 12958: N/A\nTAGS: PREL\nSUBJECT: SNOW\n\nthe roof.\n\n2. (C) It melted.\nSNOODLE\n"
    )
    assert [row[4] for row in found] == ["The snow lay on the roof.", "It melted."]


def test_words_cut_by_a_line_end_are_joined_where_it_is_known_how() -> None:
    found = paragraphs(
        "1. (C) The counter-\nterrorism office and the snow-\nplough met. The snow-plough\n"
        "came late, as did the lighthouse. A light-\nhouse keeper, pre-\nand post-war, left the "
        "three-\nmile zone.\n"
    )
    assert found[0][4] == (
        "The counter-terrorism office and the snow-plough met. The snow-plough came late, as did "
        "the lighthouse. A lighthouse keeper, pre- and post-war, left the three- mile zone."
    )


def test_redactions_are_counted() -> None:
    parsed = read(f"{OPENING}1. (C) XXXXXXXXXXXX and xxxxxxx met; XXX is no name.\n")
    assert parsed["headers"][0]["redaction_count"] == 2
    assert parsed["paragraphs"][0]["redactions"] == [
        {"start": 0, "length": 12},
        {"start": 17, "length": 7},
    ]


@pytest.mark.parametrize(
    ("marking", "printed", "level", "caveats"),
    [
        ("(C)", "C", "CONFIDENTIAL", []),
        ("(SBU)", "SBU", "UNCLASSIFIED", ["SENSITIVE BUT UNCLASSIFIED"]),
        ("(S/NF)", "S/NF", "SECRET", ["NOFORN"]),
        ("(S//NF)", "S//NF", "SECRET", ["NOFORN"]),
        ("(C NF)", "C/NF", "CONFIDENTIAL", ["NOFORN"]),
        ("(U//FOUO)", "U//FOUO", "UNCLASSIFIED", ["FOR OFFICIAL USE ONLY"]),
        ("(C//REL TO USA, GBR)", "C//RELTOUSA,GBR", "CONFIDENTIAL", ["REL TO USA, GBR"]),
    ],
)
def test_portion_markings(marking: str, printed: str, level: str, caveats: list[str]) -> None:
    row = read(f"{OPENING}1. {marking} Snow.\n")["paragraphs"][0]
    assert (row["portion_marking"], row["level"], row["portion_caveats"]) == (
        printed, level, caveats,
    )  # fmt: skip


def test_drafting_lines_of_the_seventies() -> None:
    parsed = read(
        "PAGE 01 STATE 199501\n\nORIGIN EUR-12\n\nINFO OCT-01 ISO-00 /023 R\n\n"
        "DRAFTED BY EUR/NE:JQUILLFEATHER:AB\nAPPROVED BY EUR:PLANTERNE\nS/S - MR. MARROWBY\n"
        "------------------ 012345\nR 041200Z MAR 75\nFM SECSTATE WASHDC\nTO AMEMBASSY OSLO\n\n"
        "C O N F I D E N T I A L STATE 199501\n\nE.O. 11652: GDS\nTAGS: PFOR, NO\n"
        "SUBJECT: SNOW\n\n1. SNOW FELL.\nKISSINGER\n"
    )
    people = [(row["role"], row["full_name"], row["title"]) for row in parsed["people"]]
    assert people == [
        ("signer", "KISSINGER", None),
        ("drafter", "JQUILLFEATHER", "EUR/NE"),
        ("approver", "PLANTERNE", "EUR"),
        ("clearer", "MARROWBY", "S/S"),
    ]
    assert [row["name"] for row in parsed["addressees"]] == ["AMEMBASSY OSLO"]


@pytest.mark.parametrize("unit", ["A", "A. OSLO 12 ", "OSLO ", "12 ", "(", "(A, ", "PREL", "Abc "])
def test_a_line_of_hundreds_of_kilobytes_is_read_in_step(unit: str) -> None:
    """A quadratic rule would take minutes here and end the test run."""
    long = unit * (200_000 // len(unit))
    parsed = read(f"UNCLAS OSLO 000012\n\nTAGS: {long}\nREF: {long}\nClassified By: {long}\n")
    assert parsed["lines"][2]["text"].startswith("TAGS: ")
