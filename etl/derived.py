"""Tables and views that are made inside the database, out of the star: of all telegrams, or some.

The SQL that makes a table of all telegrams makes it of some where the tables that it names hold
only those: views in a database in memory do. So a run that changes few telegrams makes the derived
rows of those alone (`renew`), and one that makes all makes them some at a time (`make_all`).

Not here: SQL of the tables and views (`warehouse/views`), the tables of the star (`etl.star`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from etl.contracts.tables import DERIVED, TABLES, VIEWS, comment_statements
from etl.near_duplicates import make_near_duplicate
from etl.publish import SQL_DIR, Connection, names, remove
from etl.published import Arrow

PER_CABLE = ("cable_list", "cable_filled", "cable_sketch")
"""Derived tables whose rows of one telegram come from that telegram alone, in the order in which
they are made; the other derived tables come from these."""

SLICE_CABLES = 250_000
"""Telegrams whose rows are made at once. DuckDB holds in memory what it puts into lists: made at
once, those of two million telegrams of the archive took more than 6 GB."""


def make_all(connection: Connection) -> None:
    """Make what is derived from the star: tables, the views, a COMMENT on everything."""
    missing = TABLES.keys() - names(connection)
    if missing:
        raise ValueError(f"the staged warehouse lacks {', '.join(sorted(missing))}")
    [(count,)] = connection.execute("SELECT count(*) FROM fact_cable").fetchall()
    slices = -(-int(count) // SLICE_CABLES)
    if slices > 1:
        for number in range(slices):
            with _only(connection, f"cable_key % {slices} = {number}"):
                for name in PER_CABLE:
                    _make(connection, name)
                    begin = f"INSERT INTO warehouse.{name} BY NAME"
                    if number == 0:
                        begin = f"CREATE OR REPLACE TABLE warehouse.{name} AS"
                    connection.execute(f"{begin} FROM part.{name}")
    for name in (*DERIVED, *VIEWS):
        if slices <= 1 or name not in PER_CABLE:
            _make(connection, name)
    describe(connection)


def renew(connection: Connection, keys: pl.DataFrame) -> None:
    """Make the derived rows of some telegrams (cable_key), and put them in the place of the old.

    What comes from the rows of all telegrams is made anew; `describe` it then.
    """
    connection.register("incoming", Arrow(keys))
    connection.execute("CREATE OR REPLACE TEMP TABLE renewed AS FROM incoming")
    connection.unregister("incoming")
    with _only(connection, None):
        for name in PER_CABLE:
            _make(connection, name)
            remove(connection, f"warehouse.{name}", keys)
            connection.execute(f"INSERT INTO warehouse.{name} BY NAME FROM part.{name}")
    connection.execute("DROP TABLE temp.renewed")
    for name in DERIVED:
        if name not in PER_CABLE:
            _make(connection, name)


def describe(connection: Connection) -> None:
    """Put a COMMENT on every table and view that has none, and on their columns."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE comment IS NOT NULL "
        "AND database_name = current_database() UNION ALL "
        "SELECT view_name FROM duckdb_views() WHERE comment IS NOT NULL "
        "AND database_name = current_database()"
    )
    statements = comment_statements(without={name for (name,) in rows.fetchall()})
    if statements:
        connection.execute(";\n".join(["BEGIN", *statements, "COMMIT"]))


def _make(connection: Connection, name: str) -> None:
    """Make a table or view in the current database, out of the tables there."""
    if name == "near_duplicate":
        make_near_duplicate(connection)
        return
    connection.execute((SQL_DIR / "views" / f"{name}.sql").read_text("utf-8"))


@contextmanager
def _only(connection: Connection, condition: str | None) -> Iterator[None]:
    """Have a current database `part`, whose tables are views of those telegrams of `warehouse`.

    `condition` is one on cable_key; without one it is those of the temporary table `renewed`.
    """
    connection.execute("ATTACH ':memory:' AS part")
    connection.execute("USE part")
    try:
        for name, contract in TABLES.items():
            # By row: what was written last lies together, and no text of other rows is unpacked.
            where = condition or (
                f"rowid IN (SELECT rowid FROM warehouse.{name} "
                "SEMI JOIN temp.renewed USING (cable_key))"
            )
            if "cable_key" not in contract.columns():
                where = "true"
            connection.execute(f"CREATE VIEW {name} AS FROM warehouse.{name} WHERE {where}")
        yield
    finally:
        connection.execute("USE warehouse")
        connection.execute("DETACH part")
