"""Figures of docs/reliability.md: kills, reads during publishes, bad files, size, memory.

    python -m benchmarks.reliability                 a few minutes, prints the table
    python -m benchmarks.reliability --minutes 10    the same for longer
    python -m benchmarks.reliability --write         puts it into docs/reliability.md

What is counted here is what the tests prove on a small budget (`tests/test_crash.py`,
`tests/test_readers.py`, `tests/test_hostile.py`). It ends with an error when something is not as
it should be: there is no figure of failures, since there must be none.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.machine import commit, machine
from etl.store import Store
from tests.crash import Scene, check_nothing_left, check_published, kills
from tests.hostile import fill, telegram
from tests.readers import reads_during_publishes
from tests.star.synthetic import query
from tests.test_increment import contents

REPOSITORY = Path(__file__).resolve().parent.parent
REPORT = REPOSITORY / "docs" / "reliability.md"
MARKS = ("<!-- figures -->", "<!-- end of figures -->")
MIB = 1024 * 1024
LARGEST_MIB = 64
"""The limit for a document (`etl.extract.Limits`); one byte more is rejected."""


class Figure(NamedTuple):
    """A row of the table."""

    what: str
    found: str
    command: str


def cables(*arguments: str | Path, memory: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command; `memory` limits its address space in bytes, that of each process."""

    def limit() -> None:
        if memory:
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))

    return subprocess.run(
        [sys.executable, "-m", "etl.cli", *map(str, arguments)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def chosen_kills(place: Path, seconds: float, seed: int) -> Figure:
    """Kill small runs, first ones and incremental ones, at chosen moments."""
    counts = []
    for is_first in (True, False):
        folder = place / ("first" if is_first else "next")
        folder.mkdir()
        counts.append(kills(Scene(folder, is_first=is_first), seconds / 2, seed))
    return Figure(
        "kill -9 between two calls that change files, survived",
        f"{sum(counts)} ({counts[0]} of first runs, {counts[1]} of incremental ones)",
        f"`tests.crash`, {seconds:.0f} s, seed {seed}",
    )


def random_kills(place: Path, seconds: float) -> Figure:
    """Kill `cables ingest` at any time, by turns the whole group and the parent alone."""
    drop = place / "in"
    drop.mkdir()
    for number in range(4):
        (drop / f"{number}.txt").write_text(telegram(number + 1, extra="lorem ipsum " * 45_000))
    command = ("ingest", drop, "--batch-mib", "1", "-w")
    begun = time.monotonic()
    must(cables(*command, place / "fresh.duckdb"))
    takes = time.monotonic() - begun
    after = contents(place / "fresh.duckdb")
    (place / "out").mkdir()
    store, how = Store(place / "out" / "w.duckdb"), Counter[str]()
    before = None
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        process = subprocess.Popen(
            [sys.executable, "-m", "etl.cli", *map(str, command), str(store.warehouse)],
            cwd=REPOSITORY,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        count = sum(how.values())
        time.sleep(takes * (0.2 + 0.8 * (count * 0.618 % 1)))
        if count % 2:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        check_published(store, (before, after))
        how["whole group" if count % 2 else "parent alone"] += 1
        must(cables(*command, store.warehouse))
        assert contents(store.warehouse) == after
        check_nothing_left(store)
        # The next one starts from what is there, or from nothing.
        if count % 4 == 3:
            store.warehouse.unlink()
        before = None if count % 4 == 3 else after
    return Figure(
        "kill -9 of `cables ingest` at any time, survived",
        f"{sum(how.values())} ({', '.join(f'{n} {what}' for what, n in sorted(how.items()))})",
        f"`cables ingest --batch-mib 1`, {seconds:.0f} s",
    )


def reads(place: Path, seconds: float) -> Figure:
    """Read in five processes and one that stays, while it is published."""
    found = reads_during_publishes(place, publishes=10, seconds=seconds)
    total = sum(found.by_new) + sum(found.by_same)
    return Figure(
        "reads during publishes, none failed, none torn",
        f"{total:,} by six processes during {found.publishes} publishes",
        f"`tests.readers`, {seconds:.0f} s",
    )


def bad_files(place: Path) -> Iterator[Figure]:
    """Load the folder of hostile files, and count what became of them."""
    folder = place / "drop"
    fill(folder)
    warehouse = place / "w.duckdb"
    must(cables("ingest", folder, "-w", warehouse))
    rows = query(
        warehouse,
        r"""
        SELECT
            outcome,
            coalesce(trim(regexp_extract(
                regexp_replace(
                    regexp_replace(reason, '^row [0-9]+:? *', 'CSV row, '),
                    '\b[0-9][0-9,.]*', 'n', 'g'
                ),
                '^[^(/''":;<]+'
            )), 'good telegrams') AS kind,
            count(*)
        FROM ingest_outcome WHERE is_latest_run GROUP BY ALL ORDER BY 1, 3 DESC, 2
        """,
    )
    for outcome, kind, count in rows:
        words = " ".join(str(kind).split()).replace("|", "/")
        yield Figure(f"hostile folder: {words}", f"{count} {outcome}", "`tests.hostile`")


def largest_document(place: Path) -> Figure:
    """Load one telegram as large as the limit allows."""
    folder = place / "large"
    folder.mkdir()
    room = LARGEST_MIB * MIB - len(telegram(1))
    (folder / "large.txt").write_text(telegram(1, extra="lorem ips\n" * (room // 10)))
    size = (folder / "large.txt").stat().st_size
    begun = time.monotonic()
    must(cables("ingest", folder, "-w", place / "w.duckdb"))
    seconds = time.monotonic() - begun
    [(loaded,)] = query(place / "w.duckdb", "SELECT count(*) FROM cable")
    assert loaded == 1
    return Figure(
        "largest document loaded", f"{size:,} bytes in {seconds:.0f} s", "`cables ingest`"
    )


def smallest_memory(place: Path) -> Figure:
    """Find the memory in which 1,000 telegrams load, halving what is in doubt down to 64 MiB."""
    pages = place / "telegrams.csv"
    subprocess.run(
        [sys.executable, "-m", "benchmarks.corpus", "csv", "1000", str(pages)],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    enough, short = 2048, 128
    while enough - short > 64:
        tried = (enough + short) // 2
        warehouse = place / f"{tried}.duckdb"
        done = cables("ingest", pages, "--batch-mib", "4", "-w", warehouse, memory=tried * MIB)
        if done.returncode == 0:
            enough = tried
        else:
            short = tried
    return Figure(
        "smallest memory for 1,000 telegrams (11 MB)",
        f"{enough} MiB of data in each process ({short} MiB is too little)",
        "`ulimit -d`, `cables ingest --batch-mib 4`",
    )


def must(done: subprocess.CompletedProcess[str]) -> None:
    """Raise AssertionError when the command has failed."""
    assert done.returncode == 0, done.stderr


@contextmanager
def places(name: str, folder: Path) -> Iterator[Path]:
    """Give a new folder, with a Dagster home of its own, and say that it is begun."""
    print(f"{name} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=folder) as made:
        home = Path(made, "dagster")
        home.mkdir()
        os.environ["DAGSTER_HOME"] = str(home)
        work = Path(made, "work")
        work.mkdir()
        try:
            yield work
        finally:  # Python cannot remove folders as deep as those of the hostile folder
            subprocess.run(["rm", "-rf", work], check=True)


def table(figures: Sequence[Figure]) -> str:
    """Give the table as Markdown."""
    rows = [f"| {row.what} | {row.found} | {row.command} |" for row in figures]
    return "\n".join(["| what | found | made by |", "|---|---|---|", *rows])


def main() -> None:
    """Measure, print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description="Figures of docs/reliability.md.")
    parser.add_argument("--minutes", type=float, default=2, help="for kills and reads together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--write", action="store_true", help=f"into {REPORT.name}")
    asked = parser.parse_args()
    third = asked.minutes * 60 / 3
    figures: list[Figure] = []
    with places("chosen", asked.folder) as place:
        figures.append(chosen_kills(place, third, asked.seed))
    with places("any", asked.folder) as place:
        figures.append(random_kills(place, third))
    with places("reads", asked.folder) as place:
        figures.append(reads(place, third))
    with places("bad", asked.folder) as place:
        figures += bad_files(place)
    with places("large", asked.folder) as place:
        figures.append(largest_document(place))
    with places("memory", asked.folder) as place:
        figures.append(smallest_memory(place))
    made = f"`python -m benchmarks.reliability --minutes {asked.minutes:g}`, commit {commit()}"
    text = f"{made}, {machine()}.\n\n{table(figures)}"
    print(text)
    if asked.write:
        before, _, rest = REPORT.read_text("utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        REPORT.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", "utf-8")


if __name__ == "__main__":
    main()
