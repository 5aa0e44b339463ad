"""Made-up telegrams, any number, in the dialects of the release and of the archive.

    python -m benchmarks.corpus csv|pages|archive N OUT [--seed 1] [--start 0] [--jobs 2]

Telegram number i of a seed is the same whatever N is and however many processes make it, so
`--start` makes a later drop for a corpus that is there already.
"""

from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.corpus.dialects import csv_row
from benchmarks.corpus.telegram import Telegram, telegram
from benchmarks.corpus.words import prose

__all__ = ["DIALECTS", "Telegram", "telegram", "write"]

DIALECTS = ("csv", "pages", "archive")
CHUNK = 500
"""Telegrams that one process makes at a time."""


def write(
    dialect: str, count: int, out: Path, *, seed: int = 1, start: int = 0, jobs: int = 2
) -> int:
    """Write telegrams `start` to `start + count - 1`; give their bytes."""
    chunks = [
        range(first, min(first + CHUNK, start + count))
        for first in range(start, start + count, CHUNK)
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    if dialect == "csv":
        size = 0
        with out.open("wb") as file:
            for block in _worked(_csv_block, seed, chunks, jobs):
                size += file.write(block)
        return size
    raise NotImplementedError(dialect)


def _worked(
    work: Callable[[int, range], bytes], seed: int, chunks: list[range], jobs: int
) -> Iterator[bytes]:
    """Do the work chunk by chunk, in order, in as many processes as asked for."""
    prose(seed)
    if jobs < 2 or len(chunks) < 2:
        yield from map(partial(work, seed), chunks)
        return
    # A fork has the pool of clauses; a spawned process would have to draw it again.
    with get_context("fork").Pool(jobs) as pool:
        yield from pool.imap(partial(work, seed), chunks)


def _csv_block(seed: int, numbers: range) -> bytes:
    return "".join([csv_row(telegram(seed, number)) for number in numbers]).encode()
