"""The star goes into a staged DuckDB file, is checked, and becomes the published one by a swap.

Readers are never blocked and never see half a warehouse: each publication is a new numbered file,
and the published path is a link that is replaced in one step. Who holds the old file keeps reading
it; whoever connects anew sees the new one.

    with open_stage(store.stage(run)) as connection:   tables, one after the other
        write_table(connection, "dim_tag", frame)
    with open_stage(store.stage(run)) as connection:   what is derived, comments
        make_all(connection)                           (`etl.derived`)
    …checks (`etl.invariants`, `etl.fill_rates`)…
    publish(store, run)                                sync, verify, swap

Not here: what the tables hold (`etl.star`), SQL of the views (`warehouse/views`).

Figures (2 cores, 50,000 telegrams, 450,000 paragraphs, 369 MB of text, DuckDB 1.5.5): one INSERT
from an Arrow stream with row groups of 16,384 and batches of as many rows takes 1.1 s and 234 MB;
with the default row group of 122,880, or INSERTs batch by batch, 1.9 times that; with the whole
frame in memory 2.4 times. zstd on the text: 1.15 times the time, 138 MB. Checking the rules of the
contract on each batch adds less than 5 %. Known limit: Polars reads ahead of DuckDB, so memory
grows with the text (0.8 GB at 50,000 telegrams, 2.5 GB at 250,000); a lower DuckDB memory limit
does not change that, appending part by part would.
"""

import errno
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import dataframely as dy
import duckdb
import polars as pl

from etl.contracts.tables import DERIVED, TABLES, VIEWS, create_statement
from etl.contracts.tables import literal as quoted_text
from etl.files import file_mode, make_file, sync_file, sync_folder, work_done
from etl.parallel import in_parallel
from etl.paths import REPOSITORY
from etl.published import Arrow, NotAWarehouse, bounded, is_numbered, is_restricted
from etl.store import Store

STORAGE_VERSION = "v1.2.0"
"""Every DuckDB from 1.2 on can read it; newer versions lock out readers for little gain."""

ROW_GROUP_SIZE = 16_384
"""Rows per row group and per batch: what smaller ones bring stays in memory up to a checkpoint."""

_log = logging.getLogger(__name__)
SQL_DIR = REPOSITORY / "warehouse"
_SAMPLE_ROWS = 5

Connection = duckdb.DuckDBPyConnection
"""An open database, for modules that have no other need of DuckDB."""


class ContractBroken(ValueError):
    """Rows break a rule of their table's contract; the message has rule, count and some keys."""


@contextmanager
def open_stage(path: Path, *, read_only: bool = False) -> Iterator[Connection]:
    """Open the staged database, made when missing; at the end it is checkpointed and closed.

    One at a time per path. Not for published files: opening one for writing is forbidden.
    """
    if (path.is_symlink() or is_numbered(path)) and not read_only:
        raise ValueError(f"{path} is published; only staged files are opened for writing")
    with bounded(duckdb.connect(config={"temp_directory": f"{path}.tmp"})) as connection:
        options = (
            "READ_ONLY"
            if read_only
            else (
                f"STORAGE_VERSION '{STORAGE_VERSION}', ROW_GROUP_SIZE {ROW_GROUP_SIZE}, "
                # A stage whose run has died is never read again: no log, synced at each statement.
                "RECOVERY_MODE NO_WAL_WRITES"
            )
        )
        connection.execute(f"ATTACH {quoted_text(str(path))} AS warehouse ({options})")
        connection.execute("USE warehouse")
        try:
            yield connection
            if not read_only:
                connection.execute("CHECKPOINT warehouse")
        finally:
            connection.execute("USE memory")
            connection.execute("DETACH warehouse")


class Stage:
    """The staged database between the steps of a run; one in the process, one step at a time.

    It stays open where a run writes little: opening, closing and a checkpoint take longer than
    most tables do. Else it is closed after each table, as memory would hold what was written.
    """

    def __init__(self) -> None:
        """Open nothing yet."""
        self._open = ExitStack()
        self._connection: Connection | None = None

    @contextmanager
    def opened(self, path: Path, *, stay: bool) -> Iterator[Connection]:
        """Give the database, open (`open_stage`); `stay` leaves it so."""
        if self._connection is None:
            self._connection = self._open.enter_context(open_stage(path))
        try:
            yield self._connection
        except BaseException:
            self.close()
            raise
        if not stay:
            self.close()

    def close(self) -> None:
        """Write what is not in the file yet, and close it; again is fine."""
        self._connection = None
        self._open.close()

    def __enter__(self) -> "Stage":
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it; what the run has failed with is more than what closing may say."""
        with suppress(duckdb.Error):
            self.close()


@contextmanager
def attached(connection: Connection, path: Path | None, name: str) -> Iterator[bool]:
    """Attach a file under `name` for reading, and give whether it is one that can be read."""
    is_there = path is not None
    try:
        if path is not None:
            connection.execute(f"ATTACH {quoted_text(str(path))} AS {name} (READ_ONLY)")
    except duckdb.Error:
        is_there = False
    try:
        yield is_there
    finally:
        if is_there:
            connection.execute(f"DETACH {name}")


def create_table(connection: Connection, table: str) -> None:
    """Make an empty table of the star; it replaces one that an earlier try left."""
    connection.execute(create_statement(table))


def append(connection: Connection, table: str, frame: pl.DataFrame | pl.LazyFrame) -> int:
    """Add rows to a table and give their number; all are added or none.

    A lazy frame is collected and written in batches. Each batch is held to the table's contract
    (columns, types, nulls, rules; keys are unique within a batch, `warehouse/invariants` sees to
    the rest). Raises ContractBroken.
    """
    schema = TABLES[table]
    broken: list[ContractBroken] = []

    def checked(batch: pl.DataFrame) -> pl.DataFrame:
        try:
            return validated(table, batch)
        except ContractBroken as error:
            broken.append(error)
            raise

    lazy = frame.lazy().map_batches(
        checked,
        streamable=True,
        schema={name: column.dtype for name, column in schema.columns().items()},
    )
    rows = Arrow(lazy.collect_batches(chunk_size=ROW_GROUP_SIZE))
    columns = ", ".join(f'"{name}"' for name in schema.column_names())
    connection.register("incoming", rows)
    try:
        added = connection.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming"
        )
        count = added.fetchone()
    except duckdb.Error:
        if broken:
            raise broken[0] from None  # what the check said, not what DuckDB made of it
        raise
    finally:
        connection.unregister("incoming")
    return int(count[0]) if count else 0


def remove(connection: Connection, table: str, changed: pl.DataFrame) -> None:
    """Take out the rows of telegrams: `changed` has their cable_key."""
    connection.register("changed", Arrow(changed.select("cable_key")))
    try:
        connection.execute(
            f"DELETE FROM {table} WHERE cable_key IN (SELECT cable_key FROM changed)"
        )
    finally:
        connection.unregister("changed")


def write_table(connection: Connection, table: str, frame: pl.DataFrame | pl.LazyFrame) -> int:
    """Make a table of the star, fill it, and give its number of rows."""
    create_table(connection, table)
    return append(connection, table, frame)


def validated(table: str, batch: pl.DataFrame) -> pl.DataFrame:
    """Give the batch back if it keeps the contract of `table`; raises ContractBroken.

    The message names table, rules, counts and a few keys, never texts: it ends up in logs.
    """
    schema = TABLES[table]
    try:
        good, failure = schema.filter(batch)
    except dy.exc.SchemaError as error:
        raise ContractBroken(f"{table}: {error}") from error
    if good.height == batch.height:
        return good
    keys = failure.invalid().select(schema.primary_key()).head(_SAMPLE_ROWS).to_dicts()
    rules = ", ".join(f"{rule} ({count} rows)" for rule, count in failure.counts().items())
    raise ContractBroken(f"{table} breaks its contract: {rules}; e.g. {keys}")


def verify(path: Path) -> dict[str, int]:
    """Open a finished file as a reader would, and give its rows per table.

    Raises ValueError when a WAL lies beside it, a table or view is missing or cannot be read.
    """
    wal = path.with_name(path.name + ".wal")
    if wal.exists():
        raise ValueError(f"{wal} was left: {path.name} was not closed properly")
    with duckdb.connect(path, read_only=True) as connection:
        missing = (TABLES.keys() | DERIVED.keys() | VIEWS.keys()) - names(connection)
        if missing:
            raise ValueError(f"{path.name} lacks {', '.join(sorted(missing))}")

        def read(name: str) -> None:
            with connection.cursor() as own:
                own.execute(f"SELECT * FROM {name} LIMIT 0").fetchall()

        list(in_parallel(read, VIEWS))
        counts = {}
        for name in TABLES:
            row = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
            counts[name] = int(row[0]) if row else 0
    return counts


def publish(store: Store, run_id: str) -> dict[str, int]:
    """Sync, verify and swap in the run's staged file, and give its rows per table.

    The store must be locked, the stage finished, checked and closed. The run's folder goes.
    """
    stage = store.stage(run_id)
    rows = verify(stage)
    published = swap(store, stage)
    try:
        store.keep_notes(run_id, published)
    except OSError as problem:  # published all the same; without notes the next run reads all
        _log.warning("what the next run would save is lost: %s", problem)
    shutil.rmtree(store.run_dir(run_id), ignore_errors=True)
    return rows


def swap(store: Store, stage: Path) -> Path:
    """Make the closed file `stage` the published one, in one step, and give its new path.

    The file replaced stays until the next run begins, any older one goes. Where links cannot be
    made, the published path becomes a copy that is renamed into place.

    Whoever made it may write to it, their group may read, nobody else (0640, less what the umask
    takes): it holds texts of all levels. So readers of the group cannot change what others read.
    """
    refuse_foreign(store)
    work_done()  # what is being removed could have the next number
    number = max(store.numbers(), default=0) + 1
    final = store.state_dir / f"{number:06d}.duckdb"
    final.with_name(final.name + ".wal").unlink(missing_ok=True)
    for path in store.leftovers_beside():
        path.unlink()
    stage.chmod(file_mode(store.state_dir))
    sync_file(stage)
    stage.rename(final)
    sync_folder(store.state_dir)
    try:
        beside = store.warehouse.with_name(f".{store.warehouse.name}.link")
        beside.symlink_to(os.path.relpath(final, store.warehouse.parent))
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise  # links can be made here, only not now
        beside = store.warehouse.with_name(f".{store.warehouse.name}.copy")
        shutil.copyfile(final, make_file(beside))
        sync_file(beside)
        final.unlink()
        final = store.warehouse
        store.drop_notes(final)  # of the file that had this name before
        sync_folder(store.state_dir)
    beside.replace(store.warehouse)
    sync_folder(store.warehouse.parent)
    store.drop_replaced(is_just_swapped=True)
    return final


def refuse_foreign(store: Store) -> None:
    """Raise NotAWarehouse where what is at the warehouse's path is someone's own.

    That is a folder, a link to somewhere else, a file that has none of our tables, or one that was
    made for an audience: its readers would get what it is to withhold.
    """
    path = store.current()
    if path is None or store.warehouse.is_symlink():
        return
    try:
        with duckdb.connect(path, read_only=True) as connection:
            is_ours = names(connection) >= {"fact_cable", "dim_document"}
            is_for_audience = is_restricted(connection)
    except duckdb.Error:
        is_ours = is_for_audience = False
    if is_for_audience:
        raise NotAWarehouse(
            f"{path} was made by cables publish for an audience that may not have everything, and "
            "is left alone; load into the whole warehouse, then publish from it anew"
        )
    if not is_ours:
        raise NotAWarehouse(f"{path} was not made by this program and is left alone")


def names(connection: Connection) -> set[str]:
    """Names of the tables and views in the current database."""
    rows = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database()"
    )
    return {str(row[0]) for row in rows.fetchall()}
