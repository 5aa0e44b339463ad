"""Documents → lines, and the marks that are plain to see on each line by itself.

The walk: `split_lines` cuts a document into its lines; `marked` adds what can be told from one
line alone (blank, page marker, rule, caption, banner). What each line *is*, `starts`, `labels`
and `layout` decide from its neighbours.
"""

import polars as pl

from etl.parse import patterns
from etl.parse.text import EDGE

MARKDOWN_LINK = (
    r"\[([^\]\n]{1,80})\]\((?:(?:[#/?<]|\.{1,2}/|www\.|(?:https?|ftp|file|mailto|javascript):)"
    r"[^)\n]{0,200}|[^\s)]{0,200}\.html?[^\s)]{0,80})?\)"
)
"""`[PGOV](#)`: left by tools that save web pages as Markdown; `[see annex](text)` is text."""


def split_lines(documents: pl.DataFrame) -> pl.DataFrame:
    """Give one row per line of the readable documents, in order.

    In: `Documents`. Out: document_key, line_number (1 … over the parts cover, header, body),
    part, text (without newline). Joining the texts of a part with newlines gives it back.
    """
    parts = ("cover", "header", "body")
    lists = [pl.col(f"{part}_text").str.split("\n").fill_null([]) for part in parts]
    return (
        documents.filter(pl.col("body_text").is_not_null())
        .select(
            "document_key",
            pl.concat_list(lists).alias("text"),
            lists[0].list.len().alias("cover_count"),
            (lists[0].list.len() + lists[1].list.len()).alias("header_end"),
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
        )
    )


def marked(lines: pl.DataFrame) -> pl.DataFrame:
    """Add to each line what it shows by itself.

    In: `split_lines`. Out, added: `clean` (no white space at the edges, no leading pilcrow, no
    Markdown links), `has_pilcrow`, `is_blank`, `is_page_marker`, `is_rule`, `is_caption`,
    `is_banner` (a level alone on its line).
    """
    stripped = pl.col("text").str.strip_chars(EDGE)
    # A lone backslash at the end of a line is left over from the escapes of a bulk CSV.
    stripped = (
        pl.when(stripped.str.ends_with("\\"))
        .then(stripped.str.replace(r"(?:^|\s+)\\$", ""))
        .otherwise(stripped)
    )
    lines = lines.with_columns(
        clean=pl.when(stripped.str.contains("](", literal=True))
        .then(stripped.str.replace_all(MARKDOWN_LINK, "$1"))
        .otherwise(stripped)
    ).with_columns(has_pilcrow=pl.col("clean").str.starts_with("¶"))
    clean = pl.col("clean")
    return lines.with_columns(
        clean=pl.when("has_pilcrow").then(clean.str.strip_chars("¶" + EDGE)).otherwise(clean)
    ).with_columns(
        is_blank=clean == "",
        is_page_marker=clean.str.contains(patterns.PAGE_MARKER),
        is_rule=clean.str.contains(patterns.RULE),
        is_caption=clean.str.contains(patterns.CAPTION),
        is_banner=clean.str.contains(
            r"^(?:" + patterns.LEVEL_WORDS + r")(?:\s*//?\s*[A-Z ]{2,30})?$"
        ),
    )
