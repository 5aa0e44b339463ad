"""The REF line, form by form, and the number of the telegram itself; all fragments are our own."""

import pytest

from etl.parse.references import split_references
from tests.parse.fragments import read


def cited(text: str, year: int = 2007) -> list[tuple[str | None, str | None]]:
    """Letters and MRNs of a REF text of 07OSLO5000."""
    found = split_references(text, year, "OSLO", 5000)
    return [(one["letter"], one["referenced_mrn"] or one["kind"]) for one in found]


@pytest.mark.parametrize(
    ("item", "mrns"),
    [
        ("OSLO 12 THROUGH 14", ["07OSLO12", "07OSLO13", "07OSLO14"]),
        ("OSLO 12-14", ["07OSLO12", "07OSLO13", "07OSLO14"]),  # 2014 is to come
        ("STATE 12345-47", ["07STATE12345", "07STATE12346", "07STATE12347"]),
        ("OSLO 12-05", ["05OSLO12"]),  # 2005 is a year
        ("OSLO 100 TO 900", ["07OSLO100", "07OSLO900"]),
        ("06 OSLO 1234, 1240-1241", ["06OSLO1234", "06OSLO1240", "06OSLO1241"]),
        ("OSLO 123, 124, AND 125", ["07OSLO123", "07OSLO124", "07OSLO125"]),
        ("OSLO 1,234", ["07OSLO1234"]),
        ("STATE 112,345", ["07STATE112345"]),
        ("KABUL 112,345", ["07KABUL112", "07KABUL345"]),
        ("OSLO 12, PARIS 13 (ALL 92)", ["92OSLO12", "92PARIS13"]),
        ("STATE 188314; 7 FAM 1320", ["07STATE188314", "other"]),
        ("STATE 188314, 259032", ["07STATE188314", "07STATE259032"]),
        ("OSLO 123 & PARIS 124", ["07OSLO123", "07PARIS124"]),
        ("STATE 123/OSLO 45", ["07STATE123", "07OSLO45"]),
        ("STATE 123456/TOSEC 120012", ["07STATE123456"]),
        ("OSLO 1234 1235", ["07OSLO1234", "07OSLO1235"]),
        ("OSLO 12 (TALKS) PARIS 13 (TEA)", ["07OSLO12", "07PARIS13"]),
        ("RECIFE 66; (06) SAO PAULO 581", ["07RECIFE66", "06SAOPAULO581"]),
        ("* OSLO 12\n* PARIS 13", ["07OSLO12", "07PARIS13"]),
        ("OSLO'S 12, PARIS' 13", ["07OSLO12", "07PARIS13"]),
        ("OSLO 12 NOTAL PARIS 34", ["07OSLO12", "07PARIS34"]),
        ("2006 OSLO 9\nTHE HAGUE 17\n05 THE HAGUE 18", ["06OSLO9", "07THEHAGUE17", "05THEHAGUE18"]),
    ],
)
def test_several_telegrams_in_one_item(item: str, mrns: list[str]) -> None:
    assert [mrn for _, mrn in cited(f"REF: {item}")] == mrns


@pytest.mark.parametrize(
    ("item", "mrn"),
    [
        ("OSLO 06-123", "06OSLO123"),
        ("OSLO (06) 123", "06OSLO123"),
        ("06-OSLO-123", "06OSLO123"),
        ("OSLO 123, 2006", "06OSLO123"),
        ("OSLO 123 OF 2006", "06OSLO123"),
        ("OSLO 123 ('06)", "06OSLO123"),
        ("OSLO 123/06", "06OSLO123"),
        ("OSLO 123, MAY 4, 2006", "06OSLO123"),
        ("OSLO 123 (5/4/06)", "06OSLO123"),
        ("OSLO 12 DTG 041200Z MAY 06", "06OSLO12"),
        ("OSLO 12 (041200Z MAY 06)", "06OSLO12"),
        ("OSLO'S 123", "07OSLO123"),
        ("EMBASSY OSLO TELEGRAM NO. 123", "07OSLO123"),
        ("OURTEL 123", "07OSLO123"),
        ("DEPTEL 12345", "07STATE12345"),
        ("GENEVA USTR 12", "07USTRGENEVA12"),
        ("SECSTATE WASHINGTON DC 123456", "07STATE123456"),
        ("OSLO SIPDIS 12", "07OSLO12"),
        ('"OSLO 12"', "07OSLO12"),
        ("STATE 65432 1/", "07STATE65432"),
        ("OSLO 12 (TALKS, ROUND 13 AND 14)", "07OSLO12"),
        ("OSLO 12, PARAS 3, 4 AND 15", "07OSLO12"),
        ("RIO DE\nJANEIRO 123", "07RIODEJANEIRO123"),
        ("STATE 1234\n56", "07STATE123456"),
        ("BELGADE 856", "07BELGRADE856"),  # a misprint, as in an id
        ("OSLO 12 TAGS: PREL, NO", "07OSLO12"),
    ],
)
def test_one_telegram_whatever_stands_around_it(item: str, mrn: str) -> None:
    assert [one for _, one in cited(f"REF: {item}")] == [mrn]


def test_two_serials_of_one_time_are_not_serial_and_year() -> None:
    assert cited("REF: OSLO 1998, 2006") == [(None, "07OSLO1998"), (None, "07OSLO2006")]


def test_year_forms_of_the_seventies() -> None:
    text = "REF: A) 73 OSLO 123 B) OSLO 124 (1974) C) STATE 123456 (74) D) OSLO 12-14"
    mrns = ["73OSLO123", "74OSLO124", "74STATE123456", "75OSLO12", "75OSLO13", "75OSLO14"]
    assert [mrn for _, mrn in cited(text, 1975)] == mrns


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("OSLO A-123", "other"),
        ("OSLO AIRGRAM A-123", "other"),
        ("URTEL 45", "other"),
        ("P.L. 107-228", "other"),
        ("CIA TDCS 314/12345-07", "report"),
        ("JCS 041234Z MAY 74", "message"),
        ("SECDEF WASHDC DTG 041200Z MAY 07", "message"),
        ("PELLWORTH/SNOODLE PHONECON OF MAY 4, 2007", "telephone"),
        ("PELLWORTH EMAIL OF 3/4/07", "email"),
    ],
)
def test_what_is_no_telegram(item: str, kind: str) -> None:
    assert cited(f"REF: {item}") == [(None, kind)]


def test_several_that_are_no_telegrams() -> None:
    found = split_references("REF: QUILL E-MAIL, 5/4/07; FBIS EUP1; 7 FAM 1320", 2007, "OSLO", 5000)
    said = [(one["kind"], one["raw_text"]) for one in found]
    assert said == [
        ("email", "QUILL E-MAIL, 5/4/07"),
        ("report", "FBIS EUP1"),
        ("other", "7 FAM 1320"),
    ]
    beside = split_references("REF: OSLO 12; LETTER TO QUILL, 4 MAY 07", 2007, "OSLO", 5000)
    assert [one["raw_text"] for one in beside] == ["OSLO 12", "LETTER TO QUILL, 4 MAY 07"]


def test_no_reference_at_all() -> None:
    assert cited("REF: NONE") == []
    assert cited("REF: N/A") == []


@pytest.mark.parametrize(
    "text",
    [
        "REF: A - OSLO 12\n     B - PARIS 13",
        "REF: A-OSLO 12 B-PARIS 13",
        "REF: (A)OSLO 12(B)PARIS 13",
        "REF: A.OSLO 12 B.PARIS 13",
        "REF: A OSLO 12 B PARIS 13",
        "REF: [A] OSLO 12; AND [B] PARIS 13",
        "REF A: OSLO 12\nREF B: PARIS 13",
        "REF (A): OSLO 12; REF (B): PARIS 13",
    ],
)
def test_letters(text: str) -> None:
    parsed = read(f"UNCLAS OSLO 005000\n\nTAGS: PREL\nSUBJECT: FISH\n\n{text}\n\n1. (U) It went.\n")
    found = [(one["letter"], one["raw_text"], one["kind"]) for one in parsed["references"]]
    assert found == [("A", "OSLO 12", "cable"), ("B", "PARIS 13", "cable")]


@pytest.mark.parametrize(
    "text",
    [
        "PARIS 113\n'05 THE HAGUE 114 AND 115\nROME 116-99",
        "PARIS 113\n\n     '05 THE HAGUE 114 and 115 (NOTAL)\n\n     ROME 116 (1999)",
        "PARIS 113, 05 THE HAGUE 114 AND 115,\n\nOSLO 00005000  001.2 OF 003\n\n\nROME 116-99",
        "(A) PARIS 113 (B) 05 THE HAGUE 114, 115\n     (C) 99\nROME 116",
        "(A) PARIS 113\n(B) 05 THE HAGUE 114/115\n(C) ROME 116/99",
        "(A) PARIS 113. (B) THE HAGUE 114/05, 115. (C) ROME 116-99",
    ],
)
def test_references_over_lines(text: str) -> None:
    parsed = read(
        f"UNCLAS OSLO 005000\n\nTAGS: PREL\nSUBJECT: FISH\n\nREF: {text}\n\n1. (C) It went.\n",
        published_id="07OSLO5000",
    )
    found = [one["referenced_mrn"] for one in parsed["references"]]
    assert found[0] == "07PARIS113"
    assert found[1:] == ["05THEHAGUE114", "05THEHAGUE115", "99ROME116"]


def test_letters_beyond_z() -> None:
    letters = [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA", "BB", "CC"]
    text = " ".join(f"{letter}. OSLO {at + 1}" for at, letter in enumerate(letters))
    assert [letter for letter, _ in cited(f"REF: {text}")] == letters


def test_a_first_letter_that_is_lost() -> None:
    assert cited("REF: OSLO 12 B. PARIS 13") == [(None, "07OSLO12"), ("B", "07PARIS13")]
    assert cited("REF: OSLO 12 FOR REASONS 1.4 (B) AND (D)") == [(None, "07OSLO12")]


def test_an_e_mail_is_not_the_letter_e() -> None:
    text = "REF: A) OSLO 1 B) OSLO 2 C) OSLO 3 D) SNOODLE E-MAIL 10/15/07"
    assert cited(text)[-1] == ("D", "email")


@pytest.mark.parametrize("text", ["1. OSLO 12\n2. PARIS 13", "(1) OSLO 12 (2) PARIS 13"])
def test_counted_items(text: str) -> None:
    assert cited(f"REF: {text}") == [(None, "07OSLO12"), (None, "07PARIS13")]


def test_a_page_marker_between_blank_lines_does_not_end_the_references() -> None:
    body = (
        "UNCLAS OSLO 005000\n\nTAGS: PREL\nSUBJECT: FISH\n\nREF: A. STATE 12345\n\n"
        "OSLO 00005000  001.2 OF 003\n\nB. PARIS 12\n\n1. (U) They went home.\n"
    )
    parsed = read(body)
    assert [one["raw_text"] for one in parsed["references"]] == ["STATE 12345", "PARIS 12"]
    assert [one["text"] for one in parsed["paragraphs"]] == ["They went home."]


@pytest.mark.parametrize(
    ("line", "published", "noted"),
    [
        ("UNCLAS BERN 000416", "07OSLO614", True),
        ("UNCLAS OSLO 000614", "07OSLO613", True),
        ("UNCLAS SECTION 01 OF 03 ADDIS 000012", "07ADDISABABA12", False),
        ("UNCLAS SECTION 02 OF 03", "07OSLO614", False),
        ("UNCLAS BRUSSELS 000012", "07USEUBRUSSELS12", False),
        ("UNCLAS KIEV 000012", "07KYIV12", False),
        ("UNCLAS SAN JOSE 000525", "09SECTION01OF03SANJOSE525", False),
        ("UNCLAS MADRID 002585", "06MADRID002583ZFR2585", False),
        ("UNCLAS ASTANA 000204", "06ASTANA", False),
        ("UNCLAS PELLWORTHY 000416", "07OSLO614", False),
    ],
)
def test_a_page_whose_text_is_another_telegram(line: str, published: str, noted: bool) -> None:
    parsed = read(
        f"{line}\n\nTAGS: PREL\nSUBJECT: FISH\n\n1. (U) It went.\n", published_id=published
    )
    notes = [row for row in parsed["reviews"] if row["field"] == "mrn"]
    assert len(notes) == noted
    for note in notes:
        assert note["raw_text"] in note["reason"]
        assert published in note["reason"]


@pytest.mark.parametrize(
    "text",
    [
        "REF: OSLO 12 (A), PARIS 13 (B)",
        "REF: OSLO 12 (A)\n     PARIS 13 (B).",
        "REFS: OSLO 12 (NOTAL) (A), AND PARIS 13 (B)",
        "REF: OSLO 12 (REF A); PARIS 13 (REF B)",
    ],
)
def test_letters_behind_their_items(text: str) -> None:
    assert cited(text) == [("A", "07OSLO12"), ("B", "07PARIS13")]


def test_a_marking_behind_an_item_is_no_letter() -> None:
    assert cited("REF: OSLO 12 (C)") == [(None, "07OSLO12")]


@pytest.mark.parametrize("text", ["REF: OSLO A-123; OSLO A-124", "REF: OSLO A 12, STATE CA 1234"])
def test_airgrams_are_items_each_and_no_telegrams(text: str) -> None:
    assert cited(text) == [(None, "other"), (None, "other")]


@pytest.mark.parametrize("label", ["REF:\n", "REF:\n\n", "REFS: "])
@pytest.mark.parametrize(
    "items", ["1. OSLO 12\n2. STATE 1234 (NOTAL)", "(1) OSLO 12\n(2) STATE 1234"]
)
@pytest.mark.parametrize("gap", ["\n\n", "\n"])
@pytest.mark.parametrize("marking", ["(C) ", ""])
def test_counted_items_of_a_ref_line_are_no_paragraphs(
    label: str, items: str, gap: str, marking: str
) -> None:
    first, last = "SNOW FELL ON THE ROOF.", "RAIN FELL."
    parsed = read(
        "CONFIDENTIAL OSLO 5000\n\nE.O. 11652: GDS\nTAGS: PFOR, NO\nSUBJECT: SNOW\n"
        f"{label}{items}{gap}1. {marking}{first}\n\n2. {marking}{last}\n",
        published_id="1975OSLO05000",
    )
    mrns = [row["referenced_mrn"] for row in parsed["references"]]
    assert mrns == ["75OSLO12", "75STATE1234"]
    assert [(row["number"], row["text"]) for row in parsed["paragraphs"]] == [(1, first), (2, last)]


@pytest.mark.parametrize(
    "first",
    [
        "SUMMARY: SNOW FELL.",
        "SNOW FELL ON THE ROOF IN 1974.",
        "SUMMARY. ON MAY 4, 1974, SNOW FELL.",
    ],
)
@pytest.mark.parametrize("label", ["", "REF: OSLO 12\n", "REFS: A. OSLO 12\n      B. STATE 44\n"])
def test_paragraph_one_right_below_the_labels_is_text(first: str, label: str) -> None:
    parsed = read(
        "CONFIDENTIAL OSLO 5000\n\nE.O. 11652: GDS\nTAGS: PFOR, NO\nSUBJECT: SNOW\n"
        f"{label}1. {first}\n2. RAIN FELL.\n3. HAIL FELL.\n"
    )
    assert [row["text"] for row in parsed["paragraphs"]] == [first, "RAIN FELL.", "HAIL FELL."]
    assert len(parsed["references"]) == label.count("\n")
    assert parsed["headers"][0]["subject"] == "SNOW"
