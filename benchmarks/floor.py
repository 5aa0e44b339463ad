"""The floor of a load: DuckDB alone reads a bulk CSV into one plain table of a file.

    python -m benchmarks.floor CSV OUT.duckdb [sequential]

DuckDB's parallel reader guesses where in a quoted text its threads begin, and on files of some GB
it guesses wrong now and then: it then refuses a file that has nothing wrong, or loses rows. Read
in one thread, every file is read right, so that is the floor where the other fails.

The file has the storage version that we publish. Run as a process of its own, so that what it is
compared with, the main job's process, pays for the same things. Prints the rows.
"""

import sys

import duckdb

COLUMNS = ("row_id", "created", "mrn", "origin", "classification", "refs", "header", "body")


def load(source: str, out: str, *, parallel: bool = True) -> int:
    """Read the CSV into a table of a new file; give its rows."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{out}' AS floor (STORAGE_VERSION 'v1.2.0')")
        con.execute(
            "CREATE TABLE floor.cable AS SELECT * FROM read_csv(?, auto_detect = false, "
            "header = false, delim = ',', quote = '\"', escape = '\\', "
            f"columns = {{{columns}}}, parallel = {str(parallel).lower()})",
            [source],
        )
        con.execute("CHECKPOINT floor")
        [(rows,)] = con.execute("SELECT count(*) FROM floor.cable").fetchall()
    return int(rows)


if __name__ == "__main__":
    print(load(sys.argv[1], sys.argv[2], parallel=sys.argv[3:] != ["sequential"]))
