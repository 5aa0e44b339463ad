"""What every version of a telegram has that the current one has not: two tables.

cable_version      one row per document: its rank, what it is to the current version, what it adds
version_paragraph  the paragraphs of other versions that differ, with their texts

A telegram with one document costs one short row; texts are read only where two documents of one
telegram differ. What the rows say depends on the documents of their telegram alone.

Not here: which document is current (`etl.star.versions`).
"""

from collections.abc import Iterator

import polars as pl

from etl.contracts import versions as contract
from etl.keys import among
from etl.star.common import level_key, shaped
from etl.star.same import TRIPLE, pieces_of, shared
from etl.star.versions import CANCELLED, CORRECTING, DOUBTED

ALIKE = 0.3
"""Share of the shorter paragraph's word triples from which two paragraphs say the same."""

CONTAINED = 0.9
"""Share of a paragraph's triples from which the other one has all of it."""

SECTION_SHARE = 0.8
"""Share of a section that stands in the current version: the paragraph at its end is cut."""

_BATCH_WORDS = 2_000_000


def cable_version(
    headers: pl.LazyFrame,
    paragraphs: pl.LazyFrame,
    caveats: pl.LazyFrame,
    version_index: pl.DataFrame,
    document_index: pl.DataFrame,
) -> pl.DataFrame:
    """One row per readable document."""
    pairs = _pairs(version_index)
    compared = _Compared.empty() if pairs.is_empty() else _Compared.of(pairs, paragraphs)
    counted = (
        compared.rows.group_by("document_key")
        .agg(
            pl.col("current_position").is_null().sum().alias("paragraphs_added"),
            pl.col("current_position").is_not_null().sum().alias("paragraphs_changed"),
            (pl.col("redaction_count_current") - pl.col("redaction_count"))
            .clip(0)
            .sum()
            .alias("names_shown"),
            (pl.col("redaction_count") - pl.col("redaction_count_current"))
            .clip(0)
            .sum()
            .alias("names_hidden"),
        )
        .join(compared.lacking, on="document_key", how="full", coalesce=True)
        .join(compared.shares, on="document_key", how="full", coalesce=True)
    )
    corrected = (
        caveats.filter(pl.col("caveat") == "CORRECTED COPY").select("document_key").collect()
    )
    stated = (
        caveats.group_by("document_key")
        .agg(pl.col("caveat").unique().sort().alias("caveats"))
        .collect()
    )
    several = version_index.filter(pl.len().over("cable_key") > 1)
    signal = pl.col("operating_signal")
    said = (
        headers.join(version_index.lazy().select("document_key"), on="document_key", how="semi")
        .select(
            "document_key",
            "operating_signal",
            "section_number",
            "section_count",
            "paragraph_count",
            "word_count",
            "redaction_count",
            "subject",
            "subject_marking",
            level_key("level").alias("classification_key"),
            is_correcting=signal.is_in(list(CORRECTING)).fill_null(value=False)
            | pl.col("document_key").is_in(corrected["document_key"].implode()),
            is_partial="is_partial_extract",
        )
        .collect()
    )
    described = (
        version_index.join(said, on="document_key", suffix="_said")
        .join(
            document_index.select("document_key", "sha256", "dialect", "published_id"),
            on="document_key",
        )
        .with_columns(
            pl.coalesce("section_number", "section_number_said").alias("section_number"),
            is_assembled=pl.col("section_number").is_not_null(),
        )
    )
    current = (
        described.join(several, on="document_key", how="semi")
        .filter(version_rank=1)
        .select(
            "cable_key",
            *(
                pl.col(name).alias(f"{name}_current")
                for name in (
                    "sha256",
                    "word_count",
                    "redaction_count",
                    "paragraph_count",
                    "is_correcting",
                    "is_part",
                )
            ),
        )
    )
    none = pl.lit([], pl.List(pl.Int32))
    rows = (
        described.join(counted, on="document_key", how="left")
        .join(stated, on="document_key", how="left")
        .join(current, on="cable_key", how="left")
        .with_columns(
            pl.col("paragraphs_lacking").fill_null(none),
            pl.col("caveats").fill_null(pl.lit([], pl.List(pl.String))),
            pl.when(pl.col("word_count") > 0)
            .then(pl.coalesce("shared_share", pl.when("is_same_text").then(1.0)))
            .alias("shared_share"),
            *(
                pl.col(name).fill_null(0)
                for name in (
                    "paragraphs_added",
                    "paragraphs_changed",
                    "names_shown",
                    "names_hidden",
                )
            ),
            is_current=pl.col("version_rank") == 1,
        )
        .with_columns(relation=_relation())
        .with_columns(adds=_adds())
        .sort("cable_key", "version_rank")
    )
    return shaped(contract.CableVersion, rows.lazy()).collect()


def _relation() -> pl.Expr:
    """What a version is to the current one; the first that holds of `RELATIONS`, more or less."""
    is_section = pl.col("is_assembled") | (
        pl.col("section_number").is_not_null()
        & (pl.col("shared_share") >= SECTION_SHARE)
        & _is_in_one_piece()
        & (pl.col("word_count") < SECTION_SHARE * pl.col("word_count_current"))
    ).fill_null(value=False)
    same_header = pl.concat_list("fields_added", "fields_changed", "fields_lacking").list.len() == 0
    adds_no_text = (pl.col("paragraphs_added") == 0) & (pl.col("names_shown") == 0)
    shown = pl.col("word_count") - pl.col("redaction_count")
    shown_current = pl.col("word_count_current") - pl.col("redaction_count_current")
    is_less = pl.col("is_partial") | (adds_no_text & (shown < shown_current))
    cases = [
        (pl.col("is_current"), "current"),
        (is_section, "section"),
        ((pl.col("sha256") == pl.col("sha256_current")) & ~pl.col("is_part_current"), "same_bytes"),
        ((pl.col("word_count") == 0) & (pl.col("word_count_current") > 0), "no_text"),
        (pl.col("is_same_text") & same_header, "same_text"),
        (pl.col("operating_signal") == CANCELLED, "cancelled"),
        (pl.col("is_same_text") & (pl.col("operating_signal") == DOUBTED), "suspected_duplicate"),
        (pl.col("is_correcting_current") & ~pl.col("is_correcting"), "corrected"),
        (pl.col("is_same_text"), "other_header"),
        (pl.col("names_shown") > 0, "unredacted"),
        (pl.col("names_hidden") > 0, "redacted"),
        (is_less, "partial"),
        (shown > shown_current, "fuller"),
    ]
    relation = pl.lit("differs")
    for holds, name in reversed(cases):
        relation = pl.when(holds.fill_null(value=False)).then(pl.lit(name)).otherwise(relation)
    return relation


def _is_in_one_piece() -> pl.Expr:
    """Whether the current version's paragraphs that a version has stand beside each other."""
    lacking = pl.col("paragraphs_lacking")
    gaps = lacking.list.diff(null_behavior="drop").list.eval(pl.element() > 1).list.sum()
    from_first = lacking.list.first() == 1
    to_last = lacking.list.last() == pl.col("paragraph_count_current")
    return (
        (lacking.list.len() == 0)
        | ((gaps == 0) & (from_first | to_last))
        | ((gaps == 1) & from_first & to_last)
    )


def _adds() -> pl.Expr:
    """What a version adds, in words; null where nothing."""

    def counted(column: str, one: str, many: str) -> pl.Expr:
        count = pl.col(column)
        words = pl.when(count == 1).then(pl.lit(one)).otherwise(pl.lit(many))
        return pl.when(count > 0).then(pl.format("{} {}", count, words))

    fields = pl.col("fields_added").list
    parts = [
        counted("paragraphs_added", "paragraph", "paragraphs"),
        counted("names_shown", "removed name", "removed names"),
        pl.when(fields.len() > 0).then(fields.join(", ")),
    ]
    words = pl.concat_str(parts, separator="; ", ignore_nulls=True)
    return pl.when((words != "") & ~pl.col("is_current") & ~pl.col("is_part")).then(words)


def version_paragraph(paragraphs: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """One row per paragraph of another version than the current one that differs from it."""
    pairs = _pairs(version_index)
    if pairs.is_empty():
        return contract.VersionParagraph.create_empty().lazy()
    rows = _Compared.of(pairs, paragraphs).rows.join(pairs, on="document_key")
    rows = rows.with_columns(level_key("level").alias("classification_key")).sort(
        "document_key", "position"
    )
    return shaped(contract.VersionParagraph, rows.lazy())


def _pairs(version_index: pl.DataFrame) -> pl.DataFrame:
    """Give document_key, cable_key and `current` of the versions whose paragraphs differ."""
    current = version_index.filter(version_rank=1).select(
        "cable_key", pl.col("document_key").alias("current")
    )
    others = version_index.filter(
        (pl.col("version_rank") > 1) & ~pl.col("is_part") & ~pl.col("is_same_text")
    )
    return others.select("document_key", "cable_key").join(current, on="cable_key")


class _Compared:
    """Versions held against the current one of their telegram, paragraph by paragraph.

    Attributes:
        rows: paragraphs of versions that the current one does not have word by word: Paragraphs
            with current_position, redaction_count_current, difference.
        lacking: document_key and paragraphs_lacking.
        shares: document_key and shared_share.
    """

    def __init__(self, rows: pl.DataFrame, lacking: pl.DataFrame, shares: pl.DataFrame) -> None:
        self.rows, self.lacking, self.shares = rows, lacking, shares

    @classmethod
    def empty(cls) -> "_Compared":
        key: dict[str, pl.DataType | type[pl.DataType]] = {"document_key": pl.Int64}
        counts = dict.fromkeys(
            ("current_position", "redaction_count", "redaction_count_current"), pl.Int32
        )
        return cls(
            pl.DataFrame(schema={**key, **counts}),
            pl.DataFrame(schema=key | {"paragraphs_lacking": pl.List(pl.Int32)}),
            pl.DataFrame(schema=key | {"shared_share": pl.Float64}),
        )

    @classmethod
    def of(cls, pairs: pl.DataFrame, paragraphs: pl.LazyFrame) -> "_Compared":
        both = [_differing(some, paragraphs) for some in _batches(pairs, paragraphs)]
        shares = shared(
            pairs.select("document_key", document_key_leader="current"), paragraphs
        ).select("document_key", shared_share="share")
        return cls(pl.concat([rows for rows, _ in both]), pl.concat([x for _, x in both]), shares)


def _batches(pairs: pl.DataFrame, paragraphs: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Cut pairs into pieces whose texts fit into memory."""
    sizes = (
        among(paragraphs.select("document_key", "word_count"), pairs["document_key"])
        .group_by("document_key")
        .agg(pl.col("word_count").sum().alias("size"))
        .collect()
    )
    sized = pairs.join(sizes, on="document_key", how="left").sort("current", "document_key")
    batch = pl.col("size").fill_null(0).cum_sum() // _BATCH_WORDS
    for _, some in sized.with_columns(batch=batch).group_by("batch", maintain_order=True):
        yield some.select(pairs.columns)


def _differing(pairs: pl.DataFrame, paragraphs: pl.LazyFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the paragraphs that differ, and the positions that are lacking; see `_Compared`."""
    keys = pl.concat([pairs["document_key"], pairs["current"]])
    texts = among(paragraphs, keys).collect().sort("document_key", "position")
    own = texts.join(pairs.select("document_key"), on="document_key", how="semi")
    current = pairs.select("document_key", "current").join(
        texts.rename({"document_key": "current"}), on="current"
    )
    same = ["document_key", "text", "portion_marking"]
    own, current = (
        own.join(current, on=same, how="anti", nulls_equal=True, maintain_order="left"),
        current.join(own, on=same, how="anti", nulls_equal=True).sort("document_key", "position"),
    )
    matched = _matched(own, current)
    rows = own.join(matched, on=["document_key", "position"], how="left").with_columns(
        difference=_difference()
    )
    lacking = (
        current.join(
            matched,
            left_on=["document_key", "position"],
            right_on=["document_key", "current_position"],
            how="anti",
        )
        .group_by("document_key")
        .agg(pl.col("position").unique().sort().alias("paragraphs_lacking"))
    )
    return rows, lacking


def _matched(own: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """Find the paragraph of the current version that says the same, each at most once.

    By the whole text (`is_same_text`; then the markings differ); by words that both have; where
    that tells nothing, by the printed number, if names were removed from one of them. Out:
    document_key, position, current_position, redaction_count_current, own_share (of the paragraph
    in the current one's), current_share, is_same_text.
    """
    place = ["document_key", "position"]
    marked = _each_once(
        own.join(current, on=["document_key", "text"], suffix="_current")
        .rename({"position_current": "current_position"})
        .sort("document_key", "position", "current_position")
    ).select(
        *place,
        "current_position",
        own_share=pl.lit(1.0),
        current_share=pl.lit(1.0),
        is_same_text=pl.lit(value=True),
    )
    own = own.join(marked, on=place, how="anti")
    current_left = current.join(
        marked, left_on=place, right_on=["document_key", "current_position"], how="anti"
    )
    ours, theirs = (pieces_of(frame, place, TRIPLE) for frame in (own, current_left))
    sizes = [frame.group_by(place).agg(pl.len().alias("size")) for frame in (ours, theirs)]
    common = (
        ours.join(theirs, on=["document_key", "piece"], suffix="_current")
        .group_by("document_key", "position", "position_current")
        .agg(pl.len().alias("common"))
        .join(sizes[0], on=place)
        .join(
            sizes[1],
            left_on=["document_key", "position_current"],
            right_on=place,
            suffix="_current",
        )
        .rename({"position_current": "current_position"})
        .with_columns(
            own_share=pl.col("common") / pl.col("size"),
            current_share=pl.col("common") / pl.col("size_current"),
        )
        .filter(pl.max_horizontal("own_share", "current_share") >= ALIKE)
        .with_columns(apart=(pl.col("position") - pl.col("current_position")).abs())
        .sort(
            *("document_key", "common", "apart", "position", "current_position"),
            descending=[False, True, False, False, False],
        )
    )
    by_words = _each_once(common).select(*place, "current_position", "own_share", "current_share")
    left = own.join(by_words, on=place, how="anti")
    free = current_left.join(
        by_words, left_on=place, right_on=["document_key", "current_position"], how="anti"
    )
    by_number = (
        left.drop_nulls("number")
        .join(free.drop_nulls("number"), on=["document_key", "number"], suffix="_current")
        .filter((pl.col("redaction_count") > 0) | (pl.col("redaction_count_current") > 0))
        .rename({"position_current": "current_position"})
        .sort("document_key", "position", "current_position")
    )
    nothing = pl.lit(None, pl.Float64)
    numbered = _each_once(by_number).select(
        *place, "current_position", own_share=nothing, current_share=nothing
    )
    counts = current.select(
        "document_key",
        pl.col("position").alias("current_position"),
        pl.col("redaction_count").alias("redaction_count_current"),
    )
    found = pl.concat([marked, by_words, numbered], how="diagonal")
    return found.join(counts, on=["document_key", "current_position"])


def _each_once(matches: pl.DataFrame) -> pl.DataFrame:
    """Of matches in order, keep those in which neither paragraph stands in an earlier one."""
    first = matches.unique(["document_key", "position"], keep="first", maintain_order=True)
    return first.unique(["document_key", "current_position"], keep="first", maintain_order=True)


def _difference() -> pl.Expr:
    """How a paragraph differs from the current version's."""
    hidden, hidden_current = pl.col("redaction_count"), pl.col("redaction_count_current")
    own, current = pl.col("own_share"), pl.col("current_share")
    cases = [
        (pl.col("current_position").is_null(), "added"),
        (pl.col("is_same_text"), "marked"),
        (hidden > hidden_current, "hides"),
        (hidden < hidden_current, "shows"),
        ((own >= CONTAINED) & (current < CONTAINED), "shortened"),
        ((current >= CONTAINED) & (own < CONTAINED), "lengthened"),
    ]
    difference = pl.lit("reworded")
    for holds, name in reversed(cases):
        difference = pl.when(holds.fill_null(value=False)).then(pl.lit(name)).otherwise(difference)
    return difference
