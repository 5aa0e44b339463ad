"""Lines that a wrap made → rows of their own no more: the text of a telegram in far fewer rows.

Nine of ten lines of the text go on with the line before them, and no rule of `layout` and
`paragraphs` can mean them: they stand behind no blank, marker or rule, begin nothing and end in no
dashes. Each joins the row of the line that it goes on from.

Not here: anything about the lines that are left.
"""

import polars as pl

from etl.parse.endings import TAIL
from etl.parse.layout import COLUMNS, with_gap
from etl.parse.text import beside, joined, where

UNWRAPPED_MEAN = 100
"""Mean length of text lines from which a page is taken to have joined them (wrapped: 55 to 69)."""

BLOCK_END = 90
"""Characters; a longer line ends a block on a page without blanks (`layout`)."""

NEAR_RULE = 4
"""Lines before and behind a rule that may belong to a heading."""

_GOES_ON = r"^(?:[A-Za-z]{2,}[ ,'’/-]|[AaI] |\d+[ ,%-]|[\"“$][A-Za-z\d])"
"""How a line begins that is no item of a list, heading, footer or rule."""

_ENDS = r"[A-Za-z\d,;)\"”’'%][.:?!]?$"
"""How a line ends that another may go on from: no dashes, which cut words and frame headings."""

_ENDS_BLOCK = r"^[Xx]{4,}$"


def with_tables(text: pl.DataFrame) -> pl.DataFrame:
    """Add `in_table` to solid lines of the text: the line does not go on with the one before it.

    One of two or more rows of columns, with rules between them or not, or right behind them.
    """
    clean = pl.col("clean")
    text = text.with_columns(has_gap=with_gap(clean) & ~pl.col("is_rule"))
    text = where(
        text,
        ~pl.col("has_gap") & clean.str.contains(r"\d[.,%)]*$"),
        has_figures=clean.str.contains(COLUMNS),
    ).with_columns(is_row=(pl.col("has_gap") | pl.col("has_figures")).fill_null(False))

    def next_to(by: int) -> pl.Expr:
        across = beside(pl.col("is_rule"), by) & beside(pl.col("is_row"), 2 * by)
        return (beside(pl.col("is_row"), by) | across).fill_null(False)

    text = text.with_columns(in_table=pl.col("is_row") & (next_to(1) | next_to(-1)))
    behind = beside(pl.col("in_table"), 1).fill_null(False)
    return text.with_columns(in_table=pl.col("in_table") | behind).drop(
        "is_row", "has_gap", "has_figures"
    )


def unwrapped(text: pl.DataFrame) -> pl.DataFrame:
    """Put lines that only go on with the line before into that line's row.

    In: solid lines of the text, as `layout.laid_out` takes them, their `zone` and `in_table`.
    Out: the rows that are left, of the first line of each; added: `last` (the last line), `tail`
    (the lines behind the first, each with a blank before it; null where there is one line),
    `line_count`, `length` (characters of all lines).
    """
    clean = pl.col("clean")
    follows = pl.col("document_key") == pl.col("document_key").shift(1)
    text = text.with_columns(
        length=clean.str.len_chars(),
        ends=clean.str.contains(_ENDS) & ~clean.str.contains(_ENDS_BLOCK),
        from_end=pl.len().over("document_key") - pl.int_range(pl.len()).over("document_key") - 1,
        near_rule=pl.any_horizontal(
            pl.col("is_rule").shift(by) for by in range(-NEAR_RULE, NEAR_RULE + 1)
        ),
    )
    text = text.with_columns(
        goes_on=(
            follows
            & (pl.col("zone") == "text")
            & ~pl.any_horizontal(
                "is_start",
                "is_item",
                "break_before",
                "after_blank",
                "after_marker",
                "near_rule",
                "in_table",
            )
            & (pl.col("from_end") > TAIL)
            & pl.col("ends")
            & (pl.col("ends") & (pl.col("length") <= BLOCK_END)).shift(1)
            & clean.str.contains(_GOES_ON)
        ).fill_null(False)
    )
    # On a page that joined the lines of its paragraphs each line is one.
    spare = UNWRAPPED_MEAN - pl.col("length").cast(pl.Int64)
    spare = pl.when("goes_on").then(spare).otherwise(spare.clip(upper_bound=0))
    text = text.with_columns(
        joins=pl.col("goes_on") & (spare.sum().over("document_key") >= 0),
        through=pl.col("length").cum_sum(),
        index=pl.int_range(pl.len(), dtype=pl.Int64),
    ).with_columns(run=(~pl.col("joins")).cum_sum().set_sorted())
    tails = text.filter("joins").group_by("run", maintain_order=True).agg(tail=joined(clean, " "))
    ends = text.filter(~pl.col("joins").shift(-1).fill_null(False)).select(
        last="clean",
        line_count=pl.col("index").diff().fill_null(pl.col("index").first() + 1),
        length=pl.col("through").diff().fill_null(pl.col("through").first()),
    )
    return (
        text.filter(~pl.col("joins"))
        .drop("length", "ends", "near_rule", "goes_on", "joins", "through", "index", "from_end")
        .with_columns(ends)
        .join(tails, on="run", how="left", maintain_order="left")
        .drop("run")
    )
