"""Make telegrams: see `benchmarks.corpus`."""

import argparse
import sys
from pathlib import Path

from benchmarks.corpus import DIALECTS, write


def main(arguments: list[str] | None = None) -> int:
    """Make the telegrams that the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.corpus", description="Make telegrams of no one's, any number."
    )
    parser.add_argument("dialect", choices=DIALECTS, help="form of the documents")
    parser.add_argument("count", type=int, metavar="N", help="how many telegrams")
    parser.add_argument(
        "out", type=Path, metavar="OUT", help="CSV file, or folder for pages and archive texts"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, other telegrams")
    parser.add_argument("--start", type=int, default=0, help="number of the first (default: 0)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    given = parser.parse_args(arguments)
    size = write(
        given.dialect, given.count, given.out, seed=given.seed, start=given.start, jobs=given.jobs
    )
    print(f"{given.count:,} telegrams, {size / 1e6:,.1f} MB: {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
