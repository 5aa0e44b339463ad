"""A disk that is full: told from other problems, and said in one line with what to do.

Each library has its own words for it: Python an OSError, Polars and DuckDB an error of their own
with the system's words in it, SQLite (Dagster's history) others.

Not here: what the failed run leaves; it clears that away itself (`etl.resources`).
"""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress

from etl.extract import check_sources, find_files
from etl.files import work_done
from etl.paths import dagster_home
from etl.store import Store

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WORDS = (*map(os.strerror, _FULL), "database or disk is full")
_HISTORY = ("sqlite", "database or disk is full")
_TIMES_SOURCES = 1.2
"""Disk for texts as received, parsed frames and rows, against the size of the sources: measured at
250,000 telegrams of a CSV; packed sources take more."""
_LEAST = 10_000_000
"""What a load of a few telegrams takes."""


def is_full(problem: BaseException) -> bool:
    """Tell whether a full disk, a quota or a limit on sizes is behind a problem."""
    return any(
        getattr(cause, "errno", None) in _FULL or any(word in str(cause) for word in _WORDS)
        for cause in _causes(problem)
    )


def explain_full(problem: BaseException, sources: Sequence[str], store: Store) -> str:
    """Say which disk is full, what the load needs, and what to do.

    First removes what dead runs have left beside the warehouse, where no other job is at work.
    """
    with suppress(Exception), store.lock():
        store.sweep()
        work_done()
    said = " ".join(str(cause) for cause in _causes(problem))
    where, what = store.warehouse.parent, "give the warehouse a path on a larger disk"
    if any(word in said for word in _HISTORY):
        where, what = dagster_home(), "have DAGSTER_HOME name a folder on a larger disk"
    free = _size(shutil.disk_usage(where).free)
    if os.strerror(errno.EFBIG) in said:
        return f"a file in {where} may not grow further ({os.strerror(errno.EFBIG)}; ulimit -f)"
    return (
        f"the disk of {where} is full ({free} are free now, the load may need "
        f"{_size(_need(sources, store))}); free some space, or {what}, and start the load again"
    )


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """Give a problem and what is behind it, each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [problem]
    while waiting:
        cause = waiting.pop()
        if cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            waiting += [cause.__context__, cause.__cause__]
            yield cause


def _need(sources: Sequence[str], store: Store) -> float:
    """Give the bytes that the load may take: a copy of the published file is made first."""
    published = 0
    with suppress(OSError):
        published = store.warehouse.stat().st_size
    return (
        published
        + _LEAST
        + _TIMES_SOURCES * sum(file.size_bytes for file in find_files(check_sources(sources)))
    )


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(count, 0) / 1e6:,.0f} MB"
