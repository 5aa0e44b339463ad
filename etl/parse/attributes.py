"""Message Attributes of the 1973-79 archive: kept, used as a fallback, compared with the body.

The archive's attributes were typed in by indexers; what the telegram says itself wins. They are
turned into pieces of the same fields, so that one set of rules reads both.
"""

import re

import polars as pl

from etl.conform.mrn import canonical_mrn
from etl.conform.posts import addressed_post, canonical_post, codes
from etl.parse.text import each_distinct

FIELD_OF_ATTRIBUTE = {
    "TAGS": ("tags", "TAGS: "),
    "Subject": ("subject", "SUBJECT: "),
    "Reference": ("reference", "REF: "),
    "Executive Order": ("executive_order", "E.O. "),
    "To": ("to", "TO "),
    "From": ("originator", "FM "),
}
"""Attributes that say what a line of the opening or heading says."""

LAST_BLOCK = 1_000_000
"""Attributes come behind every block of the body."""


def attributes(documents: pl.DataFrame) -> pl.DataFrame:
    """Give the attributes of a batch: contract `Attributes`."""
    return (
        documents.filter(pl.col("attributes").list.len() > 0)
        .select("document_key", "attributes")
        .explode("attributes")
        .with_columns(
            position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key"),
            name=pl.col("attributes").struct.field("name"),
            value=pl.col("attributes").struct.field("value"),
        )
        .select("document_key", "position", "name", "value")
    )


def attribute_pieces(said: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Give what the attributes say as pieces of the fields they stand for.

    In: `attributes`; out: shape of `etl.parse.labels.pieces`, rows numbered behind all others.
    """
    fields = pl.DataFrame(
        {
            "name": list(FIELD_OF_ATTRIBUTE),
            "field": [field for field, _ in FIELD_OF_ATTRIBUTE.values()],
            "label_text": [label for _, label in FIELD_OF_ATTRIBUTE.values()],
        }
    )
    found = (
        said.filter(pl.col("value").is_not_null())
        .join(fields, on="name", how="inner", maintain_order="left")
        # Only an order has a number; GS, N/A and X1 alone name none.
        .filter((pl.col("field") != "executive_order") | pl.col("value").str.contains(r"\d{5}"))
        # Addressees stand one behind the other; every other value is one piece.
        .with_columns(
            value=pl.when(pl.col("field") == "to")
            .then(pl.col("value").str.replace_all(r"\s*[;,\n]\s*", "\n").str.split("\n"))
            .otherwise(pl.concat_list("value"))
        )
        .explode("value")
        .filter(pl.col("value") != "")
    )
    shape = pieces.schema
    return found.select(
        (pl.lit(2**31, dtype=pl.Int64) + pl.int_range(pl.len())).cast(shape["row"]).alias("row"),
        pl.lit(0).cast(shape["piece"]).alias("piece"),
        "document_key",
        pl.lit("header").alias("part"),
        clean=pl.col("label_text") + pl.col("value"),
        field="field",
        label="field",
        block=pl.lit(LAST_BLOCK).cast(shape["block"]),
        after_gap=pl.lit(True),
    ).select(list(shape))


def with_attributes(pieces: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Add to the pieces of the body those of the attributes, for fields that the body lacks."""
    if said.height == 0:
        return pieces
    extra = attribute_pieces(said, pieces)
    spoken = pieces.select("document_key", "field").unique()
    return pl.concat([pieces, extra.join(spoken, on=["document_key", "field"], how="anti")])


def agreements(
    said: pl.DataFrame, body: dict[str, pl.DataFrame], attribute: dict[str, pl.DataFrame]
) -> pl.DataFrame:
    """Compare what body and attributes say: contract `Agreements`.

    `body` and `attribute` hold, per field, a frame of document_key and value (text), read from
    the one and the other alone. Values are compared by their letters and digits.
    """
    archived = said.select("document_key").unique(maintain_order=True)
    compared: list[pl.DataFrame] = []
    for field, values in body.items():
        both = archived.join(
            values.select("document_key", body_value="value"),
            on="document_key", how="left", maintain_order="left",
        ).join(
            attribute[field].select("document_key", attribute_value="value"),
            on="document_key", how="left", maintain_order="left",
        )  # fmt: skip
        compared.append(both.with_columns(field=pl.lit(field)))
    letters = [
        pl.col(name).str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
        for name in ("body_value", "attribute_value")
    ]
    return (
        pl.concat(compared)
        .filter(pl.col("body_value").is_not_null() | pl.col("attribute_value").is_not_null())
        .with_columns(
            agreement=pl.when(pl.col("attribute_value").is_null())
            .then(pl.lit("body_only"))
            .when(pl.col("body_value").is_null())
            .then(pl.lit("attribute_only"))
            .when(letters[0] == letters[1])
            .then(pl.lit("agree"))
            .otherwise(pl.lit("differ"))
        )
        .sort("document_key", "field")
    )


def named_post(printed: str) -> str | None:
    """Give the post of a From attribute or FM line: `PHNOM PENH`, `AMEMBASSY OSLO`, `STATE`."""
    found = addressed_post(printed)
    if found:
        return found
    code = canonical_post(re.sub(r"\([^()]*\)", "", printed), 1975)
    return code if code in codes() else None


def attribute_mrns(said: pl.DataFrame) -> pl.DataFrame:
    """Give document_key and value: the canonical MRN of the Document Number."""

    def canonical(printed: str) -> str | None:
        found = canonical_mrn(printed)
        return found.text if found else None

    numbered = said.filter((pl.col("name") == "Document Number") & pl.col("value").is_not_null())
    return each_distinct(numbered, ["value"], canonical, "mrn", pl.String).select(
        "document_key", value="mrn"
    )
