"""Lines of the text → paragraphs with number, portion marking, section, kind; and the summary."""

import polars as pl

from etl.parse import patterns
from etl.parse.layout import INLINE_SIGNATURE
from etl.parse.reading import Reading

SUMMARY_START = (
    r"(?i)^\W{0,3}(?:begin\s+)?(?:executive\s+)?summary\b"
    r"(?:\s*(?:and|&|/|,)\s*(?:action request|comment|introduction|key points|request))?"
    r"(?:\s+(?:continued|cont'd|of \w+))?\s*(?:[:.,;–—-]|\(u\))+\s*"
)
"""`Summary.`, `SUMMARY AND COMMENT:`, `Begin Summary:`."""

SUMMARY_END = (
    r"(?i)\s*[(\[]?\s*end\s+(?:of\s+)?(?:executive\s+)?summary"
    r"(?:\s*(?:and|&|/|,)\s*[a-z ]{4,20})?\s*[.)\]]*\s*"
)
"""`End Summary.`, `(END SUMMARY AND COMMENT.)`."""

SUMMARY_HEADING = r"(?i)^(?:\(.{1,8}\)\s*)?(?:begin\s+)?(?:executive\s+)?summary\b"
COMMENT_HEADING = r"(?i)(?:^|\band |& |/ ?)(?:post )?comments?\b(?:$|\W|\s+and\b)"
NOTE_HEADING = r"(?i)^(?:bio(?:graphic(?:al)?)?\s+)?notes?$"
ACTION_HEADING = r"(?i)\baction (?:request|required|requested)\b"

COMMENT_START = (
    r"(?i)^\W{0,3}(?:begin\s+)?(?:post\s+|embassy\s+)?comment\b\s*(?:[:.,;(–—-]|and\b|continued)"
)
NOTE_START = r"(?i)^\W{0,3}(?:begin\s+)?(?:bio(?:graphic(?:al)?)?\s+)?note\s*[:.–—-]"
ACTION_START = r"(?i)^.{0,70}\baction (?:request|message|cable|required|requested)\b"

SUMMARY_REACH = 8
"""Paragraphs over which an End Summary is looked for."""

SECTION_MARKING = r"^(?:" + patterns.MARKING + r")\s*|\s*(?:" + patterns.MARKING + r")$"


def paragraphs(reading: Reading) -> pl.DataFrame:
    """Give the paragraphs of a batch.

    Out: document_key, position, number, portion_marking, section, kind, text, word_count,
    redaction_count, inline_signature (name run on to the end of the last paragraph).
    """
    text = (
        reading.text.filter(pl.col("kind") != "rule")
        .with_columns(
            # Heading lines without a blank between them are one heading, rules or not.
            new_heading=(pl.col("kind") == "heading")
            & ~(
                (pl.col("kind").shift(1).over("document_key") == "heading").fill_null(False)
                & ~pl.col("break_before")
            )
        )
        .with_columns(
            heading_id=pl.col("new_heading").cum_sum(),
            paragraph_id=pl.col("begins").cum_sum(),
        )
    )
    body = text.filter(pl.col("kind") == "paragraph")
    built = _with_sections(_assembled(body), text)
    built = built.with_columns(
        position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key")
    )
    built = _without_inline_signature(built)
    return _with_kinds(built).with_columns(
        word_count=pl.col("text").str.count_matches(r"\S+").cast(pl.Int32),
        redaction_count=pl.col("text").str.count_matches(patterns.REDACTION).cast(pl.Int32),
    )


def _assembled(body: pl.DataFrame) -> pl.DataFrame:
    """Join the lines of each paragraph; blanks and list items keep their own lines."""
    unnumbered = pl.col("begins") & ~pl.col("is_start")
    marked = pl.when(unnumbered).then(
        pl.col("clean").str.extract_groups(patterns.UNNUMBERED_MARKING)
    )
    body = body.with_columns(
        portion=pl.coalesce("portion", marked.struct.field("1")),
        content=pl.when(pl.col("is_start"))
        .then("rest")
        .otherwise(pl.coalesce(marked.struct.field("rest"), "clean")),
    )
    is_item = pl.col("clean").str.contains(patterns.LIST_ITEM)
    after_item = is_item.shift(1).over("document_key").fill_null(False)
    # A page marker brings blanks of its own: behind it the sentence goes on, but not the list.
    item_ended = after_item & pl.col("after_sentence")
    own_line = (pl.col("after_blank") & (~pl.col("after_marker") | item_ended)) | is_item
    body = body.with_columns(
        piece=pl.when("begins")
        .then("content")
        .otherwise(pl.when(own_line).then(pl.lit("\n")).otherwise(pl.lit(" ")) + pl.col("content"))
    )
    built = body.group_by("document_key", "paragraph_id", maintain_order=True).agg(
        pl.col("number").first(),
        pl.col("portion").first(),
        pl.col("heading_id").first(),
        pl.col("piece").str.join("").alias("text"),
    )
    return built.with_columns(
        portion_marking=pl.col("portion")
        .str.to_uppercase()
        .str.replace_all(r"\s+", "")
        .str.replace_all("–", "-", literal=True),
        text=_clean_body(pl.col("text")),
    )


def _clean_body(text: pl.Expr) -> pl.Expr:
    """Take page markers and stray SIPDIS out of joined lines; fold blanks, drop empty lines."""
    text = (
        pl.when(text.str.contains(" OF 0", literal=True))
        .then(text.str.replace_all(patterns.INLINE_PAGE_MARKER, " "))
        .otherwise(text)
    )
    text = (
        pl.when(text.str.contains("SIPDIS", literal=True))
        .then(text.str.replace_all(r"(^|\s)SIPDIS(\s|$)", "$1"))
        .otherwise(text)
    )
    # A heading that a page ran on to the paragraph before it: `… [text]. ---- Training ----`.
    text = (
        pl.when(text.str.contains("----", literal=True))
        .then(text.str.replace(r"\s-{4,}\s*[A-Z][^-]{2,60}?\s*-{4,}$", ""))
        .otherwise(text)
    )
    text = text.str.replace_all("\t", " ", literal=True).str.replace_all(r" {2,}", " ")
    return text.str.replace_all(r" ?\n\s*", "\n").str.strip_chars()


def _with_sections(built: pl.DataFrame, text: pl.DataFrame) -> pl.DataFrame:
    """Add `section`: the nearest heading of the same document before the paragraph."""
    headings = (
        text.filter(pl.col("kind") == "heading")
        .group_by("heading_id", maintain_order=True)
        .agg(
            pl.col("document_key").first().alias("heading_document"),
            section=pl.col("heading").str.join(" "),
        )
        .with_columns(
            section=pl.col("section")
            .str.replace_all(r"[-=_*]{3,}|(?:- ){3,}-?", " ")
            .str.replace_all(SECTION_MARKING, "")
            .str.replace_all(r"\s{2,}", " ")
            .str.strip_chars(" :")
        )
    )
    built = built.join(headings, on="heading_id", how="left", maintain_order="left")
    return built.with_columns(
        section=pl.when(
            (pl.col("heading_document") == pl.col("document_key")) & (pl.col("section") != "")
        ).then("section")
    ).drop("heading_document")


def _without_inline_signature(built: pl.DataFrame) -> pl.DataFrame:
    """Cut a signature off the end of the last paragraph, into `inline_signature`."""
    is_last = pl.col("position") == pl.len().over("document_key")
    built = built.with_columns(
        inline_signature=pl.when(is_last).then(
            pl.coalesce(
                pl.col("text").str.tail(60).str.extract(INLINE_SIGNATURE, 1),
                pl.col("text").str.tail(60).str.extract(INLINE_SIGNATURE, 2),
            )
        )
    )
    return built.with_columns(
        text=pl.when(pl.col("inline_signature").is_not_null())
        .then(
            pl.col("text")
            .str.head(pl.col("text").str.len_chars() - pl.col("inline_signature").str.len_chars())
            .str.strip_chars()
        )
        .otherwise("text")
    )


def _with_kinds(built: pl.DataFrame) -> pl.DataFrame:
    """Add `kind`; a summary runs on to its End Summary."""
    here = "document_key"
    built = built.with_columns(
        opens=pl.col("text").str.contains(SUMMARY_START),
        under=pl.col("section").str.contains(SUMMARY_HEADING).fill_null(False),
        ends=pl.col("text").str.contains(r"(?i)\bend\s+(?:of\s+)?(?:executive\s+)?summary\b"),
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
        opened=pl.when(pl.col("opens")).then("position").min().over(here),
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
    return built.with_columns(
        kind=pl.when(in_summary)
        .then(pl.lit("summary"))
        .when(text.str.contains(COMMENT_START))
        .then(pl.lit("comment"))
        .when(
            text.str.contains(ACTION_START) | section.str.contains(ACTION_HEADING).fill_null(False)
        )
        .then(pl.lit("action_request"))
        .when(section.str.contains(COMMENT_HEADING).fill_null(False))
        .then(pl.lit("comment"))
        .when(text.str.contains(NOTE_START) | section.str.contains(NOTE_HEADING).fill_null(False))
        .then(pl.lit("note"))
        .otherwise(pl.lit("body"))
    ).drop("opens", "under", "ends", "first", "opened", "last", "first_heading", "heading_id")


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
        .agg(summary=pl.col("text").str.join("\n"))
    )
