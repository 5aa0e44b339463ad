"""Which files a run opens, and which documents it leaves behind; the files are our own samples."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from etl import extract, intake
from etl.extract import Limits, check_sources, covers, reading
from etl.intake import Files, NothingFound, handed_on, look, subject, take_in
from etl.parse import parse
from etl.publish import publish
from etl.store import Store
from tests.conftest import SAMPLES
from tests.extract.conftest import make_row
from tests.hostile import zipped
from tests.star.synthetic import query, stage
from tests.test_increment import telegram

LONG_AGO = 1_200_000_000
OTHER_PAGES = sorted((SAMPLES / "pages").rglob("*.html"))[:3]
PAGE = next((SAMPLES / "pages").rglob("07TALLINN9901.html")).read_bytes()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "warehouse.duckdb")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the files that are opened from now on."""
    names: list[str] = []
    real: Callable[[str], object] = reading._open

    def noted(path: str) -> object:
        names.append(Path(path).name)
        return real(path)

    monkeypatch.setattr(reading, "_open", noted)
    return names


def put(folder: Path, name: str, content: bytes = PAGE, seconds: int = LONG_AGO) -> Path:
    """Write a file of some age."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (seconds, seconds))
    return path


def run(
    store: Store,
    name: str,
    *sources: Path | str,
    verify: bool = False,
    prune: bool = False,
    limits: Limits | None = None,
) -> pl.DataFrame:
    """Do a whole run, and give its document index."""
    with store.lock():
        store.sweep()
        index = take_in(
            store,
            name,
            [str(source) for source in sources],
            verify=verify,
            prune=prune,
            limits=limits,
        )
        for part in store.unparsed_parts(name):
            store.write_parsed(part, parse(store.readable_documents(name, part)))
        stage(store, name)
        publish(store, name)
    return index


def in_force(store: Store) -> set[str]:
    rows = query(store.warehouse, "SELECT uri FROM dim_document WHERE part IS NOT NULL")
    return {str(uri).rsplit("/", 1)[1] for (uri,) in rows}


def test_files_of_the_same_size_and_time_are_not_opened(
    store: Store, tmp_path: Path, opened: list[str]
) -> None:
    folder = tmp_path / "in"
    for page in OTHER_PAGES:
        put(folder, page.name, page.read_bytes())
    put(folder, "list.txt", b"two loaves, a herring")
    run(store, "run-1", folder)
    assert len(opened) == 4
    opened.clear()
    index = run(store, "run-2", folder)
    assert opened == []
    assert index.filter(pl.col("run_id") == "run-2").height == 4, "they count as met all the same"
    rows = query(
        store.warehouse,
        "SELECT outcome, count(*) FROM fact_ingest WHERE run_id = 'run-2' GROUP BY 1 ORDER BY 1",
    )
    assert rows == [("rejected", 1), ("unchanged", 3)]


def test_what_a_look_has_found_is_handed_on_once(
    store: Store, tmp_path: Path, opened: list[str]
) -> None:
    folder = tmp_path / "in"
    put(folder, "a.html")
    run(store, "run-1", folder)
    opened.clear()
    sources = [str(folder)]
    files = Files(store.source_files())
    found = look(store, sources, files, 10**6)
    put(folder, "b.txt", b"two loaves, a herring")

    def taken_in(*, verify: bool = False) -> list[str]:
        opened.clear()
        take_in(store, "run-2", sources, verify=verify)
        return sorted(opened)

    same = subject(store, sources, read_all=False, limits=None, follow_symlinks=False)
    with handed_on(same, files, found):
        assert taken_in() == []
        assert taken_in() == ["b.txt"], "the next run looks for itself"
    with handed_on(same, files, found):
        assert taken_in(verify=True) == ["a.html", "b.txt"]
    with handed_on(same, files, found):
        pass
    assert taken_in() == ["b.txt"], "what nobody took is forgotten"
    files = Files(store.source_files())
    found = look(store, sources, files, 10**6)
    put(folder, "c.txt", b"an oar")
    with handed_on(same, files, found):
        assert taken_in() == ["b.txt"]
    other = subject(store, sources, read_all=False, limits=None, follow_symlinks=True)
    with handed_on(other, files, found):
        assert taken_in() == ["b.txt", "c.txt"]


def test_a_file_that_changes_after_the_look_is_read_as_it_is_and_once_more(
    store: Store, tmp_path: Path, opened: list[str]
) -> None:
    folder = tmp_path / "in"
    put(folder, "a.html")
    sources = [str(folder)]
    files = Files(store.source_files())
    found = look(store, sources, files, 10**6)
    put(folder, "a.html", PAGE + b"<!-- saved again -->")
    same = subject(store, sources, read_all=False, limits=None, follow_symlinks=False)
    with handed_on(same, files, found):
        index = run(store, "run-1", folder)
    assert index["reject_reason"].to_list() == [None]
    assert index["size_bytes"].to_list() == [len(PAGE) + 20]
    opened.clear()
    index = run(store, "run-2", folder)
    assert opened == ["a.html"]
    assert index["size_bytes"].to_list() == [len(PAGE) + 20]


@pytest.mark.parametrize("listed", [0, 1_000])
def test_many_changed_files_are_looked_for_anew(
    store: Store, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch, listed: int
) -> None:
    monkeypatch.setattr(extract, "MOST_LISTED", listed)
    folder = tmp_path / "in"
    put(folder, "a.html")
    put(folder, "b.txt", b"two loaves, a herring")
    run(store, "run-1", folder)
    put(folder, "b.txt", b"two loaves, three herrings")
    put(folder, "c.txt", b"an oar")
    opened.clear()
    index = run(store, "run-2", folder)
    assert opened == ["b.txt", "c.txt"]
    assert index.filter(pl.col("run_id") == "run-2").height == 3
    files = store.source_files()
    assert [name.rsplit("/", 1)[1] for name in files["uri"]] == ["a.html", "b.txt", "c.txt"]
    assert files["size_bytes"].to_list() == [len(PAGE), 26, 6]


def test_changed_touched_and_new_files_are_opened(
    store: Store, tmp_path: Path, opened: list[str]
) -> None:
    folder = tmp_path / "in"
    for name in ("same.html", "longer.html", "touched.html"):
        put(folder, name)
    run(store, "run-1", folder)
    opened.clear()
    put(folder, "longer.html", PAGE + b"\n")
    put(folder, "touched.html", PAGE, LONG_AGO + 1)
    put(folder, "new.html")
    index = run(store, "run-2", folder)
    assert sorted(opened) == ["longer.html", "new.html", "touched.html"]
    fresh = index.filter(pl.col("previous_status").is_null())["uri"].str.split("/").list.last()
    assert sorted(fresh) == ["longer.html", "new.html"], "touched, but the same bytes"


def test_a_file_written_just_before_the_look_is_in_doubt(
    store: Store, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = LONG_AGO + 1_000
    monkeypatch.setattr(time, "time_ns", lambda: now * 1_000_000_000)
    put(tmp_path, "in/settled.html", PAGE, now - 10)
    put(tmp_path, "in/just-now.html", PAGE, now - 1)
    put(tmp_path, "in/tomorrow.html", PAGE, now + 86_400)
    for name in ("run-1", "run-2"):
        opened.clear()
        run(store, name, tmp_path / "in")
    assert sorted(opened) == ["just-now.html", "tomorrow.html"]


def test_verify_opens_all_and_finds_a_change_that_kept_size_and_time(
    store: Store, tmp_path: Path, opened: list[str]
) -> None:
    path = put(tmp_path, "in/a.html")
    run(store, "run-1", path)
    put(tmp_path, "in/a.html", PAGE.replace(b"TALLINN", b"TALLLNN"))
    assert run(store, "run-2", path)["previous_status"].to_list() == ["loaded"]
    opened.clear()
    assert run(store, "run-3", path, verify=True)["previous_status"].to_list() == [None]
    assert opened == ["a.html"]


def test_a_new_reader_reads_all_files_again(
    store: Store, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "in/a.html")
    run(store, "run-1", path)
    monkeypatch.setattr(intake, "READER_VERSION", "another")
    opened.clear()
    # The same bytes may say something else to it: what a rebuild would hold, this run holds.
    assert run(store, "run-2", path)["previous_status"].to_list() == [None]
    assert opened == ["a.html"]
    assert run(store, "run-3", path)["previous_status"].to_list() == ["loaded"]


def test_a_higher_limit_reads_again_what_was_over_it_and_nothing_else(
    store: Store, tmp_path: Path, opened: list[str]
) -> None:
    put(tmp_path, "in/a.html")
    long = put(tmp_path, "in/long.html", PAGE.replace(b"</pre>", b"x\n" * 1000 + b"</pre>", 1))
    low, high = (Limits(max_document_bytes=long.stat().st_size + more) for more in (-1, 0))

    def rejected(name: str, limits: Limits) -> int:
        opened.clear()
        return run(store, name, tmp_path / "in", limits=limits)["reject_reason"].count()

    assert rejected("run-1", low) == 1
    assert rejected("run-2", low) == 1
    assert opened == []
    assert rejected("run-3", high) == 0
    assert opened == ["long.html"]
    assert rejected("run-4", high) == 0
    assert opened == []


def test_a_row_that_has_moved_in_its_file_is_where_it_is_now(store: Store, tmp_path: Path) -> None:
    second = make_row(2, mrn="07EXAMPLEVILLE43")
    for name, first in (("run-1", make_row(1)), ("run-2", make_row(1, header="longer by far"))):
        path = put(tmp_path, "in/cables.csv", (first + second).encode())
        index = run(store, name, path, verify=True)
        [found] = query(store.warehouse, "SELECT byte_offset FROM dim_document WHERE member = '2'")
        assert found == (len(first.encode()),)
    assert index.filter(member="2")["previous_status"].item() == "loaded"  # not read anew


def test_a_file_that_could_not_be_read_is_tried_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "in/a.html")
    with monkeypatch.context() as patch:

        def refuse(_: str) -> object:
            raise PermissionError(13, "Permission denied")

        patch.setattr(reading, "_open", refuse)
        assert run(store, "run-1", path)["reject_reason"].null_count() == 0
    assert run(store, "run-2", path)["reject_reason"].null_count() == 1


def test_losing_the_notes_costs_a_look_and_nothing_else(
    store: Store, tmp_path: Path, opened: list[str]
) -> None:
    path = put(tmp_path, "in/a.html")
    run(store, "run-1", path)
    (notes,) = store.state_dir.glob("*.files.parquet")
    notes.write_bytes(b"not parquet")
    opened.clear()
    assert run(store, "run-2", path)["previous_status"].to_list() == ["loaded"]
    assert opened == ["a.html"]
    assert len(list(store.state_dir.glob("*.files.parquet"))) <= 2


def test_two_warehouses_share_no_notes(store: Store, tmp_path: Path, opened: list[str]) -> None:
    path = put(tmp_path, "in/a.html")
    run(store, "run-1", path)
    opened.clear()
    run(Store(tmp_path / "other.duckdb"), "run-1", path)
    assert opened == ["a.html"]


def test_prune_removes_what_is_gone_from_these_sources_only(store: Store, tmp_path: Path) -> None:
    put(tmp_path, "in/stays.html")
    gone = put(tmp_path, "in/deep/gone.html")
    put(tmp_path, "elsewhere/a.html")
    put(tmp_path, "in-two/a.html")
    run(store, "run-1", tmp_path / "in", tmp_path / "elsewhere", tmp_path / "in-two")
    gone.unlink()
    run(store, "run-2", tmp_path / "in")
    assert "gone.html" in in_force(store), "without --prune nothing is removed"
    run(store, "run-3", tmp_path / "in", prune=True)
    assert in_force(store) == {"stays.html", "a.html"}
    put(tmp_path, "in/deep/gone.html")
    run(store, "run-4", tmp_path / "in", prune=True)
    assert "gone.html" in in_force(store), "what is put back is loaded again"


def test_prune_removes_what_went_out_of_a_file_in_an_earlier_run(
    store: Store, tmp_path: Path, opened: list[str]
) -> None:
    entries = [(page.name, page.read_bytes()) for page in OTHER_PAGES]
    for number, held in enumerate((3, 2)):
        path = put(tmp_path, "in/drop.zip", zipped(entries[:held]), LONG_AGO + number)
        run(store, f"run-{number}", path)
    opened.clear()
    run(store, "run-2", path)
    assert (opened, len(query(store.warehouse, "SELECT mrn FROM cable"))) == ([], 3)
    run(store, "run-3", path, prune=True)
    assert len(query(store.warehouse, "SELECT mrn FROM cable")) == 2
    opened.clear()
    run(store, "run-4", path, prune=True)
    assert opened == []


def test_prune_of_an_empty_folder_is_refused(store: Store, tmp_path: Path) -> None:
    path = put(tmp_path, "in/a.html")
    run(store, "run-1", tmp_path / "in")
    path.unlink()
    with pytest.raises(NothingFound, match="would remove every document"):
        run(store, "run-2", tmp_path / "in", prune=True)
    assert in_force(store) == {"a.html"}


@pytest.mark.parametrize(
    ("source", "covered"),
    [
        ("/drop", ["/drop/a.txt", "/drop/b/c.html"]),
        ("/drop/*.txt", ["/drop/a.txt"]),
        ("/drop/**/*.html", ["/drop/b/c.html", "/drop/d.html"]),
        ("/drop/?", ["/drop/b/c.html"]),
        ("/drop/[!a]*", ["/drop/b/c.html", "/drop/d.html"]),
        ("/drop/[ab].txt", ["/drop/a.txt"]),
        ("/drop/ä ö/*", ["/drop/ä ö/x.txt"]),
    ],
)
def test_a_file_that_is_gone_is_covered_by_its_folder_or_pattern(
    source: str, covered: list[str]
) -> None:
    paths = ["/drop/a.txt", "/drop/b/c.html", "/drop/d.html", "/drop/ä ö/x.txt", "/dropped/a.txt"]
    uris = pl.DataFrame({"uri": [Path(path).as_uri() for path in paths]})
    found = uris.with_row_index().filter(covers([source]))["index"]
    expected = covered + (["/drop/d.html", "/drop/ä ö/x.txt"] if source == "/drop" else [])
    if source == "/drop/[!a]*":
        expected.append("/drop/ä ö/x.txt")
    assert {paths[row] for row in found} == set(expected)


def test_covers_takes_what_check_sources_gives(tmp_path: Path) -> None:
    put(tmp_path, "x y/a.txt")
    uris = pl.DataFrame({"uri": [(tmp_path / "x y" / "gone.txt").as_uri()]})
    assert uris.filter(covers(check_sources([str(tmp_path / "x y")]))).height == 1
    assert uris.filter(covers(check_sources([str(tmp_path / "x*" / "*.txt")]))).height == 1


def test_what_was_rejected_of_a_file_that_has_been_mended_is_forgotten(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    whole = zipped([("a.html", OTHER_PAGES[0].read_bytes())])
    put(folder, "drop.zip", whole[:-20])
    put(folder, "rows.csv", (make_row() + make_row(2).replace('","', ",", 1)).encode())
    put(folder, "other.txt", b"two loaves, a herring\n")
    run(store, "one", folder)
    rejects = (
        "SELECT parse_filename(uri), member FROM dim_document WHERE status = 'rejected' ORDER BY 1"
    )
    broken: list[tuple[object, ...]] = [("drop.zip", None), ("other.txt", None), ("rows.csv", "2")]
    assert query(store.warehouse, rejects) == broken
    put(folder, "drop.zip", whole, LONG_AGO + 60)
    put(folder, "rows.csv", make_row().encode(), LONG_AGO + 60)
    run(store, "two", folder)
    assert query(store.warehouse, rejects) == [("other.txt", None)]
    assert query(store.warehouse, "SELECT count(*) FROM fact_cable") == [(2,)]


def test_telegrams_glued_in_one_file_are_looked_after_like_the_rows_of_another(
    store: Store, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded() -> list[tuple[object, ...]]:
        return query(store.warehouse, "SELECT member, mrn FROM cable ORDER BY mrn")

    def outcomes() -> list[object]:
        sql = "SELECT outcome FROM ingest_outcome WHERE is_latest_run ORDER BY member NULLS FIRST"
        return [outcome for (outcome,) in query(store.warehouse, sql)]

    first, second, third = (telegram(serial, 0) for serial in (1, 2, 3))
    path = put(tmp_path, "in/all.txt", first + second)
    run(store, "run-1", tmp_path / "in")
    assert loaded() == [(None, "07ASTANA1"), ("2", "07ASTANA2")]
    opened.clear()
    run(store, "run-2", tmp_path / "in")
    assert (opened, outcomes()) == ([], ["unchanged", "unchanged"])
    put(tmp_path, "in/all.txt", first + second + third, LONG_AGO + 1)
    run(store, "run-3", tmp_path / "in")
    assert outcomes() == ["unchanged", "unchanged", "loaded"]
    put(tmp_path, "in/all.txt", first, LONG_AGO + 2)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "_state", lambda _: object())  # it changes all the while
        run(store, "run-4", tmp_path / "in", prune=True)
    assert outcomes() == ["rejected"]
    assert len(loaded()) == 3, "what was loaded from it before stays"
    run(store, "run-5", tmp_path / "in")
    assert len(loaded()) == 3, "without --prune nothing is removed"
    run(store, "run-6", tmp_path / "in", prune=True)
    assert loaded() == [(None, "07ASTANA1")]
    path.unlink()
    put(tmp_path, "in/other.txt")
    run(store, "run-7", tmp_path / "in", prune=True)
    assert in_force(store) == {"other.txt"}
