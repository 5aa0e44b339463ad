"""Few new files, read and parsed by a process of their own before the run comes to them.

The process loads what reads and parses, and neither DuckDB nor Dagster: it has to be done when the
run has kept the texts.

Not here: when that is worth it, and what becomes of it (`etl.parsing`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from etl.contracts.frames import PARSED
from etl.extract import Limits, SourceFile, read_listed

Frames = dict[str, pl.DataFrame]
Broken = dict[str, dict[str, int]]
"""Rows that break a rule of their contract, by frame and rule."""


class Foreseen(NamedTuple):
    """What has been read and parsed before the run did."""

    documents: pl.DataFrame
    """Which they are (`IDENTITY`), in order."""
    frames: Frames
    broken: Broken


IDENTITY = ["document_key", "sha256"]


def foresee(files: Sequence[SourceFile], limits: Limits | None) -> Foreseen | None:
    """Read and parse files as a run would; null where they are more than one batch."""
    batches = read_listed(files, limits=limits)
    documents = next(batches, None)
    if documents is None or next(batches, None) is not None:
        return None
    documents = documents.filter(pl.col("reject_reason").is_null())
    return Foreseen(documents.select(IDENTITY), *parsed(documents))


def parsed(documents: pl.DataFrame) -> tuple[Frames, Broken]:
    """Parse documents; give their frames, and how many rows of each break which rule."""
    from etl.parse import parse  # imported late: most runs of a night parse nothing

    frames = parse(documents)
    broken = {
        name: dict(contract.filter(frames[name])[1].counts()) for name, contract in PARSED.items()
    }
    return frames, broken
