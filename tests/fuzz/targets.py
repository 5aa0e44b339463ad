"""What is fuzzed: each target takes any bytes at all, and raises where a promise is broken.

`document`   one file: whatever reader it falls to reads it or says why not
`container`  a file that may hold others: each entry has one row, under a name of its own
`csv`        a bulk CSV: each row is read or rejected, at the place that is named
`telegram`   a text that some reader took for a telegram: every line of it is accounted for

Not here: where the bytes come from (`tests.fuzz.mutations`, `tests.fuzz.__main__`).
"""

import io
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import polars as pl

from etl.contracts import frames
from etl.extract.bulk_csv import bulk_csv
from etl.extract.dialect import read_document
from etl.extract.documents import MIB, Document, Limits, Origin, frame
from etl.extract.encoding import decode, wide_encoding
from etl.extract.reading import read_file
from etl.extract.sources import SourceFile
from etl.parse import parse

ORIGIN = Origin("file:///fuzz")
LIMITS = Limits(max_document_bytes=MIB, max_container_entries=1000)
_COLUMNS = frames.Documents.create_empty().schema


def document(data: bytes) -> None:
    """Read one document, and make the frame of it."""
    _check([read_document(data, ORIGIN)])


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
    """Parse one text."""
    telegrams([data])


def telegrams(batch: Sequence[bytes]) -> None:
    """Parse texts in one batch: every line comes back, every rule of the contracts holds."""
    texts = [decode(data).text for data in batch]
    rows = [
        dict.fromkeys(_COLUMNS)
        | {"document_key": key, "uri": f"file:///{key}", "sha256": "0" * 64, "size_bytes": 1}
        | {"dialect": "raw_telegram", "body_text": text}
        for key, text in enumerate(texts, 1)
    ]
    parsed = parse(pl.DataFrame(rows, schema=_COLUMNS))
    for name, contract in frames.PARSED.items():
        contract.validate(parsed[name])
    lines = (
        parsed["lines"]
        .sort("document_key", "line_number")
        .group_by("document_key", maintain_order=True)
        .agg(pl.col("text").str.join("\n"))
    )
    assert lines["text"].to_list() == texts, "lines do not join back to the text"


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
