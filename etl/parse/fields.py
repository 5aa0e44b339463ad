"""Pieces of the opening with their labels → the field that each belongs to.

Of what stands behind a label each rule says how far it goes: an address list to the next label, a
subject to a blank line (unless it plainly stops in mid-phrase), references over blanks as long as
the lines look like references.

Not here: what a label is, and where one is text (`etl.parse.labels`).
"""

from functools import lru_cache

import polars as pl

from etl.conform.posts import canonical_post, codes
from etl.conform.reference import REMEMBERED
from etl.parse import patterns
from etl.parse.label_patterns import (
    CLASSIFIED_BARE,
    CLEARANCE,
    CUT_IN_TWO,
    FIRST_HEADING,
    FIRST_HEADING_ALONE,
    FURTHER_REFERENCE,
    NO_TAGS,
    NOT_SUBJECT,
    OPENS_QUOTE,
    OPENS_TEXT,
    POST_AND_SERIAL,
    REASON_GIVEN,
    REASON_GOES_ON,
    REFERENCE_GOES_ON,
    SUBJECT_OPEN,
    TAGS_GO_ON,
)
from etl.parse.text import beside, carried, each_distinct, joined, where


def with_fields(cut: pl.DataFrame) -> pl.DataFrame:
    """Carry labels on to the lines that continue them."""
    clean = pl.col("clean")
    here = ("document_key", "part")
    cut = cut.with_columns(
        state=carried(pl.col("label"), here),
        gaps=pl.col("break_before").cum_sum(),
        before=beside(clean, 1, here),
    ).with_columns(
        # What a block of lines behind a blank is, its first line tells.
        opener=_first_of_block(clean),
        after_gap=pl.col("gaps")
        > carried(pl.when(pl.col("label").is_not_null()).then("gaps"), here),
    )
    cut = _with_posts_named(cut)
    cut = _with_classifiers_named(cut)
    names_classifier = pl.col("names_classifier").fill_null(False)
    names_post = pl.col("names_post").fill_null(False)
    state, after_gap, before = pl.col("state"), pl.col("after_gap"), pl.col("before")
    # What carries on whatever its words are: no pattern has to be held against it.
    carries_on = state.is_in(["to", "info", "exempt"]) | (
        state.is_in(["transmission", "originator", "distribution", "executive_order", "slug"])
        & ~after_gap
    )
    cut = cut.with_columns(
        carries_on=carries_on.fill_null(False),
        under_subject=(pl.col("label").shift(1) == "subject").fill_null(False),
    )
    is_sentence_case = clean.str.contains(r"[a-z]{3}.*[a-z]{3}") & ~before.str.contains(r"[a-z]{3}")
    stops_short = before.str.contains(SUBJECT_OPEN) & ~(
        pl.col("is_heading") & clean.str.contains(FIRST_HEADING_ALONE)
    )
    goes_on = (
        pl.when(state == "classification")
        .then(clean.str.contains(patterns.MRN_ALONE) & ~before.str.contains(r"\d{3}$"))
        .when(state == "date_time_group")
        .then(clean.str.contains(patterns.DTG_REST))
        .when(state == "notice")
        .then(~after_gap & ~pl.col("after_blank"))
        .when(state == "drafting")
        .then(clean.str.contains(CLEARANCE))
        .when(state == "tags")
        .then(
            ~clean.str.contains(NO_TAGS)
            & (
                (~after_gap & (clean.str.contains(TAGS_GO_ON) | before.str.ends_with(",")))
                | (after_gap & clean.str.contains(r"^(?:[A-Z]{2,5}[,;]?\s*)+$"))
            )
        )
        .when(state == "subject")
        .then(
            (
                ~after_gap
                & ~(is_sentence_case & clean.str.contains(r"[.:]$"))
                & ~clean.str.contains(OPENS_QUOTE)
            )
            | clean.str.starts_with("--")
            | stops_short
            | (
                after_gap
                & pl.col("break_before")
                & pl.col("under_subject")
                & ~pl.col("next_begins").fill_null(False)
                & pl.col("break_after").fill_null(False)
                & clean.str.contains(r"^[A-Z][A-Z0-9 ,.'’&/-]{2,60}$")
                & before.str.contains(r"^[^a-z]+$")
                & ~clean.str.contains(NOT_SUBJECT)
            )
        )
        .when(state == "reference")
        .then(
            ~after_gap
            | (
                pl.col("opener").str.contains(REFERENCE_GOES_ON)
                & ~pl.col("opener").str.contains(FIRST_HEADING)
            )
            | names_post
        )
        .when(state == "classified_by")
        .then(~after_gap | pl.col("opener").str.contains(REASON_GOES_ON) | names_classifier)
        .otherwise(False)
    )
    cut = where(
        cut,
        pl.col("label").is_null() & ~pl.col("carries_on"),
        goes_on=goes_on,
        stops_short=(state == "subject") & stops_short,
        is_cited=(state == "reference") & clean.str.contains(FURTHER_REFERENCE) | names_post,
        opens_text=state.is_in(["tags", "subject", "reference"]) & clean.str.contains(OPENS_TEXT),
        in_capitals=clean.str.contains(r"^[A-Z0-9 ,/.&()'’;:-]+$"),
    )
    said = {
        name: pl.col(name).fill_null(False) for name in ("stops_short", "is_cited", "opens_text")
    }
    past_main = (pl.col("order") > pl.col("last_main_order")).fill_null(True)
    past_main = past_main & (pl.col("part") == "body")
    is_heading = (
        pl.col("is_heading")
        & past_main
        & ~said["stops_short"]
        & ~said["is_cited"]
        & ~names_classifier
    )
    field = (
        pl.when(pl.col("label").is_not_null())
        .then("label")
        .when((pl.col("carries_on") | pl.col("goes_on")) & ~said["opens_text"] & ~is_heading)
        .then(state)
        .when(past_main)
        .then(pl.lit("leading"))
        .when(state.is_in(["classification", "slug", "notice"]) | pl.col("in_capitals"))
        .then(pl.lit("slug"))
        .otherwise(pl.lit("unrecognised"))
    )
    # Once the text has begun, only a label ends it.
    cut = cut.with_columns(field=field).with_columns(
        field=pl.when(
            pl.col("label").is_null()
            & (
                carried(
                    pl.when(pl.col("field") == "leading")
                    .then(pl.lit("leading"))
                    .when(pl.col("label").is_not_null())
                    .then("label"),
                    here,
                )
                == "leading"
            ).fill_null(False)
        )
        .then(pl.lit("leading"))
        .otherwise("field")
    )
    starts = pl.col("label").is_not_null()
    return cut.with_columns(block=starts.cum_sum().over("document_key", "field")).select(
        "row", "piece", "document_key", "part", "clean", "field", "label", "block", "after_gap"
    )


def _with_posts_named(cut: pl.DataFrame) -> pl.DataFrame:
    """Add `names_post`: what stands apart from REF opens with a post and a serial; else null.

    That is the block behind a blank, or a line that looks like a heading (behind a page marker).
    """
    after_gap = pl.col("after_gap")
    openers = (
        cut.filter((pl.col("state") == "reference") & (after_gap | pl.col("is_heading")))
        .with_columns(
            opener=pl.when(after_gap).then("opener").otherwise("clean"),
            before=pl.when(after_gap)
            .then(pl.col("before").first().over("document_key", "gaps"))
            .otherwise("before"),
        )
        .filter(pl.col("opener").str.contains(POST_AND_SERIAL.pattern))
        .select("order", "opener", "before")
    )
    is_cut = pl.col("before").str.contains(CUT_IN_TWO) & ~pl.col("before").str.ends_with("NOTAL")
    found = each_distinct(openers, ["opener"], _names_post, "names_post", pl.Boolean).select(
        "order", names_post=pl.col("names_post") | is_cut
    )
    return cut.join(found, on="order", how="left", maintain_order="left")


@lru_cache(maxsize=REMEMBERED)
def _names_post(line: str) -> bool:
    """Whether a line begins with a post, by any of its names, and a serial."""
    found = POST_AND_SERIAL.match(line)
    # Truncated names of the archive are open: the year is not known yet.
    return found is not None and canonical_post(found[1], 1975) in codes()


def _with_classifiers_named(cut: pl.DataFrame) -> pl.DataFrame:
    """Add `names_classifier`: the first block behind Classified By says who and why; else null.

    Only where the label has said no reason yet: `Classified By:`, a blank, `DCM A. Snow, …`.
    """
    statement = ("statement",)
    blocks = (
        cut.filter(pl.col("state") == "classified_by")
        .with_columns(statement=(pl.col("label") == "classified_by").fill_null(False).cum_sum())
        .group_by("statement", "gaps", maintain_order=True)
        .agg("order", text=joined(pl.col("clean"), " ").str.head(300), lines=pl.len())
        .with_columns(
            place=pl.int_range(pl.len()).over("statement"),
            said=beside(pl.col("text"), 1, statement),
            next=beside(pl.col("text"), -1, statement),
        )
    )
    text = pl.col("text")
    follows = (
        text.str.contains(REASON_GIVEN)
        # A name alone, and the reason behind another blank.
        | (
            pl.col("said").str.contains(CLASSIFIED_BARE)
            & (pl.col("lines") == 1)
            & pl.col("next").str.contains(r"(?i)^reas").fill_null(False)
        )
    ) & ~pl.col("said").str.contains(REASON_GIVEN)
    found = (
        blocks.filter((pl.col("place") == 1) & follows)
        .select("order", names_classifier=pl.lit(True))
        .explode("order")
    )
    return cut.join(found, on="order", how="left", maintain_order="left")


def _first_of_block(clean: pl.Expr) -> pl.Expr:
    """Text of the first line of the block between blanks that a line stands in."""
    block = pl.struct("document_key", "part", "gaps").rle_id()
    return pl.when(block.ne_missing(block.shift(1))).then(clean).forward_fill()
