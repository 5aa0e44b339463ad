"""Copies that have lost their blank lines: each field stands right below the one before."""

import pytest

from tests.parse.fragments import read

HEADING = (
    "PAGE 01 OSLO 00012 191204Z\n43\nACTION EUR-12\nINFO OCT-01 ISO-00 /075 W\n"
    "--------------------- 091015\nR 191204Z NOV 74\nFM AMEMBASSY OSLO\n"
    "TO SECSTATE WASHDC 4504\nC O N F I D E N T I A L OSLO 0012\nE.O. 11652: GDS\n"
    "TAGS: PFOR, NO\nSUBJECT: SNOW ON THE ROOF OF THE TOWN HALL\n"
)
SAID = "THE MAYOR TOLD US THAT THE SNOW WOULD STAY\nON THE ROOF UNTIL IT FELL.\n"


def parts(body: str) -> tuple[str | None, list[str], list[tuple[int | None, str]]]:
    """Subject, references and paragraphs (number, first word) of a telegram."""
    found = read(HEADING + body)
    return (
        found["headers"][0]["subject"],
        [row["raw_text"] for row in found["references"]],
        [(row["number"], row["text"].split()[0]) for row in found["paragraphs"]],
    )


@pytest.mark.parametrize(
    ("body", "references", "paragraphs"),
    [
        (f"REF: BERN 13\nSUMMARY: {SAID}END SUMMARY.\n1. {SAID}2. IT FELL.\n", ["BERN 13"],
         [(None, "SUMMARY:"), (1, "THE"), (2, "IT")]),
        (f"REF: (A) BERN 13; (B) ROME 14\nBEGIN SUMMARY: {SAID}END SUMMARY\n1. {SAID}",
         ["BERN 13", "ROME 14"], [(None, "BEGIN"), (1, "THE")]),
        (f"SUMMARY AND INTRODUCTION. {SAID}END SUMMARY.\n", [], [(None, "SUMMARY")]),
        (f"REF: BERN 13\n1. {SAID}", ["BERN 13"], [(1, "THE")]),
        (f"1. {SAID}", [], [(1, "THE")]),
    ],
)  # fmt: skip
def test_text_begins_right_below(
    body: str, references: list[str], paragraphs: list[tuple[int | None, str]]
) -> None:
    assert parts(body) == ("SNOW ON THE ROOF OF THE TOWN HALL", references, paragraphs)


@pytest.mark.parametrize(
    "slugs",
    [
        "FOR EUR/NE\n",
        "FOR EUR/NE, SCA/VO, ROME FOR INS\n",
        "ROME FOR EMBASSY/QUILL AND INS/LANTERNE\nVIENNA FOR USDEL MBFR\n",
    ],
)
def test_slug_lines_between_subject_and_references(slugs: str) -> None:
    found = read(f"{HEADING}{slugs}REF: BERN 13\n1. {SAID}2. IT FELL.\n")
    assert found["headers"][0]["subject"] == "SNOW ON THE ROOF OF THE TOWN HALL"
    assert found["headers"][0]["slug"] == slugs.strip()


@pytest.mark.parametrize("second", ["FOR THE WINTER", "AND TALKS FOR US/NORWEGIAN TREATY"])
def test_a_second_line_of_the_subject_is_no_slug(second: str) -> None:
    subject, references, _ = parts(f"{second}\nREF: BERN 13\n1. {SAID}2. IT FELL.\n")
    assert subject == f"SNOW ON THE ROOF OF THE TOWN HALL {second}"
    assert references == ["BERN 13"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("OSLO 00000012  001.12 OF 002", "OSLO 00000012  002.13 OF 002"),
        ("PAGE 02 OSLO 00012 191204 Z", "PAGE 03 OSLO 00012 191204 Z"),
    ],
)
def test_page_markers_in_subject_and_text(first: str, second: str) -> None:
    subject, _, paragraphs = parts(
        f"{first}\nREF: BERN 13\n1. {SAID}{second}\nIT STAYED FOR TEN DAYS.\n"
    )
    assert subject == "SNOW ON THE ROOF OF THE TOWN HALL"
    assert [number for number, _ in paragraphs] == [1]
    text = read(f"{HEADING}1. {SAID}{second}\nIT STAYED FOR TEN DAYS.\n")["paragraphs"][0]["text"]
    assert text == SAID.replace("\n", " ") + "IT STAYED FOR TEN DAYS."


STAMP = (
    "Sheryl P. Walter Declassified/Released US Department of State EO Systematic Review 20 Mar 2014"
)
PAGES_OF_1979 = f"""SECRET
PAGE 01
STATE 294000 01 OF 02 121347Z
ORIGIN EUR-12
INFO OCT-00 AF-10 /131 R
DRAFTED BY EUR:NE:AQUILL
APPROVED BY EUR:NE/RD:RLANTERNE:JORDWAY:AB
NSC:BMARROW - S/S:COTTERY
------------------040858 121347Z /41
O 121311Z NOV 79
FM SECSTATE WASHDC
TO AMEMBASSY OSLO IMMEDIATE
AMEMBASSY BERN
S E C R E T SECTION 01 OF 02 STATE 294000
STADIS//////////////////////////
SECRET
SECRET
PAGE 02
STATE 294000 01 OF 02 121347Z
E.O. 12065: GDS 11/12/85 (QUILL, ANNA)
TAGS: PINS, NO
{STAMP}
{STAMP}
SUBJECT: SNOW ON THE ROOF, NOV 12, 1979
"""


@pytest.mark.parametrize(
    ("below", "references", "first"),
    [
        ("1. (S - ENTIRE TEXT)\n", [], "(S - ENTIRE TEXT)"),
        ("1. (SECRET-ENTIRE TEXT)\n", [], "(SECRET-ENTIRE TEXT)"),
        ("REF: (A) OSLO 12, (B) BERN\n4624\n1. (S-ENTIRE TEXT)\n", ["OSLO 12", "BERN 4624"],
         "(S-ENTIRE TEXT)"),
        ("REF: OSLO 12\n1. (S-ENTIRE TEXT) SNOW FELL.\n", ["OSLO 12"],
         "(S-ENTIRE TEXT) SNOW FELL."),
    ],
)  # fmt: skip
def test_pages_of_1979(below: str, references: list[str], first: str) -> None:
    text = f"{PAGES_OF_1979}{below}2. THE MAYOR TOLD US\nSECRET\nSECRET\nPAGE 03\n"
    found = read(
        f"{text}STATE 294000 01 OF 02 121347Z\nTHAT THE SNOW\n{STAMP}\nWOULD STAY.\nVANCE\n"
    )
    header = found["headers"][0]
    assert (header["subject"], header["slug"]) == ("SNOW ON THE ROOF, NOV 12, 1979", None)
    assert [row["name"] for row in found["addressees"]] == ["AMEMBASSY OSLO", "AMEMBASSY BERN"]
    assert [row["raw_text"] for row in found["references"]] == references
    assert [row["text"] for row in found["paragraphs"]] == [
        first, "THE MAYOR TOLD US THAT THE SNOW WOULD STAY.",
    ]  # fmt: skip
    assert [row["caveat"] for row in found["caveats"]] == ["STADIS"]
    assert [(row["role"], row["full_name"], row["title"]) for row in found["people"]] == [
        ("signer", "VANCE", None),
        ("drafter", "AQUILL", "EUR:NE"),
        ("approver", "RLANTERNE", "EUR:NE/RD"),
        ("approver", "JORDWAY", "EUR:NE/RD"),
        ("clearer", "BMARROW", "NSC"),
        ("clearer", "COTTERY", "S/S"),
    ]


def test_a_telegram_that_quotes_another_keeps_its_own_header() -> None:
    quoted = (
        "QUOTE:\nR 161344Z MAY 74\nFM AMEMBASSY BERN\nTO SECSTATE WASHDC 8869\n"
        "CONFIDENTIAL BERN 7351\nE.O.11652: GDS\nTAGS: PBOR\nSUBJECT: ICE\nREF: ROME 14\n"
    )
    found = read(f"{HEADING}{quoted}1. {SAID}2. IT FELL.\nUNQUOTE\n")
    assert found["headers"][0]["subject"] == "SNOW ON THE ROOF OF THE TOWN HALL"
    assert found["headers"][0]["printed_mrn"] == "OSLO 0012"
    assert [row["tag"] for row in found["tags"]] == ["PFOR", "NO"]
    assert found["references"] == []


def test_a_page_marker_of_a_travelling_party() -> None:
    found = read(f"{HEADING}1. {SAID}CONFIDENTIAL\nPAGE 02 OSLO 0012 TOSEC 190010\n2. IT FELL.\n")
    assert found["headers"][0]["unrecognised_line_count"] == 0
    assert [row["text"] for row in found["paragraphs"]] == [
        " ".join(SAID.split()), "IT FELL.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("below", "paragraphs"),
    [
        # The second number has lost its stop.
        ("1. ALL AFTERNOON PAPERS OF NOVEMBER 28 CARRY\nTHE SNOW.\n2 ROOFS FELL.\n3. SO IT IS.\n",
         [(1, "ALL")]),
        ("1. ICE\nTHE SNOW STAYS.\n2. SLEET\nNONE.\n", [(1, "ICE"), (2, "SLEET")]),
        ("FOLLOWING IS TEXT OF THE NOTE:\nNO SNOW FELL.\n", [(None, "FOLLOWING")]),
    ],
)  # fmt: skip
def test_text_right_below_the_subject(below: str, paragraphs: list[tuple[int, str]]) -> None:
    subject, _, found = parts(below)
    assert subject == "SNOW ON THE ROOF OF THE TOWN HALL"
    assert found[: len(paragraphs)] == paragraphs


def test_slug_of_two_lines_below_the_subject() -> None:
    slug = "BERN ALSO FOR FODAG, ROME\nALSO FOR UNESCO"
    found = read(f"{HEADING}{slug}\n1. {SAID}2. IT FELL.\n")["headers"][0]
    assert (found["subject"], found["slug"]) == ("SNOW ON THE ROOF OF THE TOWN HALL", slug)


def test_slug_for_the_political_adviser_below_the_subject() -> None:
    subject, references, _ = parts(f"CINCPAC FOR POLAD\nREFS: BERN 13\n1. {SAID}2. IT FELL.\n")
    assert (subject, references) == ("SNOW ON THE ROOF OF THE TOWN HALL", ["BERN 13"])


@pytest.mark.parametrize("end", ["THE ROOF. THE TOWN SIDE", "A SOURCE (A) ROOF WENT INTO"])
def test_text_cut_off_is_no_signer(end: str) -> None:
    found = read(f"{HEADING}1. {SAID}2. THE MAYOR SPOKE OF\n{end}\n")
    assert [row for row in found["people"] if row["role"] == "signer"] == []


@pytest.mark.parametrize(
    "stamps",
    [
        "REVIEW AUTHORITY: Anna Quill, Senior Reviewer\n"
        "UNCLASSIFIED U.S. Department of State Case No. F-2014-00012 Doc No. C00000012 "
        "Date: 06/30/2015\n",
        "Page - 1\nDate Printed: 11/14/1996\nDOC.NUMBER: 74OSLO00012\nCHANNEL: n/a\n",
        "RELEASED IN PART\n",
        "Approved For Release 2008/12/02 : CIA-RDP00B00000R000800000000-3\n",
        "Sanitized Copy Approved for Release 2010/06/24: CIA-RDP00B00000R000200000000-8\n",
    ],
)
def test_stamps_of_a_release_between_pages(stamps: str) -> None:
    found = read(f"{stamps}{HEADING}1. {SAID}2. THE MAYOR TOLD US THAT\n{stamps}IT FELL.\n")
    assert found["headers"][0]["unrecognised_line_count"] == 0
    assert found["headers"][0]["slug"] is None
    assert [row["text"] for row in found["paragraphs"]][1:] == ["THE MAYOR TOLD US THAT IT FELL."]


def test_a_heading_on_one_line() -> None:
    line = (
        "R 191204Z NOV 74 FM AMEMBASSY OSLO TO SECSTATE WASHDC PRIORITY INFO CINCEUR AMEMBASSY BERN"
    )
    found = read(
        f"{line}\nC O N F I D E N T I A L OSLO 0012\nTAGS: PFOR\nSUBJECT: SNOW\n\n1. {SAID}"
    )
    assert found["headers"][0]["originator"] == "AMEMBASSY OSLO"
    assert [(row["role"], row["name"], row["precedence"]) for row in found["addressees"]] == [
        ("action", "SECSTATE WASHDC", "PRIORITY"),
        ("info", "CINCEUR", None),
        ("info", "AMEMBASSY BERN", None),
    ]


@pytest.mark.parametrize("slug", ["TREASURY FOR DIXON\nSTATE FOR AF AND E", "CINCEUR FOR POLAD"])
def test_slugs_for_agencies_below_the_subject(slug: str) -> None:
    found = read(f"{HEADING}{slug}\n1. {SAID}2. IT FELL.\n")["headers"][0]
    assert (found["subject"], found["slug"]) == ("SNOW ON THE ROOF OF THE TOWN HALL", slug)


def test_a_wrapped_title_in_the_subject_is_no_slug() -> None:
    text = f"{HEADING[:-1]} AND SECRETARY OF\nSTATE FOR AFRICAN AFFAIRS\n1. {SAID}2. IT FELL.\n"
    found = read(text)["headers"][0]
    assert found["subject"].endswith("AND SECRETARY OF STATE FOR AFRICAN AFFAIRS")
    assert found["slug"] is None


def test_who_quotes_signs_too() -> None:
    found = read(f"{HEADING}1. {SAID}2. IT FELL.\nORDWAY UNQTE QUILL\nSECRET\nNNNN\n")
    assert [row["full_name"] for row in found["people"]] == ["ORDWAY", "QUILL"]


def test_a_section_without_labels_may_begin_with_any_number() -> None:
    opening = HEADING[: HEADING.index("C O N F")]
    line = "C O N F I D E N T I A L SECTION 2 OF 4 OSLO 0012\nFROM US REP QUILL\n"
    found = read(f"{opening}{line}5. THE MAYOR ( ORDWAY) TOLD US THAT IT STAYS.\n6. IT FELL.\n")
    assert [row["number"] for row in found["paragraphs"]] == [5, 6]
    assert found["headers"][0]["slug"] == "FROM US REP QUILL"


def test_an_order_without_its_number() -> None:
    found = read(f"{HEADING.replace('E.O. 11652: GDS', 'E.O. GDS')}1. {SAID}2. IT FELL.\n")
    header = found["headers"][0]
    assert (header["executive_order"], header["declassify_instruction"]) == (None, "GDS")
    assert header["slug"] is None


def test_two_figures_under_the_page_are_its_distribution() -> None:
    assert read(HEADING.replace("\n43\n", "\n62/50\n"))["headers"][0]["slug"] is None
