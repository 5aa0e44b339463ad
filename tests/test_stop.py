"""Ctrl-C and SIGTERM in the middle of a load: told in a line, and nothing is left at work."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg
import pytest

from etl.cli.stop import Stop, stoppable
from etl.store import Store
from tests.conftest import REPOSITORY, SAMPLES, run_cables
from tests.hostile import telegram


def children(process: int) -> list[int]:
    """Give the processes below a process, that of them all included."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(words[1]) == process:
            found += [int(stat.parent.name), *children(int(stat.parent.name))]
    return found


def is_running(process: int) -> bool:
    """Whether a process still runs; one that has ended may wait for ever for init to note it."""
    with suppress(OSError):
        stat = Path(f"/proc/{process}/stat").read_text(errors="replace")
        return stat.rpartition(")")[2].split()[0] not in ("Z", "X")
    return False


def alive(processes: list[int]) -> list[int]:
    """Give those that still run after two seconds: Python's resource tracker ends last."""
    for _ in range(40):
        left = [process for process in processes if is_running(process)]
        if not left:
            break
        time.sleep(0.05)
    return left


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Telegrams that take the parser some seconds, in processes."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(40):
        (folder / f"{number}.txt").write_text(telegram(number + 1, extra="lorem ipsum " * 60_000))
    return folder


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "etl.cli", *map(str, arguments)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        process.wait()


def wait_for(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    for _ in range(1_200):
        if is_so():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise TimeoutError


def is_parsing(warehouse: Path, process: subprocess.Popen[str]) -> bool:
    """Whether documents have been kept, and processes have begun to parse them."""
    kept = Store(warehouse).state_dir.glob("run-*/document_index.parquet")
    commands = [Path(f"/proc/{child}/cmdline") for child in children(process.pid)]
    workers = [path for path in commands if path.exists() and b"spawn_main" in path.read_bytes()]
    return any(kept) and len(workers) > 1


def handles_sigterm(process: subprocess.Popen[str]) -> bool:
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(re.findall(r"^SigCgt:\s*(\w+)", status, re.MULTILINE)[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize(
    ("number", "exit_code", "words"),
    [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM"), (signal.SIGHUP, 129, "HUP")],
)
@pytest.mark.slow
def test_stopped_load_says_so_and_leaves_nothing_at_work(
    tmp_path: Path, many: Path, number: signal.Signals, exit_code: int, words: str
) -> None:
    warehouse = tmp_path / "w.duckdb"
    assert run_cables("ingest", SAMPLES / "raw", "-w", warehouse).exit_code == 0
    before = (warehouse.resolve(), warehouse.read_bytes())
    with started("ingest", many, "-w", warehouse, "--batch-mib", "4") as process:
        wait_for(lambda: is_parsing(warehouse, process), process)
        workers = children(process.pid)
        process.send_signal(number)
        out, said = process.communicate(timeout=30)
    assert process.returncode == exit_code, said
    assert out == ""
    assert len(said.splitlines()) == 1, said
    assert words in said
    assert f"nothing was published, {warehouse} is as it was" in said
    assert (warehouse.resolve(), warehouse.read_bytes()) == before
    assert not alive(workers)
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs(limit=1)
    assert run.status in (dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE)
    again = run_cables("ingest", many, "-w", warehouse)
    assert again.exit_code == 0, again.output
    assert re.search(r"^loaded +40$", again.stdout, re.MULTILINE)


@pytest.mark.slow
def test_ctrl_c_of_a_terminal_reaches_all_processes_and_is_told_once(
    tmp_path: Path, many: Path
) -> None:
    warehouse = tmp_path / "w.duckdb"
    with started("ingest", many, "-w", warehouse, "--batch-mib", "4") as process:
        wait_for(lambda: is_parsing(warehouse, process), process)
        workers = children(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert len(said.splitlines()) == 1, said
    assert not alive(workers)


@pytest.mark.slow
def test_killed_load_leaves_no_process(tmp_path: Path, many: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    with started("ingest", many, "-w", warehouse, "--batch-mib", "4") as process:
        wait_for(lambda: is_parsing(warehouse, process), process)
        workers = children(process.pid)
        process.kill()
        process.wait()
        assert not alive(workers)
    assert run_cables("ingest", SAMPLES / "raw", "-w", warehouse).exit_code == 0


@pytest.mark.slow
def test_load_that_is_stopped_while_it_starts_says_so(tmp_path: Path, many: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    with started("ingest", many, "-w", warehouse) as process:
        wait_for(lambda: handles_sigterm(process), process)  # it is there, and loads Dagster
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 143, said
    assert len(said.splitlines()) == 1
    assert "nothing" in said
    assert not warehouse.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_stopped_is_told_apart(number: signal.Signals) -> None:
    told: list[str] = []

    def command(_: Stop) -> int:
        os.kill(os.getpid(), number)
        time.sleep(5)
        return 0

    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    code = stoppable(command, lambda stop: told.append(stop.words))
    assert code == 128 + number
    assert len(told) == 1
    after = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert after == before


def test_what_is_not_stopped_gives_its_own_exit_code() -> None:
    assert stoppable(lambda stop: 7 if not stop.is_asked else 0, lambda _: None) == 7
