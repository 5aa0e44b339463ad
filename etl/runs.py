"""Runs that this command started: whose process is gone, and so will never end by itself.

A killed `cables ingest` cannot say that it failed; Dagster would count it as running for ever, and
the queue of the UI would wait for it. So each run names its process, and whoever starts next ends
what the dead left.
"""

import os
from pathlib import Path

import dagster as dg

PROCESS_TAG = "cables/process"
"""Tag of a run that runs inside the command: process id and the time that process started."""

_UNFINISHED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


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
        run
        for run in instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED))
        if PROCESS_TAG in run.tags and not _is_alive(run.tags[PROCESS_TAG])
    ]
    for run in dead:
        instance.report_run_failed(run, "Its process was ended from outside.")
    return len(dead)
