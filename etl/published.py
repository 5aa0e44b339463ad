"""The published file as the next run finds it: what it holds, and what was noted of it.

Beside `000123.duckdb` lie `000123.files.parquet`, the files that it was read from,
`000123.versions.parquet`, the telegram of each document, `000123.build.txt`, the version of the
code that made it, and `000123.seal.txt`, by which a file is known that another program has written
to. Losing them costs time and no data.

Not here: texts and frames of the documents (`etl.store`), the swap of the file (`etl.publish`).
"""

import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any

import dataframely as dy
import duckdb
import polars as pl

from etl.contracts.documents import KnownVersions, SourceFiles
from etl.contracts.tables import literal
from etl.files import entries, remove_soon

_log = logging.getLogger(__name__)
_NUMBERED = re.compile(r"^(\d{6,})\.duckdb$")
RESTRICTED = "Restricted publication"
"""Stands in the comment of `fact_cable` in a file that `cables publish` made for an audience."""

SETTLED_SECONDS = 1
"""After so long a reader that has read the link has opened what it names."""

_HEADER_BYTES = 3 * 4096
"""DuckDB's main header and its two database headers: each change of the file changes one."""


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


class Published:
    """The file at the warehouse's path, and its numbered versions in the folder beside it."""

    def __init__(self, warehouse: Path) -> None:
        """Take the path of the published file, existing or not."""
        self.warehouse = Path(os.path.abspath(warehouse))
        name = self.warehouse.name
        # `x.duckdb` and `x.db` may lie in one folder.
        own = name.removesuffix(".duckdb") if name.endswith(".duckdb") else f"{name}.state"
        self.state_dir = self.warehouse.parent / f".{own}"

    # -- what it holds -------------------------------------------------------------------------

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

    def parts_in_force(self) -> set[str] | None:
        """Give the parts that the published file names; None where it cannot be read."""
        path = self.current()
        if path is None:
            return set()
        try:
            with opened(path) as connection:
                rows = connection.execute("SELECT DISTINCT part FROM dim_document").fetchall()
        except duckdb.Error:
            return None
        return {part for (part,) in rows if part is not None}

    def last_began(self) -> datetime | None:
        """Give when the last run began, as the published file has it; None where none did."""
        path = self.current()
        if path is None:
            return None
        try:
            with opened(path) as connection:
                row = connection.execute("SELECT max(ingested_at) FROM fact_ingest").fetchone()
        except duckdb.Error:
            return None  # `known_documents` says what is wrong with it
        return row[0] if row else None

    def read(self, schema: type[dy.Schema], table: str, where: str = "true") -> pl.DataFrame:
        """Read a table of the published file; no rows when nothing is published.

        A nullable column that an older version did not write is null. Raises NotAWarehouse for
        a file that cannot be read, or lacks the table or a column that is never null.
        """
        path = self.current()
        if path is None:
            return empty(schema)
        types = empty(schema).schema
        try:
            with opened(path) as connection:
                rows = pl.DataFrame(Arrow(connection.sql(f"FROM {table} WHERE {where}")))
        except duckdb.Error as error:
            if "Could not set lock" in str(error):
                raise NotAWarehouse(self._held(str(error))) from error
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

    def _held(self, problem: str) -> str:
        holder = re.search(r"\(PID (\d+)\)", problem)
        which = f" (process {holder[1]})" if holder else ""
        return (
            f"{self.warehouse} is open for writing in another program{which}, which keeps all "
            "others from reading it. Close it there, or have it open the file read-only"
        )

    # -- what was noted of it ------------------------------------------------------------------

    def source_files(self) -> pl.DataFrame:
        """Give the files that the published warehouse was read from: SourceFiles.

        No rows where that is not known: then every file is read, which costs time and no data.
        """
        return self._noted_frame(SourceFiles, "source_files.parquet")

    def known_versions(self) -> pl.DataFrame:
        """Give the telegram of each document that the published file was made from: KnownVersions.

        No rows where that is not known: then all documents of one number are compared anew.
        """
        return self._noted_frame(KnownVersions, "known_versions.parquet")

    def _noted_frame(self, schema: type[dy.Schema], name: str) -> pl.DataFrame:
        path = self.current()
        kept = path and self.notes(path)[name]
        if kept is None or not kept.exists() or self.changed_by_others():
            return empty(schema)
        try:
            return schema.validate(pl.read_parquet(kept, glob=False))
        except (
            pl.exceptions.PolarsError,
            dy.exc.ValidationError,
            dy.exc.SchemaError,
            OSError,
        ) as error:
            _log.warning("%s cannot be read, what it saves is done anew: %s", kept, error)
            return empty(schema)

    def build(self) -> str | None:
        """Give the version of code and tables that made the published file; None: not known."""
        return None if self.changed_by_others() else self._noted("build.txt")

    def changed_by_others(self) -> bool:
        """Tell whether another program has written to the published file.

        It holds the header that DuckDB changes with each change against the one that was noted;
        False where none was. Changes that still lie in a `.wal` are not of the file: a run
        removes those before it reads (`Store.sweep`).
        """
        path, noted = self.current(), self._noted("seal.txt")
        return path is not None and noted is not None and seal(path) != noted

    def _noted(self, name: str) -> str | None:
        path = self.current()
        kept = path and self.notes(path)[name]
        return kept.read_text("utf-8") if kept and kept.exists() else None

    def drop_notes(self, published: Path) -> None:
        """Forget what was noted of a file that is about to be another."""
        for path in self.notes(published).values():
            path.unlink(missing_ok=True)

    def notes(self, published: Path) -> dict[str, Path]:
        """Give the paths of what is noted of a published file, by name in the run's folder."""
        return {
            "source_files.parquet": self.state_dir / f"{published.stem}.files.parquet",
            "known_versions.parquet": self.state_dir / f"{published.stem}.versions.parquet",
            "build.txt": self.state_dir / f"{published.stem}.build.txt",
            "seal.txt": self.state_dir / f"{published.stem}.seal.txt",
        }

    # -- versions ------------------------------------------------------------------------------

    def numbers(self) -> list[int]:
        """Give the numbers of the database files in the folder, smallest first."""
        matches = (_NUMBERED.match(path.name) for path in entries(self.state_dir))
        return sorted(int(match[1]) for match in matches if match)

    def drop_replaced(self, *, is_just_swapped: bool = False) -> list[Path]:
        """Remove numbered files that no reader can be about to open, beside what comes next.

        Kept are the published file and, for a second after the swap, the one before it. A disk may
        take a tenth of a second for 100 MB that go, and all that is synced meanwhile waits.
        """
        current = self.current()
        match = _NUMBERED.match(current.name) if current else None
        keep: set[int] = set()
        if match and current and current.parent == self.state_dir.resolve():
            number = int(match[1])
            keep = {number}
            settled_at = self.warehouse.lstat().st_mtime + SETTLED_SECONDS
            if is_just_swapped or time.time() < settled_at:
                keep.update([n for n in self.numbers() if n < number][-1:])
        removed = [
            self.state_dir / f"{number:06d}.duckdb"
            for number in self.numbers()
            if number not in keep
        ]
        for path in removed:
            remove_soon(path)
        return removed

    def leftovers_beside(self) -> list[Path]:
        """Give what may lie beside the published path and must not.

        A `.wal` there is replayed by the next reader into a file that it does not belong to; this
        program never writes through the published path, so it is never one of ours.
        """
        parent, name = self.warehouse.parent, self.warehouse.name
        beside = [parent / f"{name}.wal", parent / f".{name}.link", parent / f".{name}.copy"]
        return [path for path in beside if path.is_symlink() or path.exists()]


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database file for reading: its tables are those of the current database.

    The files that a process looks at are opened in one DuckDB, one after the other: to start
    another for each takes longer than most of what is asked.
    """
    with _one_at_a_time, _reader(f"{path}.tmp").cursor() as connection:
        name = f"opened_{next(_numbers)}"
        connection.execute(f"ATTACH {literal(str(path))} AS {name} (READ_ONLY)")
        try:
            connection.execute(f"USE {name}")
            yield connection
        finally:
            connection.execute("USE memory")
            connection.execute(f"DETACH {name}")


def _reader(temporary: str) -> duckdb.DuckDBPyConnection:
    """Give the DuckDB of this process; what its memory does not hold goes into `temporary`."""
    try:
        _instance().execute(f"SET temp_directory = {literal(temporary)}")
    except duckdb.Error:  # one that has been used stays
        _instance.cache_clear()
        _instance().execute(f"SET temp_directory = {literal(temporary)}")
    return _instance()


@cache
def _instance() -> duckdb.DuckDBPyConnection:
    return bounded(duckdb.connect())


MOST_GIB = 3
"""Memory that DuckDB may take; by itself it takes four fifths of the machine's before it writes
anything to its temporary folder. Two million telegrams are checked with it."""


def bounded(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Let a DuckDB of a job take so much memory and no more; one that may take less stays so."""
    [(limit,)] = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    number, _, unit = str(limit).partition(" ")
    if unit == "TiB" or (unit == "GiB" and float(number) > MOST_GIB):
        connection.execute(f"SET memory_limit = '{MOST_GIB}GiB'")
    return connection


_numbers = count()
_one_at_a_time = RLock()


def is_numbered(path: Path) -> bool:
    """Tell by its name whether a file is a published one in a folder of ours."""
    return _NUMBERED.match(path.name) is not None


def is_restricted(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether an open file was made by `cables publish` for an audience."""
    row = connection.execute(
        "SELECT comment FROM duckdb_tables() "
        "WHERE table_name = 'fact_cable' AND database_name = current_database()"
    ).fetchone()
    return row is not None and RESTRICTED in str(row[0])


def seal(path: Path) -> str:
    """Give what tells a database file from the same file after a change: its header, hashed."""
    with path.open("rb") as file:
        return sha256(file.read(_HEADER_BYTES)).hexdigest()


def empty(schema: type[dy.Schema]) -> pl.DataFrame:
    """Give a frame with the columns of the schema and no rows."""
    return pl.DataFrame(schema={name: c.dtype for name, c in schema.columns().items()})
