"""One batch of documents, read: every line with its kind, and the frames that the fields need.

`read` is the whole stateful part of the parser; the modules behind it (heading, opening,
references, people, paragraphs) only take fields out of what it gives.
"""

from dataclasses import dataclass

import polars as pl

from etl.parse.labels import pieces
from etl.parse.layout import laid_out
from etl.parse.lines import marked, split_lines
from etl.parse.repeats import with_repeats
from etl.parse.starts import SENTENCE_END, with_starts
from etl.parse.text import beside, placed, where
from etl.parse.wraps import unwrapped, with_tables

FIELD_KINDS = {
    "to": "addressee",
    "info": "addressee",
    "exempt": "addressee",
    "partial": "notice",
    "leading": "paragraph",
    "marked": "paragraph",
}
"""Line kind of a field, where it is not called the same."""


@dataclass(frozen=True)
class Reading:
    """What one batch of documents shows, before any field is taken out.

    Attributes:
        lines: contract `Lines`, plus `row`, `clean`, `is_caption`.
        pieces: `etl.parse.labels.pieces` of the openings; those of the attributes may be added.
        text: solid lines of the text, those that only go on put into the row of the first
            (`etl.parse.wraps`): row, document_key, clean, tail, last, number, portion, rest,
            kind, heading, begins, break_before.
    """

    lines: pl.DataFrame
    pieces: pl.DataFrame
    text: pl.DataFrame


def read(documents: pl.DataFrame) -> Reading:
    """Read a batch of `Documents`; rows without a body are left out."""
    lines, solid = with_starts(marked(split_lines(documents)))
    solid = with_repeats(solid)
    lines = placed(lines, lines["solid"], solid.select("zone", "is_repeat"))
    solid = _without_repeats(solid)
    opening = pieces(solid.filter(pl.col("zone") == "opening"))
    first_piece = opening.filter(pl.col("piece") == 0).select("row", "field")
    lines_of_text = solid.join(first_piece, on="row", how="left", maintain_order="left").filter(
        (pl.col("zone") == "text")
        | pl.col("field").is_in(["leading", "marked"])
        | ((pl.col("field") == "rule") & (pl.col("part") == "body"))
    )
    text = laid_out(unwrapped(with_tables(lines_of_text)))
    cover = (
        opening.filter(pl.col("field") == "cover")
        .group_by("document_key", "part")
        .agg(cover_end=pl.col("row").max())
    )
    kinds = (
        lines.join(cover, on=["document_key", "part"], how="left", maintain_order="left")
        .select(
            "row",
            "cover_end",
            "part",
            "is_blank",
            "is_page_marker",
            "is_caption",
            "is_banner",
            "is_repeat",
        )
        .join(
            first_piece.select("row", pl.col("field").replace(FIELD_KINDS)),
            on="row",
            how="left",
            maintain_order="left",
        )
        .join(
            # What only goes on with a line is of its kind.
            lines_of_text.select("row")
            .join(text.select("row", "kind"), on="row", how="left", maintain_order="left")
            .with_columns(pl.col("kind").forward_fill()),
            on="row",
            how="left",
            maintain_order="left",
        )
    )
    kind = (
        pl.when("is_blank")
        .then(pl.lit("blank"))
        .when((pl.col("part") == "cover") | (pl.col("row") <= pl.col("cover_end")).fill_null(False))
        .then(pl.lit("cover"))
        .when("is_page_marker")
        .then(pl.lit("page_marker"))
        .when("is_repeat")
        .then(pl.lit("repeated_header"))
        .when("is_caption")
        .then(pl.lit("caption"))
        .when("is_banner")
        .then(pl.lit("classification"))
        .when(pl.col("kind").is_not_null())
        .then("kind")
        .otherwise("field")
        .fill_null("unrecognised")
    )
    return Reading(
        lines=lines.with_columns(kinds.select(kind=kind)),
        pieces=opening,
        text=text,
    )


def _without_repeats(solid: pl.DataFrame) -> pl.DataFrame:
    """Leave repeated headers out; what stands behind one stands as behind a page marker."""
    if not solid["is_repeat"].any():
        return solid
    behind = beside(pl.col("is_repeat"), 1).fill_null(False) & ~pl.col("is_repeat")
    solid = solid.with_columns(behind=behind).filter(~pl.col("is_repeat"))
    solid = where(
        solid.with_columns(before=beside(pl.col("clean"), 1)),
        pl.col("behind"),
        ended=pl.col("before").str.contains(SENTENCE_END).fill_null(True),
    )
    ended = pl.col("ended")
    return solid.with_columns(
        after_marker=pl.col("after_marker") | pl.col("behind"),
        break_before=pl.when("behind").then(ended).otherwise("break_before"),
        after_sentence=pl.when("behind").then(ended).otherwise("after_sentence"),
    ).drop("behind", "before", "ended")
