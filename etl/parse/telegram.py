"""`parse`: one batch of documents → the frames of `etl.contracts.frames.PARSED`."""

from dataclasses import replace

import polars as pl

from etl.contracts import frames
from etl.parse import (
    attributes,
    heading,
    kinds,
    marking,
    names,
    opening,
    patterns,
    people,
    references,
)
from etl.parse import orders as eo
from etl.parse import paragraphs as body
from etl.parse.reading import Reading, read
from etl.parse.text import each_distinct, joined


def parse(documents: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Read a batch of documents.

    In: contract `Documents`; rows that were rejected (no body) are passed over.
    Out: one frame per name in `etl.contracts.frames.PARSED`, each as its contract says. Every
    readable document has one row in `headers`, and every one of its lines a row in `lines`.
    Never raises for what a document holds.
    """
    documents = documents.filter(pl.col("body_text").is_not_null())
    said = attributes.attributes(documents)
    own = read(documents)
    reading = replace(own, pieces=attributes.with_attributes(own.pieces, said))
    built = body.paragraphs(reading)
    built = marking.portion_caveats(built).with_columns(
        level=marking.portion_level(pl.col("portion").str.to_uppercase())
    )
    found = heading.headings(own, documents)
    classified = marking.classifications(reading)
    numbers = opening.message_reference_numbers(documents, classified, found)
    sent = numbers.select(
        "document_key",
        sent_year=pl.coalesce(
            pl.col("dtg_at").dt.year(), pl.col("created_at").dt.year(), pl.col("mrn_year")
        ),
    )
    orders = eo.executive_orders(reading, sent)
    classifiers = people.classifiers(reading, built, eo.reason_sections(numbers, orders))
    headers = _headers(documents, reading, built, found, classified, numbers, orders)
    caveats = marking.caveats(reading, documents, classified)
    parsed = {
        "lines": reading.lines,
        "headers": headers,
        "caveats": caveats,
        "reasons": _reasons(classifiers, orders),
        "addressees": heading.addressees(reading),
        "tags": opening.tags(reading),
        "references": references.references(
            reading,
            numbers.with_columns(mrn_year=pl.coalesce("mrn_year", sent["sent_year"])),
        ),
        "paragraphs": built,
        "people": _people(
            classifiers, people.signers(reading, built), people.drafting(reading, said)
        ),
        "attributes": said,
        "agreements": _agreements(documents, own, said, numbers, sent),
        "reviews": pl.concat(
            [
                _reviews(reading, found, numbers, orders),
                marking.stated_elsewhere(reading, headers.select("document_key", "level"), caveats),
            ]
        ),
    }
    return {
        name: parsed[name].select(
            pl.col(column).cast(dtype) for column, dtype in schema.create_empty().schema.items()
        )
        for name, schema in frames.PARSED.items()
    }


def _headers(
    documents: pl.DataFrame,
    reading: Reading,
    built: pl.DataFrame,
    found: pl.DataFrame,
    classified: pl.DataFrame,
    numbers: pl.DataFrame,
    orders: pl.DataFrame,
) -> pl.DataFrame:
    """Put together what a telegram says once: contract `Headers`."""
    counts = built.group_by("document_key").agg(
        paragraph_count=pl.len(),
        word_count=pl.col("word_count").sum(),
        redactions=pl.col("redaction_count").sum(),
    )
    lines = reading.lines.group_by("document_key").agg(
        line_count=pl.len(),
        unrecognised_line_count=(pl.col("kind") == "unrecognised").sum(),
        says_partial=pl.col("clean")
        .str.starts_with("This record is a partial extract of the original cable")
        .any(),
    )
    frame = documents.select("document_key", "published_classification", "published_subject")
    for part in (
        numbers,
        found.drop("dtg_at"),
        classified.drop("line_post", "line_serial"),
        orders,
        opening.slugs(reading),
        opening.subjects(reading),
        marking.lone_sections(reading),
        kinds.summaries(built),
        counts,
        lines,
    ):
        frame = frame.join(part, on="document_key", how="left", maintain_order="left")
    published = marking.published_level(pl.col("published_classification"))
    return frame.with_columns(
        sent_at=pl.coalesce("dtg_at", "created_at"),
        sent_at_source=pl.when(pl.col("dtg_at").is_not_null())
        .then(pl.lit("date_time_group"))
        .when(pl.col("created_at").is_not_null())
        .then(pl.lit("created")),
        level=pl.coalesce("own_level", published),
        published_level=published,
        is_partial_extract=pl.col("says_partial").fill_null(False),
        redaction_count=pl.col("redactions").fill_null(0)
        + pl.col("subject").str.count_matches(patterns.REDACTION).fill_null(0),
        subject=pl.coalesce("subject", "published_subject"),
        **{
            name: pl.col(name).fill_null(0)
            for name in ("paragraph_count", "word_count", "line_count", "unrecognised_line_count")
        },
    )


def _reasons(classifiers: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """One row per reason: contract `Reasons`."""
    return (
        classifiers.select("document_key", reason="reasons")
        .explode("reason")
        .filter(pl.col("reason").is_not_null())
        .unique(["document_key", "reason"], keep="first", maintain_order=True)
        .join(
            orders.select("document_key", "executive_order"),
            on="document_key",
            how="left",
            maintain_order="left",
        )
        .with_columns(position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key"))
    )


def _people(
    classifiers: pl.DataFrame, signers: pl.DataFrame, drafting: pl.DataFrame
) -> pl.DataFrame:
    """One row per person and role: contract `People`."""
    named = (
        classifiers.select("document_key", "people")
        .explode("people")
        .filter(pl.col("people").is_not_null())
    )
    named = each_distinct(
        named.unnest("people"), ["full_name"], names.surname_of, "surname", pl.String
    ).select(
        "document_key",
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key").alias("position"),
        pl.lit("classifier").alias("role"),
        "full_name",
        "surname",
        "title",
    )
    signed = signers.select(
        "document_key",
        "position",
        pl.lit("signer").alias("role"),
        "full_name",
        "surname",
        pl.lit(None, dtype=pl.String).alias("title"),
    )
    drafted = each_distinct(drafting, ["full_name"], names.surname_of, "surname", pl.String).select(
        "document_key",
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32)
        .over("document_key", "role")
        .alias("position"),
        "role",
        "full_name",
        "surname",
        "title",
    )
    return pl.concat([named, signed, drafted])


def _agreements(
    documents: pl.DataFrame,
    own: Reading,
    said: pl.DataFrame,
    numbers: pl.DataFrame,
    sent: pl.DataFrame,
) -> pl.DataFrame:
    """Compare body and attributes of the archive's documents: contract `Agreements`."""
    archived = said.select("document_key").unique(maintain_order=True)
    if archived.is_empty():
        return frames.Agreements.create_empty()
    pieces = own.pieces.join(archived, on="document_key", how="semi")
    body = replace(own, pieces=pieces)
    typed = replace(own, pieces=attributes.attribute_pieces(said, pieces))
    in_archive = numbers.join(archived, on="document_key", how="semi")
    classified = marking.classifications(body).join(archived, on="document_key", how="semi")
    published = documents.join(archived, on="document_key", how="semi")
    level = marking.published_level(pl.col("published_classification"))
    of_body = _said(body, in_archive, sent) | {
        "mrn": in_archive.select("document_key", value="line_canonical"),
        "sent_at": in_archive.select("document_key", value=pl.col("dtg_at").dt.date()),
        "classification": classified.select("document_key", value="own_level"),
    }
    of_attributes = _said(typed, in_archive, sent) | {
        "mrn": attributes.attribute_mrns(said),
        "sent_at": in_archive.select("document_key", value=pl.col("created_at").dt.date()),
        "classification": published.select("document_key", value=level),
    }
    return attributes.agreements(
        said,
        {
            name: frame.with_columns(pl.col("value").cast(pl.String))
            for name, frame in of_body.items()
        },
        {
            name: frame.with_columns(pl.col("value").cast(pl.String))
            for name, frame in of_attributes.items()
        },
    )


def _said(reading: Reading, numbers: pl.DataFrame, sent: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Give what the pieces say, as one text per document and field."""
    years = numbers.with_columns(mrn_year=pl.coalesce("mrn_year", pl.col("created_at").dt.year()))

    def listed(frame: pl.DataFrame, column: str) -> pl.DataFrame:
        # In no order: indexers put persons last.
        return (
            frame.filter(pl.col(column).is_not_null())
            .sort("document_key", column)
            .group_by("document_key", maintain_order=True)
            .agg(value=joined(pl.col(column), ", "))
        )

    action = heading.addressees(reading).filter((pl.col("role") == "action") & ~pl.col("is_exempt"))
    # SECSTATE WASHDC and STATE are one addressee; a name that is no post counts as printed.
    action = action.with_columns(name=pl.coalesce("post_code", "name"))
    return {
        "subject": opening.subjects(reading).select("document_key", value="subject"),
        "tags": listed(opening.tags(reading), "tag"),
        "from": each_distinct(
            heading.originators(reading),
            ["originator"],
            attributes.named_post,
            "post",
            pl.String,
        ).select("document_key", value="post"),
        "action_addressees": listed(action, "name"),
        "executive_order": eo.executive_orders(reading, sent).select(
            "document_key", value="executive_order"
        ),
        "references": listed(references.references(reading, years), "referenced_mrn"),
    }


def _reviews(
    reading: Reading, found: pl.DataFrame, numbers: pl.DataFrame, orders: pl.DataFrame
) -> pl.DataFrame:
    """What the documents say and nobody could read or place: contract `Reviews`."""

    def review(
        frame: pl.DataFrame, field: str, raw: pl.Expr, reason: str | pl.Expr
    ) -> pl.DataFrame:
        return frame.select(
            "document_key",
            pl.lit(field).alias("field"),
            raw.cast(pl.String).alias("raw_text"),
            (pl.lit(reason) if isinstance(reason, str) else reason).alias("reason"),
        )

    return pl.concat(
        [
            review(
                reading.lines.filter(pl.col("kind") == "unrecognised"),
                "line",
                pl.col("clean"),
                "the line belongs to no known part of a telegram",
            ),
            review(
                found.filter(pl.col("dtg_at").is_null() & pl.col("date_time_group").is_not_null()),
                "date_time_group",
                pl.col("date_time_group"),
                "the date-time group names no moment",
            ),
            review(
                numbers.filter(pl.col("mrn").is_null()),
                "mrn",
                pl.lit(""),
                "no message reference number on page or classification line",
            ),
            review(
                numbers.filter(pl.col("contradicting").is_not_null()),
                "mrn",
                pl.col("contradicting"),
                pl.format(
                    "the page is {}, its text is another telegram: {}",
                    "printed_mrn",
                    "contradicting",
                ),
            ),
            review(
                orders.filter(
                    pl.col("executive_order").is_null()
                    & pl.col("executive_order_printed").is_not_null()
                ),
                "executive_order",
                pl.col("executive_order_printed"),
                "no executive order has this number or one near it",
            ),
        ]
    )
