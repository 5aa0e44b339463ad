"""A folder of broken, hostile and strange files: each gets its row, and each good telegram loads.

`tests.hostile` makes the folder.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

import duckdb
import pytest

from tests.conftest import REPOSITORY, run_cables
from tests.hostile import Expected, fill

CONTROLS = [*map(chr, [*range(10), *range(11, 32), *range(127, 160)]), "\u202e", "\u202c"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give the folder to fill; pytest cannot remove folders as deep as those in it."""
    yield tmp_path / "drop"
    subprocess.run(["rm", "-rf", tmp_path / "drop"], check=True)


def outcomes(warehouse: Path, folder: Path) -> dict[tuple[str, str | None], str | None]:
    """Give what became of each document, keyed as `tests.hostile.Expected` is."""
    with duckdb.connect(warehouse, read_only=True) as con:
        rows = con.execute(
            "SELECT uri, member, outcome, reason FROM fact_ingest JOIN dim_document "
            "USING (document_key)"
        ).fetchall()
    found = {}
    for uri, member, outcome, reason in rows:
        path = os.fsdecode(unquote_to_bytes(uri.removeprefix("file://")))
        assert outcome in ("loaded", "rejected"), (path, outcome, reason)
        assert (reason is None) == (outcome == "loaded")
        found[os.path.relpath(path, folder), member] = reason
    assert len(found) == len(rows)
    return found


def assert_as_expected(warehouse: Path, folder: Path, expected: Expected) -> None:
    found = outcomes(warehouse, folder)
    assert found.keys() == expected.keys()
    for document, words in expected.items():
        reason = found[document]
        assert (reason is None) if words is None else reason and words in reason, document


def odd_ones(warehouse: Path) -> list[str]:
    """Give the telegrams that have control characters in their subject or their file's name."""
    with duckdb.connect(warehouse, read_only=True) as con:
        rows = con.execute(
            r"SELECT mrn FROM cable WHERE contains(uri, '%1B') OR regexp_matches(subject, '\x1b')"
        ).fetchall()
    assert len(rows) == 2
    return [mrn for (mrn,) in rows]


def test_every_file_has_its_row_and_every_good_telegram_is_loaded(
    tmp_path: Path, folder: Path
) -> None:
    warehouse = tmp_path / "w.duckdb"
    expected = fill(folder)
    result = run_cables("ingest", folder, "-w", warehouse)
    assert result.exit_code == 0, result.output
    assert_as_expected(warehouse, folder, expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *(".w", "drop", "outside", "w.duckdb")  # nothing has escaped from an archive
    ]
    printed = [
        result.output,
        run_cables("rejects", "-w", warehouse).output,
        run_cables("query", "SELECT * FROM cable", "-w", warehouse).output,
        *(run_cables("show", mrn, "-w", warehouse).stdout for mrn in odd_ones(warehouse)),
    ]
    for text in printed:
        assert text
        assert not [control for control in CONTROLS if control in text]


@pytest.mark.slow
def test_huge_and_deep_files_take_bounded_time_and_memory(tmp_path: Path, folder: Path) -> None:
    """30 MB lines, 200,000 nested tags, fields of hundreds of kilobytes: 150 MB in all."""
    warehouse = tmp_path / "w.duckdb"
    expected = fill(folder, size=100)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "etl.cli", "ingest", str(folder), "-w", str(warehouse)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    took = time.monotonic() - started
    assert done.returncode == 0, done.stderr
    assert_as_expected(warehouse, folder, expected)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"took {took:.0f} s, largest process {usage.ru_maxrss >> 10:,} MiB")
    assert took < 300
    assert usage.ru_maxrss < 4 << 20  # KiB
