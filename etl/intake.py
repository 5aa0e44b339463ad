"""Which documents are in force for a run: what the sources hold now, and what is kept from before.

Each batch of the sources is compared with what the warehouse knows; only documents that are new
or changed are written to the store. Nothing is parsed here, and nothing published.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import polars as pl

from etl.contracts.documents import DocumentIndex
from etl.contracts.frames import Documents
from etl.extract import read_sources
from etl.star.documents import document_index
from etl.store import Store

KEPT = [name for name in Documents.column_names() if name in DocumentIndex.column_names()]
"""What is held in memory of each document: its description, not its texts."""

_IDENTITY = ["document_key", "sha256", "is_rejected"]
_IS_REJECTED = pl.col("reject_reason").is_not_null().alias("is_rejected")


def take_in(
    store: Store,
    run_id: str,
    sources: Sequence[str],
    *,
    rebuild: bool = False,
    report: Callable[[int], None] = lambda _: None,
) -> pl.DataFrame:
    """Read the sources, keep what is new, write the run's DocumentIndex and give it.

    `rebuild` forgets the documents that these sources do not hold. `report` is told how many
    documents have been read so far.

    Raises:
        SourceNotFound: a source is not there; nothing has been read then.
        StateLost: the store has lost documents in force (not with `rebuild`).
    """
    batches = read_sources(sources, exclude=(store.warehouse, store.state_dir))
    known = store.known_documents(rebuild=rebuild)
    started_at = datetime.now(UTC).replace(tzinfo=None)
    held = known.filter(pl.col("part").is_not_null()).select("document_key", "sha256", _IS_REJECTED)
    seen = [
        Documents.create_empty().select(KEPT).with_columns(pl.lit(None, pl.String).alias("part"))
    ]
    count = 0
    for number, batch in enumerate(batches, start=1):
        # A document that was rejected and can be read now (or the other way round) has the same
        # bytes and is new all the same: the program has learned.
        fresh = batch.with_columns(_IS_REJECTED).join(held, on=_IDENTITY, how="anti")
        part = None if fresh.is_empty() else store.write_documents(run_id, number, fresh)
        is_fresh = pl.col("document_key").is_in(fresh["document_key"].implode())
        seen.append(
            batch.select(KEPT).with_columns(
                pl.when(is_fresh).then(pl.lit(part, pl.String)).alias("part")
            )
        )
        count += batch.height
        report(count)
    index = document_index(
        known, pl.concat(seen), run_id=run_id, started_at=started_at, forget_unseen=rebuild
    )
    store.write_index(run_id, index)
    return index
