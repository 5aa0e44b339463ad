"""Where the file may be written, and that it is there whole or not at all."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from etl.files import lock_file
from etl.invariants import Failure
from etl.publish import verify
from tests.conftest import REPOSITORY, SAMPLES, run_cables
from tests.star.synthetic import PARSER, ingest, query, some_documents

LEVEL = ("--max-classification", "UNCLASSIFIED")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a warehouse of twelve small telegrams. For reading only."""
    from etl.store import Store

    path = tmp_path_factory.mktemp("small") / "w.duckdb"
    ingest(Store(path, parser_version=PARSER), "run-a", some_documents())
    return path


def refused(warehouse: Path, out: Path, *options: str, code: int = 1) -> str:
    """Give what is said when it is not written; nothing may be left beside it."""
    before = sorted(out.parent.iterdir()) if out.parent.is_dir() else None
    result = run_cables("publish", "-w", warehouse, *(options or LEVEL), out)
    assert result.exit_code == code
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1 or code == 2
    if before is not None:
        assert sorted(out.parent.iterdir()) == before
    return result.stderr


def test_never_over_the_warehouse_or_a_foreign_file(small: Path, tmp_path: Path) -> None:
    whole = small.resolve().read_bytes()
    assert "is the warehouse itself" in refused(small, small)
    assert "is the warehouse itself" in refused(small, small.resolve())
    assert "the warehouse's own folder" in refused(small, small.resolve().with_name("x.duckdb"))
    assert small.resolve().read_bytes() == whole
    (tmp_path / "link.duckdb").symlink_to(tmp_path / "nowhere")
    assert "is a link and is left alone" in refused(small, tmp_path / "link.duckdb")
    shutil.copyfile(small, tmp_path / "copy.duckdb")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "empty").touch()
    duckdb.connect(tmp_path / "other.duckdb").close()
    for name in ("copy.duckdb", "notes.txt", "empty", "other.duckdb"):
        kept = (tmp_path / name).read_bytes()
        assert "was not made by cables publish" in refused(small, tmp_path / name)
        assert (tmp_path / name).read_bytes() == kept
    (tmp_path / "folder").mkdir()
    assert "is a folder" in refused(small, tmp_path / "folder")
    assert "there is no folder" in refused(small, tmp_path / "missing" / "o.duckdb")
    (tmp_path / "o.duckdb.wal").touch()
    assert "o.duckdb.wal lies there" in refused(small, tmp_path / "o.duckdb")


@pytest.mark.parametrize("option", [(), ("--rebuild",)])
def test_nothing_is_loaded_into_a_file_for_an_audience(
    small: Path, tmp_path: Path, option: tuple[str, ...]
) -> None:
    out = tmp_path / "o.duckdb"
    assert run_cables("publish", "-w", small, *LEVEL, out).exit_code == 0
    kept = out.read_bytes()
    result = run_cables("ingest", SAMPLES, "-w", out, *option)
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    assert "made by cables publish for an audience" in line
    assert [path.name for path in tmp_path.iterdir()] == ["o.duckdb"]
    assert out.read_bytes() == kept


def test_wrong_usage(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.duckdb"
    assert run_cables("publish", "-w", small, out).exit_code == 2
    assert "SBU is no level" in refused(small, out, "--max-classification", "SBU", code=2)
    assert "there are NOFORN" in refused(small, out, "--exclude-caveat", "NOFRON", code=2)
    assert "there is no warehouse at" in refused(tmp_path / "none.duckdb", out)
    duckdb.connect(tmp_path / "other.duckdb").close()
    assert "a database that cables did not make" in refused(tmp_path / "other.duckdb", out)


def test_a_new_one_replaces_an_older_one_and_readers_keep_theirs(
    small: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o.duckdb"
    assert run_cables("publish", "-w", small, "--mask-protected", out).exit_code == 0
    with duckdb.connect(out, read_only=True) as reader:
        before = reader.execute("SELECT count(*) FROM cable").fetchall()
        assert run_cables("publish", "-w", small, *LEVEL, out).exit_code == 0
        assert reader.execute("SELECT count(*) FROM cable").fetchall() == before == [(13,)]
    assert query(out, "SELECT count(*) FROM cable") == [(4,)]
    assert [path.name for path in tmp_path.iterdir()] == ["o.duckdb"]


def test_a_file_that_would_not_be_right_is_not_written(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "o.duckdb"
    assert run_cables("publish", "-w", small, *LEVEL, out).exit_code == 0
    whole = out.read_bytes()
    broken = Failure("unique_keys", "Keys are unique.", 1, [{"cable_key": 7}])
    monkeypatch.setattr("etl.restrict.build.run_invariants", lambda _: [broken])
    assert "the file would not be right, nothing was written: unique_keys" in refused(small, out)
    assert out.read_bytes() == whole


def test_a_full_disk_is_one_line_and_leaves_nothing(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        words = 'Database "warehouse" has been invalidated: No space left on device'
        raise duckdb.IOException(words)

    monkeypatch.setattr("etl.restrict.build.make_all", full)
    said = refused(small, tmp_path / "o.duckdb")
    assert f"the disk of {tmp_path} is full; free some space" in said


def test_what_a_killed_command_left_goes_and_what_is_at_work_stays(
    small: Path, tmp_path: Path
) -> None:
    dead, alive = (tmp_path / f".o.duckdb.{name}.publishing" for name in ("dead", "alive"))
    for folder in (dead, alive):
        folder.mkdir()
        (folder / "stage.duckdb").write_bytes(b"half")
    with lock_file(alive / "lock"):
        assert run_cables("publish", "-w", small, *LEVEL, tmp_path / "o.duckdb").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [alive.name, "o.duckdb"]


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.15, 0.4])
def test_a_command_killed_at_any_moment(small: Path, tmp_path: Path, seconds: float) -> None:
    out = tmp_path / "o.duckdb"
    assert run_cables("publish", "-w", small, "--mask-protected", out).exit_code == 0
    words = [sys.executable, "-m", "etl.cli", "publish", "-w", str(small), *LEVEL, str(out)]
    command = subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".o.duckdb.*.publishing")) and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(seconds)
    command.kill()
    command.wait()
    verify(out)
    assert query(out, "SELECT count(*) FROM cable") in ([(13,)], [(4,)])
    assert run_cables("publish", "-w", small, *LEVEL, out).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["o.duckdb"]


def test_the_command_explains_itself() -> None:
    said = run_cables("publish", "--help").stdout
    for word in ("--max-classification", "--exclude-caveat", "--mask-protected", "Example:"):
        assert word in said
