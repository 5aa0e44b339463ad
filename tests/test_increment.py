"""What a drop leaves behind is what a rebuild makes of the same documents, row by row."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl import compaction, increment
from etl.contracts.tables import DERIVED, TABLES
from etl.intake import take_in
from etl.invariants import run_invariants
from etl.parse import parse
from etl.publish import open_stage, publish, write_table
from etl.store import Store
from tests.star.synthetic import query, stage

OF_THE_RUN = {"fact_ingest"}
"""Tables that tell the runs apart."""

EXCEPT = {"dim_document": ("part", "first_seen_at")}
"""Columns that say in which run a document came."""

PEOPLE = ["Ada Pellworth", "ADA PELLWORTH", "Bo Quill", "Quill"]


def telegram(serial: int, form: int) -> bytes:
    """Write a telegram of ASTANA; its form decides whom and what it names, and how much it says."""
    others = [(serial + form) % 5 + 1, (serial + 2 * form) % 7 + 1]
    refs = "; ".join(f"{'AB'[n]}. ASTANA {other}" for n, other in enumerate(others))
    return f"""\
VZCZCXRO{serial:04d}
RR RUEHC
DE RUEHTA #{serial:04d} 1231204
ZNY CCCCC ZZH
R 031204Z MAY 07
FM AMEMBASSY ASTANA
TO RUEHC/SECSTATE WASHDC {form:04d}
INFO RUEH{"ABCD"[form]}Z/AMEMBASSY {["OSLO", "PARIS", "ROME", "TALLINN"][form]}
BT
C O N F I D E N T I A L ASTANA {serial:06d}

SIPDIS{" NOFORN" if form == 1 else ""}

E.O. 12958: DECL: 05/03/2017
TAGS: PREL, {["KZ", "EN", "EINV", "PGOV"][form]}
SUBJECT: HARBOUR {serial} IN FORM {form}

REF: {refs}

Classified By: {PEOPLE[form]}, for reasons 1.4 (b) and ({"abcd"[form]}).

1. (C) The harbour stays open. {"More is said here. " * form}

2. (SBU) Comment: nobody doubts it. End comment.

{PEOPLE[form].split()[-1].upper()}
BT
#{serial:04d}
NNNN
""".encode()


class Folder:
    """A source folder whose files have a time of their own for each content."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)

    def put(self, name: int, serial: int, form: int) -> None:
        path = self.path / f"{name}.txt"
        path.write_bytes(telegram(serial, form) if form < 4 else b"two loaves, a herring\n")
        os.utime(path, (1_200_000_000 + serial * 10 + form,) * 2)

    def glue(self, name: int, *telegrams: tuple[int, int]) -> None:
        """Put several telegrams, each of a serial and a form, into one file."""
        path = self.path / f"{name}.txt"
        path.write_bytes(b"\n".join(telegram(serial, form) for serial, form in telegrams))
        number = sum(
            (serial * 10 + form) * 100**place for place, (serial, form) in enumerate(telegrams, 1)
        )
        os.utime(path, (1_200_000_000 + number,) * 2)

    def take(self, name: int) -> None:
        (self.path / f"{name}.txt").unlink(missing_ok=True)


def run(store: Store, number: int, folder: Path, *, prune: bool = True) -> int | None:
    """Do a whole run; give how many telegrams it wrote (null: all)."""
    run_id = f"run-{number}"
    with store.lock():
        store.sweep()
        take_in(store, run_id, [str(folder)], prune=prune)
        for part in store.unparsed_parts(run_id):
            store.write_parsed(part, parse(store.readable_documents(run_id, part)))
        with open_stage(stage(store, run_id, parse), read_only=True) as connection:
            assert run_invariants(connection) == []
        changed = store.changed(run_id)
        publish(store, run_id)
    return None if changed is None else changed.height


def contents(warehouse: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Give all rows that do not tell the runs apart, sorted, by table."""
    found = {}
    with duckdb.connect(warehouse, read_only=True) as connection:
        for table in (*(TABLES.keys() - OF_THE_RUN), *DERIVED):
            without = ", ".join(EXCEPT.get(table, ()))
            columns = f"* EXCLUDE ({without})" if without else "*"
            where = "WHERE status <> 'removed'" if table == "dim_document" else ""
            rows = connection.execute(f"SELECT {columns} FROM {table} {where}").fetchall()
            found[table] = sorted(rows, key=repr)
    return found


def differences(store: Store, fresh: Store) -> dict[str, Any]:
    """Give the rows that only one of two warehouses has, by table."""
    ours, theirs = contents(store.warehouse), contents(fresh.warehouse)
    return {
        table: [row for row in ours[table] if row not in theirs[table]]
        + ["--"]
        + [row for row in theirs[table] if row not in ours[table]]
        for table in ours
        if ours[table] != theirs[table]
    }


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs of any size write only what changes."""
    monkeypatch.setattr(increment, "MOST_CHANGED", 100)


@pytest.mark.usefixtures("always")
def test_a_run_that_is_tried_again_is_noted_once(tmp_path: Path) -> None:
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    folder.put(1, 1, 0)
    run(store, 0, folder.path)
    with store.lock():
        take_in(store, "run-1", [str(folder.path)])
        path = stage(store, "run-1", parse)
        for _ in range(2):
            with open_stage(path) as connection:
                none = increment.Dimensions()
                assert increment.build(store, "run-1", "fact_ingest", connection, none) == 2


@pytest.mark.usefixtures("always")
def test_dimensions_that_stay_are_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    folder.put(1, 1, 0)
    run(store, 0, folder.path)
    written: list[str] = []

    def noted(connection: duckdb.DuckDBPyConnection, table: str, frame: Any) -> int:
        written.append(table)
        return write_table(connection, table, frame)

    monkeypatch.setattr(increment, "write_table", noted)
    run(store, 1, folder.path)
    assert written == []
    folder.put(2, 2, 0)
    run(store, 2, folder.path)
    assert written == ["dim_document", "fact_reference"]


@pytest.mark.slow
@pytest.mark.usefixtures("always")
def test_each_drop_leaves_what_a_rebuild_makes(tmp_path: Path) -> None:
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    for name in range(1, 5):
        folder.put(name, name, 0)
    assert run(store, 0, folder.path) is None, "the first run writes all"
    drops: list[tuple[str, Callable[[], None], int]] = [
        ("nothing new", lambda: None, 0),
        ("a new one that others point to", lambda: folder.put(5, 5, 1), 1),
        ("changed: other people, tags, references", lambda: folder.put(2, 2, 1), 1),
        ("removed", lambda: folder.take(3), 1),
        ("put back, and changed", lambda: folder.put(3, 3, 2), 1),
        ("a fuller version of one that is held", lambda: folder.put(6, 1, 3), 1),
        ("a poorer one: nothing changes", lambda: folder.put(7, 5, 0), 0),
        ("the fuller one goes, the other counts again", lambda: folder.take(6), 1),
        ("a name is written with another surname", lambda: folder.put(8, 8, 3), 1),
        ("a telegram becomes unreadable", lambda: folder.put(2, 2, 4), 1),
        ("two new ones in one file", lambda: folder.glue(9, (11, 0), (12, 1)), 2),
        ("a third one is put between", lambda: folder.glue(9, (11, 0), (13, 1), (12, 1)), 2),
        ("the first one goes", lambda: folder.glue(9, (13, 1), (12, 1)), 3),
        ("one is left", lambda: folder.put(9, 13, 1), 2),
    ]
    for number, (what, drop, changed) in enumerate(drops, start=1):
        drop()
        assert run(store, number, folder.path) == changed, what
        fresh = Store(tmp_path / f"fresh-{number}.duckdb")
        run(fresh, 0, folder.path)
        assert differences(store, fresh) == {}, what


@pytest.mark.slow
def test_many_changes_and_new_code_write_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    for name in range(1, 8):
        folder.put(name, name, 0)
    run(store, 0, folder.path)
    folder.put(1, 1, 1)
    assert run(store, 1, folder.path) == 1, "one of seven"
    folder.put(1, 1, 0)
    folder.put(2, 2, 2)
    assert run(store, 2, folder.path) is None, "two of seven"
    monkeypatch.setattr(increment, "build_version", lambda: "another")
    assert run(store, 3, folder.path) is None, "other code may write every row otherwise"
    assert run(store, 4, folder.path) == 0


@pytest.mark.slow
@pytest.mark.usefixtures("always")
def test_the_time_of_a_file_orders_versions_that_are_equally_full(tmp_path: Path) -> None:
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    poorer = telegram(1, 2).replace(b"stays open", b"is closed")
    for name, text in {"fullest": telegram(1, 3), "one": telegram(1, 2), "two": poorer}.items():
        (folder.path / name).write_bytes(text)
        os.utime(folder.path / name, (1_200_000_000,) * 2)
    folder.put(2, 2, 0)
    run(store, 0, folder.path)
    for number, name in enumerate(("one", "two"), start=1):
        os.utime(folder.path / name, (1_200_000_000 + number,) * 2)
        assert run(store, number, folder.path) == 0, "the same text is loaded"
        fresh = Store(tmp_path / f"fresh-{number}.duckdb")
        run(fresh, 0, folder.path)
        assert differences(store, fresh) == {}


FILES = st.integers(1, 6)
PUT = st.tuples(st.just("put"), FILES, st.integers(1, 5), st.integers(0, 4))
GLUE = st.tuples(st.just("glue"), FILES, st.integers(1, 5), st.integers(0, 3))
TAKE = st.tuples(st.just("take"), FILES, st.just(0), st.just(0))
DROPS = st.lists(st.lists(PUT | GLUE | TAKE, max_size=4), min_size=1, max_size=4)


@pytest.mark.slow
def test_each_run_adds_its_history_and_leaves_that_of_earlier_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    before: list[tuple[object, ...]] = []

    def next_run(number: int, telegrams: int | None, outcomes: list[tuple[str, int]]) -> None:
        nonlocal before
        assert run(store, number, folder.path) == telegrams
        rows = query(store.warehouse, "FROM fact_ingest ORDER BY ingested_at, document_key")
        assert rows[: len(before)] == before
        added = Counter(row[3] for row in rows[len(before) :] if row[0] == f"run-{number}")
        assert sorted(added.items()) == outcomes
        assert sum(added.values()) == len(rows) - len(before)
        latest = "SELECT DISTINCT run_id FROM ingest_outcome WHERE is_latest_run"
        assert query(store.warehouse, latest) == [(f"run-{number}",)]
        before = rows

    for name in range(1, 8):
        folder.put(name, name, 0)
    next_run(0, None, [("loaded", 7)])
    folder.put(1, 1, 1)
    folder.put(8, 8, 4)
    next_run(1, 1, [("loaded", 1), ("rejected", 1), ("unchanged", 6)])
    folder.take(2)
    next_run(2, 1, [("rejected", 1), ("unchanged", 6)])
    monkeypatch.setattr(increment, "build_version", lambda: "all is written anew")
    next_run(3, None, [("rejected", 1), ("unchanged", 6)])


@pytest.mark.slow
@pytest.mark.usefixtures("always")
def test_small_parts_of_many_runs_are_put_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "ENOUGH", 3)
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")
    folder.put(0, 9, 4)  # rejected, and kept all the same
    counts = []
    for number in range(1, 8):
        folder.put(number, number, number % 4)
        folder.put(8, 8, number % 4)  # an older part loses its row of it
        run(store, number, folder.path)
        counts.append(len(_parts(store)))
    assert counts == [1, 2, 3, 4, 2, 3, 4]
    assert "run-5-00002" in _parts(store)
    run(store, 8, folder.path)
    assert len(_parts(store)) == 4, "a run that keeps nothing puts nothing together"
    assert {path.stem for path in (store.state_dir / "documents").iterdir()} == _parts(store)
    assert {path.name for path in (store.state_dir / "parsed").iterdir()} == _parts(store)
    fresh = Store(tmp_path / "fresh.duckdb")
    run(fresh, 0, folder.path)
    assert differences(store, fresh) == {}


def _parts(store: Store) -> set[object]:
    sql = "SELECT DISTINCT part FROM dim_document WHERE part IS NOT NULL"
    return {part for (part,) in query(store.warehouse, sql)}


@pytest.mark.slow
@pytest.mark.usefixtures("always")
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drops=DROPS)
def test_any_drops_end_where_a_rebuild_ends(
    drops: list[list[tuple[str, int, int, int]]],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compaction, "ENOUGH", 1)
    place = tmp_path_factory.mktemp("drops")
    folder, store = Folder(place / "in"), Store(place / "w.duckdb")
    folder.put(0, 1, 0)
    run(store, 0, folder.path)
    for number, drop in enumerate(drops, start=1):
        for act, name, serial, form in drop:
            if act == "put":
                folder.put(name, serial, form)
            elif act == "glue":
                folder.glue(name, (serial, form), (serial % 5 + 1, 0), (name, form))
            else:
                folder.take(name)
        run(store, number, folder.path)
    fresh = Store(place / "fresh.duckdb")
    run(fresh, 0, folder.path)
    assert differences(store, fresh) == {}
