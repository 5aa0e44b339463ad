import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl.publish import publish
from etl.published import NotAWarehouse
from etl.store import StateLost, Store, WarehouseBusy
from tests.star.synthetic import (
    PARSER,
    document,
    documents,
    ingest,
    parse,
    query,
    receive,
    some_documents,
    stage,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "warehouse" / "cables.duckdb", parser_version=PARSER)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def loaded(store: Store) -> list[object]:
    return [row[0] for row in query(store.warehouse, "SELECT mrn FROM cable ORDER BY mrn")]


def test_two_warehouses_in_one_folder_share_nothing(tmp_path: Path) -> None:
    folders = {Store(tmp_path / name).state_dir for name in ("a.duckdb", "b.duckdb", "a.db", "a")}
    assert len(folders) == 4


def test_nothing_is_made_before_it_is_needed(store: Store) -> None:
    assert store.current() is None
    assert store.known_documents().is_empty()
    assert store.last_began() is None
    assert store.sweep() == []
    assert not store.state_dir.exists()


def test_only_one_job_at_a_time(store: Store) -> None:
    with store.lock():
        with pytest.raises(WarehouseBusy, match=rf"process {os.getpid()}, since 20\d\d-") as busy:
            Store(store.warehouse).lock().__enter__()
        assert "cables.duckdb is being written by another job" in str(busy.value)
    with Store(store.warehouse).lock():
        pass


def test_a_waiting_job_gets_the_lock_when_the_other_process_dies(store: Store) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom etl.store import Store\n"
        "with Store(Path(sys.argv[1])).lock():\n    print('held', flush=True)\n    time.sleep(60)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(store.warehouse)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(WarehouseBusy, match=f"process {other.pid}"):
            store.lock(wait_seconds=0.2).__enter__()
        other.kill()
        began = time.monotonic()
        with store.lock(wait_seconds=10):
            assert time.monotonic() - began < 5
    finally:
        other.kill()
        other.communicate()


def test_texts_are_kept_from_others(store: Store) -> None:
    ingest(store, "run-a", documents([document(1)]))
    for path in store.state_dir.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o027 == 0, path
    assert stat.S_IMODE(store.state_dir.stat().st_mode) & 0o007 == 0


def test_documents_come_back_as_they_were_received(store: Store) -> None:
    received = some_documents()
    with store.lock():
        receive(store, "run-a", received)
        kept = store.scan_documents(store.index("run-a")).collect()
        assert kept.sort("document_key").equals(received.sort("document_key"))
        [part] = store.index("run-a")["part"].unique()
        readable = store.readable_documents("run-a", part)
        assert readable["reject_reason"].null_count() == readable.height == received.height - 1


def test_a_column_younger_than_a_part_is_null_there(store: Store) -> None:
    ingest(store, "run-a", documents([document(1)]))
    [path] = (store.state_dir / "documents").glob("*.parquet")
    older = pl.read_parquet(path).drop("attributes")
    path.chmod(0o640)
    older.write_parquet(path)
    with store.lock():
        receive(store, "run-b", documents([document(1), document(2)]))
        kept = store.scan_documents(store.index("run-b")).collect()
    assert kept.height == 2
    assert kept["attributes"].null_count() == 2


def test_only_rows_in_force_are_scanned(store: Store) -> None:
    ingest(store, "run-a", documents([document(1), document(2, "07ASTANA2: old words")]))
    with store.lock():
        receive(store, "run-b", documents([document(2, "07ASTANA2: new"), document(3)]))
        assert store.index("run-b")["part"].n_unique() == 2
        texts = store.scan("run-b", "paragraphs").collect()["text"]
        assert "new" in texts
        assert "old words" not in texts
        assert store.scan("run-b", "headers").collect().height == 3
        assert store.scan_documents(store.index("run-b")).collect().height == 3


def test_without_documents_the_frames_are_empty_but_typed(store: Store) -> None:
    with store.lock():
        receive(store, "run-a", documents([]))
        assert (
            store.scan("run-a", "headers").collect().schema
            == parse(documents([]))["headers"].schema
        )
        stage(store, "run-a")


def test_a_new_parser_reads_the_kept_documents_again(store: Store) -> None:
    ingest(store, "run-a", documents([document(1)]))
    newer = Store(store.warehouse, parser_version="parser2")
    with newer.lock():
        receive(newer, "run-b", documents([document(1)]))
        [part] = newer.index("run-b")["part"]
        assert names(newer.state_dir / "parsed" / part) == {"parser1", "parser2"}
        stage(newer, "run-b")
    with newer.lock():
        newer.sweep()
    assert names(newer.state_dir / "parsed" / part) == {"parser2"}


def test_parsed_frames_appear_together_or_not_at_all(store: Store) -> None:
    with store.lock():
        receive(store, "run-a", documents([document(1)]))
        frames = parse(documents([document(1)]))
        del frames["tags"]
        with pytest.raises(ValueError, match="lack tags"):
            store.write_parsed("run-a-00002", frames)
        assert not (store.state_dir / "parsed" / "run-a-00002").exists()


@pytest.mark.slow
def test_what_a_dead_run_left_is_swept(store: Store) -> None:
    ingest(store, "run-a", documents([document(1)]))
    ingest(store, "run-b", documents([document(1), document(2)]))
    before = {path: path.stat().st_mtime_ns for path in store.state_dir.rglob("*.*")}
    published = os.readlink(store.warehouse)
    # A run that died with everything but its publication done.
    with store.lock():
        receive(store, "run-dead", documents([document(3)]))
        stage(store, "run-dead")
    (store.state_dir / "000007.duckdb").write_bytes(b"renamed, never linked to")
    (store.state_dir / "documents" / ".torn.parquet.tmp").write_bytes(b"PAR1")
    (store.warehouse.parent / "cables.duckdb.wal").write_bytes(b"somebody's")
    with store.lock():
        removed = store.sweep()
    assert {path.name for path in removed} == {
        "run-run-dead",
        "000007.duckdb",
        "run-dead-00001.parquet",
        "run-dead-00001",
        ".torn.parquet.tmp",
        "cables.duckdb.wal",
    }
    assert {path: path.stat().st_mtime_ns for path in store.state_dir.rglob("*.*")} == before
    assert os.readlink(store.warehouse) == published
    # The next run finishes the work.
    ingest(store, "run-c", documents([document(3)]))
    assert loaded(store) == ["07ASTANA1", "07ASTANA2", "07ASTANA3"]


def test_a_missing_part_is_named_with_what_to_do(store: Store) -> None:
    ingest(store, "run-a", documents([document(1)]))
    (store.state_dir / "documents" / "run-a-00001.parquet").unlink()
    with pytest.raises(StateLost, match=r"run-a-00001\.parquet.*cables ingest --rebuild SOURCE"):
        store.known_documents()
    assert loaded(store) == ["07ASTANA1"]
    ingest(store, "run-b", documents([document(2)]), rebuild=True)
    assert loaded(store) == ["07ASTANA2"]
    history = query(store.warehouse, "SELECT run_id, outcome FROM fact_ingest ORDER BY run_id")
    assert history == [("run-a", "loaded"), ("run-b", "loaded")]


def test_files_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "mine.duckdb"
    with duckdb.connect(foreign) as connection:
        connection.execute("CREATE TABLE dim_document (a INTEGER)")
    before = foreign.read_bytes()
    store = Store(foreign, parser_version=PARSER)
    with pytest.raises(NotAWarehouse, match="no warehouse that this version can go on with"):
        store.known_documents()
    with pytest.raises(NotAWarehouse, match="left alone"):
        ingest(store, "run-a", documents([document(1)]), rebuild=True)
    assert foreign.read_bytes() == before
    link = tmp_path / "link.duckdb"
    link.symlink_to(foreign)
    with pytest.raises(NotAWarehouse, match="is a link to"):
        Store(link).current()
    with pytest.raises(NotAWarehouse, match="is a folder"):
        Store(tmp_path).current()


def test_names_cannot_lead_out_of_the_folder(store: Store) -> None:
    for name in ("../x", "a/b", ".hidden", ""):
        with pytest.raises(ValueError, match="not a usable name"):
            store.run_dir(name)


def test_unchanged_documents_are_written_once(store: Store) -> None:
    ingest(store, "run-a", some_documents())
    ingest(store, "run-b", some_documents())
    assert names(store.state_dir / "documents") == {"run-a-00001.parquet"}
    known = store.known_documents()
    assert known.height == some_documents().height
    assert known.filter(status="rejected")["reject_reason"].to_list() == ["no known dialect"]
    assert known.filter(pl.col("part").is_null()).is_empty()


def test_documents_come_in_groups_of_whole_parts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.store.GROUP_DOCUMENTS", 3)
    with store.lock():
        for run, numbers in (("run-a", [1, 2]), ("run-b", [1, 2, 3]), ("run-c", [1, 2, 3, 4, 5])):
            receive(store, run, documents([document(number) for number in numbers]))
            stage(store, run)
            publish(store, run)
        receive(store, "run-d", documents([document(6), document(7), document(8)]))
        groups = [sorted(group["document_key"]) for group in store.groups("run-d")]
    every = sorted(key for group in groups for key in group)
    assert every == sorted(store.index("run-d").drop_nulls("part")["document_key"])
    # Parts of 2, 1, 2 and 3 documents: a part is never cut in two.
    assert [len(group) for group in groups] == [3, 2, 3]


def test_the_text_table_is_the_same_in_groups(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = "FROM fact_paragraph ORDER BY ALL"
    whole = query(ingest(store, "run-a", some_documents()), sql)
    monkeypatch.setattr("etl.store.GROUP_DOCUMENTS", 1)
    grouped = Store(tmp_path / "other.duckdb", parser_version=PARSER)
    assert query(ingest(grouped, "run-a", some_documents()), sql) == whole
