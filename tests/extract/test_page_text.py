"""Pages saved as text: what the site prints around them, and headers run on to bodies."""

from datetime import datetime

import pytest

from etl.extract.dialect import read_document, read_documents, read_text
from etl.extract.documents import NotATelegram, Origin, frame
from etl.parse import parse
from tests.extract.conftest import BODY, HEADER, PARTIAL

KEY = (
    "Key fingerprint 0000 1111\n\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
    + "mQQBBGBjDtIBH6DJa80zDBgR\n" * 220
    + "-----END PGP PUBLIC KEY BLOCK-----\n"
)
MENU = (
    "Currently released so far... 12477 / 251,287\nBrowse latest releases\n"
    + "".join(f"2010/12/{day:02d}\n" for day in range(1, 32))
    + "Browse by origin\n"
    + "Embassy Exampleville\nConsulate Sampleton\n" * 140
    + "Browse by classification\nCONFIDENTIAL\nSECRET\nUNCLASSIFIED\n"
)
TABLE = (
    "Viewing cable 07EXAMPLEVILLE42, MINISTER BLUE AND THE HARBOR\n"
    "If you are new to these pages, please read an introduction\n"
    "Reference ID\tCreated\tReleased\tClassification\tOrigin\n"
    "07EXAMPLEVILLE42\t2007-02-14 12:12\t2010-12-01 23:11\tUNCLASSIFIED\tEmbassy Exampleville\n"
)
FIVE = (
    "07EXAMPLEVILLE42\nMINISTER BLUE AND THE HARBOR\nWed Feb 14 00:00:00 +0100 2007\n"
    "UNCLASSIFIED\nEmbassy Exampleville\n"
)


@pytest.mark.parametrize("before", [MENU, KEY + MENU, KEY])
def test_what_a_site_prints_first_is_cover(before: str) -> None:
    page = f"{before}{TABLE}\n{BODY}"
    reading = read_text(page)
    assert (reading.dialect, reading.published_id) == ("web_extract", "07EXAMPLEVILLE42")
    assert reading.body_text == BODY
    assert f"{reading.cover_text}\n{reading.body_text}" == page


def test_a_telegram_behind_a_key_needs_no_labels() -> None:
    reading = read_text(f"{KEY}Some site\n\n{HEADER}\n{BODY}")
    assert reading.body_text == f"{HEADER}\n{BODY}"


def test_such_words_below_a_telegram_are_its_end() -> None:
    page = f"{HEADER}\n{BODY}\n\nViewing cable 07EXAMPLEVILLE43, ANOTHER\n"
    assert (read_text(page).dialect, read_text(page).body_text) == ("raw_telegram", page)


@pytest.mark.parametrize(
    "header",
    [
        HEADER.removesuffix("\nBT"),
        "R 141204Z FEB 07\nFM AMEMBASSY EXAMPLEVILLE\nTO AMEMBASSY TOKYO 0335",
        "R 141204Z FEB 07\nTO SECSTATE WASHDC\nINFO DEPT OF LABOR WASHINGTON DC",
        f"{PARTIAL}\n\n141204Z Feb 07",
        PARTIAL,
    ],
)
@pytest.mark.parametrize(
    "line",
    [
        "UNCLAS EXAMPLEVILLE 000042",
        "UNCLAS SECTION 01 OF 02 EXAMPLEVILLE 000042 ",
        "UNCLAS E F T O EXAMPLEVILLE 000042",
        "C O N F I D E N T I A L SECTION 01 OF 02 EXAMPLEVILLE 000042",
        "S E C R E T EXAMPLEVILLE 000042",
    ],
)
@pytest.mark.parametrize("before", ["", FIVE])
def test_a_body_run_on_to_its_header(header: str, line: str, before: str) -> None:
    body = BODY.replace("UNCLAS EXAMPLEVILLE 000042", line)
    reading = read_text(f"{before}{header}{body}")
    assert (reading.header_text, reading.body_text) == (header, body)
    assert reading.dialect == ("web_extract" if before else "raw_telegram")


def test_five_values_without_labels() -> None:
    document = read_document(f"{FIVE}{HEADER}\n{BODY}".encode(), Origin("file:///x"))
    row = frame([document]).to_dicts()[0]
    assert row["published_id"] == "07EXAMPLEVILLE42"
    assert row["created_at"] == datetime(2007, 2, 14)
    assert row["published_classification"] == "UNCLASSIFIED"
    assert row["published_origin"] == "Embassy Exampleville"
    assert row["published_subject"] == "MINISTER BLUE AND THE HARBOR"
    assert (row["cover_text"], row["header_text"]) == (FIVE.removesuffix("\n"), None)
    assert row["body_text"] == f"{HEADER}\n{BODY}"


def test_five_values_and_no_telegram() -> None:
    with pytest.raises(NotATelegram, match="nothing behind line 5"):
        read_text(FIVE)


RAW = (
    "UNCLASSIFIED\nPAGE 01 EXAMPL 00042 01 OF 02 141012Z\n44\nACTION AF-00\nINFO OCT-01 /068 W\n"
    "--------------------- 047909\nR 140940Z MAR 75\nFM AMEMBASSY EXAMPLEVILLE\n"
    "TO SECSTATE WASHDC 3217\nUNCLAS SECTION 1 OF 2 EXAMPLEVILLE 0042\nE.O. 11652: N/A\n"
    "TAGS: PFOR, XX\nSUBJECT: HARBOR SEAL GIVEN A PASSPORT\n"
)
TEXT = (
    "1. SEAL MAY NOW TRAVEL TO ALL HARBORS.\nUNCLASSIFIED\nNNN\n"
    "UNCLASSIFIED\nPAGE 01 EXAMPL 00042 02 OF 02 141012Z\n2. IT STAYED.\nROE\nUNCLASSIFIED\nNNN\n"
)
ATTRIBUTES = (
    "---\nCapture Date: 01 JAN 1994\nConcepts: SEALS, PASSPORTS\nDocument Number: 1975EXAMPL00042\n"
    "Draft Date: 14 MAR 1975\nOriginal Classification: UNCLASSIFIED\nTAGS: PFOR, XX\n"
)


@pytest.mark.parametrize("attributes", ["", ATTRIBUTES])
def test_a_page_of_the_archive_with_the_body_first(attributes: str) -> None:
    page = f"SEAL GIVEN A PASSPORT\nShow Headers\n{TEXT}{RAW}{TEXT}{attributes}"
    document = read_document(page.encode(), Origin("file:///x"))
    reading = document.reading
    assert reading is not None
    assert reading.dialect == "archive_text"
    assert reading.body_text.rstrip("\n") == f"{RAW}{TEXT}".rstrip("\n")
    assert reading.published_id == ("1975EXAMPL00042" if attributes else None)
    parsed = parse(frame([document]))
    assert [row["number"] for row in parsed["paragraphs"].to_dicts()] == [1, 2]
    assert parsed["people"]["full_name"].to_list() == ["ROE"]
    assert parsed["headers"]["subject"].to_list() == ["HARBOR SEAL GIVEN A PASSPORT"]


def test_dashes_and_a_date_in_a_telegram_are_no_attributes() -> None:
    page = f"{RAW}{TEXT}---\nCapture Date: unknown\n"
    assert read_text(page).dialect == "raw_telegram"


ROW = (
    "Viewing cable {id}, MINISTER BLUE\n\nAND THE HARBOR\n"
    "If you are new to these pages, please read an introduction\n"
    "Reference ID Created Released Classification Origin\n"
)
WRAPPED = "2007-02-14 2010-12-01 Embassy New\n{id} UNCLASSIFIED\n12:12 23:11 Town\n"
PLAIN = "{id} 2007-02-14 12:12 2010-12-01 23:11 UNCLASSIFIED Embassy New Town\n"


@pytest.mark.parametrize("row", [WRAPPED, PLAIN])
def test_labels_in_one_line_and_values_below(row: str) -> None:
    reading = read_text((ROW + row).format(id="07NEWTOWN42") + BODY)
    assert (reading.dialect, reading.body_text) == ("web_extract", BODY)
    assert (reading.published_id, reading.created) == ("07NEWTOWN42", "2007-02-14 12:12")
    assert reading.published_classification == "UNCLASSIFIED"
    assert reading.published_origin == "Embassy New Town"


@pytest.mark.parametrize("row", [WRAPPED, PLAIN])
def test_pages_in_one_file_are_so_many_documents(row: str) -> None:
    pages = [(ROW + row).format(id=f"07NEWTOWN{number}") + BODY + "\n" for number in (42, 43)]
    found = list(read_documents("".join(pages).encode(), Origin("file:///x")))
    assert [document.origin.member for document in found] == [None, "2"]
    assert [document.reading and document.reading.published_id for document in found] == [
        "07NEWTOWN42", "07NEWTOWN43",
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["", "Viewing cable 07NEWTOWN43, ANOTHER\n"])
def test_one_page_stays_one_document(end: str) -> None:
    page = (ROW + PLAIN).format(id="07NEWTOWN42") + BODY + "\n" + end
    assert len(list(read_documents(page.encode(), Origin("file:///x")))) == 1
    twice = page + (ROW + PLAIN).format(id="07NEWTOWN42") + BODY
    assert len(list(read_documents(twice.encode(), Origin("file:///x")))) == 1
