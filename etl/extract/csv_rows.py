r"""Bytes of a bulk CSV → its rows, by the places where rows start, in blocks.

A row starts with its id, created time and reference id at the start of a line: text of a field
cannot look like that, because its quotes are escaped. So a row with a quote too many ends where
the next one starts, and swallows nothing.

Not here: what a row holds (`etl.extract.bulk_csv`).
"""

import codecs
import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple, Protocol

from etl.extract.documents import MIB
from etl.extract.encoding import byte_order_mark, wide_encoding

BLOCK_BYTES = 16 * MIB
HEAD_BYTES = 256 * 1024
"""Bytes in which a row has to start for the file to be taken for a bulk CSV."""

TIME = r"(?:\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d\d-\d\d)\ \d{1,2}:\d\d(?::\d\d)?"
"""Created time, for `re.VERBOSE`."""

_START = rf"""
    "?\d{{1,12}}"?                   # "1"
    , "?{TIME}"?                     # "12/28/1966 18:48"
    , "?[^",\r\n\\]{{1,80}}"?        # "66EXAMPLE2481"
    ,
    """
_ROW_START = re.compile((r"\n" + _START).encode(), re.VERBOSE)
# Lines that end in CR alone; files put together, each with its mark. Five times as slow.
_ODD_ROW_START = re.compile((r"[\r\n](?:\xef\xbb\xbf)?" + _START).encode(), re.VERBOSE)
_ROW_START_BYTES = 256
"""More than the longest start of a row."""
_CONTINUATION = bytes(range(0x80, 0xC0))
_NOT_FOUR_BYTES = bytes(range(0xF0))


class Stream(Protocol):
    """Anything that gives bytes in order: at most as many as asked for, none at the end."""

    def read(self, size: int, /) -> bytes:
        """Give the next bytes."""


class Row(NamedTuple):
    """Bytes between one row's start and the next."""

    offset: int
    """Bytes of the file before it, as the file lies there."""
    data: bytes
    """In UTF-8 where the file is in UTF-16 or UTF-32; empty where they were too many."""
    size: int
    """Its bytes in the file."""
    wide: str | None = None
    """The file's encoding where that is UTF-16 or UTF-32."""
    digest: str | None = None
    """SHA-256, only where they were too many to be kept."""


def is_bulk_csv(head: bytes) -> bool:
    """Tell whether a row starts at the start of a line in the first 256 KiB of a file."""
    encoding = wide_encoding(head)
    if encoding:
        head = head.decode(encoding, "replace").encode()
    lines = b"\n" + head[len(byte_order_mark(head)) :]
    return _pattern(lines).search(lines) is not None


def starts_well(data: bytes) -> bool:
    """Tell whether the bytes begin as a row does."""
    return _ODD_ROW_START.match(b"\n" + data) is not None


def file_bytes(data: bytes, wide: str | None) -> int:
    """Give the bytes that this takes in its file; `data` is UTF-8 where `wide` names another."""
    if wide is None:
        return len(data)
    characters = len(data.translate(None, _CONTINUATION))
    if wide.startswith("utf-32"):
        return 4 * characters
    return 2 * characters + 2 * len(data.translate(None, _NOT_FOUR_BYTES))


def rows(stream: Stream, max_row_bytes: int, block_bytes: int = BLOCK_BYTES) -> Iterator[Row]:
    """Give the rows, one after the other; what stands before the first counts as one.

    The buffer begins with the newline before the row that is not complete yet (a made-up one
    before the first row). A row is complete when the next has started; a row's start that a
    block's end cuts in two is found when the next block is there.
    """
    head = b""
    while len(head) < 4096 and (more := stream.read(4096 - len(head))):
        head += more
    wide, mark = wide_encoding(head), byte_order_mark(head)
    newline = file_bytes(b"\n", wide)
    buffer = b"\n"
    offset = len(mark) - newline  # of the buffer's first byte
    skipped, skipped_bytes = sha256(), 0
    for block in _blocks(head[len(mark) :], stream, wide, block_bytes):
        buffer += block
        cuts = _starts(buffer)
        if not cuts or cuts[0] > 0 or skipped_bytes:
            cuts.insert(0, 0)
        for begin, end in pairwise(cuts):
            if skipped_bytes:
                rest = buffer[begin:end]
                skipped.update(rest)
                size = skipped_bytes + file_bytes(rest, wide)
                yield Row(offset - skipped_bytes, b"", size, wide, skipped.hexdigest())
                offset += size - skipped_bytes
                skipped, skipped_bytes = sha256(), 0
            else:
                data = buffer[begin + 1 : end]
                size = file_bytes(data, wide)
                yield Row(offset + newline, data, size, wide)
                offset += newline + size
        buffer = buffer[cuts[-1] :]
        if len(buffer) > max(max_row_bytes, 2 * _ROW_START_BYTES) or skipped_bytes:
            keep = min(_ROW_START_BYTES, len(buffer))
            if not skipped_bytes:
                buffer, offset = buffer[1:], offset + newline
            dropped = buffer[: len(buffer) - keep]
            skipped.update(dropped)
            size = file_bytes(dropped, wide)
            skipped_bytes += size
            offset += size
            buffer = buffer[len(buffer) - keep :]
    if skipped_bytes:
        skipped.update(buffer)
        size = skipped_bytes + file_bytes(buffer, wide)
        yield Row(offset - skipped_bytes, b"", size, wide, skipped.hexdigest())
    else:
        yield Row(offset + newline, buffer[1:], file_bytes(buffer[1:], wide), wide)


def _starts(buffer: bytes) -> list[int]:
    """Give the places of the newlines before which rows end and behind which one starts."""
    return [match.start() for match in _pattern(buffer).finditer(buffer)]


def _pattern(buffer: bytes) -> re.Pattern[bytes]:
    # One byte is looked for first: that is a hundred times as fast, and settles nearly all.
    is_odd = (b"\xef" in buffer and codecs.BOM_UTF8 in buffer) or (
        b"\r" in buffer and buffer.count(b"\r") > buffer.count(b"\r\n")
    )
    return _ODD_ROW_START if is_odd else _ROW_START


def _blocks(head: bytes, stream: Stream, wide: str | None, block_bytes: int) -> Iterator[bytes]:
    """Give `head` and the rest of the stream in blocks of bytes in which ASCII is ASCII."""
    if wide is None:
        for begin in range(0, len(head), block_bytes):
            yield head[begin : begin + block_bytes]
        while block := stream.read(block_bytes):
            yield block
        return
    recode = codecs.getincrementaldecoder(wide)("replace")
    yield recode.decode(head).encode()
    while block := stream.read(block_bytes):
        yield recode.decode(block).encode()
    yield recode.decode(b"", True).encode()
