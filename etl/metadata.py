"""What Dagster shows about a frame or table, taken from its contract.

Dagster's UI shows descriptions, column types and row counts by itself; it stores column lineage
without showing it, so a Markdown copy stands under a key of our own.

Not here: the contracts (`etl.contracts`) and which column comes from where
(`etl.contracts.lineage`).
"""

import inspect
from pathlib import Path
from typing import Any

import dagster as dg
import dataframely as dy

from etl.contracts.lineage import Lineage
from etl.contracts.tables import duckdb_type

Contract = type[dy.Schema]
Metadata = dict[str, Any]
"""Values that Dagster takes as metadata."""


def description(contract: Contract) -> str:
    """Give the contract's docstring, unindented: what a row is."""
    return inspect.cleandoc(contract.__doc__ or contract.__name__)


def _type(column: dy.Column) -> str:
    """Give the type as an analyst meets it in DuckDB, else Polars' name for it."""
    try:
        return duckdb_type(column)
    except TypeError:
        return str(column.dtype)


def column_schema(contract: Contract) -> dg.TableSchema:
    """Give names, types, constraints and descriptions of the columns."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=name,
                type=_type(column),
                description=column.description,
                constraints=dg.TableColumnConstraints(
                    nullable=column.nullable, unique=column.unique
                ),
                tags={"key": ""} if column.primary_key else None,
            )
            for name, column in contract.columns().items()
        ]
    )


def column_lineage(lineage: Lineage) -> dg.TableColumnLineage:
    """Give the lineage in Dagster's form."""
    return dg.TableColumnLineage(
        deps_by_column={
            column: [
                dg.TableColumnDep(dg.AssetKey(asset), name)
                for asset, _, name in (source.partition(".") for source in sources)
            ]
            for column, sources in lineage.items()
        }
    )


def lineage_markdown(lineage: Lineage) -> str:
    """Give the lineage as a Markdown table, one line per column."""
    lines = ["| column | made from |", "|---|---|"]
    lines += [
        f"| `{column}` | {', '.join(f'`{source}`' for source in sources)} |"
        for column, sources in lineage.items()
    ]
    return "\n".join(lines)


def definition_metadata(contract: Contract, lineage: Lineage | None = None) -> Metadata:
    """Give what is known of a table before any run."""
    known: Metadata = {"dagster/column_schema": column_schema(contract)}
    if lineage:
        known["column_lineage"] = dg.MetadataValue.md(lineage_markdown(lineage))
    return known


def run_metadata(
    rows: int, lineage: Lineage, *, table: str | None = None, warehouse: Path | None = None
) -> Metadata:
    """Give what a run adds: rows, lineage, and where the table can be read."""
    known: Metadata = {
        "dagster/row_count": rows,
        "dagster/column_lineage": column_lineage(lineage),
    }
    if table and warehouse:
        known["dagster/table_name"] = f"{warehouse.stem}.main.{table}"
        known["dagster/uri"] = warehouse.as_uri()
    return known
