"""Several at once, in order, and bounded."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.parallel import Processes, WorkerLost, in_parallel, result_of


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


def test_processes_have_one_polars_thread_each() -> None:
    before = os.environ.get("POLARS_MAX_THREADS")
    with Processes(2) as processes:
        assert os.environ.get("POLARS_MAX_THREADS") == before
        given = [processes.submit(os.getenv, "POLARS_MAX_THREADS") for _ in range(3)]
        assert [result_of(future) for future in given] == ["1", "1", "1"]


def test_what_a_process_raises_reaches_the_caller() -> None:
    with Processes(2) as processes:
        given = [processes.submit(int, text) for text in ("1", "two", "3")]
        assert result_of(given[0]) == 1
        assert result_of(given[2]) == 3
        with pytest.raises(ValueError, match="invalid literal"):
            result_of(given[1])


def test_a_process_that_ends_from_outside_is_told_with_what_to_do() -> None:
    with Processes(2) as processes:
        lost = processes.submit(os._exit, 9)
        with pytest.raises(WorkerLost, match="--batch-mib"):
            result_of(lost)
        with pytest.raises(WorkerLost, match="--batch-mib"):
            processes.submit(abs, -1)


def test_processes_that_are_at_work_are_ended_at_once() -> None:
    begun = time.monotonic()
    before = multiprocessing.active_children()
    with Processes(2) as processes:
        for _ in range(10):
            processes.submit(time.sleep, 60)
    assert time.monotonic() - begun < 30
    assert [each for each in multiprocessing.active_children() if each not in before] == []


@pytest.mark.parametrize("wait", [0.1, 0.2, 0.3])
def test_processes_that_are_sending_are_ended_at_once(wait: float) -> None:
    processes = Processes(1)
    result_of(processes.submit(int))
    processes.submit(bytes, 300_000_000)
    time.sleep(wait)  # it is on its way: about half a second
    ending = threading.Thread(target=processes.end, daemon=True)
    ending.start()
    ending.join(20)
    assert not ending.is_alive()


def test_a_script_without_a_guard_does_not_run_again_in_each_process(tmp_path: Path) -> None:
    script = tmp_path / "notebook.py"
    script.write_text(
        "from etl.parallel import Processes, result_of\n"
        "print('begins')\n"
        "with Processes(2) as processes:\n"
        "    given = [processes.submit(abs, number) for number in (-1, -2)]\n"
        "    print([result_of(future) for future in given])\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "begins\n[1, 2]\n"
