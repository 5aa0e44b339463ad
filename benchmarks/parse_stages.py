"""What each stage of the parser costs: MB of telegrams per second, on copies of the samples.

    python -m benchmarks.parse_stages [--megabytes 8] [--rounds 5]

A stage's time is its own: what it calls and stands in a line of its own is taken off. `the rest`
is what `parse` does between the stages. Each figure is the median of its rounds, so they add up
only roughly; the round before them, which compiles patterns and reads tables, does not count.
"""

import argparse
import inspect
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import polars as pl

from etl.extract import read_sources
from etl.parse import attributes, heading, opening, paragraphs, parse, people, reading, references
from etl.paths import REPOSITORY

SAMPLES = REPOSITORY / "seeds" / "cables"
WHOLE, REST = "whole parse", "the rest"

STEPS: dict[str, tuple[ModuleType, str]] = {
    "split_lines": (reading, "split_lines"),
    "marked": (reading, "marked"),
    "starts": (reading, "with_starts"),
    "repeats": (reading, "with_repeats"),
    "labels": (reading, "pieces"),
    "layout": (reading, "laid_out"),
    "heading": (heading, "headings"),
    "addressees": (heading, "addressees"),
}
"""Stages that are one function, under the name by which the parser calls it."""

MODULES: dict[str, ModuleType] = {
    "opening fields": opening,
    "references": references,
    "paragraphs": paragraphs,
    "people": people,
    "attributes": attributes,
}
"""Stages that are all functions of a module that give a frame."""


class Clock:
    """Seconds per stage, each without the stages that it called."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function so that its time is added to a stage."""

        @wraps(function)
        def run(*arguments: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            begun = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                taken = time.perf_counter() - begun
                self.seconds[stage] += taken - self._inner.pop()
                if self._inner:
                    self._inner[-1] += taken

        return run


def stages() -> Iterator[tuple[str, ModuleType, str]]:
    """Give each function that is timed: its stage, and the module and name it is called by."""
    for stage, (module, name) in STEPS.items():
        yield stage, module, name
    for stage, module in MODULES.items():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and function.__annotations__.get("return") is pl.DataFrame:
                yield stage, module, name


@contextmanager
def clocked() -> Iterator[Clock]:
    """Time the stages of every parse in the block."""
    clock = Clock()
    originals = [(module, name, getattr(module, name)) for _, module, name in stages()]
    for stage, module, name in list(stages()):
        setattr(module, name, clock.timed(stage, getattr(module, name)))
    try:
        yield clock
    finally:
        for module, name, function in originals:
            setattr(module, name, function)


def copies(megabytes: float, samples: Path = SAMPLES) -> pl.DataFrame:
    """Give the sample telegrams as often as makes so many MB of text, each with a key of its own.

    At least once. (Documents that differ only by key: what the parser does once per distinct
    value, it does here for the values of one copy.)
    """
    documents = pl.concat(list(read_sources([str(samples)])))
    documents = documents.filter(pl.col("reject_reason").is_null())
    times = max(1, round(megabytes / size(documents)))
    keys = pl.int_range(pl.len(), dtype=pl.Int64).alias("document_key")
    return pl.concat([documents] * times).with_columns(keys)


def size(documents: pl.DataFrame) -> float:
    """Give the MB (million bytes) of the telegrams' text."""
    texts = [pl.col(f"{part}_text").str.len_bytes().sum() for part in ("cover", "header", "body")]
    return float(documents.select(pl.sum_horizontal(texts)).item()) / 1e6


def measure(documents: pl.DataFrame, rounds: int) -> dict[str, float]:
    """Give the median seconds of each stage, of the rest and of the whole parse."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds + 1):
        with clocked() as clock:
            begun = time.perf_counter()
            parse(documents)
            whole = time.perf_counter() - begun
        if number:
            for stage in [*STEPS, *MODULES]:
                found[stage].append(clock.seconds[stage])
            found[REST].append(whole - sum(clock.seconds.values()))
            found[WHOLE].append(whole)
    return {stage: median(seconds) for stage, seconds in found.items()}


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="parse_stages", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--megabytes", type=float, default=8, help="text to parse (default: 8)")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds (default: 5)")
    given = parser.parse_args(arguments)
    documents = copies(given.megabytes)
    megabytes = size(documents)
    print(f"{documents.height:,} telegrams, {megabytes:.1f} MB, median of {given.rounds} rounds")
    print(f"{'stage':<16}{'seconds':>9}{'share':>8}{'MB/s':>9}")
    seconds = measure(documents, given.rounds)
    for stage, taken in seconds.items():
        share, speed = taken / seconds[WHOLE], megabytes / max(taken, 1e-9)
        print(f"{stage:<16}{taken:>9.3f}{share:>8.1%}{speed:>9,.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
