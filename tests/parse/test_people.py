"""People of a telegram: who classified, signed, drafted, approved and cleared it."""

import pytest

from etl.parse.people import read_classifiers, read_drafting
from tests.parse.fragments import OPENING, read


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
        ("Classified By: Anna Pellworth (DCM) for reasons 1.4 (b) through (d)",
         "Anna Pellworth", "DCM", ["1.4(b)", "1.4(c)", "1.4(d)"]),
        ("Classified By: Jose Maria de la Torre, Ambassador, reasons 1.4 (b)",
         "Jose Maria de la Torre", "Ambassador", ["1.4(b)"]),
        ("CLASSIFIED BY: PELLWORTH, ANNA B., DCM. REASON: 1.5 (B), 1.6 (X1)",
         "PELLWORTH, ANNA B.", "DCM", ["1.5(b)", "X1"]),
        ("Classified By: Ambassador Pellworth, Oslo, for reason 1.4 (d)",
         "Pellworth", "Ambassador, Oslo", ["1.4(d)"]),
        ('Classified By: DCM Paul "Polly" Lanterne, in accordance with section 1.4 (b)',
         'Paul "Polly" Lanterne', "DCM", ["1.4(b)"]),
        ("Classified By: U.S. Ambassador to El Salvador Anna Pellworth, citing reasons 1.4 (b)",
         "Anna Pellworth", "U.S. Ambassador to El Salvador", ["1.4(b)"]),
        ("Classified By: XYZ Anna Pellworth for reasons 1.4 (b)",
         "Anna Pellworth", "XYZ", ["1.4(b)"]),
        ("CLASSIFIED BY AMB:APELLWORTH, REASON 1.3(A)(5). DERIVED FROM: MULTIPLE SOURCES",
         "APELLWORTH", "AMB", ["1.3(a)(5)"]),
        ("Classifed By: ANNA PELLWORTH\nDCM\nREASONS 1.4(bd)",
         "ANNA PELLWORTH", "DCM", ["1.4(b)", "1.4(d)"]),
        ("CLASSIFIED BY: ANNA PELLWORTH\nTITLE: DCM\nREASONS B AND D",
         "ANNA PELLWORTH", "DCM", ["1.4(b)", "1.4(d)"]),
        ("CLASSIFIED BY DCM ANNA M. WEST. REASON 1.5 (D). DECLASSIFY ON: 1/2/2012",
         "ANNA M. WEST", "DCM", ["1.5(d)"]),
        ("Classified By: For reasons 1.4 (b) and (d), DCM Anna Pellworth",
         "Anna Pellworth", "DCM", ["1.4(b)", "1.4(d)"]),
        ("Classified: DCM Anna Pellworth, reasons 1.4 (b)",
         "Anna Pellworth", "DCM", ["1.4(b)"]),
        ("CLASSIFIED BY CHARGE EDNA G. 0'MARROW, 1.5 (B) (D).",
         "EDNA G. 0'MARROW", "CHARGE", ["1.5(b)", "1.5(d)"]),
        ("CLASSIFIED BY: DCM PAUL LANTERNE, JR; REASONS 1.4 (B)",
         "PAUL LANTERNE, JR", "DCM", ["1.4(b)"]),
        ("Classified By: DCM Paul Lanterne, Jr. for reasons 1.4 (b)",
         "Paul Lanterne, Jr.", "DCM", ["1.4(b)"]),
        ("Classified By: EXO P. Quentin Lanterne for reasons 1.4 (b)",
         "P. Quentin Lanterne", "EXO", ["1.4(b)"]),
        ("CLASSIFIED BY POLECONCOUNS ANNA PELLWORTH, REASON 1.4 (B)",
         "ANNA PELLWORTH", "POLECONCOUNS", ["1.4(b)"]),
        ("CLASSIFIED BY TSF ANNA PELLWORTH, REASON 1.4 (B)",
         "ANNA PELLWORTH", "TSF", ["1.4(b)"]),
        ("Classified By: Director for Zymurgy Anna Pellworth, reason 1.4 (b)",
         "Anna Pellworth", "Director for Zymurgy", ["1.4(b)"]),
        ("Classified By: Advisor for Northern Norway Anna Pellworth, reason 1.4 (b)",
         "Anna Pellworth", "Advisor for Northern Norway", ["1.4(b)"]),
        ("Classified By: Freedom Watcher Anna Freedman, reason 1.4 (b)",
         "Anna Freedman", "Freedom Watcher", ["1.4(b)"]),
        ('CLASSIFIED BY DCM JON PAUL "J.P." LANTERNE, REASON 1.4 B',
         'JON PAUL "J.P." LANTERNE', "DCM", ["1.4(b)"]),
        ("CLASSIFIED BY: CONSUL GENERAL HONG KONG ANNA PELLWORTH, REASON 1.4 (B)",
         "ANNA PELLWORTH", "CONSUL GENERAL HONG KONG", ["1.4(b)"]),
        ("Classified By: Consul General, St. Petersburg, Anna Pellworth, reason 1.4 (b)",
         "Anna Pellworth", "Consul General, St. Petersburg", ["1.4(b)"]),
        ("Classified By: Consul General Florence Pellworth, reason 1.4 (b)",
         "Florence Pellworth", "Consul General", ["1.4(b)"]),
        ("Classified By: LTC(P) Anna van 't Hoog, reason 1.4 (b)",
         "Anna van 't Hoog", "LTC", ["1.4(b)"]),
        ("CLASSIFIED BY: CHIEF PAUL (POLLY) LANTERNE, REASON 1.4 (B)",
         "PAUL (POLLY) LANTERNE", "CHIEF", ["1.4(b)"]),
        ("Classified By: Ambassador to the Fish Agencies in Rome Paul Lanterne, reason 1.4 (b)",
         "Paul Lanterne", "Ambassador to the Fish Agencies in Rome", ["1.4(b)"]),
        ("Classified By: AmbPellworth, reason 1.4 (b)", "Pellworth", "Amb", ["1.4(b)"]),
        ("Classified By: DCM Anna Pellworth\nClassified Reasons: 1.4 (b) and (d)",
         "Anna Pellworth", "DCM", ["1.4(b)", "1.4(d)"]),
    ],
)  # fmt: skip
def test_classified_by(text: str, name: str, title: str, reasons: list[str]) -> None:
    person = {"full_name": name, "title": title}
    assert read_classifiers(text, "1.4") == {"people": [person], "reasons": reasons}


def test_a_name_that_the_width_of_the_line_cut() -> None:
    line = "Classified By: ACTING ASSISTANT SECRETARY FOR SNOW AND ICE ANNA PELLWOR"
    assert len(line) == 71
    [classifier] = [
        person
        for person in read(f"{OPENING}{line} \nTH FOR REASONS 1.4 (B)\n\n1. (C) Snow.\n")["people"]
        if person["role"] == "classifier"
    ]
    assert classifier["full_name"] == "ANNA PELLWORTH"


def test_the_order_of_the_reasons_is_not_that_of_the_telegram() -> None:
    statement = "Classified By: DCM Anna Pellworth for\nE.O. 12958 reasons 1.4 (b) and (d)"
    parsed = read(f"{OPENING}{statement}\n\n1. (C) Snow.\n")
    assert [one["full_name"] for one in parsed["people"]] == ["Anna Pellworth"]
    assert parsed["headers"][0]["declassify_instruction"] == "N/A"


@pytest.mark.parametrize("cut", ["F \n. Paul Lanterne fo\nr reasons", "F. Paul Lanterne, reaosns"])
def test_a_statement_cut_or_misprinted(cut: str) -> None:
    assert read_classifiers(f"Classified By: DCM {cut} 1.4 (b)") == {
        "people": [{"full_name": "F. Paul Lanterne", "title": "DCM"}],
        "reasons": ["1.4(b)"],
    }


def test_an_office_without_a_name_is_nobody() -> None:
    for office in ("Hong Kong Consul General", "Basrah Regional Embassy Office Director"):
        assert read_classifiers(f"Classified By: {office}, reasons 1.4 (b)")["people"] == []


def test_two_classifiers_and_none() -> None:
    two = read_classifiers("CLASSIFIED BY ANNA PELLWORTH AND PAUL LANTERNE, REASONS 1.4 (B)")
    assert [person["full_name"] for person in two["people"]] == ["ANNA PELLWORTH", "PAUL LANTERNE"]
    assert read_classifiers("DERIVED FROM: MULTIPLE SOURCES")["people"] == []


@pytest.mark.parametrize(
    ("order", "sent", "reasons"),
    [
        ("12958: DECL: 1/1/2010", "JAN 00", ["1.5(b)", "1.5(d)"]),
        ("12958: DECL: 1/1/2016", "JAN 06", ["1.4(b)", "1.4(d)"]),
        ("12356: DECL: OADR", "JAN 90", []),
    ],
)
def test_letters_without_a_section_belong_to_the_order(
    order: str, sent: str, reasons: list[str]
) -> None:
    parsed = read(
        f"R 191204Z {sent}\nFM AMEMBASSY OSLO\n\nCONFIDENTIAL OSLO 0012\n\nE.O. {order}\n"
        "TAGS: PREL\nSUBJECT: SNOW\nCLASSIFIED BY DCM PELLWORTH. REASONS: (B) AND (D).\n\n"
        "1. Snow.\n"
    )
    assert [row["reason"] for row in parsed["reasons"]] == reasons


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("ORDWAY", ["ORDWAY"]), ("SNOODLE##", ["SNOODLE"]), ("LANTERNE Lanterne", ["LANTERNE"]),
        ("NÚÑEZ", ["NÚÑEZ"]), ("van der Berg", ["VAN DER BERG"]), ("ORDWAY, J.", ["ORDWAY, J."]),
        ("ORDWAY/LANTERNE", ["ORDWAY", "LANTERNE"]), ("ORDWAY NNNN", ["ORDWAY"]),
        ("ORDWAY (ACTING)", ["ORDWAY"]), ("CHEERS", []), ("GUIDANCE REQUESTED", []),
    ],
)  # fmt: skip
def test_signers(printed: str, names: list[str]) -> None:
    parsed = read(f"{OPENING}1. (C) Snow fell on the roof, and nobody knew.\n\n{printed}\n")
    people = [row["full_name"] for row in parsed["people"] if row["role"] == "signer"]
    assert people == names


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


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("DRAFTED BY EUR/NE: J. ORDWAY, X 21234", [("drafter", "J. ORDWAY", "EUR/NE")]),
        ("DRAFTED BY EUR:JORDWAY/PLANTERNE:AB",
         [("drafter", "JORDWAY", "EUR"), ("drafter", "PLANTERNE", "EUR")]),
        ("S/S-O: COL. ORDWAY (DRAFT)", [("clearer", "ORDWAY", "S/S-O")]),
        ("AF/P-MR. ORDWAY", [("clearer", "ORDWAY", "AF/P")]),
        ("APPROVED BY THE SECRETARY", [("approver", "THE SECRETARY", None)]),
        ("APPROVED BY EUR", []),
    ],
)  # fmt: skip
def test_drafting_line(line: str, people: list[tuple[str, str, str | None]]) -> None:
    found = read_drafting(line)
    assert [(row["role"], row["full_name"], row["title"]) for row in found] == people


@pytest.mark.parametrize(
    "statement",
    [
        "Classified By:\n\nAnna Pellworth, DCM, for reasons 1.4 (b) and (d).",
        "CLASSIFIED BY:\n\nAnna Pellworth, DCM\nREASON: 1.4 (B) AND (D)",
        "Classified By:\n\nAnna Pellworth, DCM\n\nReason: 1.4 (b), (d)",
        "Classified By: DCM\n\nAnna Pellworth, reasons 1.4 (b/d)",
    ],
)
@pytest.mark.parametrize(
    "behind", ["1. (C) Snow.\n\n2. (C) Rain.\n", "Snow fell on the old roof.\n"]
)
def test_who_classified_stands_behind_a_blank(statement: str, behind: str) -> None:
    parsed = read(f"{OPENING}{statement}\n\n{behind}")
    people = [(row["full_name"], row["title"]) for row in parsed["people"]]
    assert people == [("Anna Pellworth", "DCM")]
    assert [row["reason"] for row in parsed["reasons"]] == ["1.4(b)", "1.4(d)"]
    assert {row["section"] for row in parsed["paragraphs"]} == {None}
    assert len(parsed["paragraphs"]) == behind.count("\n\n") + 1


def test_a_bare_classified_by_takes_no_heading_and_no_text() -> None:
    parsed = read(f"{OPENING}Classified By:\n\nSUMMARY\n-------\n\n1. (C) Snow.\n\n2. (C) Rain.\n")
    assert parsed["people"] == []
    assert [row["section"] for row in parsed["paragraphs"]] == ["SUMMARY", "SUMMARY"]
