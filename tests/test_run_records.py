"""Runs and schedules without a look for migrations: the same files as Dagster's own."""

import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage

from etl.run_records import RunStorage, ScheduleStorage


@dg.asset
def bulletin() -> None:
    """Hold nothing."""


def test_each_reads_what_the_other_wrote(home: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.run_storage, RunStorage)
        assert isinstance(instance.schedule_storage, ScheduleStorage)
        first = dg.materialize([bulletin], instance=instance)
    own = SqliteRunStorage.from_local(str(home / "history"))
    assert [run.run_id for run in own.get_runs()] == [first.run_id]
    SqliteScheduleStorage.from_local(str(home / "schedules"))
    with dg.DagsterInstance.get() as again:
        assert again.get_run_by_id(first.run_id) is not None
        assert again.all_instigator_state() == []


@pytest.mark.parametrize("left", ["no row", "no table", "nothing"])
def test_a_database_that_was_not_finished_is_made_by_dagster(home: Path, left: str) -> None:
    dg.DagsterInstance.get().dispose()
    for path in (home / "history" / "runs.db", home / "schedules" / "schedules.db"):
        if left == "nothing":
            path.write_bytes(b"")
            continue
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "DELETE FROM alembic_version" if left == "no row" else "DROP TABLE alembic_version"
            )
            connection.commit()
    with dg.DagsterInstance.get() as instance:
        run = dg.materialize([bulletin], instance=instance)
        assert instance.get_run_by_id(run.run_id) is not None
    for path in (home / "history" / "runs.db", home / "schedules" / "schedules.db"):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_a_home_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with pytest.raises(ValueError, match="DAGSTER_HOME"):
        RunStorage.from_config_value(None, {})
