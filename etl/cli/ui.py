"""The command `cables ui`: Dagster's web server and daemon on the instance that `cables` uses."""

import errno
import os
import socket
import sys

from etl.cli.output import error
from etl.paths import REPOSITORY, dagster_home, home_problem


def _end_dead_runs() -> None:
    # Here, not above: the command's help must not wait for Dagster to load.
    import dagster as dg

    from etl.runs import end_dead_runs

    with dg.DagsterInstance.get() as instance:
        end_dead_runs(instance)


def _problem(host: str, port: int) -> str | None:
    """Say why nothing can listen there: Dagster would stay half alive, a daemon without a page."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            tried.bind(address)
            tried.listen()
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            return f"port {port} of {host} is taken; name another one with --port"
        return f"cannot listen on port {port} of {host}: {problem.strerror or problem}"
    return None


def ui(host: str, port: int) -> int:
    """Replace this process by `dagster dev`; it listens on loopback unless told otherwise.

    Gives exit code 1 where nothing can listen there, or no history be kept; else it does not come
    back.
    """
    problem = home_problem() or _problem(host, port)
    if problem:
        error(problem)
        return 1
    # Started beside its own settings: from the repository, Dagster would warn that it sees two.
    os.chdir(dagster_home())
    _end_dead_runs()
    os.environ["PYTHONWARNINGS"] = "ignore"
    graph = ["--module-name", "etl.definitions", "--working-directory", str(REPOSITORY)]
    address = ["--host", host, "--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", "dev", *graph, *address])
