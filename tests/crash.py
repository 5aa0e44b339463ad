"""Runs that end by kill -9, and what must be true afterwards.

    python -m tests.crash MOMENT RUN WAREHOUSE FOLDER

does one run in a process of its own that kills itself at the MOMENT-th call that changes files
(a moment between two such calls: what was written before is there, what comes after is not). -1:
it lives. Libraries that write on their own (DuckDB, Polars) make no such calls; `cables ingest`
is killed at any time for those.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from etl.invariants import run_invariants
from etl.publish import open_stage, verify
from etl.store import Store
from tests.conftest import REPOSITORY
from tests.test_increment import Folder, contents, run

CALLS = ("fsync", "replace", "rename", "symlink", "unlink", "rmdir", "mkdir", "chmod", "ftruncate")
"""Functions of `os` by which a run changes files; `pathlib` and `shutil` come by here, too."""

Contents = dict[str, list[tuple[Any, ...]]]


@contextmanager
def watched(before: Callable[[str, tuple[Any, ...]], None]) -> Iterator[None]:
    """Call `before` with name and arguments of each of CALLS in the block."""
    originals = {name: getattr(os, name) for name in CALLS}

    def wrapped(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            before(name, arguments)
            return originals[name](*arguments, **options)

        return call

    try:
        for name in CALLS:
            setattr(os, name, wrapped(name))
        yield
    finally:
        for name, original in originals.items():
            setattr(os, name, original)


def moments(warehouse: Path, folder: Path, number: int) -> list[str]:
    """Do a run that lives, and give the calls that it makes."""
    made: list[str] = []
    with watched(lambda name, _: made.append(name)):
        run(Store(warehouse), number, folder)
    return made


def killed_at(moment: int, number: int, warehouse: Path, folder: Path) -> bool:
    """Do a run in a process that kills itself at a moment; tell whether it came so far."""
    arguments = [str(moment), str(number), str(warehouse), str(folder)]
    ended = subprocess.run(
        [sys.executable, "-m", "tests.crash", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    if ended.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(ended.stderr.decode())
    return ended.returncode != 0


class Scene:
    """A folder of telegrams, a warehouse as it was before a run, and what the run makes of it."""

    def __init__(self, place: Path, *, is_first: bool) -> None:
        """Make them in a folder; `is_first`: nothing has been published before the run."""
        self.place = place
        self.folder = Folder(place / "in")
        for name in range(1, 9):
            self.folder.put(name, name, 0)
        self.before: Contents | None = None
        (place / "template").mkdir()
        if not is_first:
            run(Store(place / "template" / "w.duckdb"), 0, self.folder.path)
            self.before = contents(place / "template" / "w.duckdb")
            self.folder.put(3, 3, 1)
        self.number = 1
        whole = self.fresh()
        self.calls = moments(whole.warehouse, self.folder.path, self.number)
        self.after = contents(whole.warehouse)

    def fresh(self) -> Store:
        """Give the warehouse as it was before the run."""
        shutil.rmtree(self.place / "work", ignore_errors=True)
        shutil.copytree(self.place / "template", self.place / "work", symlinks=True)
        return Store(self.place / "work" / "w.duckdb")

    def dies(self, moment: int) -> bool:
        """Kill the run at a moment, and check what it leaves; False where it did not come so far.

        Raises AssertionError.
        """
        store = self.fresh()
        is_dead = killed_at(moment, self.number, store.warehouse, self.folder.path)
        check_published(store, (self.before, self.after))
        run(store, self.number + 1, self.folder.path)
        assert contents(store.warehouse) == self.after, "the next run ends elsewhere"
        check_nothing_left(store)
        return is_dead

    def chosen(self, seed: int) -> list[int]:
        """Give all moments: those from the last sync of the stage on first, then the others."""
        rng = random.Random(seed)
        swap = len(self.calls) - 1 - self.calls[::-1].index("symlink")
        late = [moment for moment in range(len(self.calls)) if abs(moment - swap) <= 8]
        rest = [moment for moment in range(len(self.calls)) if moment not in late]
        rng.shuffle(late)
        rng.shuffle(rest)
        # By turns, so that any budget has some of both.
        mixed = [moment for pair in zip(late, rest, strict=False) for moment in pair]
        return mixed + [m for m in (*late, *rest) if m not in mixed]


def check_published(store: Store, may_be: tuple[Contents | None, ...]) -> None:
    """Check that the published file is whole, and one of those that it may be.

    None stands for no file at all.
    """
    path = store.current()
    if path is None:
        assert None in may_be, "the published file has gone"
        return
    verify(path)
    with open_stage(path, read_only=True) as connection:
        assert run_invariants(connection) == []
    assert contents(store.warehouse) in may_be, "the published file is neither old nor new"


def check_nothing_left(store: Store) -> None:
    """Check that nothing lies about that a run which died has left."""
    assert {path.name for path in store.warehouse.parent.iterdir()} == {
        store.warehouse.name,
        store.state_dir.name,
    }
    numbers = store.numbers()
    current = store.current()
    assert current is not None
    assert len(numbers) <= 2
    expected = {"lock", "documents", "parsed", *(f"{number:06d}.duckdb" for number in numbers)}
    expected |= {path.name for path in store.notes(current).values()}
    assert {path.name for path in store.state_dir.iterdir()} == expected
    parts = set(store.known_documents()["part"].drop_nulls())
    kept = {
        path.name.removesuffix(".parquet") for path in (store.state_dir / "documents").iterdir()
    }
    # What this run has replaced goes with the next.
    assert kept >= parts
    store.sweep()
    for folder in ("documents", "parsed"):
        left = {p.name.removesuffix(".parquet") for p in (store.state_dir / folder).iterdir()}
        assert left == parts, folder


def kills(scene: Scene, seconds: float, seed: int) -> int:
    """Kill runs at one moment after the other, and give how many came so far that they died."""
    until, count = time.monotonic() + seconds, 0
    for moment in scene.chosen(seed):
        if time.monotonic() > until:
            break
        count += scene.dies(moment)
    return count


def main() -> None:
    """Do a run and die in it."""
    moment, number, warehouse, folder = sys.argv[1:]
    left = int(moment)

    def count(_: str, __: tuple[Any, ...]) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    with watched(count):
        run(Store(Path(warehouse)), int(number), Path(folder))


if __name__ == "__main__":
    main()
