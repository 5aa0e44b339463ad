"""What a killed command leaves in Dagster is ended by the next one."""

import os
import subprocess
import sys

import dagster as dg

from etl.runs import PROCESS_TAG, end_dead_runs, this_process


def run_of(process: str | None) -> dg.DagsterRun:
    tags = {} if process is None else {PROCESS_TAG: process}
    return dg.DagsterRun(job_name="cables", status=dg.DagsterRunStatus.STARTED, tags=tags)


def test_runs_of_dead_processes_are_ended_and_no_others() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    runs = {
        "dead": run_of(f"{gone.pid} 1"),
        "taken over": run_of(f"{os.getpid()} 1"),  # another process has the number now
        "alive": run_of(this_process()),
        "from the UI": run_of(None),
    }
    with dg.DagsterInstance.ephemeral() as instance:
        for run in runs.values():
            instance.add_run(run)
        assert end_dead_runs(instance) == 2
        after = {}
        for name, run in runs.items():
            found = instance.get_run_by_id(run.run_id)
            assert found is not None
            after[name] = found.status
    assert after == {
        "dead": dg.DagsterRunStatus.FAILURE,
        "taken over": dg.DagsterRunStatus.FAILURE,
        "alive": dg.DagsterRunStatus.STARTED,
        "from the UI": dg.DagsterRunStatus.STARTED,
    }
