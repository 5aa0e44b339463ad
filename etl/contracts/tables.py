"""Everything that is in the published DuckDB file, by name, and how a schema becomes DDL.

The schemas (`dimensions`, `facts`, `views`, `quality`) are the one source for the types that are
written, the rules that are checked, the COMMENTs, the data dictionary and Dagster's column schema.

Not here: the frames on the way (`etl.contracts.frames`), SQL of the views (`warehouse/views`).
"""

import inspect
from collections.abc import Container

import dataframely as dy

from etl.contracts import dimensions, facts, quality, versions, views

TABLES: dict[str, type[dy.Schema]] = {
    "dim_date": dimensions.DimDate,
    "dim_post": dimensions.DimPost,
    "dim_classification": dimensions.DimClassification,
    "dim_reason": dimensions.DimReason,
    "dim_caveat": dimensions.DimCaveat,
    "dim_tag": dimensions.DimTag,
    "dim_person": dimensions.DimPerson,
    "dim_addressee": dimensions.DimAddressee,
    "dim_document": dimensions.DimDocument,
    "fact_cable": facts.FactCable,
    "fact_paragraph": facts.FactParagraph,
    "fact_reference": facts.FactReference,
    "fact_addressee": facts.FactAddressee,
    "fact_field_agreement": facts.FactFieldAgreement,
    "fact_ingest": facts.FactIngest,
    "bridge_cable_tag": facts.BridgeCableTag,
    "bridge_cable_caveat": facts.BridgeCableCaveat,
    "bridge_cable_reason": facts.BridgeCableReason,
    "bridge_cable_person": facts.BridgeCablePerson,
    "cable_attribute": facts.CableAttribute,
    "cable_review": facts.CableReview,
    "cable_version": versions.CableVersion,
    "version_paragraph": versions.VersionParagraph,
}
"""Tables of the star, each written by the function of `etl.star` that has its name."""

DERIVED: dict[str, type[dy.Schema]] = {
    "cable_list": views.CableList,
    "cable_filled": quality.CableFilled,
    "quality_fill_rate": quality.QualityFillRate,
    "cable_sketch": versions.CableSketch,
    "near_duplicate": versions.NearDuplicate,
}
"""Tables that `etl.derived.make_all` makes inside the database, out of the star, in this order."""

VIEWS: dict[str, type[dy.Schema]] = {
    "cable": views.Cable,
    "paragraph": views.Paragraph,
    "reference": views.Reference,
    "ingest_outcome": views.IngestOutcome,
    "mrn_collision": versions.MrnCollision,
    "redaction_diff": versions.RedactionDiff,
    "near_duplicates": versions.NearDuplicates,
    "data_dictionary": views.DataDictionary,
}
"""Views for people, in the order in which they are made."""

_SCALARS: dict[type[dy.Column], str] = {
    dy.Int64: "BIGINT",
    dy.UInt64: "UBIGINT",
    dy.Int32: "INTEGER",
    dy.Int16: "SMALLINT",
    dy.Float64: "DOUBLE",
    dy.String: "VARCHAR",
    dy.Bool: "BOOLEAN",
    dy.Date: "DATE",
    dy.Datetime: "TIMESTAMP",
}


def duckdb_type(column: dy.Column) -> str:
    """Give the DuckDB type of a column, e.g. `VARCHAR[]`; raises TypeError for one we don't use."""
    if isinstance(column, dy.List):
        return f"{duckdb_type(column.inner)}[]"
    if isinstance(column, dy.Struct):
        fields = (f"{quoted(name)} {duckdb_type(inner)}" for name, inner in column.inner.items())
        return f"STRUCT({', '.join(fields)})"
    try:
        return _SCALARS[type(column)]
    except KeyError:
        raise TypeError(f"no DuckDB type for {type(column).__name__}") from None


def quoted(name: str) -> str:
    """Quote an SQL name."""
    return '"' + name.replace('"', '""') + '"'


def literal(words: str) -> str:
    """Quote an SQL text."""
    return "'" + words.replace("'", "''") + "'"


def create_statement(table: str) -> str:
    """Give the CREATE TABLE of a table of the star; it replaces one that a retry left there.

    No PRIMARY or FOREIGN KEY: on two million rows they cost three times the time and nine times
    the space, and `warehouse/invariants` proves the same. NOT NULL costs nothing.
    """
    lines = []
    for name, column in TABLES[table].columns().items():
        compression = (column.metadata or {}).get("compression")
        lines.append(
            f"  {quoted(name)} {duckdb_type(column)}"
            + ("" if column.nullable else " NOT NULL")
            + (f" USING COMPRESSION {compression}" if compression else "")
        )
    return f"CREATE OR REPLACE TABLE {quoted(table)} (\n" + ",\n".join(lines) + "\n)"


def table_comment(schema: type[dy.Schema]) -> str:
    """Give the comment of a table: the first line of the schema's docstring, and its source."""
    lines = inspect.cleandoc(schema.__doc__ or "").splitlines()
    source = next(
        (line.removeprefix("Source: ") for line in lines if line.startswith("Source: ")), ""
    )
    return commented(lines[0], source)


def commented(description: str, source: str) -> str:
    """Put description and source together as the view `data_dictionary` takes them apart."""
    return f"{description} Source: {source}." if source else description


def comment_statements(without: Container[str] = ()) -> list[str]:
    """Give a COMMENT ON for every table and view but those `without`, and for their columns."""
    statements = []
    for kind, group in (("TABLE", TABLES), ("TABLE", DERIVED), ("VIEW", VIEWS)):
        for table, schema in group.items():
            if table in without:
                continue
            statements.append(
                f"COMMENT ON {kind} {quoted(table)} IS {literal(table_comment(schema))}"
            )
            for name, column in schema.columns().items():
                text = commented(
                    column.description or "", (column.metadata or {}).get("source", "")
                )
                statements.append(
                    f"COMMENT ON COLUMN {quoted(table)}.{quoted(name)} IS {literal(text)}"
                )
    return statements


def foreign_keys() -> list[tuple[str, str, str]]:
    """Give (table, column, table that it points into) of every foreign key of the star."""
    return [
        (table, name, column.metadata["references"])
        for table, schema in TABLES.items()
        for name, column in schema.columns().items()
        if column.metadata and "references" in column.metadata
    ]
