"""A full disk, wherever it is met: one line, the published file as it was, the next run fine."""

import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from etl.event_log import PooledSqliteEventLogStorage
from etl.files import write_parquet
from etl.store import Store
from tests.conftest import SAMPLES, run_cables
from tests.crash import check_nothing_left
from tests.test_increment import contents

SAYS = os.strerror(errno.ENOSPC)
Patch = pytest.MonkeyPatch


def full() -> OSError:
    return OSError(errno.ENOSPC, SAYS)


def _writing(patch: Patch, folder: str) -> None:

    def fail(frame: pl.DataFrame, path: Path, *, lasting: bool = True) -> None:
        if folder in path.parts:
            raise pl.exceptions.ComputeError(f"underlying IO error: {SAYS} (os error 28)")
        write_parquet(frame, path, lasting=lasting)

    patch.setattr("etl.parts.write_parquet", fail)


def _stage(patch: Patch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise duckdb.IOException(f'Could not write file "stage.duckdb": {SAYS}')

    patch.setattr("etl.publish.open_stage", fail)


def _swap(patch: Patch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise full()

    patch.setattr(Path, "symlink_to", fail)


def _history(patch: Patch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    patch.setattr(PooledSqliteEventLogStorage, "store_event", fail)


PLACES: dict[str, Callable[[Patch], None]] = {
    "documents": lambda patch: _writing(patch, "documents"),
    "parts": lambda patch: _writing(patch, "parsed"),
    "stage": _stage,
    "swap": _swap,
    "history": _history,
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a warehouse of some samples, and another that has those to come, too."""
    folder = tmp_path_factory.mktemp("template")
    for name, sources in (("out", ["raw"]), ("fresh", ["raw", "web"])):
        paths = [SAMPLES / source for source in sources]
        assert run_cables("ingest", *paths, "-w", folder / name / "w.duckdb").exit_code == 0
    return folder


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.slow
def test_a_disk_that_is_full_at_some_step(tmp_path: Path, template: Path, place: str) -> None:
    shutil.copytree(template / "out", tmp_path / "out", symlinks=True)
    warehouse = tmp_path / "out" / "w.duckdb"
    before = (warehouse.resolve(), warehouse.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        PLACES[place](patch)
        failed = run_cables("ingest", SAMPLES / "web", "-w", warehouse)
    assert failed.exit_code == 1
    assert len(failed.stderr.splitlines()) == 1, failed.stderr
    assert "is full" in failed.stderr
    assert "the load may need" in failed.stderr
    assert ("DAGSTER_HOME" in failed.stderr) == (place == "history")
    assert f"nothing was published, {warehouse} is as it was" in failed.stderr
    assert (warehouse.resolve(), warehouse.read_bytes()) == before
    check_nothing_left(Store(warehouse))  # the failed run has cleared it away itself
    assert run_cables("ingest", SAMPLES / "web", "-w", warehouse).exit_code == 0
    assert contents(warehouse) == contents(template / "fresh" / "w.duckdb")


@pytest.mark.slow
def test_notes_that_find_no_room_cost_the_next_run_time_only(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    warehouse = tmp_path / "w.duckdb"
    with monkeypatch.context() as patch:

        def fail(*_: object) -> Any:
            raise full()

        patch.setattr(Store, "keep_notes", fail)
        assert run_cables("ingest", SAMPLES / "raw", "-w", warehouse).exit_code == 0
    again = run_cables("ingest", SAMPLES / "raw", "-w", warehouse)
    assert again.exit_code == 0
    assert "unchanged           7" in again.stdout


@pytest.fixture(params=["1m", "6m"])
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Give a disk too small for the samples; they fail at another step on each."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can make a small disk, and not in every container")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_a_small_disk(small_disk: Path) -> None:
    warehouse = small_disk / "w.duckdb"
    failed = run_cables("ingest", SAMPLES, "-w", warehouse)
    assert failed.exit_code == 1
    assert len(failed.stderr.splitlines()) == 1, failed.stderr
    assert f"the disk of {small_disk} is full" in failed.stderr
    assert not warehouse.exists()
    assert not list(Store(warehouse).state_dir.rglob("*.*"))
