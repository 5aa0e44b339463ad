"""Fields of header and opening but for people, trap by trap; all fragments are our own."""

from datetime import date, datetime

import pytest

from etl.parse.marking import split_caveats
from etl.parse.orders import resolved_order
from etl.parse.references import split_references
from tests.parse.fragments import header, read


@pytest.mark.parametrize(
    ("line", "sent_at", "precedence", "signal"),
    [
        ("R 191204Z NOV 07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("O P 190243Z DEC 89", datetime(1989, 12, 19, 2, 43), "IMMEDIATE", None),
        ("P 011500Z JAN 09 ZDK", datetime(2009, 1, 1, 15, 0), "PRIORITY", "ZDK"),
        ("Z 302359Z JUN 1974", datetime(1974, 6, 30, 23, 59), "FLASH", None),
        ("R 19 1204ZNOV07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("r 19I204z nov O7", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("R 1912042 NOV 07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("R 19l204Z N0V '07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("DTG: 191204Z NOV 07", datetime(2007, 11, 19, 12, 4), None, None),
        ("-- R 191204 NOV 07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("NIACT IMMEDIATE 191204Z NOV 07", datetime(2007, 11, 19, 12, 4), "NIACT IMMEDIATE", None),
        ("FLASH 191204Z NOV 07", datetime(2007, 11, 19, 12, 4), "FLASH", None),
        ("PP RR 191204Z NOV 07 ZFF-4", datetime(2007, 11, 19, 12, 4), "PRIORITY", "ZFF"),
        ("R 192400Z, NOV 07", datetime(2007, 11, 20, 0, 0), "ROUTINE", None),
        ("R 191204Z NOV\n07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("R 191204Z\nNOV 07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("R 19/1204Z NOV 07", datetime(2007, 11, 19, 12, 4), "ROUTINE", None),
        ("R 191204Z NOV", None, "ROUTINE", None),
        ("R 311204Z NOV 07", None, "ROUTINE", None),
        ("R 992599Z XXX 07", None, "ROUTINE", None),
    ],
)
def test_date_time_group(
    line: str, sent_at: datetime | None, precedence: str | None, signal: str | None
) -> None:
    parsed = read(f"{line}\nFM AMEMBASSY OSLO\nTO SECSTATE WASHDC 12\n\nUNCLAS OSLO 000012\n")
    found = parsed["headers"][0]
    assert (found["sent_at"], found["precedence"], found["operating_signal"]) == (
        sent_at, precedence, signal,
    )  # fmt: skip
    unreadable = [row for row in parsed["reviews"] if row["field"] == "date_time_group"]
    assert bool(unreadable) == (sent_at is None), "what cannot be read is said"


@pytest.mark.parametrize(
    ("line", "fields", "sent_at"),
    [
        ("R 191115Z NOV", {"published_id": "1974OSLO00012"}, datetime(1974, 11, 19, 11, 15)),
        ("R 011115Z JAN", {"created_at": datetime(1974, 12, 31)}, datetime(1975, 1, 1, 11, 15)),
        ("R 191115Z", {"created_at": datetime(1974, 11, 18)}, datetime(1974, 11, 19, 11, 15)),
        ("R 191115Z", {"published_id": "1974OSLO00012"}, None),
    ],
)
def test_a_date_time_group_takes_what_it_lacks_from_the_cover(
    line: str, fields: dict[str, object], sent_at: datetime | None
) -> None:
    parsed = read(f"{line}\nFM AMEMBASSY OSLO\n\nCONFIDENTIAL OSLO 0012\n", **fields)
    reviewed = any(row["field"] == "date_time_group" for row in parsed["reviews"])
    assert reviewed == (sent_at is None)
    if sent_at:
        assert parsed["headers"][0]["sent_at"] == sent_at


@pytest.mark.parametrize(
    ("line", "level", "mrn", "sections"),
    [
        ("C O N F I D E N T I A L OSLO 12", "CONFIDENTIAL", "07OSLO12", None),
        ("LIMITED OFFICIAL USE PHNOM PENH 1", "LIMITED OFFICIAL USE", "07PHNOMPENH1", None),
        ("UNCLAS OSLO\n000012", "UNCLASSIFIED", "07OSLO12", None),
        ("UNCLAS\nOSLO 000012", "UNCLASSIFIED", "07OSLO12", None),
        ("C O N F I D E N T I A  L SECTION 1 OF 2 OSLO 12", "CONFIDENTIAL", "07OSLO12", 2),
        ("S E C R E T FINAL SECTION OF 02 OSLO 0012", "SECRET", "07OSLO12", 2),
        ("S E C R E T SECTION ONE OF TWO OSLO 4567", "SECRET", "07OSLO4567", 2),
        ("S E C R E T SECT 1/2 OSLO 4567 NODIS", "SECRET", "07OSLO4567", 2),
        ("UNCLAS STATE 123456 TOSEC 001234", "UNCLASSIFIED", "07STATE123456", None),
        ("C O N F I D E N T I A L OSLO 000012 (NOTAL)", "CONFIDENTIAL", "07OSLO12", None),
        ("UNCLAS PORT-AU-PRINCE 12", "UNCLASSIFIED", "07PORTAUPRINCE12", None),
        ("SECRET N'DJAMENA 7 NOFORN", "SECRET", "07NDJAMENA7", None),
        ("SECRET MEETING 12", "SECRET", None, None),
        ("SECRET PAGE 2\nS E C R E T OSLO 0012", "SECRET", "07OSLO12", None),
    ],
)
def test_classification_line(line: str, level: str, mrn: str | None, sections: int | None) -> None:
    found = header(
        f"R 191204Z NOV 07\nFM AMEMBASSY OSLO\n\n{line}\n\nE.O. 12958: N/A\nTAGS: PREL\n"
        "SUBJECT: SNOW\n\n1. Snow.\n"
    )
    assert (found["level"], found["mrn"], found["section_count"]) == (level, mrn, sections)


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        ("TO RUEHC/SECSTATE WASHDC PRIORITY 1234 ZFF-4",
         [("action", "RUEHC", "SECSTATE WASHDC", "PRIORITY", "1234")]),
        ("TO RUEHNY/AMEMBASSY OSLO UNN 0012",
         [("action", "RUEHNY", "AMEMBASSY OSLO", None, "0012")]),
        ("TO AMEMBASSY OSLO BY POUCH", [("action", None, "AMEMBASSY OSLO", None, None)]),
        ("TO RUEHC / SECSTATE WASHDC IMMED 1,234",
         [("action", "RUEHC", "SECSTATE WASHDC", "IMMEDIATE", "1234")]),
        ("TO RUEHC/SECSTATE WASHDC 0001 RUEHNY/AMEMBASSY OSLO 0002",
         [("action", "RUEHC", "SECSTATE WASHDC", None, "0001"),
          ("action", "RUEHNY", "AMEMBASSY OSLO", None, "0002")]),
        ("TO SECSTATE WASHDC 12 INFO AMEMBASSY OSLO, AMEMBASSY PARIS\nAMEMBASSY ROME",
         [("action", None, "SECSTATE WASHDC", None, "12"),
          ("info", None, "AMEMBASSY OSLO", None, None),
          ("info", None, "AMEMBASSY PARIS", None, None),
          ("info", None, "AMEMBASSY ROME", None, None)]),
        ("TO SECSTATE WASHDC\n    PRIORITY 12",
         [("action", None, "SECSTATE WASHDC", "PRIORITY", "12")]),
        ("TO RUEHC/SECSTATE WASHDC\n0811",
         [("action", "RUEHC", "SECSTATE WASHDC", None, "0811")]),
        ("TO USDOC WASHDC\nUSDOC FOR 4520/ITA/SNOW",
         [("action", None, "USDOC WASHDC", None, None)]),
    ],
)  # fmt: skip
def test_addressees(lines: str, rows: list[tuple[str | None, ...]]) -> None:
    parsed = read(f"R 191204Z NOV 07\nFM AMEMBASSY BERN\n{lines}\n\nUNCLAS BERN 000012\n")
    names = ("role", "routing_indicator", "name", "precedence", "message_continuity_number")
    assert [tuple(row[name] for name in names) for row in parsed["addressees"]] == rows


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
        ("E/O 12958: DECL: 20171117", "12958", date(2017, 11, 17), None),
        ("E,O. 12958: DECL: 11172017", "12958", date(2017, 11, 17), None),
        ("E.0. 12,958: DECL: 11/172017", "12958", date(2017, 11, 17), None),
        ("O. 12958: DEL: 11/17//2017", "12958", date(2017, 11, 17), None),
        ("(C) E.O. 12958 - DECL: O3/l5/2017", "12958", date(2017, 3, 15), None),
        ("E.O. 12958, AS AMENDED: DECL: 11/17/2017", "12958", date(2017, 11, 17), None),
        ("E.O. 12958 (DECL: DEC 31, 2017)", "12958", date(2017, 12, 31), None),
        ("E.O. 12958: DECL: 17/NOV/2017", "12958", date(2017, 11, 17), None),
        ("E.O. 12958: DECL 11 17 2017", "12958", date(2017, 11, 17), None),
        ("E.O. 12958: DECL: 2017 11 17", "12958", date(2017, 11, 17), None),
        ("E.O. 12958: DECL: 2017 1.5 (B)", "12958", None, "2017 1.5 (B)"),
        ("GP-3", None, None, "GP-3"),
        ("E.O. 12958:\nDECL: 11/17/2017", "12958", date(2017, 11, 17), None),
        ("E.O. 12958:", "12958", None, None),
        ("E.O. 12958: DECL: X1, X5", "12958", None, "X1, X5"),
        ("E.O. 12065: GDS 4/5/86 (SNOODLE, A.)", "12065", date(1986, 4, 5),
         "GDS 4/5/86 (SNOODLE, A.)"),
        ("E.O. 11652: XGDS-1", "11652", None, "XGDS-1"),
    ],
)  # fmt: skip
def test_executive_order(
    line: str, order: str | None, day: date | None, instruction: str | None
) -> None:
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
        ("SUBJECT: What They Mean by It\n\nSummary\n-------\n\n1. Text.\n",
         "What They Mean by It"),
        ("SUBJECT (U): SNOW\n", "SNOW"),
        ("SUBJEC: SNOW\n", "SNOW"),
        ("SUBJ. SNOW AND\n-         RAIN\n", "SNOW AND RAIN"),
        ("SUBJECT: LOST BREAKS REF: OSLO 12 Classified By: DCM A. Pellworth\n", "LOST BREAKS"),
        ("SUBJECT: LOST BREAKS; REF: OSLO 12\n", "LOST BREAKS"),
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


@pytest.mark.parametrize("unit", ["A", "A. OSLO 12 ", "OSLO ", "12 ", "(", "(A, ", "PREL", "Abc "])
def test_a_line_of_hundreds_of_kilobytes_is_read_in_step(unit: str) -> None:
    """A quadratic rule would take minutes here and end the test run."""
    long = unit * (200_000 // len(unit))
    parsed = read(f"UNCLAS OSLO 000012\n\nTAGS: {long}\nREF: {long}\nClassified By: {long}\n")
    assert parsed["lines"][2]["text"].startswith("TAGS: ")


def test_tags_go_on_behind_a_label_that_is_repeated() -> None:
    found = read("UNCLAS OSLO 000012\n\nTAGS: ECON, NO, TAGS: EFIN\nSUBJECT: SNOW\n")
    assert [row["tag"] for row in found["tags"]] == ["ECON", "NO", "EFIN"]


def test_release_to_one_country_in_two_letters() -> None:
    body = "CONFIDENTIAL OSLO 000012\n\nSUBJECT: SNOW\n\n1. (C/REL UK) Snow.\n\n"
    body += "2. (S//REL TO USA, GBR) More.\n"
    found = [row["portion_caveats"] for row in read(body)["paragraphs"]]
    assert found == [["REL TO UK"], ["REL TO USA, GBR"]]


@pytest.mark.parametrize(
    "text",
    [
        "SNOW FELL ON THE ROOF.\nIT WAS THE END.",
        "\nSNOW FELL ON THE ROOF\n\nIT WAS THE END.",
        "IT SNOWED ON US.",
    ],
)
def test_text_below_tags_without_a_subject_is_no_tag(text: str) -> None:
    parsed = read(
        f"UNCLAS OSLO 000012\n\nE.O. 12958: N/A\nTAGS: PREL,\nNO US IS.\n{text}\nORDWAY\n"
    )
    assert [row["tag"] for row in parsed["tags"]] == ["PREL", "NO", "US", "IS"]
    assert " ".join(row["text"] for row in parsed["paragraphs"]).split() == text.split()
    assert parsed["headers"][0]["subject"] is None
