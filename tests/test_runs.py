"""What a killed command leaves in Dagster is ended by the next one, and history has an end."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from etl.runs import PROCESS_TAG, START_SECONDS, end_dead_runs, forget_old_runs, this_process


def run_of(
    process: str | None, status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED
) -> dg.DagsterRun:
    tags = {} if process is None else {PROCESS_TAG: process}
    return dg.DagsterRun(job_name="cables", status=status, tags=tags)


def test_runs_of_dead_processes_are_ended_and_no_others() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    runs = {
        "dead": run_of(f"{gone.pid} 1"),
        "taken over": run_of(f"{os.getpid()} 1"),  # another process has the number now
        "dead before it began": run_of(f"{gone.pid} 1", dg.DagsterRunStatus.NOT_STARTED),
        "to be begun": run_of(None, dg.DagsterRunStatus.NOT_STARTED),
        "alive": run_of(this_process()),
        "from the UI": run_of(None),
    }
    with dg.DagsterInstance.ephemeral() as instance:
        for run in runs.values():
            instance.add_run(run)
        assert end_dead_runs(instance) == 3
        after = {}
        for name, run in runs.items():
            found = instance.get_run_by_id(run.run_id)
            assert found is not None
            after[name] = found.status
    assert after == {
        "dead": dg.DagsterRunStatus.FAILURE,
        "taken over": dg.DagsterRunStatus.FAILURE,
        "dead before it began": dg.DagsterRunStatus.FAILURE,
        "to be begun": dg.DagsterRunStatus.NOT_STARTED,
        "alive": dg.DagsterRunStatus.STARTED,
        "from the UI": dg.DagsterRunStatus.STARTED,
    }


def test_a_run_of_the_ui_that_never_named_its_process_is_given_up_in_time() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.add_run(run_of(None))
        begun = {"start_time": time.time() - START_SECONDS - 1}
        with pytest.MonkeyPatch.context() as patch:
            records = [record._replace(**begun) for record in instance.get_run_records()]
            patch.setattr(instance, "get_run_records", lambda _: records)
            assert end_dead_runs(instance) == 1
        assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.FAILURE  # type: ignore[union-attr]


@dg.asset(check_specs=[dg.AssetCheckSpec("fine", asset="bulletin")])
def bulletin() -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Say something."""
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])


def rows(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_only_the_last_runs_are_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with dg.DagsterInstance.get() as instance:
        begun = []
        for number in range(5):
            begun.append(dg.materialize([bulletin], instance=instance).run_id)
            (home / "storage" / begun[-1]).mkdir(parents=True, exist_ok=True)
            if number == 0:
                one = {
                    table: rows(home / "history" / "runs" / "index.db", table)
                    for table in ("event_logs", "asset_check_executions")
                }
        at_work = instance.add_run(run_of(this_process()))
        assert forget_old_runs(instance, keep=2) == 3
        assert forget_old_runs(instance, keep=2) == 0
        kept = {run.run_id for run in instance.get_runs()}
        assert kept == {*begun[3:], at_work.run_id}
        latest = instance.get_latest_materialization_event(bulletin.key)
        assert latest is not None
        assert latest.run_id == begun[4]
    history = home / "history" / "runs"
    assert {path.stem for path in history.glob("[!.]*.db")} == {*begun[3:], "index"}
    assert {path.name for path in (home / "storage").iterdir()} == set(begun[3:])
    for table, count in one.items():
        assert rows(history / "index.db", table) <= 2 * count, table
