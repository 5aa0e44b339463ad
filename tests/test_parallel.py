"""Several at once, in order, and bounded."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.parallel import WorkerLost, in_parallel, in_processes


def test_results_come_in_the_order_of_the_items() -> None:
    def late(item: int) -> int:
        time.sleep(0.01 * (5 - item))
        return item * 10

    assert list(in_parallel(late, range(5), workers=5)) == [0, 10, 20, 30, 40]


def test_no_more_items_are_taken_than_are_at_work() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    results = in_parallel(abs, items(), workers=2)
    next(results)
    assert len(taken) == 3


def test_what_is_raised_reaches_the_caller_and_stops_the_rest() -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def fail(item: int) -> int:
        with lock:
            begun.append(item)
        time.sleep(0.01)
        if item == 1:
            raise ValueError("batch 1")
        return item

    with pytest.raises(ValueError, match="batch 1"):
        list(in_parallel(fail, range(50), workers=2))
    assert max(begun) <= 4


def test_processes_give_results_in_order_with_one_polars_thread_each() -> None:
    before = os.environ.get("POLARS_MAX_THREADS")
    names = ["POLARS_MAX_THREADS"] * 3
    assert list(in_processes(os.getenv, names, workers=2)) == ["1", "1", "1"]
    assert os.environ.get("POLARS_MAX_THREADS") == before


def test_what_a_process_raises_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(in_processes(int, ["1", "two", "3"], workers=2))


def test_a_process_that_ends_from_outside_is_told_with_what_to_do() -> None:
    with pytest.raises(WorkerLost, match="--batch-mib"):
        list(in_processes(os._exit, [9, 9], workers=2))


def test_a_script_without_a_guard_does_not_run_again_in_each_process(tmp_path: Path) -> None:
    script = tmp_path / "notebook.py"
    script.write_text(
        "from etl.parallel import in_processes\n"
        "print('begins')\n"
        "print(list(in_processes(abs, [-1, -2], workers=2)))\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "begins\n[1, 2]\n"
