"""Surrogate keys: integers made from natural keys, the same on every machine and in every order.

A key must not depend on the clock, on the order of arrival or on a library's version (a key
made from the clock orphans every foreign key on the next run, and `polars.Expr.hash` may change
with each Polars release). So it is a BLAKE2b digest of the natural key, cut to 53 bits: that is
what a double, and thus every BI tool and browser, holds exactly. At two million members the
chance of any collision is about 1 in 4,500; the blocking key checks would stop such a run.
"""

from collections.abc import Iterable
from hashlib import blake2b

import polars as pl

UNKNOWN_KEY = -1
"""Key of the member "Unknown" that every dimension has."""

_SEPARATOR = "\x1f"
_BITS = 53


def stable_key(*natural_key: str | None) -> int:
    """Give the surrogate key of one natural key: 0 … 2^53-1, or -1 when every part is null."""
    if all(part is None for part in natural_key):
        return UNKNOWN_KEY
    joined = _SEPARATOR.join("" if part is None else part for part in natural_key)
    digest = blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - _BITS)


def with_key(frame: pl.DataFrame, name: str, natural_key: str | Iterable[str]) -> pl.DataFrame:
    """Add the Int64 column `name` made from the text columns `natural_key`; null parts give -1.

    Each distinct natural key is hashed once: members are few where rows are many.
    """
    columns = [natural_key] if isinstance(natural_key, str) else list(natural_key)
    distinct = frame.select(columns).unique()
    keys = [stable_key(*row) for row in distinct.iter_rows()]
    members = distinct.with_columns(pl.Series(name, keys, dtype=pl.Int64))
    return frame.join(members, on=columns, how="left", nulls_equal=True, maintain_order="left")


def among(rows: pl.LazyFrame, keys: pl.Series) -> pl.LazyFrame:
    """Keep the rows whose column of the name of `keys` is one of them; their order stays.

    A semi join would read all columns of all rows of a file first: for the paragraphs of 300 of
    150,000 documents 0.66 s and 1.4 GB, and 0.16 s and 40 MB with this.
    """
    return rows.filter(pl.col(keys.name).is_in(keys.unique().implode()))
