"""Lines of the text → paragraphs with number, portion marking, section and kind."""

import re

import polars as pl

from etl.parse import hyphens, patterns
from etl.parse.endings import INLINE_SIGNATURE, NO_INLINE_SIGNATURE, NO_SIGNATURE
from etl.parse.kinds import with_kinds
from etl.parse.reading import Reading
from etl.parse.text import beside, carried, joined, where
from etl.parse.wraps import UNWRAPPED_MEAN

TRAILING_RULE = r"(?m)\s-{4,}[\s-]*$"
"""Dashes over the next heading that a page ran on: `END SUMMARY ---------`."""

INLINE_FOOTER = (
    r"(^|[.!?:)\"”]|\n)\s*(?:Visit|Please visit|PLEASE VISIT)\b.{3,60}?"
    r"(?:[Ww]eb\s?[Ss]ite|[Pp]ortal|[Pp]age)\b.{0,20}"
    r"https?://\S+(?:\s\S{1,12})?\s*$"
)
"""Web site line run on to the last paragraph."""

RUN_ON = r"\s+-{3,}\s*(\p{Lu}[^-]{1,60}?(?:-[A-Za-z][^-]{0,40}?)?)\s*-{3,}$"
RUN_ON_HEADING = r"[.!?:\"”)\]]" + RUN_ON
"""Heading that a page ran on to the paragraph before it: `… [text]. ---- Training ----`."""

SECTION_MARKING = r"^(?:" + patterns.MARKING + r")\s*|\s*(?:" + patterns.MARKING + r")$"


def paragraphs(reading: Reading) -> pl.DataFrame:
    """Give the paragraphs of a batch.

    Out: document_key, position, number, portion_marking, section, section_marking, kind, text,
    word_count, redaction_count, inline_signature (name run on to the end of the last paragraph).
    """
    # `1. SUMMARY` over a rule: the number is the paragraph's, the word its heading.
    is_titled = (
        pl.col("is_start")
        & beside(pl.col("is_rule"), -1)
        & pl.col("rest").str.contains(r"^[A-Z][A-Z &/]{3,40}:?$")
    ).fill_null(False)
    text = reading.text.with_columns(
        heading=pl.when(is_titled).then("rest").otherwise("heading"),
        rest=pl.when(is_titled).then(pl.lit("")).otherwise("rest"),
    ).filter(pl.col("kind") != "rule")
    text = (
        _with_run_on_headings(text)
        .with_columns(
            # Heading lines without a blank between them are one heading, rules or not.
            new_heading=pl.col("heading").is_not_null()
            & ~(
                ~pl.col("is_run_on")
                & (beside(pl.col("kind"), 1) == "heading").fill_null(False)
                & ~pl.col("break_before")
            )
        )
        .with_columns(
            heading_id=pl.col("new_heading").cum_sum(),
            paragraph_id=pl.col("begins").cum_sum(),
        )
    )
    body = text.filter(pl.col("kind") == "paragraph")
    built = _with_sections(_assembled(body), text)
    built = _with_run_in_numbers(built).with_columns(
        position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key")
    )
    signed = reading.text.filter(pl.col("kind") == "signature").select("document_key").unique()
    built = _without_inline_signature(built, signed)
    words = pl.col("text")
    built = where(
        _with_word_count(with_kinds(built)),
        words.str.contains(patterns.REDACTION),
        redaction_count=words.str.count_matches(patterns.REDACTION).cast(pl.Int32),
        redactions=removed_names(words),
    )
    return built.with_columns(
        pl.col("redaction_count").fill_null(0),
        pl.col("redactions").fill_null(pl.lit([], dtype=built.schema["redactions"])),
    )


def _with_run_on_headings(text: pl.DataFrame) -> pl.DataFrame:
    """Give a heading run on to a paragraph's last line to the line behind it (`is_run_on`)."""
    is_text = pl.col("kind") == "paragraph"
    follows = beside(is_text & (pl.col("begins") | pl.col("break_before")), -1)
    text = where(
        text,
        is_text & follows & pl.col("clean").str.ends_with("---"),
        found=pl.col("clean").str.extract(RUN_ON_HEADING, 1),
    )
    above = beside(pl.col("found"), 1)
    return text.with_columns(
        pl.when(pl.col("found").is_not_null())
        .then(pl.col("clean", "rest").str.replace(RUN_ON, ""))
        .otherwise(pl.col("clean", "rest")),
        heading=pl.coalesce(above, "heading"),
        is_run_on=above.is_not_null(),
        # What stands under a heading is no part of the paragraph above it.
        begins=pl.col("begins") | above.is_not_null(),
    ).drop("found")


def _with_word_count(built: pl.DataFrame) -> pl.DataFrame:
    r"""Add `word_count`: runs of what is no white space.

    Blanks are folded, so in plain text the separators can be counted: a quarter of the time of
    counting `\S+`, which is left for texts with other characters, some of which are blanks.
    """
    text = pl.col("text")
    plain = (text.str.len_bytes() == text.str.len_chars()) & ~text.str.contains("\v", literal=True)
    counted = pl.when(text == "").then(0).otherwise(text.str.count_matches(r"[ \n]") + 1)
    built = where(built, ~plain, exact=text.str.count_matches(r"\S+"))
    return built.with_columns(word_count=pl.coalesce("exact", counted).cast(pl.Int32)).drop("exact")


def removed_names(text: pl.Expr) -> pl.Expr:
    """Give start (characters before it) and length of each removed name."""
    length = pl.element().str.len_chars().cast(pl.Int32)
    pieces = text.str.extract_all(r"[Xx]{4,}|[Xx]{1,3}|[^Xx]+").list.eval(
        pl.struct(
            start=length.cum_sum() - length,
            length=length,
            removed=pl.element().str.contains(r"^[Xx]{4}"),
        )
    )
    removed = pieces.list.eval(
        pl.struct(pl.element().struct.field("start"), pl.element().struct.field("length")).filter(
            pl.element().struct.field("removed")
        )
    )
    return removed


def _assembled(body: pl.DataFrame) -> pl.DataFrame:
    """Join the lines of each paragraph; blanks and list items keep their own lines."""
    # A page that joined the lines of its paragraphs breaks only where its writer did.
    length = (pl.col("length").sum() / pl.col("line_count").sum()).over("document_key")
    body = body.with_columns(is_unwrapped=length > UNWRAPPED_MEAN)
    clean = pl.col("clean")
    body = where(
        body,
        pl.col("begins") & ~pl.col("is_start"),
        marked=clean.str.extract_groups(patterns.UNNUMBERED_MARKING),
    )
    marked = pl.col("marked")
    body = body.with_columns(
        # `(C)(NF)` is (C/NF).
        portion=pl.coalesce("portion", marked.struct.field("1")),
        content=pl.when(pl.col("is_start"))
        .then("rest")
        .otherwise(pl.coalesce(marked.struct.field("rest"), "clean")),
        before=beside(pl.col("last"), 1),
        looks_like_item=pl.col("is_item") | clean.str.contains(patterns.LIST_ITEM),
    )
    body = where(
        body,
        pl.col("looks_like_item"),
        # `reasons 1.4` wrapped before `(B) AND (D)`.
        is_listed=pl.col("is_item")
        | ~clean.str.contains(r"(?i)^\([a-z]\),?\s(?:and|or|through)\s\("),
        is_plain_item=~clean.str.contains(r"^(?:(?:--|-|–|—) ?\p{Ll}|\p{Ll}\.)"),
    ).with_columns(looks_like_item=pl.col("is_listed").fill_null(False))
    looks_like_item = pl.col("looks_like_item")
    here = ("document_key", "paragraph_id")
    clear_item = looks_like_item & (pl.col("after_sentence") | pl.col("after_blank"))
    body = body.with_columns(
        in_list=beside(carried(pl.when(clear_item).then(True), here), 1, here).fill_null(False),
        # A page marker brings blanks of its own: behind it the text goes on, but not a list that
        # ended, nor where two blanks in front of it are the writer's.
        own_blank=pl.col("after_blank")
        & (
            ~pl.col("after_marker")
            | (
                (
                    beside(looks_like_item & (pl.col("line_count") == 1), 1).fill_null(False)
                    | pl.col("wide_before")
                )
                & pl.col("after_sentence")
            )
        ),
    )
    # `-- if the …`, `v. Someone`: a wrapped line that happens to begin like an item goes on with
    # the sentence; an item stands behind a blank, a stop or another item.
    is_item = looks_like_item & (
        pl.col("after_sentence")
        | pl.col("after_blank")
        | pl.col("in_list")
        | pl.col("is_plain_item")
    )
    unwrapped = pl.col("is_unwrapped") & ~pl.col("after_marker")
    body = where(
        body,
        ~pl.col("begins") & (pl.col("own_blank") | unwrapped | pl.col("before").str.ends_with("-")),
        # Where only a page's seam is left of the marker, the sentence itself tells that it goes on.
        goes_on=pl.col("before").str.contains(r"[\p{Ll}\d,]$") & clean.str.contains(r"^\p{Ll}"),
        cut_word=pl.col("before").str.contains(r"\p{L}-$") & clean.str.contains(r"^\p{L}"),
    )
    goes_on = pl.col("goes_on").fill_null(False)
    own_line = (
        (pl.col("own_blank") & ~goes_on)
        | is_item
        | pl.col("in_table")
        | (unwrapped & ~goes_on & ~clean.str.starts_with("SIPDIS "))
    )
    body = body.with_columns(
        piece=pl.when("begins")
        .then("content")
        .otherwise(
            pl.when(own_line)
            .then(pl.lit("\n"))
            .when("cut_word")
            .then(pl.lit(hyphens.BREAK))
            .otherwise(pl.lit(" "))
            + pl.col("content")
        )
    )
    body = body.with_columns(
        piece=pl.when(pl.col("line_count") > 1)
        .then(pl.concat_str("piece", "tail", separator=" "))
        .otherwise("piece")
    )
    # A paragraph is of one document, and they count up.
    counted = body.with_columns(pl.col("paragraph_id").set_sorted())
    built = counted.group_by("paragraph_id", maintain_order=True).agg(
        pl.col("document_key", "number").first(),
        pl.col("portion").first(),
        pl.col("heading_id").first(),
        text=joined(pl.col("piece"), ""),
    )
    built = hyphens.resolved(built).with_columns(
        portion=pl.col("portion").str.replace(r"\s*\)\s?\(\s*", "/"),
    )
    return _with_clean_text(
        built.with_columns(
            portion_marking=pl.col("portion")
            .str.to_uppercase()
            # `C NF` is C/NF: without its blank it could not be read back.
            .str.replace(r"^(TS|SBU|LOU|C|S|U)\s+([A-Z])", "$1/$2")
            .str.replace_all(r"\s+", "")
            .str.replace_all("–", "-", literal=True),
        )
    )


def _with_run_in_numbers(built: pl.DataFrame) -> pl.DataFrame:
    """Split off paragraphs that a page ran on to the one before them.

    Only those whose number is missing behind it, at the end of a sentence; without a marking
    only where a later paragraph shows that numbers are missing.
    """
    built = built.with_row_index("order").with_columns(next=beside(pl.col("number"), -1))
    is_gap = (pl.col("next") > pl.col("number") + 1).fill_null(False)
    counts_on = (pl.col("next") == pl.col("number") + 1).fill_null(False)
    suspects = built.filter(
        pl.col("number").is_not_null()
        & ~counts_on
        & (
            (is_gap & pl.col("text").str.contains(r"[.!?\"”)]\s+\d{1,3}\.\s"))
            | pl.col("text").str.contains(r"[.!?\"”)]\s+\d{1,3}\.\s?\([A-Za-z]")
        )
    )
    first: list[tuple[int, str]] = []
    second: list[dict[str, object]] = []
    for row in suspects.iter_rows(named=True):
        pieces = _run_in(row["text"], row["number"], row["next"])
        if len(pieces) > 1:
            first.append((row["order"], pieces[0][2]))
        for number, portion, text in pieces[1:]:
            marking = re.sub(r"\s+", "", portion.upper()) if portion else None
            second.append(
                row
                | {"number": number, "text": text}
                | {"portion": portion, "portion_marking": marking}
            )
    built = built.drop("next")
    if not first:
        return built.drop("order")
    shorter = pl.DataFrame(first, schema={"order": pl.UInt32, "shorter": pl.String}, orient="row")
    built = built.join(shorter, on="order", how="left", maintain_order="left").with_columns(
        text=pl.coalesce("shorter", "text")
    )
    split_off = pl.DataFrame(second, schema=built.drop("shorter").schema)
    return (
        pl.concat([built.drop("shorter"), split_off])
        .sort("order", maintain_order=True)
        .drop("order")
    )


def _run_in(text: str, number: int, next_number: int | None) -> list[tuple[int, str | None, str]]:
    """Cut a text at numbers run into it: number, marking and text of each piece."""
    pieces: list[tuple[int, str | None, str]] = [(number, None, text)]
    while True:
        number, portion, text = pieces[-1]
        if number + 1 == next_number:
            return pieces
        found = re.search(
            rf"(?<=[.!?\"”)])\s+{number + 1}\.\s*"
            rf"(?:{patterns.MARKING_PYTHON}\s*)?(?=[A-Z\"“])",
            text,
        )
        is_missing = next_number is not None and number + 1 < next_number
        if not found or not (found[1] or is_missing):
            return pieces
        pieces[-1] = (number, portion, text[: found.start()])
        pieces.append((number + 1, found[1], text[found.end() :]))


def _with_clean_text(built: pl.DataFrame) -> pl.DataFrame:
    """Take page markers and stray SIPDIS out of joined lines; fold blanks, drop empty lines.

    What few texts hold is looked for in those alone.
    """
    text = pl.col("text")
    for mark, pattern, instead in (
        (" OF 0", patterns.INLINE_PAGE_MARKER, " "),
        ("SIPDIS", r"(^|\s)SIPDIS(\s|$)", "$1"),
        # Dashes over the next heading.
        ("----", TRAILING_RULE, ""),
        ("\t", r"\t", " "),
        ("  ", r" {2,}", " "),
        ("\n", r" ?\n\s*", "\n"),
    ):
        held = text.str.contains(mark, literal=True)
        built = where(built, held, mended=text.str.replace_all(pattern, instead))
        built = built.with_columns(text=pl.coalesce("mended", "text"))
    return built.with_columns(text=text.str.strip_chars()).drop("mended")


def _with_sections(built: pl.DataFrame, text: pl.DataFrame) -> pl.DataFrame:
    """Add `section`, the nearest heading of the same document before it, and `section_marking`.

    A heading with nothing but another heading under it stands before that one: `Upper / Nearer`.
    """
    headings = (
        text.filter(pl.col("heading").is_not_null())
        .group_by("heading_id", maintain_order=True)
        .agg(
            pl.col("document_key").first().alias("heading_document"),
            section=joined(pl.col("heading"), " "),
        )
        .with_columns(section_marking=_section_marking(pl.col("section")))
        .with_columns(
            section=pl.col("section")
            .str.replace_all(r"[-=_*]{3,}|(?:- ){3,}-?", " ")
            .str.replace_all(SECTION_MARKING, "")
            .str.replace_all(r"\s{2,}", " ")
            .str.strip_chars(" :")
            .str.replace(r"^([A-Z][A-Z '’&/-]+)\.$", "$1")
        )
        .filter(pl.col("section") != "")
        .join(built.select("heading_id", holds=pl.lit(True)).unique(), on="heading_id", how="left")
        .with_columns(pl.col("holds").fill_null(False))
        .sort("heading_id")
    )
    same = ("heading_document",)
    headings = (
        headings.with_columns(
            # Counts up behind each heading that holds a paragraph.
            group=beside(pl.col("holds"), 1, same).fill_null(True).cum_sum()
        )
        .with_columns(
            pl.col("section").unique(maintain_order=True).str.join(" / ").over("group"),
            pl.col("section_marking").drop_nulls().unique().sort().str.join(" / ").over("group"),
        )
        .select(
            "heading_id",
            "heading_document",
            "section",
            pl.col("section_marking").replace("", None),
        )
    )
    built = built.join(headings, on="heading_id", how="left", maintain_order="left")
    is_own = pl.col("heading_document") == pl.col("document_key")
    return built.with_columns(pl.when(is_own).then(pl.col("section", "section_marking"))).drop(
        "heading_document"
    )


def _section_marking(heading: pl.Expr) -> pl.Expr:
    """Give the marking of a heading, as a paragraph's: `(S) THE PRICE` → S; null without one."""
    return (
        pl.coalesce(
            heading.str.extract(SECTION_MARKING, 1), heading.str.extract(SECTION_MARKING, 2)
        )
        .str.to_uppercase()
        .str.replace_all(r"\s+", "")
    )


def _without_inline_signature(built: pl.DataFrame, signed_apart: pl.DataFrame) -> pl.DataFrame:
    """Cut a signature off the end of the last paragraph, into `inline_signature`.

    Not where the telegram is signed on a line of its own (`signed_apart`: document_key).
    """
    is_last = pl.col("position") == pl.len().over("document_key")
    built = where(
        built.with_columns(
            is_last=is_last,  # the machine's marks behind a signer: `ATKINS##`
            text=pl.when(is_last).then(pl.col("text").str.strip_chars_end("#")).otherwise("text"),
        ),
        pl.col("is_last"),
        tail=pl.col("text").str.tail(250),
        unfooted=pl.col("text").str.replace(INLINE_FOOTER, "$1"),
    )
    tail = pl.col("tail")
    built = where(
        built,
        pl.col("is_last"),
        signer=pl.coalesce(
            tail.str.extract(INLINE_SIGNATURE, 1), tail.str.extract(INLINE_SIGNATURE, 2)
        ),
        is_refused=tail.str.contains(NO_INLINE_SIGNATURE),
    )
    may_sign = ~pl.col("signer").str.contains(NO_SIGNATURE) & ~pl.col("is_refused")
    may_sign = may_sign & ~pl.col("document_key").is_in(signed_apart["document_key"].implode())
    built = built.with_columns(inline_signature=pl.when(may_sign).then("signer"))
    signed = pl.col("inline_signature").is_not_null()
    shorter = (
        pl.col("text")
        .str.head(pl.col("text").str.len_chars() - pl.col("inline_signature").str.len_chars())
        .str.strip_chars()
    )
    return built.with_columns(
        text=pl.when(signed)
        .then(shorter.str.replace(INLINE_FOOTER, "$1"))
        .otherwise(pl.coalesce("unfooted", "text"))
    ).drop("is_last", "tail", "unfooted", "signer", "is_refused")
