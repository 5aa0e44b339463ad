"""What is fuzzed: each target takes any bytes at all, and raises where a promise is broken.

`document`   one file: whatever reader it falls to reads it or says why not, each telegram of it
`container`  a file that may hold others: each entry has one row, under a name of its own
`csv`        a bulk CSV: each row is read or rejected, at the place that is named
`telegram`   a text that some reader took for a telegram: every line of it is accounted for

Not here: where the bytes come from (`tests.fuzz.mutations`, `tests.fuzz.__main__`).
"""

import io
import re
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from etl.contracts import frames
from etl.extract.bulk_csv import bulk_csv
from etl.extract.dialect import read_documents
from etl.extract.documents import MIB, Document, Limits, Origin, frame
from etl.extract.encoding import decode, wide_encoding
from etl.extract.glued import telegrams_in
from etl.extract.reading import read_file
from etl.extract.sources import SourceFile
from etl.parse import parse

ORIGIN = Origin("file:///fuzz")
BETWEEN = b"\n\x1e next telegram \x1e\n"
_WORD = re.compile(r"\w+")
LIMITS = Limits(max_document_bytes=MIB, max_container_entries=1000)
_COLUMNS = frames.Documents.create_empty().schema


def document(data: bytes) -> None:
    """Read one document, or the telegrams glued in it, and make the frame of them."""
    documents = list(read_documents(data, ORIGIN))
    _check(documents)
    members = [each.origin.member for each in documents]
    assert members == [None, *map(str, range(2, len(documents) + 1))]
    pieces = telegrams_in(data)
    assert b"".join(pieces) == data
    for piece in pieces:
        assert telegrams_in(piece) == [piece], "a telegram alone is not what it was in its file"


def container(data: bytes) -> None:
    """Read a file of any kind, all that it holds included."""
    path = _scratch() / "file"
    path.write_bytes(data)
    documents = list(read_file(SourceFile(str(path), len(data)), LIMITS))
    assert documents, "a file without a row"
    _check(documents)
    frames.Documents.validate(frame(documents))


def csv(data: bytes) -> None:
    """Read a bulk CSV in blocks of two sizes; look where each rejected row is said to lie."""
    documents = list(bulk_csv(io.BytesIO(data), ORIGIN, LIMITS))
    again = list(bulk_csv(io.BytesIO(data), ORIGIN, LIMITS, block_bytes=61))
    assert documents == again, "rows depend on where the file's blocks end"
    _check(documents)
    for number, row in enumerate(documents, 1):
        assert row.origin.member == str(number)
        at = row.origin.byte_offset
        assert at is not None
        if row.reject_reason:
            assert row.reject_reason.startswith(f"row {number} at byte {at:,}: ")
        lies_there = data[at : at + row.size_bytes]
        if wide := wide_encoding(data[:4096]):
            lies_there = lies_there.decode(wide, "replace").encode()
        assert sha256(lies_there).hexdigest() == row.sha256


def telegram(data: bytes) -> None:
    """Parse a text, or several with `BETWEEN` between them."""
    telegrams(data.split(BETWEEN))


def telegrams(batch: Sequence[bytes]) -> None:
    """Parse texts in one batch: what is promised of each holds, whatever its neighbours are."""
    texts = [decode(data).text for data in batch]
    parsed = parse(_frame(texts))
    for name, contract in frames.PARSED.items():
        contract.validate(parsed[name])
    lines = parsed["lines"].sort("document_key", "line_number")
    assert _by_document(lines, pl.col("text").str.join("\n")) == dict(enumerate(texts)), (
        "lines do not join back to the text"
    )
    spoken = _by_document(parsed["paragraphs"].sort("document_key", "position"), pl.col("text"))
    for key, paragraphs in spoken.items():
        _check_words(texts[key], paragraphs)
    if len(texts) > 1:
        half = len(texts) // 2
        alone = parse(_frame(texts[:half]))
        for name, found in parsed.items():
            mine = found.filter(pl.col("document_key") < half)
            assert mine.equals(alone[name]), f"{name} of a document depend on its neighbours"


def _frame(texts: Sequence[str]) -> pl.DataFrame:
    rows = [
        dict.fromkeys(_COLUMNS)
        | {"document_key": key, "uri": f"file:///{key}", "sha256": "0" * 64, "size_bytes": 1}
        | {"dialect": "raw_telegram", "body_text": text}
        for key, text in enumerate(texts)
    ]
    return pl.DataFrame(rows, schema=_COLUMNS)


def _by_document(rows: pl.DataFrame, value: pl.Expr) -> dict[int, Any]:
    grouped = rows.group_by("document_key", maintain_order=True).agg(value.alias("value"))
    return dict(grouped.select("document_key", "value").iter_rows())


def _check_words(text: str, paragraphs: Sequence[str]) -> None:
    """Hold the paragraphs' words against the document's: all stand there, in that order."""
    letters = iter("".join(_WORD.findall(text)))
    for letter in "".join(_WORD.findall(" ".join(paragraphs))):
        assert letter in letters, f"{letter!r} of a paragraph is not in the document here"


TARGETS: dict[str, Callable[[bytes], None]] = {
    "document": document,
    "container": container,
    "csv": csv,
    "telegram": telegram,
}


def _check(documents: Sequence[Document]) -> None:
    """Hold documents against what every reader promises."""
    for each in documents:
        assert (each.reading is None) == bool(each.reject_reason)
        assert "error in the reader" not in (each.reject_reason or ""), each.reject_reason
    frame(documents)  # refuses text that cannot be written as UTF-8


@cache
def _scratch() -> Path:
    """Give a folder of this process."""
    return Path(tempfile.mkdtemp(prefix="fuzz-"))
