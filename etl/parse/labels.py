"""Lines of the opening → the field that each belongs to.

A line belongs to the label seen last, as long as the rules of that field let it go on: address
lists until the text begins, a subject until a blank line (unless it plainly stops in
mid-phrase), references over blanks as long as the lines look like references. All of it is done
with forward fills over the whole batch; a page that lost its line breaks is cut at inline labels
first, so one line may give several pieces.
"""

from functools import lru_cache

import polars as pl

from etl.conform.posts import canonical_post, codes
from etl.conform.reference import REMEMBERED
from etl.parse import patterns
from etl.parse.label_patterns import (
    AGENCY_FOR,
    ALSO_FOR,
    CLASSIFIED_BARE,
    CLEARANCE,
    CUT_IN_TWO,
    FIRST_HEADING,
    FIRST_HEADING_ALONE,
    FURTHER_REFERENCE,
    GOES_ON,
    HEADING_FIELDS,
    HEADING_ON_ONE_LINE,
    INLINE_LABEL,
    LABELS,
    LATE_SLUG,
    LETTERED_REFERENCE,
    MAIN_FIELDS,
    NO_TAGS,
    NOT_SUBJECT,
    OPENS_QUOTE,
    OPENS_TEXT,
    OWN_LABELS,
    POST_AND_SERIAL,
    PROSE,
    QUOTE_ALONE,
    REASON_GIVEN,
    REASON_GOES_ON,
    REASON_ORDER,
    REFERENCE_GOES_ON,
    SENTENCE_BEHIND_LABEL,
    SLUG_BELOW,
    SUBJECT_OPEN,
    TAGS_GO_ON,
)
from etl.parse.text import beside, carried, each_distinct, where


def pieces(opening: pl.DataFrame) -> pl.DataFrame:
    """Give the field of each piece of the opening's solid lines.

    In: solid lines of the opening with row, document_key, part, clean, break_before, after_blank,
    next_begins (a rule or paragraph start comes next).
    Out: row, piece, document_key, part, clean (text of the piece, label kept), field, label
    (non-null where the piece starts the field), block (counts the starts of a field within its
    document: a header printed twice has blocks 1 and 2).
    Fields are the keys of `LABELS`, and `leading` (text before the first numbered paragraph) and
    `unrecognised`.
    """
    cut = (
        opening.with_columns(
            # A line alone between a blank and a rule or paragraph is a heading of the text.
            is_heading=pl.col("after_blank")
            & pl.col("next_begins").fill_null(False)
            & pl.col("clean").str.contains(r"^[A-Z][^:]{2,80}$")
        )
        .select(
            "row",
            "document_key",
            "part",
            "clean",
            "break_before",
            "is_heading",
            "next_begins",
            "after_blank",
            break_after=beside(pl.col("break_before"), -1),
        )
        .with_columns(
            pl.when(pl.col("clean").str.contains(INLINE_LABEL))
            .then(
                pl.col("clean")
                .str.replace_all(INLINE_LABEL, "$1$3$5\x1e$2$4$6")
                # `(U) Classified by` is one label.
                .str.replace(r"(?i)^(\(\s*[ucs]\s*\)\s*)\x1e(class)", "${1}${2}")
                .str.split("\x1e")
            )
            .when(pl.col("clean").str.contains(HEADING_ON_ONE_LINE))
            .then(
                pl.col("clean")
                .str.replace(HEADING_ON_ONE_LINE, "${1}\x1e${2}\x1e${3}\x1e${4}")
                .str.strip_chars_end("\x1e")
                .str.split("\x1e")
            )
            .otherwise(pl.concat_list("clean"))
            .alias("clean")
        )
        .with_columns(piece=pl.int_ranges(0, pl.col("clean").list.len()))
        .explode("clean", "piece")
        .with_columns(
            clean=pl.col("clean").str.strip_chars(" \t"),
            break_before=pl.col("break_before") & (pl.col("piece") == 0),
            after_blank=pl.col("after_blank") & (pl.col("piece") == 0),
        )
        .filter(pl.col("clean") != "")
        .with_row_index("order")
    )
    return _with_fields(_with_labels(cut))


def _with_labels(cut: pl.DataFrame) -> pl.DataFrame:
    """Add `label`, and `main_row` / `subject_row` / `last_main_row` of the document."""
    clean = pl.col("clean")
    label = pl.coalesce(
        pl.when(clean.str.contains(pattern)).then(pl.lit(name)) for name, pattern in LABELS.items()
    )
    cut = cut.with_columns(label=label)
    cut = _without_text(_with_cover(cut))
    is_main = pl.col("label").is_in(MAIN_FIELDS)
    rows = cut.group_by("document_key").agg(
        main_order=pl.col("order").filter(is_main).min(),
        last_main_order=pl.col("order").filter(is_main).max(),
        subject_order=pl.col("order").filter(pl.col("label").is_in(["subject", "reference"])).min(),
    )
    cut = cut.join(rows, on="document_key", how="left", maintain_order="left")
    past_main = (pl.col("order") > pl.col("main_order")).fill_null(False)
    past_subject = (pl.col("order") > pl.col("subject_order")).fill_null(False)
    # Text without an opening (a part, a fragment): sentences in capitals may begin with TO or INFO.
    is_address = pl.col("label").is_in(["to", "info", "exempt"])
    has_heading = (
        pl.col("label").is_in(["transmission", "date_time_group", "originator"]).any()
        | is_address.first()
    ).over("document_key")
    no_main = pl.col("main_order").is_null()
    # Alone between blanks; elsewhere behind the subject it is text.
    stands_alone = pl.col("break_before") & (
        pl.col("break_after").fill_null(False) | pl.col("next_begins").fill_null(False)
    )
    cut = where(cut, past_subject & stands_alone, is_late_slug=clean.str.contains(LATE_SLUG))
    cut = _with_slugs_below(cut, past_subject)
    is_late_slug = (pl.col("is_late_slug") | pl.col("is_slug_below")).fill_null(False)
    cut = where(
        cut,
        pl.col("label") == "executive_order",
        gives_reasons=clean.str.contains(REASON_ORDER),
    )
    # `FROM IO/UNP - A. SNOW` behind the classification line says whose words these are.
    is_from = (
        (pl.col("label") == "originator")
        & pl.col("clean").str.starts_with("FROM")
        & (pl.col("label") == "classification").cum_max().over("document_key").fill_null(False)
        & ~past_main
    )
    # `(C) PARIS 12` under REF is the third reference, not a paragraph marked Confidential.
    is_reference = (
        (pl.col("label") == "marked")
        & (pl.col("label") == "reference").cum_max().over("document_key")
        & pl.col("clean").str.contains(LETTERED_REFERENCE)
    ) | ((pl.col("label") == "marked") & pl.col("clean").str.contains(r"^\([a-z]\)"))
    misplaced = (
        (pl.col("label").is_in(HEADING_FIELDS) & past_main)
        | (no_main & is_address & ~has_heading)
        | is_reference
        # `… for / E.O. 12958 reasons 1.4 (b)`: the second line of Classified By.
        | pl.col("gives_reasons").fill_null(False)
        | ((pl.col("label") == "slug") & (past_subject | no_main) & ~is_late_slug)
        # Its serial stands on the next line, or it is text.
        | (
            (pl.col("label") == "classification_cut")
            & (past_main | ~beside(pl.col("clean"), -1).str.contains(patterns.MRN_ALONE))
        )
        | ((pl.col("label") == "marked") & ~past_main & pl.col("main_order").is_not_null())
    )
    return cut.with_columns(
        label=pl.when((is_late_slug & pl.col("label").is_null()) | is_from)
        .then(pl.lit("slug"))
        .when(~misplaced)
        .then(
            pl.col("label").replace(
                {"classification_run_on": "classification", "classification_cut": "classification"}
            )
        )
    )


def _with_slugs_below(cut: pl.DataFrame, past_subject: pl.Expr) -> pl.DataFrame:
    """Add `is_slug_below`: a slug line right below the subject, on a page that lost its blanks."""
    clean, here = pl.col("clean"), pl.col("document_key")
    cut = where(
        cut.with_columns(line_above=beside(clean, 1)),
        past_subject & clean.str.contains("FOR ", literal=True),
        is_slug=clean.str.contains(SLUG_BELOW),
        is_also=clean.str.contains(ALSO_FOR)
        | (
            clean.str.contains(AGENCY_FOR)
            & ~pl.col("line_above").str.contains(GOES_ON).fill_null(False)
        ),
    ).with_columns(pl.col("is_slug", "is_also").fill_null(False))
    other = ~pl.col("is_slug")
    above = carried(pl.when(other & ~pl.col("is_also")).then("label"))
    below = pl.when(other).then(pl.col("label").fill_null("none")).backward_fill()
    is_same = pl.when(other).then(here).backward_fill() == here
    # With the references right below it; one that says `ALSO FOR`, or is an agency's, whatever
    # comes next.
    is_slug = pl.col("is_also") | (pl.col("is_slug") & is_same & (below == "reference"))
    return cut.with_columns(is_slug_below=is_slug & (above == "subject").fill_null(False)).drop(
        "line_above", "is_slug", "is_also"
    )


def _without_text(cut: pl.DataFrame) -> pl.DataFrame:
    """Take labels off lines of the text: `Tags: were put on …` behind a paragraph of prose.

    A text without numbers has no mark where it begins. It has begun where, behind the subject, a
    block opens with prose and not with a label; from there on a label must look like one, and a
    second subject is a line of the text.
    """
    here = ("document_key", "part")
    clean, label = pl.col("clean"), pl.col("label")
    begun = (
        cut.with_columns(
            before=beside(clean, 1, here),
            label_before=beside(label, 1, here),
            past_subject=carried(pl.when(label == "subject").then(True), here),
            again=pl.any_horizontal(
                (label == name) & beside(carried(pl.when(label == name).then(True), here), 1, here)
                for name in ("subject", "tags", "reference")
            ).fill_null(False),
        )
        .filter(pl.col("past_subject") & pl.col("break_before"))
        .filter(
            (
                label.is_null()
                & clean.str.contains(PROSE)
                & ~clean.str.contains(REFERENCE_GOES_ON)
                & ~clean.str.contains(POST_AND_SERIAL.pattern)
                & ~pl.col("before").str.contains(SUBJECT_OPEN)
                # A second line of the subject, behind a blank.
                & ~(
                    pl.col("label_before").eq_missing(pl.lit("subject"))
                    & pl.col("break_after").fill_null(False)
                    & clean.str.contains(r"^[^\p{Ll}]*[^\p{Ll}.:?!]$")
                )
            )
            | (
                label.is_in(["subject", "tags", "reference"])
                & pl.col("again")
                & clean.str.contains(SENTENCE_BEHIND_LABEL)
            )
        )
        .group_by(here)
        .agg(begun=pl.col("order").min())
    )
    shows = pl.any_horizontal(
        (label == name) & clean.str.contains(pattern) for name, pattern in OWN_LABELS.items()
    )
    # The only REF line may stand behind a summary and name a talk or a letter.
    is_only = (label == "reference") & clean.str.contains(r"^REF(?:S|TELS?|\(S\))?\s?:")
    is_only = is_only & (pl.col("order") == pl.col("order").filter(label == "reference").min())
    # Behind `QUOTE:` all labels are those of the telegram that this one repeats.
    quoted = (
        cut.with_columns(
            past_subject=carried(
                pl.when((label == "subject") & clean.str.contains(r":\s*\S")).then(True), here
            )
        )
        .filter("past_subject")
        .filter(clean.str.contains(QUOTE_ALONE))
        .group_by(here)
        .agg(quoted=pl.col("order").min())
    )
    text = (
        cut.filter(label.is_in([*OWN_LABELS, "subject"]))
        .join(begun, on=list(here), how="left", maintain_order="left")
        .join(quoted, on=list(here), how="left", maintain_order="left")
        .filter(
            ((pl.col("order") >= pl.col("begun")) & ~shows & ~is_only.over(here)).fill_null(False)
            | (pl.col("order") > pl.col("quoted")).fill_null(False)
        )
        .select("order", is_text=pl.lit(True))
    )
    return (
        cut.join(text, on="order", how="left", maintain_order="left")
        .with_columns(label=pl.when(pl.col("is_text").is_null()).then("label"))
        .drop("is_text")
    )


def _with_cover(cut: pl.DataFrame) -> pl.DataFrame:
    """Label as cover what stands before the heading and names a subject of its own.

    An inbox copy or a dumped `---- header ----` block repeats the header in poorer form; the
    telegram's own heading and opening stand behind it.
    """
    is_main = pl.col("label").is_in(MAIN_FIELDS)
    is_heading = pl.col("label").is_in(["transmission", "date_time_group"]) | (
        (pl.col("label") == "originator") & pl.col("clean").str.starts_with("FM ")
    )
    rows = cut.group_by("document_key").agg(
        first_main=pl.col("order").filter(is_main).min(),
        last_main=pl.col("order").filter(is_main).max(),
        first_heading=pl.col("order").filter(is_heading).min(),
    )
    rows = rows.filter(
        (pl.col("first_main") < pl.col("first_heading"))
        & (pl.col("first_heading") < pl.col("last_main"))
    ).select("document_key", "first_heading")
    return (
        cut.join(rows, on="document_key", how="left", maintain_order="left")
        .with_columns(
            label=pl.when((pl.col("order") < pl.col("first_heading")).fill_null(False))
            .then(pl.lit("cover"))
            .otherwise("label")
        )
        .drop("first_heading")
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
        .agg("order", text=pl.col("clean").str.join(" ").str.head(300), lines=pl.len())
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


def _with_fields(cut: pl.DataFrame) -> pl.DataFrame:
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
    stops_short = (
        (state == "subject")
        & before.str.contains(SUBJECT_OPEN)
        & ~(pl.col("is_heading") & clean.str.contains(FIRST_HEADING_ALONE))
    )
    is_cited = (state == "reference") & clean.str.contains(FURTHER_REFERENCE) | names_post
    opens_text = state.is_in(["tags", "subject", "reference"]) & clean.str.contains(OPENS_TEXT)
    is_sentence_case = clean.str.contains(r"[a-z]{3}.*[a-z]{3}") & ~before.str.contains(r"[a-z]{3}")
    goes_on = (
        pl.when(state.is_in(["to", "info", "exempt"]))
        .then(True)
        .when(
            state.is_in(["transmission", "originator", "distribution", "executive_order", "slug"])
        )
        .then(~after_gap)
        .when(state == "classification")
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
                & (pl.col("label").shift(1) == "subject").fill_null(False)
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
    past_main = (pl.col("order") > pl.col("last_main_order")).fill_null(True)
    past_main = past_main & (pl.col("part") == "body")
    field = (
        pl.when(pl.col("label").is_not_null())
        .then("label")
        .when(
            goes_on
            & ~opens_text
            & ~(pl.col("is_heading") & past_main & ~stops_short & ~is_cited & ~names_classifier)
        )
        .then(state)
        .when(past_main)
        .then(pl.lit("leading"))
        .when(
            state.is_in(["classification", "slug", "notice"])
            | clean.str.contains(r"^[A-Z0-9 ,/.&()'’;:-]+$")
        )
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
