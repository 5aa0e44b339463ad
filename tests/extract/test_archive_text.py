"""Archive text: both parts in any order, attributes as typed, stamps aside, no line lost."""

import os
from collections import Counter
from datetime import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.contracts.frames import Documents
from etl.extract.archive_text import KNOWN_KEYS, archive_text, is_archive_text
from etl.extract.dialect import read_document, read_text
from etl.extract.documents import Document, Origin, Reading, frame

ORIGIN = Origin("file:///data/1975EXAMPL00042.txt")

TELEGRAM = """\
CONFIDENTIAL

PAGE 01        EXAMPL  00042  141012Z
ACTION AF-00

R 140940Z MAR 75
FM AMEMBASSY EXAMPLEVILLE
TO SECSTATE WASHDC 3217

C O N F I D E N T I A L EXAMPLEVILLE 00042

E.O. 11652: GDS
TAGS: PFOR, XX
SUBJECT: HARBOR SEAL GIVEN A PASSPORT

1. SEAL MAY NOW TRAVEL.
ROE"""

ATTRIBUTES = """\
Automatic Decaptioning: X
Capture Date: 01 JAN 1994
Concepts: SEALS, HARBORS,
PASSPORTS
Current Classification: UNCLASSIFIED
Document Number: 1975EXAMPL00042
Draft Date: 14 MAR 1975
From: EXAMPLEVILLE
Locator: TEXT ON-LINE, ON MICROFILM
Original Classification: CONFIDENTIAL
Original Handling Restrictions: n/a
Subject: HARBOR SEAL GIVEN A
   PASSPORT
TAGS: PFOR, XX
To: STATE
Type: TE
"""

STAMP = "Declassified/Released US Department of State EO Systematic Review 30 JUN 2005"
GRAFELD = "Margaret P. Grafeld Declassified/Released US Department of State EO Systematic Review"


def _text(telegram: str = TELEGRAM, attributes: str = ATTRIBUTES) -> str:
    return f"Message Text\n\n{telegram}\n\nMessage Attributes\n\n{attributes}"


def _said(attributes: str) -> dict[str | None, str | None]:
    """Give the attributes of a document with these attribute lines behind its own."""
    found = read_text(_text(attributes=ATTRIBUTES + attributes)).attributes
    assert found is not None
    return {one["name"]: one["value"] for one in found}


def _solid(text: str | None) -> Counter[str]:
    return Counter(line for line in (text or "").split("\n") if line.strip())


def test_text_and_attributes_are_told_apart() -> None:
    reading = read_text(_text())
    assert reading.dialect == "archive_text"
    assert reading.body_text == f"\n{TELEGRAM}\n"
    assert (reading.header_text, reading.cover_text) == (None, None)
    assert reading.published_id == "1975EXAMPL00042"
    assert reading.published_classification == "CONFIDENTIAL"
    assert reading.published_origin == "EXAMPLEVILLE"
    assert reading.published_subject == "HARBOR SEAL GIVEN A PASSPORT"
    assert reading.attributes is not None
    assert [one["name"] for one in reading.attributes[:3]] == [
        "Automatic Decaptioning",
        "Capture Date",
        "Concepts",
    ]
    assert reading.attributes[2]["value"] == "SEALS, HARBORS, PASSPORTS"


@pytest.mark.parametrize(
    "text",
    [
        f"Message Attributes\n{ATTRIBUTES}\n\nMessage Text\n{TELEGRAM}\n",
        f"\n1975EXAMPL00042\n\n   Message Text  \n{TELEGRAM}\n\fMessage Attributes\n{ATTRIBUTES}",
        f"{TELEGRAM}\n\nMessage Attributes\n\n{ATTRIBUTES}",
    ],
    ids=["attributes first", "title, indented, form feed", "no text heading"],
)
def test_parts_in_other_forms(text: str) -> None:
    reading = read_text(text)
    assert reading.dialect == "archive_text"
    assert reading.body_text.strip("\n") == TELEGRAM
    assert reading.published_subject == "HARBOR SEAL GIVEN A PASSPORT"
    title = "1975EXAMPL00042" if text.startswith("\n1975") else None
    assert reading.cover_text == title


def test_text_part_alone_is_read_without_attributes() -> None:
    reading = read_text(f"\nMessage Text\n{TELEGRAM}\n")
    assert (reading.dialect, reading.attributes) == ("archive_text", [])
    assert reading.body_text.strip("\n") == TELEGRAM
    assert reading.published_id is None


@pytest.mark.parametrize(
    "text",
    [
        TELEGRAM,
        f"{TELEGRAM}\nMESSAGE TEXT\nMESSAGE ATTRIBUTES\n{ATTRIBUTES}",
        f"{TELEGRAM}\nMessage Attributes\nSubject: SEAL\nTo: STATE\n",
        f"{TELEGRAM}\nThe Message Attributes of\n{ATTRIBUTES}",
        "# Notes\n\nMessage Text\n\nMessage Attributes\n\nare the two headings.\n",
        "Message Text\n\nSee you at noon.\n",
    ],
)
def test_what_is_no_archive_text(text: str) -> None:
    assert not is_archive_text(text)


def test_frame_holds_the_contract() -> None:
    documents = [
        read_document(_text().encode(), ORIGIN),
        Document(Origin("file:///x"), "0" * 64, 1, "utf-8", Reading("raw_telegram", body_text="x")),
    ]
    table = frame(documents)
    Documents.validate(table)
    assert table["created_at"].to_list() == [datetime(1975, 3, 14), None]
    assert table["attributes"].list.len().to_list() == [14, None]
    assert table["attributes"].dtype == pl.List(pl.Struct({"name": pl.String, "value": pl.String}))


@pytest.mark.parametrize(
    ("draft", "sent", "expected"),
    [
        ("14 MAR 1975", "n/a", datetime(1975, 3, 14)),
        ("14-Mar-1975 12:00:00 am", "n/a", datetime(1975, 3, 14)),
        ("14 mar 1975", "15 mar 1975", datetime(1975, 3, 14)),
        ("01 JAN 1960", "15-mar-1975 12:00:00 am", datetime(1975, 3, 15)),
        ("01-Jan-1960 12:00:00 am", "", None),
        ("n/a", "15-Mar-1975 1:30:00 pm", datetime(1975, 3, 15, 13, 30)),
        ("31 FEB 1975", "n/a", None),
        ("14 XXX 1975", "n/a", None),
    ],
)
def test_dates_in_all_spellings(draft: str, sent: str, expected: datetime | None) -> None:
    lines = ATTRIBUTES.replace("Draft Date: 14 MAR 1975", f"Draft Date: {draft}\nSent Date: {sent}")
    document = read_document(_text(attributes=lines).encode(), ORIGIN)
    assert frame([document])["created_at"].item() == expected


@pytest.mark.parametrize(
    "printed", ["n/a", "N/A", "", "   ", "01 JAN 1960", "01 jan 1960", "01-Jan-1960 12:00:00 am"]
)
def test_values_that_mean_none_are_null_and_keep_their_place(printed: str) -> None:
    said = _said(f"Film Number: {printed}\nOffice: ACTION AF\n")
    assert list(said)[-2:] == ["Film Number", "Office"]
    assert (said["Film Number"], said["Office"]) == (None, "ACTION AF")


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ("Review Comment: SEE FILM\nNOTE: UNREADABLE\n", "SEE FILM NOTE: UNREADABLE"),
        ("Review Comment: SEE FILM\nNote: frame 12\n", "SEE FILM Note: frame 12"),
        ("Review Comment: SEE FILM\nSubject: twice\n", "SEE FILM Subject: twice"),
        ("Review Comment: SEE FILM\n  Office: indented\n", "SEE FILM Office: indented"),
        ("Review Comment:SEE   FILM\n\n  PAGE 2\n", "SEE FILM PAGE 2"),
    ],
    ids=["capitals", "one word", "known key again", "other column", "blank line"],
)
def test_a_line_with_a_colon_may_go_on_with_a_value(lines: str, value: str) -> None:
    assert _said(lines)["Review Comment"] == value


def test_keys_that_nobody_listed_are_kept() -> None:
    said = _said("Page Count: 2\nDate of Third Review: 03 MAY 2001\nNARA Batch:\n")
    assert said["Date of Third Review"] == "03 MAY 2001"
    assert "NARA Batch" in said


def test_every_known_key_is_read() -> None:
    lines = "".join(f"{key}: VALUE {number}\n" for number, key in enumerate(KNOWN_KEYS))
    found = read_text(_text(attributes=lines)).attributes
    assert found == [
        {"name": key, "value": f"VALUE {number}"} for number, key in enumerate(KNOWN_KEYS)
    ]
    assert len(set(KNOWN_KEYS)) == len(KNOWN_KEYS) >= 69


@pytest.mark.parametrize(
    ("original", "own", "expected"),
    [
        ("EXDIS", "n/a", "CONFIDENTIAL//EXDIS"),
        ("n/a", "STADIS, LIMDIS", "CONFIDENTIAL//STADIS//LIMDIS"),
        ("NODIS", "n/a", "CONFIDENTIAL//NODIS"),
        ("n/a", "n/a", "CONFIDENTIAL"),
    ],
)
def test_classification_is_the_original_one(original: str, own: str, expected: str) -> None:
    lines = ATTRIBUTES.replace(
        "Original Handling Restrictions: n/a",
        f"Handling Restrictions: {own}\nOriginal Handling Restrictions: {original}",
    )
    assert read_text(_text(attributes=lines)).published_classification == expected


@pytest.mark.parametrize(
    "stamp",
    [
        STAMP,
        STAMP.lower(),
        f"  {GRAFELD} 04 MAY 2006  ",
        f"{GRAFELD} 22 May 2009",
        "Sheryl P. Walter " + STAMP.replace("30 JUN 2005", "20 Mar 2014"),
        "Orson Q. Example " + STAMP,
        STAMP.replace("Systematic ", "Systematic\n"),
        "Margaret P. Grafeld\n Declassified/Released\n US Department of State\n"
        " EO Systematic Review\n 05 JUL 2006 ",
        "<< END OF DOCUMENT >>",
        "*** Current Handling Restrictions *** n/a",
        "*** Current Classification *** UNCLASSIFIED",
    ],
)
def test_stamps_before_and_behind_the_text_go_to_the_cover(stamp: str) -> None:
    reading = read_text(_text(f"{stamp}\n\n{TELEGRAM}\n\n{stamp}"))
    assert reading.body_text.strip("\n") == TELEGRAM
    assert reading.cover_text == f"{stamp}\n{stamp}"


def test_a_stamp_takes_no_line_of_the_telegram() -> None:
    signed = TELEGRAM.replace("ROE", "LA ROE")
    reading = read_text(_text(f"{signed}\n{STAMP}"))
    assert reading.body_text.strip("\n") == signed
    quoted = TELEGRAM.replace("1. SEAL", "1. DECLASSIFIED/RELEASED SEAL")
    assert read_text(_text(quoted)).body_text.strip("\n") == quoted


def test_page_heading_in_mid_sentence_leaves_no_gap() -> None:
    cut = TELEGRAM.replace("1. SEAL MAY NOW", f"1. SEAL MAY\n\n{STAMP}\n\f{STAMP}\n\nNOW")
    reading = read_text(_text(cut))
    assert reading.body_text.strip("\n") == TELEGRAM.replace("MAY NOW", "MAY\nNOW")
    assert _solid(reading.cover_text) == {STAMP: 1, f"\f{STAMP}": 1}


def test_page_heading_between_paragraphs_leaves_the_blank_lines() -> None:
    cut = TELEGRAM.replace("TRAVEL.", f"TRAVEL.\n\n{STAMP}\n\n2. IT WILL.")
    reading = read_text(_text(cut))
    assert "1. SEAL MAY NOW TRAVEL.\n\n\n2. IT WILL." in reading.body_text


def test_page_headings_are_no_part_of_a_value() -> None:
    said = _said(
        f"Review Authority: roe\n\n{STAMP}\n\f{STAMP}\n\nReview Markings:\n\n  {GRAFELD}\n"
        f"  05 JUL 2006\n{STAMP}\nMarkings: {GRAFELD} 05 JUL 2006\n{STAMP}\n"
    )
    assert said["Review Authority"] == "roe"
    assert said["Review Markings"] == said["Markings"] == f"{GRAFELD} 05 JUL 2006"
    titled = read_text(f"EXAMPLE ARCHIVE\n{_text()}\nEXAMPLE ARCHIVE\n")
    assert titled.attributes is not None
    assert titled.attributes[-1] == {"name": "Type", "value": "TE"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n\n",
        "ERROR READING TEXT INDEX",
        "CONFIDENTIAL\n\nERROR READING TEXT INDEX.\n\nCONFIDENTIAL\nNNNN",
        f"{STAMP}\n\n*EXPAND ERROR ENCOUNTERED* 12\n\n{STAMP}",
    ],
)
def test_telegram_without_text_is_read_and_not_rejected(text: str) -> None:
    document = read_document(_text(text).encode(), ORIGIN)
    assert document.reading is not None, document.reject_reason
    assert document.reading.body_text == ""
    assert document.reading.published_subject == "HARBOR SEAL GIVEN A PASSPORT"
    assert _solid(document.reading.cover_text) == _solid(text)


def test_attributes_alone_are_a_telegram_without_text() -> None:
    reading = read_text(f"Message Attributes\n{ATTRIBUTES}")
    assert (reading.body_text, reading.cover_text) == ("", None)


@pytest.mark.parametrize("locator", ["ON MICROFILM", "TEXT NOT ON-LINE", "TEXT ON MICROFILM"])
def test_locator_tells_a_note_from_a_telegram(locator: str) -> None:
    lines = ATTRIBUTES.replace("TEXT ON-LINE, ON MICROFILM", locator)
    note = "THIS DOCUMENT IS HELD ON FILM."
    assert read_text(_text(note, lines)).body_text == ""
    assert read_text(_text(note, lines)).cover_text == note
    assert read_text(_text(TELEGRAM, lines)).body_text.strip("\n") == TELEGRAM
    assert read_text(_text(note)).body_text.strip("\n") == note


def test_error_behind_a_telegram_leaves_the_telegram() -> None:
    reading = read_text(_text(f"{TELEGRAM}\nEXPAND ERROR ENCOUNTERED"))
    assert reading.body_text.strip("\n") == f"{TELEGRAM}\nEXPAND ERROR ENCOUNTERED"


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_do_not_matter(newline: str) -> None:
    document = read_document(_text().replace("\n", newline).encode(), ORIGIN)
    assert document.reading == read_text(_text())


SCRAPS = [
    *(STAMP, "Margaret P. Grafeld", "Declassified/Released", " ", "", "\f", "Page 2 of 3"),
    *("ERROR READING TEXT INDEX", "CONFIDENTIAL", "PAGE 02 EXAMPL 00042", "1. SEAL", "ROE"),
    *("US Department of State", "EO Systematic Review 05 JUL 2006", "Subject: SEAL", "N/A."),
]


@given(st.lists(st.sampled_from(SCRAPS), max_size=25))
def test_no_line_of_the_text_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    reading = archive_text(_text(text))
    assert _solid(reading.cover_text) + _solid(reading.body_text) == _solid(text)


@given(st.lists(st.sampled_from([*SCRAPS, "Message Text", "Message Attributes", *KNOWN_KEYS])))
def test_scraps_never_raise(lines: list[str]) -> None:
    for text in ("\n".join(lines), _text("\n".join(lines)), ":\n".join(lines)):
        reason = read_document(text.encode(), ORIGIN).reject_reason
        assert "error in the reader" not in (reason or "")


HOSTILE = [
    *("Message Text\n", "Message Attributes\n", "Declassified/Released ", "A b " * 9),
    *("Message Attributes\nTo: x\nType: x\nTAGS: x\n", "Aa ", "Margaret P. ", "\f \f"),
    *("Declassified/Released US Department of State EO\n", "Xx:", "Review Comment: "),
]


@pytest.mark.parametrize("scrap", HOSTILE)
def test_no_time_is_lost_over_hostile_text(scrap: str) -> None:
    long = scrap * (400_000 // len(scrap))
    before = os.times().user
    read_document(_text(long, ATTRIBUTES + long).encode(), ORIGIN)
    assert os.times().user - before < 3
