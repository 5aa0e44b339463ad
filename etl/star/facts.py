"""Facts: what happened, one function per table; the grain is the docstring's first line.

Each takes parsed frames and the versions to load (`version_index`), and gives a lazy frame: the
paragraphs of a full release are 1.7 GB and go into the database in batches. Keys are made from
natural keys, so that no fact has to look up its dimensions.

Not here: `fact_ingest` (`etl.star.documents`).
"""

import polars as pl

from etl.contracts import facts as contract
from etl.keys import UNKNOWN_KEY
from etl.star.common import date_key, keyed, level_key, of_current, shaped


def fact_cable(
    headers: pl.LazyFrame,
    tags: pl.LazyFrame,
    references: pl.LazyFrame,
    addressees: pl.LazyFrame,
    version_index: pl.DataFrame,
) -> pl.LazyFrame:
    """One row per telegram, from the document that holds its current version."""
    is_addressed = ~pl.col("is_exempt")
    counts = [
        (tags, pl.len().alias("tag_count")),
        (references, pl.len().alias("reference_count")),
        (
            addressees,
            (is_addressed & (pl.col("role") == "action")).sum().alias("action_addressee_count"),
        ),
        (
            addressees,
            (is_addressed & (pl.col("role") == "info")).sum().alias("info_addressee_count"),
        ),
    ]
    versions = version_index.filter(version_rank=1).select("cable_key", "mrn", "is_mrn_invented")
    cables = of_current(headers.drop("mrn"), version_index).join(
        versions.lazy(), on="cable_key", how="inner", maintain_order="left"
    )
    for frame, counted in counts:
        name = counted.meta.output_name()
        per_document = frame.group_by("document_key").agg(counted)
        cables = cables.join(
            per_document, on="document_key", how="left", maintain_order="left"
        ).with_columns(pl.col(name).fill_null(0))
    cables = keyed(cables, "origin_post_key", ["post_code"]).with_columns(
        date_key("sent_at").alias("sent_date_key"),
        date_key("declassify_on").alias("declassify_date_key"),
        level_key("level").alias("classification_key"),
        level_key("published_level").alias("published_classification_key"),
    )
    return shaped(contract.FactCable, cables)


def fact_paragraph(paragraphs: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per paragraph of a telegram."""
    rows = of_current(paragraphs, version_index).with_columns(
        level_key("level").alias("classification_key")
    )
    return shaped(contract.FactParagraph, rows)


def fact_reference(references: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per item on a REF line; `referenced_cable_key` is -1 when that telegram is not held.

    What is held is read anew in each run, so a telegram that comes later is found.
    """
    held = version_index.filter(version_rank=1).select(
        pl.col("mrn").alias("referenced_mrn"), pl.col("cable_key").alias("referenced_cable_key")
    )
    rows = (
        keyed(
            of_current(references, version_index), "referenced_post_key", ["referenced_post_code"]
        )
        .join(held.lazy(), on="referenced_mrn", how="left", maintain_order="left")
        .with_columns(pl.col("referenced_cable_key").fill_null(UNKNOWN_KEY))
    )
    return shaped(contract.FactReference, rows)


def fact_addressee(addressees: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per addressee of a telegram."""
    rows = keyed(
        of_current(addressees, version_index), "addressee_key", ["name", "routing_indicator"]
    )
    return shaped(contract.FactAddressee, rows)


def fact_field_agreement(agreements: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per telegram of the archive and field that attributes and body may both say."""
    return shaped(contract.FactFieldAgreement, of_current(agreements, version_index))


def cable_attribute(attributes: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per attribute of a telegram of the archive."""
    return shaped(contract.CableAttribute, of_current(attributes, version_index))


def cable_review(reviews: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per thing that a telegram says and that nobody could read or place."""
    kept = of_current(reviews, version_index)
    position = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("cable_key")
    return shaped(contract.CableReview, kept.with_columns(position=position))
