"""Raw files in, one frame of documents out: how a document walks through this package.

1. `sources`      paths, folders, patterns → files, in a fixed order
2. `reading`      files → documents: what a file is decides who reads it
3. `containers`   zip, tar, gzip, bzip2, xz → the streams in them
4. `csv_rows`, `bulk_csv`   a CSV of the whole release → its rows, streamed → one document each
5. `encoding`     bytes → text
6. `dialect`      one document's text → the reader that fits, by content, never by name:
   `release_page`, `archive_text`, `web_extract`, `raw_telegram`
7. `glued`        a file of several raw telegrams or pages → each of them
8. `documents`    what all of them give, and the frame it becomes (contract `Documents`)

Each file, entry or row gives exactly one row: read, or rejected with a reason that says what is
wrong, where, and what to do; so does each of several raw telegrams in one file or entry. One
unreadable document never stops the others. Only a link to what its archive holds has no row: that
is read under its own name.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import polars as pl

from etl.extract.documents import MIB, UNREAD, Document, Limits, frame
from etl.extract.sources import SourceFile, SourceNotFound, check_sources, covers, find_files
from etl.files import digest_of

__all__ = [
    "BATCH_BYTES",
    "READER_VERSION",
    "UNREAD",
    "Limits",
    "SourceFile",
    "SourceNotFound",
    "ToRead",
    "check_sources",
    "covers",
    "find_files",
    "holds_files",
    "read_listed",
    "read_sources",
    "to_read",
]

READER_VERSION = digest_of(
    [*sorted(Path(__file__).parent.glob("*.py")), Path(__file__).parent.parent / "series.py"]
)
"""Changes whenever code that turns files into documents changes: files are read again then."""

BATCH_BYTES = 24 * MIB
"""Source bytes of a batch. Memory is that of the batches at work, some 30 times their size each;
smaller ones spend more of their time on the fixed cost of a batch, some 0.2 s of parsing."""


def read_sources(
    sources: Sequence[str],
    *,
    follow_symlinks: bool = False,
    exclude: Sequence[Path] = (),
    skip: Callable[[SourceFile], bool] = lambda _: False,
    batch_documents: int = 5_000,
    batch_bytes: int | Callable[[int], int] = BATCH_BYTES,
    limits: Limits | None = None,
) -> Iterator[pl.DataFrame]:
    """Give the documents of files, folders (with all below them) and patterns (`**` too).

    Each frame has the columns of `etl.contracts.frames.Documents` and at most `batch_documents`
    rows or, give or take one document, `batch_bytes` of source bytes; a function gives that for the
    next frame from the bytes of those before it. Rejected documents have `reject_reason`, and null
    in `dialect` and the texts. The same sources give the same rows in the same order. What lies in
    `exclude` (a warehouse's own files inside a source folder) is no source; `skip` is asked once
    for each file, in order, and those that it is true of are not opened. Raises `SourceNotFound` at
    once, before anything is read, when a source is missing or a pattern matches nothing; nothing
    afterwards.
    """
    files = _files(sources, exclude, follow_symlinks=follow_symlinks)
    return read_listed(
        (file for file in files if not skip(file)),
        batch_documents=batch_documents,
        batch_bytes=batch_bytes,
        limits=limits,
    )


def read_listed(
    files: Iterable[SourceFile],
    *,
    batch_documents: int = 5_000,
    batch_bytes: int | Callable[[int], int] = BATCH_BYTES,
    limits: Limits | None = None,
) -> Iterator[pl.DataFrame]:
    """Give the documents of files that have been found already; else as `read_sources`."""
    return _frames(_read(files, limits or Limits()), batch_documents, batch_bytes)


def _read(files: Iterable[SourceFile], limits: Limits) -> Iterator[Document]:
    files = iter(files)
    first = next(files, None)
    if first is not None:
        from etl.extract.reading import read_files  # imported late: most runs read nothing

        yield from read_files(chain([first], files), limits)


MOST_LISTED = 1_000
"""Files that are listed by a look: they are read so soon that none is looked for again."""


class ToRead(NamedTuple):
    """What `read_sources` would open."""

    size_bytes: int
    new_count: int
    """Files that are not opened for doubt only."""
    files: list[SourceFile] | None = None
    """All of them, for `read_listed`; null where there are more than MOST_LISTED."""


def to_read(
    sources: Sequence[str],
    *,
    follow_symlinks: bool = False,
    exclude: Sequence[Path] = (),
    skip: Callable[[SourceFile], bool] = lambda _: False,
    is_new: Callable[[SourceFile], bool] = lambda _: True,
    enough_bytes: int,
) -> ToRead:
    """Give size and number of the files that `read_sources` would open, without opening one.

    Stops looking at `enough_bytes`. Packed files count as they are. Raises `SourceNotFound`.
    """
    listed: list[SourceFile] = []
    size = new_count = 0
    for file in _files(sources, exclude, follow_symlinks=follow_symlinks):
        if not skip(file):
            size += file.size_bytes
            new_count += is_new(file)
            if len(listed) <= MOST_LISTED:
                listed.append(file)
        if size >= enough_bytes:
            return ToRead(size, max(new_count, 1))  # who knows what comes
    return ToRead(size, new_count, listed if len(listed) <= MOST_LISTED else None)


def _files(
    sources: Sequence[str], exclude: Sequence[Path], *, follow_symlinks: bool
) -> Iterator[SourceFile]:
    paths = check_sources(sources)
    own = tuple(str(path.absolute()) for path in exclude)
    inside = tuple(f"{path}{os.sep}" for path in own)
    return (
        file
        for file in find_files(paths, follow_symlinks=follow_symlinks)
        if file.path not in own and not file.path.startswith(inside)
    )


def holds_files(sources: Sequence[str], *, follow_symlinks: bool = False) -> bool:
    """Tell whether there is a file in the sources. Raises `SourceNotFound`."""
    return any(True for _ in find_files(check_sources(sources), follow_symlinks=follow_symlinks))


def _frames(
    documents: Iterator[Document],
    batch_documents: int,
    batch_bytes: int | Callable[[int], int],
) -> Iterator[pl.DataFrame]:
    batch: list[Document] = []
    size = total = 0
    most = batch_bytes(0) if callable(batch_bytes) else batch_bytes
    for document in documents:
        batch.append(document)
        size += document.size_bytes if document.reading else 0
        if len(batch) >= batch_documents or size >= most:
            yield frame(batch)
            total += size
            batch, size = [], 0
            most = batch_bytes(total) if callable(batch_bytes) else most
    if batch:
        yield frame(batch)
