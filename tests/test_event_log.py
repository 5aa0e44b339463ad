"""The event log that keeps its connections: the same files as Dagster's own, and no leak."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from etl import event_log
from etl.event_log import PooledSqliteEventLogStorage


@dg.asset
def bulletin() -> dg.MaterializeResult[None]:
    """Give some metadata to find again."""
    return dg.MaterializeResult(metadata={"dagster/row_count": 7})


def test_dagsters_own_storage_reads_what_was_written(home: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, PooledSqliteEventLogStorage)
        run = dg.materialize([bulletin], instance=instance)
        written = list(instance.all_logs(run.run_id))
    own = SqliteEventLogStorage(str(home / "history" / "runs"))
    read = list(own.get_logs_for_run(run.run_id))
    assert len(written) > 5
    assert read == written
    materialization = own.get_latest_materialization_events([bulletin.key])[bulletin.key]
    assert materialization is not None
    assert materialization.run_id == run.run_id


def test_what_another_process_writes_is_seen(home: Path) -> None:
    def last(instance: dg.DagsterInstance) -> str:
        [record] = instance.get_asset_records([bulletin.key])
        assert record.asset_entry.last_materialization_record is not None
        return record.asset_entry.last_materialization_record.run_id

    with dg.DagsterInstance.get() as instance, dg.DagsterInstance.get() as other:
        first = dg.materialize([bulletin], instance=instance)
        assert [last(instance), last(other), last(instance)] == [first.run_id] * 3
        second = dg.materialize([bulletin], instance=other)
        assert last(instance) == second.run_id
        instance.wipe_assets([bulletin.key])
        assert other.get_asset_records([bulletin.key]) == []


def test_few_databases_stay_open_over_many_runs(home: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        storage = instance.event_log_storage
        assert isinstance(storage, PooledSqliteEventLogStorage)
        runs = [
            dg.materialize([bulletin], instance=instance).run_id
            for _ in range(event_log.MAX_OPEN + 2)
        ]
        assert len(storage._engines) == event_log.MAX_OPEN
        # One that was closed is opened again.
        assert instance.all_logs(runs[0])
    assert not storage._engines
    assert not list(home.rglob("*.db-wal")), "the last to close a database empties its log"


def test_databases_of_runs_are_like_those_that_dagster_makes(home: Path, tmp_path: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        runs = [dg.materialize([bulletin], instance=instance).run_id for _ in range(2)]
        storage = instance.event_log_storage
        assert isinstance(storage, PooledSqliteEventLogStorage)
        assert sorted(storage.get_all_run_ids()) == sorted(runs)
    own = SqliteEventLogStorage(str(tmp_path / "own"))
    with own.run_connection("a-run"):
        pass
    schema = (
        "SELECT name, sql FROM sqlite_master "
        "UNION SELECT 'revision', version_num FROM alembic_version"
    )

    def described(path: Path) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(path)) as connection:
            return sorted(connection.execute(schema).fetchall(), key=str)

    expected = described(tmp_path / "own" / "a-run.db")
    assert len(expected) > 5
    for run in runs:
        assert described(home / "history" / "runs" / f"{run}.db") == expected
    assert not list((home / "history" / "runs").glob(f".*-{os.getpid()}*"))


def test_without_a_place_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with pytest.raises(ValueError, match="DAGSTER_HOME is not set"):
        PooledSqliteEventLogStorage.from_config_value(None, {})


def test_an_event_that_fails_half_way_leaves_nothing_of_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dg.DagsterInstance.get() as instance:
        run = dg.materialize([bulletin], instance=instance)
        storage = instance.event_log_storage
        assert isinstance(storage, PooledSqliteEventLogStorage)
        kind = dg.DagsterEventType.ASSET_MATERIALIZATION
        written = instance.all_logs(run.run_id)
        (entry,) = instance.all_logs(run.run_id, of_type=kind)

        def fail(*_: object) -> None:
            raise OSError("disk full")

        with monkeypatch.context() as patch:
            patch.setattr(storage, "_store_asset_event", fail)
            with pytest.raises(OSError, match="disk full"):
                storage.store_event(entry)
        assert instance.all_logs(run.run_id) == written
        assert len(instance.fetch_materializations(bulletin.key, limit=9).records) == 1
        storage.store_event(entry)
        assert len(instance.all_logs(run.run_id)) == len(written) + 1
        assert len(instance.fetch_materializations(bulletin.key, limit=9).records) == 2
