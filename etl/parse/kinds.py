"""Paragraphs → what each is (summary, comment, note, action request), and the summary's text."""

import polars as pl

from etl.parse import patterns
from etl.parse.text import beside, carried, joined, where

SUMMARY_START = (
    r"(?i)^\W{0,3}(?:begin\s+)?(?:executive\s+)?summary\b"
    r"(?:\s*(?:and|&|/|,)\s*(?:action (?:request(?:ed)?|required)|comment|introduction|key points"
    r"|request))?"
    r"(?:\s+(?:continued|cont'd|of \w+))?\s*(?:[:.,;–—-]|\((?:u|c|s|sbu|lou)\))+\s*"
    # `SUMMARY: (C) The port …`
    r"(?:" + patterns.MARKING + r"\s*)?"
)
"""`Summary.`, `SUMMARY AND COMMENT:`, `Begin Summary:`."""

SUMMARY_END = (
    r"(?i)\s*[(\[]?\s*\bend\s*(?:of\s+)?(?:executive\s+)?summary"
    r"(?:\s*(?:and|&|/|,)\s*[a-z ]{4,20})?\s*[.)\]]*\s*"
)
"""`End Summary.`, `(END SUMMARY AND COMMENT.)`."""

SUMMARY_HEADING = (
    r"(?i)(?:^|\s/\s)(?:\(.{1,8}\)\s*|[ivx]{1,5}\.\s+|[a-z]\.\s+)?"
    r"(?:begin\s+)?(?:executive\s+)?summary\b"
)
COMMENT_HEADING = (
    r"(?i)(?:^|^[ivx]{1,5}\.\s+|\band |& |/ ?)"
    r"(?:(?:post|embassy|mission|consulate|ambassador['’]s) )?comments?\b(?:$|\W|\s+and\b)"
)
NOTE_HEADING = r"(?i)(?:^|\s/\s)(?:bio(?:graphic(?:al)?)?\s+)?notes?$"
ACTION_HEADING = r"(?i)\baction (?:request|required|requested)\b"

COMMENT_START = (
    r"(?i)^\W{0,3}(?:begin\s+)?(?:post\s+|embassy\s+)?comment\b\s*(?:[:.,;(–—-]|and\b|continued)"
)
NOTE_START = r"(?i)^\W{0,3}(?:begin\s+)?(?:bio(?:graphic(?:al)?)?\s+)?note\s*[:.–—-]"
ACTION_START = (
    r"(?i)^(?:.{0,70}\baction (?:request|message|cable)"
    r"|\W{0,3}(?:begin\s+)?(?:\w+\s+)?action (?:required|requested))\b"
    r"|^ACTION:\s"
)
NO_ACTION = r"(?i)^.{0,70}\b(?:class|legal|court|military|affirmative|joint|no) action request\b"
"""`class action request`: of a court, not of the Department."""

ACTION_REACH = 150
"""Characters of a paragraph in which it asks for action, if it begins with that."""

SUMMARY_REACH = 8
"""Paragraphs over which an End Summary is looked for."""


def with_kinds(built: pl.DataFrame) -> pl.DataFrame:
    """Add `kind`; a summary runs on to its End Summary."""
    here = "document_key"
    built = built.with_columns(
        opens=pl.col("text").str.contains(SUMMARY_START),
        under=pl.col("section").str.contains(SUMMARY_HEADING).fill_null(False),
        ends=pl.col("text").str.contains(r"(?i)\bend\s*(?:of\s+)?(?:executive\s+)?summary\b"),
    )
    starts = pl.col("opens") | pl.col("under")
    # An End Summary without a start: the summary is what comes before it.
    starts = starts | (
        ~starts.any().over(here)
        & (pl.col("ends").any().over(here))
        & (
            pl.col("position")
            == pl.col("position").filter(pl.col("number").is_not_null()).min().over(here)
        )
    )
    built = built.with_columns(
        first=pl.when(starts).then("position").min().over(here),
    ).with_columns(
        last=pl.when(pl.col("ends") & (pl.col("position") >= pl.col("first")))
        .then("position")
        .min()
        .over(here),
        first_heading=pl.when((pl.col("position") == pl.col("first")) & pl.col("under"))
        .then("heading_id")
        .max()
        .over(here),
    )
    bounded = (pl.col("last") - pl.col("first")) <= SUMMARY_REACH
    in_summary = (
        pl.when(bounded)
        .then(pl.col("position").is_between(pl.col("first"), pl.col("last")))
        .when(pl.col("first_heading").is_not_null())
        .then(pl.col("heading_id") == pl.col("first_heading"))
        .otherwise(pl.col("position") == pl.col("first"))
    ).fill_null(False)
    text, section = pl.col("text"), pl.col("section")
    # A comment ends where it says so, whatever still stands under its heading.
    built = where(
        built.with_columns(in_comment=section.str.contains(COMMENT_HEADING)),
        pl.col("in_comment"),
        ends_comment=text.str.contains(r"(?i)\bend\s+(?:of\s+)?comment\b"),
    )
    built = where(
        built,
        text.str.head(ACTION_REACH).str.contains("(?i)action"),
        asks=text.str.contains(ACTION_START) & ~text.str.contains(NO_ACTION),
    )
    same = ("document_key", "heading_id")
    ended = beside(carried(pl.when("ends_comment").then(True), same), 1, same).fill_null(False)
    return built.with_columns(
        kind=pl.when(in_summary)
        .then(pl.lit("summary"))
        .when(text.str.contains(COMMENT_START))
        .then(pl.lit("comment"))
        .when(
            pl.col("asks").fill_null(False) | section.str.contains(ACTION_HEADING).fill_null(False)
        )
        .then(pl.lit("action_request"))
        .when(pl.col("in_comment").fill_null(False) & ~ended)
        .then(pl.lit("comment"))
        .when(text.str.contains(NOTE_START) | section.str.contains(NOTE_HEADING).fill_null(False))
        .then(pl.lit("note"))
        .otherwise(pl.lit("body"))
    ).drop(
        "opens",
        "under",
        "ends",
        "first",
        "last",
        "first_heading",
        "heading_id",
        "in_comment",
        "ends_comment",
        "asks",
    )


def summaries(built: pl.DataFrame) -> pl.DataFrame:
    """Give document_key and summary: text of the summary paragraphs, without their markings."""
    return (
        built.filter(pl.col("kind") == "summary")
        .with_columns(
            text=pl.col("text")
            .str.replace(SUMMARY_START, "")
            .str.replace(SUMMARY_END + r"(?s).*$", "")
            .str.strip_chars()
        )
        .filter(pl.col("text") != "")
        .group_by("document_key", maintain_order=True)
        .agg(summary=joined(pl.col("text"), "\n"))
    )
