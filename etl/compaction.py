"""Small parts of many runs → few parts.

A run that reads a few documents keeps them as a part of its own, and each part costs every later
run some milliseconds: a year of nightly drops would double what a night takes. So now and then a
run that has kept new documents puts the small parts of earlier runs together: their documents are
written anew, as they were received, and count as that new part's, which is parsed and written to
the tables like any other. A document goes through that a few times at most, as what has grown to a
share of a batch is small no more.

Nothing is lost when the run dies: the published file names the old parts until the swap.

Not here: which documents are in force (`etl.intake`), removing the old parts (`Store.sweep`).
"""

from collections.abc import Callable, Sequence

import polars as pl

from etl.store import Store

ENOUGH = 16
"""Small parts that are left as they are; of one more, all are put together."""

SMALL_SHARE = 4
"""A part is small below this share of a batch: no batch of a large load is (`etl.intake`)."""


def compacted(
    store: Store,
    run_id: str,
    index: pl.DataFrame,
    *,
    new: Sequence[str],
    number: int,
    batch_bytes: int,
    kept: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:
    """Put small parts of earlier runs together, if there are enough; give the index with new parts.

    `index` is a DocumentIndex, `new` the parts that the run has kept so far, `number` that of the
    next one. Parts are measured by the source bytes of their documents in force, and filled up to
    `batch_bytes`. `kept` is told each part that is made.
    """
    in_force = index.filter(pl.col("part").is_not_null())
    small = (
        in_force.filter(~pl.col("part").is_in(list(new)))
        .group_by("part")
        .agg(size=pl.col("size_bytes").sum())
        .filter(pl.col("size") * SMALL_SHARE < batch_bytes)
        .sort("part")
        .with_columns(batch=pl.col("size").cum_sum() // batch_bytes)
    )
    if small.height <= ENOUGH:
        return index
    moved = in_force.select("document_key", "part").join(small, on="part")
    for offset, (_, some) in enumerate(moved.group_by("batch", maintain_order=True)):
        part = store.write_documents(run_id, number + offset, store.scan_documents(some).collect())
        kept(part)
        index = index.with_columns(
            pl.when(pl.col("document_key").is_in(some["document_key"].implode()))
            .then(pl.lit(part))
            .otherwise("part")
            .alias("part")
        )
    return index
