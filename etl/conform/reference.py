"""The authority tables in `seeds/reference`, read once."""

import csv
from functools import cache
from pathlib import Path

import polars as pl

REMEMBERED = 65_536
"""Answers that a rule keeps; more would grow with the corpus (74 MB for 300,000 MRNs)."""

FOLDER = Path(__file__).resolve().parent.parent.parent / "seeds" / "reference"


@cache
def rows(name: str) -> list[dict[str, str]]:
    """Give the rows of `seeds/reference/<name>.csv`; an empty cell is an empty text."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def table(name: str) -> pl.DataFrame:
    """Give `seeds/reference/<name>.csv` as text columns; an empty cell is null."""
    return pl.read_csv(FOLDER / f"{name}.csv", infer_schema=False)
