"""What must hold in every warehouse: each file of `warehouse/invariants` gives no rows.

They stand in for PRIMARY and FOREIGN KEY constraints, and prove what no constraint could:
counts that reconcile, documents accounted for. They run on the staged file before it is
published, and anybody may run them on a published one. Where a run writes few tables, only what
they say of those is asked (`about`): the rest is a copy of the published file, for which it held.

Not here: rules of single rows (`etl.contracts`, checked as the tables are written).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from etl.contracts.tables import DERIVED, TABLES, VIEWS
from etl.parallel import in_parallel
from etl.publish import SQL_DIR, Connection

PROVED_AS_WRITTEN = frozenset({"redactions_inside"})
"""Invariants of single rows that a contract holds for each row that is written. The job does not
run them again: to read every text would be a large part of a run that changes few."""

_SAMPLE_ROWS = 5


@dataclass(frozen=True)
class Failure:
    """An invariant that does not hold: its name, what it says, and rows that break it."""

    name: str
    statement: str
    row_count: int
    sample: list[dict[str, Any]]

    def __str__(self) -> str:
        """Give it in one line."""
        return f"{self.name}: {self.statement} {self.row_count} rows break it, e.g. {self.sample}"


def invariants() -> dict[str, str]:
    """Give the SQL of each invariant by name (the name of its file)."""
    files = sorted((SQL_DIR / "invariants").glob("*.sql"))
    return {file.stem: file.read_text("utf-8") for file in files}


def checked() -> dict[str, str]:
    """Give the invariants that a run has to check."""
    return {name: sql for name, sql in invariants().items() if name not in PROVED_AS_WRITTEN}


def about(sql: str, tables: Collection[str]) -> str | None:
    """Limit an invariant to what it says of some tables; None where it says nothing of them.

    Of queries joined by UNION ALL, each at the start of a line, those stay that name one of the
    tables, be it by a view. So does what names no table of ours: it is about the file.
    """
    comment, _, query = sql.partition("\n")
    # What follows WITH is one query, whatever is joined in it.
    queries = [query] if query.startswith("WITH") else query.split("\nUNION ALL ")
    named = ((each, _tables(each)) for each in queries)
    kept = [each for each, named_there in named if not named_there or named_there & set(tables)]
    return "\n".join([comment, "\nUNION ALL ".join(kept)]) if kept else None


def _tables(query: str) -> frozenset[str]:
    """Give the tables that a query names, itself or by a view; more where a word looks like one."""
    words = set(re.findall(r"\w+", re.sub(r"--.*|'[^']*'", "", query)))
    return frozenset(words & (TABLES.keys() | DERIVED.keys())).union(
        *(_behind(view) for view in words & VIEWS.keys())
    )


@cache
def _behind(view: str) -> frozenset[str]:
    sql = (SQL_DIR / "views" / f"{view}.sql").read_text("utf-8")
    return _tables(re.sub(rf"\b{view}\b", "", sql))


def statement(sql: str) -> str:
    """Give what an invariant proves: its first line, a comment."""
    return sql.splitlines()[0].removeprefix("--").strip()


def run_invariants(connection: Connection) -> list[Failure]:
    """Run all invariants on the current database and give those that do not hold."""
    return [failure for failure in outcomes(connection, invariants()).values() if failure]


def outcomes(connection: Connection, asked: Mapping[str, str]) -> dict[str, Failure | None]:
    """Run invariants on the current database; None for each that holds.

    A few at once: most are too small for DuckDB to share out among the cores.
    """
    [(database,)] = connection.execute("SELECT current_database()").fetchall()

    def run(item: tuple[str, str]) -> Failure | None:
        with connection.cursor() as own:
            own.execute(f'USE "{database}"')
            return run_invariant(own, *item)

    return dict(zip(asked, in_parallel(run, asked.items()), strict=True))


def run_invariant(connection: Connection, name: str, sql: str) -> Failure | None:
    """Run one invariant; None when it holds. The rows hold keys and counts, no texts."""
    result = connection.execute(sql)
    columns = [column[0] for column in result.description or []]
    rows = result.fetchall()
    if not rows:
        return None
    sample = [dict(zip(columns, row, strict=True)) for row in rows[:_SAMPLE_ROWS]]
    return Failure(name, statement(sql), len(rows), sample)
