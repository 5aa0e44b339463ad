"""What a warehouse keeps beside its published file, and the lock that lets one job work on it.

`warehouse/cables.duckdb` is a link to `.cables/000123.duckdb`. The folder `.cables` (named after
the warehouse, so that two warehouses in one folder share nothing) holds

    lock                                        held while a job works; says who holds it
    000123.duckdb                               the published file, and the one before it
    000123.files.parquet, 000123.build.txt      the files it was read from, the code that made it
    documents/<part>.parquet                    documents as received, with their texts
    parsed/<part>/<parser version>/<frame>.parquet
    run-<run id>/                               frames and staged database of the run at work

The published file is the one source of truth: its `dim_document` names the parts in force. What
the folder holds beyond that is left over from a run that died, and `sweep` removes it. Losing the
folder costs a rebuild from the sources, not data.

The folder is for the owner and their group only (0750, files 0640 at most): it holds texts of all
levels.

Not here: how a file gets there whole (`etl.files`), the swap of the published one (`etl.publish`).
"""

import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import dataframely as dy
import duckdb
import polars as pl

from etl.contracts.dimensions import DimDocument
from etl.contracts.documents import DocumentIndex, SourceFiles
from etl.contracts.facts import FactIngest
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

_log = logging.getLogger(__name__)
_KEPT_ELSEWHERE = {"lines": ["text"]}
"""Columns of parsed frames that the documents hold already: half of what would be kept."""

GROUP_DOCUMENTS = 20_000
"""Documents whose texts are on their way into the database at once, give or take a part."""

_NUMBERED = re.compile(r"^(\d{6,})\.duckdb$")


class WarehouseBusy(RuntimeError):
    """Another job works on the warehouse; the message says which and since when."""


class StateLost(RuntimeError):
    """The published file names parts that are not there; the message says what to do."""


class NotAWarehouse(ValueError):
    """The file at the warehouse's path was not made by this program; it is left alone."""


class Arrow:
    """Anything with an Arrow stream, shown to DuckDB or Polars as nothing but that stream.

    Both would else see what it is and ask for pyarrow, which the project does without.
    """

    def __init__(self, stream: Any) -> None:
        """Wrap an object that has `__arrow_c_stream__`."""
        self._stream = stream

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the stream on."""
        return self._stream.__arrow_c_stream__(requested_schema)


class Store:
    """The folder beside one warehouse. Cheap to make; touches nothing until it is asked to."""

    def __init__(self, warehouse: Path, *, parser_version: str | None = None) -> None:
        """Take the path of the published file, existing or not.

        `parser_version` names the parsed frames that count; by default `etl.parse.PARSER_VERSION`.
        """
        self.warehouse = Path(os.path.abspath(warehouse))
        name = self.warehouse.name
        # `x.duckdb` and `x.db` may lie in one folder.
        own = name.removesuffix(".duckdb") if name.endswith(".duckdb") else f"{name}.state"
        self.state_dir = self.warehouse.parent / f".{own}"
        self._parser_version = parser_version

    @property
    def parser_version(self) -> str:
        """Version of the parser whose frames count."""
        if self._parser_version is None:
            from etl.parse import PARSER_VERSION  # imported late: `cables query` needs no parser

            self._parser_version = PARSER_VERSION
        return self._parser_version

    # -- one job at a time ---------------------------------------------------------------------

    @contextmanager
    def lock(self, *, wait_seconds: float = 0) -> Iterator[None]:
        """Hold the warehouse for this process; the system frees it however the process ends.

        Raises WarehouseBusy when another job holds it for longer than `wait_seconds`.
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

    def current(self) -> Path | None:
        """Give the published file, links resolved; None when nothing has been published.

        Raises NotAWarehouse when the path is a folder or a link to somewhere else.
        """
        if self.warehouse.is_symlink():
            target = self.warehouse.resolve()
            if target.parent != self.state_dir.resolve():
                raise NotAWarehouse(
                    f"{self.warehouse} is a link to {target}, not made by this program"
                )
            return target if target.exists() else None
        if self.warehouse.is_dir():
            raise NotAWarehouse(f"{self.warehouse} is a folder; give the path of a file")
        return self.warehouse if self.warehouse.exists() else None

    def known_documents(self, *, rebuild: bool = False) -> pl.DataFrame:
        """Give the rows of `dim_document` in the published file, without Unknown.

        Columns as in the table, with reject_reason added; no rows when nothing is published.
        `rebuild` forgets in which part the documents are, so that all are read anew; only their
        history stays. Raises NotAWarehouse for a file without that table, StateLost when a part in
        force is missing (not with `rebuild`).
        """
        try:
            known = self._read(DimDocument, "dim_document", "document_key >= 0")
        except NotAWarehouse as problem:
            if not rebuild:
                raise
            _log.warning("nothing is known of earlier documents: %s", problem)
            known = _empty(DimDocument)
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

    def earlier_ingest(self) -> pl.DataFrame:
        """Give the rows of `fact_ingest` in the published file: those of former runs.

        None where that file cannot be read; `known_documents` has refused to go on then, unless
        for a rebuild.
        """
        try:
            return self._read(FactIngest, "fact_ingest")
        except NotAWarehouse as problem:
            _log.warning("the history of earlier runs is lost: %s", problem)
            return _empty(FactIngest)

    def source_files(self) -> pl.DataFrame:
        """Give the files that the published warehouse was read from: SourceFiles.

        No rows where that is not known: then every file is read, which costs time and no data.
        """
        path = self.current()
        kept = path and self._notes(path)["source_files.parquet"]
        if kept is None or not kept.exists():
            return _empty(SourceFiles)
        try:
            return SourceFiles.validate(pl.read_parquet(kept, glob=False))
        except (
            pl.exceptions.PolarsError,
            dy.exc.ValidationError,
            dy.exc.SchemaError,
            OSError,
        ) as error:
            _log.warning("%s cannot be read, all files are read anew: %s", kept, error)
            return _empty(SourceFiles)

    def build(self) -> str | None:
        """Give the version of code and tables that made the published file; None: not known."""
        path = self.current()
        kept = path and self._notes(path)["build.txt"]
        return kept.read_text("utf-8") if kept and kept.exists() else None

    def note_build(self, run_id: str, build: str) -> None:
        """Note the version of code and tables that makes the run's file."""
        make_file(self.run_dir(run_id) / "build.txt").write_text(build, "utf-8")

    def keep_notes(self, run_id: str, published: Path) -> None:
        """Keep what the run noted for the next run, which starts from `published`."""
        for path in [*self.state_dir.glob("*.files.parquet"), *self.state_dir.glob("*.build.txt")]:
            path.unlink()  # of the file that was published before
        for name, path in self._notes(published).items():
            noted = self.run_dir(run_id) / name
            if noted.exists():
                sync_file(noted)
                noted.replace(path)
        sync_folder(self.state_dir)

    def drop_notes(self, published: Path) -> None:
        """Forget what was noted of a file that is about to be another."""
        for path in self._notes(published).values():
            path.unlink(missing_ok=True)

    def _notes(self, published: Path) -> dict[str, Path]:
        """Give the paths of what is noted of a published file, by name in the run's folder."""
        return {
            "source_files.parquet": self.state_dir / f"{published.stem}.files.parquet",
            "build.txt": self.state_dir / f"{published.stem}.build.txt",
        }

    def _read(self, schema: type[dy.Schema], table: str, where: str = "true") -> pl.DataFrame:
        """Read a table of the published file; no rows when nothing is published.

        A nullable column that an older version did not write is null.
        """
        path = self.current()
        if path is None:
            return _empty(schema)
        types = _empty(schema).schema
        try:
            with duckdb.connect(path, read_only=True) as connection:
                rows = pl.DataFrame(Arrow(connection.sql(f"FROM {table} WHERE {where}")))
        except duckdb.Error as error:
            raise NotAWarehouse(self._not_ours(str(error))) from error
        lacks = [name for name in types if name not in rows.columns]
        if any(not schema.columns()[name].nullable for name in lacks):
            raise NotAWarehouse(self._not_ours(f"{table} lacks {', '.join(lacks)}"))
        rows = rows.with_columns(pl.lit(None, types[name]).alias(name) for name in lacks)
        return rows.select(pl.col(name).cast(dtype) for name, dtype in types.items())

    def _not_ours(self, problem: str) -> str:
        return (
            f"{self.warehouse} is no warehouse that this version can go on with ({problem}). "
            "Give another path, or begin again: cables ingest --rebuild SOURCE…"
        )

    # -- documents as received -----------------------------------------------------------------

    def write_documents(self, run_id: str, number: int, documents: pl.DataFrame) -> str:
        """Keep a batch of documents (contract Documents) and give the name of its part."""
        part = safe_name(f"{run_id}-{number:05d}")
        write_parquet(documents.select(Documents.column_names()), self._documents_path(part))
        return part

    def readable_documents(self, run_id: str, part: str) -> pl.DataFrame:
        """Give the documents of one part that are in force and were not rejected, with texts."""
        # Two columns of the index only: it is as long as the warehouse, and read for each part.
        wanted = (
            pl.scan_parquet(self.run_dir(run_id) / "document_index.parquet", glob=False)
            .filter(pl.col("part") == part)
            .select("document_key")
        )
        return (
            _scan(Documents, self._documents_path(part))
            .filter(pl.col("reject_reason").is_null())
            .join(wanted, on="document_key", how="semi", maintain_order="left")
            .collect()
        )

    def groups(self, run_id: str) -> Iterator[pl.DataFrame]:
        """Give the documents in force (document_key) in groups of whole parts, for large tables."""
        index = self.index(run_id).select("document_key", "part").drop_nulls("part")
        sizes = index.group_by("part").len().sort("part")
        group = (sizes["len"].cum_sum() - 1) // GROUP_DOCUMENTS
        grouped = index.join(sizes.with_columns(group=group), on="part").sort("group", "part")
        for _, some in grouped.group_by("group", maintain_order=True):
            yield some.select("document_key")

    def scan_documents(self, run_id: str) -> pl.LazyFrame:
        """Give all documents in force, with texts, rejected ones too."""
        return self._in_force(self.index(run_id), Documents, self._documents_path)

    # -- frames of the run at work -------------------------------------------------------------

    def run_dir(self, run_id: str) -> Path:
        """Give the folder of the run at work, made when missing."""
        return make_folder(self.state_dir / f"run-{safe_name(run_id)}")

    def stage(self, run_id: str) -> Path:
        """Give the path of the database that the run builds."""
        return self.run_dir(run_id) / "stage.duckdb"

    def write_frame(self, run_id: str, name: str, frame: pl.DataFrame) -> None:
        """Keep a frame for the later steps of the run."""
        write_parquet(frame, self.run_dir(run_id) / f"{safe_name(name)}.parquet")

    def write_index(self, run_id: str, index: pl.DataFrame) -> None:
        """Keep the documents in force (a DocumentIndex) for the later steps of the run."""
        self.write_frame(run_id, "document_index", DocumentIndex.validate(index))

    def index(self, run_id: str) -> pl.DataFrame:
        """Give the documents in force for the run: a DocumentIndex."""
        return pl.read_parquet(self.run_dir(run_id) / "document_index.parquet", glob=False)

    def changed(self, run_id: str) -> pl.DataFrame | None:
        """Give the telegrams whose rows the run writes (`etl.increment.begin`); None for all."""
        path = self.run_dir(run_id) / "changed.parquet"
        return pl.read_parquet(path, glob=False) if path.exists() else None

    def drop_frame(self, run_id: str, name: str) -> None:
        """Remove a frame that an earlier try of the run kept."""
        (self.run_dir(run_id) / f"{safe_name(name)}.parquet").unlink(missing_ok=True)

    def frame(
        self, run_id: str, name: str, documents: pl.DataFrame | None = None
    ) -> pl.DataFrame | pl.LazyFrame:
        """Give what the functions of `etl.star` ask for, by the name of their parameter.

        `documents` (column document_key) limits parsed frames to the rows of those.
        """
        if name in PARSED:
            return self.scan(run_id, name, documents)
        if name == "earlier_ingest":
            return self.earlier_ingest()
        return pl.read_parquet(self.run_dir(run_id) / f"{safe_name(name)}.parquet", glob=False)

    # -- parsed frames -------------------------------------------------------------------------

    def unparsed_parts(self, run_id: str) -> list[str]:
        """Give the parts in force that this version of the parser has not read yet."""
        return [part for part in self._parts(run_id) if not self._parsed_dir(part).exists()]

    def write_parsed(self, part: str, frames: Mapping[str, pl.DataFrame]) -> None:
        """Keep the parsed frames of a part; they appear together or not at all.

        The text of `lines` is not kept twice: it is null when they are read again.
        """
        missing = PARSED.keys() - frames.keys()
        if missing:
            raise ValueError(f"parsed frames of {part} lack {', '.join(sorted(missing))}")
        final = self._parsed_dir(part)
        if final.exists():
            return
        beside = final.with_name(f".{final.name}.tmp")
        shutil.rmtree(beside, ignore_errors=True)
        make_folder(beside)
        for name in PARSED:
            kept = frames[name].drop(_KEPT_ELSEWHERE.get(name, []))
            write_parquet(kept, beside / f"{name}.parquet")
        beside.rename(final)
        sync_folder(final.parent)

    def scan(
        self, run_id: str, frame_name: str, documents: pl.DataFrame | None = None
    ) -> pl.LazyFrame:
        """Give a parsed frame over all documents in force, or some; only their rows in force.

        (A document that changed has older rows in an older part.)
        """
        index = self.index(run_id)
        if documents is not None:
            index = index.join(documents, on="document_key", how="semi")
        return self._in_force(
            index, PARSED[frame_name], lambda part: self._parsed_dir(part) / f"{frame_name}.parquet"
        )

    def _in_force(
        self, index: pl.DataFrame, schema: type[dy.Schema], path_of: Callable[[str], Path]
    ) -> pl.LazyFrame:
        """Scan one file a part and leave out documents that the index does not have there."""
        index = index.select("document_key", "part").drop_nulls("part")
        per_part = dict(index.group_by("part").len().iter_rows())
        whole: list[tuple[str, Path]] = []
        broken: list[tuple[str, Path]] = []
        for part in sorted(per_part):
            held = pl.scan_parquet(self._documents_path(part), glob=False).select(pl.len())
            # Most parts have all their documents in force: one scan, no join.
            kind = whole if held.collect().item() == per_part[part] else broken
            kind.append((part, path_of(part)))
        scans = [_scan(schema, *(path for _, path in whole))] if whole else []
        for part, path in broken:
            wanted = index.filter(part=part).select("document_key").lazy()
            scans.append(
                _scan(schema, path).join(
                    wanted, on="document_key", how="semi", maintain_order="left"
                )
            )
        if not scans:
            return schema.create_empty().lazy()
        names = schema.column_names()
        return pl.concat([scan.select(names) for scan in scans])

    # -- left-overs ----------------------------------------------------------------------------

    def sweep(self) -> list[Path]:
        """Remove what dead runs left, and give what was removed. Call it only under the lock.

        Kept: the published file, the one before it (a reader may be between reading the link and
        opening its target), the parts in force and their frames of this parser version.
        """
        if not self.state_dir.exists():
            return []
        in_force: set[str] | None = None
        with suppress(NotAWarehouse):
            known = self._read(DimDocument, "dim_document")
            in_force = set(known["part"].drop_nulls())
        removed = self.drop_replaced()
        published = {f"{number:06d}.duckdb" for number in self.numbers()}
        with suppress(NotAWarehouse):
            current = self.current()
            published |= {note.name for note in self._notes(current).values()} if current else set()
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
        return removed

    def numbers(self) -> list[int]:
        """Give the numbers of the database files in the folder, smallest first."""
        matches = (_NUMBERED.match(path.name) for path in entries(self.state_dir))
        return sorted(int(match[1]) for match in matches if match)

    def drop_replaced(self) -> list[Path]:
        """Remove numbered files but the published one and the one before it."""
        current = self.current()
        match = _NUMBERED.match(current.name) if current else None
        keep: set[int] = set()
        if match and current and current.parent == self.state_dir.resolve():
            number = int(match[1])
            keep = {number, *[n for n in self.numbers() if n < number][-1:]}
        removed = [
            self.state_dir / f"{number:06d}.duckdb"
            for number in self.numbers()
            if number not in keep
        ]
        for path in removed:
            remove(path)
        return removed

    def leftovers_beside(self) -> list[Path]:
        """Give what may lie beside the published path and must not.

        A `.wal` there is replayed by the next reader into a file that it does not belong to; this
        program never writes through the published path, so it is never one of ours.
        """
        parent, name = self.warehouse.parent, self.warehouse.name
        beside = [parent / f"{name}.wal", parent / f".{name}.link", parent / f".{name}.copy"]
        return [path for path in beside if path.is_symlink() or path.exists()]

    # -- files ---------------------------------------------------------------------------------

    def _parts(self, run_id: str) -> list[str]:
        return self.index(run_id)["part"].drop_nulls().unique().sort().to_list()

    def _documents_path(self, part: str) -> Path:
        return self.state_dir / "documents" / f"{safe_name(part)}.parquet"

    def _parsed_dir(self, part: str) -> Path:
        return self.state_dir / "parsed" / safe_name(part) / safe_name(self.parser_version)


def _scan(schema: type[dy.Schema], *paths: Path) -> pl.LazyFrame:
    """Scan files of one contract; a column that is younger than a file is null in its rows."""
    return pl.scan_parquet(
        list(paths),
        glob=False,
        schema=schema.create_empty().schema,
        missing_columns="insert",
        extra_columns="ignore",
    )


def _empty(schema: type[dy.Schema]) -> pl.DataFrame:
    """Give a frame with the columns of the schema and no rows."""
    return pl.DataFrame(schema={name: c.dtype for name, c in schema.columns().items()})
