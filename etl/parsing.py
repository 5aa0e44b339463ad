"""Parts of the store that no parser of this version has read → their parsed frames, in the store.

A part is parsed as soon as it is read, in processes, while the next one is read:

    with Ahead(store) as ahead:
        ahead.expect(size)                starts the processes, if there is enough to read
        ahead.begin(part)                 for each part that has been kept
        for done in ahead.finish(run_id): waits for those, and parses what else lacks frames

Nothing depends on what was begun ahead: `finish` looks into the store. A command that knows what a
run will read can begin while it still loads Dagster (`started_early`).

Not here: how a batch is read (`etl.parse`), what is kept of it (`etl.store`).
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress

from etl.extract import Limits, ToRead
from etl.extract.documents import MIB
from etl.foresight import IDENTITY, Foreseen, foresee, parsed
from etl.parallel import WORKERS, Processes, WorkerLost, result_of
from etl.store import Store

FEWEST_BYTES = 24 * MIB
"""Source bytes from which processes pay: each takes the better part of a second to start, and two
of them save some 25 ms per MB."""

_early: list[Processes] = []
_foreseen: list[Future[Foreseen | None]] = []


@contextmanager
def started_early(found: ToRead, limits: Limits | None = None) -> Iterator[None]:
    """Start the processes now that a run in the block will want; `found`: what it will read.

    They import what they need while this process does. Of few files one process reads and parses
    all: it is done when the run has kept their texts, and has only its frames to take.
    """
    with ExitStack() as stack:
        if WORKERS > 1 and found.size_bytes >= FEWEST_BYTES:
            _early.append(_processes())
        elif WORKERS > 1 and found.new_count and found.files:
            # Where no process may be started (no semaphores, too many) the run parses itself.
            with suppress(OSError, ImportError, NotImplementedError, WorkerLost):
                # It need not know this module, which loads DuckDB.
                modules = ("etl.parse.telegram", foresee.__module__)
                own = stack.enter_context(Processes(1, modules=modules))
                _foreseen.append(own.submit(foresee, found.files, limits))
        try:
            yield
        finally:
            _foreseen.clear()
            while _early:
                _early.pop().end()


def _processes() -> Processes:
    return Processes(modules=("etl.parse.telegram", __name__))


class Ahead:
    """Parses what a run has read, in processes from when it pays."""

    def __init__(self, store: Store) -> None:
        """Take the store that the run fills. Starts nothing yet."""
        # Processes are to keep frames under the version that this one looks for.
        self._store = Store(store.warehouse, parser_version=store.parser_version)
        self._processes: Processes | None = None
        self._begun: dict[str, Future[None]] = {}

    def expect(self, size_bytes: int) -> None:
        """Start the processes if a run that reads so many bytes is faster with them."""
        if size_bytes >= FEWEST_BYTES:
            self._start()

    def begin(self, part: str) -> None:
        """Parse a part of the run while others are read, if there are processes."""
        if self._processes is not None:
            self._begun[part] = self._processes.submit(parse_part, self._store, None, part)

    def finish(self, run_id: str) -> tuple[list[str], Iterator[int]]:
        """Parse all parts of the run that have no frames.

        Gives their names, those that were begun ahead among them, and an iterator that does the
        work and gives how many are done.

        Raises etl.parallel.WorkerLost when a process that parses is ended from outside.
        """
        parts = sorted({*self._begun, *self._store.unparsed_parts(run_id)})
        return parts, self._finish(run_id, parts)

    def _finish(self, run_id: str, parts: list[str]) -> Iterator[int]:
        rest = [part for part in parts if part not in self._begun]
        if len(rest) > 1:
            self._start()
        if self._processes is not None:
            for part in rest:
                self._begun[part] = self._processes.submit(parse_part, self._store, run_id, part)
        for done, part in enumerate(parts, start=1):
            if part in self._begun:
                result_of(self._begun[part])
            elif not self._was_foreseen(run_id, part):
                parse_part(self._store, run_id, part)
            yield done
        self.end()

    def _was_foreseen(self, run_id: str, part: str) -> bool:
        """Keep what was parsed before the run read it, if that is just what the part holds."""
        if not _foreseen:
            return False
        try:
            found = result_of(_foreseen.pop())
        except Exception:  # whatever it was: it is done here
            return False
        documents = self._store.readable_documents(run_id, part).select(IDENTITY)
        if found is None or not found.documents.equals(documents):
            return False
        self._store.write_parsed(part, found.frames, found.broken)
        return True

    def end(self) -> None:
        """Give up what is not parsed yet, and end the processes."""
        if self._processes is not None:
            self._processes.end()
            self._processes = None

    def __enter__(self) -> "Ahead":
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self.end()

    def _start(self) -> None:
        if self._processes is None and WORKERS > 1:
            self._processes = _early.pop() if _early else _processes()


def parse_part(store: Store, run_id: str | None, part: str) -> None:
    """Parse one part, and keep its frames and how many of their rows break a rule.

    Documents that are not in force for the run are left out; null: it is still reading.
    """
    store.write_parsed(part, *parsed(store.readable_documents(run_id, part)))
