"""What a warehouse keeps beside its published file, and the lock that lets one job work on it.

`warehouse/cables.duckdb` is a link to `.cables/000123.duckdb`. The folder `.cables` (named after
the warehouse, so that two warehouses in one folder share nothing) holds

    lock                                        held while a job works; says who holds it
    000123.duckdb                               the published file, and the one before it until
                                                the next run begins
    000123.files.parquet, 000123.versions.parquet, 000123.build.txt, 000123.seal.txt
                                                what was noted of it (`etl.published`)
    documents/<part>.parquet                    documents as received, with their texts
    parsed/<part>/<parser version>/<frame>.parquet
    run-<run id>/                               frames and staged database of the run at work

The published file is the one source of truth: its `dim_document` names the parts in force. What
the folder holds beyond that is left over from a run that died, and `sweep` removes it. Losing the
folder costs a rebuild from the sources, not data.

The folder is for the owner and their group only (0750, files 0640 at most): it holds texts of all
levels.

Not here: the published file and what was noted of it (`etl.published`), the files of a part
(`etl.parts`), how a file gets there whole (`etl.files`), the swap of the published one
(`etl.publish`).
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import dataframely as dy
import polars as pl

from etl.contracts.dimensions import DimDocument
from etl.contracts.documents import DocumentIndex
from etl.contracts.frames import PARSED, Documents
from etl.files import (
    Held,
    entries,
    lock_file,
    make_file,
    make_folder,
    remove,
    safe_name,
    sync_file,
    sync_folder,
    write_parquet,
)
from etl.foresight import Broken
from etl.keys import among
from etl.parts import Parts, scan_files
from etl.published import NotAWarehouse, empty, seal

_log = logging.getLogger(__name__)
GROUP_DOCUMENTS = 20_000
"""Documents whose texts are on their way into the database at once, give or take a part."""


class WarehouseBusy(RuntimeError):
    """Another job works on the warehouse; the message says which and since when."""


class StateLost(RuntimeError):
    """The published file names parts that are not there; the message says what to do."""


class Store(Parts):
    """The folder beside one warehouse. Cheap to make; touches nothing until it is asked to."""

    # -- one job at a time ---------------------------------------------------------------------

    @contextmanager
    def lock(self, *, wait_seconds: float = 0) -> Iterator[None]:
        """Hold the warehouse for this process; the system frees it however the process ends.

        Raises WarehouseBusy when another job holds it for longer than `wait_seconds`, and
        etl.files.NoLocks where the file system cannot lock.
        """
        path = make_folder(self.state_dir) / "lock"
        with ExitStack() as stack:
            try:
                stack.enter_context(lock_file(path, wait_seconds=wait_seconds))
            except Held as holder:
                raise WarehouseBusy(
                    f"{self.warehouse} is being written by another job ({holder}); "
                    "try again when it has ended"
                ) from None
            yield

    # -- what is published ---------------------------------------------------------------------

    def known_documents(self, *, rebuild: bool = False) -> pl.DataFrame:
        """Give the rows of `dim_document` in the published file, without Unknown.

        Columns as in the table, with reject_reason added; no rows when nothing is published.
        `rebuild` forgets in which part the documents are, so that all are read anew; only their
        history stays. Raises NotAWarehouse for a file without that table, StateLost when a part in
        force is missing (not with `rebuild`).
        """
        try:
            known = self.read(DimDocument, "dim_document", "document_key >= 0")
        except NotAWarehouse as problem:
            if not rebuild:
                raise
            _log.warning("nothing is known of earlier documents: %s", problem)
            known = empty(DimDocument)
        if rebuild:
            known = known.with_columns(pl.lit(None, pl.String).alias("part"))
        for part in known["part"].drop_nulls().unique().sort():
            if not self._documents_path(part).exists():
                raise StateLost(
                    f"{self.state_dir} has lost {self._documents_path(part).name}, which holds "
                    f"documents of {self.warehouse}. The published file can still be read. "
                    "To go on, begin again from the sources: cables ingest --rebuild SOURCE…"
                )
        is_rejected = pl.col("status") == "rejected"
        return known.with_columns(pl.when(is_rejected).then("status_reason").alias("reject_reason"))

    # -- documents as received -----------------------------------------------------------------

    def readable_documents(self, run_id: str | None, part: str) -> pl.DataFrame:
        """Give the documents of one part that were not rejected, with texts.

        Only those in force for the run, which has read all its sources then; of all runs where
        that is null.
        """
        documents = scan_files(Documents, self._documents_path(part)).filter(
            pl.col("reject_reason").is_null()
        )
        if run_id is None:
            return documents.collect()
        # Two columns of the index only: it is as long as the warehouse, and read for each part.
        wanted = (
            pl.scan_parquet(self.run_dir(run_id) / "document_index.parquet", glob=False)
            .filter(pl.col("part") == part)
            .select("document_key")
        )
        return documents.join(
            wanted, on="document_key", how="semi", maintain_order="left"
        ).collect()

    def groups(self, run_id: str) -> Iterator[pl.DataFrame]:
        """Give the documents in force (document_key) in groups of whole parts, for large tables."""
        index = self.index(run_id).select("document_key", "part").drop_nulls("part")
        sizes = index.group_by("part").len().sort("part")
        group = (sizes["len"].cum_sum() - 1) // GROUP_DOCUMENTS
        grouped = index.join(sizes.with_columns(group=group), on="part").sort("group", "part")
        for _, some in grouped.group_by("group", maintain_order=True):
            yield some.select("document_key")

    def scan_documents(self, index: pl.DataFrame) -> pl.LazyFrame:
        """Give the documents of an index (document_key, part), with texts, rejected ones too."""
        return self._in_force(index, Documents, self._documents_path)

    # -- frames of the run at work -------------------------------------------------------------

    def run_dir(self, run_id: str) -> Path:
        """Give the folder of the run at work, made when missing."""
        return make_folder(self.state_dir / f"run-{safe_name(run_id)}")

    def note_build(self, run_id: str, build: str) -> None:
        """Note the version of code and tables that makes the run's file."""
        make_file(self.run_dir(run_id) / "build.txt").write_text(build, "utf-8")

    def keep_notes(self, run_id: str, published: Path) -> None:
        """Keep what the run noted for the next run, which starts from `published`."""
        for noted in self.notes(Path("*.duckdb")).values():
            for path in self.state_dir.glob(noted.name):
                path.unlink()  # of the file that was published before
        make_file(self.run_dir(run_id) / "seal.txt").write_text(seal(published), "utf-8")
        for name, path in self.notes(published).items():
            noted = self.run_dir(run_id) / name
            if noted.exists():
                sync_file(noted)
                noted.replace(path)
        sync_folder(self.state_dir)

    def has_runs(self) -> bool:
        """Tell whether a run has left its folder; one that has published has not."""
        return any(self.state_dir.glob("run-*"))

    def stage(self, run_id: str) -> Path:
        """Give the path of the database that the run builds."""
        return self.run_dir(run_id) / "stage.duckdb"

    def write_frame(self, run_id: str, name: str, frame: pl.DataFrame) -> None:
        """Keep a frame for the later steps of the run."""
        path = self.run_dir(run_id) / f"{safe_name(name)}.parquet"
        write_parquet(frame, path, lasting=False)

    def write_index(self, run_id: str, index: pl.DataFrame) -> None:
        """Keep the documents in force (a DocumentIndex) for the later steps of the run."""
        self.write_frame(run_id, "document_index", DocumentIndex.validate(index))

    def index(self, run_id: str) -> pl.DataFrame:
        """Give the documents in force for the run: a DocumentIndex."""
        return self._read(run_id, "document_index")

    def document_count(self, run_id: str) -> int:
        """Give the number of documents that the run knows."""
        return self.index(run_id).height

    def changed(self, run_id: str) -> pl.DataFrame | None:
        """Give the telegrams whose rows the run writes (`etl.increment.begin`); None for all."""
        path = self.run_dir(run_id) / "changed.parquet"
        return self._read(run_id, "changed") if path.exists() else None

    def changed_versions(self, run_id: str) -> pl.DataFrame:
        """Give the telegrams (cable_key) of which any document has changed; see `changed`."""
        return self._read(run_id, "changed_versions")

    def versions(self, run_id: str) -> pl.DataFrame:
        """Give the telegram of each readable document: the run's VersionIndex."""
        return self._read(run_id, "version_index")

    def _read(self, run_id: str, name: str) -> pl.DataFrame:
        path = self.run_dir(run_id) / f"{safe_name(name)}.parquet"
        return _read_frame(path, path.stat().st_mtime_ns)

    def drop_frame(self, run_id: str, name: str) -> None:
        """Remove a frame that an earlier try of the run kept."""
        (self.run_dir(run_id) / f"{safe_name(name)}.parquet").unlink(missing_ok=True)

    def frame(
        self, run_id: str, name: str, documents: pl.DataFrame | None = None
    ) -> pl.DataFrame | pl.LazyFrame:
        """Give what the functions of `etl.star` ask for, by the name of their parameter.

        `documents` (column document_key) limits parsed frames and versions to the rows of those.
        """
        if name in PARSED:
            return self.scan(run_id, name, documents)
        if name == "version_index" and documents is not None:
            return self.versions(run_id).join(documents, on="document_key", how="semi")
        return self._read(run_id, name)

    # -- parsed frames -------------------------------------------------------------------------

    def unparsed_parts(self, run_id: str) -> list[str]:
        """Give the parts in force that this version of the parser has not read yet."""
        return [part for part in self._parts(run_id) if not self._parsed_dir(part).exists()]

    def broken_rows(self, run_id: str) -> Broken:
        """Give of each parsed frame how many rows of the run's documents break which rule."""
        total = {name: Counter[str]() for name in PARSED}
        for part in self._parts(run_id):
            for name, counts in self._broken(part).items():
                total[name].update(counts)
        return {name: dict(counts) for name, counts in total.items()}

    def scan(
        self, run_id: str, frame_name: str, documents: pl.DataFrame | None = None
    ) -> pl.LazyFrame:
        """Give a parsed frame over all documents in force, or some; only their rows in force.

        (A document that changed has older rows in an older part.) Where sections were put
        together, the rows of the whole are in the place of those of its lowest section.
        """
        index = self.index(run_id)
        if documents is not None:
            index = index.join(documents, on="document_key", how="semi")
        wholes = self._assembled(run_id, "headers")
        leads = pl.read_parquet(wholes, columns=["document_key"]) if wholes.exists() else None
        own = index if leads is None else index.join(leads, on="document_key", how="anti")
        rows = self._in_force(
            own, PARSED[frame_name], lambda part: self._parsed_dir(part) / f"{frame_name}.parquet"
        )
        if leads is None:
            return rows
        whole = scan_files(PARSED[frame_name], self._assembled(run_id, frame_name))
        return pl.concat([rows, among(whole, index["document_key"])])

    def _assembled(self, run_id: str, frame_name: str) -> Path:
        return self.run_dir(run_id) / f"assembled-{frame_name}.parquet"

    def write_assembled(self, run_id: str, frames: Mapping[str, pl.DataFrame]) -> None:
        """Keep the parsed frames of telegrams that were put together from sections."""
        for name in PARSED:
            write_parquet(frames[name], self._assembled(run_id, name), lasting=False)

    def drop_assembled(self, run_id: str) -> None:
        """Remove the frames that an earlier try of the run put together."""
        for name in PARSED:
            self._assembled(run_id, name).unlink(missing_ok=True)

    def _in_force(
        self, index: pl.DataFrame, schema: type[dy.Schema], path_of: Callable[[str], Path]
    ) -> pl.LazyFrame:
        """Scan one file a part and leave out documents that the index does not have there."""
        index = index.select("document_key", "part").drop_nulls("part")
        per_part = dict(index.group_by("part").len().iter_rows())
        whole: list[tuple[str, Path]] = []
        broken: list[tuple[str, Path]] = []
        for part in sorted(per_part):
            # Most parts have all their documents in force: one scan, no join.
            kind = whole if self._height(part) == per_part[part] else broken
            kind.append((part, path_of(part)))
        scans = [scan_files(schema, *(path for _, path in whole))] if whole else []
        for part, path in broken:
            wanted = index.filter(part=part)["document_key"]
            scans.append(among(scan_files(schema, path), wanted))
        if not scans:
            return schema.create_empty().lazy()
        names = schema.column_names()
        return pl.concat([scan.select(names) for scan in scans])

    # -- left-overs ----------------------------------------------------------------------------

    def sweep(self) -> list[Path]:
        """Remove what dead runs left, and give what was removed. Call it only under the lock.

        Kept: the published file, the one before it where that is only just so (a reader may be
        between reading the link and opening its target), the parts in force and their frames of
        this parser version.
        """
        if not self.state_dir.exists():
            return []
        removed = self._undo_changes_of_others()
        in_force: set[str] | None = None
        with suppress(NotAWarehouse):
            in_force = self.parts_in_force()
        replaced = self.drop_replaced()
        published = {f"{number:06d}.duckdb" for number in self.numbers()}
        with suppress(NotAWarehouse):
            current = self.current()
            published |= {note.name for note in self.notes(current).values()} if current else set()
        for path in self.state_dir.iterdir():
            if path.name not in published | {"lock", "documents", "parsed"}:
                removed.append(path)
        # A published file that cannot be read names no parts: then none is known to be useless.
        if in_force is not None:
            for path in entries(self.state_dir / "documents"):
                if path.name.removesuffix(".parquet") not in in_force:
                    removed.append(path)
            for folder in entries(self.state_dir / "parsed"):
                if folder.name not in in_force:
                    removed.append(folder)
                else:
                    removed += [p for p in folder.iterdir() if p.name != self.parser_version]
        for path in removed:
            remove(path)
        for path in self.leftovers_beside():
            remove(path)
            removed.append(path)
        return [*replaced, *removed]

    def _undo_changes_of_others(self) -> list[Path]:
        """Remove a `.wal` of the published file, and say so if the file itself was changed.

        What a program wrote that opened it for writing lies in the `.wal` until it closes the file;
        whoever opens the file reads it as if it were part of it.
        """
        path: Path | None = None
        with suppress(NotAWarehouse):
            path = self.current()
        if path is None:
            return []
        wal = path.with_name(f"{path.name}.wal")
        if wal.exists():
            remove(wal)
            _log.warning("what another program wrote to %s is dropped (%s)", path, wal.name)
            return [wal]
        if self.changed_by_others():
            _log.warning(
                "%s was changed by another program since it was published: all its rows are "
                "written anew from the texts that were kept. Let others open it read-only",
                self.warehouse,
            )
        return []

    # -- files ---------------------------------------------------------------------------------

    def _parts(self, run_id: str) -> list[str]:
        return self.index(run_id)["part"].drop_nulls().unique().sort().to_list()


@lru_cache(maxsize=4)
def _read_frame(path: Path, modified_ns: int) -> pl.DataFrame:
    """Read a frame of the run: which documents are in force and what changes, each table asks."""
    return pl.read_parquet(path, glob=False)
