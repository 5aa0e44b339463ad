r"""Bulk CSV: the public release as one file of 251,287 rows, about 1.7 GB.

Eight columns: row id, created, reference id, origin, classification, references (joined with
`|`), header, body. Quote `"`, escape `\`; fields hold newlines. The release has no header row; one
that somebody has put there is no row.

    "1","12/28/1966 18:48","66EXAMPLE2481","Embassy Example","UNCLASSIFIED","","header","body"

A widely used copy has lost half of its rows in a CSV reader that nobody watched: one quote too
many, and a reader that goes by quotes alone swallows rows up to the next odd quote. So rows are
found first, by how a row starts (`etl.extract.csv_rows`), and each row is then split by itself.
What is wrong with one row stays in that row, and every row that cannot be split becomes a rejected
document with its number and byte offset.

The file is read in blocks, never whole. Splitting at `","` serves nearly every row and runs at
memory speed; a row with anything odd in it goes through the exact grammar.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise

from etl.extract.csv_rows import BLOCK_BYTES, TIME, Row, Stream, file_bytes, rows, starts_well
from etl.extract.documents import Document, Limits, Origin, Reading, rejected
from etl.extract.encoding import decode

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
_EARLY_TIME = re.compile(rf'[^\n]{{0,80}}?{TIME}"?,'.encode())
_QUOTED = r'"([^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+)"'
_FIELD = rf'(?:{_QUOTED}|([^",\r\n]*))'
_ROW = ",".join([_FIELD] * len(_COLUMNS)) + r"[ \t]*(?=[\r\n]|\Z)"
_ROW_IN_BYTES = re.compile(rf"{_ROW}(?P<blanks>[\r\n \t]*+)".encode(), re.DOTALL)
_ROW_IN_TEXT = re.compile(_ROW, re.DOTALL)
# A row that begins right behind another one's last quote. In a text its quotes would be escaped.
# A quote at the start of a line is the last one of a text that ends in a newline; behind a line
# that ends in a quote it is one too many at the start of a row.
_JOINT = re.compile(
    rf'''(?="\d{{1,12}}","{TIME}","[^",\r\n\\]{{1,80}}",")
    (?:(?<=[^\\\r\n,]")|(?<=[^"\r]\n")|(?<=[^"]\r\n"))'''.encode(),
    re.VERBOSE,
)
# A line that is nothing but quoted fields is a row, whatever it lacks; text is not quoted so.
_QUOTED_FIELDS = r'"[^"\\\r\n]*"(?:,"[^"\\\r\n]*")+[ \t]*(?=[\r\n]|\Z)'
_LINE_OF_FIELDS = re.compile(_QUOTED_FIELDS.encode())
_ONLY_FIELDS = re.compile(_QUOTED_FIELDS)
_NAME = r'"?[A-Za-z_][\w ./-]*"?'
_COLUMN_NAMES = re.compile(
    rf"\s*(?:\xef\xbb\xbf)?{_NAME}(?:,{_NAME}){{3,}}[ \t]*(?:[\r\n]+|\Z)".encode()
)
_KNOWN_NAME = re.compile(
    rb"(?i)\b(?:\w*id|date|created|\w*ref\w*|origin|classification|header|body|text)\b"
)
_ENOUGH_NAMES = 3
_NEXT_FIELD = re.compile(_FIELD + r"(?P<end>,|[ \t]*(?:\n|\Z))", re.DOTALL)
_ESCAPED = re.compile(r'\\([\\"])|""')
# `\"` before a delimiter or at the row's end: the text ends in a backslash that its writer did
# not escape. It cannot be text, in which `","` is written `\",\"`.
_FORGOTTEN_ESCAPE = re.compile(r'(?<!\\)((?:\\\\)*)\\"(?=,"|\Z)')


def bulk_csv(
    stream: Stream, origin: Origin, limits: Limits, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[Document]:
    """Give one document for each row, in order; member is the row's number, from 1.

    Holds one block and one row at a time. Offset and size are those of the row's bytes in the file
    as it is read (unpacked, where it is packed), without its last newline; SHA-256, too, but of
    the same in UTF-8 where the file is in UTF-16. Lines before the first row or between rows count
    as rows and are rejected; column names in the first line do not count.
    """
    number = 0
    for row in rows(stream, limits.max_document_bytes, block_bytes):
        if row.digest:
            number += 1
            yield rejected(
                origin.inside(str(number), row.offset),
                f"row {number} at byte {row.offset:,}: {row.size:,} bytes without the start of "
                f"another row; {limits.document}",
                digest=row.digest,
                size_bytes=row.size,
                encoding=row.wide,
            )
            continue
        for offset, data, fields, encoding in _split(row if number else _without_names(row)):
            number += 1
            place = origin.inside(str(number), offset)
            digest, size = sha256(data).hexdigest(), file_bytes(data, row.wide)
            if not isinstance(fields, str) and not fields[7].strip():
                fields = "no body text"
            if isinstance(fields, str):
                reason = f"row {number} at byte {offset:,}: {fields}"
                yield rejected(place, reason, digest=digest, size_bytes=size, encoding=encoding)
            else:
                yield Document(place, digest, size, encoding, _reading(fields))


def _without_names(row: Row) -> Row:
    """Give the first row without the line of column names before it, if there is one."""
    names = _COLUMN_NAMES.match(row.data)
    if names is None or len(_KNOWN_NAME.findall(names[0])) < _ENOUGH_NAMES:
        return row
    size = file_bytes(names[0], row.wide)
    return row._replace(
        offset=row.offset + size, data=row.data[names.end() :], size=row.size - size
    )


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


def _split(row: Row) -> Iterator[tuple[int, bytes, list[str] | str, str]]:
    """Give offset, bytes, fields (or what is wrong) and encoding of a row.

    More than one only where a row follows whose start is broken, or the newline before it lost: it
    is split off, so that the good row before it stays good.
    """
    data = row.data.rstrip(b"\r\n")
    if not data:
        return
    text, encoding = decode(data)
    fields = _plainly_split(text)
    if fields is not None:
        yield row.offset, data, fields, row.wide or encoding
        return
    offset, counted = row.offset, 0
    joints = [0, *(joint.start() for joint in _JOINT.finditer(data)), len(data)]
    for start, end in pairwise(joints):
        for begin, piece in _pieces(data[start:end]):
            offset += file_bytes(data[counted : start + begin], row.wide)
            counted = start + begin
            text, encoding = decode(piece)
            read = _fields(text, starts_well=begin == 0 and starts_well(piece))
            yield offset, piece, read, row.wide or encoding


def _plainly_split(text: str, *, strict: bool = True) -> list[str] | None:
    """Split a row with all fields quoted; null when that cannot be done, or not for certain."""
    if not (text.startswith('"') and text.endswith('"')):
        return None
    # What is left in the last field has a quote of its own, and is seen there.
    fields = text[1:-1].split('","', len(_COLUMNS) - 1)
    if len(fields) != len(_COLUMNS) or (not strict and '","' in fields[-1]):
        return None
    if not strict and "\\" not in text:
        return fields  # whoever wrote it has escaped nothing
    for index, field in enumerate(fields):
        if '"' not in field and "\\" not in field:
            continue
        plain = _plainly_unescaped(field)
        if plain is None:
            if strict and not _is_escaped(field):
                return None
            plain = _unescape(field)
        fields[index] = plain
    return fields


def _plainly_unescaped(field: str) -> str | None:
    """Unescape a field in which a backslash stands before each quote, and nowhere else; or null.

    Nearly every text with quotes is one. They are few, and one character is found ten times as
    fast as two.
    """
    pieces, begin = [], 0
    while (quote := field.find('"', begin)) >= 0:
        if quote == 0 or field[quote - 1] != "\\":
            return None
        pieces.append(field[begin : quote - 1])
        begin = quote + 1
    pieces.append(field[begin:])
    plain = '"'.join(pieces)
    return None if "\\" in plain else plain


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
        is_row = _EARLY_TIME.match(data, rest) or _LINE_OF_FIELDS.match(data, rest)
        if rest >= stop or (is_text and not is_row):
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
    dated = bool(fields) and re.match(TIME, fields[1].strip(), re.VERBOSE) and fields[2]
    has_few = not fields and _ONLY_FIELDS.fullmatch(text)
    if not (starts_well or dated or has_few):
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
    if '""' not in field:
        # From the left, a pair is one backslash, and what is left over belongs to a quote.
        pieces = (piece.replace('\\"', '"') for piece in field.split("\\\\"))
        return "\\".join(pieces)
    return _ESCAPED.sub(lambda match: match[1] or '"', field)
