"""A few things at once: in threads, in the order of the items, or in processes."""

import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from etl.imports import imports_only

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def _cores() -> int:
    """Give the cores that this process may use; a container may have fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


WORKERS = min(4, _cores())
"""How many batches are at work at once: each takes some memory, so not one per core of any size."""


KEEP_MEMORY = {"_RJEM_MALLOC_CONF": "thp:always,dirty_decay_ms:60000"}
"""Setting of jemalloc, which Polars takes memory from, read when Polars is loaded: what a step has
freed is for the next step, not for the system, which would clear it again page by page. A batch of
25 MB is parsed in 0.93 of the time, with 70,000 page faults fewer and 0.1 GB more in each process.
"""


class WorkerLost(RuntimeError):
    """A process that worked on a batch was ended from outside, most likely for want of memory."""


def in_parallel(
    make: Callable[[_Given], _Made], items: Iterable[_Given], *, workers: int = WORKERS
) -> Iterator[_Made]:
    """Give `make(item)` for each item, in the order of the items, several at work in threads.

    At most `workers` + 1 items are taken ahead of the one that is given. Raises what `make`
    raised, in its item's turn; those not begun yet are given up then.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="batch") as pool:
        waiting: deque[Future[_Made]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(make, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


class Processes:
    """Processes of one Polars thread each, for steps that are many short ones.

    In threads those wait for each other: on 2 cores, parsing eight batches of 25 MB took 13.6 s one
    after the other, 9.9 s in two threads and 9.6 s in two processes, of which a second is their
    start. They can be started before there is something to do.

        with Processes() as processes:
            result_of(processes.submit(function, argument))

    After the block nothing of them is left; what is not done by then is given up.
    """

    def __init__(self, workers: int = WORKERS, *, modules: Sequence[str] = ("polars",)) -> None:
        """Start them. Returns at once: what is submitted waits until they are there.

        `modules` are those that they import before anything is submitted.
        """
        # Not forked: the threads of Polars do not live through a fork.
        self._pool = ProcessPoolExecutor(
            workers,
            multiprocessing.get_context("spawn"),
            initializer=_follow,
            initargs=tuple(modules),
        )
        others = multiprocessing.active_children()
        # All of them now: a Polars of one thread is for them, not for this process.
        settings = {"POLARS_MAX_THREADS": "1"} | KEEP_MEMORY
        with _environment(settings), _main_module_hidden(), _without_ctrl_c():
            for _ in range(workers):
                self.submit(int)  # each starts a process, as none is idle yet
        self._own = [each for each in multiprocessing.active_children() if each not in others]

    def submit(self, make: Callable[..., _Made], *arguments: object) -> "Future[_Made]":
        """Have `make(*arguments)` done: a function of a module; arguments and result small.

        Raises WorkerLost when a process was ended from outside.
        """
        with _telling():
            return self._pool.submit(make, *arguments)

    def end(self) -> None:
        """Give up what is not done, and end the processes."""
        # Not asked to end: they have nothing to put in order, and Python looks through all that a
        # process remembers before it ends, 0.35 s of one that has parsed half of 60,000 telegrams.
        for process in self._own:
            process.terminate()
        # Who receives what one was sending waits for the end of a pipe that this process has open.
        if self._pool._result_queue is not None:
            self._pool._result_queue._writer.close()  # type: ignore[attr-defined]
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> "Processes":
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self.end()


def result_of(future: "Future[_Made]") -> _Made:
    """Wait for what was submitted to processes.

    Raises what it raised, and WorkerLost when a process was ended from outside.
    """
    with _telling():
        return future.result()


@contextmanager
def _telling() -> Iterator[None]:
    """Say what to do where processes have been lost."""
    try:
        yield
    except BrokenProcessPool as problem:
        raise WorkerLost(
            "a process that parses was ended from outside, most likely because memory ran "
            "out; try again with smaller batches: cables ingest --batch-mib 4 …"
        ) from problem


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Keep Ctrl-C from the processes that start in the block: a terminal sends it to them, too."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _follow(*modules: str) -> None:
    """End with the process that has started this one, however that ends, and not by Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="follow", daemon=True).start()
    with imports_only():
        for module in modules:
            importlib.import_module(module)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the processes that start in the block."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _main_module_hidden() -> Iterator[None]:
    """Keep processes that start in the block from importing the main module.

    They need nothing of it, and a script without `if __name__ == "__main__"` would run again in
    each of them.
    """
    main = sys.modules["__main__"]
    hidden = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    for name in hidden:
        setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(main, name, value)
