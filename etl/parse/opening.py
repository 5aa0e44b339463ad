"""Fields of the opening: TAGS, SUBJECT, and the message reference number."""

import re
from typing import Any

import polars as pl

from etl.conform.mrn import canonical_mrn, contradict
from etl.conform.posts import codes
from etl.conform.tags import split_tags
from etl.parse import patterns
from etl.parse.reading import Reading
from etl.parse.text import each_distinct, folded, joined

SUBJECT_LABEL = (
    r"(?i)^\W{0,3}(?:\(u\)\s*)?"
    + patterns.SUBJECT_WORD
    + r"\s*(?:\((u|sbu|c|s)\)\s*[:;]|[:;.,=]|-\s)?\s*"
)
"""`SUBJECT:`, `SUBJECT (U):`: the marking of the subject may stand in front of the colon."""

HOLDS_INDENT = r"\n-[ \t]{2,}"
"""A hyphen that only holds the indent of the next line, on terminals of the 1980s."""

RUN_ON_NOTICE = r"\s(?:Sensitive [Bb]ut|SENSITIVE BUT UNCLASSIFIED)\b.*$"
MARKED_FIRST = r"^" + patterns.MARKING + r"\s*"
MARKED_LAST = r"\s*" + patterns.MARKING + r"$"


LABEL_ONLY = (
    r"(?i)^\W*(?:(?:"
    + (patterns.ORDER_WORD + "|t?ags|" + patterns.SUBJECT_WORD)
    + r"|ref(?:s|tels?)?|"
    + patterns.CLASSIFIED_WORD
    + r"\s+by)\s*:?[\W\d]*)+$"
)
"""A label with nothing behind it: the text stands in the next block."""


def field_texts(reading: Reading, field: str, *, blocks: str = "first") -> pl.DataFrame:
    """Give document_key and text of a field, its lines joined by newlines.

    `blocks`: "first" gives the first block that says anything, "run" the first with those of the
    same field right behind it (`TAGS: ECON, TAGS: EFIN`), "all" a row per such block, "every" those
    too that hold a label only.
    """
    texts = (
        reading.pieces.filter(pl.col("field") == field)
        .with_columns(
            pl.when(pl.col("clean").str.contains(" OF ", literal=True))
            .then(pl.col("clean").str.replace_all(patterns.INLINE_PAGE_MARKER, "\n"))
            .otherwise("clean")
            .alias("clean")
        )
        .group_by("document_key", "block", maintain_order=True)
        .agg(text=joined(pl.col("clean"), "\n"))
        .filter(~pl.col("text").str.contains(LABEL_ONLY) | (blocks == "every"))
        .select("document_key", "block", "text")
    )
    if blocks in ("all", "every"):
        return texts.drop("block")
    if blocks == "run":
        run = pl.col("block").cast(pl.Int64) - pl.int_range(pl.len())
        texts = (
            texts.filter((run == run.first()).over("document_key"))
            .group_by("document_key", maintain_order=True)
            .agg(text=joined(pl.col("text"), "\n"))
        )
    return texts.group_by("document_key", maintain_order=True).agg(pl.col("text").first())


def tags(reading: Reading) -> pl.DataFrame:
    """Give the tags of a batch: contract `Tags`."""
    shape = pl.List(pl.Struct({"raw_tag": pl.String, "tag": pl.String}))

    def split(text: str) -> list[dict[str, str]]:
        return [{"raw_tag": tag.raw, "tag": tag.tag} for tag in split_tags(text)]

    return (
        each_distinct(field_texts(reading, "tags", blocks="run"), ["text"], split, "found", shape)
        .explode("found")
        .filter(pl.col("found").is_not_null())
        .unnest("found")
        .select(
            "document_key",
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key").alias("position"),
            "raw_tag",
            "tag",
        )
    )


def slugs(reading: Reading) -> pl.DataFrame:
    """Give document_key and slug: slug lines (`DEPT FOR SCA/CEN`) in order, each once."""
    return (
        reading.pieces.filter(pl.col("field") == "slug")
        .with_columns(text=folded(pl.col("clean")))
        # Numbers of a distribution table are none: `11-H`.
        .filter(pl.col("text").str.contains(r"[A-Za-z]{2}"))
        .unique(["document_key", "text"], keep="first", maintain_order=True)
        .group_by("document_key", maintain_order=True)
        .agg(slug=joined(pl.col("text"), "\n"))
    )


def subjects(reading: Reading) -> pl.DataFrame:
    """Give document_key, subject (one line, no marking), subject_marking."""
    text = folded(
        pl.col("text")
        .str.replace(SUBJECT_LABEL, "")
        .str.replace(RUN_ON_NOTICE, "")
        .str.replace_all(HOLDS_INDENT, "\n")
    )
    return (
        field_texts(reading, "subject")
        .with_columns(text=text, in_label=pl.col("text").str.extract(SUBJECT_LABEL, 1))
        .with_columns(
            subject_marking=pl.coalesce(
                "in_label",
                pl.col("text").str.extract(MARKED_FIRST, 1),
                pl.col("text").str.extract(MARKED_LAST, 1),
            )
            .str.to_uppercase()
            .str.replace_all(" ", "", literal=True),
            subject=pl.col("text")
            .str.replace(MARKED_FIRST, "")
            .str.replace(MARKED_LAST, "")
            .str.strip_chars(),
        )
        .filter(pl.col("subject") != "")
        .select("document_key", "subject", "subject_marking")
    )


def message_reference_numbers(
    documents: pl.DataFrame, classified: pl.DataFrame, headings: pl.DataFrame
) -> pl.DataFrame:
    """Give document_key, printed_mrn, mrn, post_code, mrn_year, serial, line_canonical.

    And `contradicting`: the number on the classification line where it names another telegram.

    The published id (page, CSV, cover) names the telegram; without one, or when it is
    malformed beyond repair, the classification line does, with the year of the DTG.
    """
    frame = (
        documents.select("document_key", "published_id", "created_at")
        .join(classified, on="document_key", how="left", maintain_order="left")
        .join(
            headings.select("document_key", "dtg_at"),
            on="document_key",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            line_printed=pl.format("{} {}", "line_post", "line_serial"),
            line_mrn=pl.format(
                "{}{}{}",
                pl.coalesce("dtg_at", "created_at").dt.year(),
                pl.col("line_post").str.replace_all(r"[^A-Za-z]", ""),
                pl.col("line_serial"),
            ),
        )
    )
    shape = pl.Struct(
        {
            "line_canonical": pl.String,
            "contradicting": pl.String,
            "printed_mrn": pl.String,
            "mrn": pl.String,
            "post_code": pl.String,
            "mrn_year": pl.Int32,
            "serial": pl.Int32,
        }
    )

    def read(
        published: str | None, line: str | None, line_printed: str | None
    ) -> dict[str, Any] | None:
        on_line = canonical_mrn(line)
        # `SECRET MEETING 12` is text.
        if on_line and re.search(r"\D\d{1,2}$", line or "") and on_line.post_code not in codes():
            on_line, line = None, None
        for text, printed in ((published, published), (line, line_printed)):
            found = canonical_mrn(text)
            if found:
                return {
                    "line_canonical": on_line.text if on_line else None,
                    "contradicting": line_printed
                    if published and line_printed and contradict(published, line_printed)
                    else None,
                    "printed_mrn": printed,
                    "mrn": found.text,
                    "post_code": found.post_code,
                    "mrn_year": found.year,
                    "serial": found.serial,
                }
        return None

    return each_distinct(
        frame, ["published_id", "line_mrn", "line_printed"], read, "found", shape
    ).select("document_key", "created_at", "dtg_at", pl.col("found").struct.unnest())
