"""Telegrams with nearly the same text under different numbers: sent twice, sent on, typed from one.

`near_duplicate` groups them by MinHash (the library rensa): signatures of word triples, of which
two texts share as large a part as of their triples. To make signatures of a quarter of a million
texts would take longer than parsing a tenth of them, so only those are hashed of whose sentences
many stand in another telegram, too (`warehouse/views/cable_sketch.sql`).

The groups depend on the texts alone, not on the order in which telegrams came.

Not here: documents of one telegram (`etl.star.versions`).
"""

import duckdb
import polars as pl

from etl.published import Arrow

ALIKE = 0.7
"""Share of common word triples from which two texts are nearly the same: one word in twelve may
differ."""

SKETCH_SHARE = 0.5
"""Share of a telegram's sketch that other telegrams have, too, from which it is hashed."""

FEWEST_TRIPLES = 20
"""A shorter text is not compared: `Embassy has no objection.` is sent by everybody."""

PERMUTATIONS = 128
_SEED = 1973
_BAND = 4
_MOST_COMPARED = 500
"""Signatures of one band that are all compared with each other; of more, each with the first."""

_CANDIDATES = f"""
    WITH sketch AS (SELECT cable_key, unnest(sketch) AS hash FROM cable_sketch),
    common AS (SELECT hash FROM sketch GROUP BY hash HAVING count(*) > 1),
    candidate AS (
        SELECT cable_key
        FROM sketch LEFT JOIN common USING (hash)
        GROUP BY cable_key
        HAVING count(common.hash) >= {SKETCH_SHARE} * count(*)
    )
    SELECT cable_key, mrn, sent_at, string_agg(text, ' ' ORDER BY position) AS text
    FROM candidate JOIN fact_cable USING (cable_key) JOIN fact_paragraph USING (cable_key)
    GROUP BY ALL
    ORDER BY cable_key
"""


def make_near_duplicate(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `near_duplicate` in the current database, from its telegrams and sketches."""
    found = groups(pl.DataFrame(Arrow(connection.sql(_CANDIDATES))))
    connection.register("incoming", Arrow(found))
    try:
        connection.execute("CREATE OR REPLACE TABLE near_duplicate AS FROM incoming")
    finally:
        connection.unregister("incoming")


def groups(telegrams: pl.DataFrame) -> pl.DataFrame:
    """Group telegrams by their texts: rows of the contract NearDuplicate.

    `telegrams` has cable_key, mrn, sent_at and text. Two are in one group if their texts are alike,
    or over others that are. The first of a group is the one that was sent first.
    """
    types = {
        "cable_key": pl.Int64,
        "first_cable_key": pl.Int64,
        "group_size": pl.Int32,
        "similarity": pl.Float64,
    }
    signed = _signatures(telegrams)
    if signed.height < 2:
        return pl.DataFrame(schema=types)
    labels = _components(_alike(signed))
    grouped = (
        labels.join(telegrams.select("cable_key", "mrn", "sent_at"), on="cable_key")
        .sort("label", "sent_at", "mrn", nulls_last=True)
        .with_columns(
            first_cable_key=pl.col("cable_key").first().over("label"),
            group_size=pl.len().over("label"),
        )
        .join(signed, on="cable_key")
        .join(signed, left_on="first_cable_key", right_on="cable_key", suffix="_first")
        .with_columns(similarity=_similarity("signature", "signature_first"))
        .sort("cable_key")
    )
    return grouped.select(pl.col(name).cast(dtype) for name, dtype in types.items())


def _signatures(telegrams: pl.DataFrame) -> pl.DataFrame:
    """Give cable_key and signature (list of `PERMUTATIONS` numbers) of the texts long enough."""
    from rensa import RMinHash  # imported late: `cables query` needs none

    words = (
        telegrams.select(
            "cable_key",
            word=pl.col("text").str.to_uppercase().str.extract_all(r"[\p{L}\p{N}]+"),
        )
        .explode("word")
        .drop_nulls()
    )
    within = pl.col("cable_key") == pl.col("cable_key").shift(-2)
    triple = pl.concat_str(pl.col("word").shift(-n) for n in range(3))
    triples = (
        words.select("cable_key", triple=pl.when(within).then(triple))
        .drop_nulls()
        .group_by("cable_key", maintain_order=True)
        .agg(pl.col("triple").unique(maintain_order=True))
        .filter(pl.col("triple").list.len() >= FEWEST_TRIPLES)
    )
    hashed = RMinHash.from_token_sets(
        triples["triple"].to_list(), num_perm=PERMUTATIONS, seed=_SEED
    )
    signatures = pl.Series("signature", [one.digest() for one in hashed], pl.List(pl.UInt32))
    return triples.select("cable_key").with_columns(signatures)


def _similarity(one: str, other: str) -> pl.Expr:
    """Share of the places at which two signatures are equal: near the share of common triples."""
    apart = pl.col(one).list.to_array(PERMUTATIONS) - pl.col(other).list.to_array(PERMUTATIONS)
    return apart.arr.to_list().list.count_matches(0) / PERMUTATIONS


def _alike(signed: pl.DataFrame) -> pl.DataFrame:
    """Give pairs of telegrams (one, other) with nearly the same text.

    Compared are those that have a band of the signature in common, which of two texts that are
    alike one band in four is.
    """
    distinct = signed.unique("signature", keep="first", maintain_order=True)
    same = signed.join(distinct, on="signature", suffix="_other").select(
        one="cable_key_other", other="cable_key"
    )
    bands = (
        distinct.with_columns(place=pl.int_ranges(PERMUTATIONS))
        .explode("signature", "place")
        .group_by("cable_key", pl.col("place") // _BAND, maintain_order=True)
        .agg("signature")
        .rename({"signature": "band"})
        .filter(pl.len().over("place", "band") > 1)
        .with_columns(
            first=pl.col("cable_key").min().over("place", "band"),
            size=pl.len().over("place", "band"),
        )
    )
    few = bands.filter(pl.col("size") <= _MOST_COMPARED)
    pairs = pl.concat(
        [
            few.join(few, on=["place", "band"], suffix="_other")
            .filter(pl.col("cable_key") < pl.col("cable_key_other"))
            .select(one="cable_key", other="cable_key_other"),
            bands.select(one="first", other="cable_key"),
        ]
    ).unique()
    near = (
        pairs.filter(pl.col("one") != pl.col("other"))
        .join(distinct, left_on="one", right_on="cable_key")
        .join(distinct, left_on="other", right_on="cable_key", suffix="_other")
        .filter(_similarity("signature", "signature_other") >= ALIKE)
        .select("one", "other")
    )
    return pl.concat([same.filter(pl.col("one") != pl.col("other")), near])


def _components(pairs: pl.DataFrame) -> pl.DataFrame:
    """Give cable_key and label (smallest key that it is connected to) of all in the pairs."""
    both = pl.concat([pairs, pairs.select(one="other", other="one")])
    labels = both.select(cable_key="one", label="one").unique()
    while True:
        reached = (
            both.join(labels, left_on="other", right_on="cable_key")
            .group_by("one")
            .agg(pl.col("label").min().alias("near"))
        )
        again = labels.join(reached, left_on="cable_key", right_on="one").select(
            "cable_key", label=pl.min_horizontal("label", "near")
        )
        if again["label"].sum() == labels["label"].sum():
            return labels
        labels = again
