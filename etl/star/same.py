"""Is it the same telegram? Words that two texts share, and what their headers say of each other.

Two documents under one MRN are compared before one of them is dropped: a number was given twice,
mistyped or read wrongly now and then. `telegrams` finds which documents of one number hold one
telegram, `shared` measures how much of the shorter of two texts stands in the longer one.
"""

import polars as pl

from etl.keys import among
from etl.parse.patterns import REDACTION

SAME_SHARE = 0.5
"""From this share of the shorter text on, two texts are one telegram whatever their headers say:
a redacted, corrected, shortened or badly scanned copy keeps more. Of the pairs of 62 telegrams of
the release 99 % share less than 3 %, the two that are most alike (a report and the next) 31 %."""

LIKE_SHARE = 0.2
"""From this share on they are one telegram if their headers agree."""

TELLING_WORDS = 8
"""A text of fewer words tells nothing by itself: the headers decide."""

MOST_HOURS_APART = 36
"""Headers contradict each other when they were sent longer apart and on different subjects."""

MOST_TELEGRAMS = 100
"""Telegrams told apart under one number; what is like none of them stands by itself."""

TRIPLE = 3
"""Words in a row that tell a text from others."""

_BATCH_WORDS = 4_000_000
"""Words whose triples are in memory at once: some 0.3 GB."""


def telegrams(candidates: pl.DataFrame, paragraphs: pl.LazyFrame) -> pl.DataFrame:
    """Tell the telegrams under one number apart: document_key and `leader`, a document's key.

    `candidates` has the documents of numbers with more than one, best first within each number:
    document_key, number, sha256, lead_key (of sections put together, else its own), subject,
    sent_at, date_time_group, is_partial_extract, word_count.

    The first document of a number leads a telegram; all that are the same as it belong to it. The
    first of those that remain leads the next one, and so on. That does not depend on the order in
    which documents came, and never joins two telegrams over a third document that is like both.

    The same as the leader is a document

    - with its bytes, or a section that was put together with it;
    - with half of the shorter text's word triples (`SAME_SHARE`) in the longer one;
    - with a fifth of them (`LIKE_SHARE`), if date-time group or subject are the same;
    - with less, where one is a partial extract or of a few words only, if date-time group or
      subject are the same and nothing else contradicts;
    - without any text, unless both subject and time contradict.

    In doubt they are two: both are kept then, and nothing is hidden.
    """
    open_ = candidates.with_row_index("order")
    found: list[pl.DataFrame] = []
    for _ in range(MOST_TELEGRAMS):
        if open_.is_empty():
            break
        leaders = open_.unique("number", keep="first", maintain_order=True)
        pairs = open_.join(leaders, on="number", suffix="_leader").sort("order")
        pairs = pairs.with_columns(is_same=_certain())
        unsure = pairs.filter(~pl.col("is_same"))
        if not unsure.is_empty():
            unsure = unsure.join(
                shared(unsure.select("document_key", "document_key_leader"), paragraphs),
                on=["document_key", "document_key_leader"],
                how="left",
            )
            alike = unsure.filter(_alike()).select("document_key")
            pairs = pairs.with_columns(
                is_same=pl.col("is_same")
                | pl.col("document_key").is_in(alike["document_key"].implode())
            )
        same = pairs.filter("is_same").select("document_key", leader="document_key_leader")
        found.append(same)
        open_ = open_.join(same, on="document_key", how="anti", maintain_order="left")
    found.append(open_.select("document_key", leader="document_key"))
    return pl.concat(found)


def _certain() -> pl.Expr:
    """Whether the document is the leader, has its bytes, or is a section of it."""
    return (
        (pl.col("document_key") == pl.col("document_key_leader"))
        | (pl.col("sha256") == pl.col("sha256_leader"))
        | (pl.col("lead_key") == pl.col("lead_key_leader"))
    )


def _alike() -> pl.Expr:
    """Whether share and headers make two documents one telegram; see `telegrams`."""
    subject, other = _words("subject"), _words("subject_leader")
    common = subject.list.set_intersection(other).list.len()
    fewer = pl.min_horizontal(subject.list.len(), other.list.len())
    other_subject = (2 * common < fewer).fill_null(value=False)
    apart = (pl.col("sent_at") - pl.col("sent_at_leader")).dt.total_hours().abs()
    other_time = (apart > MOST_HOURS_APART).fill_null(value=False)
    same_group = _letters("date_time_group") == _letters("date_time_group_leader")
    same_subject = _letters("subject") == _letters("subject_leader")
    agrees = same_group.fill_null(value=False) | same_subject.fill_null(value=False)
    fewest = pl.min_horizontal("word_count", "word_count_leader")
    says_little = (
        (fewest < TELLING_WORDS)
        | pl.col("is_partial_extract")
        | pl.col("is_partial_extract_leader")
    )
    return (
        pl.when(fewest == 0)
        .then(~(other_subject & other_time))
        .when(pl.col("share") >= SAME_SHARE)
        .then(pl.lit(value=True))
        .when(pl.col("share") >= LIKE_SHARE)
        .then(agrees)
        .otherwise(says_little & agrees & ~(other_subject | other_time))
    )


def _letters(column: str) -> pl.Expr:
    """Letters and digits of a text, in capitals; null where there are none."""
    letters = pl.col(column).str.to_uppercase().str.replace_all(r"[^A-Z0-9]+", "")
    return pl.when(letters != "").then(letters)


def _words(column: str) -> pl.Expr:
    return pl.col(column).str.to_uppercase().str.extract_all(r"[A-Z0-9]+").list.unique()


def shared(pairs: pl.DataFrame, paragraphs: pl.LazyFrame) -> pl.DataFrame:
    """Add `share` to pairs of documents: how much of the shorter text stands in the longer, 0 … 1.

    `pairs` has document_key and document_key_leader, `paragraphs` the contract Paragraphs. Counted
    are distinct triples of words, without case and punctuation; words where fewer than
    `TELLING_WORDS` stand. A removed name ends a triple, so it counts for nothing. Null where one
    has no text.
    """
    keys = pl.concat([pairs["document_key"], pairs["document_key_leader"]]).unique()
    texts = (
        among(paragraphs, keys)
        .select("document_key", "position", "word_count", pl.col("text").hash())
        .collect(engine="streaming")  # the texts of all of them do not fit into memory
        .sort("document_key", "position")
        .group_by("document_key", maintain_order=True)
        .agg("text", words=pl.col("word_count").sum())
    )
    known = pairs.join(texts, on="document_key", how="left").join(
        texts, left_on="document_key_leader", right_on="document_key", how="left", suffix="_leader"
    )
    # Most documents of one number hold one text, letter by letter.
    is_same = (pl.col("words") >= TELLING_WORDS) & (pl.col("text") == pl.col("text_leader"))
    known = known.with_columns(share=pl.when(is_same).then(pl.lit(1.0)))
    batches = (
        known.filter(pl.col("share").is_null())
        .sort("document_key_leader", "document_key")
        .with_columns(batch=pl.col("words").fill_null(0).cum_sum() // _BATCH_WORDS)
    )
    found = [
        _shared(batch.select("document_key", "document_key_leader"), paragraphs)
        for _, batch in batches.group_by("batch", maintain_order=True)
    ]
    names = [*pairs.columns, "share"]
    return pl.concat([known.filter(pl.col("share").is_not_null()).select(names), *found])


def _shared(pairs: pl.DataFrame, paragraphs: pl.LazyFrame) -> pl.DataFrame:
    keys = pl.concat([pairs["document_key"], pairs["document_key_leader"]]).unique()
    texts = (
        among(paragraphs, keys)
        .select("document_key", "position", "text", "word_count")
        .collect()
        .sort("document_key", "position")
    )
    words = texts.group_by("document_key").agg(pl.col("word_count").sum().alias("words"))
    known = pairs.join(words, on="document_key").join(
        words, left_on="document_key_leader", right_on="document_key", suffix="_2"
    )
    is_short = pl.min_horizontal("words", "words_2") < TELLING_WORDS
    found = [
        overlap(
            known.filter(which).select("document_key", "document_key_leader"),
            pieces_of(texts, ["document_key"], size),
            "document_key",
            "document_key_leader",
        )
        for which, size in ((is_short, 1), (~is_short, TRIPLE))
    ]
    return pairs.join(pl.concat(found), on=["document_key", "document_key_leader"], how="left")


def overlap(pairs: pl.DataFrame, pieces: pl.DataFrame, one: str, other: str) -> pl.DataFrame:
    """Add `share` to pairs of texts: the common pieces over those of the text with fewer.

    `pieces` has the key `one` and `piece`; `other` is that key under another name in `pairs`.
    """
    lengths = pieces.group_by(one).agg(pl.len().alias("length"))
    common = (
        pairs.join(pieces, on=one)
        .join(pieces, left_on=[other, "piece"], right_on=[one, "piece"])
        .group_by(one, other)
        .agg(pl.len().alias("common"))
    )
    return (
        pairs.join(common, on=[one, other], how="left")
        .join(lengths, on=one, how="left")
        .join(lengths, left_on=other, right_on=one, how="left", suffix="_2")
        .select(
            one,
            other,
            share=pl.col("common").fill_null(0) / pl.min_horizontal("length", "length_2"),
        )
    )


def pieces_of(texts: pl.DataFrame, keys: list[str], size: int) -> pl.DataFrame:
    """Give the distinct runs of `size` words of texts, without case and punctuation: `piece`.

    `texts` has the keys and `text`, the rows of one key in order and beside each other. Pieces are
    hashes that hold within one process only. A removed name is in no piece.
    """
    removed = "\x00"
    words = (
        texts.select(
            *keys,
            pl.col("text")
            .str.replace_all(REDACTION, f" {removed} ")
            .str.to_uppercase()
            .str.extract_all(r"[\p{L}\p{N}]+|\x00")
            .alias("word"),
        )
        .explode("word")
        .drop_nulls("word")
        .with_columns(hash=pl.when(pl.col("word") != removed).then(pl.col("word").hash()))
    )
    last = size - 1
    within = pl.all_horizontal(pl.col(key) == pl.col(key).shift(-last) for key in keys)
    piece = pl.lit(0, pl.UInt64)
    for n in range(size):  # wraps around, as it should
        piece = piece * 1_000_003 + pl.col("hash").shift(-n)
    return words.select(*keys, piece=pl.when(within).then(piece)).drop_nulls("piece").unique()
