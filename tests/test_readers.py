"""Readers during publications: no read fails, no view is torn, nothing is tried again."""

import logging
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from etl import published
from etl.files import work_done
from etl.published import NotAWarehouse
from etl.store import Store
from tests.readers import reads_during_publishes
from tests.star.synthetic import PARSER, document, documents, ingest, query


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "warehouse" / "cables.duckdb", parser_version=PARSER)


@pytest.mark.slow
def test_five_readers_and_one_that_stays_through_ten_publishes(tmp_path: Path) -> None:
    reads = reads_during_publishes(tmp_path, publishes=10)
    assert reads.publishes == 10
    assert min(reads.by_new + reads.by_same) > 1
    assert reads.seen > 1


def test_a_reader_that_has_read_the_link_can_still_open_what_it_named(store: Store) -> None:
    ingest(store, "run-1", documents([document(1)]))
    named = store.warehouse.parent / os.readlink(store.warehouse)
    ingest(store, "run-2", documents([document(2)]))
    os.utime(store.warehouse, follow_symlinks=False)  # swapped just now, however slow the machine
    with store.lock():
        store.sweep()  # as the next run does when it starts
    work_done()
    assert query(named, "SELECT count(*) FROM cable") == [(1,)]


def test_what_was_replaced_stays_however_long_the_swap_takes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "SETTLED_SECONDS", -1)
    for number in (1, 2):
        ingest(store, f"run-{number}", documents([document(number)]))
        work_done()
    assert store.numbers() == [1, 2]


def test_what_was_replaced_goes_when_the_next_run_begins(store: Store) -> None:
    for number in (1, 2):
        ingest(store, f"run-{number}", documents([document(number)]))
    before = time.time() - 2
    os.utime(store.warehouse, (before, before), follow_symlinks=False)
    with store.lock():
        assert [path.name for path in store.sweep()] == ["000001.duckdb"]
    work_done()
    assert store.numbers() == [2]
    assert query(store.warehouse, "SELECT count(*) FROM cable") == [(2,)]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o640), (0o027, 0o640), (0o077, 0o600)])
def test_modes_are_0640_less_the_umask(store: Store, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        for number in (1, 2):
            ingest(store, f"run-{number}", documents([document(number)]))
    finally:
        os.umask(before)
    current = store.current()
    assert current is not None
    assert stat.S_IMODE(current.stat().st_mode) == mode
    for path in store.state_dir.rglob("*"):
        allowed = 0o750 if path.is_dir() else 0o640
        assert stat.S_IMODE(path.stat().st_mode) & ~(allowed & ~umask) == 0, path


WRITER = """
import sys, duckdb, os
connection = duckdb.connect(sys.argv[1])
connection.execute("UPDATE fact_cable SET subject = 'forged'")
if sys.argv[2] == "killed":
    os._exit(0)
elif sys.argv[2] == "open":
    print("open", flush=True)
    sys.stdin.read()
"""


def start_writer(store: Store, ends: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(store.warehouse), ends],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("ends", ["closed", "killed"])
def test_what_another_program_wrote_is_noticed_and_undone(
    store: Store, ends: str, caplog: pytest.LogCaptureFixture
) -> None:
    ingest(store, "run-1", documents([document(number) for number in range(1, 10)]))
    honest = query(store.warehouse, "FROM cable ORDER BY mrn")
    start_writer(store, ends).communicate()
    assert query(store.warehouse, "FROM cable ORDER BY mrn") != honest
    with caplog.at_level(logging.WARNING):
        ingest(store, "run-2", documents([]))
    said = "was changed by another program" if ends == "closed" else "is dropped"
    assert said in caplog.text
    assert query(store.warehouse, "FROM cable ORDER BY mrn") == honest
    caplog.clear()
    ingest(store, "run-3", documents([]))
    assert caplog.text == ""


def test_a_program_that_only_opens_for_writing_changes_nothing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    ingest(store, "run-1", documents([document(1)]))
    duckdb.connect(store.warehouse).close()
    ingest(store, "run-2", documents([]))
    assert caplog.text == ""


def test_a_program_that_has_it_open_for_writing_is_named(store: Store) -> None:
    ingest(store, "run-1", documents([document(1)]))
    writer = start_writer(store, "open")
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        with pytest.raises(NotAWarehouse, match=rf"open for writing .*process {writer.pid}"):
            store.known_documents()
    finally:
        writer.communicate("")
