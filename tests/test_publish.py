import errno
import os
import shutil
import stat
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl import derived, files, increment
from etl.contracts.tables import DERIVED, TABLES, VIEWS
from etl.derived import make_all
from etl.files import work_done
from etl.invariants import run_invariants
from etl.publish import (
    STORAGE_VERSION,
    ContractBroken,
    append,
    create_table,
    open_stage,
    publish,
    swap,
    verify,
    write_table,
)
from etl.published import bounded
from etl.store import Store
from tests.star.synthetic import (
    PARSER,
    document,
    documents,
    ingest,
    query,
    receive,
    some_documents,
    stage,
)

READER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for line in sys.stdin:
    kind, _, sql = line.strip().partition(" ")
    asked = connection if kind == "same" else duckdb.connect(sys.argv[1], read_only=True)
    print(asked.execute(sql).fetchall(), flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "warehouse" / "cables.duckdb", parser_version=PARSER)


def count(store: Store) -> object:
    return query(store.warehouse, "SELECT count(*) FROM cable")[0][0]


def paragraphs(rows: int, start: int = 0) -> pl.DataFrame:
    types = {name: column.dtype for name, column in TABLES["fact_paragraph"].columns().items()}
    return pl.DataFrame({"cable_key": range(start, start + rows)}).select(
        *(
            pl.lit(None, dtype).alias(name)
            if name not in given
            else given[name].cast(dtype).alias(name)
            for name, dtype in types.items()
            for given in [
                {
                    "cable_key": pl.col("cable_key"),
                    "position": pl.lit(1),
                    "classification_key": pl.lit(-1),
                    "kind": pl.lit("body"),
                    "text": pl.lit("secret words"),
                    "word_count": pl.lit(2),
                    "portion_caveats": pl.lit([]),
                    "redaction_count": pl.lit(0),
                    "redactions": pl.lit([]),
                }
            ]
        )
    )


def test_write_table_streams_lazy_frames(tmp_path: Path) -> None:
    frame = paragraphs(40_000)
    with open_stage(tmp_path / "stage.duckdb") as connection:
        assert write_table(connection, "fact_paragraph", frame.lazy()) == 40_000
        assert append(connection, "fact_paragraph", paragraphs(10, start=50_000)) == 10
        # A repeated try replaces the table.
        assert write_table(connection, "fact_paragraph", frame) == 40_000
        [row] = connection.execute("SELECT count(*), sum(cable_key) FROM fact_paragraph").fetchall()
        assert row == (40_000, sum(range(40_000)))
    assert not (tmp_path / "stage.duckdb.wal").exists()


@pytest.mark.parametrize("lazy", [True, False])
def test_broken_rows_are_named_by_key_and_nothing_is_added(tmp_path: Path, lazy: bool) -> None:
    is_bad = pl.col("cable_key").is_in([7, 9])
    frame = paragraphs(100).with_columns(
        pl.when(is_bad).then(pl.lit("poem")).otherwise("kind").alias("kind")
    )
    with open_stage(tmp_path / "stage.duckdb") as connection:
        create_table(connection, "fact_paragraph")
        with pytest.raises(ContractBroken) as broken:
            append(connection, "fact_paragraph", frame.lazy() if lazy else frame)
        message = str(broken.value)
        assert message.startswith("fact_paragraph breaks its contract: kind|")
        assert "(2 rows)" in message
        assert "{'cable_key': 7, 'position': 1}" in message
        assert "secret words" not in message, "texts do not go into logs"
        assert connection.execute("SELECT count(*) FROM fact_paragraph").fetchall() == [(0,)]


def test_a_removed_name_beyond_its_text_is_refused(tmp_path: Path) -> None:
    words, dtype = len("secret words"), TABLES["fact_paragraph"].columns()["redactions"].dtype
    with open_stage(tmp_path / "stage.duckdb") as connection:
        create_table(connection, "fact_paragraph")
        for length, is_right in ((4, True), (5, False)):
            places = [{"start": 0, "length": 2}, {"start": words - 4, "length": length}]
            frame = paragraphs(1).with_columns(
                redaction_count=2, redactions=pl.Series([places], dtype=dtype)
            )
            with (
                nullcontext()
                if is_right
                else pytest.raises(ContractBroken, match="redactions_inside")
            ):
                append(connection, "fact_paragraph", frame)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with (
        open_stage(tmp_path / "stage.duckdb") as connection,
        pytest.raises(ContractBroken, match=r"(?s)fact_paragraph.*word_count"),
    ):
        write_table(connection, "fact_paragraph", paragraphs(1).drop("word_count"))


def test_finish_needs_all_tables(tmp_path: Path) -> None:
    with (
        open_stage(tmp_path / "stage.duckdb") as connection,
        pytest.raises(ValueError, match="lacks bridge_cable_caveat, "),
    ):
        make_all(connection)


@pytest.mark.parametrize(("given", "left"), [("500GB", "3.0 GiB"), ("1GiB", "1.0 GiB")])
def test_a_job_leaves_memory_to_others(given: str, left: str) -> None:
    with bounded(duckdb.connect(config={"memory_limit": given})) as connection:
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == (left,)


def test_what_is_derived_is_the_same_some_telegrams_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ingest(store, "run-a", some_documents())
    copied = tmp_path / "stage.duckdb"
    shutil.copyfile(store.warehouse, copied)

    def rows() -> dict[str, list[str]]:
        return {name: sorted(map(repr, query(copied, f"FROM {name}"))) for name in DERIVED}

    at_once = rows()
    assert len(at_once["cable_list"]) > 4
    monkeypatch.setattr(derived, "SLICE_CABLES", 2)
    with open_stage(copied) as connection:
        for name in DERIVED:
            connection.execute(f"DROP TABLE {name}")
        make_all(connection)
    assert rows() == at_once
    with duckdb.connect(copied, read_only=True) as reader:
        assert run_invariants(reader) == []


def test_the_published_file(store: Store) -> None:
    path = ingest(store, "run-a", some_documents())
    assert os.readlink(store.warehouse) == ".cables/000001.duckdb"
    assert path == store.current() == store.state_dir / "000001.duckdb"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert {entry.name for entry in store.state_dir.iterdir()} == {
        "000001.build.txt",
        "000001.duckdb",
        "000001.seal.txt",
        "000001.versions.parquet",
        "documents",
        "lock",
        "parsed",
    }
    assert verify(path)["fact_cable"] == count(store)
    [(tags,)] = query(
        path, "SELECT tags->>'storage_version' FROM duckdb_databases() WHERE NOT internal"
    )
    assert str(tags).startswith(STORAGE_VERSION)
    with pytest.raises(ValueError, match="is published"):
        open_stage(path).__enter__()


@pytest.mark.slow
def test_a_reader_is_neither_blocked_nor_torn(store: Store) -> None:
    ingest(store, "run-1", documents([document(1)]))
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(store.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(kind: str) -> str:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write(f"{kind} SELECT count(*), max(mrn) FROM cable\n")
        reader.stdin.flush()
        return reader.stdout.readline().strip()

    try:
        assert ask("same") == "[(1, '07ASTANA1')]"
        for number in (2, 3, 4):
            ingest(store, f"run-{number}", documents([document(number)]))
            assert ask("same") == "[(1, '07ASTANA1')]", "an open connection keeps its snapshot"
            assert ask("new") == f"[({number}, '07ASTANA{number}')]"
    finally:
        reader.kill()
        reader.communicate()


@pytest.mark.slow
def test_the_replaced_file_stays_until_the_next_run(store: Store) -> None:
    for number in range(1, 5):
        ingest(store, f"run-{number}", documents([document(number)]))
        work_done()  # what is replaced goes beside the rest
        kept = [number - 1, number] if number > 1 else [1]
        assert store.numbers() == kept


def test_a_stale_wal_is_not_replayed(store: Store, tmp_path: Path) -> None:
    # A WAL that inserts a row into a table named like ours, left by a process that was killed.
    ingest(store, "run-1", documents([document(1)]))
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(store.warehouse.read_bytes())
    code = (
        "import duckdb, os, sys\nc = duckdb.connect(sys.argv[1])\n"
        "c.execute('INSERT INTO bridge_cable_caveat VALUES (1, 1)')\nos._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(copy)], check=False)
    wal = copy.with_name("copy.duckdb.wal").read_bytes()
    assert wal
    with store.lock():
        store.sweep()
        receive(store, "run-2", documents([document(1)]))
        stage(store, "run-2")
        (store.state_dir / "000002.duckdb.wal").write_bytes(wal)
        store.warehouse.with_name("cables.duckdb.wal").write_bytes(wal)
        publish(store, "run-2")
    assert not store.warehouse.with_name("cables.duckdb.wal").exists()
    assert query(
        store.warehouse, "SELECT count(*) FROM bridge_cable_caveat WHERE cable_key = 1"
    ) == [(0,)]
    with store.lock():
        store.sweep()
    assert not list(store.state_dir.glob("*.wal"))


def test_a_stage_with_a_wal_is_not_published(store: Store) -> None:
    with store.lock():
        receive(store, "run-1", documents([document(1)]))
        path = stage(store, "run-1")
        path.with_name("stage.duckdb.wal").write_bytes(b"left")
        with pytest.raises(ValueError, match="was not closed properly"):
            publish(store, "run-1")
    assert store.current() is None


def test_a_write_that_was_lost_while_it_was_synced_beside_the_rest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stage.duckdb"
    path.write_bytes(b"lost")

    def lost(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lost)
        files.sync_soon(path)
        assert files._begun[path].exception() is not None
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        files.sync_file(path)
    files.sync_file(path)


def test_what_a_run_does_not_write_is_as_published(store: Store) -> None:
    ingest(store, "run-1", some_documents())
    with store.lock():
        receive(store, "run-2", some_documents())
        staged = stage(store, "run-2")
        written = increment.written(store, "run-2")
        assert written == frozenset({"dim_document", "fact_ingest"})
        for table in (TABLES.keys() | DERIVED.keys()) - written:
            rows = f"FROM {table} ORDER BY ALL"
            assert query(staged, rows) == query(store.warehouse, rows)
        receive(store, "run-3", documents([document(1), document(20)]))
        stage(store, "run-3")
        assert increment.written(store, "run-3") is None


def test_a_run_that_dies_before_the_swap_leaves_the_published_file(store: Store) -> None:
    ingest(store, "run-1", documents([document(1)]))
    before = store.warehouse.read_bytes()

    def die(_: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(store, "run-2", documents([document(2)]), before_publishing=die)
    assert store.warehouse.read_bytes() == before
    ingest(store, "run-3", documents([document(2)]))
    assert count(store) == 2


def test_without_links_the_file_itself_is_replaced(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    for number in (1, 2):
        path = ingest(store, f"run-{number}", documents([document(number)]))
        assert path == store.warehouse
        assert not store.warehouse.is_symlink()
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert count(store) == number
    assert store.numbers() == []


def test_swap_refuses_what_is_not_ours(store: Store, tmp_path: Path) -> None:
    store.warehouse.parent.mkdir(parents=True)
    store.warehouse.write_text("a letter to a friend")
    other = Store(tmp_path / "other.duckdb", parser_version=PARSER)
    with other.lock():
        receive(other, "run-1", documents([document(1)]))
        with pytest.raises(ValueError, match="left alone"):
            swap(store, stage(other, "run-1"))
    assert store.warehouse.read_text() == "a letter to a friend"


def test_verify_misses_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "poor.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE fact_cable (cable_key BIGINT)")
    with pytest.raises(ValueError, match="lacks bridge_cable_caveat") as missing:
        verify(path)
    for name in (TABLES.keys() | DERIVED.keys() | VIEWS.keys()) - {"fact_cable"}:
        assert name in str(missing.value)
