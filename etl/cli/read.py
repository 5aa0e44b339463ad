"""Commands that only read the published warehouse: query, rejects, tables.

Not here: anything that writes.
"""

from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from etl.cli.output import Format, console, error, print_rows
from etl.paths import default_warehouse


def connect(warehouse: Path | None) -> duckdb.DuckDBPyConnection:
    """Open the published warehouse for reading.

    A query typed here may come from anybody, so it reaches no other file and no network, loads
    no extension and cannot change these settings.

    Raises:
        FileNotFoundError: there is no warehouse there, with what to do about it.
        duckdb.Error: the file is there and is no DuckDB database.
    """
    path = warehouse or default_warehouse()
    if not path.exists():
        raise FileNotFoundError(f"there is no warehouse at {path}; make one: cables ingest SOURCE…")
    return duckdb.connect(
        str(path),
        read_only=True,
        config={
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "lock_configuration": "true",
        },
    )


def fetch(
    con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run a query; give the names of its columns and its rows."""
    result = con.execute(sql, parameters)
    if result is None or result.description is None:  # nothing but comments or a semicolon
        return [], []
    return [str(column[0]) for column in result.description], result.fetchall()


def _print_query(
    warehouse: Path | None,
    sql: str,
    output_format: Format,
    *,
    parameters: list[Any] | None = None,
    if_none: str | None = None,
) -> int:
    try:
        with closing(connect(warehouse)) as con:
            columns, rows = fetch(con, sql, parameters)
    except FileNotFoundError as problem:
        error(str(problem))
        return 1
    except duckdb.Error as problem:
        error(str(problem))
        return 1
    if not rows and if_none is not None and output_format is Format.table:
        console().print(if_none)
    elif columns:
        print_rows(columns, rows, output_format)
    return 0


def query(sql: str, warehouse: Path | None, output_format: Format) -> int:
    """Print what a query gives; exit code 1 when it is wrong."""
    return _print_query(warehouse, sql, output_format)


REJECTS = """
    SELECT
        document.uri || coalesce('#' || document.member, '') AS document,
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
    return _print_query(
        warehouse,
        REJECTS,
        output_format,
        parameters=[every_run],
        if_none="No document was rejected.",
    )


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
    WHERE schema_name = 'main' AND table_name = ?
    ORDER BY column_index
"""


def tables(table: str | None, warehouse: Path | None, output_format: Format) -> int:
    """Print the tables and views, or the columns of one, with their comments."""
    if table is None:
        return _print_query(warehouse, TABLES, output_format)
    return _print_query(
        warehouse,
        COLUMNS,
        output_format,
        parameters=[table],
        if_none=f"There is no table or view {table}.",
    )
