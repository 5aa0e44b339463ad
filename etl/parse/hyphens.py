"""Words that a line end cut at a hyphen: joined only where it is known how.

Teletype did not divide words, so a hyphen at a line end mostly belongs to a compound
(`three-strikes-` / `you're-out`); but some posts' word processors did divide. What the same
telegram writes elsewhere decides; the corpus does not, or a telegram would read differently with
every drop. Everything else is left as folded, with its blank.
"""

import polars as pl

from etl.parse.text import joined

BREAK = "\x1f"
"""Stands for a line end behind a hyphen until it is decided (no document holds it)."""

PREFIXES = (
    "anti", "co", "counter", "cross", "ex", "inter", "intra", "mid", "multi", "non", "pan", "post",
    "pre", "pro", "quasi", "self", "semi", "sub", "trans", "ultra", "vice",
)  # fmt: skip
"""First parts of compounds that leave no doubt: `non-` / `violent` is non-violent."""

NOT_JOINED = ("and", "or", "to", "nor", "but", "versus")
"""`pre-` / `and post-election` is no compound."""


def resolved(paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Resolve `BREAK` in the column `text` of paragraphs (with document_key, paragraph_id)."""
    cut = paragraphs.filter(pl.col("text").str.contains(BREAK, literal=True))
    if cut.height == 0:
        return paragraphs
    here = ("document_key", "paragraph_id")
    said = (
        paragraphs.join(cut.select("document_key").unique(), on="document_key", how="semi")
        .group_by("document_key")
        .agg(said=joined(pl.col("text").str.to_lowercase(), " "))
    )
    pieces = (
        cut.select(*here, pl.col("text").str.split(BREAK))
        .explode("text")
        .with_columns(
            left=pl.col("text").shift(1).over(here).str.extract(r"([\p{L}'’]+)-$", 1),
            right=pl.col("text").str.extract(r"^(\p{L}[\p{L}'’]*)", 1),
        )
        .with_columns(
            # `pro-` / `Western`: a capital behind a small letter is no second half of a word.
            is_name=pl.col("right").str.contains(r"^\p{Lu}")
            & pl.col("left").str.contains(r"\p{Ll}"),
            left=pl.col("left").str.to_lowercase(),
            right=pl.col("right").str.to_lowercase(),
        )
        .join(said, on="document_key", how="left", maintain_order="left")
    )
    compound = pl.col("said").str.contains(pl.format("{}-{}", "left", "right"), literal=True) | (
        pl.col("left").is_in(PREFIXES) & ~pl.col("right").is_in(NOT_JOINED)
    )
    word = pl.col("said").str.contains(pl.format("{}{}", "left", "right"), literal=True)
    pieces = pieces.with_columns(
        how=pl.when(pl.col("left").is_null() | pl.col("right").is_null())
        .then(pl.lit("left"))
        .when(compound)
        .then(pl.lit("compound"))
        .when(word & ~pl.col("is_name"))
        .then(pl.lit("word"))
        .otherwise(pl.lit("left"))
    )
    is_first = pl.int_range(pl.len()).over(here) == 0
    before_word = (pl.col("how").shift(-1).over(here) == "word").fill_null(False)
    pieces = pieces.with_columns(
        text=pl.when(is_first | (pl.col("how") != "left")).then(pl.lit("")).otherwise(pl.lit(" "))
        + pl.when(before_word).then(pl.col("text").str.strip_suffix("-")).otherwise(pl.col("text"))
    )
    whole = pieces.group_by(here, maintain_order=True).agg(whole=joined(pl.col("text"), ""))
    return (
        paragraphs.join(whole, on=here, how="left", maintain_order="left")
        .with_columns(text=pl.coalesce("whole", "text"))
        .drop("whole")
    )
