"""Encodings, newlines, NULs."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.extract.encoding import decode

TEXT = "¶1. (U) “Café” costs 5 €\nR 141204Z FEB 07\n" * 3


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode("utf-8"), "utf-8"),
        (TEXT.encode("cp1252"), "cp1252"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32-le"),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "utf-32-be"),
    ],
)
def test_encoding_is_found_by_content(data: bytes, encoding: str) -> None:
    assert decode(data) == (TEXT, encoding)


def test_unassigned_windows_bytes_become_c1_controls() -> None:
    assert decode(b"caf\xe9 \x81 \x93x\x94") == ("café \x81 “x”", "cp1252")


def test_stray_bytes_in_utf_8_do_not_spoil_the_rest() -> None:
    data = "¶1. ¶2. ¶3. ".encode() + b"the \x93harbor\x94"
    assert decode(data) == ("¶1. ¶2. ¶3. the “harbor”", "utf-8")


def test_character_cut_in_two_at_the_end_does_not_spoil_the_rest() -> None:
    text, encoding = decode("¶1. ¶2. ¶3. “".encode()[:-2])
    assert (text, encoding) == ("¶1. ¶2. ¶3. â", "utf-8")


def test_all_newlines_become_lf_and_form_feeds_stay() -> None:
    data = "a\r\nb\rc\vd\u2028e\u2029f\n\fg\n\r\nh".encode()
    assert decode(data).text == "a\nb\nc\nd\ne\nf\n\fg\n\nh"


def test_nuls_are_dropped_and_do_not_make_utf_16() -> None:
    assert decode(b"UNCLAS\0 EXAMPLEVILLE\0\0 000042\n") == (
        "UNCLAS EXAMPLEVILLE 000042\n",
        "utf-8",
    )


@given(st.binary(max_size=300))
def test_any_bytes_decode_to_text_that_can_be_stored(data: bytes) -> None:
    text = decode(data).text
    text.encode("utf-8")
    assert "\0" not in text
    assert "\r" not in text
