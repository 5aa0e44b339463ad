"""Steps that dimensions, facts and bridges share.

Not here: what a table holds (`etl.contracts.tables`), how keys are made (`etl.keys`).
"""

from collections.abc import Sequence
from datetime import date

import dataframely as dy
import polars as pl

from etl.contracts.columns import LEVEL_RANKS
from etl.keys import UNKNOWN_KEY, with_key


def of_current(frame: pl.LazyFrame, version_index: pl.DataFrame) -> pl.LazyFrame:
    """Keep the rows of the documents that telegrams are loaded from, and add their cable_key.

    `frame` is keyed by document_key (`etl.contracts.frames`), `version_index` is a VersionIndex.
    The order of `frame` stays.
    """
    current = version_index.filter(version_rank=1).select("document_key", "cable_key").lazy()
    return frame.join(current, on="document_key", how="inner", maintain_order="left")


def keyed(frame: pl.LazyFrame, key: str, natural_key: Sequence[str]) -> pl.LazyFrame:
    """Add the surrogate key `key` made from the columns `natural_key`; all null gives -1.

    Lazy but for the distinct natural keys, which are hashed here and joined back: members are few
    where rows are many.
    """
    columns = list(natural_key)
    members = with_key(frame.select(columns).unique().collect(), key, columns)
    return frame.join(
        members.lazy(), on=columns, how="left", nulls_equal=True, maintain_order="left"
    )


def level_key(level: str) -> pl.Expr:
    """Key of the classification level in the column `level`; -1 where it is null."""
    return pl.col(level).replace_strict(LEVEL_RANKS, default=UNKNOWN_KEY, return_dtype=pl.Int16)


def date_key(column: str) -> pl.Expr:
    """Key yyyymmdd of the day in the date or time column; -1 where it is null."""
    day = pl.col(column).dt
    return (
        (day.year() * 10000 + day.month().cast(pl.Int32) * 100 + day.day().cast(pl.Int32))
        .cast(pl.Int32)
        .fill_null(UNKNOWN_KEY)
    )


def folded(column: str) -> pl.Expr:
    """Text in capitals with runs of white space folded: what makes two spellings of a name one."""
    return pl.col(column).str.replace_all(r"\s+", " ").str.strip_chars().str.to_uppercase()


def with_unknown(
    schema: type[dy.Schema], members: pl.DataFrame, **unknown: str | int | bool | date | None
) -> pl.DataFrame:
    """Put the member -1 before `members` and bring all to the columns and types of `schema`.

    `unknown` names its labels; what it does not name is null. The order of `members` stays.
    """
    key = schema.primary_key()[0]
    columns = schema.columns()
    row = {name: [UNKNOWN_KEY if name == key else unknown.get(name)] for name in columns}
    types = {name: column.dtype for name, column in columns.items()}
    first = pl.DataFrame(row, schema=types)
    return pl.concat([first, members.select(pl.col(name).cast(types[name]) for name in columns)])


def shaped(schema: type[dy.Schema], frame: pl.LazyFrame) -> pl.LazyFrame:
    """Bring `frame` to the columns of `schema`, in its order and with its types."""
    return frame.select(
        pl.col(name).cast(column.dtype) for name, column in schema.columns().items()
    )
