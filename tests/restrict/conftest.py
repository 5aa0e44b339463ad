"""A warehouse of telegrams of all levels, and what an audience could read out of a file."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import run_cables
from tests.restrict import telegrams

METADATA = ("duckdb_tables", "duckdb_views", "duckdb_columns", "duckdb_types", "duckdb_constraints")


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load the telegrams once. For reading only."""
    folder = tmp_path_factory.mktemp("restricted")
    source, path = telegrams.write(folder / "drop"), folder / "w.duckdb"
    assert run_cables("ingest", source, "-w", path).exit_code == 0
    return path


def everything(path: Path) -> Iterator[str]:
    """Give all that can be read out of a database file, in small letters.

    Its bytes, every table and view in full, what DuckDB keeps of them beside: names, SQL,
    comments, types, and the statistics of every segment.
    """
    yield path.read_bytes().decode("latin-1").lower()
    with duckdb.connect(path, read_only=True) as con:
        names = [
            str(row[0])
            for row in con.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
            ).fetchall()
        ]
        for name in names:
            yield repr(con.execute(f'FROM "{name}"').fetchall()).lower()
            if name in ("fact_cable", "fact_paragraph", "dim_person", "dim_document"):
                yield repr(con.execute(f"PRAGMA storage_info('{name}')").fetchall()).lower()
        for function in METADATA:
            yield repr(con.execute(f"FROM {function}()").fetchall()).lower()


def found_in(path: Path, words: set[str]) -> set[str]:
    """Give the words that can be read out of a database file."""
    found: set[str] = set()
    for text in everything(path):
        found |= {word for word in words - found if word in text}
    return found
