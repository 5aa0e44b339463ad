"""Lines that begin with a number → the starts of numbered paragraphs, and items of lists.

A number that starts a paragraph is told from a date that a wrap cut and from the items of a list
by its form, by the line before it and by the numbers before and behind it.
"""

import polars as pl

from etl.parse import patterns
from etl.parse.text import beside, carried, where

FOUND = ("row", "number", "portion", "rest", "is_start")

BEGINS = r"^[\"“'‘(¿]?\p{Lu}"

SHORT_LINE = 40
"""Characters; wrapped lines have 55 to 69."""

OPENS_LIST = r"[:,]$"
"""What a list follows: `three wishes:`."""

DANGLES = r"""(?xi)(?:^|\s)(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?
    |aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|on|of|to|and|or|the|in|by|from|para
    |paras|paragraphs?|articles?|no|nos|sections?|chapters?|reftel|ref)\.?$
    |[$£(,/-]$"""
"""A number behind it goes on with the sentence: `ON JULY` / `4. HE SAID`."""


REFERENCE_LABEL = r"(?i)^\(?ref(?:s|tels?|erences?|\(s\))?\)?\s*[:.]?\s*(?:$|\(?1\s?[.)])"
"""`REF:` with its items on the next lines, or with the first of them behind it."""

CITED_ITEM = (
    r"^\(?\d{1,2}\s?[.)]\s*['‘(]?(?:\d{2,4}[\s)-]+)?[A-Z][A-Za-z .'’-]{1,24}\s#?\d{1,7}\b"
    r"(?:$|\s*[,;:(/&-].{0,80}$|\.$|\s(?i:and|notal|dtg|dated|of|para)\b.{0,80}$)"
)
"""`1. OSLO 12`, `(2) 06 STATE 1234 (NOTAL)`: an item of such a list."""


BARE_MARKING = (
    r"^[(\[]?((?:SBU|LOU|C|S|U)(?:/{1,2}(?:NF|NOFORN))?)\s?[)}\].:]?\s+([\"“'‘(]?\p{Lu}.*)$"
)
"""`C Snow fell`, `C. Snow`, `(C Snow`, `C) Snow`: a marking that has lost its brackets."""

CAPITALS = r"^\p{Lu}\S* \S+ \S+|^(?:SUMMARY|COMMENT)\b|^\p{Lu}{3,}[.:]?$"
"""A sentence without lower case, the word that opens one, or a heading of one word."""

ENTIRE_TEXT = r"(?i)^[(\[]?\s?[A-Z][A-Z /]{0,22}[ -]+ENTIRE TEXT\b"
"""`(C - ENTIRE TEXT)`, `SECRET-ENTIRE TEXT`: no item of REF reads so."""

SENTENCE = r"^(?:\(?[ ]?\p{Lu}[\p{Lu}.,'’&/():-]*[ ]+){5,}\S"
"""Six words, five of them in capitals: more than an item of REF has before its first figure."""


def paragraph_starts(text: pl.DataFrame) -> pl.DataFrame:
    """Rows of accepted paragraph starts and list items: row, number, portion, rest, is_start.

    A candidate is a line that begins with a number. A marking, a stop or a pilcrow behind it makes
    it a strong one. Numbers inside a paragraph (dates cut by a wrap, numbered lists) are told
    apart by the sequence: contiguous 1 … n in 1,107 of 1,282 measured telegrams. Weak ones
    (`1 - x`, `(1) x`, `PARA 1`) count where no strong one does, or between n - 1 and n + 1.
    """
    candidates = _without_cited(_candidates(text))
    strong = _of_one_form(candidates.filter("is_strong"))
    accepted = _in_sequence(_without_lists(strong))
    accepted = _with_bare_markings(pl.concat([accepted, _weak_ones(candidates, accepted)]))
    return pl.concat([accepted, _items(strong, accepted)], how="diagonal").sort("row")


def _items(strong: pl.DataFrame, accepted: pl.DataFrame) -> pl.DataFrame:
    """Rows of the items of numbered lists: two or more numbers from 1 on that start nothing."""
    return (
        strong.filter(~pl.col("has_portion") & pl.col("has_stop"))
        .join(accepted, on="row", how="anti", maintain_order="left")
        .with_columns(run=(beside(pl.col("number"), 1) + 1 != pl.col("number")).fill_null(True))
        .with_columns(pl.col("run").cum_sum())
        .filter((pl.col("number").first() == 1).over("run") & (pl.len() > 1).over("run"))
        .select("row", is_start=pl.lit(False), is_item=pl.lit(True))
    )


def _candidates(text: pl.DataFrame) -> pl.DataFrame:
    """Lines that begin with a number, with the parts of a start and `form`, `is_strong`."""
    candidates = (
        text.with_columns(before=beside(pl.col("clean"), 1), place=pl.int_range(pl.len()))
        .filter(
            pl.col("clean").str.contains(
                r"^(?:\d{1,3}\D|[(#]\s?\d{1,3}\D|\([A-Za-z/ ]{1,12}\)\s?\d{1,3}\D"
                r"|(?i:para)[a-z]*\ \d)"
            )
        )
        .with_columns(pl.col("clean").str.extract_groups(patterns.PARAGRAPH_START).alias("found"))
        .with_columns(
            number=pl.col("found").struct.field("number").cast(pl.Int32, strict=False),
            lead=pl.col("found").struct.field("lead").fill_null(""),
            stop=pl.col("found").struct.field("stop").fill_null(""),
            portion=pl.coalesce(
                pl.col("found").struct.field(group) for group in patterns.PORTION_GROUPS
            ),
            ahead=pl.col("found").struct.field("2").is_not_null(),
            bare=pl.col("found").struct.field("8").is_not_null(),
            rest=pl.col("clean").str.slice(pl.col("found").struct.field("start").str.len_chars()),
        )
        .drop("found")
    )
    rest, lead = pl.col("rest"), pl.col("lead")
    # `SECRET - ENTIRE TEXT.` is text; so is the short form of it.
    is_entire = pl.col("bare") & rest.str.contains(r"(?i)^entire text")
    candidates = candidates.with_columns(
        portion=pl.when(~is_entire).then("portion"),
        rest=pl.when(is_entire).then(pl.format("{} - {}", "portion", "rest")).otherwise("rest"),
    )
    has_portion = pl.col("portion").is_not_null()
    has_stop = pl.col("stop").str.contains(r"^[.)]")
    candidates = candidates.with_columns(
        has_stop=has_stop,
        form=pl.when(lead == "(")
        .then(pl.lit("("))
        .when(lead.str.len_chars() > 1)
        .then(pl.lit("P"))
        .otherwise(pl.col("stop").str.slice(0, 1)),
        is_strong=(has_portion | has_stop | pl.col("has_pilcrow"))
        # `(1) x` and `PARA 1. x` are mostly items and mentions.
        & (has_portion | ~lead.str.contains(r"^[(pP]")),
    ).filter(
        pl.col("number").is_not_null()
        # 3.5 percent; 10:30; 1.4 (b): a digit behind the stop is no paragraph
        & (has_portion | ~rest.str.contains(r"^\d"))
        & ~pl.col("clean").str.contains(r"^1[.,]\s?[45]\s?\(")
        # `(C) 1. x`, but not `(C) 02 PARIS 12` nor `(S) 12 men`
        & (~pl.col("ahead") | has_stop)
        & (~lead.str.contains(r"^[pP]") | (pl.col("break_before") & ~rest.str.contains(r"^\p{Ll}")))
    )
    # In a telegram with labels the paragraphs come behind the first SUBJECT, TAGS or E.O. line.
    label = text.filter("is_main").group_by("document_key").agg(label_row=pl.col("row").min())
    return (
        candidates.join(label, on="document_key", how="left", maintain_order="left")
        .filter(pl.col("label_row").is_null() | (pl.col("row") > pl.col("label_row")))
        .with_columns(
            has_portion=has_portion,
            settled=pl.col("break_before")
            | pl.col("after_sentence")
            # No wrap made this line: there was room for its words on the one before it.
            | (
                has_stop
                & (pl.col("before").str.len_chars() < SHORT_LINE)
                & rest.str.contains(BEGINS)
                & ~pl.col("before").str.contains(DANGLES)
            ),
        )
    )


def _without_cited(candidates: pl.DataFrame) -> pl.DataFrame:
    """Leave out the items of a REF line that counts them: right below it, one per line."""
    number = pl.col("number")
    before = pl.col("before")
    candidates = where(
        candidates,
        before.str.contains(r"(?i)^\(?ref"),
        led=before.str.contains(REFERENCE_LABEL)
        & (number == 1 + before.str.contains(r"\d").cast(pl.Int32)),
    )
    candidates = (
        where(
            candidates,
            pl.col("led").any().over("document_key"),
            is_cited=pl.col("clean").str.contains(CITED_ITEM) & ~pl.col("has_portion"),
        )
        .with_columns(pl.col("is_cited").fill_null(False))
        .with_columns(
            run=(
                pl.col("led").fill_null(False)
                | ~pl.col("is_cited")
                | (pl.col("place") != pl.col("place").shift(1) + 1).fill_null(True)
                | (number != number.shift(1) + 1)
            ).cum_sum()
        )
    )
    in_list = (pl.col("is_cited") & pl.col("led")).fill_null(False).first().over("run")
    return candidates.filter(~in_list).drop("is_cited", "led", "run", "place")


def _of_one_form(strong: pl.DataFrame) -> pl.DataFrame:
    """Leave out numbers written otherwise than the first: `1)` where paragraphs are `1.` ones."""
    form = pl.col("form")
    counts = pl.col("has_portion") | (pl.col("settled") & (pl.col("number") == 1))
    first = pl.when(counts).then(form).drop_nulls().first().over("document_key")
    is_other = pl.when(pl.col("has_portion")).then(
        (form == "(") & (first != "(")
    ).otherwise(
        form.is_in([".", ")"]) & first.is_in([".", ")", "("]) & (form != first)
    )  # fmt: skip
    strong = strong.with_columns(is_other=is_other.fill_null(False))
    own = pl.when(~pl.col("is_other")).then("number")
    fits = (
        pl.col("settled")
        & (carried(own) == pl.col("number") - 1)
        & (_coming(own) == pl.col("number") + 1)
    )
    return strong.filter(~pl.col("is_other") | fits.fill_null(False)).drop("is_other")


def _coming(column: pl.Expr) -> pl.Expr:
    """Next value that is not null, in the same document."""
    return column.backward_fill().over("document_key")


def _without_lists(strong: pl.DataFrame) -> pl.DataFrame:
    """Leave out the numbers of lists inside a paragraph."""
    here = "document_key"
    has_portion, number = pl.col("has_portion"), pl.col("number")
    marked = pl.when(has_portion).then(number)
    strong = strong.with_columns(
        marked_count=has_portion.sum().over(here),
        previous=beside(number, 1),
        previous_marked=beside(carried(marked), 1),
        next_marked=_coming(marked),
    )
    # A run of unmarked numbers in a marked telegram is a list inside a paragraph unless it goes
    # on from the last marked number, and the next marked one from it.
    strong = strong.with_columns(
        run=(
            has_portion
            | has_portion.shift(1).fill_null(True)
            | (number != pl.col("previous") + 1).fill_null(True)
        ).cum_sum()
    ).with_columns(run_first=number.first().over(here, "run"))
    in_marked = (
        (pl.col("marked_count") >= 2)
        & ~has_portion
        & (
            ~(pl.col("run_first") - pl.col("previous_marked")).is_between(1, 2).fill_null(True)
            | (pl.col("next_marked") <= number).fill_null(False)
        )
    )
    # In an unmarked one a run that begins with 1 again is a list where the numbers go on behind
    # it from those before it, or where a colon leads to it; else another text is numbered anew.
    plain = strong.filter((pl.col("marked_count") < 2) & pl.col("settled")).with_columns(
        run=(beside(number, 1) + 1 != number).fill_null(True).cum_sum()
    )
    runs = plain.group_by(here, "run", maintain_order=True).agg(
        first=number.first(),
        last=number.last(),
        led=pl.col("before").first().str.contains(OPENS_LIST).fill_null(False),
    )
    again = (pl.col("first") == 1) & (pl.int_range(pl.len()).over(here) > 0)
    outer = pl.when(~again)
    runs = runs.with_columns(
        again=again,
        outer_last=beside(carried(outer.then("last")), 1),
        outer_next=_coming(outer.then("first")),
    )
    goes_on = (pl.col("outer_next") - pl.col("outer_last")).is_between(1, 2).fill_null(False)
    runs = runs.filter(pl.col("again") & (goes_on | pl.col("led"))).select(
        "run",
        # The list itself may be counted on by the paragraphs: 1 2 (1 2) 3 4.
        list_last=pl.when(~goes_on & (pl.col("last") > pl.col("outer_last")))
        .then("outer_last")
        .otherwise("last"),
    )
    in_plain = (
        plain.join(runs, on="run", how="inner")
        .filter(pl.col("number") <= pl.col("list_last"))
        .select("row")
    )
    return strong.filter(~in_marked).join(in_plain, on="row", how="anti", maintain_order="left")


def _in_sequence(strong: pl.DataFrame) -> pl.DataFrame:
    """Accept the candidates that begin or go on with the sequence: `FOUND`."""
    has_portion, has_stop = pl.col("has_portion"), pl.col("has_stop")
    number, rest = pl.col("number"), pl.col("rest")
    signed = has_portion | (has_stop & pl.col("settled"))
    strong = strong.with_columns(
        previous=beside(number, 1),
        next=beside(number, -1),
        is_only_one=(has_stop & (number == 1)).sum().over("document_key") == 1,
        previous_signed=beside(carried(pl.when(signed).then(number)), 1),
        highest=beside(pl.when(signed).then(number).cum_max().over("document_key"), 1),
    )
    strong = strong.with_columns(
        follows=(
            (number == pl.col("previous") + 1)
            | (number == pl.col("previous_signed") + 1)
            | (number == pl.col("highest") + 1)
        ).fill_null(False),
        ahead=number - pl.coalesce("previous_signed", "previous"),
        goes_on=(pl.col("next") == number + 1).fill_null(False),
        in_sentence=rest.str.contains(SENTENCE) & ~pl.col("before").str.contains(DANGLES),
    )
    follows, ahead, goes_on = pl.col("follows"), pl.col("ahead"), pl.col("goes_on")
    accepted = (
        pl.when(pl.col("previous").is_null())
        .then(
            has_portion
            | pl.col("break_before") & (number <= 3)
            | pl.col("after_sentence") & (number == 1)
            # A part of a telegram: its first number may be any.
            | pl.col("break_before") & pl.col("has_pilcrow") & has_stop & goes_on
            | has_stop & goes_on & pl.col("in_sentence")
            # Right under the subject, without a blank: but not `1. STATE 1234` of a REF line.
            | has_stop
            & (number == 1)
            & (
                rest.str.contains(r"^[A-Z(].*[a-z]|^CLASSIFIED")
                | rest.str.contains(ENTIRE_TEXT)
                # In capitals only if it is a sentence, or as the first and only 1 and 2 is next:
                # so are items of REF.
                | pl.col("in_sentence")
                | (
                    pl.col("is_only_one")
                    & goes_on
                    & rest.str.contains(CAPITALS)
                    & ~pl.col("before").str.contains(DANGLES)
                )
            )
            & ~rest.str.contains(r"^[A-Za-z ]+ \d+[;,]?$")
        )
        .when(has_portion)
        .then(
            pl.col("break_before")
            | pl.col("has_pilcrow")
            | follows
            | (pl.col("after_sentence") & ahead.is_between(1, 3))
        )
        .when(pl.col("break_before") & pl.col("has_pilcrow"))
        .then(follows | ahead.is_between(-1, 9))
        .when(pl.col("break_before"))
        .then(
            follows
            # Skipped or said twice, and the next number counts on from it.
            | (
                ahead.is_in([0, 2, 3])
                & goes_on
                & rest.str.contains(BEGINS)
                & ~pl.col("before").str.contains(OPENS_LIST)
            )
            # Numbered anew: lists are left out already.
            | ((number == 1) & goes_on & ~pl.col("before").str.contains(OPENS_LIST))
        )
        .otherwise(
            (
                pl.col("settled")
                & (follows | (pl.col("has_pilcrow") & has_stop & ahead.is_between(1, 9)))
            )
            # Behind a page marker, the sentence before it without its stop.
            | (
                pl.col("after_blank")
                & has_stop
                & follows
                & rest.str.contains(BEGINS)
                & ~pl.col("before").str.contains(DANGLES)
            )
        )
    )
    return strong.filter(accepted).select(*FOUND[:-1], "document_key", is_start=pl.lit(True))


def _weak_ones(candidates: pl.DataFrame, accepted: pl.DataFrame) -> pl.DataFrame:
    """Accept weak candidates: all of a telegram that has no other, or one that fills a gap."""
    weak = candidates.filter(~pl.col("is_strong") & pl.col("rest").str.contains(BEGINS))
    if weak.height == 0:
        return accepted.clear()
    number = pl.col("number")
    here = "document_key"
    alone = (
        weak.filter(pl.col("break_before"))
        .join(accepted.select(here).unique(), on=here, how="anti", maintain_order="left")
        .filter(pl.col("form") == pl.col("form").first().over(here))
        .with_columns(run=(beside(number, 1) + 1 != number).fill_null(True).cum_sum())
        .with_columns(
            is_first=pl.col("run") == pl.col("run").min().over(here),
            starts=(number.first() == 1).over("run") & (pl.len() > 1).over("run"),
            led=pl.col("before").first().str.contains(OPENS_LIST).fill_null(False).over("run"),
        )
        .filter(pl.col("is_first") & pl.col("starts") & ~pl.col("led"))
    )
    near = (
        pl.concat(
            [
                accepted.select("row", here, own="number", number=None, settled=pl.lit(False)),
                weak.select("row", here, pl.lit(None, pl.Int32).alias("own"), "number", "settled"),
            ],
            how="vertical_relaxed",
        )
        .sort("row")
        .filter(
            pl.col("settled")
            & (carried(pl.col("own")) == number - 1)
            & (_coming(pl.col("own")) == number + 1)
        )
    )
    rows = pl.concat([alone.select("row"), near.select("row")])
    return (
        weak.join(rows, on="row", how="semi", maintain_order="left")
        .with_columns(is_start=pl.lit(True))
        .select(accepted.columns)
    )


def _with_bare_markings(accepted: pl.DataFrame) -> pl.DataFrame:
    """Read markings without their brackets where no paragraph of the telegram goes unmarked.

    Beside markings in brackets an initial is none (`2. C. Snow said`, `U Thant left`). Where all
    have lost theirs, they must be more than U and stand before different words.
    """
    here = "document_key"
    found = accepted.with_columns(
        bare=pl.when(pl.col("portion").is_null()).then(
            pl.col("rest").str.extract_groups(BARE_MARKING)
        )
    ).with_columns(
        marking=pl.col("bare").struct.field("1"), behind=pl.col("bare").struct.field("2")
    )
    marking, has_portion = pl.col("marking"), pl.col("portion").is_not_null()
    word = pl.col("behind").str.extract(r"^(\S+)", 1)
    all_marked = (marking.is_not_null() | has_portion).all() & (pl.len() > 1)
    alike = (marking != "U").any() & (word.n_unique() > 1)
    is_sure = (
        marking.is_not_null()
        & all_marked.over(here)
        & pl.when(has_portion.any().over(here))
        .then(~pl.col("rest").str.contains(r"^(?:[CSU]\.|U\s)"))
        .otherwise(alike.over(here))
    )
    return found.with_columns(
        portion=pl.when(is_sure).then(marking).otherwise("portion"),
        rest=pl.when(is_sure).then("behind").otherwise("rest"),
    ).select(accepted.columns)
