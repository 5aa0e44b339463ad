"""A few things at once, in order, and never more of them in memory than are at work."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")

WORKERS = min(4, os.cpu_count() or 1)
"""Threads: Polars uses all cores by itself only where a step can be cut up, so a second batch
fills the gaps of the first. Measured on 2 cores: two batches at once parse 1.4 times as fast as
one after the other, three no faster than two."""


def in_parallel(
    make: Callable[[_Given], _Made], items: Iterable[_Given], *, workers: int = WORKERS
) -> Iterator[_Made]:
    """Give `make(item)` for each item, in the order of the items, several at work at a time.

    At most `workers` + 1 items are taken ahead of the one that is given. Raises what `make`
    raised, in its item's turn; those not begun yet are given up then.
    """
    waiting: deque[Future[_Made]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="batch") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(make, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
