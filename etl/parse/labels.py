"""Lines of the opening → the pieces of it, and which of them begin with a label.

A page that lost its line breaks is cut at inline labels first, so one line may give several pieces.
Then each piece is held against the labels of all fields, and what only looks like one (in the
text, under another heading, in a quoted telegram) is taken back. All of it is done with forward
fills over the whole batch.

Not here: how far a field goes behind its label (`etl.parse.fields`).
"""

import polars as pl

from etl.parse import patterns
from etl.parse.fields import with_fields
from etl.parse.label_patterns import (
    AGENCY_FOR,
    ALSO_FOR,
    GOES_ON,
    HEADING_FIELDS,
    HEADING_ON_ONE_LINE,
    INLINE_LABEL,
    LABELS,
    LATE_SLUG,
    LETTERED_REFERENCE,
    MAIN_FIELDS,
    OWN_LABELS,
    POST_AND_SERIAL,
    PROSE,
    QUOTE_ALONE,
    REASON_ORDER,
    REFERENCE_GOES_ON,
    SENTENCE_BEHIND_LABEL,
    SLUG_BELOW,
    SUBJECT_OPEN,
)
from etl.parse.text import beside, carried, where


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
    return with_fields(_with_labels(cut))


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
