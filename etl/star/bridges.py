"""Bridges: many-to-many between telegrams and what describes them, one function per table.

Each takes a parsed frame and the versions to load (`version_index`), and gives a lazy frame.
"""

import polars as pl

from etl.contracts import facts as contract
from etl.star.common import folded, keyed, of_current, shaped


def bridge_cable_tag(tags: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per telegram and TAGS code."""
    rows = keyed(of_current(tags, version_index), "tag_key", ["tag"])
    return shaped(contract.BridgeCableTag, rows)


def bridge_cable_caveat(caveats: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per telegram and caveat."""
    rows = keyed(of_current(caveats, version_index), "caveat_key", ["caveat"])
    return shaped(contract.BridgeCableCaveat, rows)


def bridge_cable_reason(reasons: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per telegram and reason for classification."""
    rows = keyed(of_current(reasons, version_index), "reason_key", ["executive_order", "reason"])
    return shaped(contract.BridgeCableReason, rows)


def bridge_cable_person(people: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per telegram, person and role; a person named twice in a role counts once."""
    rows = (
        of_current(people, version_index)
        .with_columns(pl.col("full_name").alias("printed_name"), folded("full_name"))
        .sort("cable_key", "position")
        .group_by("cable_key", "full_name", "role", maintain_order=True)
        .agg(
            pl.col("position").first(),
            pl.col("printed_name").first(),
            pl.col("title").drop_nulls().first(),
        )
    )
    return shaped(contract.BridgeCablePerson, keyed(rows, "person_key", ["full_name"]))
