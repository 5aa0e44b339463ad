"""Bytes of one file or entry → what a reader makes of them, by content and never by name.

A suffix is a promise that nobody keeps: saved pages come without one, telegrams as `.html`,
`.doc` or `.001`. Order matters: a page may hold anything, so it is asked for first, and a web
extract or an archive text holds a telegram, so it is asked for before the telegram.

Not here: containers and bulk CSVs, which hold many documents (`etl.extract.reading`); where one of
several telegrams ends (`etl.extract.glued`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from etl.extract.archive_text import archive_text, is_archive_text
from etl.extract.documents import Document, NotATelegram, Origin, Reading, rejected
from etl.extract.encoding import decode, wide_encoding
from etl.extract.glued import pages_in, telegrams_in
from etl.extract.page_text import page_begins
from etl.extract.raw_telegram import SEARCHED_LINES, raw_telegram
from etl.extract.release_page import is_release_page, release_page
from etl.extract.web_extract import is_listed, is_web_extract, listed, web_extract

_KNOWN_BINARIES = (
    (b"%PDF", "PDF; extract its text first, for example with pdftotext -layout"),
    (b"{\\rtf", "RTF; save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "old Office document; save it as plain text"),
    (b"\x89PNG", "PNG picture; run text recognition first"),
    (b"\xff\xd8\xff", "JPEG picture; run text recognition first"),
    (b"GIF8", "GIF picture"),
    (b"II*\0", "TIFF picture; run text recognition first"),
    (b"MM\0*", "TIFF picture; run text recognition first"),
    (b"7z\xbc\xaf'\x1c", "7-Zip archive; unpack it first"),
    (b"Rar!", "RAR archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "Zstandard file; unpack it first"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"PAR1", "Parquet file"),
    (b"\x7fELF", "program"),
    (b"bplist00", "property list"),
)
_CONTROLS = bytes([*range(1, 8), *range(14, 27), 28, 29, 30, 31, 127])
_SAMPLE_BYTES = 8 * 1024
_CSV_LINE = re.compile(r'\s*+(?:"[^"\n]*"(?:,"[^"\n]*"){4}|\w[\w ]*+(?:,[\w ]++){5,}+\n)')


def read_documents(data: bytes, origin: Origin) -> Iterator[Document]:
    """Read what is no container: one document, or several telegrams or pages glued together.

    The first telegram has the origin itself, those behind it are members `2`, `3`, … of it. Each
    is read as if it were alone, so that the same bytes always say the same. Never raises.
    """
    document = read_document(data, origin)
    reading = document.reading
    if reading is None or reading.dialect not in ("raw_telegram", "web_extract"):
        yield document
        return
    is_wide = wide_encoding(data) is not None
    if reading.dialect == "web_extract":
        telegrams = [data] if is_wide else pages_in(data)
    else:
        text = (reading.header_text or "") + reading.body_text
        telegrams = telegrams_in(text.encode() if is_wide else data)
    if len(telegrams) == 1:
        yield document
        return
    for number, telegram in enumerate(telegrams, 1):
        own = origin if number == 1 else origin.inside(str(number))
        read = read_document(telegram, own)
        yield replace(read, encoding=document.encoding) if is_wide else read


def read_document(data: bytes, origin: Origin) -> Document:
    """Read one document: gives its reading, or the reason why there is none. Never raises."""
    digest, encoding = sha256(data).hexdigest(), None
    try:
        if binary := binary_kind(data):
            raise NotATelegram(f"binary file ({binary})")
        text, encoding = decode(data)
        return Document(origin, digest, len(data), encoding, read_text(text))
    except NotATelegram as problem:
        reason = str(problem)
    except Exception as error:  # one document must never stop the others
        reason = f"error in the reader, please report it: {type(error).__name__}: {error}"
    return rejected(origin, reason, digest=digest, size_bytes=len(data), encoding=encoding)


def read_text(text: str) -> Reading:
    """Read a text by the first dialect that it fits. Raises `NotATelegram`."""
    if not text or text.isspace():
        raise NotATelegram("empty file" if not text else "empty file (nothing but spaces)")
    if is_release_page(text):
        try:
            return release_page(text)
        except NotATelegram:
            if text.lstrip().startswith("<"):
                raise  # else a text that only mentions tags
    if is_archive_text(text):
        return archive_text(text)
    if _CSV_LINE.match(text):
        raise NotATelegram(
            "a CSV, but no row starts with a row id, a created time (M/D/YYYY H:MM) and a "
            "reference id in its first 256 KiB; eight columns are expected: row id, created, "
            "reference id, origin, classification, references, header, body"
        )
    if begin := page_begins(text):
        reading = web_extract(text[begin:])
        return replace(reading, cover_text=text[:begin] + (reading.cover_text or ""))
    lines = text.split("\n", SEARCHED_LINES)[:SEARCHED_LINES]
    if is_listed(lines):
        return listed(text)
    return web_extract(text) if is_web_extract(lines) else raw_telegram(text)


def binary_kind(data: bytes) -> str | None:
    """Say what kind of binary the data is; null when it can be text.

    Text holds next to no control characters; data that holds anything has one byte in nine.
    Some telegrams have a few NULs: up to one in five is taken for dirt, not for data.
    """
    for magic, name in _KNOWN_BINARIES:
        if data.startswith(magic):
            return name
    if wide_encoding(data):
        return None
    sample = data[:_SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > 0.04 * len(sample) + 8 or sample.count(0) > 0.2 * len(sample) + 8:
        return "control characters in its first 8 KiB"
    return None
