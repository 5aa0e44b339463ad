"""Runs whose process is gone, and so will never end by themselves; and runs of long ago.

A killed run cannot say that it failed; Dagster would count it as running for ever, and the queue
of the UI would wait for it. So each run names its process, those of the command from the start and
those of the UI when they begin their work, and whoever starts next ends what the dead left.

Dagster keeps what every run said for ever. The last KEPT_RUNS are kept here, the rest forgotten.
"""

import os
import shutil
import time
from pathlib import Path

import dagster as dg

PROCESS_TAG = "cables/process"
"""Tag of a run: id of the process that it runs in, and the time that process started."""

KEPT_RUNS = 200
"""Finished runs whose events are kept: half a year of nights. A run's are some 1.2 MB."""

START_SECONDS = 600
"""A run of the UI that has not named its process by then will not do so any more."""

_FORGOTTEN_AT_ONCE = 200
_UNFINISHED = [
    # One of the command that was killed before its first step; those of the UI only wait.
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_FINISHED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


def this_process() -> str:
    """Name this process, so that another with the same id later is not taken for it."""
    return f"{os.getpid()} {_started(os.getpid())}"


def _started(process: int) -> str:
    """Start time of a process in clock ticks since boot; a dash where /proc does not tell."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "-"
    return stat.rsplit(")", 1)[1].split()[19]


def _is_alive(named: str) -> bool:
    process, _, started = named.partition(" ")
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return _started(int(process)) == started


def end_dead_runs(instance: dg.DagsterInstance) -> int:
    """Mark runs as failed whose process is gone; give how many."""
    dead = [
        record.dagster_run
        for record in instance.get_run_records(dg.RunsFilter(statuses=_UNFINISHED))
        if _is_dead(record)
    ]
    for run in dead:
        instance.report_run_failed(run, "Its process was ended from outside.")
    return len(dead)


def _is_dead(record: dg.RunRecord) -> bool:
    process = record.dagster_run.tags.get(PROCESS_TAG)
    if process is not None:
        return not _is_alive(process)
    return record.start_time is not None and time.time() - record.start_time > START_SECONDS


def name_process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Note on a run that it runs in this process, if it does not say so yet."""
    if run.tags.get(PROCESS_TAG) != this_process():
        instance.add_run_tags(run.run_id, {PROCESS_TAG: this_process()})


def forget_old_runs(instance: dg.DagsterInstance, *, keep: int = KEPT_RUNS) -> int:
    """Remove finished runs but the last `keep`, with all they said; give how many.

    By the order in which they began, not by the clock. A few hundred at most, the others next time.
    """
    finished = instance.get_run_ids(dg.RunsFilter(statuses=_FINISHED))
    forgotten = finished[keep:][:_FORGOTTEN_AT_ONCE]
    for run_id in forgotten:
        instance.delete_run(run_id)
        shutil.rmtree(Path(instance.storage_directory()) / run_id, ignore_errors=True)
    return len(forgotten)
