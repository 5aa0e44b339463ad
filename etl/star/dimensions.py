"""Dimensions: what telegrams are described by, one function per table.

Each takes parsed frames (`etl.contracts.frames`), the versions to load (`version_index`) and the
reference table that is the authority, and gives all members: Unknown first, then reference
members, used or not, then inferred ones (used, and in no reference table), by natural key.

Not here: `dim_document` (`etl.star.documents`); the members' spelling (`etl.conform`).
"""

from datetime import date

import polars as pl

from etl.contracts import dimensions as contract
from etl.contracts.columns import LEVEL_RANKS
from etl.keys import UNKNOWN_KEY, with_key
from etl.star.common import date_key, folded, of_current, with_unknown

FIRST_DAY = date(1960, 1, 1)
LAST_DAY = date(2100, 12, 31)
OFFICIALS_AS_OF = date(2026, 11, 21)
"""Day on which the reference table officials was put together: it says nothing of later ones."""

_TWO_NAMES = r"^[A-Z][A-Za-z'.-]+(?: [A-Z][A-Za-z'.-]*)+$"


def dim_date(
    headers: pl.LazyFrame, version_index: pl.DataFrame, reference_officials: pl.DataFrame
) -> pl.DataFrame:
    """One row per day from 1960 to 2100, and any day outside that a telegram names.

    Terms are half-open: an official is in office from the day of entry to the day before the next
    one's. Nobody is where the table has a gap, and after the day that the table was made.
    """
    named = (
        of_current(headers, version_index)
        .select(pl.concat_list(pl.col("sent_at").dt.date(), "declassify_on").alias("date"))
        .explode("date")
        .unique()
        .collect()
    )
    days = (
        pl.concat([pl.date_range(FIRST_DAY, LAST_DAY, eager=True), named["date"].drop_nulls()])
        .unique()
        .sort()
        .alias("date")
        .to_frame()
        .with_columns(
            date_key("date").alias("date_key"),
            pl.col("date").dt.year().alias("year"),
            pl.col("date").dt.quarter().alias("quarter"),
            pl.col("date").dt.month().alias("month"),
            pl.col("date").dt.strftime("%B").alias("month_name"),
            pl.col("date").dt.day().alias("day"),
            pl.col("date").dt.iso_year().alias("iso_year"),
            pl.col("date").dt.week().alias("iso_week"),
            pl.col("date").dt.strftime("%A").alias("weekday_name"),
        )
    )
    for office in ("president", "secretary_of_state"):
        terms = (
            reference_officials.filter(office=office)
            .select(
                pl.col("from_date").str.to_date(),
                pl.col("to_date").str.to_date().fill_null(OFFICIALS_AS_OF),
                pl.col("name").alias(office),
            )
            .sort("from_date")
        )
        days = (
            days.join_asof(terms, left_on="date", right_on="from_date", strategy="backward")
            .with_columns(pl.when(pl.col("date") < pl.col("to_date")).then(office).alias(office))
            .drop("from_date", "to_date", strict=False)
        )
    return with_unknown(contract.DimDate, days, month_name="Unknown", weekday_name="Unknown")


def dim_post(
    headers: pl.LazyFrame,
    references: pl.LazyFrame,
    addressees: pl.LazyFrame,
    version_index: pl.DataFrame,
    reference_posts: pl.DataFrame,
) -> pl.DataFrame:
    """One row per station that sends, receives or is referred to."""
    used = pl.concat(
        [
            of_current(frame, version_index).select(pl.col(code).alias("post_code"))
            for frame, code in (
                (headers, "post_code"),
                (references, "referenced_post_code"),
                (addressees, "post_code"),
            )
        ]
    )
    posts = _with_inferred(reference_posts, used, "post_code").with_columns(
        pl.coalesce("post_name", "post_code").alias("post_name"),
        pl.col("iso2").alias("country_code"),
        pl.col("latitude", "longitude").cast(pl.Float64),
    )
    return with_unknown(
        contract.DimPost,
        with_key(posts, "post_key", "post_code"),
        post_code="Unknown",
        post_name="Unknown",
        is_inferred=False,
    )


def dim_classification() -> pl.DataFrame:
    """One row per level; the key is the rank."""
    levels = pl.DataFrame(
        {
            "classification_key": list(LEVEL_RANKS.values()),
            "level": list(LEVEL_RANKS),
            "level_rank": list(LEVEL_RANKS.values()),
        }
    )
    return with_unknown(contract.DimClassification, levels, level="Unknown")


def dim_reason(
    reasons: pl.LazyFrame,
    version_index: pl.DataFrame,
    reference_declassification_reasons: pl.DataFrame,
) -> pl.DataFrame:
    """One row per executive order and reason; the order is null where the telegram has none."""
    natural_key = ["executive_order", "reason"]
    used = of_current(reasons, version_index).select(natural_key).unique().collect()
    known = reference_declassification_reasons.with_columns(
        pl.lit(value=False).alias("is_inferred")
    )
    inferred = used.join(known, on=natural_key, how="anti", nulls_equal=True).with_columns(
        pl.lit(value=True).alias("is_inferred")
    )
    members = pl.concat([known, inferred.sort(natural_key)], how="diagonal")
    return with_unknown(
        contract.DimReason,
        with_key(members, "reason_key", natural_key),
        reason="Unknown",
        is_inferred=False,
    )


def dim_caveat(
    caveats: pl.LazyFrame, version_index: pl.DataFrame, reference_caveats: pl.DataFrame
) -> pl.DataFrame:
    """One row per caveat. `REL TO USA, GBR` means what `REL TO` means."""
    used = of_current(caveats, version_index).select("caveat")
    members = _with_inferred(reference_caveats, used, "caveat").rename({"kind": "caveat_kind"})
    general = reference_caveats.filter(caveat="REL TO")
    if not general.is_empty():
        is_release = pl.col("is_inferred") & pl.col("caveat").str.starts_with("REL TO ")
        members = members.with_columns(
            pl.when(is_release)
            .then(pl.lit(general["kind"][0]))
            .otherwise("caveat_kind")
            .alias("caveat_kind"),
            pl.when(is_release)
            .then(pl.lit(general["meaning"][0]))
            .otherwise("meaning")
            .alias("meaning"),
        )
    return with_unknown(
        contract.DimCaveat,
        with_key(members, "caveat_key", "caveat"),
        caveat="Unknown",
        is_inferred=False,
    )


def dim_tag(
    tags: pl.LazyFrame, version_index: pl.DataFrame, reference_tags: pl.DataFrame
) -> pl.DataFrame:
    """One row per TAGS code. An inferred one is a person if it looks like a name, else unknown.

    Names have a comma (`STEINBERG, JAMES B.`) or are two capitalised words.
    """
    used = of_current(tags, version_index).select("tag")
    is_name = pl.col("tag").str.contains(",", literal=True) | pl.col("tag").str.contains(_TWO_NAMES)
    members = _with_inferred(reference_tags, used, "tag").with_columns(
        pl.when(~pl.col("is_inferred"))
        .then("kind")
        .when(is_name)
        .then(pl.lit("person"))
        .otherwise(pl.lit("unknown"))
        .alias("tag_kind"),
        pl.col("name").alias("tag_name"),
        pl.col("iso2").alias("country_code"),
    )
    return with_unknown(
        contract.DimTag,
        with_key(members, "tag_key", "tag"),
        tag="Unknown",
        tag_kind="unknown",
        is_inferred=False,
    )


def dim_person(people: pl.LazyFrame, version_index: pl.DataFrame) -> pl.DataFrame:
    """One row per name in capitals, white space folded. There is no authority table of people."""
    members = (
        of_current(people, version_index)
        .select(folded("full_name").alias("full_name"), folded("surname").alias("surname"))
        .group_by("full_name")
        # Documents may differ in what they take for the surname: any one, but always the same.
        .agg(pl.col("surname").min())
        .sort("full_name")
        .collect()
    )
    return with_unknown(
        contract.DimPerson, with_key(members, "person_key", "full_name"), full_name="Unknown"
    )


def dim_addressee(addressees: pl.LazyFrame, version_index: pl.DataFrame) -> pl.DataFrame:
    """One row per plain language address and routing indicator."""
    natural_key = ["name", "routing_indicator"]
    members = (
        of_current(addressees, version_index)
        .group_by(natural_key)
        .agg(pl.col("is_collective").any(), pl.col("post_code").min())
        .sort(natural_key)
        .collect()
    )
    members = with_key(members, "post_key", "post_code")
    return with_unknown(
        contract.DimAddressee,
        with_key(members, "addressee_key", natural_key),
        name="Unknown",
        post_key=UNKNOWN_KEY,
        is_collective=False,
    )


def _with_inferred(reference: pl.DataFrame, used: pl.LazyFrame, natural_key: str) -> pl.DataFrame:
    """Add to the reference table the used members that it lacks, and the column is_inferred."""
    known = reference.with_columns(pl.lit(value=False).alias("is_inferred"))
    inferred = (
        used.unique()
        .drop_nulls()
        .collect()
        .join(reference, on=natural_key, how="anti")
        .sort(natural_key)
        .with_columns(pl.lit(value=True).alias("is_inferred"))
    )
    return pl.concat([known, inferred], how="diagonal")
