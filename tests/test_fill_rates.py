"""A parser that stops reading a field is caught; poorer documents are not its fault."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from etl.fill_rates import MIN_CABLES, Comparison, Drop, compare, rates, rates_markdown
from etl.publish import open_stage
from etl.store import Store
from tests.conftest import SAMPLES, run_cables
from tests.star.synthetic import (
    PARSER,
    Frames,
    as_it_is,
    document,
    documents,
    ingest,
    query,
    receive,
    stage,
)

COUNT = 2 * MIN_CABLES
Alter = Callable[[Frames], Frames]


def received(first: int, last: int, words: str = "Text.") -> pl.DataFrame:
    """Give documents whose telegrams are sent in the 2000s, with neither odd nor missing times."""
    numbers = [number for number in range(first, last * 2) if number % 5][: last - first + 1]
    return documents([document(number, f"07ASTANA{number}: {words}") for number in numbers])


def without_subject(from_number: int, to_number: int = 10_000) -> Alter:
    """Make a parser that finds no subject in telegrams of these serials."""
    serial = pl.col("mrn").str.extract(r"(\d+)$").cast(pl.Int64)

    def alter(frames: Frames) -> Frames:
        lost = serial.is_between(from_number, to_number)
        subject = pl.when(~lost).then("subject").alias("subject")
        return frames | {"headers": frames["headers"].with_columns(subject)}

    return alter


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a warehouse of COUNT telegrams, published."""
    folder = tmp_path_factory.mktemp("fill")
    ingest(Store(folder / "cables.duckdb", parser_version=PARSER), "run-a", received(1, COUNT))
    return folder


def compared(state: Path, run_id: str, new: pl.DataFrame, alter: Alter = as_it_is) -> Comparison:
    """Stage a run of another parser version, and compare it with what is published."""
    store = Store(state / "cables.duckdb", parser_version=run_id)
    with store.lock():
        receive(store, run_id, new, alter=alter)
        path = stage(store, run_id)
        with open_stage(path, read_only=True) as connection:
            found = compare(connection, store.current())
            # Nothing is left attached.
            assert compare(connection, None) == Comparison(None, [])
            assert compare(connection, store.current()) == found
    return found


def test_the_same_parser_loses_nothing(state: Path) -> None:
    assert compared(state, "same", received(1, COUNT)) == Comparison(COUNT, [])


def test_a_field_that_is_no_longer_read_is_found(state: Path) -> None:
    found = compared(state, "lost", received(1, COUNT), without_subject(1))
    assert found.cable_count == COUNT
    assert set(found.drops) == {
        Drop("subject", "raw_telegram", 2000, COUNT, 1.0, 0.0),
        Drop("subject", None, None, COUNT, 1.0, 0.0),
    }
    texts = {str(drop) for drop in found.drops}
    assert "subject of raw_telegram 2000s: 100.0% to 0.0% of 100 telegrams" in texts


@pytest.mark.parametrize(("lost", "is_found"), [(5, False), (6, True)])
def test_a_drop_counts_from_the_stated_step_on(state: Path, lost: int, is_found: bool) -> None:
    serials = received(1, COUNT)["body_text"].str.extract(r"ASTANA(\d+)").cast(pl.Int64)
    last = serials.sort()[lost - 1]
    found = compared(state, f"step{lost}", received(1, COUNT), without_subject(1, last))
    assert bool(found.drops) is is_found


def test_new_documents_with_poorer_headers_are_not_compared(state: Path) -> None:
    new = received(1000, 1000 + COUNT)
    found = compared(state, "poorer", new, without_subject(1000))
    assert found == Comparison(COUNT, [])


def test_a_telegram_read_from_other_bytes_is_not_compared(state: Path) -> None:
    new = received(1, COUNT, words="A longer text, so that it is the one that counts.")
    assert compared(state, "changed", new, without_subject(1)) == Comparison(0, [])


def test_a_lost_time_of_sending_does_not_hide_in_another_decade(state: Path) -> None:
    def alter(frames: Frames) -> Frames:
        never = pl.lit(None, pl.Datetime("us")).alias("sent_at")
        return frames | {"headers": frames["headers"].with_columns(never)}

    found = compared(state, "timeless", received(1, COUNT), alter)
    assert Drop("sent_at", "raw_telegram", 2000, COUNT, 1.0, 0.0) in found.drops


def test_small_groups_are_passed_over(tmp_path: Path) -> None:
    few = received(1, MIN_CABLES - 1)
    ingest(Store(tmp_path / "cables.duckdb", parser_version=PARSER), "run-a", few)
    found = compared(tmp_path, "few", few, without_subject(1))
    assert found == Comparison(MIN_CABLES - 1, [])


def test_the_first_run_has_nothing_to_compare_with(tmp_path: Path) -> None:
    assert compared(tmp_path, "first", received(1, 3)) == Comparison(None, [])


def test_a_file_of_an_older_version_or_none_at_all_is_nothing_to_compare_with(
    state: Path, tmp_path: Path
) -> None:
    older, broken = tmp_path / "older.duckdb", tmp_path / "broken.duckdb"
    with open_stage(older) as connection:
        connection.execute("CREATE TABLE fact_cable (cable_key BIGINT)")
    broken.write_bytes(b"no database")
    published = Store(state / "cables.duckdb").current()
    assert published
    with open_stage(published, read_only=True) as connection:
        for path in (older, broken):
            assert compare(connection, path) == Comparison(None, [])


@pytest.mark.slow
def test_lost_field_blocks_publication_until_it_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etl import fill_rates, parsing
    from etl.parse import parse, telegram

    def without_tags(documents: pl.DataFrame) -> Frames:
        frames = parse(documents)
        return frames | {"tags": frames["tags"].clear()}

    warehouse = tmp_path / "w.duckdb"
    sql = "SELECT count(*) FROM bridge_cable_tag"
    command: list[str | Path] = [
        "ingest",
        SAMPLES / "raw",
        "--warehouse",
        warehouse,
    ]
    monkeypatch.setattr(fill_rates, "MIN_CABLES", 5)
    assert run_cables(*command).exit_code == 0
    [before] = query(warehouse, sql)
    monkeypatch.setattr(telegram, "parse", without_tags)
    monkeypatch.setattr(parsing, "WORKERS", 1)  # none that would parse as ever
    result = run_cables(*command, "--rebuild")
    assert result.exit_code == 1
    assert "staged_warehouse: fill_rates" in result.stderr
    assert "tags of all: " in result.stderr
    assert " to 0.0% of " in result.stderr
    assert "--accept-fill-rates" in result.stderr
    assert query(warehouse, sql) == [before], "what was published stays"
    result = run_cables(*command, "--rebuild", "--accept-fill-rates")
    assert result.exit_code == 0, result.output
    assert query(warehouse, sql) == [(0,)]


def test_rates_are_given_over_all_and_by_group(state: Path) -> None:
    published = Store(state / "cables.duckdb").current()
    assert published
    with open_stage(published, read_only=True) as connection:
        found, table = rates(connection), rates_markdown(connection)
    assert found["subject"] == 1.0
    assert found["drafters"] == 0.0
    assert "| field | raw_telegram 2000s (100) |" in table
    assert "| subject | 100.0% |" in table
