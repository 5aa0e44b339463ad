"""The clock is wrong, or jumps: nothing that is loaded, skipped, kept or ordered depends on it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl import intake
from etl.intake import take_in
from etl.store import Store
from tests.star.synthetic import query
from tests.test_increment import Folder, differences, run

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
JUMPS = [timedelta(0), -10 * YEAR, 70 * YEAR, timedelta(hours=-1)]

Clock = Callable[[timedelta], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give a function that sets the clock of the runs to so long after NOW."""

    def set_to(after: timedelta) -> None:
        class Wrong(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                return NOW + after

        monkeypatch.setattr(intake, "datetime", Wrong)
        nanoseconds = int((NOW + after).timestamp()) * 1_000_000_000
        monkeypatch.setattr("etl.intake.time.time_ns", lambda: nanoseconds)

    return set_to


@pytest.mark.slow
def test_runs_follow_each_other_whatever_the_clock_says(
    tmp_path: Path, set_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    folder.put(1, 1, 0)
    for number, jump in enumerate(JUMPS):
        set_clock(jump)
        folder.put(1, 1, number % 4)
        folder.put(number + 2, number + 2, 0)
        run(store, number, folder.path)  # checks the invariants, too
        latest = query(
            store.warehouse, "SELECT DISTINCT run_id FROM ingest_outcome WHERE is_latest_run"
        )
        assert latest == [(f"run-{number}",)]
    order = query(
        store.warehouse, "SELECT run_id FROM fact_ingest GROUP BY 1 ORDER BY max(ingested_at)"
    )
    assert order == [(f"run-{number}",) for number in range(len(JUMPS))]
    assert store.numbers() == [len(JUMPS) - 1, len(JUMPS)], "versions are numbered, not dated"
    monkeypatch.undo()
    fresh = Store(tmp_path / "fresh.duckdb")
    run(fresh, 0, folder.path)
    assert differences(store, fresh) == {}


@pytest.mark.parametrize("jump", [-30 * YEAR, 30 * YEAR])
def test_a_file_written_while_the_clock_is_wrong_is_read(
    tmp_path: Path, set_clock: Clock, jump: timedelta
) -> None:
    """Size and time are compared with what they were, never with what time it is."""
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    folder.put(1, 1, 0)
    set_clock(jump)
    run(store, 0, folder.path)
    set_clock(timedelta(0))
    folder.put(1, 1, 2)
    run(store, 1, folder.path)
    assert query(store.warehouse, "SELECT subject FROM cable") == [("HARBOUR 1 IN FORM 2",)]


@pytest.mark.parametrize("seconds", [15_000_000_000, -2_000_000_000])
def test_a_file_of_any_time_is_read_and_stops_no_other(tmp_path: Path, seconds: int) -> None:
    """Nanoseconds in 64 bits end in 2262; most file systems have later times."""
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    for name in (1, 2):
        folder.put(name, name, 0)
    os.utime(folder.path / "1.txt", (seconds, seconds))
    for number in range(2):
        with store.lock():
            index = take_in(store, f"run-{number}", [str(folder.path)])
        assert index["reject_reason"].null_count() == 2
        assert (index["modified_at"].dt.year() < 2263).all()
