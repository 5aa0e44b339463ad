"""Dagster's event log in SQLite, with connections kept open; `dagster.yaml` names it.

Dagster's own opens and closes a connection for every event, and the last one to close a database
writes its log back into it. A run of the job has some 300 events in two databases, so a small load
spent most of its time there: `cables ingest seeds/cables` took 5.4 s with Dagster's own and 3.4 s
with this (medians of six in alternation, 2 cores). What is written of one event is one transaction.
Files and tables are the same; either can read what the other wrote.

Not here: what the events say (`etl.metadata`), runs that were killed (`etl.runs`).
"""

import os
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool, QueuePool

from etl.run_records import CONFIG, base_dir, is_made

BUSY_SECONDS = 30
"""How long a writer waits for another process, as in Dagster's own."""

MAX_OPEN = 4
"""Databases held open: the index, the run at work, and a few that the UI looks at."""


class PooledSqliteEventLogStorage(SqliteEventLogStorage):
    """One database a run and one index, as in Dagster's own; each keeps one connection.

    Config: `base_dir`, by default `history/runs` in DAGSTER_HOME, where Dagster's own would be.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Take the folder of the databases; it is made when missing."""
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._there: set[tuple[str, str]] = set()
        self._latest: dict[str, tuple[tuple[str, str | None], dg.AssetKey, Any]] = {}
        self._one_at_a_time = RLock()
        self._joins: ExitStack | None = None
        self._joined: dict[str, Connection] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Any:
        """Give what `dagster.yaml` may set."""
        return CONFIG

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> "PooledSqliteEventLogStorage":
        """Make it from the settings of an instance.

        Raises:
            ValueError: neither `base_dir` nor DAGSTER_HOME says where.
        """
        return cls(base_dir(config_value, "history", "runs"), inst_data)

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None)
        if engine is None:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                pool_size=1,
                connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _settle)
        self._engines[shard] = engine
        while len(self._engines) > MAX_OPEN:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._one_at_a_time:
            if shard in self._joined:
                yield self._joined[shard]
                return
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                if not self._begun_as_copy(shard) and not is_made(Path(self.path_for_shard(shard))):
                    self._initdb(engine)
                self._initialized_dbs.add(shard)
            if self._joins is not None:
                self._joined[shard] = self._joins.enter_context(engine.begin())
                yield self._joined[shard]
                return
            with engine.begin() as connection:
                yield connection

    def delete_events(self, run_id: str) -> None:
        """Forget what a run said: its database goes, which Dagster's own leaves, and its checks."""
        super().delete_events(run_id)
        with self.index_connection() as connection:
            connection.execute(
                AssetCheckExecutionsTable.delete().where(
                    AssetCheckExecutionsTable.c.run_id == run_id
                )
            )
        with self._db_lock:
            engine = self._engines.pop(run_id, None)
            if engine is not None:
                engine.dispose()
            self._initialized_dbs.discard(run_id)
            for path in Path(self._base_dir).glob(f"{run_id}.db*"):
                path.unlink(missing_ok=True)

    def _begun_as_copy(self, shard: str) -> bool:
        """Make a database that is not there as a copy of an empty one; tell whether that was done.

        Each run has a database, and making its tables takes a tenth of a run with nothing new.
        """
        path, empty = Path(self.path_for_shard(shard)), f".empty-{dg.__version__}"
        if path.exists():
            return False
        own = f"{empty}-{os.getpid()}"
        try:
            if not Path(self.path_for_shard(empty)).exists():
                engine = create_engine(self.conn_string_for_shard(own), poolclass=NullPool)
                self._initdb(engine)
                os.replace(self.path_for_shard(own), self.path_for_shard(empty))
            shutil.copyfile(self.path_for_shard(empty), self.path_for_shard(own))
            try:
                os.link(self.path_for_shard(own), path)  # unless another has just made it
            finally:
                os.unlink(self.path_for_shard(own))
        except OSError:
            return False
        return True

    @contextmanager
    def _one_transaction(self) -> Iterator[None]:
        """Join what the block does in a database to one transaction, committed at its end."""
        with self._one_at_a_time:
            if self._joins is not None:
                yield
                return
            try:
                with ExitStack() as self._joins:
                    yield
            finally:
                self._joins = None
                self._joined.clear()

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Write an event; one of an asset goes to several tables."""
        with self._one_transaction():
            super().store_event(event)

    def _once(self, kind: str, name: str, find: Callable[[], bool]) -> bool:
        """Tell whether something of the index is there; what is there stays."""
        if (kind, name) not in self._there and find():
            self._there.add((kind, name))
        return (kind, name) in self._there

    def has_table(self, table_name: str) -> bool:
        """Tell whether the index has a table."""
        return self._once("table", table_name, partial(super().has_table, table_name))

    def has_secondary_index(self, name: str) -> bool:
        """Tell whether older events have been brought into a table of the index."""
        return self._once("secondary", name, partial(super().has_secondary_index, name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        find = partial(super()._has_asset_key_col_on_connection, conn, column_name)
        return self._once("column", column_name, find)

    def _get_latest_materialization_records(self, raw_asset_rows: Any) -> Any:
        """Give the last materialization of each asset; each is read once, and asked for by all.

        An asset's is asked for by each step that builds on it and each check on it, and has the
        lineage of all its columns.
        """
        found, rest = {}, []
        for row in raw_asset_rows:
            key, said = row["asset_key"], (row["last_materialization"], row["asset_details"])
            known = self._latest.get(key)
            if known is None or known[0] != said:
                rest.append(row)
            else:
                found[known[1]] = known[2]
        if rest:
            read = super()._get_latest_materialization_records(rest)
            for row in rest:
                key = row["asset_key"]
                asset = dg.AssetKey.from_db_string(key)
                # What its row does not say comes from the events, which may have changed.
                is_said = row["last_materialization"] and not row["asset_details"]
                if is_said and asset is not None and asset in read:
                    self._latest[key] = (row["last_materialization"], None), asset, read[asset]
            found |= read
        return found

    def wipe(self) -> None:
        """Forget all events; Dagster removes the files."""
        self._there.clear()
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close what is open."""
        self._close()
        super().dispose()

    def _close(self) -> None:
        while self._engines:
            self._engines.popitem()[1].dispose()


def _settle(connection: Any, _: object) -> None:
    # With SQLite's write-ahead log (Dagster sets it) this never harms the file; a power cut may
    # lose the last events of a history, not data of the warehouse.
    connection.execute("PRAGMA synchronous=NORMAL")
