"""Which telegram each document holds, and from which document the telegram is loaded.

version_index   readable documents → their telegram, rank and status
numbers         readable documents → the numbers within which they are compared
said            what a document says beside its paragraphs, field by field, to be compared

A number is mostly one telegram in several documents: the same file twice, a page and a row of the
bulk CSV, a redacted and a full copy, a corrected one. Sometimes it is two telegrams:
`etl.star.same` tells them apart, and the second gets `#2` behind its number.

Not here: sections put together (`etl.sections`), what a version adds (`etl.star.version_tables`).
"""

from collections.abc import Callable

import polars as pl

from etl.contracts.documents import Sections, VersionIndex
from etl.keys import among, with_key
from etl.star.common import shaped
from etl.star.same import telegrams

CORRECTING = ("ZOJ", "ZDK", "ZEL")
CANCELLED = "ZFR"
DOUBTED = "ZFD"
"""Operating signals: a corrected copy; cancelled; a suspected duplicate."""

CORRECTED_FULL = 0.8
"""A corrected copy counts before a longer text if it has this share of its words at the least:
with less it is an extract or a page with the corrections alone."""

_LISTS = {
    "tags": ["tag"],
    "references": ["referenced_mrn", "raw_text"],
    "addressees": ["name"],
    "caveats": ["caveat"],
    "reasons": ["reason"],
    "people": ["role", "full_name"],
}
"""Parsed frames of which a document has several rows, and what counts of a row; the first column
that is not null, of people both."""

_SINGLE = (
    "subject",
    "date_time_group",
    "precedence",
    "transmission_id",
    "operating_signal",
    "originator",
    "level",
    "executive_order",
    "declassify_on",
    "declassify_instruction",
    "slug",
)
FIELDS = (*_SINGLE, *_LISTS)
"""What is compared beside the paragraphs; not what the page adds (Created, its classification)."""

Frame = Callable[[str], pl.LazyFrame]
"""Gives a parsed frame by its name: `etl.store.Store.scan` of a run."""


def numbers(frame: Frame, document_index: pl.DataFrame) -> pl.Series:
    """Give the numbers of readable documents, each once: what `version_index` compares within."""
    return _numbered(frame, document_index)["number"].unique()


def number_of(mrn: pl.Expr) -> pl.Expr:
    """Give the number behind the `mrn` of a VersionIndex: without `#2`."""
    return mrn.str.replace(r"#\d+$", "")


def version_index(
    frame: Frame, document_index: pl.DataFrame, sections: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Find the telegram of each readable document and the version to load: a VersionIndex.

    `sections` are the documents whose texts were put together (`etl.sections.assemble`).

    Documents of one MRN are one telegram or several (`etl.star.same.telegrams`). The telegram
    that was sent first keeps the MRN, the next ones get #2, #3 …; one whose page and text
    contradict each other in the number comes last. Of the documents of one telegram the current
    one is, in this order:

    - a whole text before a partial extract, one that was not cancelled (ZFR) before one that was
    - a corrected copy (ZOJ, ZDK, ZEL, `CORRECTED COPY`) that has at least 80 % of the most words
    - the one that shows most words (removed names show none)
    - a whole document before sections that were put together, one that is not a suspected
      duplicate (ZFD), one whose id is well-formed
    - the newest (Created, then the file's time), then the smaller SHA-256 and key

    Never the one that came first: a rebuild must choose alike. The others are duplicates where
    header and paragraphs say the same, else superseded; sections that were put together are
    loaded, too. A document without any MRN gets UNKNOWN and 8 hex digits of its SHA-256.
    """
    parts = Sections.create_empty() if sections is None else sections
    known = (
        _numbered(frame, document_index)
        .join(parts, on="document_key", how="left")
        .with_columns(
            pl.col("lead_key").is_not_null().alias("is_assembled"),
            pl.coalesce("lead_key", "document_key").alias("lead_key"),
        )
    )
    is_several = pl.len().over("number") > 1
    alone = known.filter(~is_several).with_columns(
        mrn=pl.col("number"), version_rank=pl.lit(1, pl.Int32)
    )
    ranked = _ranked(known.filter(is_several), frame)
    names = ["document_key", "mrn", "is_mrn_invented", "version_rank"]
    compared = _compared(ranked, frame)
    versions = (
        pl.concat([alone.select(names), ranked.select(names)])
        .join(compared, on="document_key", how="left")
        .join(parts.select("document_key", "section_number"), on="document_key", how="left")
    )
    nothing = pl.lit([], pl.List(pl.String))
    return (
        shaped(
            VersionIndex,
            with_key(versions, "cable_key", "mrn")
            .with_columns(
                pl.col("status").fill_null("loaded"),
                pl.col("is_part").fill_null(value=False),
                pl.col("is_same_text").fill_null(value=True),
                *(pl.col(f"fields_{how}").fill_null(nothing) for how in _HOW),
            )
            .sort("document_key")
            .lazy(),
        )
    ).collect()


def _numbered(frame: Frame, document_index: pl.DataFrame) -> pl.DataFrame:
    """Give what versions are ranked by, one row per readable document, with its `number`."""
    documents = document_index.filter(
        pl.col("part").is_not_null() & pl.col("reject_reason").is_null()
    ).select("document_key", "uri", "member", "sha256", "created_at", "modified_at", "published_id")
    return (
        frame("headers")
        .select(
            *("document_key", "mrn", "is_partial_extract", "word_count", "sent_at", "subject"),
            *("date_time_group", "operating_signal"),
        )
        .collect()
        .join(documents, on="document_key", how="inner")
        .with_columns(
            pl.col("mrn").is_null().alias("is_mrn_invented"),
            pl.coalesce(
                "mrn", pl.lit("UNKNOWN") + pl.col("sha256").str.slice(0, 8).str.to_uppercase()
            ).alias("number"),
        )
    )


def _ranked(several: pl.DataFrame, frame: Frame) -> pl.DataFrame:
    """Tell the telegrams of each number apart and rank the documents of each.

    In: documents of numbers with more than one. Out: the same, with `mrn` and `version_rank`.
    """
    keys = several["document_key"]
    removed = (
        among(frame("paragraphs"), keys)
        .group_by("document_key")
        .agg(pl.col("redaction_count").sum().alias("removed"))
        .collect()
    )
    corrected = (
        among(frame("caveats"), keys)
        .filter(pl.col("caveat") == "CORRECTED COPY")
        .collect()["document_key"]
    )
    contradicting = (
        among(frame("reviews"), keys)
        .filter((pl.col("field") == "mrn") & (pl.col("raw_text") != ""))
        .collect()["document_key"]
    )
    signal = pl.col("operating_signal")
    letters = pl.col("published_id").str.to_uppercase().str.replace_all(r"\s+", "")
    marked = several.join(removed, on="document_key", how="left").with_columns(
        shown=pl.col("word_count") - pl.col("removed").fill_null(0),
        is_cancelled=(signal == CANCELLED).fill_null(value=False),
        is_doubted=(signal == DOUBTED).fill_null(value=False),
        is_malformed=(letters != pl.col("number")).fill_null(value=False),
        is_correcting=signal.is_in(list(CORRECTING)).fill_null(value=False)
        | pl.col("document_key").is_in(corrected.implode()),
        is_contradicting=pl.col("document_key").is_in(contradicting.implode()),
    )
    last = {
        "is_assembled": False,
        "is_doubted": False,
        "is_malformed": False,
        "created_at": True,
        "modified_at": True,
        "sha256": False,
        "document_key": False,
    }
    best = {"number": False, "is_partial_extract": False, "shown": True} | last
    ordered = marked.sort(list(best), descending=list(best.values()), nulls_last=True)
    found = ordered.join(telegrams(ordered, frame("paragraphs")), on="document_key")
    leaders = (
        found.filter(pl.col("document_key") == pl.col("leader"))
        .sort(
            "number",
            "is_contradicting",
            "sent_at",
            "shown",
            "sha256",
            "document_key",
            descending=[False, False, False, True, False, False],
            nulls_last=True,
        )
        .select(
            "leader",
            place=pl.int_range(1, pl.len() + 1).over("number"),
        )
    )
    most = pl.col("shown").max().over("leader")
    is_corrected = pl.col("is_correcting") & (pl.col("shown") >= CORRECTED_FULL * most)
    rank = {
        "leader": False,
        "is_partial_extract": False,
        "is_cancelled": False,
        "is_corrected": True,
        "shown": True,
    } | last
    return (
        found.join(leaders, on="leader")
        .with_columns(
            mrn=pl.when(pl.col("place") == 1)
            .then("number")
            .otherwise(pl.format("{}#{}", "number", "place")),
            is_corrected=is_corrected,
        )
        .sort(list(rank), descending=list(rank.values()), nulls_last=True)
        .with_columns(version_rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("leader"))
    )


_HOW = ("added", "changed", "lacking")
_DUPLICATE = "the same text of {} is loaded from {}"
_OTHER_HEADER = "the same paragraphs of {} are loaded from {}; the header differs: {}"
_SECTION = "one section of {}, the whole is loaded from {}"
_SUPERSEDED = "a fuller or newer text of {} is loaded from {}"


def _compared(ranked: pl.DataFrame, frame: Frame) -> pl.DataFrame:
    """Hold each document against the current one of its telegram.

    Out: document_key, status, reason, is_part, is_same_text, fields_added, fields_changed,
    fields_lacking.
    """
    current = ranked.filter(version_rank=1).select(
        "mrn",
        pl.col("document_key").alias("current"),
        pl.col("lead_key").alias("current_lead"),
        (pl.col("uri") + pl.coalesce("#" + pl.col("member"), pl.lit(""))).alias("current_name"),
    )
    pairs = ranked.join(current, on="mrn")
    # Polars' own hash is good enough here: it is compared within this call and kept nowhere.
    texts = (
        among(frame("paragraphs"), ranked["document_key"])
        .select(
            "document_key",
            "position",
            # The same words with another marking are not the same text.
            pl.concat_str("text", pl.col("portion_marking").fill_null(""), separator="\v")
            .hash()
            .alias("text"),
        )
        .collect(engine="streaming")  # the texts of all of them do not fit into memory
        .sort("document_key", "position")
        .group_by("document_key", maintain_order=True)
        .agg("text")
    )
    fields = said(frame, ranked.select("document_key"))
    pairs = (
        pairs.join(texts, on="document_key", how="left")
        .join(texts, left_on="current", right_on="document_key", how="left", suffix="_current")
        .join(fields, on="document_key", how="left", suffix="_field")
        .join(fields, left_on="current", right_on="document_key", how="left", suffix="_current")
    )
    own = {name: pl.col(f"{name}_said") for name in FIELDS}
    other = {name: pl.col(f"{name}_said_current") for name in FIELDS}
    which = {
        "added": [(n, own[n].is_not_null() & other[n].is_null()) for n in FIELDS],
        "changed": [(n, (own[n] != other[n]).fill_null(value=False)) for n in FIELDS],
        "lacking": [(n, own[n].is_null() & other[n].is_not_null()) for n in FIELDS],
    }
    pairs = pairs.with_columns(
        pl.col("text").eq_missing(pl.col("text_current")).alias("is_same_text"),
        *(
            pl.concat_list(pl.when(holds).then(pl.lit(name)) for name, holds in which[how])
            .list.drop_nulls()
            .alias(f"fields_{how}")
            for how in _HOW
        ),
    ).with_columns(
        other_fields=pl.concat_list(f"fields_{how}" for how in _HOW),
        is_part=pl.col("is_assembled") & (pl.col("lead_key") == pl.col("current_lead")),
    )
    # What stands for a whole in its place is one section of it by itself.
    is_section = pl.col("is_assembled") & ~pl.col("is_part")
    pairs = pairs.with_columns(is_same_text=pl.col("is_same_text") & ~is_section)
    is_duplicate = pl.col("is_same_text") & (pl.col("other_fields").list.len() == 0)
    is_loaded = (pl.col("version_rank") == 1) | pl.col("is_part")
    names = ("mrn", "current_name")
    return pairs.select(
        "document_key",
        pl.when(is_loaded)
        .then(pl.lit("loaded"))
        .when(is_duplicate)
        .then(pl.lit("duplicate"))
        .otherwise(pl.lit("superseded"))
        .alias("status"),
        pl.when(is_loaded)
        .then(pl.lit(None, pl.String))
        .when(is_duplicate)
        .then(pl.format(_DUPLICATE, *names))
        .when("is_same_text")
        .then(pl.format(_OTHER_HEADER, *names, pl.col("other_fields").list.join(", ")))
        .when(is_section)
        .then(pl.format(_SECTION, *names))
        .otherwise(pl.format(_SUPERSEDED, *names))
        .alias("reason"),
        "is_part",
        "is_same_text",
        *(f"fields_{how}" for how in _HOW),
    )


def said(frame: Frame, documents: pl.DataFrame) -> pl.DataFrame:
    """Give what documents say beside their paragraphs: document_key and `<field>_said` as text.

    In capitals, without white space and punctuation; lists in a fixed order; null where a document
    does not say.
    """
    keys = documents["document_key"]

    def folded(value: pl.Expr) -> pl.Expr:
        letters = value.cast(pl.String).str.to_uppercase().str.replace_all(r"[^\p{L}\p{N}]+", "")
        return pl.when(letters != "").then(letters)

    found = (
        among(frame("headers"), keys)
        # As printed it may end in the operating signal, which is a field of its own.
        .with_columns(
            pl.col("date_time_group").str.replace(r"(?i)\s*\bZ(?:FR|OJ|DK|FD|EL)\b.*", "")
        )
    )
    fields = found.select(
        "document_key", *(folded(pl.col(name)).alias(f"{name}_said") for name in _SINGLE)
    ).collect()
    for name, columns in _LISTS.items():
        value = pl.concat_str(columns) if name == "people" else pl.coalesce(columns)
        rows = (
            among(frame(name), keys)
            .select("document_key", folded(value).alias("value"))
            .drop_nulls("value")
            .unique()
            .group_by("document_key")
            .agg(pl.col("value").sort().str.join(" ").alias(f"{name}_said"))
            .collect()
        )
        fields = fields.join(rows, on="document_key", how="left")
    return fields
