"""Headers that stand again inside the text: sections sent apart and put together on one page.

`C O N F I D E N T I A L SECTION 02 OF 03 …` in the middle of a telegram opens a copy of the
opening, `PAGE 03 … ACTION AF-00` one of the heading; the text goes on
behind it. Said once, it counts once.
"""

import polars as pl

from etl.parse import patterns
from etl.parse.labels import LABELS

REACH = 40
"""Solid lines that a repeated header may take at the most."""

_REPEATABLE = (
    "transmission", "date_time_group", "originator", "distribution", "to", "info", "exempt",
    "executive_order", "tags", "subject", "reference", "classified_by", "slug", "caption",
)  # fmt: skip


def with_repeats(lines: pl.DataFrame) -> pl.DataFrame:
    """Add `is_repeat` to lines: solid line of a header printed again inside the text."""
    text = lines.filter(pl.col("solid") & (pl.col("zone") == "text"))
    clean = pl.col("clean")
    opens = (
        clean.str.contains(r"^(?:UNCLAS|C ?O ?N ?F ?I ?D|S ?E ?C ?R ?E ?T|L ?I ?M ?I ?T|T ?O ?P)")
        & clean.str.contains(patterns.CLASSIFICATION_LINE)
        # Not a sentence in capitals: `SECRET REPORT OF 1967`.
        & clean.str.contains(r"^[A-Z] [A-Z] |\bSEC(?:TION)?\b|\b0\d{2,7}\b|\d{5}|//")
    ) | (
        # Behind a page marker the whole heading may stand again, from its distribution on.
        pl.col("after_marker")
        & clean.str.contains(r"^(?:ACTION|INFO|FM|ORIGIN|[ZOPR]{1,2} |VZCZC)")
        & (
            clean.str.contains(LABELS["distribution"])
            | clean.str.contains(LABELS["date_time_group"])
            | clean.str.contains(r"^(?:FM AM|VZCZC)")
        )
    )
    opened = text.select(
        "row", "document_key", "clean", "break_before", "is_start", "after_marker"
    ).with_columns(opens=opens)
    if not opened["opens"].any():
        return lines.with_columns(is_repeat=pl.lit(False))
    opened = opened.with_columns(index=pl.int_range(pl.len())).with_columns(
        opened_at=pl.when("opens").then("index").forward_fill().over("document_key")
    )
    near = opened.filter((pl.col("index") - pl.col("opened_at")) < REACH)
    label = pl.any_horizontal(clean.str.contains(LABELS[name]) for name in _REPEATABLE)
    here = ("document_key", "opened_at")
    near = near.with_columns(labelled=pl.col("opens") | (label & ~pl.col("is_start")))
    near = near.with_columns(
        gaps=pl.col("break_before").cast(pl.Int32).cum_sum().over(here),
    ).with_columns(gap=pl.col("gaps") - pl.when("labelled").then("gaps").forward_fill().over(here))
    # Everything up to the first line that neither has a label nor goes on without a blank.
    goes_on = (pl.col("labelled") | (pl.col("gap") == 0)) & ~pl.col("is_start")
    near = near.with_columns(inside=goes_on.cast(pl.Int32).cum_min().over(here) == 1)
    rows = near.filter("inside").select("row", is_repeat=pl.lit(True))
    return lines.join(rows, on="row", how="left", maintain_order="left").with_columns(
        pl.col("is_repeat").fill_null(False)
    )
