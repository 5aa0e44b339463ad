"""Forms of single lines that real telegrams show; all samples are our own."""

import pytest

from etl.conform.posts import canonical_post
from etl.parse.names import surname_of
from etl.parse.people import read_classifiers, read_drafting
from etl.parse.references import split_references
from tests.parse.fragments import OPENING, header, read


@pytest.mark.parametrize("label", ["SUOJECT:", "SUBJBCT:", "SUBJEOT:", "BUBJECT:"])
def test_a_subject_label_with_one_wrong_letter(label: str) -> None:
    found = header(f"UNCLAS OSLO 000012\n\nE.O. 11652: N/A\nTAGS: PFOR\n{label} SNOW\n\n1. Snow.\n")
    assert found["subject"] == "SNOW"


@pytest.mark.parametrize("label", ["TACS:", "TA6S:", "TRGS:"])
def test_a_tags_label_with_one_wrong_letter(label: str) -> None:
    parsed = read(f"UNCLAS OSLO 000012\n\nE.O. 11652: GDS\n{label} PFOR, NO\nSUBJECT: SNOW\n")
    assert [row["tag"] for row in parsed["tags"]] == ["PFOR", "NO"]
    assert parsed["headers"][0]["declassify_instruction"] == "GDS"


def test_a_reference_label_whose_colon_became_a_letter() -> None:
    parsed = read(
        "R 191204Z NOV 74\nUNCLAS OSLO 000012\n\nE.O. 11652: GDS\nTAGS: PFOR\nSUBJECT: SNOW\n"
        "REFs BERN 13\n\n1. SNOW FELL.\n"
    )
    assert parsed["headers"][0]["subject"] == "SNOW"
    assert [row["referenced_mrn"] for row in parsed["references"]] == ["74BERN13"]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("REF: A. A) 8/30/06 TELCON QUILL - WATCH\n     B. OFFICER LANTERNE\n     C. AND OTHERS\n"
         "     D. B) OSLO 12",
         [("A", None), ("B", "07OSLO12")]),
        ("REF: A. (A) OSLO 12, OSLO 13\n¶B. AND OSLO 14\n¶C. (B) PARIS 15",
         [("A", "07OSLO12"), ("A", "07OSLO13"), ("A", "07OSLO14"), ("B", "07PARIS15")]),
        ("REF: A. A. OSLO 12\n¶B. B. OSLO 13\n¶C. OSLO 14",
         [("A", "07OSLO12"), ("B", "07OSLO13"), ("C", "07OSLO14")]),
        ("REF: A. A) OSLO 12\n¶B. PARIS 13\n¶C. C) ROME 14",
         [("A", "07OSLO12"), ("B", "07PARIS13"), ("C", "07ROME14")]),
    ],
)  # fmt: skip
def test_letters_of_a_machine_over_those_of_the_author(
    text: str, items: list[tuple[str, str | None]]
) -> None:
    found = split_references(text, 2007, "OSLO", 100)
    assert [(one["letter"], one["referenced_mrn"]) for one in found] == items


@pytest.mark.parametrize(
    ("line", "routing", "name", "post"),
    [
        ("COMUSSAG/7AF NAKHON PHANOM", None, "COMUSSAG/7AF NAKHON PHANOM", None),
        ("OASD/PA WASHDC", None, "OASD/PA WASHDC", None),
        ("RUEHC/SECSTATE WASHDC", "RUEHC", "SECSTATE WASHDC", "STATE"),
        ("USMISSION NATO", None, "USMISSION NATO", "USNATO"),
        ("AIT TAIPEI 9368", None, "AIT TAIPEI", "AITTAIPEI"),
    ],
)
def test_addresses_with_a_slash_and_posts_that_are_no_embassy(
    line: str, routing: str | None, name: str, post: str | None
) -> None:
    found = read(f"R 191204Z NOV 74\nFM AMEMBASSY BERN\nTO {line}\n\nUNCLAS BERN 0012\n")
    row = found["addressees"][0]
    assert (row["routing_indicator"], row["name"], row["post_code"]) == (routing, name, post)


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("APPROVED BY AF/W-JONAS W.M. ORDWAY", [("approver", "JONAS W.M. ORDWAY", "AF/W")]),
        ("AF/W-JORDWAY", [("clearer", "JORDWAY", "AF/W")]),
        ("DRAFTED BY ORDWAY-LANTERNE", [("drafter", "ORDWAY-LANTERNE", None)]),
    ],
)
def test_an_office_before_a_dash(line: str, people: list[tuple[str, str, str | None]]) -> None:
    found = read_drafting(line)
    assert [(row["role"], row["full_name"], row["title"]) for row in found] == people


def test_the_log_number_of_a_communications_centre_is_no_mrn() -> None:
    found = header(
        "010755Z Feb 02\n\n                 UNCLASSIFIED     PTO2619\n\n"
        "PAGE 01        OSLO  00293  012333Z\nACTION AF-00\n\nFM AMEMBASSY OSLO\n"
        "TO SECSTATE WASHDC PRIORITY 0851\n\nUNCLAS OSLO 000293\n\nE.O. 12958: N/A\nTAGS: PREL\n"
        "SUBJECT: SNOW\n\n1. Snow.\n"
    )
    assert found["mrn"] == "02OSLO293"


def text_and_signer(ending: str) -> tuple[str, list[str]]:
    """Text of the only paragraph, and the signers."""
    found = read(f"{OPENING}1. (C) Snow fell on the roof, and nobody knew.\n\n{ending}")
    signers = [row["full_name"] for row in found["people"] if row["role"] == "signer"]
    return found["paragraphs"][0]["text"], signers


@pytest.mark.parametrize(
    ("ending", "signer"),
    [
        ("MINIMIZED CONSIDERED\nOrdway\n", "ORDWAY"),
        ("LeQuill\n", "LEQUILL"),
        ("Visit Embassy Oslo's classified website at\n\nhttp://www.example.gov/p/oslo\n\n"
         "or access the site through the State Department's SIPRNET\nhome page.\nORDWAY\n",
         "ORDWAY"),
        ("****************** *\nFor more reporting from Embassy Oslo, visit:\n"
         "http://www.example.gov/p/oslo\n\nVisit Oslo's Classified Website:\n"
         "http://www.example.gov/p/\n****************** *\nORDWAY\n", "ORDWAY"),
    ],
)  # fmt: skip
def test_footers_before_the_signer(ending: str, signer: str) -> None:
    assert text_and_signer(ending) == ("Snow fell on the roof, and nobody knew.", [signer])


def test_headings_that_trail_off_or_stand_apart_from_their_rule() -> None:
    found = read(
        f"{OPENING}1. (C) Snow fell.\n\nA ROOF OF MANY HANDS...\n-----------------------\n\n"
        "2. (C) It stayed.\n\n\n\nWhat the Mayor Said\n\n-------------------\n\n\n\n"
        "3. (C) Nothing.\n"
    )
    assert [(row["section"], row["text"]) for row in found["paragraphs"]] == [
        (None, "Snow fell."),
        ("A ROOF OF MANY HANDS...", "It stayed."),
        ("What the Mayor Said", "Nothing."),
    ]


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("PMIN JONAS R. ORDWAY, REASONS 1.4 (B), (D)", "JONAS R. ORDWAY", "PMIN"),
        ("POL/MIN JONAS R. ORDWAY FOR REASONS 1.4 (B)", "JONAS R. ORDWAY", "POL/MIN"),
        ("DepPolCouns Anna Quill for reasons 1.4 (b)", "Anna Quill", "DepPolCouns"),
        ("MGMT OFFICER ANNA QUILL, REASON 1.4 (D)", "ANNA QUILL", "MGMT OFFICER"),
        ("POLMILCHIEF ANNA QUILL, REASON 1.4 (D)", "ANNA QUILL", "POLMILCHIEF"),
        ("DCM ANNA POFF, REASON 1.4 (D)", "ANNA POFF", "DCM"),
        ("Acting Chief Anna Quill for R\neasons 1.4 (b)", "Anna Quill", "Acting Chief"),
        ("Ambassador Anna Quill, Ambassador, Embassy Oslo. REASON: 1.4 (b)", "Anna Quill",
         "Ambassador, Embassy Oslo"),
        ("Anna Quill, CG Bergen, Dept. of State; REASON: 1.4 (b)", "Anna Quill",
         "CG Bergen, Dept. of State"),
        ("ANNA QUILL, COORDINATOR FOR SNOW, REASON: 1.4 (B)", "ANNA QUILL",
         "COORDINATOR FOR SNOW"),
    ],
)  # fmt: skip
def test_titles_cut_short_and_said_twice(text: str, name: str, title: str) -> None:
    found = read_classifiers(f"Classified By: {text}")
    assert found["people"] == [{"full_name": name, "title": title}]
    assert found["reasons"]


def test_reports_with_a_slash_and_messages_of_other_agencies() -> None:
    text = "A. BOGOTA 3655 B. TD-314/52345 C. DE RHABCDA #2397 1281145 D. EUR/RPM FAX 6/10/2009"
    found = [(row["letter"], row["kind"]) for row in split_references(text, 2009, "BOGOTA", 9000)]
    assert found == [("A", "cable"), ("B", "report"), ("C", "message"), ("D", "message")]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("S/S:PTARNOFF", [("clearer", "PTARNOFF", "S/S")]),  # no misprint of a title
        ("DRAFTED BY NEA/P:WBHARROW:RGH/BJ", [("drafter", "WBHARROW", "NEA/P")]),
        ("DRAFTED BY D-DLAMBERT:CLK", [("drafter", "DLAMBERT", "D")]),
        ("APPROVED BY THE ACTING SECRETARY", [("approver", "THE ACTING SECRETARY", None)]),
        ("APPROVED BY EUR", []),
        ("S/S-EX - WLITTERN", [("clearer", "WLITTERN", "S/S-EX")]),
    ],
)
def test_offices_and_typists(text: str, people: list[tuple[str, str, str | None]]) -> None:
    found = [(row["role"], row["full_name"], row["title"]) for row in read_drafting(text)]
    assert found == people


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("PTARNOFF", "PTARNOFF"),
        ("MC ANDREW", "MC ANDREW"),
        ("A.B.ORDWAY", "ORDWAY"),
        ("THE ACTING SECRETARY", None),
    ],
)
def test_surnames_of_drafters(name: str, surname: str | None) -> None:
    assert surname_of(name) == surname


def test_a_post_printed_twice() -> None:
    assert canonical_post("SEOUL SEOUL") == "SEOUL"
    assert canonical_post("BORA BORA") == "BORABORA"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("IO:AQUILLER EUR/NE:BLANTERNE", [("clearer", "AQUILLER", "IO"),
         ("clearer", "BLANTERNE", "EUR/NE")]),
        ("S/P:CORDWAY S/S-MR. OTTERY", [("clearer", "CORDWAY", "S/P"),
         ("clearer", "OTTERY", "S/S")]),
        ("DRAFTED BY IO/PPR:AQUILLER/IO/CMD:BLANTERNE:CB", [("drafter", "AQUILLER", "IO/PPR"),
         ("drafter", "BLANTERNE", "IO/CMD")]),
        ("EUR - MR. QUILL - S/S:LANT", [("clearer", "QUILL", "EUR"), ("clearer", "LANT", "S/S")]),
        ("ARA:JMQUILL/RLANT:DS", [("clearer", "JMQUILL", "ARA"), ("clearer", "RLANT", "ARA")]),
    ],
)  # fmt: skip
def test_two_clearances_on_a_line(text: str, people: list[tuple[str, str, str]]) -> None:
    found = [(row["role"], row["full_name"], row["title"]) for row in read_drafting(text)]
    assert found == people
