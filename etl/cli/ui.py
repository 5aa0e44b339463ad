"""The command `cables ui`: Dagster's web server and daemon on the instance that `cables` uses."""

import os
import sys

from etl.paths import REPOSITORY, dagster_home


def _end_dead_runs() -> None:
    # Here, not above: the command's help must not wait for Dagster to load.
    import dagster as dg

    from etl.runs import end_dead_runs

    with dg.DagsterInstance.get() as instance:
        end_dead_runs(instance)


def ui(host: str, port: int) -> None:
    """Replace this process by `dagster dev`; it listens on loopback unless told otherwise."""
    # Started beside its own settings: from the repository, Dagster would warn that it sees two.
    os.chdir(dagster_home())
    _end_dead_runs()
    os.environ["PYTHONWARNINGS"] = "ignore"
    graph = ["--module-name", "etl.definitions", "--working-directory", str(REPOSITORY)]
    address = ["--host", host, "--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", "dev", *graph, *address])
