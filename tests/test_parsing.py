"""Parts are parsed while others are read; what comes of it is the same, whoever parsed them."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl import parsing
from etl.extract import ToRead, to_read
from etl.extract.documents import MIB
from etl.intake import batch_size, take_in
from etl.parallel import WORKERS
from etl.parse import parse
from etl.parse import telegram as telegrams
from etl.parsing import FEWEST_BYTES, Ahead, started_early
from etl.store import Store
from tests.hostile import telegram

Frames = dict[str, pl.DataFrame]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "warehouse.duckdb")


@pytest.fixture
def sources(tmp_path: Path) -> list[str]:
    """Telegrams of 2 KB each: three batches, when one may have 4 KB."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(1, 7):
        (folder / f"{number}.txt").write_text(telegram(number, extra="so it goes " * 150))
    return [str(folder)]


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have no processes started; give the parts that are parsed in this one."""
    names: list[str] = []
    real: Callable[[Store, str | None, str], None] = parsing.parse_part

    def noted(store: Store, run_id: str | None, part: str) -> None:
        names.append(part)
        real(store, run_id, part)

    monkeypatch.setattr(parsing, "parse_part", noted)
    monkeypatch.setattr(parsing, "WORKERS", 1)
    return names


def frames(store: Store, run_id: str) -> Frames:
    return {
        name: store.scan(run_id, name).collect().sort("document_key")
        for name in ("headers", "paragraphs", "tags")
    }


def test_what_is_begun_ahead_is_what_is_parsed_afterwards(store: Store, sources: list[str]) -> None:
    with store.lock(), Ahead(store) as ahead:
        ahead.expect(FEWEST_BYTES)
        take_in(store, "run-a", sources, batch_bytes=4_000, kept=ahead.begin)
        parts, parsed = ahead.finish("run-a")
        assert len(parts) > 2
        assert list(parsed) == list(range(1, len(parts) + 1))
        assert store.unparsed_parts("run-a") == []
        found = frames(store, "run-a")
        take_in(store, "run-b", sources, batch_bytes=4_000, rebuild=True)
        for part in store.unparsed_parts("run-b"):
            store.write_parsed(part, parse(store.readable_documents("run-b", part)))
        expected = frames(store, "run-b")
    assert found["headers"].height == 6
    assert all(found[name].equals(expected[name]) for name in found)


def test_another_process_parses_what_was_not_begun(
    store: Store, sources: list[str], in_process: list[str]
) -> None:
    with store.lock():
        with Ahead(store) as ahead:
            take_in(store, "run-a", sources, batch_bytes=4_000, kept=ahead.begin)
        assert in_process == []
        with Ahead(store) as ahead:
            parts, parsed = ahead.finish("run-a")
            list(parsed)
            assert in_process == parts == sorted(store.index("run-a")["part"].unique())
        with Ahead(store) as ahead:  # a retry of the step
            assert ahead.finish("run-a")[0] == []


def test_what_is_not_finished_is_given_up_and_left_to_the_next(
    store: Store, sources: list[str]
) -> None:
    with store.lock():
        with Ahead(store) as ahead:
            ahead.expect(FEWEST_BYTES)
            take_in(store, "run-a", sources, batch_bytes=4_000, kept=ahead.begin)
        with Ahead(store) as ahead:
            list(ahead.finish("run-a")[1])
        assert frames(store, "run-a")["headers"].height == 6


def found_in(sources: list[str]) -> ToRead:
    return to_read(sources, enough_bytes=10**9)


def test_few_files_are_parsed_before_the_run_reads_them(
    store: Store, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.lock():
        take_in(store, "run-a", sources)
        with Ahead(store) as ahead:
            assert list(ahead.finish("run-a")[1]) == [1]
        expected = frames(store, "run-a")
        monkeypatch.delattr(parsing, "parse_part")
        with started_early(found_in(sources)), Ahead(store) as ahead:
            take_in(store, "run-b", sources, rebuild=True, kept=ahead.begin)
            assert list(ahead.finish("run-b")[1]) == [1]
        found = frames(store, "run-b")
    assert found["headers"].height == 6
    assert all(found[name].equals(expected[name]) for name in found)


@pytest.mark.parametrize("why", ["another text", "another file", "more than one batch", "killed"])
def test_what_was_parsed_early_and_is_not_what_was_read_is_parsed_again(
    store: Store,
    sources: list[str],
    monkeypatch: pytest.MonkeyPatch,
    why: str,
) -> None:
    folder, parsed_here = Path(sources[0]), list[str]()
    real = parsing.parse_part

    def noted(store: Store, run_id: str | None, part: str) -> None:
        parsed_here.append(part)
        real(store, run_id, part)

    monkeypatch.setattr(parsing, "parse_part", noted)
    found = found_in(sources)
    if why == "more than one batch":  # packed, they would not have been too many
        found = found._replace(files=found.files and found.files * 1_000)
    with store.lock(), started_early(found), Ahead(store) as ahead:
        if why == "killed":
            for process in multiprocessing.active_children():
                process.kill()
        else:
            wait(parsing._foreseen)
        if why == "another text":
            (folder / "3.txt").write_text(telegram(3, extra="it went otherwise " * 90))
        if why == "another file":
            (folder / "7.txt").write_text(telegram(7, extra="and on " * 200))
        take_in(store, "run-a", sources, kept=ahead.begin)
        assert list(ahead.finish("run-a")[1]) == [1]
        texts = store.scan("run-a", "paragraphs").collect()["text"]
    assert len(parsed_here) == 1
    assert texts.str.contains("otherwise").any() == (why == "another text")
    assert texts.str.contains("and on").any() == (why == "another file")


@pytest.mark.parametrize("problem", [OSError("no semaphores"), NotImplementedError("few")])
def test_where_no_process_may_be_started_few_files_are_parsed_here(
    store: Store, sources: list[str], monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(parsing, "Processes", refused)
    with store.lock(), started_early(found_in(sources)), Ahead(store) as ahead:
        take_in(store, "run-a", sources, kept=ahead.begin)
        assert list(ahead.finish("run-a")[1]) == [1]
        assert frames(store, "run-a")["headers"].height == 6


def test_small_loads_start_no_process(
    store: Store, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(parsing, "Processes")
    with store.lock(), Ahead(store) as ahead:
        sizes: list[int] = []

        def expect(size: int) -> None:
            sizes.append(size)
            ahead.expect(size)

        take_in(store, "run-a", sources, expect=expect, kept=ahead.begin)
        assert sizes == [sum(path.stat().st_size for path in Path(sources[0]).iterdir())]
        assert list(ahead.finish("run-a")[1]) == [1]


def test_a_run_that_meets_nothing_new_expects_to_read_nothing(
    store: Store, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [path.as_uri() for path in Path(sources[0]).iterdir()]
    with store.lock():
        take_in(store, "run-a", sources)
        noted = pl.read_parquet(store.run_dir("run-a") / "source_files.parquet")
        assert sorted(noted["uri"]) == sorted(files)
        later = noted.with_columns(looked_ns=pl.col("looked_ns") + 10**10)
        monkeypatch.setattr(Store, "source_files", lambda _: later)
        sizes: list[int] = []
        take_in(store, "run-b", sources, expect=sizes.append)
    assert sizes == [0]


def test_broken_rules_are_counted_whoever_parsed(
    store: Store, sources: list[str], in_process: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(documents: pl.DataFrame) -> Frames:
        found = real(documents)
        return found | {"headers": found["headers"].with_columns(paragraph_count=-1)}

    real = telegrams.parse
    monkeypatch.setattr(telegrams, "parse", broken)
    with store.lock():
        with Ahead(store) as ahead:
            take_in(store, "run-a", sources, batch_bytes=4_000, kept=ahead.begin)
            list(ahead.finish("run-a")[1])
        assert len(in_process) > 2
        counts = store.broken_rows("run-a")
    assert list(counts["headers"].values()) == [6]
    assert not counts["paragraphs"]


@given(total=st.integers(1, 100_000), most=st.integers(1, 30_000))
def test_batches_fit_and_the_last_ones_are_small(total: int, most: int) -> None:
    sizes: list[int] = []
    while sum(sizes) < total and len(sizes) < 200:
        sizes.append(batch_size(most, total - sum(sizes)))
    assert all(max(most // 4, 1) <= size <= most for size in sizes)
    if total > 2 * WORKERS * most and len(sizes) < 200:
        assert sizes[0] == most
        assert sizes[-1] <= max(most // WORKERS, 1)


def test_whole_batches_where_the_size_was_not_known() -> None:
    assert batch_size(24 * MIB, 0) == batch_size(24 * MIB, -1) == 24 * MIB
