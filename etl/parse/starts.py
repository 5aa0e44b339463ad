"""Marked lines → where the numbered paragraphs start, and so where the opening ends."""

import polars as pl

from etl.parse import patterns
from etl.parse.numbers import paragraph_starts
from etl.parse.text import beside, where

SENTENCE_END = r"[.!?:;\"”’')\]]$|[Xx]{4,}$|^$"

MAIN_LABEL = (
    r"(?i)^(?:"
    + (patterns.SUBJECT_WORD + r"\s*[:;]|SUBJECT\s|tags\b|")
    + (patterns.ORDER_WORD + r"\s*:?\s*" + patterns.ORDER_NUMBER + ")")
)

HEADER_LABEL = (
    r"(?i)^(?:subj|tags|ref|e\.?\s?o\.?\b|decl|fm\b|to\b|info\b|classified|reason|drafted|dept"
    r"|for\b|pass\b)"
)


def with_starts(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tell from the neighbours of marked lines where the paragraphs start.

    Out: the lines, added: `row`, `solid` (a line that may carry content), `first_start` (row of the
    first paragraph start of the document; null where none is numbered).

    And the solid ones alone: row, document_key, part, clean, is_rule, first_start, `wide_before`
    (two or more blanks stand between the solid line before and a page marker), `break_before` (a
    blank line, or the start, stands before it; blanks around a page marker in mid-sentence do not
    count), `after_blank` (those count too), `after_marker` (a page marker, banner or caption stands
    before it), `after_sentence` (the solid line before ends a sentence), `number`, `portion`,
    `rest` (parts of a paragraph start; null elsewhere), `is_start` (an accepted start of a numbered
    paragraph), `is_item` (an item of a numbered list), `next_begins` (a rule or paragraph start
    comes next), `zone` (opening until the first paragraph start, then text).
    """
    lines = _with_words(lines)
    solid = ~(
        pl.col("is_blank") | pl.col("is_page_marker") | pl.col("is_caption") | pl.col("is_banner")
    ) & (pl.col("part") != "cover")
    lines = lines.with_row_index("row").with_columns(
        solid=solid,
        blanks=pl.col("is_blank").cum_sum(),
        markers=(~solid & ~pl.col("is_blank")).cum_sum(),
    )
    text = (
        lines.with_columns(wide_before=_wide_before())
        .filter("solid")
        .select(
            "row",
            "document_key",
            "part",
            "clean",
            "has_pilcrow",
            "is_rule",
            "blanks",
            "markers",
            "wide_before",
        )
    )
    new_document = (pl.col("document_key") != pl.col("document_key").shift(1)).fill_null(True)
    clean = pl.col("clean")
    # Behind a header printed again the text begins anew.
    text = where(
        text,
        clean.str.contains(patterns.LEVEL_BEGINS),
        is_header=clean.str.contains(patterns.CLASSIFICATION_LINE) & ~clean.str.contains(WORDS),
    )
    after_header = pl.col("is_header").shift(1).fill_null(False)
    text = text.with_columns(before_ends=clean.str.contains(SENTENCE_END).shift(1))
    text = text.with_columns(
        break_before=new_document
        | after_header
        | (pl.col("part") != pl.col("part").shift(1))
        | (
            (pl.col("blanks") > pl.col("blanks").shift(1))
            & ((pl.col("markers") == pl.col("markers").shift(1)) | pl.col("before_ends"))
        ),
        after_sentence=new_document
        | pl.col("before_ends")
        # A page that joined its lines breaks only between paragraphs.
        | (clean.str.len_chars() > 90).shift(1)
        | pl.col("is_rule").shift(1).fill_null(True),
        after_marker=~new_document & (pl.col("markers") > pl.col("markers").shift(1)),
        after_blank=new_document | (pl.col("blanks") > pl.col("blanks").shift(1)),
        is_main=clean.str.contains(MAIN_LABEL),
    )
    starts = paragraph_starts(text).drop("document_key")
    text = text.join(starts, on="row", how="left", maintain_order="left").with_columns(
        pl.col("is_start", "is_item").fill_null(False)
    )
    first = text.filter("is_start").group_by("document_key").agg(first_start=pl.col("row").min())
    text = text.join(first, on="document_key", how="left", maintain_order="left").with_columns(
        zone=pl.when(pl.col("row") >= pl.col("first_start"))
        .then(pl.lit("text"))
        .otherwise(pl.lit("opening"))
    )
    text = text.with_columns(next_begins=beside(pl.col("is_rule") | pl.col("is_start"), -1))
    lines = lines.drop("blanks", "markers").join(
        first, on="document_key", how="left", maintain_order="left"
    )
    return lines, text.drop("has_pilcrow", "blanks", "markers", "is_main", "before_ends")


WORDS = (
    r"^(?:SENSITIVE|(?:TOP )?SECRET|CONFIDENTIAL|UNCLASSIFIED|LIMITED OFFICIAL USE|LOU|PROG"
    r"|EYES ONLY|STATE ONLY|FOR OFFICIAL USE ONLY|VISAS? [A-Z]+|(?:CODEL|STAFFDEL).{0,30}"
    r"|INFORM CONSULS?|OFFICIAL[ -]INFORMAL)[.,;:]?$"
)
"""Captions and banners that may be words of a sentence, too."""


def _with_words(lines: pl.DataFrame) -> pl.DataFrame:
    """Take back captions and banners that are words of a sentence, alone on a wrapped line.

    `… THE TALKS WERE` / `SENSITIVE.`: text stands right above it, in mid-sentence, and right
    below it, or the line ends with a stop. At the foot of a page a blank or a page marker is next.
    """
    clean = pl.col("clean")
    mark = pl.col("is_page_marker") | pl.col("is_caption") | pl.col("is_banner")
    suspects = (
        lines.select(
            "document_key",
            "line_number",
            "part",
            "clean",
            mark=mark,
            before=beside(pl.when(~mark & ~pl.col("is_rule")).then("clean"), 1),
            after=beside(pl.when(~mark & ~pl.col("is_rule")).then("clean"), -1),
        )
        .filter(pl.col("mark") & (pl.col("part") == "body") & clean.str.contains(WORDS))
        .filter(
            pl.col("before").str.contains(r"^(?:\S+\s+){2,}\S*[^\s.!?:\"”]$")
            & ~pl.col("before").str.contains(HEADER_LABEL)
            & (
                clean.str.contains(r"[.,;:]$")
                | (
                    (pl.col("after") != "")
                    & ~pl.col("after").str.contains(HEADER_LABEL)
                    # The next paragraph, or the end of the transmission.
                    & ~pl.col("after").str.contains(r"^¶?\d{1,3}[.)]|(?i)^(?:n{3,}|bt|#\d{1,6})$")
                )
            )
        )
        .select("document_key", "line_number")
    )
    if suspects.height == 0:
        return lines
    labelled = (
        lines.join(suspects.select("document_key").unique(), on="document_key", how="semi")
        .filter(pl.col("clean").str.contains(MAIN_LABEL))
        .group_by("document_key")
        .agg(label_line=pl.col("line_number").min())
    )
    words = (
        suspects.join(labelled, on="document_key", how="left")
        .filter((pl.col("line_number") > pl.col("label_line")).fill_null(True))
        .select("document_key", "line_number", is_word=pl.lit(True))
    )
    lines = lines.join(words, on=["document_key", "line_number"], how="left", maintain_order="left")
    no_word = pl.col("is_word").is_null()
    return lines.with_columns(
        is_caption=pl.col("is_caption") & no_word, is_banner=pl.col("is_banner") & no_word
    ).drop("is_word")


def _wide_before() -> pl.Expr:
    """Whether two or more blank lines stand between the solid line before and a page marker."""
    solid = pl.col("solid")
    since = [
        pl.col(name).cast(pl.Int64)
        - pl.when(solid).then(pl.col(name).cast(pl.Int64)).forward_fill().fill_null(0)
        for name in ("blanks", "markers")
    ]
    first_marker = ~solid & ~pl.col("is_blank") & (since[1] == 1)
    width = pl.when(first_marker).then(since[0]).when(solid).then(0)
    return (width.forward_fill().shift(1) >= 2).fill_null(False)
