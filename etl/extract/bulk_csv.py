r"""Bulk CSV: the public release as one file of 251,287 rows, about 1.7 GB.

No header row; eight columns: row id, created, reference id, origin, classification, references
(joined with `|`), header, body. Quote `"`, escape `\`; fields hold newlines.

    "1","12/28/1966 18:48","66EXAMPLE2481","Embassy Example","UNCLASSIFIED","","header","body"

A widely used copy has lost half of its rows in a CSV reader that nobody watched: one quote too
many, and a reader that goes by quotes alone swallows rows up to the next odd quote. So rows are
found first, by how a row starts (id, time, reference id at the start of a line), and each row is
then split by itself. What is wrong with one row stays in that row, and every row that cannot be
split becomes a rejected document with its number and byte offset.

The file is read in blocks, never whole. Splitting at `","` serves nearly every row and runs at
memory speed; a row with anything odd in it goes through the exact grammar.
"""

import codecs
import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple, Protocol

from etl.extract.documents import MIB, Document, Origin, Reading, rejected
from etl.extract.encoding import byte_order_mark, decode, wide_encoding

REJECTED_ROW = r"^row \d+ at byte "
"""How the reason of each rejected row begins."""

BLOCK_BYTES = 16 * MIB
HEAD_BYTES = 256 * 1024
"""Bytes in which a row has to start for the file to be taken for a bulk CSV."""

_COLUMNS = (
    "row id",
    "created",
    "reference id",
    "origin",
    "classification",
    "references",
    "header",
    "body",
)
_TIME = r"(?:\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d\d-\d\d)\ \d{1,2}:\d\d(?::\d\d)?"
_ROW_START = re.compile(
    rf"""
    \n "?\d{{1,12}}"?                # "1"
    , "?{_TIME}"?                    # "12/28/1966 18:48"
    , "?[^",\r\n\\]{{1,80}}"?        # "66EXAMPLE2481"
    ,
    """.encode(),
    re.VERBOSE,
)
_ROW_START_BYTES = 256
"""More than the longest start of a row."""
_EARLY_TIME = re.compile(rf'[^\n]{{0,80}}?{_TIME}"?,'.encode())
_QUOTED = r'"([^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+)"'
_FIELD = rf'(?:{_QUOTED}|([^",\r\n]*))'
_ROW = ",".join([_FIELD] * len(_COLUMNS)) + r"[ \t]*(?=\r?\n|\Z)"
_ROW_IN_BYTES = re.compile(rf"{_ROW}(?P<blanks>[\r\n \t]*+)".encode(), re.DOTALL)
_ROW_IN_TEXT = re.compile(_ROW, re.DOTALL)
_NEXT_FIELD = re.compile(_FIELD + r"(?P<end>,|[ \t]*(?:\n|\Z))", re.DOTALL)
_ESCAPED = re.compile(r'\\([\\"])|""')
# `\"` before a delimiter or at the row's end: the text ends in a backslash that its writer did
# not escape. It cannot be text, in which `","` is written `\",\"`.
_FORGOTTEN_ESCAPE = re.compile(r'(?<!\\)((?:\\\\)*)\\"(?=,"|\Z)')


class Stream(Protocol):
    """Anything that gives bytes in order: at most as many as asked for, none at the end."""

    def read(self, size: int, /) -> bytes:
        """Give the next bytes."""


class _Row(NamedTuple):
    """Bytes between one row's start and the next; `digest` only where they were too many."""

    offset: int
    data: bytes
    size: int
    digest: str | None = None


def is_bulk_csv(head: bytes) -> bool:
    """Tell whether a row starts at the start of a line in the first 256 KiB of a file."""
    encoding = wide_encoding(head)
    if encoding:
        head = head.decode(encoding, "replace").encode()
    return _ROW_START.search(b"\n" + head[len(byte_order_mark(head)) :]) is not None


def bulk_csv(
    stream: Stream, origin: Origin, max_row_bytes: int, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[Document]:
    """Give one document for each row, in order; member is the row's number, from 1.

    Holds one block and one row at a time. SHA-256 and size are those of the row's bytes without
    its last newline. Lines before the first row or between rows count as rows and are rejected.
    """
    number = 0
    for row in _rows(stream, max_row_bytes, block_bytes):
        if row.digest:
            number += 1
            yield rejected(
                origin.inside(str(number)),
                f"row {number} at byte {row.offset:,}: {row.size:,} bytes without the start of "
                f"another row; the limit for a row is {max_row_bytes:,}",
                digest=row.digest,
                size_bytes=row.size,
            )
            continue
        for offset, data, fields, encoding in _split(row):
            number += 1
            where = f"row {number} at byte {offset:,}"
            digest, size = sha256(data).hexdigest(), len(data)
            row_origin = origin.inside(str(number))
            if isinstance(fields, str):
                yield rejected(
                    row_origin,
                    f"{where}: {fields}",
                    digest=digest,
                    size_bytes=size,
                    encoding=encoding,
                )
            elif not fields[7].strip():
                yield rejected(
                    row_origin,
                    f"{where}: no body text",
                    digest=digest,
                    size_bytes=size,
                    encoding=encoding,
                )
            else:
                yield Document(row_origin, digest, size, encoding, _reading(fields))


def _reading(fields: list[str]) -> Reading:
    return Reading(
        "bulk_csv",
        body_text=fields[7],
        header_text=fields[6] or None,
        created=fields[1].strip(),
        published_id=fields[2].strip() or None,
        published_origin=fields[3].strip() or None,
        published_classification=fields[4].strip() or None,
        published_references=[
            stripped for item in fields[5].split("|") if (stripped := item.strip())
        ],
    )


def _rows(stream: Stream, max_row_bytes: int, block_bytes: int) -> Iterator[_Row]:
    """Give the rows by the places where rows start.

    The buffer begins with the newline before the row that is not complete yet (a made-up one
    before the first row). A row is complete when the next has started; a row's start that a
    block's end cuts in two is found when the next block is there.
    """
    buffer = b"\n"
    offset = -1
    skipped, skipped_bytes = sha256(), 0
    for block, is_mark in _blocks(stream, block_bytes):
        if is_mark:
            offset += len(block)
            continue
        buffer += block
        cuts = [match.start() for match in _ROW_START.finditer(buffer)]
        if not cuts or cuts[0] > 0 or skipped_bytes:
            cuts.insert(0, 0)
        for begin, end in pairwise(cuts):
            if skipped_bytes:
                skipped.update(buffer[begin:end])
                size = skipped_bytes + end - begin
                yield _Row(offset + end - size, b"", size, skipped.hexdigest())
                skipped, skipped_bytes = sha256(), 0
            else:
                yield _Row(offset + begin + 1, buffer[begin + 1 : end], end - begin - 1)
        offset += cuts[-1]
        buffer = buffer[cuts[-1] :]
        if len(buffer) > max(max_row_bytes, 2 * _ROW_START_BYTES) or skipped_bytes:
            keep = min(_ROW_START_BYTES, len(buffer))
            dropped = buffer[0 if skipped_bytes else 1 : len(buffer) - keep]
            skipped.update(dropped)
            skipped_bytes += len(dropped)
            offset += len(buffer) - keep
            buffer = buffer[len(buffer) - keep :]
    if skipped_bytes:
        skipped.update(buffer)
        size = skipped_bytes + len(buffer)
        yield _Row(offset + len(buffer) - size, b"", size, skipped.hexdigest())
    else:
        yield _Row(offset + 1, buffer[1:], len(buffer) - 1)


def _blocks(stream: Stream, block_bytes: int) -> Iterator[tuple[bytes, bool]]:
    """Give the stream in blocks of bytes in which ASCII is ASCII, and whether one is the mark.

    A file in UTF-16 is recoded to UTF-8; offsets and digests are then those of the UTF-8.
    """
    head = b""
    while len(head) < 4096 and (more := stream.read(4096 - len(head))):
        head += more
    encoding = wide_encoding(head)
    mark = byte_order_mark(head)
    if mark:
        yield mark, True
        head = head[len(mark) :]
    if encoding is None:
        for begin in range(0, len(head), block_bytes):
            yield head[begin : begin + block_bytes], False
        while block := stream.read(block_bytes):
            yield block, False
        return
    recode = codecs.getincrementaldecoder(encoding)("replace")
    yield recode.decode(head).encode(), False
    while block := stream.read(block_bytes):
        yield recode.decode(block).encode(), False
    yield recode.decode(b"", True).encode(), False


def _split(row: _Row) -> Iterator[tuple[int, bytes, list[str] | str, str]]:
    """Give offset, bytes, fields (or what is wrong) and encoding of a row.

    More than one only where a row whose start is broken follows: it is split off, so that the
    good row before it stays good.
    """
    data = row.data.rstrip(b"\r\n")
    if not data:
        return
    text, encoding = decode(data)
    fields = _plainly_split(text)
    if fields is not None:
        yield row.offset, data, fields, encoding
        return
    for begin, piece in _pieces(data):
        text, encoding = decode(piece)
        starts = begin == 0 and _ROW_START.match(b"\n" + piece) is not None
        yield row.offset + begin, piece, _fields(text, starts_well=starts), encoding


def _plainly_split(text: str, *, strict: bool = True) -> list[str] | None:
    """Split a row with all fields quoted; null when that cannot be done, or not for certain."""
    if not (text.startswith('"') and text.endswith('"')):
        return None
    fields = text[1:-1].split('","')
    if len(fields) != len(_COLUMNS):
        return None
    if "\\" in text:
        for index, field in enumerate(fields):
            if strict and ('"' in field or field.endswith("\\")) and not _is_escaped(field):
                return None
            fields[index] = _unescape(field)
    elif strict and any('"' in field for field in fields):
        return None
    return fields


def _is_escaped(field: str) -> bool:
    """Tell whether every quote has its backslash, and the last backslash is no quote's."""
    single = field.replace("\\\\", "")
    return single.count('"') == single.count('\\"') and not single.endswith("\\")


def _pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Split off what follows a whole row: rows with a broken start, or lines that are no rows.

    A stray quote at the end of a line of the body looks like the end of a row. What follows it
    is text then: it has a quote at its end, but neither the delimiters nor the time of a row.
    """
    begin = 0
    # Found once, from the end: looking through the rest after each row would take the square.
    last_quote = data.rfind(b'"')
    fourth_delimiter = len(data)
    for _ in range(4):
        fourth_delimiter = max(data.rfind(b'","', 0, fourth_delimiter), 0)
    stop = len(data.rstrip(b"\r\n \t"))
    while row := _ROW_IN_BYTES.match(data, begin):
        rest = row.end()
        is_text = rest <= last_quote and rest > fourth_delimiter
        if rest >= stop or (is_text and not _EARLY_TIME.match(data, rest)):
            break
        yield begin, data[begin : row.start("blanks")]
        begin = rest
    yield begin, data[begin:]


def _fields(text: str, *, starts_well: bool) -> list[str] | str:
    """Split a row by the exact grammar; give the eight fields, or what is wrong."""
    repaired = _FORGOTTEN_ESCAPE.sub(r'\1\\\\"', text)
    for candidate in (text, repaired):
        match = _ROW_IN_TEXT.fullmatch(candidate)
        if match:
            pairs = zip(match.groups()[::2], match.groups()[1::2], strict=True)
            fields = [_unescape(quoted) if quoted is not None else plain for quoted, plain in pairs]
            break
    else:
        # Quotes that were not escaped: the places of the delimiters still leave one reading.
        fields = _plainly_split(text, strict=False) or []
    dated = bool(fields) and re.match(_TIME, fields[1].strip(), re.VERBOSE) and fields[2]
    if not (starts_well or dated):
        return (
            "does not begin with a row id, a created time and a reference id "
            f"(begins with {text[:40]!r})"
        )
    if not fields:
        return _what_is_wrong(text)
    return fields


def _what_is_wrong(text: str) -> str:
    position = count = 0
    while field := _NEXT_FIELD.match(text, position):
        count += 1
        position = field.end()
        if field["end"] != ",":
            break
    else:
        name = _COLUMNS[count] if count < len(_COLUMNS) else "too many"
        if text.startswith('"', position):
            return (
                f"field {count + 1} ({name}) has a quote that is neither closed nor escaped; "
                f"{len(_COLUMNS)} fields cannot be told apart"
            )
        return f"field {count + 1} ({name}) has a quote in the middle of unquoted text"
    if count != len(_COLUMNS):
        return f"{count} fields instead of {len(_COLUMNS)}"
    return f"text follows its {len(_COLUMNS)} fields: {text[position : position + 40]!r}"


def _unescape(field: str) -> str:
    r"""Turn `\"` and `""` into `"`, `\\` into `\`; any other backslash stands for itself."""
    if '"' not in field and "\\\\" not in field:
        return field
    if "\\\\" not in field and '""' not in field:
        return field.replace('\\"', '"')
    return _ESCAPED.sub(lambda match: match[1] or '"', field)
