"""Commands that only read the published warehouse: query, rejects, tables.

Not here: anything that writes.
"""

import os
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from etl.cli.output import Format, console, error, print_rows
from etl.paths import default_warehouse

_OURS = ("fact_cable", "dim_document")
"""Tables that every warehouse has had, whatever version made it."""


class NotReadable(ValueError):
    """The file cannot be read as a warehouse; the message says why and what to do."""


PROBLEMS = (NotReadable, duckdb.Error)
"""What `connect` and `fetch` raise; `explain` puts it in words."""


def connect(
    warehouse: Path | None, *, needs: Collection[str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open the published warehouse for reading.

    A query typed here may come from anybody, so it reaches no other file and no network, loads
    no extension and cannot change these settings. `needs` names the tables and views that it must
    have; without it any DuckDB database will do.

    Raises:
        NotReadable: there is no warehouse there, or one that lacks what is needed.
    """
    path = warehouse or default_warehouse()
    try:
        is_there = path.exists()
    except PermissionError as problem:  # the link may be followed, what it leads to may not
        raise NotReadable(f"{path} is a file that you may not read") from problem
    if not is_there:
        raise NotReadable(f"there is no warehouse at {path}; make one: cables ingest SOURCE…")
    if path.is_dir():
        raise NotReadable(f"{path} is a folder, not a warehouse")
    try:
        con = duckdb.connect(
            str(path),
            read_only=True,
            config={
                "enable_external_access": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "lock_configuration": "true",
            },
        )
    except duckdb.Error as problem:
        if not os.access(path, os.R_OK):
            raise NotReadable(f"{path} is a file that you may not read") from problem
        said = str(problem).splitlines()[0].removeprefix("IO Error: ")
        raise NotReadable(f"{path} is no warehouse that can be opened: {said}") from problem
    if needs is not None:
        held = {name for (name,) in con.execute(_NAMES).fetchall()}
        lacks = [name for name in needs if name not in held]
        if lacks:
            con.close()
            raise NotReadable(_other(path, f"it has no {', '.join(lacks)}", held))
    return con


_NAMES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"


def _other(path: Path, problem: str, held: Collection[str] = _OURS) -> str:
    """Say of a file with other tables or columns whose it is."""
    if not set(held) >= set(_OURS):
        return f"{path} is a database that cables did not make"
    return (
        f"{path} was made by another version of cables ({problem}); "
        "load it anew: cables ingest --rebuild SOURCE…"
    )


def explain(problem: Exception, warehouse: Path | None, *, is_typed: bool = False) -> int:
    """Say why a command of ours, or a query that a person typed, gave no answer; exit code 1."""
    if isinstance(problem, duckdb.BinderException | duckdb.CatalogException) and not is_typed:
        said = str(problem).splitlines()[0].partition(": ")[2] or str(problem)
        error(_other(warehouse or default_warehouse(), said))
    else:
        error(str(problem))
    return 1


def fetch(
    con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run a query; give the names of its columns and its rows."""
    result = con.execute(sql, parameters)
    if result is None or result.description is None:  # nothing but comments or a semicolon
        return [], []
    return [str(column[0]) for column in result.description], result.fetchall()


def _answer(
    warehouse: Path | None,
    sql: str,
    parameters: list[Any] | None = None,
    *,
    needs: Collection[str] | None = None,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    with closing(connect(warehouse, needs=needs)) as con:
        return fetch(con, sql, parameters)


def query(sql: str, warehouse: Path | None, output_format: Format) -> int:
    """Print what a query gives; exit code 1 when it is wrong."""
    try:
        columns, rows = _answer(warehouse, sql)
    except PROBLEMS as problem:
        return explain(problem, warehouse, is_typed=True)
    if columns:
        print_rows(columns, rows, output_format)
    return 0


REJECTS = """
    SELECT
        document.uri || coalesce('#' || document.member, '') AS document,
        document.byte_offset,
        ingest.reason,
        ingest.ingested_at
    FROM fact_ingest AS ingest
    JOIN dim_document AS document USING (document_key)
    WHERE ingest.outcome = 'rejected'
      AND (? OR ingest.ingested_at = (SELECT max(ingested_at) FROM fact_ingest))
    ORDER BY ingest.ingested_at, document
"""


def rejects(warehouse: Path | None, output_format: Format, *, every_run: bool = False) -> int:
    """Print the rejected documents of the last run, or of all runs."""
    try:
        columns, rows = _answer(
            warehouse, REJECTS, [every_run], needs=("fact_ingest", "dim_document")
        )
    except PROBLEMS as problem:
        return explain(problem, warehouse)
    if not rows and output_format is Format.table:
        console().print("No document was rejected.")
    else:
        print_rows(columns, rows, output_format)
    return 0


TABLES = """
    SELECT name, kind, rows, comment FROM (
        SELECT table_name AS name, 'table' AS kind, estimated_size AS rows, comment
        FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal
        UNION ALL
        SELECT view_name, 'view', NULL, comment
        FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal
    )
    ORDER BY kind DESC, name
"""

COLUMNS = """
    SELECT column_name, data_type, comment
    FROM duckdb_columns()
    WHERE schema_name = 'main' AND table_name = lower(?)
    ORDER BY column_index
"""


NEAREST = f"""
    SELECT name FROM ({TABLES})
    WHERE jaro_winkler_similarity(name, lower($1)) > 0.75 OR contains(name, lower($1))
    ORDER BY jaro_winkler_similarity(name, lower($1)) DESC, name LIMIT 3
"""


def tables(table: str | None, warehouse: Path | None, output_format: Format) -> int:
    """Print the tables and views, or the columns of one, with their comments."""
    try:
        if table is None:
            columns, rows = _answer(warehouse, TABLES, needs=_OURS)
        else:
            columns, rows = _answer(warehouse, COLUMNS, [table], needs=_OURS)
            if not rows:
                _, nearest = _answer(warehouse, NEAREST, [table])
    except PROBLEMS as problem:
        return explain(problem, warehouse)
    if not rows and table is not None:
        hint = f"; there are {', '.join(row[0] for row in nearest)}" if nearest else ""
        error(f"there is no table or view {table}{hint} (cables tables lists all)")
        return 1
    print_rows(columns, rows, output_format)
    return 0
