"""Death at any moment: the published file stays whole, and the next run ends where it should.

`make reliability` does the same for longer (`benchmarks/reliability.py`).
"""

import os
import shutil
import signal
import stat
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from etl.store import Store
from tests.conftest import run_cables
from tests.crash import Scene, check_nothing_left, check_published, kills, watched
from tests.hostile import telegram
from tests.test_increment import Folder, contents, run
from tests.test_stop import alive, children, started

SECONDS = 8
"""Budget of each test here; a busy machine kills less often in it, not for longer."""


@pytest.mark.slow
@pytest.mark.parametrize("is_first", [True, False], ids=["first run", "incremental"])
def test_killed_at_chosen_moments(tmp_path: Path, is_first: bool) -> None:
    scene = Scene(tmp_path, is_first=is_first)
    assert kills(scene, SECONDS, seed=int(time.time())) >= 1


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_the_command_killed_at_any_time(tmp_path: Path) -> None:
    """With the processes that parse, and without them; in a full run and in an incremental one."""
    drop = Folder(tmp_path / "in")
    for number in range(4):  # two batches, so that processes parse them
        (drop.path / f"{number}.txt").write_text(
            telegram(number + 1, extra="lorem ipsum dolor " * 30_000)
        )
    command = ("ingest", drop.path, "--batch-mib", "1")
    fresh = tmp_path / "fresh" / "w.duckdb"
    begun = time.monotonic()
    assert run_cables(*command, "-w", fresh).exit_code == 0
    takes = time.monotonic() - begun + 1.5  # to start
    after = contents(fresh)
    store, count, until = Store(tmp_path / "out" / "w.duckdb"), 0, time.monotonic() + 2 * SECONDS
    while time.monotonic() < until:
        shutil.rmtree(store.state_dir, ignore_errors=True)
        store.warehouse.unlink(missing_ok=True)
        with started(*command, "-w", store.warehouse) as process:
            time.sleep(takes * (0.3 + 0.7 * (count * 0.618 % 1)))
            below = children(process.pid)
            if count % 2:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()
        assert not alive(below)
        check_published(store, (None, after))
        again = run_cables(*command, "-w", store.warehouse)
        assert again.exit_code == 0, again.output
        assert contents(store.warehouse) == after
        check_nothing_left(store)
        count += 1
    assert count >= 1
    with dg.DagsterInstance.get() as instance:
        assert all(run.is_finished for run in instance.get_runs())


class Disk:
    """What would be on the disk after a power cut: which states of files and folders are synced."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.synced: dict[tuple[int, int], tuple[int, int]] = {}
        self.problems: list[str] = []
        self.swaps = 0

    def __call__(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name == "fsync":
            status = os.fstat(arguments[0])
            self.synced[status.st_dev, status.st_ino] = (status.st_size, status.st_mtime_ns)
        elif name in ("rename", "replace"):
            source, target = map(Path, arguments)
            if source.is_symlink():
                self.swaps += 1
                self.check_all_behind(source)
            elif self.root in target.parents and source.is_file():
                self.check(source, f"{name} to {target.name}")
        elif name == "unlink" and str(arguments[0]).endswith(".duckdb"):
            published = self.root / "w.duckdb"
            if published.is_symlink():  # an old version goes only when the new name is on disk
                self.check(published.parent, f"unlink of {Path(arguments[0]).name}")

    def check_all_behind(self, link: Path) -> None:
        """Check the file that the link names, its folder, and all documents that it names."""
        file = link.resolve()
        self.check(file, "swap")
        self.check(file.parent, "swap")
        for folder in (file.parent / "documents", *(file.parent / "documents").iterdir()):
            self.check(folder, "swap")

    def check(self, path: Path, moment: str) -> None:
        status = path.stat()
        state = self.synced.get((status.st_dev, status.st_ino))
        if state is None or (stat.S_ISREG(status.st_mode) and state != _state(status)):
            self.problems.append(f"{moment}: {path.name} is not on disk")
        if stat.S_ISDIR(status.st_mode) and state is not None and state != _state(status):
            self.problems.append(f"{moment}: entries of {path.name} are not on disk")


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


@pytest.mark.parametrize("has_links", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_nothing_is_named_before_it_is_on_disk(
    tmp_path: Path, has_links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_links:

        def refuse(*_: object, **__: object) -> None:
            raise OSError("no links here")

        monkeypatch.setattr(Path, "symlink_to", refuse)
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "out" / "w.duckdb")
    disk = Disk(tmp_path / "out")
    for number in range(1, 5):
        folder.put(number, number, number % 3)
        with watched(disk):
            run(store, number, folder.path)
    assert disk.problems == []
    assert disk.swaps == (4 if has_links else 0)
