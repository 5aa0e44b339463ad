"""Reading by the command: tables, CSV and JSON, one telegram, what it refuses."""

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from tests.conftest import SAMPLES, Loaded, run_cables

TALLINN = SAMPLES / "pages" / "cable" / "2007" / "11" / "07TALLINN9901.html"


def test_query_prints_a_table_csv_and_json(samples: Loaded) -> None:
    sql = "SELECT 'a' AS word, 2 AS n, NULL AS nothing, ['x', 'y'] AS list"
    plain = run_cables("query", sql, "-w", samples.warehouse).stdout.splitlines()
    assert plain[0].split() == ["word", "n", "nothing", "list"]
    assert plain[2].split() == ["a", "2", "[x,", "y]"]
    as_csv = run_cables("query", sql, "-w", samples.warehouse, "-f", "csv").stdout
    assert list(csv.reader(io.StringIO(as_csv))) == [
        ["word", "n", "nothing", "list"],
        ["a", "2", "", "[x, y]"],
    ]
    as_json = run_cables("query", sql, "-w", samples.warehouse, "-f", "json").stdout
    assert json.loads(as_json) == [{"word": "a", "n": 2, "nothing": None, "list": ["x", "y"]}]


def test_json_is_json_whatever_the_values(samples: Loaded) -> None:
    sql = """
        SELECT 'nan'::DOUBLE AS a, ['inf'::FLOAT, 1.5] AS b, {'x': '-inf'::DOUBLE} AS c,
        1.10::DECIMAL(9,2) AS d, 12345678901234567890.123456789::DECIMAL(38,9) AS e,
        7::DECIMAL(9,2) AS f, DATE '2007-02-14' AS g, TIMESTAMP '2007-02-14 12:04:00' AS h,
        MAP {DATE '2007-02-14': 1} AS i, 'a'::BLOB AS j, 170141183460469231731::HUGEINT AS k,
        INTERVAL 90 MINUTE AS l, 1 AS m, 2 AS m, chr(27) || chr(10) AS n
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    out = run_cables("query", sql, "-w", samples.warehouse, "-f", "json").stdout
    (row,) = json.loads(out, parse_constant=refuse)
    assert row == {
        "a": None,
        "b": [None, 1.5],
        "c": {"x": None},
        "d": 1.1,
        "e": "12345678901234567890.123456789",
        "f": 7,
        "g": "2007-02-14",
        "h": "2007-02-14T12:04:00",
        "i": {"2007-02-14": 1},
        "j": "61",
        "k": 170141183460469231731,
        "l": "1:30:00",
        "m": 1,
        "m_1": 2,
        "n": "\x1b\n",
    }


def test_tables_show_controls_and_csv_keeps_them(samples: Loaded) -> None:
    odd = "a\x1b[31m\nb\u202e\u200b\x9b:cat:[red]\\"
    sql = f"SELECT '{odd}' AS \"x\x1b[0m[b]\""
    plain = run_cables("query", sql, "-w", samples.warehouse).stdout
    head, _, row = plain.splitlines()
    assert head == r"x\x1b[0m[b]"
    assert row == "a\\x1b[31m\\nb\\u202e\\u200b\\x9b:cat:[red]\\"
    as_csv = run_cables("query", sql, "-w", samples.warehouse, "-f", "csv").stdout
    assert list(csv.reader(io.StringIO(as_csv, newline=""))) == [["x\x1b[0m[b]"], [odd]]


def test_messages_show_controls(samples: Loaded) -> None:
    result = run_cables("query", "SELECT 'x\x1b[31m'::INTEGER", "-w", samples.warehouse)
    assert result.exit_code == 1
    assert "\\x1b[31m" in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("sql", ["", ";", "/* only a comment */"])
def test_query_of_nothing_answers_nothing(samples: Loaded, sql: str) -> None:
    result = run_cables("query", sql, "-w", samples.warehouse)
    assert (result.exit_code, result.stdout.strip()) == (0, "")


def test_query_in_a_pipe_cuts_nothing(samples: Loaded) -> None:
    result = run_cables("query", "SELECT repeat('long ', 100) AS text", "-w", samples.warehouse)
    assert "long " * 99 + "long" in result.stdout


def test_long_answers_end_with_the_number_of_rows_left_out(samples: Loaded) -> None:
    result = run_cables("query", "FROM range(1234)", "-w", samples.warehouse)
    assert "1,034 more rows" in result.stderr


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM fact_cable",
        "CREATE TABLE t AS SELECT 1",
        "COPY fact_cable TO 'out.csv'",
        "FROM read_csv('/etc/passwd')",
        "ATTACH 'other.duckdb'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELEC 1",
    ],
)
def test_query_reads_this_warehouse_and_nothing_else(samples: Loaded, sql: str) -> None:
    result = run_cables("query", sql, "-w", samples.warehouse)
    assert result.exit_code == 1
    assert result.stderr.startswith("cables: ")
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", [["query", "SELECT 1"], ["show", "05X1"], ["rejects"]])
def test_missing_warehouse_says_how_to_make_one(tmp_path: Path, command: list[str]) -> None:
    result = run_cables(*command, "-w", tmp_path / "none.duckdb")
    assert result.exit_code == 1
    assert "cables ingest" in result.stderr


READERS = [["show", "05X1"], ["rejects"], ["tables"], ["tables", "fact_cable"]]


def _foreign(path: Path, kind: str) -> None:
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("dear diary")
    elif kind == "empty":
        path.touch()
    else:
        with duckdb.connect(path) as con:
            con.execute("CREATE TABLE diary AS SELECT 'secret' AS entry")


@pytest.mark.parametrize("command", READERS, ids=" ".join)
@pytest.mark.parametrize("kind", ["folder", "text", "empty", "database"])
def test_file_that_is_no_warehouse_is_told_in_a_line(
    tmp_path: Path, kind: str, command: list[str]
) -> None:
    path = tmp_path / "x.duckdb"
    _foreign(path, kind)
    result = run_cables(*command, "-w", path)
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    words = {
        "folder": "is a folder",
        "text": "is no warehouse that can be opened",
        "empty": "is no warehouse that can be opened",
        "database": "a database that cables did not make",
    }
    assert f"{path} is" in line
    assert words[kind] in line


@pytest.mark.parametrize("command", [["show", "05X1"], ["rejects"]], ids=" ".join)
@pytest.mark.parametrize("lost", ["table", "column"])
def test_warehouse_of_another_version_says_what_to_do(
    tmp_path: Path, lost: str, command: list[str]
) -> None:
    path = tmp_path / "old.duckdb"
    with duckdb.connect(path) as con:
        con.execute("CREATE TABLE fact_cable (a INT); CREATE TABLE dim_document (a INT)")
        if lost == "column":
            for name in ("cable", "paragraph", '"reference"', "fact_ingest"):
                con.execute(f"CREATE TABLE {name} (a INT)")
    result = run_cables(*command, "-w", path)
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert "made by another version of cables" in line
    assert "cables ingest --rebuild" in line


@pytest.mark.parametrize("typed", ["07TALLINN9901", "07tallinn9901", "2007 TALLINN 009901"])
def test_show_prints_the_telegram_however_its_id_is_typed(samples: Loaded, typed: str) -> None:
    result = run_cables("show", typed, "-w", samples.warehouse)
    assert result.exit_code == 0
    words = " ".join(result.stdout.split())
    assert words.startswith(
        "07TALLINN9901 CONFIDENTIAL // SIPDIS "
        "ISLAND FERRY SUBSIDY SINKS A COALITION BREAKFAST "
        "sent 2007-11-19 12:04 UTC from Tallinn, Estonia"
    )
    assert "tags EWWT ECON PGOV FI EN" in words
    assert "references A. 07TALLINN9877 B. 06HELSINKI1190" in words
    assert "2. (SBU) Transport adviser Juhan Tinderwick told Econoff" in words
    assert "LANTERNE file://" in words


def test_show_of_a_telegram_that_is_not_held_names_the_nearest(samples: Loaded) -> None:
    result = run_cables("show", "07TALLINN9902", "-w", samples.warehouse)
    assert result.exit_code == 1
    assert "07TALLINN9901" in result.stderr


def test_tables_lists_tables_and_the_columns_of_one(samples: Loaded) -> None:
    listed = json.loads(run_cables("tables", "-w", samples.warehouse, "-f", "json").stdout)
    assert {"fact_cable", "dim_post", "cable"} <= {row["name"] for row in listed}
    assert all(row["comment"] for row in listed)
    one = run_cables("tables", "fact_cable", "-w", samples.warehouse, "-f", "json")
    assert {"mrn", "sent_at"} <= {row["column_name"] for row in json.loads(one.stdout)}


@pytest.mark.parametrize(
    ("typed", "nearest"), [("fact_cabel", "fact_cable"), ("tag", "dim_tag"), ("nope", None)]
)
def test_tables_of_a_name_that_is_not_there_names_the_nearest(
    samples: Loaded, typed: str, nearest: str | None
) -> None:
    for output in ("table", "json"):
        result = run_cables("tables", typed, "-w", samples.warehouse, "-f", output)
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"there is no table or view {typed}" in result.stderr
        assert nearest is None or nearest in result.stderr


def test_file_of_others_is_said_to_be_theirs(
    samples: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refused)  # its folder may not be looked into
    for command in (["query", "SELECT 1"], ["rejects"], ["tables"], ["show", "07TALLINN9901"]):
        result = run_cables(*command, "-w", samples.warehouse)
        assert result.exit_code == 1
        assert result.stderr.strip().endswith("is a file that you may not read")
