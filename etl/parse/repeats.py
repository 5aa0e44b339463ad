"""Headers that stand again inside the text: sections sent apart and put together on one page.

`C O N F I D E N T I A L SECTION 02 OF 03 …` in the middle of a telegram opens a copy of the
opening, `PAGE 03 … ACTION AF-00` one of the heading; the text goes on
behind it. Said once, it counts once.
"""

import polars as pl

from etl.parse import patterns
from etl.parse.label_patterns import LABELS
from etl.parse.starts import MAIN_LABEL
from etl.parse.text import beside, carried, joined, where

REACH = 40
"""Solid lines that a repeated header may take at the most."""

LONG_ENOUGH = 12
"""Characters of a line without a label that stands in the first header not by chance."""

_REPEATABLE = (
    "transmission", "date_time_group", "originator", "distribution", "to", "info", "exempt",
    "executive_order", "tags", "subject", "reference", "classified_by", "slug", "caption",
)  # fmt: skip


_SAID_BEFORE = ("executive_order", "tags", "subject", "reference", "classified_by")
"""Labels whose further lines count as header only where the first header has them, too."""

_MACHINE_LINE = r"^(?:VZCZC[A-Z]{2,3}\d|DE R[A-Z]{3,7}\s+#?\d{3}|(?:ZZ|OO|PP|RR) RU[A-Z]{3,6}\b)"

_DESK = r"^\d{1,2}$"

_TRAILER = r"(?i)^(?:n{3,}|bt|#?\d{1,6}|note:? by oc/t.{0,80})$"
"""End of the section before, as it came over the wire."""

_TRAILERS = 4


def with_repeats(solid: pl.DataFrame) -> pl.DataFrame:
    """Add `is_repeat` to solid lines (`starts`): one of a header printed again inside the text."""
    clean = pl.col("clean")
    is_main = clean.str.contains(MAIN_LABEL)
    unnumbered = pl.col("first_start").is_null()
    text = (
        where(solid, unnumbered & (pl.col("part") == "body"), is_main=is_main)
        .with_columns(main_seen=beside(carried(pl.when("is_main").then(True)), 1))
        .filter((pl.col("zone") == "text") | (unnumbered & pl.col("main_seen")))
    )
    text = where(
        text,
        clean.str.contains(patterns.LEVEL_BEGINS),
        is_level=clean.str.contains(
            r"^(?:UNCLAS|C ?O ?N ?F ?I ?D|S ?E ?C ?R ?E ?T|L ?I ?M ?I ?T|T ?O ?P)"
        )
        & clean.str.contains(patterns.CLASSIFICATION_LINE)
        # Not a sentence in capitals: `SECRET REPORT OF 1967`.
        & clean.str.contains(r"^[A-Z] [A-Z] |\bSEC(?:TION)?\b|\b0\d{2,7}\b|\d{5}|//"),
    )
    # Behind a page marker (and the number of a desk) the whole heading may stand again, from its
    # distribution on.
    text = where(text, pl.col("after_marker"), is_desk=clean.str.contains(_DESK))
    text = where(
        text,
        pl.col("after_marker") | beside(pl.col("is_desk"), 1),
        is_top=clean.str.contains(r"^(?:ACTION|INFO|FM|ORIGIN|[ZOPR]{1,2} )")
        & (
            clean.str.contains(LABELS["distribution"])
            | clean.str.contains(LABELS["date_time_group"])
            | clean.str.contains(r"^FM AM")
        ),
    )
    opens = (
        pl.col("is_level").fill_null(False)
        | clean.str.contains(_MACHINE_LINE)
        | pl.col("is_top").fill_null(False)
    )
    opened = text.select(
        "row", "document_key", "clean", "break_before", "is_start", "after_marker", opens=opens
    )
    if not opened["opens"].any():
        return solid.with_columns(is_repeat=pl.lit(False))
    opened = opened.with_columns(index=pl.int_range(pl.len())).with_columns(
        opened_at=pl.when("opens").then("index").forward_fill().over("document_key")
    )
    near = opened.filter((pl.col("index") - pl.col("opened_at")) < REACH)
    here = ("document_key", "opened_at")
    label = pl.coalesce(
        pl.when(clean.str.contains(LABELS[name])).then(pl.lit(name)) for name in _REPEATABLE
    )
    near = near.with_columns(
        label=pl.when("opens").then(pl.lit("opens")).when(~pl.col("is_start")).then(label),
    ).join(_first_headers(solid, opened), on="document_key", how="left", maintain_order="left")
    near = near.with_columns(
        # A slug line and a sentence in capitals look alike: `… REPLIED FOR ONE`.
        label=pl.when(
            (pl.col("label") != "slug")
            | pl.col("said").str.contains(clean.str.to_uppercase(), literal=True)
        ).then("label"),
    )
    near = near.with_columns(
        gaps=pl.col("break_before").cast(pl.Int32).cum_sum().over(here),
        state=carried(pl.col("label"), here),
        is_known=pl.col("said").str.contains(clean.str.to_uppercase(), literal=True),
    ).with_columns(
        gap=pl.col("gaps")
        - pl.when(pl.col("label").is_not_null()).then("gaps").forward_fill().over(here)
    )
    # Everything up to the first line that neither has a label nor goes on without a blank.
    goes_on = (
        pl.col("label").is_not_null()
        # `FOR THE SECRETARY FROM AMBASSADOR`: no label, but said in the first header.
        | (pl.col("is_known") & (clean.str.len_chars() >= LONG_ENOUGH))
        | ((pl.col("gap") == 0) & (pl.col("is_known") | ~pl.col("state").is_in(_SAID_BEFORE)))
    ) & ~pl.col("is_start")
    near = near.with_columns(inside=goes_on.cast(pl.Int32).cum_min().over(here) == 1)
    rows = pl.concat([near.filter("inside").select("row"), _trailers(opened)]).unique()
    return solid.join(
        rows.with_columns(is_repeat=pl.lit(True)), on="row", how="left", maintain_order="left"
    ).with_columns(pl.col("is_repeat").fill_null(False))


def _first_headers(solid: pl.DataFrame, opened: pl.DataFrame) -> pl.DataFrame:
    """Give document_key and `said`: the telegram's first header in one line of capitals."""
    first = opened.filter("opens").group_by("document_key").agg(first=pl.col("row").min())
    return (
        solid.filter(pl.col("zone") == "opening")
        .join(first, on="document_key", maintain_order="left")
        .filter(pl.col("row") < pl.col("first"))
        .group_by("document_key", maintain_order=True)
        .agg(said=joined(pl.col("clean").head(2 * REACH).str.to_uppercase(), " "))
    )


def _trailers(opened: pl.DataFrame) -> pl.DataFrame:
    """Rows of what ended the section before, right above a repeated header."""
    joins = pl.col("opens")
    opened = where(
        opened,
        pl.any_horizontal(joins.shift(-by) for by in range(_TRAILERS + 1)),
        trailer=pl.col("clean").str.contains(_TRAILER),
    ).with_columns(pl.col("trailer").fill_null(False))
    for _ in range(_TRAILERS):
        opened = opened.with_columns(
            opens=joins | (pl.col("trailer") & beside(joins, -1).fill_null(False))
        )
    return opened.filter(pl.col("trailer") & pl.col("opens")).select("row")
