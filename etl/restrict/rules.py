"""What may become of a table's rows and of a column's values: the words that decisions are made of.

SQL here knows the table as `t`, `kept` as `k`; names without `source.` are of the new file.

Not here: which table and column gets which (`etl.restrict.decisions`).
"""

from dataclasses import dataclass

from etl.contracts.tables import foreign_keys, quoted
from etl.keys import stable_key
from etl.restrict.masking import MASK

RUN = "restricted publication"
"""The one run that such a file knows of: what was loaded when, and what was rejected, is not the
audience's."""

WITHHELD = "(withheld)"
"""Stands where a text must not be null."""


@dataclass(frozen=True)
class Column:
    """What becomes of a column: in words, and as SQL with `{c}` for the column's quoted name."""

    words: str
    sql: str


@dataclass(frozen=True)
class Table:
    """Which rows of a table are let through (words, SQL from FROM on), and its columns."""

    words: str
    rows: str
    columns: dict[str, Column]


KEPT = Column("as it is", "t.{c}")
MASKED = Column("as it is, names masked", "masked(t.cable_key, t.{c})")
IF_WHOLE = Column(
    "only of telegrams of which nothing is withheld", "CASE WHEN NOT k.is_cut THEN t.{c} END"
)
COUNT_IF_WHOLE = Column(
    "0 for telegrams of which something is withheld", "CASE WHEN k.is_cut THEN 0 ELSE t.{c} END"
)
EMPTIED = Column("null", "NULL")

HIDDEN_KEY = stable_key(MASK)
OF_TELEGRAMS = "of telegrams that are kept"
OF_WHOLE = "of telegrams of which nothing is withheld or masked"


def counted(words: str, sql: str) -> Column:
    """Give a count of what the new file holds; 0 where the SQL gives null."""
    return Column(f"counted anew: {words}", f"coalesce({sql}, 0)")


def of_telegrams(table: str, *joins: str) -> str:
    """Give the rows of telegrams that are kept, in SQL."""
    return " ".join((f"FROM source.{table} AS t JOIN kept AS k USING (cable_key)", *joins))


def used(dimension: str) -> str:
    """Give a query of the keys of a dimension that the new file uses so far."""
    return " UNION ALL ".join(
        f"SELECT {quoted(column)} FROM warehouse.{table}"
        for table, column, target in foreign_keys()
        if target == dimension
    )


def members(dimension: str, key: str, *, also: str = "") -> str:
    """Give the members of a dimension that the new file uses, and Unknown, in SQL."""
    also = f" OR {also}" if also else ""
    return (
        f"FROM source.{dimension} AS t WHERE t.{key} = -1{also} OR t.{key} IN ({used(dimension)})"
    )


def kept(*names: str) -> dict[str, Column]:
    """Give columns that stay as they are."""
    return dict.fromkeys(names, KEPT)
