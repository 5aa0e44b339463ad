"""Bytes → text: which encoding, and one kind of newline.

Telegrams were sent in ASCII; other bytes came in when web pages, word processors and CSV tools
handled them. So there are few candidates, and each can be proved rather than guessed: a byte
order mark, zero bytes in every second place, valid UTF-8, and what is left is Windows-1252.
A statistical guesser has nothing to add: given telegrams in Windows-1252, charset-normalizer
took 18 and 41 ms a document and answered cp1250 and cp775.

Not here: form feeds, trailing spaces, doubled newlines. They belong to lines, and `etl.parse`.
"""

import codecs
import re
from typing import NamedTuple

_BYTE_ORDER_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS = tuple(mark for mark, _ in _BYTE_ORDER_MARKS)
_SAMPLE_BYTES = 4096
_STRAY_BYTES = re.compile("[\udc80-\udcff]+")  # what "surrogateescape" makes of invalid bytes
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


class Decoded(NamedTuple):
    """Text with LF newlines and without NULs, and its encoding in Python's name."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Decode a document's bytes. Never raises: in Windows-1252 every byte means something.

    Text in UTF-8 with a few stray bytes (a quotation mark pasted from Windows, a character cut
    in two where a page was cut off) stays UTF-8, and only the stray bytes are read as
    Windows-1252; were the whole text read so, each ¶ would turn into "Â¶".
    """
    encoding = wide_encoding(data)
    if encoding is not None:
        mark = len(byte_order_mark(data))
        return Decoded(normalise(data[mark:].decode(encoding, "replace")), encoding)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return Decoded(normalise(data.decode("utf-8")), "utf-8")
    except UnicodeDecodeError:
        pass
    escaped = data.decode("utf-8", "surrogateescape")
    strays = len(_STRAY_BYTES.findall(escaped))
    proper = len(_BEYOND_ASCII.findall(escaped)) - sum(map(len, _STRAY_BYTES.findall(escaped)))
    if proper >= strays:
        return Decoded(normalise(_STRAY_BYTES.sub(_stray_bytes, escaped)), "utf-8")
    return Decoded(normalise(windows_1252(data)), "cp1252")


def wide_encoding(data: bytes) -> str | None:
    """Give the UTF-16 or UTF-32 encoding of the data; null when it is made of single bytes.

    Without a mark, zero bytes tell: ASCII text in UTF-16 has one in every second place, and
    would pass for valid UTF-8 otherwise.
    """
    mark = byte_order_mark(data)
    if mark and mark != codecs.BOM_UTF8:
        return next(name for bom, name in _BYTE_ORDER_MARKS if bom == mark)
    sample = data[:_SAMPLE_BYTES]
    if b"\0" not in sample:
        return None
    pairs = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.6 * pairs and even < 0.05 * pairs + 1:
        return "utf-16-le"
    if even > 0.6 * pairs and odd < 0.05 * pairs + 1:
        return "utf-16-be"
    return None


def byte_order_mark(data: bytes) -> bytes:
    """Give the byte order mark that the data begins with, empty when there is none."""
    if not data.startswith(_MARKS):
        return b""
    return next(bom for bom, _ in _BYTE_ORDER_MARKS if data.startswith(bom))


def windows_1252(data: bytes) -> str:
    """Decode as Windows-1252; its five unassigned bytes give the C1 control of that number."""
    return data.decode("cp1252", "cables_latin_1")


def normalise(text: str) -> str:
    """Make every newline an LF and drop NULs.

    Besides CRLF and CR: the vertical tab is a word processor's manual line break; U+2028 and
    U+2029 are the same in text copied from a web page.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\v" in text:
        text = text.replace("\v", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    if not text.isascii() and ("\u2028" in text or "\u2029" in text):
        text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    return text


def _latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("cables_latin_1", _latin_1)


def _stray_bytes(match: re.Match[str]) -> str:
    return windows_1252(match.group().encode("utf-8", "surrogateescape"))
