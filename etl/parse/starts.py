"""Marked lines → where the numbered paragraphs start, and so where the opening ends."""

import polars as pl

from etl.parse import patterns
from etl.parse.text import beside, carried

SENTENCE_END = r"[.!?:;\"”’')\]]$|[Xx]{4,}$|^$"

MAIN_LABEL = r"(?i)^(?:subj(?:ect)?\s*[:;]|SUBJECT\s|tags\b|e\.?\s?o\.?\s*:?\s*\d{5})"

HEADER_LABEL = (
    r"(?i)^(?:subj|tags|ref|e\.?\s?o\.?\b|decl|fm\b|to\b|info\b|classified|reason|drafted|dept"
    r"|for\b|pass\b)"
)


def with_starts(lines: pl.DataFrame) -> pl.DataFrame:
    """Add to marked lines what their neighbours tell, and where the paragraphs start.

    Out, added: `row`, `solid` (a line that may carry content), and for solid lines, null for
    others: `break_before` (a blank line, or the start, stands before it; blanks around a page
    marker in mid-sentence do not count), `after_blank` (those count too), `after_marker` (a page
    marker, banner or caption stands before it), `after_sentence` (the
    solid line before ends a sentence), `number`, `portion`, `rest` (parts of a paragraph start;
    null elsewhere), `is_start` (an accepted start of a numbered paragraph), `next_begins` (a rule
    or paragraph start comes next), `zone` (opening
    until the first paragraph start, then text); for all lines `first_start` (row of the first
    paragraph start of the document; null where none is numbered).
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
    lines = lines.with_columns(wide_before=_wide_before())
    text = lines.filter("solid").select(
        "row", "document_key", "part", "clean", "has_pilcrow", "is_rule", "blanks", "markers"
    )
    new_document = (pl.col("document_key") != pl.col("document_key").shift(1)).fill_null(True)
    clean = pl.col("clean")
    # Behind a header printed again the text begins anew.
    after_header = clean.shift(1).str.contains(patterns.CLASSIFICATION_LINE).fill_null(False)
    text = text.with_columns(
        break_before=new_document
        | after_header
        | (pl.col("part") != pl.col("part").shift(1))
        | (
            (pl.col("blanks") > pl.col("blanks").shift(1))
            & (
                (pl.col("markers") == pl.col("markers").shift(1))
                | clean.shift(1).str.contains(SENTENCE_END)
            )
        ),
        after_sentence=new_document
        | clean.shift(1).str.contains(SENTENCE_END)
        # A page that joined its lines breaks only between paragraphs.
        | (clean.shift(1).str.len_chars() > 90)
        | pl.col("is_rule").shift(1).fill_null(True),
        after_marker=~new_document & (pl.col("markers") > pl.col("markers").shift(1)),
        after_blank=new_document | (pl.col("blanks") > pl.col("blanks").shift(1)),
        is_main=clean.str.contains(MAIN_LABEL),
    )
    starts = _paragraph_starts(text).drop("document_key")
    text = text.join(starts, on="row", how="left", maintain_order="left").with_columns(
        pl.col("is_start").fill_null(False)
    )
    first = text.filter("is_start").group_by("document_key").agg(first_start=pl.col("row").min())
    text = text.join(first, on="document_key", how="left", maintain_order="left").with_columns(
        zone=pl.when(pl.col("row") >= pl.col("first_start"))
        .then(pl.lit("text"))
        .otherwise(pl.lit("opening"))
    )
    text = text.with_columns(
        next_begins=(pl.col("is_rule") | pl.col("is_start")).shift(-1).over("document_key")
    )
    return (
        lines.drop("blanks", "markers")
        .join(first, on="document_key", how="left", maintain_order="left")
        .join(
            text.select(
                "row",
                "break_before",
                "after_blank",
                "after_marker",
                "after_sentence",
                "number",
                "portion",
                "rest",
                "is_start",
                "next_begins",
                "zone",
            ),
            on="row",
            how="left",
            maintain_order="left",
        )
    )


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
                    & ~pl.col("after").str.contains(r"^¶?\d{1,3}[.)]")
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


def _paragraph_starts(text: pl.DataFrame) -> pl.DataFrame:
    """Rows of accepted paragraph starts: row, number, portion, rest, is_start.

    A candidate is a line that begins with a number. A marking, a stop or a pilcrow behind it makes
    it a strong one. Numbers inside a paragraph (dates cut by a wrap, numbered lists) are told
    apart by the sequence: contiguous 1 … n in 1,107 of 1,282 measured telegrams. Weak ones
    (`1 - x`, `(1) x`, `PARA 1`) count where no strong one does, or between n - 1 and n + 1.
    """
    candidates = _candidates(text)
    strong = _of_one_form(candidates.filter("is_strong"))
    accepted = _in_sequence(_without_lists(strong))
    return pl.concat([accepted, _weak_ones(candidates, accepted)]).sort("row")


FOUND = ("row", "number", "portion", "rest", "is_start")

BEGINS = r"^[\"“'‘(¿]?\p{Lu}"

OPENS_LIST = r"[:,]$"
"""What a list follows: `three wishes:`."""

DANGLES = r"""(?xi)(?:^|\s)(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?
    |sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|on|of|to|and|or|the|in|by|from|para
    |paras|paragraphs?|articles?|no|nos|sections?|chapters?|reftel|ref)\.?$"""
"""A number behind it goes on with the sentence: `ON JULY` / `4. HE SAID`."""


def _candidates(text: pl.DataFrame) -> pl.DataFrame:
    """Lines that begin with a number, with the parts of a start and `form`, `is_strong`."""
    candidates = (
        text.with_columns(before=beside(pl.col("clean"), 1))
        .filter(
            pl.col("clean").str.contains(
                r"^(?:\d{1,3}\D|[(#]\s?\d{1,3}\D|\([A-Za-z/ ]{1,12}\)\s?\d{1,3}\D|(?i:para)[a-z]*\ \d)"
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
            ahead=pl.col("found").struct.field("1").is_not_null(),
            bare=pl.col("found").struct.field("7").is_not_null(),
            rest=pl.col("found").struct.field("rest"),
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
            settled=pl.col("break_before") | pl.col("after_sentence"),
        )
    )


def _of_one_form(strong: pl.DataFrame) -> pl.DataFrame:
    """Leave out numbers written otherwise than the first one: `1)` where paragraphs are `1.`"""
    form = pl.col("form")
    counts = pl.col("has_portion") | (pl.col("settled") & (pl.col("number") == 1))
    first = pl.when(counts).then(form).drop_nulls().first().over("document_key")
    is_other = pl.when(pl.col("has_portion")).then(
        (form == "(") & (first != "(")
    ).otherwise(
        (form.is_in([".", ")"]) & first.is_in([".", ")", "("]) & (form != first))
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
        previous_signed=beside(carried(pl.when(signed).then(number)), 1),
        highest=beside(pl.when(signed).then(number).cum_max().over("document_key"), 1),
    )
    follows = (
        (number == pl.col("previous") + 1)
        | (number == pl.col("previous_signed") + 1)
        | (number == pl.col("highest") + 1)
    ).fill_null(False)
    ahead = number - pl.coalesce("previous_signed", "previous")
    goes_on = (pl.col("next") == number + 1).fill_null(False)
    accepted = (
        pl.when(pl.col("previous").is_null())
        .then(
            has_portion
            | pl.col("break_before") & (number <= 3)
            | pl.col("after_sentence") & (number == 1)
            # A part of a telegram: its first number may be any.
            | pl.col("break_before") & pl.col("has_pilcrow") & has_stop & goes_on
            # Right under the subject, without a blank: but not `1. STATE 1234` of a REF line.
            | has_stop
            & (number == 1)
            & rest.str.contains(r"^[A-Z(].*[a-z]|^CLASSIFIED")
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
                pl.col("after_sentence")
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
