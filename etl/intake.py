"""Which documents are in force for a run: what the sources hold now, and what is kept from before.

A file that has the size and time of the last run is not opened; what is read is compared, batch by
batch, with what the warehouse knows, and only documents that are new or changed are written to the
store. Nothing is parsed here, and nothing published.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import polars as pl

from etl.compaction import SMALL_SHARE, compacted
from etl.contracts.documents import DocumentIndex, SourceFiles
from etl.contracts.frames import Documents
from etl.extract import (
    BATCH_BYTES,
    READER_VERSION,
    UNREAD,
    Limits,
    SourceFile,
    ToRead,
    check_sources,
    covers,
    read_listed,
    read_sources,
    to_read,
)
from etl.extract.documents import LIMIT_REACHED
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
_IS_EMPTY = pl.col("size_bytes") == 0
_IS_UNREAD = (
    pl.col("member").is_null() & pl.col("reject_reason").str.starts_with(UNREAD)
).fill_null(value=False)


_ENOUGH_BATCHES = 20
"""Of a load of so many batches the end may be uneven: it is a twentieth."""

_LACKS = ", lacks documents in force"
"""Behind the reader of a file out of which entries, rows or telegrams have gone: `prune` has to
open it to find which."""


class NothingFound(ValueError):
    """The sources hold nothing, and everything that came from them was to be removed."""


class Files:
    """The files of a run: which were met, and which are as the last run left them."""

    def __init__(
        self,
        before: pl.DataFrame,
        *,
        read_all: bool = False,
        prune: bool = False,
        limits: Limits | None = None,
    ) -> None:
        """Take the SourceFiles of the published warehouse.

        `read_all` skips none of them, `prune` none that may no longer hold what came from it.
        """
        self._before = before
        # Of a file that held more than a limit allows, the limits count as part of the reader:
        # it is read again when they are others.
        self._limited = f"{READER_VERSION} {limits or Limits()}"
        # Only what that code has read, and what was not in doubt then.
        reader = pl.col("reader") if prune else pl.col("reader").str.strip_suffix(_LACKS)
        known = before.filter(reader.is_in([READER_VERSION, self._limited]), pl.lit(not read_all))
        trusted = known.filter(pl.col("modified_ns") < pl.col("looked_ns") - IN_DOUBT_NS)
        self._known, self._trusted = _states(known), _states(trusted)
        self.read_otherwise = before.filter(~pl.col("reader").str.starts_with(READER_VERSION))[
            "uri"
        ]
        """Files that another version of the code has read."""
        self._met: list[tuple[str, int, int, int]] = []
        self._skipped: list[str] = []

    def is_new(self, file: SourceFile) -> bool:
        """Tell whether the file is another than the last run left, as far as size and time say.

        One that is in doubt is neither new nor as it was: it is opened, and most likely the same.
        """
        return bool(file.problem) or self._known.get(file.uri) != (
            file.size_bytes,
            file.modified_ns,
        )

    def skip(self, file: SourceFile) -> bool:
        """Note the file, and tell whether it is as it was."""
        if file.problem:
            return False
        uri, state = file.uri, (file.size_bytes, file.modified_ns)
        if self._trusted.get(uri) == state:
            self._skipped.append(uri)
            return True
        self._met.append((uri, *state, time.time_ns()))
        return False

    def forget(self) -> None:
        """Forget which files were met."""
        self._met.clear()
        self._skipped.clear()

    @property
    def opened(self) -> pl.Series:
        """Give the addresses of the files that were met and not skipped."""
        return pl.Series("uri", [uri for uri, *_ in self._met], pl.String)

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
        )
        over_limit = index.filter(pl.col("reject_reason").str.contains(LIMIT_REACHED))["uri"]
        in_force = index.filter(pl.col("part").is_not_null())
        lacking = in_force.filter(pl.col("run_id").is_null())["uri"]
        met = met.with_columns(
            reader=pl.when(pl.col("uri").is_in(over_limit.implode()))
            .then(pl.lit(self._limited))
            .otherwise(pl.lit(READER_VERSION))
            + pl.when(pl.col("uri").is_in(lacking.implode()))
            .then(pl.lit(_LACKS))
            .otherwise(pl.lit(""))
        )
        unread = index.filter(
            (pl.col("reject_reason").is_not_null() & pl.col("member").is_null() & _IS_EMPTY)
            | pl.col("unread_reason").is_not_null()
        )
        return (
            pl.concat([met, self._before.select(met.columns)])
            .unique("uri", keep="first", maintain_order=True)
            .join(in_force.select("uri").unique(), on="uri", how="semi")
            .join(unread.select("uri"), on="uri", how="anti")
            .sort("uri")
        )


def _states(files: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Give size and time by address."""
    rows = files.select("uri", "size_bytes", "modified_ns").iter_rows()
    return {uri: (size, modified) for uri, size, modified in rows}


_NUMBERS = ("size_bytes", "modified_ns", "looked_ns")


def look(
    store: Store,
    sources: Sequence[str],
    files: Files,
    batch_bytes: int,
    *,
    follow_symlinks: bool = False,
) -> ToRead:
    """Give what a run would read, and have `files` note what is met, as when it is read.

    Some batches stand for any more of them. Raises SourceNotFound.
    """
    return to_read(
        sources,
        follow_symlinks=follow_symlinks,
        exclude=(store.warehouse, store.state_dir),
        skip=files.skip,
        is_new=files.is_new,
        enough_bytes=_ENOUGH_BATCHES * batch_bytes,
    )


Subject = tuple[object, ...]
"""What a look was at: sources, published file, settings."""

_handed: list[tuple[Subject, Files, ToRead]] = []


def subject(
    store: Store,
    paths: Sequence[str],
    *,
    read_all: bool,
    limits: Limits | None,
    follow_symlinks: bool,
) -> Subject:
    """Name what is looked at; `paths` come from `check_sources`."""
    return store.current(), tuple(paths), read_all, limits or Limits(), follow_symlinks


@contextmanager
def handed_on(looked_at: Subject, files: Files, found: ToRead) -> Iterator[None]:
    """Hand what a look has found to the run in the block, if that is not much.

    It is read so soon that the run need not look again. What changes until then is noted as it was
    at the look, so the next run reads it once more.
    """
    if found.files is not None:
        _handed.append((looked_at, files, found))
    try:
        yield
    finally:
        _handed.clear()


def _handed_to_us(looked_at: Subject) -> tuple[Files, ToRead] | None:
    """Give what was handed on, once, and only if it is of the same."""
    if not _handed:
        return None
    before, files, found = _handed.pop()
    return (files, found) if before == looked_at else None


def batch_size(most: int, left: int) -> int:
    """Give the source bytes of the next batch, when `left` are to be read and `most` are allowed.

    The last ones are smaller, so that all who parse end at about the same time, but each has a
    cost: none is so small that its part would have to be put together with others. Where nothing
    should be left, size was not known: packed files unpack to more.
    """
    return max(min(most, left // WORKERS), most // SMALL_SHARE, 1) if left > 0 else most


def take_in(
    store: Store,
    run_id: str,
    sources: Sequence[str],
    *,
    rebuild: bool = False,
    prune: bool = False,
    verify: bool = False,
    batch_bytes: int = BATCH_BYTES,
    limits: Limits | None = None,
    follow_symlinks: bool = False,
    report: Callable[[int], None] = lambda _: None,
    expect: Callable[[int], None] = lambda _: None,
    kept: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:
    """Read the sources, keep what is new, write the run's DocumentIndex and give it.

    `rebuild` reads everything and forgets the documents that these sources do not hold. `prune`
    forgets those that came from these sources and are no longer there. `verify` opens files that
    have the size and time of the last run, too. `follow_symlinks` reads what lies behind links that
    lead out of a folder, too. `report` is told how many documents have been read so far, `expect`
    the size of the files to be read, `kept` each part as soon as it is in the store (in a thread of
    its own, one at a time).

    Raises:
        SourceNotFound: a source is not there; nothing has been read then.
        StateLost: the store has lost documents in force (not with `rebuild`).
        NothingFound: the sources are empty and `prune` would remove all that came from them: a
            folder that is not mounted looks like that.
    """
    paths = check_sources(sources)
    known = store.known_documents(rebuild=rebuild)
    read_all = rebuild or verify
    looked_at = subject(
        store, paths, read_all=read_all, limits=limits, follow_symlinks=follow_symlinks
    )
    handed = None if prune else _handed_to_us(looked_at)
    if handed is not None:
        files, found = handed
    else:
        files = Files(store.source_files(), read_all=read_all, prune=prune, limits=limits)
        found = look(store, sources, files, batch_bytes, follow_symlinks=follow_symlinks)
    size = found.size_bytes
    expect(size)

    def next_batch(read: int) -> int:
        return batch_size(batch_bytes, size - read)

    if found.files is not None:
        batches = read_listed(found.files, batch_bytes=next_batch, limits=limits)
    else:
        # Some are read long after the look, and others will lie there then.
        files.forget()
        batches = read_sources(
            sources,
            follow_symlinks=follow_symlinks,
            exclude=(store.warehouse, store.state_dir),
            skip=files.skip,
            batch_bytes=next_batch,
            limits=limits,
        )
    started_at = _now(store.last_began())
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
    met, unread = _without_unread(met, known)
    # Nothing was ever read of such a file; where it has gone, nothing is lost with its row. Nor
    # with that of a broken archive or CSV row whose file has been mended, and read whole.
    is_mended = pl.col("reject_reason").is_not_null() & pl.col("uri").is_in(
        files.opened.filter(~files.opened.is_in(unread.implode())).implode()
    )
    forget = pl.lit(rebuild) | (_IS_UNREAD & covers(paths)) | is_mended
    if prune:
        forget = covers(paths) & ~_lies_below(unread, known)
        if met.is_empty() and not known.filter(pl.col("part").is_not_null() & forget).is_empty():
            raise NothingFound(
                f"{', '.join(sources)}: nothing is there, and --prune would remove every document "
                "that came from it. If that is meant: --rebuild with the sources that remain."
            )
    index = document_index(known, met, run_id=run_id, started_at=started_at, forget=forget)
    if new := met["part"].drop_nulls().unique().to_list():
        # A run that keeps nothing may have been started for the few tables that it then writes.
        index = compacted(
            store,
            run_id,
            index,
            new=new,
            number=len(seen),
            batch_bytes=batch_bytes,
            kept=kept,
        )
    store.write_index(run_id, index)
    store.write_frame(run_id, "source_files", SourceFiles.validate(files.noted(index)))
    return index


def _now(last: datetime | None) -> datetime:
    """Give the time, naive UTC, and never one before the last run: runs are told apart by it.

    Where the clock was set back, runs follow each other by a microsecond until it has caught up.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    return now if last is None else max(now, last + timedelta(microseconds=1))


def _without_unread(met: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Let files that could not be read, wholly or at all, be what they were; give their addresses.

    Of such a file no document of this run counts. What an earlier run has read of it stays in
    force, and the file's own row says why in `unread_reason`, or in `reject_reason` where nothing
    of that row is in force.
    """
    is_unread = met.select(_IS_UNREAD).to_series()
    unread = met.filter(is_unread)["uri"].unique()
    met = met.filter(is_unread | ~pl.col("uri").is_in(unread.implode()))
    in_force = known.filter(pl.col("part").is_not_null() & pl.col("reject_reason").is_null())
    before = in_force.select("document_key", pl.col("sha256").alias("sha256_in_force"))
    stays = pl.col("sha256_in_force").is_not_null() & _IS_UNREAD
    found = [name for name in met.columns if name not in ("document_key", "uri", "member")]
    met = (
        met.join(before, on="document_key", how="left", maintain_order="left")
        .with_columns(
            pl.when(stays).then("reject_reason").alias("unread_reason"),
            *(pl.when(~stays).then(name).alias(name) for name in found if name != "sha256"),
            pl.when(stays).then("sha256_in_force").otherwise("sha256").alias("sha256"),
        )
        .drop("sha256_in_force")
    )
    return met, unread


def _lies_below(folders: pl.Series, known: pl.DataFrame) -> pl.Expr:
    """Tell of the column `uri` of `known` whether it is one of `folders` or in one, however deep.

    What lies in a folder that could not be read has not gone.
    """
    is_below, folder = pl.lit(value=False), pl.col("uri")
    if folders.is_empty() or known.is_empty():
        return is_below
    for _ in range(known.select(pl.col("uri").str.count_matches("/").max()).item()):
        is_below |= folder.is_in(folders.implode())
        folder = folder.str.replace("/[^/]*$", "")
    return is_below
