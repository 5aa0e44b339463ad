"""Made-up telegrams, any number, in the dialects of the release and of the archive.

    python -m benchmarks.corpus csv|pages|archive N OUT [--seed 1] [--start 0] [--jobs 2]

Telegram number i of a seed is the same whatever N is and however many processes make it, so
`--start` makes a later drop for a corpus that is there already.
"""

from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from benchmarks.corpus.archive import archive_telegram
from benchmarks.corpus.bulk import csv_row
from benchmarks.corpus.page import page
from benchmarks.corpus.telegram import Telegram, telegram
from benchmarks.corpus.words import prose

__all__ = ["DIALECTS", "Telegram", "archive_telegram", "telegram", "write"]

T = TypeVar("T")

DIALECTS = ("csv", "pages", "archive")
CHUNK = 500
"""Telegrams that one process makes at a time."""


def write(
    dialect: str, count: int, out: Path, *, seed: int = 1, start: int = 0, jobs: int = 2
) -> int:
    """Write telegrams `start` to `start + count - 1`; give their bytes.

    A CSV is replaced; pages and archive texts are added to those that the folder has.
    """
    end = start + count
    chunks = [range(first, min(first + CHUNK, end)) for first in range(start, end, CHUNK)]
    prose(seed)
    if dialect == "csv":
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("wb") as file:
            return sum(map(file.write, _worked(partial(_rows, seed), chunks, jobs)))
    out.mkdir(parents=True, exist_ok=True)
    work = partial(_pages if dialect == "pages" else _archive_texts, seed, out)
    return sum(_worked(work, chunks, jobs))


def _worked(work: Callable[[range], T], chunks: list[range], jobs: int) -> Iterator[T]:
    """Do the work chunk by chunk, in order, in as many processes as asked for."""
    if jobs < 2 or len(chunks) < 2:
        yield from map(work, chunks)
        return
    # A fork has the pool of clauses; a spawned process would have to draw it again.
    with get_context("fork").Pool(jobs) as pool:
        yield from pool.imap(work, chunks)


def _rows(seed: int, numbers: range) -> bytes:
    return "".join([csv_row(telegram(seed, number)) for number in numbers]).encode()


def _pages(seed: int, out: Path, numbers: range) -> int:
    size = 0
    for number in numbers:
        made = telegram(seed, number)
        folder = out / "cable" / f"{made.created:%Y}" / f"{made.created:%m}"
        # A duplicate stands beside its twin.
        end = f"_{number}" if "duplicate" in made.traps else ""
        size += _saved(folder / f"{made.published_id}{end}.html", page(made))
    return size


def _archive_texts(seed: int, out: Path, numbers: range) -> int:
    size = 0
    for number in numbers:
        made = archive_telegram(seed, number)
        # Stations are cut to six letters, so two telegrams can have one document number.
        name = f"{made.published_id}_{number}.txt"
        size += _saved(out / str(made.identity.year) / name, made.text)
    return size


def _saved(path: Path, text: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(text.encode())
