"""Dialects by content, and reasons of rejection."""

import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.extract.dialect import read_document
from etl.extract.documents import Origin

ORIGIN = Origin("file:///data/x.html")


def _dialect(data: bytes) -> str:
    document = read_document(data, ORIGIN)
    assert document.reading is not None, document.reject_reason
    return document.reading.dialect


def _reason(data: bytes) -> str:
    document = read_document(data, ORIGIN)
    assert document.reading is None
    assert document.reject_reason
    return document.reject_reason


def test_the_name_does_not_count(page: Callable[..., str], telegram: str, web_cover: str) -> None:
    assert _dialect(page().encode()) == "release_page"
    assert _dialect(telegram.encode()) == "raw_telegram"
    assert _dialect(f"{web_cover}\n{telegram}".encode()) == "web_extract"


@pytest.mark.parametrize(
    "text",
    [
        "RR RUEHXX\nDE RUEHEX #0042\n1. Text.",
        "R 141204Z FEB 07\n1. Text.",
        "C O N F I D E N T I A L EXAMPLEVILLE 000042\n\n1. Text.",
        "S E C R E T SECTION 01 OF 03 PORT EXAMPLE 000042\n1. Text.",
        "UNCLAS SECTION 01 OF 02 EXAMPLEVILLE 000042\n1. Text.",
        "UNCLASSIFIED\n\nE.O. 12958: N/A\nTAGS: PREL\n1. Text.",
        "EO 12958 N/A\nTAGS PREL, ECON\nSUBJECT: HARBOR\n1. Text.",
        "PAGE 01 EXAMPLEVILLE 00042 01 OF 02\nACTION AF-00\n",
        "\n\n> VZCZCXRO1234\n> RR RUEHXX\n",
    ],
)
def test_raw_telegram_by_its_first_lines(text: str) -> None:
    document = read_document(text.encode(), ORIGIN)
    assert document.reading is not None, document.reject_reason
    assert (document.reading.dialect, document.reading.body_text) == ("raw_telegram", text)
    assert document.reading.header_text is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"\xef\xbb\xbf", "empty file"),
        (b" \r\n\t\n", "empty file"),
        (b"%PDF-1.4 ...", "binary file (PDF"),
        (b"{\\rtf1 UNCLAS EXAMPLEVILLE 000042}", "binary file (RTF"),
        (b"\x89PNG\r\n\x1a\n....", "binary file (PNG"),
        (bytes(range(256)) * 40, "binary file (control characters"),
        (b"\0" * 5000, "binary file (control characters"),
        (b"# Notes\n\nThe word SECRET and the TAGS: line are explained here.\n", "not a telegram"),
        (b"Subject: lunch\n\nAt noon?\n", "not a telegram"),
        (b"# Pages\n\nThe text stands in `<pre>` blocks.\n", "not a telegram"),
        (b"id,date,name,place,kind,text\n1,2,3,4,5,6\n", "a CSV, but no row starts with"),
        (b'"a","b","c","d","e","f"\n', "a CSV, but no row starts with"),
        (b"x\n" * 300 + b"UNCLAS EXAMPLEVILLE 000042\n", "first 200 lines"),
    ],
)
def test_rejections_say_what_is_wrong(data: bytes, reason: str) -> None:
    assert reason in _reason(data)


def test_telegram_with_nuls_and_windows_bytes_is_read(telegram: str) -> None:
    document = read_document(telegram.replace("SIPDIS", "SIP\0DIS\0").encode("cp1252"), ORIGIN)
    assert document.reading is not None
    assert document.encoding == "cp1252"
    assert document.reading.body_text == telegram


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_telegram_in_wide_encoding_is_read(telegram: str, encoding: str) -> None:
    document = read_document(telegram.encode(encoding), ORIGIN)
    assert document.reading is not None, document.reject_reason
    assert document.reading.body_text == telegram


@given(st.binary(max_size=200))
def test_random_bytes_never_raise(data: bytes) -> None:
    document = read_document(data, ORIGIN)
    assert (document.reading is None) == (document.reject_reason is not None)
    assert "error in the reader" not in (document.reject_reason or "")


SCRAPS = [
    *("<pre>", "</pre>", "<", "&#x", "<td>", "<th>Origin", "Viewing cable", "UNCLAS", "TAGS:"),
    *("\n", "¶", "x", "E.O. 12958:", "This record is a partial", "Cable title:", "Tags:", "VZCZC"),
    *("Identifier\n", "Created\n", "SECRET\n", '"1","1/1/2001 1:01","01X1",'),
]


@given(st.lists(st.sampled_from(SCRAPS), max_size=30))
def test_scraps_of_documents_never_raise(scraps: list[str]) -> None:
    reason = read_document("".join(scraps).encode(), ORIGIN).reject_reason
    assert "error in the reader" not in (reason or "")


def test_no_reader_takes_long_over_hostile_text() -> None:
    for scrap in ("<pre><a ", '"1","', "C O N F ", "Classification ", "&#x", "TAGS \n", "<td>"):
        data = (scrap * (400_000 // len(scrap))).encode()
        before = os.times().user
        read_document(data, ORIGIN)
        assert os.times().user - before < 5, scrap
