"""Several at once, in order, and bounded."""

import threading
import time
from collections.abc import Iterator

import pytest

from etl.parallel import in_parallel


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
