"""Processes that read a warehouse while it is published again and again.

    python -m tests.readers WAREHOUSE STOP KIND

reads until the file STOP is there, each time with a new connection (KIND new) or always with the
first (KIND same), and prints how many reads it made and which forms it saw. A read that fails, or
tables that do not agree with each other, end it with a traceback: nothing is tried again.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from etl.store import Store
from tests.conftest import REPOSITORY
from tests.test_increment import Folder, run

TELEGRAMS = 6
PAUSE = 0.2
"""Seconds between two reads of a process."""
CITIES = ("OSLO", "PARIS", "ROME", "TALLINN")
"""Whom telegrams of a form inform (`tests.test_increment.telegram`)."""

QUESTIONS = {
    "telegrams": "SELECT count(*) FROM fact_cable",
    "in the view": "SELECT count(*) FROM cable",
    "loaded": "SELECT count(*) FROM dim_document WHERE status = 'loaded'",
    "paragraphs": "SELECT count(*) FROM fact_paragraph",
    "paragraphs counted": "SELECT sum(paragraph_count) FROM fact_cable",
    "references": "SELECT count(*) FROM fact_reference",
    "references counted": "SELECT sum(reference_count) FROM fact_cable",
    "forms": "SELECT list(DISTINCT right(subject, 1)) FROM fact_cable",
    "cities": "SELECT list(DISTINCT a.name) FROM fact_addressee AS f "
    "JOIN dim_addressee AS a USING (addressee_key) WHERE f.role = 'info'",
    "last run": "SELECT count(*) FROM ingest_outcome WHERE is_latest_run AND outcome = 'loaded'",
}


def look(connection: duckdb.DuckDBPyConnection) -> int:
    """Ask all questions, check that the answers fit together, and give the form.

    Raises AssertionError.
    """
    found = {}
    for name, sql in QUESTIONS.items():
        row = connection.execute(sql).fetchone()
        assert row is not None
        found[name] = row[0]
    (form,) = found["forms"]
    assert found["telegrams"] == found["in the view"] == found["loaded"] == TELEGRAMS, found
    assert found["last run"] == TELEGRAMS, found
    assert found["paragraphs"] == found["paragraphs counted"], found
    assert found["references"] == found["references counted"], found
    assert found["cities"] == [f"AMEMBASSY {CITIES[int(form)]}"], found
    return int(form)


def read(warehouse: Path, stop: Path, kind: str) -> None:
    """Read until told to stop."""
    reads = 0
    forms: list[int] = []
    os.nice(5)  # six of them and the job share two cores
    first = duckdb.connect(warehouse, read_only=True, config={"threads": 1})
    while True:
        is_last = stop.exists()  # one more read after the last publication
        if kind == "same":
            form = look(first.cursor())
        else:
            with duckdb.connect(warehouse, read_only=True, config={"threads": 1}) as connection:
                form = look(connection)
        reads += 1
        if forms[-1:] != [form]:
            forms.append(form)
        if reads == 1:
            print("reading", flush=True)
        if is_last:
            break
        time.sleep(PAUSE)
    print(json.dumps({"reads": reads, "forms": forms}), flush=True)


@dataclass(frozen=True)
class Reads:
    """What readers saw."""

    publishes: int
    by_new: list[int]
    """Reads of each process that connects anew each time."""
    by_same: list[int]
    seen: int
    """Different publications that the first of them saw, at least."""


def reads_during_publishes(
    place: Path, publishes: int, *, readers: int = 5, seconds: float = 0
) -> Reads:
    """Publish again and again under readers and one that keeps its connection.

    `seconds`: publish at least so long. Raises AssertionError when a read fails, or what one saw
    does not fit together.
    """
    folder, store, stop = Folder(place / "in"), Store(place / "w.duckdb"), place / "stop"

    def publish(number: int) -> None:
        for name in range(TELEGRAMS):
            folder.put(name, name + 1, number % 4)
        run(store, number, folder.path)

    publish(0)
    kinds = ["new"] * readers + ["same"]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.readers", str(store.warehouse), str(stop), kind],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for kind in kinds
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "reading\n", process.communicate()[1]
        until, count = time.monotonic() + seconds, 0
        while count < publishes or time.monotonic() < until:
            count += 1
            publish(count)
        stop.touch()
        found = []
        for process in started:
            out, problem = process.communicate(timeout=120)
            assert process.returncode == 0, problem
            found.append(json.loads(out))
    finally:
        for process in started:
            process.kill()
            process.communicate()
    new, same = found[:readers], found[readers:]
    for seen in new:
        assert seen["forms"][-1] == count % 4, "the last publication was not seen"
    assert [seen["forms"] for seen in same] == [[0]], "a connection keeps its snapshot"
    return Reads(
        count,
        [seen["reads"] for seen in new],
        [seen["reads"] for seen in same],
        len(new[0]["forms"]),
    )


if __name__ == "__main__":
    read(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
