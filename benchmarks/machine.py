"""What a measurement was made on, and how a process is measured: seconds and memory of its tree."""

import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from etl.paths import REPOSITORY

SAMPLING_SECONDS = 0.05
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Failed(Exception):
    """A measured process ended with an error; the message holds what it printed."""


@dataclass(frozen=True, slots=True)
class Run:
    """One measured process, when it ran (seconds since 1970), and what it printed."""

    began: float
    seconds: float
    peak_bytes: int
    output: str


def measured(arguments: list[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run this Python with arguments as a process of its own, from start to end.

    Peak memory is the largest sum of the resident sizes of the process and all its children,
    looked at every 50 ms; memory that they share counts for each of them.
    """
    began, started = time.time(), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    printed: list[str] = []
    reader = threading.Thread(target=lambda: printed.extend(process.stdout or ()))
    reader.start()
    peak = 0
    while process.poll() is None:
        peak = max(peak, _tree_bytes(process.pid))
        try:
            process.wait(SAMPLING_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    seconds = time.perf_counter() - started
    reader.join()
    assert process.stdout
    process.stdout.close()
    output = "".join(printed)
    if process.returncode:
        raise Failed(f"{' '.join(arguments)} ended with {process.returncode}:\n{output[-2000:]}")
    return Run(began, seconds, peak, output)


def _tree_bytes(process: int) -> int:
    """Give the resident bytes of a process and its children; 0 where /proc does not tell."""
    total, waiting = 0, [process]
    while waiting:
        folder = Path("/proc") / str(waiting.pop())
        try:
            total += int((folder / "statm").read_text().split()[1]) * _PAGE_BYTES
            for task in (folder / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, ValueError, IndexError):
            continue
    return total


def machine() -> str:
    """Give processor, cores that this process may use, and memory, on one line."""
    model = platform.processor() or platform.machine()
    gigabytes = 0.0
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
        [total] = [
            line.split()[1]
            for line in Path("/proc/meminfo").read_text().splitlines()
            if line.startswith("MemTotal")
        ]
        gigabytes = int(total) * 1024 / 2**30
    except (OSError, ValueError):
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores, {gigabytes:.0f} GiB, {platform.system()}"


def versions() -> dict[str, str]:
    """Give the versions of Python and of what does the work."""
    packages = ("polars", "duckdb", "dagster")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def commit() -> str:
    """Give the commit that is measured, with a plus when files differ from it."""
    try:
        head = subprocess.run(
            ["git", "rev-parse", "--short=10", "HEAD"],
            cwd=REPOSITORY, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--", "etl", "seeds/reference", "benchmarks"],
            cwd=REPOSITORY, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}+" if changed.strip() else head
