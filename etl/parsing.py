"""Parts of the store that no parser of this version has read → their parsed frames, in the store.

Not here: how a batch is read (`etl.parse`), what is kept of it (`etl.store`).
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from etl.contracts.frames import PARSED
from etl.parallel import WORKERS, in_processes
from etl.parse import parse
from etl.store import Store

Broken = dict[str, dict[str, int]]
"""Rows that break a rule of their contract, by frame and rule."""


def parse_parts(store: Store, run_id: str, parts: Sequence[str]) -> Iterator[Broken]:
    """Parse parts of a run, and give of each how many rows broke which rule.

    Raises etl.parallel.WorkerLost when a process that parses is ended from outside.
    """
    make = partial(parse_part, store.warehouse, store.parser_version, run_id)
    # A process takes a second to start: not for one part.
    if len(parts) < 2 or WORKERS == 1:
        yield from map(make, parts)
    else:
        yield from in_processes(make, parts, workers=min(WORKERS, len(parts)))


def parse_part(warehouse: Path, parser_version: str, run_id: str, part: str) -> Broken:
    """Parse one part, keep its frames, and give how many rows broke which rule."""
    store = Store(warehouse, parser_version=parser_version)
    frames = parse(store.readable_documents(run_id, part))
    store.write_parsed(part, frames)
    return {
        name: dict(contract.filter(frames[name])[1].counts()) for name, contract in PARSED.items()
    }
