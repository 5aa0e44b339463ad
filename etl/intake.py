"""Which documents are in force for a run: what the sources hold now, and what is kept from before.

A file that has the size and time of the last run is not opened; what is read is compared, batch by
batch, with what the warehouse knows, and only documents that are new or changed are written to the
store. Nothing is parsed here, and nothing published.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import polars as pl

from etl.contracts.documents import DocumentIndex, SourceFiles
from etl.contracts.frames import Documents
from etl.extract import (
    BATCH_BYTES,
    READER_VERSION,
    SourceFile,
    ToRead,
    check_sources,
    covers,
    read_sources,
    to_read,
)
from etl.parallel import WORKERS, in_parallel
from etl.star.documents import document_index
from etl.store import Store

KEPT = [name for name in Documents.column_names() if name in DocumentIndex.column_names()]
"""What is held in memory of each document: its description, not its texts."""

IN_DOUBT_NS = 2_000_000_000
"""A file whose time is less than this before the look at it may have been written once more within
the same tick of its file system's clock: it is read again. FAT keeps times to two seconds."""

_IDENTITY = ["document_key", "sha256", "is_rejected"]
_IS_REJECTED = pl.col("reject_reason").is_not_null().alias("is_rejected")


_ENOUGH_BATCHES = 20
"""Of a load of so many batches the end may be uneven: it is a twentieth."""

_SMALLEST_SHARE = 4
"""The last batches of a load are not smaller than this share of a whole one: each has a cost."""


class NothingFound(ValueError):
    """The sources hold nothing, and everything that came from them was to be removed."""


class Files:
    """The files of a run: which were met, and which are as the last run left them."""

    def __init__(self, before: pl.DataFrame, *, read_all: bool = False) -> None:
        """Take the SourceFiles of the published warehouse; `read_all` skips none of them."""
        self._before = before
        # Only what that code has read, and what was not in doubt then.
        trusted = before.filter(
            pl.col("reader") == READER_VERSION,
            pl.col("modified_ns") < pl.col("looked_ns") - IN_DOUBT_NS,
            pl.lit(not read_all),
        )
        self._trusted = {
            uri: (size, modified)
            for uri, size, modified in trusted.select(
                "uri", "size_bytes", "modified_ns"
            ).iter_rows()
        }
        self.read_otherwise = before.filter(pl.col("reader") != READER_VERSION)["uri"]
        """Files that another version of the code has read."""
        self._met: list[tuple[str, int, int, int]] = []
        self._skipped: list[str] = []

    @classmethod
    def of(cls, store: Store, *, read_all: bool = False) -> "Files":
        """Give the files of a run into this warehouse."""
        return cls(store.source_files(), read_all=read_all)

    def is_as_it_was(self, file: SourceFile) -> bool:
        """Tell whether the file is as the last run left it, as far as size and time say."""
        if file.problem or not self._trusted:
            return False
        return self._trusted.get(file.uri) == (file.size_bytes, file.modified_ns)

    def skip(self, file: SourceFile) -> bool:
        """Note the file, and tell whether it is as it was."""
        if file.problem:
            return False
        if self.is_as_it_was(file):
            self._skipped.append(file.uri)
            return True
        self._met.append((file.uri, file.size_bytes, file.modified_ns, time.time_ns()))
        return False

    def documents_of_skipped(self, known: pl.DataFrame) -> pl.DataFrame:
        """Give the documents in force of the files that were not opened."""
        skipped = pl.Series("uri", self._skipped, pl.String)
        return known.filter(pl.col("part").is_not_null(), pl.col("uri").is_in(skipped.implode()))

    def noted(self, index: pl.DataFrame) -> pl.DataFrame:
        """Give the SourceFiles of this run: what was met, and of the others what is in force.

        A file that could not be read, wholly or at all, is not among them: it is tried again.
        """
        met = pl.DataFrame(
            self._met,
            schema={"uri": pl.String, **dict.fromkeys(_NUMBERS, pl.Int64)},
            orient="row",
        ).with_columns(reader=pl.lit(READER_VERSION))
        in_force = index.filter(pl.col("part").is_not_null())
        unread = index.filter(pl.col("reject_reason").is_not_null() & pl.col("member").is_null())
        return (
            pl.concat([met, self._before.select(met.columns)])
            .unique("uri", keep="first", maintain_order=True)
            .join(in_force.select("uri").unique(), on="uri", how="semi")
            .join(unread.filter(size_bytes=0).select("uri"), on="uri", how="anti")
            .sort("uri")
        )


_NUMBERS = ("size_bytes", "modified_ns", "looked_ns")


def look(store: Store, sources: Sequence[str], files: Files, batch_bytes: int) -> ToRead:
    """Give what a run would read; some batches stand for any more of them.

    Raises SourceNotFound.
    """
    return to_read(
        sources,
        exclude=(store.warehouse, store.state_dir),
        skip=files.is_as_it_was,
        enough_bytes=_ENOUGH_BATCHES * batch_bytes,
    )


def batch_size(most: int, left: int) -> int:
    """Give the source bytes of the next batch, when `left` are to be read and `most` are allowed.

    The last ones are smaller, so that all who parse end at about the same time. Where nothing
    should be left, size was not known: packed files unpack to more.
    """
    return max(min(most, left // WORKERS), most // _SMALLEST_SHARE, 1) if left > 0 else most


def take_in(
    store: Store,
    run_id: str,
    sources: Sequence[str],
    *,
    rebuild: bool = False,
    prune: bool = False,
    verify: bool = False,
    batch_bytes: int = BATCH_BYTES,
    report: Callable[[int], None] = lambda _: None,
    expect: Callable[[int], None] = lambda _: None,
    kept: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:
    """Read the sources, keep what is new, write the run's DocumentIndex and give it.

    `rebuild` reads everything and forgets the documents that these sources do not hold. `prune`
    forgets those that came from these sources and are no longer there. `verify` opens files that
    have the size and time of the last run, too. `report` is told how many documents have been
    read so far, `expect` the size of the files to be read, `kept` each part as soon as it is in the
    store (in a thread of its own, one at a time).

    Raises:
        SourceNotFound: a source is not there; nothing has been read then.
        StateLost: the store has lost documents in force (not with `rebuild`).
        NothingFound: the sources are empty and `prune` would remove all that came from them: a
            folder that is not mounted looks like that.
    """
    known = store.known_documents(rebuild=rebuild)
    files = Files.of(store, read_all=rebuild or verify)
    size = look(store, sources, files, batch_bytes).size_bytes
    expect(size)
    batches = read_sources(
        sources,
        exclude=(store.warehouse, store.state_dir),
        skip=files.skip,
        batch_bytes=lambda read: batch_size(batch_bytes, size - read),
    )
    started_at = datetime.now(UTC).replace(tzinfo=None)
    # What another version of the reader took from a file is taken anew: a rebuild would.
    held = known.filter(
        pl.col("part").is_not_null(), ~pl.col("uri").is_in(files.read_otherwise.implode())
    ).select("document_key", "sha256", _IS_REJECTED)
    seen = [
        Documents.create_empty().select(KEPT).with_columns(pl.lit(None, pl.String).alias("part"))
    ]

    def keep(numbered: tuple[int, pl.DataFrame]) -> pl.DataFrame:
        number, batch = numbered
        # A document that was rejected and can be read now (or the other way round) has the same
        # bytes and is new all the same: the program has learned.
        fresh = batch.with_columns(_IS_REJECTED).join(held, on=_IDENTITY, how="anti")
        part = None if fresh.is_empty() else store.write_documents(run_id, number, fresh)
        if part is not None:
            kept(part)
        is_fresh = pl.col("document_key").is_in(fresh["document_key"].implode())
        return batch.select(KEPT).with_columns(
            pl.when(is_fresh).then(pl.lit(part, pl.String)).alias("part")
        )

    count = 0
    # Writing a batch is Polars' work, reading the next is Python's: they go side by side.
    for described in in_parallel(keep, enumerate(batches, start=1), workers=1):
        seen.append(described)
        count += described.height
        report(count)
    unopened = files.documents_of_skipped(known).select(KEPT)
    met = pl.concat([*seen, unopened.with_columns(pl.lit(None, pl.String).alias("part"))])
    forget = pl.lit(rebuild)
    if prune:
        forget = covers(check_sources(sources))
        if met.is_empty() and not known.filter(pl.col("part").is_not_null() & forget).is_empty():
            raise NothingFound(
                f"{', '.join(sources)}: nothing is there, and --prune would remove every document "
                "that came from it. If that is meant: --rebuild with the sources that remain."
            )
    index = document_index(known, met, run_id=run_id, started_at=started_at, forget=forget)
    store.write_index(run_id, index)
    store.write_frame(run_id, "source_files", SourceFiles.validate(files.noted(index)))
    return index
