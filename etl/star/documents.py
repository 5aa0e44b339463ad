"""Which documents count, and what became of each in this run.

document_index  known documents and those that this run met → one row per document
dim_document    the documents as a dimension, with their present status
fact_ingest     one row per document that this run met: what became of it

Not here: text in and out of the store (`etl.store`), which telegram a document holds
(`etl.star.versions`), the telegrams themselves (`etl.star.facts`).
"""

from datetime import datetime

import polars as pl

from etl.contracts.dimensions import DimDocument
from etl.contracts.documents import DocumentIndex
from etl.contracts.facts import FactIngest
from etl.keys import UNKNOWN_KEY
from etl.star.common import shaped, with_unknown

_FOUND = (
    "byte_offset",
    "sha256",
    "size_bytes",
    "modified_at",
    "encoding",
    "dialect",
    "reject_reason",
    "published_id",
    "published_classification",
    "published_origin",
    "created_at",
)
_NONE = pl.lit(value=False)


def document_index(
    known: pl.DataFrame,
    seen: pl.DataFrame,
    *,
    run_id: str,
    started_at: datetime,
    forget: pl.Expr = _NONE,
) -> pl.DataFrame:
    """Put the known documents and those that this run met together: a DocumentIndex.

    `known` comes from `Store.known_documents`. `seen` has one row per document of this run's
    sources: the columns of Documents without texts, and `part`, null where the document is as
    known: then what it does not say is taken from there. All others need a part, ValueError says
    so. `unread_reason` may be there, too (see DocumentIndex). Texts may be left in, they are
    ignored. Of a document met twice the last row counts.
    `started_at` is naive UTC.

    Documents that the run did not meet stay in force but for those of which `forget` is true (of
    the columns of `known`): they lose their part, and with it their place in the warehouse, but
    not their history.
    """
    types = {name: column.dtype for name, column in DocumentIndex.columns().items()}
    before = known.select(
        "document_key",
        *(pl.col(name).cast(types[name]).alias(f"{name}_before") for name in _FOUND),
        pl.col("first_seen_at").alias("first_seen_at_before"),
        pl.col("part").alias("part_before"),
        pl.col("status").alias("status_before"),
    )
    # The same bytes in a new part were read anew: the program has learned to read them.
    is_same = (
        (pl.col("sha256") == pl.col("sha256_before"))
        & pl.col("part_before").is_not_null()
        & pl.col("part").is_null()
    ).fill_null(value=False)
    if "unread_reason" not in seen.columns:
        seen = seen.with_columns(pl.lit(None, pl.String).alias("unread_reason"))
    met = (
        seen.unique("document_key", keep="last", maintain_order=True)
        .join(before, on="document_key", how="left")
        .with_columns(is_same.alias("is_same"))
        .select(
            "document_key",
            "uri",
            "member",
            # A document that was skipped by size and time brings only those: the rest is as known.
            *(
                pl.when("is_same")
                .then(pl.coalesce(pl.col(name).cast(types[name]), f"{name}_before"))
                .otherwise(pl.col(name).cast(types[name]))
                .alias(name)
                for name in _FOUND
            ),
            pl.coalesce("first_seen_at_before", pl.lit(started_at, pl.Datetime("us"))).alias(
                "first_seen_at"
            ),
            pl.coalesce("part", pl.when("is_same").then("part_before")).alias("part"),
            pl.lit(run_id).alias("run_id"),
            pl.lit(started_at, pl.Datetime("us")).alias("ingested_at"),
            pl.when("is_same").then("status_before").alias("previous_status"),
            "unread_reason",
        )
    )
    unmet = known.join(met, on="document_key", how="anti").with_columns(
        pl.lit(None, pl.String).alias("run_id"),
        pl.lit(None, pl.Datetime("us")).alias("ingested_at"),
        pl.col("status").alias("previous_status"),
        pl.lit(None, pl.String).alias("unread_reason"),
    )
    unmet = unmet.with_columns(pl.when(~forget).then("part").alias("part"))
    both = [
        frame.select(pl.col(name).cast(types[name]) for name in types) for frame in (met, unmet)
    ]
    index = pl.concat(both).sort("document_key")
    lost = index.filter(pl.col("part").is_null() & pl.col("run_id").is_not_null())
    if not lost.is_empty():
        raise ValueError(
            f"{lost.height} documents have new bytes and no part, e.g. {lost['uri'][0]}"
        )
    return index


def _with_status(document_index: pl.DataFrame, version_index: pl.DataFrame) -> pl.DataFrame:
    """Add status, status_reason and cable_key to the rows of the index."""
    rejected = pl.col("reject_reason").is_not_null()
    removed = pl.col("part").is_null()
    return document_index.join(
        version_index.select("document_key", "cable_key", "status", "reason"),
        on="document_key",
        how="left",
    ).with_columns(
        pl.when(removed)
        .then(pl.lit("removed"))
        .when(rejected)
        .then(pl.lit("rejected"))
        .otherwise("status")
        .alias("status"),
        pl.when(removed)
        .then(pl.lit("no longer among the sources"))
        .when(rejected)
        .then("reject_reason")
        .otherwise("reason")
        .alias("status_reason"),
        pl.col("cable_key").fill_null(UNKNOWN_KEY),
    )


def dim_document(document_index: pl.DataFrame, version_index: pl.DataFrame) -> pl.DataFrame:
    """One row per document in force or removed, whatever became of it, and Unknown."""
    documents = _with_status(document_index, version_index).sort("document_key")
    return with_unknown(
        DimDocument, documents, uri="Unknown", status="Unknown", cable_key=UNKNOWN_KEY
    )


def fact_ingest(document_index: pl.DataFrame, version_index: pl.DataFrame) -> pl.DataFrame:
    """One row per document that this run met: what became of it.

    Rows of earlier runs stay as they are (`etl.increment.build`): there is one for each document
    and run, and no run reads them all.
    A document with the bytes and the status of the last time is `unchanged`, but a rejected one
    is rejected again: its reader must hear of it in each run. So is one whose file cannot be read
    now, though what was read before stays in force.
    """
    is_unchanged = pl.col("status").eq(pl.col("previous_status")) & pl.col("status").ne("rejected")
    is_unread = pl.col("unread_reason").is_not_null()
    outcome = (
        pl.when(is_unread)
        .then(pl.lit("rejected"))
        .when(is_unchanged)
        .then(pl.lit("unchanged"))
        .otherwise("status")
    )
    now = (
        _with_status(document_index, version_index)
        .filter(pl.col("run_id").is_not_null())
        .with_columns(
            outcome.alias("outcome"),
            pl.when(is_unread)
            .then(pl.col("unread_reason") + "; what was loaded from it before stays")
            .when(is_unchanged)
            .then(
                pl.lit("same bytes as before, nothing to do")
                + pl.coalesce("; " + pl.col("status_reason"), pl.lit(""))
            )
            .otherwise("status_reason")
            .alias("reason"),
        )
    )
    return shaped(FactIngest, now.lazy()).collect().sort("document_key")
