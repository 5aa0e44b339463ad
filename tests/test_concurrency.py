"""Two jobs at once: one works, the other says so at once or waits; never both write."""

import errno
import os
from pathlib import Path

import dagster as dg
import pytest

from etl.store import Store
from etl.triggers import WAIT_SECONDS, nightly
from tests.conftest import SAMPLES, run_cables
from tests.test_increment import contents
from tests.test_stop import started

RAW = SAMPLES / "raw"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder that has a second name."""
    (tmp_path / "real").mkdir()
    (tmp_path / "also").symlink_to("real")
    return tmp_path


def test_the_second_says_at_once_that_another_is_at_work(place: Path) -> None:
    """Under any name of the folder."""
    warehouse = place / "real" / "w.duckdb"
    assert run_cables("ingest", RAW, "-w", warehouse).exit_code == 0
    before = (warehouse.resolve(), warehouse.stat().st_mtime_ns)
    with Store(warehouse).lock():
        for name in (warehouse, place / "also" / "w.duckdb"):
            busy = run_cables("ingest", SAMPLES / "web", "-w", name)
            assert busy.exit_code == 1
            assert "is being written by another job (process" in busy.stderr
            assert len(busy.stderr.splitlines()) == 1
    assert (warehouse.resolve(), warehouse.stat().st_mtime_ns) == before


@pytest.mark.slow
def test_two_that_start_together_never_both_write(place: Path) -> None:
    names = [place / "real" / "w.duckdb", place / "also" / "w.duckdb"]
    with (
        started("ingest", RAW, "-w", names[0]) as first,
        started("ingest", RAW, "-w", names[1]) as second,
    ):
        said = [process.communicate(timeout=120)[1] for process in (first, second)]
    codes = [first.returncode, second.returncode]
    assert 0 in codes, said
    for code, words in zip(codes, said, strict=True):
        assert code == 0 or (code == 1 and "another job" in words), words
    fresh = place / "fresh.duckdb"
    assert run_cables("ingest", RAW, "-w", fresh).exit_code == 0
    assert contents(names[0]) == contents(fresh)


@pytest.mark.slow
def test_other_names_of_the_published_file_are_refused_or_stand_alone(place: Path) -> None:
    warehouse = place / "real" / "w.duckdb"
    assert run_cables("ingest", RAW, "-w", warehouse).exit_code == 0
    before = (warehouse.resolve(), warehouse.read_bytes())
    link, hard = place / "real" / "link.duckdb", place / "real" / "hard.duckdb"
    link.symlink_to("w.duckdb")
    os.link(warehouse.resolve(), hard)
    refused = run_cables("ingest", SAMPLES / "web", "-w", link)
    assert refused.exit_code == 1
    assert "is a link to" in refused.stderr
    # A hard link is a file of its own to go on from; its texts are not beside it.
    run_cables("ingest", SAMPLES / "web", "-w", hard)
    assert (warehouse.resolve(), warehouse.read_bytes()) == before


def test_a_file_system_that_cannot_lock_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("etl.files.fcntl.flock", refuse)
    result = run_cables("ingest", RAW, "-w", tmp_path / "w.duckdb")
    assert result.exit_code == 1
    assert "cannot lock files (No locks available)" in result.stderr
    assert "local disk" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "w.duckdb").exists()


def test_runs_that_nobody_watches_wait_for_the_other() -> None:
    asked = nightly(dg.build_schedule_context())
    assert isinstance(asked, dg.RunRequest)
    assert asked.run_config["resources"] == {
        "workspace": {"config": {"wait_seconds": WAIT_SECONDS}}
    }
