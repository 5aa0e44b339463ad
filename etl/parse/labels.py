"""Lines of the opening → the field that each belongs to.

A line belongs to the label seen last, as long as the rules of that field let it go on: address
lists until the text begins, a subject until a blank line (unless it plainly stops in
mid-phrase), references over blanks as long as the lines look like references. All of it is done
with forward fills over the whole batch; a page that lost its line breaks is cut at inline labels
first, so one line may give several pieces.
"""

import re
from functools import lru_cache

import polars as pl

from etl.conform.posts import canonical_post, codes
from etl.conform.reference import REMEMBERED
from etl.parse import patterns
from etl.parse.text import beside, carried, each_distinct

INLINE_LABEL = (
    r"(?i)([\s.;])((?:t?ags\s*:|subj(?:ect)?\s*:"
    r"|ref(?:s|tels?|\(s\)|s\(s\))?\s*:|class?ified\s+by\s*:?))"
    # Not behind a bracket: `(U) E.O. 12958: N/A` is one label.
    r"|([^)\s][\s.;])(e\.?\s?o\.?\s*1\d{4}\s*(?::|n/a|decl))"
    r"|([A-Za-z)\d])((?-i:Classified By:|REF:|SUBJECT:|TAGS:))"
)
"""A second label on a line whose breaks a page has lost: `… FR SUBJECT: … REF: …`."""

LABELS: dict[str, str] = {
    "rule": patterns.RULE,
    # Heading, ACP 127 format lines 1 to 6.
    "transmission": r"""(?x)^(?:VZCZC | (?:ZZ|OO|PP|RR)\s+[A-Z]{4,8}\b | DE\s+R[A-Z]{3,7}\b
        | Z(?:NR|NY)\b | BT\s*$ | (?:\d+\s*)?\#\d{4}(?:/\d+)?\s+\d{7}\s*$)""",
    "date_time_group": (
        r"(?i)^"
        + (patterns.DTG_PREFIX + r"\s*[\dIOL]{2}\s?[\dIOL]{2}\s?[\dIOL]{2}\s?")
        # Z misprinted or left out, where a month stands behind.
        + (r"(?:Z(?:[\s.,]|[A-Z0]{3}|$)|2?\s?" + patterns.DTG_MONTH + r"\b)")
    ),
    "originator": r"^(?:FM|FROM:?)\s",
    "distribution": r"""(?x)^(?:ACTION\s+[A-Z]{1,9}-\d\d | INFO\s+[A-Z]{1,5}-\d\d
        | (?:[A-Z0-9/]{1,9}-\d\d\b\s*){2,} | ORIGIN\s+[A-Z]{1,9}-\d\d | -{6,}.{0,30}\d{6}Z.*
        | (?:ADP|ADS|TEDE|INRE|SSO)-\d\d | DESIRED\ DISTRIBUTION\b | \s*/\d{3}[WRX]?\s*$
        | \d{1,2}$ | -{6,}\s*\d{5,6}$ | -{10,}[0-9A-F]{4,6}\s+\d{6}Z.*)""",
    "drafting": r"^(?:DRAFTED|APPROVED|CLEARED|CLEARANCES?)\s*(?:BY)?\s*:?\s",
    "to": r"^TO:?(?:\s|$)",
    "info": r"^INFO:?(?:\s|$)",
    "exempt": r"^XMT:?\s",
    # Opening, 5 FAH-2.
    "classification": patterns.CLASSIFICATION_LINE,
    "classification_run_on": r"""(?x)^(?:UNCLAS|C\ O\ N\ F\ I\ D\ E\ N\ T\ I\ A\ L|S\ E\ C\ R\ E\ T)
        \s[A-Z0-9\ .'-]{3,60}?\d{5,8}\s""",
    "classification_cut": patterns.CLASSIFICATION_CUT,
    "executive_order": r"(?i)^(?:\([ucs]\)\s*)?(?:decl(?:as(?:sify)?)?\s*[:;]|"
    + (patterns.ORDER_WORD + r"\s*:?\s*(?:" + patterns.ORDER_NUMBER + r"|:|n/?a\b)")
    + r"|o\.\s?1[0-3]\d{3}\b)",
    "tags": r"""(?xi)^(?:(?:tags?|tage|taggs|tgas|tgs|tabs|ags|tagss|atgs|rags)\s*[:;=]
        |(?-i:TAGE|TGAS|TAG|AGS)\s+(?-i:[A-Z]{4}[\ ,])|tags[\s.,–-]\s*|tags$
        |tags?/subjects?\s*[:;]|t\ a\ g\ s\s*[:;])""",
    "subject": r"(?i:^" + patterns.SUBJECT_WORD + r"\s*(?:\((?:u|sbu|c|s)\)\s*)?[:;])"
    r"|^SUBJ(?:ECT)?(?:[.,=]?\s|$)",
    "reference": r"(?i:^(?:program\s+)?\(?ref(?:s|tels?|erences?|\(s\)|tel\(s\)|s\(s\))?\)?"
    r"\s*[:;.])|^REF(?:S|TELS?)?\s|^A[.)]\s+REF\s",
    "classified_by": r"(?i)^(?:\(\s*[ucs]\s*\)\s*)?(?:"
    + (patterns.CLASSIFIED_WORD + r"\s+by\b|class?\.?\s*by\s*:")
    + r"|derived\s+from\s*(?::|\.|(?-i:[A-Z0-9]{2,})|multiple\b))",
    "notice": patterns.NOTICE,
    "caption": patterns.CAPTION,
    "cover": patterns.DATE_LINE,
    "partial": r"(?i)^this record is a partial extract of the original cable",
    "slug": r"""(?x)^[A-Z][A-Za-z0-9\ ,/.&()'’;-]{1,60}?\s
        (?:FOR|PLEASE\ PASS|PLS\ PASS|PASS|ALSO\ FOR|ALSO\ PASS)\b""",
    "marked": patterns.UNNUMBERED_MARKING,
}
"""Label of a line, the first match counts; `marked` is an unnumbered paragraph with a marking."""

HEADING_FIELDS = (
    "transmission", "date_time_group", "originator", "distribution", "drafting",
    "to", "info", "exempt",
)  # fmt: skip
MAIN_FIELDS = ("executive_order", "tags", "subject")

CLEARANCE = r"^[A-Z][A-Z0-9/.]{0,14}\s?[-:]+\s?[A-Z].{1,40}$"
"""Clearing office and officer under Approved By: `S/S - MR. MARROWBY`."""

TAGS_GO_ON = r"^[A-Z0-9(),;/.&'’ -]+$"
"""A second line of TAGS holds capitals only: `NL, IS, SR`."""

REFERENCE_GOES_ON = r"""(?x)^(?:
    [(\[]?[A-Za-z]{1,2}[.)\]:]\s?.*
  | -\s*\(?[A-Z][.)].*
  | \d{2,7}[\s,;.)]*
  | \d{3,7}\s*(?:[(\[]?[A-Z][)\].]|[,;]).{0,120}
)$"""
"""References behind a blank line: `B. MADRID 899`, `36633`."""

POST_AND_SERIAL = re.compile(
    r"^(?:\d{2,4}\s+)?([A-Z][A-Za-z .-]{2,24}?)\s#?\d{1,7}\b"
    r"(?:\s*[,;:(/&.-].{0,80}|\s(?:AND|NOTAL|DTG|DATED|PARA|SEC|[A-Z][.)]).{0,80})?\s*$"
)
"""`MADRID 899, PARIS 12` behind a blank line: a reference, if it names a post; else the text of a
telegram without numbers: `MINISTER SAID IN 1974 …`. The rest of a name that a page cut in two
(`RIO`, `DE JANEIRO 1291`) stands behind a line that ends in letters."""

CUT_IN_TWO = r"(?:[A-Za-z,;&-])$"

FURTHER_REFERENCE = (
    r"^[(\[]?[B-Z][.)\]:]\s*['‘’]?(?:\d{2,4}\s+)?[A-Z][A-Za-z .'-]{1,24}\s\#?\d{1,7}\b"
)
"""`B. PARIS 13` between a page marker and a blank line is no heading."""

LETTERED_REFERENCE = r"^\([A-Z]\)\s*(?:\d{2,4}\s+)?[A-Z][A-Za-z .-]{2,24}\s\#?\d{1,7}\b"

REASON_GOES_ON = r"""(?xi)^(?:\(?[a-h]\) | for\s+reas | reas | rea\b | sons\b | 1[.,]\s?[2-7]
    | and\s+\(?[a-h]\) | .{0,20}1\.[45]\s?\()"""
"""Rest of a Classified By line behind a blank line: `(B) AND (D)`."""

SUBJECT_OPEN = r"""(?xi)(?:[-–:,/&]
    |\b(?:and|or|of|the|a|an|in|on|to|for|with|at|by|from|as|its?|his|their|new))$"""
"""A subject that stops in mid-phrase goes on behind a blank line."""


NOT_SUBJECT = (
    r"^(?:SUMMARY|COMMENT|INTRODUCTION|BACKGROUND|OVERVIEW|ACTION|BEGIN|NOTE|FOR|FROM)\b|[.:]$"
)
"""Capitals alone behind a subject that are a heading or a notice."""


PROSE = r"""(?x)^\W{0,3}\p{Lu}.*(?:
    [a-z]\S*\ .*[a-z]\S*\ .*[a-z]\S*\ .*[a-z]\S*\ .*[a-z]
  | (?:\S+\ +){7,}\S
  | (?:\S+\ +){3,}\S.*[.:?!][\"”]?$
)"""
"""First line of a block of text: words in sentence case, many words, or a whole sentence."""

OWN_LABELS: dict[str, str] = {
    "executive_order": r"(?i)^(?:\([ucs]\)\s*)?e\.?\s?o\.?\s*:?\s*(?:\d{5}|n/a)",
    "tags": r"(?i:^t\w{2,4})\s*[:;=.]?\s*[A-Z]{2,5}(?:$|[\s,;(])",
    "reference": r"(?i:^(?:program\s+)?\(?ref\S*)\s.{0,40}(?-i:[A-Z])[A-Za-z .]*\s\#?\d{2,}",
    "classified_by": r"(?i)by\b.*\b1\.?[2-7]|reason|derived\s+from\s*:",
    "notice": r"(?i)unclassified|entire text|^(?:please )?(?:handle|protect|treat)",
}
"""What a label must show once the text has begun: `Ref: our last talk` is text then."""


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
                pl.col("clean").str.replace_all(INLINE_LABEL, "$1$3$5\x1e$2$4$6").str.split("\x1e")
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
        | ((pl.col("label") == "slug") & (past_subject | no_main))
        # Its serial stands on the next line, or it is text.
        | (
            (pl.col("label") == "classification_cut")
            & (past_main | ~beside(pl.col("clean"), -1).str.contains(patterns.MRN_ALONE))
        )
        | ((pl.col("label") == "marked") & ~past_main & pl.col("main_order").is_not_null())
    )
    return cut.with_columns(
        label=pl.when(~misplaced).then(
            pl.col("label").replace(
                {"classification_run_on": "classification", "classification_cut": "classification"}
            )
        )
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
        )
        .filter(pl.col("past_subject") & label.is_null() & pl.col("break_before"))
        .filter(
            clean.str.contains(PROSE)
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
        .group_by(here)
        .agg(begun=pl.col("order").min())
    )
    shows = pl.any_horizontal(
        (label == name) & clean.str.contains(pattern) for name, pattern in OWN_LABELS.items()
    )
    # The only REF line may stand behind a summary and name a talk or a letter.
    is_only = (label == "reference") & clean.str.contains(r"^REF(?:S|TELS?|\(S\))?\s?:")
    is_only = is_only & (pl.col("order") == pl.col("order").filter(label == "reference").min())
    text = (
        cut.filter(label.is_in([*OWN_LABELS, "subject"]))
        .join(begun, on=list(here), maintain_order="left")
        .filter((pl.col("order") > pl.col("begun")) & ~shows & ~is_only.over(here))
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
    """Add `names_post`: the block behind REF opens with a post and a serial; null elsewhere."""
    openers = cut.filter(
        (pl.col("state") == "reference")
        & pl.col("after_gap")
        & pl.col("opener").str.contains(POST_AND_SERIAL.pattern)
    ).select("order", "opener", before=pl.col("before").first().over("document_key", "gaps"))
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
        opener=clean.first().over(*here, "gaps"),
        after_gap=pl.col("gaps")
        > carried(pl.when(pl.col("label").is_not_null()).then("gaps"), here),
    )
    cut = _with_posts_named(cut)
    state, after_gap, before = pl.col("state"), pl.col("after_gap"), pl.col("before")
    stops_short = (state == "subject") & before.str.contains(SUBJECT_OPEN)
    is_cited = (state == "reference") & clean.str.contains(FURTHER_REFERENCE)
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
        .when(state == "notice")
        .then(~after_gap & ~pl.col("after_blank"))
        .when(state == "drafting")
        .then(clean.str.contains(CLEARANCE))
        .when(state == "tags")
        .then(
            (~after_gap & (clean.str.contains(TAGS_GO_ON) | before.str.ends_with(",")))
            | (after_gap & clean.str.contains(r"^(?:[A-Z]{2,5}[,;]?\s*)+$"))
        )
        .when(state == "subject")
        .then(
            (~after_gap & ~(is_sentence_case & clean.str.contains(r"[.:]$")))
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
            | pl.col("opener").str.contains(REFERENCE_GOES_ON)
            | pl.col("names_post").fill_null(False)
        )
        .when(state == "classified_by")
        .then(~after_gap | pl.col("opener").str.contains(REASON_GOES_ON))
        .otherwise(False)
    )
    past_main = (pl.col("order") > pl.col("last_main_order")).fill_null(True)
    past_main = past_main & (pl.col("part") == "body")
    field = (
        pl.when(pl.col("label").is_not_null())
        .then("label")
        .when(goes_on & ~(pl.col("is_heading") & past_main & ~stops_short & ~is_cited))
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
                pl.when(pl.col("field") == "leading")
                .then(pl.lit("leading"))
                .when(pl.col("label").is_not_null())
                .then("label")
                .forward_fill()
                .over(here)
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
