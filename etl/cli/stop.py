"""Ctrl-C, and the other ways to ask a command to stop: noticed, and told by the exit code.

Python writes the number of each signal to a descriptor, whoever handles it. That is read here, for
Dagster takes the handlers over while a run is at work, and makes one of SIGINT and SIGTERM.

Not here: what is said about a run that was stopped (`etl.cli.ingest`).
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOPS = {
    signal.SIGINT: "Ctrl-C",
    signal.SIGTERM: "SIGTERM",
    signal.SIGHUP: "SIGHUP (its terminal was closed)",
}
"""Signals that ask a command to stop, with the words for them."""

_JOIN_SECONDS = 5
_NOTICE_SECONDS = 1


class Stop:
    """Which signal asked the command to stop; none so far."""

    def __init__(self) -> None:
        self._signal: signal.Signals | None = None
        self._noticed = threading.Event()

    def notice(self, number: signal.Signals) -> None:
        """Take the signal that came first."""
        if self._signal is None:
            self._signal = number
            self._noticed.set()

    @property
    def is_asked(self) -> bool:
        """Whether a signal has come."""
        return self._noticed.is_set()

    @property
    def words(self) -> str:
        """Name what stopped the command."""
        return STOPS[self._which()]

    @property
    def exit_code(self) -> int:
        """Give the exit code that shells expect: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self._which()

    def _which(self) -> signal.Signals:
        self._noticed.wait(_NOTICE_SECONDS)  # what it raises may be faster than its number
        return self._signal or signal.SIGINT


def stoppable(command: Callable[[Stop], int], stopped: Callable[[Stop], None]) -> int:
    """Run a command that may be stopped, and give its exit code.

    Each of `STOPS` raises KeyboardInterrupt in it. When that comes out of it, `stopped` says so.
    The first one ends the processes that this one has started: a batch takes them seconds, and
    nobody waits for its result any more.
    """
    stop = Stop()
    with _noticed(stop):
        try:
            return command(stop)
        except KeyboardInterrupt:
            stopped(stop)
            return stop.exit_code


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore further requests to stop while the block tidies up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)


def end_processes() -> None:
    """End the processes that this one has started, and wait until they are gone."""
    for process in multiprocessing.active_children():
        process.terminate()
        process.join(_JOIN_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()


@contextmanager
def _noticed(stop: Stop) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread has signals
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    watch = threading.Thread(target=_watch, args=(reading, stop), name="stop", daemon=True)
    watch.start()
    wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    before = {
        number: signal.signal(number, _as_ctrl_c)
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL  # nohup and the like have set another
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
        os.close(writing)
        watch.join()
        os.close(reading)


def _watch(descriptor: int, stop: Stop) -> None:
    while received := os.read(descriptor, 1):
        if received[0] in tuple(STOPS) and not stop.is_asked:
            stop.notice(signal.Signals(received[0]))
            for process in multiprocessing.active_children():
                with suppress(OSError, ValueError):  # it has ended meanwhile
                    process.terminate()


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(number, frame)
    else:
        raise KeyboardInterrupt
