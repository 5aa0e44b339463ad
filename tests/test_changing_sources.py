"""Sources that change while they are read: each document whole or not at all, and no telegram lost.

Whatever happened during a run, the next one ends where a warehouse ends that saw only the end.
"""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from etl.extract import reading
from etl.store import Store
from tests.star.synthetic import query
from tests.test_increment import Folder, contents, differences, run, telegram

OUTCOMES = """
    SELECT parse_filename(uri), member, outcome, reason
    FROM ingest_outcome WHERE is_latest_run ORDER BY ALL
"""


class Watched:
    """Opens files for the reader, and lets something happen at a moment of reading."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._open = reading._open
        self._before: dict[str, Callable[[Path], None]] = {}
        self._during: dict[str, Callable[[Path], None]] = {}
        monkeypatch.setattr(reading, "_open", self.open)

    def before(self, name: str, act: Callable[[Path], None]) -> None:
        """Let it happen between the look at the file and its opening."""
        self._before[name] = act

    def during(self, name: str, act: Callable[[Path], None]) -> None:
        """Let it happen when the file has been opened, at each try."""
        self._during[name] = act

    def calm(self) -> None:
        """Let nothing happen any more."""
        self._before.clear()
        self._during.clear()

    def open(self, path: str) -> IO[bytes]:
        name = Path(path).name
        act = self._before.get(name)
        if act is not None:
            act(Path(path))
        opened = self._open(path)
        act = self._during.get(name)
        if act is None:
            return opened
        return Meddled(opened, lambda: act(Path(path)))  # type: ignore[return-value]


class Meddled:
    """A file to which something happens at each read."""

    def __init__(self, file: IO[bytes], act: Callable[[], None]) -> None:
        self._file, self._act = file, act

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._act()
        return data

    def __enter__(self) -> "Meddled":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "in")
    for name in (1, 2, 3):
        folder.put(name, name, 0)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "w.duckdb")


def outcomes(store: Store) -> dict[object, tuple[object, object]]:
    """Give outcome and reason of the last run by name (and member)."""
    return {
        f"{name}#{member}" if member else name: (outcome, reason)
        for name, member, outcome, reason in query(store.warehouse, OUTCOMES)
    }


def telegrams(store: Store) -> list[object]:
    return [row[0] for row in query(store.warehouse, "SELECT mrn FROM cable ORDER BY mrn")]


def ends_as_fresh(store: Store, folder: Folder, number: int = 9) -> None:
    """Check that one more run ends where a warehouse ends that sees only what is there now."""
    run(store, number, folder.path)
    fresh = Store(store.warehouse.with_name("fresh.duckdb"))
    run(fresh, 0, folder.path)
    assert differences(store, fresh) == {}


def append_words(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more\n")


@pytest.mark.slow
def test_a_file_that_grows_while_it_is_read_is_rejected_for_now(
    folder: Folder, store: Store, watched: Watched
) -> None:
    watched.during("2.txt", append_words)
    run(store, 1, folder.path)
    assert telegrams(store) == ["07ASTANA1", "07ASTANA3"]
    outcome, reason = outcomes(store)["2.txt"]
    assert outcome == "rejected"
    assert "changed while it was being read; the next run reads it again" in str(reason)
    watched.calm()
    folder.put(2, 2, 1)
    ends_as_fresh(store, folder)


@pytest.mark.slow
def test_a_file_that_changes_once_is_read_again_at_once(
    folder: Folder, store: Store, watched: Watched
) -> None:
    acts = [lambda: folder.put(2, 2, 1)]
    watched.during("2.txt", lambda _: acts.pop()() if acts else None)
    run(store, 1, folder.path)
    assert outcomes(store)["2.txt"] == ("loaded", None)
    assert query(store.warehouse, "SELECT subject FROM cable WHERE mrn = '07ASTANA2'") == [
        ("HARBOUR 2 IN FORM 1",)
    ]
    ends_as_fresh(store, folder)


@pytest.mark.slow
@pytest.mark.parametrize("act", [append_words, lambda path: os.truncate(path, 100), Path.unlink])
def test_what_was_loaded_stays_when_its_file_changes_while_it_is_read_again(
    folder: Folder, store: Store, watched: Watched, act: Callable[[Path], None]
) -> None:
    run(store, 0, folder.path)
    folder.put(2, 2, 1)
    (watched.before if act is Path.unlink else watched.during)("2.txt", act)
    run(store, 1, folder.path)
    assert telegrams(store) == ["07ASTANA1", "07ASTANA2", "07ASTANA3"]
    outcome, reason = outcomes(store)["2.txt"]
    if act is append_words:
        assert outcome == "rejected"
        assert "what was loaded from it before stays" in str(reason)
    elif act is Path.unlink:
        assert outcome == "rejected"
        assert str(reason).startswith("cannot be read: No such file or directory")
    watched.calm()
    ends_as_fresh(store, folder)


@pytest.mark.slow
def test_a_new_file_that_goes_before_it_is_read_leaves_nothing_behind(
    folder: Folder, store: Store, watched: Watched
) -> None:
    watched.before("3.txt", Path.unlink)
    run(store, 1, folder.path, prune=False)
    assert outcomes(store)["3.txt"][0] == "rejected"
    watched.calm()
    run(store, 2, folder.path, prune=False)
    assert "3.txt" not in outcomes(store)
    fresh = Store(store.warehouse.with_name("fresh.duckdb"))
    run(fresh, 0, folder.path)
    assert differences(store, fresh) == {}


@pytest.mark.slow
def test_a_file_that_is_replaced_or_comes_meanwhile_is_found_by_the_next_run(
    folder: Folder, store: Store, watched: Watched
) -> None:
    def replace(path: Path) -> None:
        beside = path.with_name(".new")
        beside.write_bytes(telegram(2, 3))
        beside.replace(path)
        folder.put(7, 7, 0)

    watched.during("2.txt", replace)
    run(store, 1, folder.path)
    assert outcomes(store)["2.txt"] == ("loaded", None), "the old file was read whole"
    watched.calm()
    ends_as_fresh(store, folder)
    assert "07ASTANA7" in telegrams(store)


def write_zip(path: Path, form: int, count: int = 4) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1, count + 1):
            archive.writestr(f"{number}.txt", telegram(number + 10, form))


@pytest.mark.slow
@pytest.mark.parametrize("is_known", [False, True])
def test_no_document_counts_of_an_archive_that_changes_while_it_is_read(
    folder: Folder, store: Store, watched: Watched, is_known: bool
) -> None:
    archive = folder.path / "drop.zip"
    if is_known:
        write_zip(archive, 0)
        run(store, 0, folder.path)
        before = contents(store.warehouse)["fact_cable"]
        os.utime(archive, (1, 1))
    else:
        write_zip(archive, 0)
    watched.during("drop.zip", lambda path: write_zip(path, 1, count=2))
    run(store, 1, folder.path)
    found = outcomes(store)
    assert found["drop.zip"][0] == "rejected"
    assert "changed while it was being read" in str(found["drop.zip"][1])
    assert not [name for name in found if str(name).startswith("drop.zip#")]
    if is_known:
        assert contents(store.warehouse)["fact_cable"] == before
    else:
        assert telegrams(store) == ["07ASTANA1", "07ASTANA2", "07ASTANA3"]
    watched.calm()
    ends_as_fresh(store, folder)


@pytest.mark.slow
def test_a_folder_that_cannot_be_listed_takes_nothing_away(
    folder: Folder, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = Folder(folder.path / "mounted" / "deep")
    for name in (4, 5):
        inner.put(name, name, 0)
    run(store, 0, folder.path)
    scan = os.scandir

    def unmounted(path: str) -> Any:
        if str(path).endswith("mounted"):
            raise OSError(116, "Stale file handle")
        return scan(path)

    with monkeypatch.context() as patch:
        patch.setattr("etl.extract.sources.os.scandir", unmounted)
        run(store, 1, folder.path, prune=True)
    assert len(telegrams(store)) == 5, "it has not gone, it only cannot be seen"
    outcome, reason = outcomes(store)["mounted"]
    assert outcome == "rejected"
    assert "Stale file handle" in str(reason)
    ends_as_fresh(store, folder)


@pytest.mark.slow
def test_a_disk_that_fails_in_mid_file_is_tried_again(
    folder: Folder, store: Store, watched: Watched
) -> None:
    def fail(_: Path) -> None:
        raise OSError(5, "Input/output error")

    run(store, 0, folder.path)
    os.utime(folder.path / "2.txt", (2, 2))
    watched.during("2.txt", fail)
    run(store, 1, folder.path)
    assert telegrams(store) == ["07ASTANA1", "07ASTANA2", "07ASTANA3"]
    assert "Input/output error" in str(outcomes(store)["2.txt"][1])
    watched.calm()
    ends_as_fresh(store, folder)


@pytest.mark.slow
@pytest.mark.parametrize("fails_at", [1, 4, 9])
def test_a_disk_that_fails_in_an_archive_takes_no_entry_away(
    folder: Folder, store: Store, watched: Watched, fails_at: int
) -> None:
    """Its directory, an entry: to the reader of zips the disk's error looks like damage."""
    archive = folder.path / "drop.zip"
    write_zip(archive, 0)
    run(store, 0, folder.path)
    os.utime(archive, (1, 1))
    reads = 0

    def fail(_: Path) -> None:
        nonlocal reads
        reads += 1
        if reads >= fails_at:
            raise OSError(5, "Input/output error")

    watched.during("drop.zip", fail)
    run(store, 1, folder.path)
    assert len(telegrams(store)) == 7
    found = outcomes(store)
    outcome, reason = found["drop.zip"]
    assert outcome == "rejected"
    assert str(reason).startswith("cannot be read: Input/output error")
    assert not [name for name in found if str(name).startswith("drop.zip#")]
    watched.calm()
    ends_as_fresh(store, folder)
