"""Lines of the text → headings and paragraphs.

Measured on the public release: headings stand over, under or between rules (`-----`), between
slashes, on one line with their dashes, or alone in front of a paragraph.

Not here: signature and footers (`etl.parse.endings`).
"""

import polars as pl

from etl.parse import patterns
from etl.parse.endings import with_ending
from etl.parse.text import beside, carried, where

HEADING_MAX = 100

TITLED_BLOCK = (
    r"(?i)^\W{0,2}(?:begin\s+)?(?:summary|comment|(?:bio\s+)?note|action request)\b.{0,30}?[.:–-]"
)
"""`SUMMARY:`, `Comment.`: an unnumbered block that is a paragraph of its own."""

_FIGURE = r"[$(-]?\d[\d.,]*%?\)?"
COLUMNS = (
    r"\S(?: {3,}|\t+ *)\S.*\S(?: {3,}|\t+ *)\S|\S(?: {3,}|\t+ *)[$(-]?\d[\d.,%)]*$"
    r"|(?:\s[$(-]?\d[\d.,]*%?\)?){3,}$|(?:\s[$(-]?\d+[.,]\d+%?\)?){2,}$"
    rf"|^{_FIGURE}(?:\s+{_FIGURE}){{2,}}$"
)
"""A row of a table: `Year    Imports   Exports`, `Total  26`, `Norway 1.2 13.5`."""

GAPS = ("   ", "\t", " | ")
"""Between two columns: a row of a table where the line across a rule has them, too."""

OUTLINE = r"^(?:[IVX]{1,5}|[A-Z])\.\s+\p{Lu}[^.:;?!]{2,80}$"
"""`II. THE PROBLEM`, `A. History`: a heading that is counted, or the item of a list."""

NO_BEGINNING = r"(?i)^begin(?:$|[^ a-z]| [^s]| s[^u])"
"""`BEGIN TEXT`: no heading; `BEGIN SUMMARY` is one."""

LABEL_LIKE = r"(?i)^(?:refs?|reftels?|references?|subj(?:ect)?|tags|from|to|date|re)\s?:"
"""First lines of a letter or of another telegram that is quoted."""

SENTENCE_CASE = r"^[\"“]?[A-Z][a-z'’]*,? .*[a-z]{3}"
"""`In 2004, France made progress`: text under a heading, not another line of it."""


def with_gap(clean: pl.Expr) -> pl.Expr:
    """Whether a line without white space at its edges has two columns."""
    return pl.any_horizontal(clean.str.contains(mark, literal=True) for mark in GAPS)


def laid_out(text: pl.DataFrame) -> pl.DataFrame:
    """Give the kind of each solid line of the text.

    In: solid lines of the text (row, document_key, clean, break_before, after_sentence, is_rule,
    is_start). Out, added: `kind` (heading, rule, paragraph, signature, footer),
    `heading` (text of a heading without dashes and slashes; null elsewhere), `begins` (the line
    starts a paragraph, numbered or not).
    """
    text = with_ending(text)
    return _with_paragraph_starts(_with_headings(text))


def _with_headings(text: pl.DataFrame) -> pl.DataFrame:
    """Mark headings in `heading` (their text), reading the text without its ending."""
    here = "document_key"
    clean, last = pl.col("clean"), pl.col("last")
    live = text.filter(pl.col("ending").is_null()).select(
        "row",
        "document_key",
        "clean",
        "last",
        "line_count",
        "is_rule",
        "is_start",
        "break_before",
        "after_sentence",
    )
    plain = ~pl.col("is_rule") & ~pl.col("is_start")

    def shifted(column: str, by: int) -> pl.Expr:
        return beside(pl.col(column), by).fill_null(False)

    live = live.with_columns(plain=plain).with_columns(
        # A rule over a heading: plain line(s) and then another rule.
        opens=pl.col("is_rule")
        & shifted("plain", -1)
        & (~shifted("break_before", -1) | pl.col("break_before"))
        & (
            shifted("is_rule", -2)
            | (shifted("plain", -2) & shifted("is_rule", -3) & ~shifted("break_before", -2))
        ),
    )
    # A page without blanks: a heading stands behind a whole paragraph or a removed one; or the
    # rule over it was run on to the paragraph.
    live = live.with_columns(
        short=pl.col("plain")
        & (pl.col("line_count") == 1)
        & (clean.str.len_chars() <= HEADING_MAX),
        ends_block=(last.str.len_chars() > 90) | last.str.ends_with("----"),
    )
    live = where(
        live,
        pl.col("ends_block") | last.str.starts_with("X") | last.str.starts_with("x"),
        ends_block=(last.str.len_chars() > 90) | last.str.contains(r"^[Xx]{4,}$| ----$|-----$"),
    )
    short = pl.col("short")
    live = live.with_columns(
        blank_before=pl.col("break_before")
        | shifted("is_rule", 1)
        | pl.col(here).shift(1).ne(pl.col(here)).fill_null(True)
        | shifted("ends_block", 1)
    )
    blank_before = pl.col("blank_before")
    # Only these lines can be headings; patterns are for them alone.
    may_be = (
        ~pl.col("is_start")
        & ~pl.col("is_rule")
        & (
            blank_before
            | shifted("is_rule", -1)
            | shifted("is_rule", -2)
            | shifted("opens", 1)
            | shifted("opens", 2)
            | (pl.col("after_sentence") & shifted("is_start", -1))
        )
    )
    live = live.with_columns(after=beside(clean, -1), before=beside(clean, 1).fill_null(""))
    # An item stands behind another, or behind what leads to a list.
    is_outline = clean.str.contains(OUTLINE) & ~pl.col("before").str.contains(patterns.LIST_ITEM)
    live = where(
        live,
        may_be,
        # `SUMMARY.` over a rule is a heading, too: few words, all capitals.
        is_phrase=~clean.str.contains(r"[.;]$")
        | clean.str.contains(r"[A-Z]\.[A-Z]\.$|[A-Za-z]\.{3}$")
        | (blank_before & clean.str.contains(r"^[A-Z][A-Z'’&/-]+(?: [A-Z'’&/-]+){0,3}\.$")),
        is_item=~clean.str.contains(r"[.:;?!]$|^[^\p{Ll}]*$"),
        is_title=clean.str.contains(r"^[\p{Lu}\d\"“'‘(¿.]")
        & ~clean.str.contains(r"[.;,][\"”’')]*$|^[Xx]{4,}$")
        & (
            ~clean.str.contains(patterns.LIST_ITEM)
            | clean.str.contains(patterns.UNNUMBERED_MARKING)
            | is_outline
        )
        & ~clean.str.contains(
            r"(?i)^(?:end\b|(?:un)?qu?o?te\b|\(?note\b|sensitive but|dear\b)|^\([^()]+\)$"
        )
        & ~clean.str.contains(NO_BEGINNING),
        is_outline=is_outline,
        is_capitals=clean.str.contains(r"^(?:[IVX]{1,5}\.\s+)?[A-Z][A-Z0-9 ,:'’&/()\"-]{3,70}$")
        & clean.str.contains(r"[A-Z]{4}")
        & ~clean.str.contains(r"(?i)^(?:end\b|(?:un)?qu?o?te\b)|[.;,]$|XXXX|^\(")
        & ~clean.str.contains(NO_BEGINNING),
        over_sentence=pl.col("after").str.contains(SENTENCE_CASE),
        slashed=pl.coalesce(
            clean.str.extract(patterns.SLASHED_HEADING, 1),
            clean.str.extract(patterns.DASHED_HEADING, 1),
        ),
        run_on=pl.when(~clean.str.contains(r"(?i)^end\b")).then(
            clean.str.extract(patterns.RUN_ON_HEADING, 1)
        ),
        is_removed=clean.str.contains(r"^[Xx]{4,}$"),
        # Rows of a table stand over, under and between rules, too.
        is_row=clean.str.contains(COLUMNS),
        has_gap=with_gap(clean),
        is_other=clean.str.contains(LABEL_LIKE),
    )
    # Across a rule, or right above or below, the next row of the table.
    below = shifted("is_rule", -1) & ~shifted("break_before", -1) & ~shifted("break_before", -2)
    above = shifted("is_rule", 1) & ~shifted("break_before", 1) & ~pl.col("break_before")
    is_row = pl.col("is_row") | (
        pl.col("has_gap")
        & (
            (below & shifted("has_gap", -2))
            | (above & shifted("has_gap", 2))
            | (shifted("has_gap", 1) & ~pl.col("break_before"))
            | (shifted("has_gap", -1) & ~shifted("break_before", -1))
        )
    )
    # Names of columns between rules, over as many figures.
    live = where(live, shifted("is_rule", 1), words=clean.str.count_matches(r"\S+"))
    is_row = is_row | (
        shifted("opens", 1)
        & below
        & shifted("is_row", -2)
        & (pl.col("words") == beside(pl.col("words"), -2)).fill_null(False)
    )
    live = live.with_columns(is_other=pl.col("is_other") | is_row)
    # What a colon leads to, one or more short lines each between blanks, is a list.
    live = where(
        live, last.str.ends_with(":"), leads=~last.str.contains(r"^[^\p{Ll}]*$")
    ).with_columns(
        lone=short
        & pl.col("break_before")
        & shifted("break_before", -1)
        & pl.col("is_item").fill_null(False)
    )
    led = shifted("leads", 1)
    # Capitals behind items that are none head what comes next.
    in_list = led | (
        pl.col("is_item").fill_null(False)
        & shifted("lone", 1)
        & (shifted("leads", 2) | shifted("lone", 2))
    )
    is_phrase = pl.col("is_phrase")
    live = live.with_columns(
        under=short
        & is_phrase
        & shifted("is_rule", -1)
        & ~shifted("break_before", -1)
        & (~shifted("opens", -1) | blank_before),
        alone=short & blank_before & shifted("is_start", -1) & pl.col("is_title") & ~in_list,
    ).with_columns(pl.col("under", "alone").fill_null(False))
    under, alone = pl.col("under"), pl.col("alone")
    boxed = short & shifted("opens", 1)
    boxed_second = short & shifted("opens", 2) & shifted("plain", 1) & shifted("is_rule", -1)
    # Two-line heading over one rule: its first line stands behind a blank.
    under_second = under & ~blank_before & shifted("break_before", 1) & shifted("plain", 1)
    under_first = (
        short
        & is_phrase
        & ~shifted("is_rule", -1)
        & shifted("is_rule", -2)
        & ~shifted("opens", -2)
        & blank_before
        & shifted("plain", -1)
        & ~shifted("break_before", -1)
    )
    # Capitals alone between blanks, over text in sentence case: numbered or not.
    capitals = (
        short
        & pl.col("break_before")
        & shifted("break_before", -1)
        & ~shifted("is_rule", -1)
        & (pl.col("is_capitals") | (pl.col("is_outline") & shifted("alone", -1)))
        & (
            shifted("is_start", -1)
            | pl.col("over_sentence").fill_null(False)
            # A heading over a heading.
            | shifted("alone", -1)
            | shifted("under", -1)
        )
    ).fill_null(False)
    # On a page that doubled its line ends a blank stands between heading and rule, too.
    apart = (
        short
        & pl.col("break_before")
        & pl.col("is_title")
        & shifted("is_rule", -1)
        & shifted("break_before", -1)
        & shifted("is_start", -2)
        & ~in_list
    ).fill_null(False)
    is_heading = (
        (under & blank_before)
        | apart
        | under_second
        | under_first
        | boxed
        | boxed_second
        | alone
        | capitals
    ) & ~pl.col("is_removed")
    heading = (
        pl.when(pl.col("is_start") | pl.col("is_rule"))
        .then(None)
        # `-- an old friend --` alone on a wrapped line is part of its sentence.
        .when(
            pl.col("slashed").is_not_null()
            & (blank_before | (pl.col("after_sentence") & shifted("is_start", -1)))
        )
        .then("slashed")
        .when(pl.col("run_on").is_not_null() & blank_before)
        .then("run_on")
        .when(is_heading)
        .then(clean)
    )
    found = live.with_columns(heading=heading).filter(
        pl.col("heading").is_not_null() & ~pl.col("is_other")
    )
    return text.join(found.select("row", "heading"), on="row", how="left", maintain_order="left")


def _with_paragraph_starts(text: pl.DataFrame) -> pl.DataFrame:
    """Decide `kind`, and which lines begin a paragraph."""
    clean = pl.col("clean")
    kind = (
        pl.when(pl.col("ending").is_not_null())
        .then("ending")
        .when(pl.col("is_rule"))
        .then(pl.lit("rule"))
        .when(pl.col("heading").is_not_null())
        .then(pl.lit("heading"))
        .otherwise(pl.lit("paragraph"))
    )
    text = text.with_columns(kind=kind).with_columns(
        numbered_before=carried(pl.when("is_start").then(True)).fill_null(False),
        kind_before=beside(pl.col("kind"), 1).fill_null("none"),
        kind_two_before=beside(pl.col("kind"), 2).fill_null("none"),
    )
    text = where(
        text,
        (pl.col("kind") == "paragraph") & (pl.col("break_before") | pl.col("after_sentence")),
        goes_on=clean.str.contains(patterns.LIST_ITEM) | clean.str.contains(r"^[a-z(\"“‘'.]"),
        is_titled=clean.str.contains(TITLED_BLOCK),
        marks=clean.str.contains(patterns.UNNUMBERED_MARKING) & ~clean.str.contains(r"^\([a-z]\)"),
    )
    goes_on = pl.col("goes_on").fill_null(False)
    # (C) behind (B) is the third item of a list, not a marking.
    text = where(text, clean.str.starts_with("("), lettered=clean.str.extract(r"^\(([A-Z])\)", 1))
    earlier = pl.col("lettered").replace_strict({"C": "B", "S": "R", "U": "T"}, default=None)
    is_marked = pl.col("marks").fill_null(False) & ~(
        beside(pl.when(pl.col("line_count") == 1).then("lettered"), 1) == earlier
    ).fill_null(False)
    after_ruled_heading = (
        (pl.col("kind_before") == "rule") & pl.col("kind_two_before").is_in(["heading", "rule"])
    ) | (pl.col("kind_before") == "heading")
    # Blocks in front of paragraph 1 are paragraphs; where nothing is numbered, a block behind a
    # blank goes on with the one above it, unless it says what it is.
    stands_alone = pl.col("first_start").is_not_null() | pl.col("is_titled").fill_null(False)
    begins = (pl.col("kind") == "paragraph") & (
        pl.col("is_start")
        | (pl.col("kind_before") == "none")
        | (pl.col("break_before") & is_marked)
        | after_ruled_heading
        | (~pl.col("numbered_before") & pl.col("break_before") & ~goes_on & stands_alone)
        | (~pl.col("numbered_before") & is_marked & pl.col("after_sentence"))
    )
    text = text.with_columns(begins=begins.fill_null(False))
    # The first paragraph line of a document begins a paragraph, whatever it looks like.
    first = (pl.col("kind") == "paragraph") & (
        beside(carried(pl.when(pl.col("kind") == "paragraph").then(True)), 1).is_null()
    )
    return text.with_columns(begins=pl.col("begins") | first)
