"""Documents → lines, and the marks that are plain to see on each line by itself.

The walk: `split_lines` cuts a document into its lines; `marked` adds what can be told from one
line alone (blank, page marker, rule, caption, banner). What each line *is*, `starts`, `labels`
and `layout` decide from its neighbours.
"""

import polars as pl

from etl.parse import patterns
from etl.parse.text import EDGE, beside, where

MARKDOWN_LINK = (
    r"\[([^\]\n]{1,80})\]\((?:(?:[#/?<]|\.{1,2}/|www\.|(?:https?|ftp|file|mailto|javascript):)"
    r"[^)\n]{0,200}|[^\s)]{0,200}\.html?[^\s)]{0,80})?\)"
)
"""`[PGOV](#)`: left by tools that save web pages as Markdown; `[see annex](text)` is text."""


def split_lines(documents: pl.DataFrame) -> pl.DataFrame:
    """Give one row per line of the readable documents, in order.

    In: `Documents`. Out: document_key, line_number (1 … over the parts cover, header, body),
    part, text (without newline), is_escaped (the document holds a backslash or a Markdown link
    somewhere). Joining the texts of a part with newlines gives it back.
    """
    parts = ("cover", "header", "body")
    lists = [pl.col(f"{part}_text").str.split("\n").fill_null([]) for part in parts]
    return (
        documents.filter(pl.col("body_text").is_not_null())
        .select(
            "document_key",
            pl.concat_list(lists).alias("text"),
            is_escaped=pl.any_horizontal(
                pl.col(f"{part}_text").str.contains(mark, literal=True).fill_null(False)
                for part in parts
                for mark in ("](", "\\")
            ),
            cover_count=lists[0].list.len(),
            header_end=lists[0].list.len() + lists[1].list.len(),
        )
        .with_columns(line_number=pl.int_ranges(1, pl.col("text").list.len() + 1, dtype=pl.UInt32))
        .explode("text", "line_number")
        .select(
            "document_key",
            "line_number",
            pl.when(pl.col("line_number") <= pl.col("cover_count"))
            .then(pl.lit("cover"))
            .when(pl.col("line_number") <= pl.col("header_end"))
            .then(pl.lit("header"))
            .otherwise(pl.lit("body"))
            .alias("part"),
            "text",
            "is_escaped",
        )
    )


def marked(lines: pl.DataFrame) -> pl.DataFrame:
    """Add to each line what it shows by itself.

    In: `split_lines`. Out, added: `clean` (no white space at the edges, no leading pilcrow, no
    Markdown links), `has_pilcrow`, `is_blank`, `is_page_marker`, `is_rule`, `is_caption`,
    `is_banner` (a level alone on its line).
    """
    lines = _unescaped(lines.with_columns(clean=pl.col("text").str.strip_chars(EDGE)))
    clean = pl.col("clean")
    lines = lines.with_columns(has_pilcrow=clean.str.starts_with("¶"))
    lines = where(lines, pl.col("has_pilcrow"), bare=clean.str.strip_chars("¶" + EDGE))
    lines = lines.with_columns(clean=pl.coalesce("bare", "clean")).drop("bare")
    lines = where(
        lines,
        clean.str.contains(patterns.PAGE_MARKER_BEGINS) | clean.str.contains(r"\d$"),
        is_page_marker=clean.str.contains(patterns.PAGE_MARKER),
        is_page_alone=clean.str.contains(patterns.PAGE_ALONE),
    )
    is_alone = pl.col("is_page_alone").fill_null(False)
    lines = where(
        lines,
        beside(is_alone, 1).fill_null(False),
        is_under_page=clean.str.contains(patterns.UNDER_PAGE),
    ).with_columns(
        is_page_marker=pl.col("is_page_marker")
        | pl.col("is_under_page")
        | (is_alone & beside(pl.col("is_under_page"), -1))
    )
    lines = lines.drop("is_page_alone", "is_under_page")
    return lines.with_columns(
        pl.col("is_page_marker").fill_null(False),
        is_blank=clean == "",
        is_rule=clean.str.contains(patterns.RULE),
        is_caption=clean.str.contains(patterns.CAPTION),
        is_banner=clean.str.contains(
            r"^(?:" + patterns.LEVEL_WORDS + r")(?:\s*//?\s*[A-Z ]{2,30})?$"
        ),
    )


def _unescaped(lines: pl.DataFrame) -> pl.DataFrame:
    """Take out of `clean` what tools that saved the page have put in."""
    clean = pl.col("clean")
    # A lone backslash at the end of a line is left over from the escapes of a bulk CSV.
    plain = (
        pl.when(clean.str.ends_with("\\"))
        .then(clean.str.replace(r"(?:^|\s+)\\$", ""))
        .otherwise(clean)
        .str.replace_all(MARKDOWN_LINK, "$1")
    )
    lines = where(lines, pl.col("is_escaped"), plain=plain)
    return lines.with_columns(clean=pl.coalesce("plain", "clean")).drop("plain", "is_escaped")
