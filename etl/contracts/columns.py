"""Kinds of column that the warehouse's tables are made of, each saying where its values come from.

A column's `description` becomes its COMMENT in the database and its line in the data dictionary,
`metadata["source"]` the raw element there, `metadata["references"]` the table that a foreign key
points into, `metadata["compression"]` DuckDB's compression where the default choice is not ours.

Not here: which table has which column (`dimensions`, `facts`, `views`).
"""

from collections.abc import Sequence

import dataframely as dy
import polars as pl

JOB = "made by the job"
"""Source of what no document says: keys, counts, outcomes."""

LEVEL_RANKS = {
    "UNCLASSIFIED": 0,
    "LIMITED OFFICIAL USE": 1,
    "CONFIDENTIAL": 2,
    "SECRET": 3,
    "TOP SECRET": 4,
}
"""Classification levels and their keys: the rank is the key."""


def own_key(description: str) -> dy.Int64:
    """Primary key of a dimension or of fact_cable; -1 is the Unknown member."""
    return dy.Int64(primary_key=True, min=-1, description=description, metadata={"source": JOB})


def foreign_key(
    table: str, description: str, source: str = JOB, *, primary_key: bool = False
) -> dy.Int64:
    """Key of a member of `table`; -1 where the document does not say, never null."""
    return dy.Int64(
        primary_key=primary_key,
        min=-1,
        description=description,
        metadata={"source": source, "references": table},
    )


def date_key(description: str, source: str) -> dy.Int32:
    """Key of a day, yyyymmdd; -1 where there is none."""
    return dy.Int32(
        min=-1, description=description, metadata={"source": source, "references": "dim_date"}
    )


def level_key(description: str, source: str) -> dy.Int16:
    """Key of a classification level, 0 … 4; -1 where there is none."""
    return dy.Int16(
        min=-1,
        max=4,
        description=description,
        metadata={"source": source, "references": "dim_classification"},
    )


def text(
    description: str, source: str, *, nullable: bool = True, compression: str | None = None
) -> dy.String:
    """Text as the document or reference table has it; null where it does not say."""
    metadata = {"source": source}
    if compression:
        metadata["compression"] = compression
    return dy.String(nullable=nullable, description=description, metadata=metadata)


def one_of(
    values: Sequence[str], description: str, source: str, *, nullable: bool = False
) -> dy.String:
    """Text that may hold only the given words."""
    words = list(values)

    def known_word(column: pl.Expr) -> pl.Expr:
        return column.is_in(words)

    return dy.String(
        nullable=nullable,
        check=known_word,
        description=description,
        metadata={"source": source},
    )


def count(description: str, source: str = JOB) -> dy.Int32:
    """Count of something, 0 where there is none."""
    return dy.Int32(min=0, description=description, metadata={"source": source})


def position(description: str, source: str, *, primary_key: bool = False) -> dy.Int32:
    """Place in the document's own order, from 1."""
    return dy.Int32(
        primary_key=primary_key, min=1, description=description, metadata={"source": source}
    )


def number(description: str, source: str) -> dy.Int32:
    """Whole number as printed; null where none is printed."""
    return dy.Int32(nullable=True, description=description, metadata={"source": source})


def small(description: str, source: str = JOB) -> dy.Int16:
    """Small whole number: part of a date, number of sections; null where there is none."""
    return dy.Int16(nullable=True, description=description, metadata={"source": source})


def flag(description: str, source: str = JOB) -> dy.Bool:
    """True or false, never null."""
    return dy.Bool(description=description, metadata={"source": source})


def time(description: str, source: str, *, nullable: bool = True) -> dy.Datetime:
    """Point in time, UTC without zone."""
    return dy.Datetime(
        nullable=nullable, time_unit="us", description=description, metadata={"source": source}
    )


def day(description: str, source: str) -> dy.Date:
    """Calendar day; null where there is none."""
    return dy.Date(nullable=True, description=description, metadata={"source": source})


def degrees(limit: float, description: str, source: str) -> dy.Float64:
    """Latitude or longitude in degrees, north and east positive."""
    return dy.Float64(
        nullable=True, min=-limit, max=limit, description=description, metadata={"source": source}
    )


def spans(description: str, source: str) -> dy.List:
    """List of places in a text (characters before each, characters in it), empty where none."""
    one = dy.Struct({"start": dy.Int32(), "length": dy.Int32()})
    return dy.List(one, description=description, metadata={"source": source})


def share(description: str) -> dy.Float64:
    """Part of a whole, 0 to 1."""
    return dy.Float64(min=0, max=1, description=description, metadata={"source": JOB})


def words(description: str, source: str) -> dy.List:
    """List of text, empty where there is none."""
    return dy.List(dy.String(), description=description, metadata={"source": source})
