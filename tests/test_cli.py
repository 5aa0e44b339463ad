"""Loading by the command: what it prints, its exit codes, what it leaves alone."""

import errno
import gzip
import json
import os
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest

from etl import intake
from etl.assets import OF_EVERY_RUN
from etl.extract import ToRead
from tests.conftest import SAMPLES, Loaded, run_cables
from tests.extract.conftest import make_row
from tests.hostile import telegram, zipped

TALLINN = SAMPLES / "pages" / "cable" / "2007" / "11" / "07TALLINN9901.html"


def _query(warehouse: Path, sql: str) -> list[dict[str, object]]:
    result = run_cables("query", sql, "-w", warehouse, "-f", "json")
    assert result.exit_code == 0, result.output
    rows: list[dict[str, object]] = json.loads(result.stdout)
    return rows


def test_ingest_says_what_became_of_the_documents(samples: Loaded) -> None:
    said = {
        line.rsplit(maxsplit=1)[0]: line.rsplit(maxsplit=1)[1]
        for line in samples.result.stdout.splitlines()
        if len(line.split()) == 2
    }
    held = _query(
        samples.warehouse,
        "SELECT outcome, count(*) AS n FROM fact_ingest GROUP BY 1 "
        "UNION ALL SELECT 'telegrams', count(*) FROM fact_cable",
    )
    for row in held:
        assert said[str(row["outcome"])] == str(row["n"])
    assert "Published" in samples.result.stdout


def test_run_is_recorded_where_the_ui_shows_it(samples: Loaded) -> None:
    runs = {str(row["run_id"]) for row in _query(samples.warehouse, "FROM fact_ingest")}
    with dg.DagsterInstance.get() as instance:
        recorded = {run.run_id: run.status for run in instance.get_runs()}
    assert {recorded[run] for run in runs} == {dg.DagsterRunStatus.SUCCESS}


def test_rejected_documents_are_listed_and_the_rest_is_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "07TALLINN9901.html").write_bytes(TALLINN.read_bytes())
    (folder / "shopping.txt").write_text("two loaves, a herring\n")
    warehouse = tmp_path / "w.duckdb"
    result = run_cables("ingest", folder, "-w", warehouse)
    assert result.exit_code == 0
    assert "shopping.txt: not a telegram" in " ".join(result.stdout.split())
    assert _query(warehouse, "SELECT mrn FROM cable") == [{"mrn": "07TALLINN9901"}]
    listed = run_cables("rejects", "-w", warehouse, "-f", "json")
    (row,) = json.loads(listed.stdout)
    assert row["document"].endswith("/shopping.txt")
    assert row["reason"].startswith("not a telegram")


def _made(warehouse: Path) -> set[str]:
    """Give the assets that the last run into a warehouse made."""
    import dagster as dg

    (last,) = _query(warehouse, "SELECT arg_max(run_id, ingested_at) AS run_id FROM fact_ingest")
    kind = dg.DagsterEventType.ASSET_MATERIALIZATION
    with dg.DagsterInstance.get() as instance:
        events = [
            entry.dagster_event for entry in instance.all_logs(str(last["run_id"]), of_type=kind)
        ]
    return {event.asset_key.to_user_string() for event in events if event and event.asset_key}


def _aged(path: Path, content: bytes) -> None:
    """Write a file that has not been touched for a while."""
    path.write_bytes(content)
    os.utime(path, (1_200_000_000, 1_200_000_000))


@pytest.mark.slow
def test_run_with_nothing_new_makes_only_what_tells_the_runs(tmp_path: Path) -> None:
    folder, warehouse = tmp_path / "drop", tmp_path / "w.duckdb"
    folder.mkdir()
    _aged(folder / "07TALLINN9901.html", TALLINN.read_bytes())
    _aged(folder / "shopping.txt", b"two loaves, a herring")
    assert run_cables("ingest", folder, "-w", warehouse).exit_code == 0
    assert _made(warehouse) > {"headers", "fact_cable", "dim_tag"}
    tables = "SELECT mrn, subject FROM cable"
    before = _query(warehouse, tables)
    assert run_cables("ingest", folder, "-w", warehouse).exit_code == 0
    assert _made(warehouse) == set(OF_EVERY_RUN)
    outcomes = "SELECT outcome, count(*) AS n FROM fact_ingest GROUP BY 1 ORDER BY 1"
    assert _query(warehouse, outcomes) == [
        {"outcome": "loaded", "n": 1},
        {"outcome": "rejected", "n": 2},
        {"outcome": "unchanged", "n": 1},
    ]
    assert _query(warehouse, tables) == before
    for asked in ("--verify", "--prune", "--rebuild"):
        assert run_cables("ingest", folder, "-w", warehouse, asked).exit_code == 0
        assert "fact_cable" in _made(warehouse), asked


@pytest.mark.slow
def test_file_that_comes_after_the_look_is_loaded_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, warehouse = tmp_path / "drop", tmp_path / "w.duckdb"
    folder.mkdir()
    _aged(folder / "07TALLINN9901.html", TALLINN.read_bytes())
    assert run_cables("ingest", folder, "-w", warehouse).exit_code == 0
    _aged(folder / "later.txt", (SAMPLES / "raw" / "07ASTANA9919.txt").read_bytes())
    monkeypatch.setattr(intake, "look", lambda *_, **__: ToRead(0, 0))
    assert run_cables("ingest", folder, "-w", warehouse).exit_code == 0
    assert _query(warehouse, "SELECT count(*) AS n FROM cable") == [{"n": 2}]


def test_file_in_doubt_is_read_again_and_the_tables_are_not_written(tmp_path: Path) -> None:
    drop, warehouse = tmp_path / "07ASTANA9919.txt", tmp_path / "w.duckdb"
    text = (SAMPLES / "raw" / "07ASTANA9919.txt").read_bytes()

    def write(text: bytes) -> None:
        drop.write_bytes(text)
        os.utime(drop, (4_000_000_000,) * 2)  # a time to come is in doubt for good

    write(text)
    assert run_cables("ingest", drop, "-w", warehouse).exit_code == 0
    assert run_cables("ingest", drop, "-w", warehouse).exit_code == 0
    assert _made(warehouse) == set(OF_EVERY_RUN)
    write(text.replace(b"9919", b"9918"))
    assert run_cables("ingest", drop, "-w", warehouse).exit_code == 0
    assert _query(warehouse, "SELECT mrn FROM cable") == [{"mrn": "07ASTANA9918"}]


def test_second_ingest_adds_to_the_warehouse_and_rebuild_forgets(tmp_path: Path) -> None:
    warehouse, other = tmp_path / "w.duckdb", SAMPLES / "raw" / "07ASTANA9919.txt"
    assert run_cables("ingest", TALLINN, "-w", warehouse).exit_code == 0
    again = run_cables("ingest", TALLINN, other, "-w", warehouse)
    assert again.exit_code == 0
    outcomes = "SELECT outcome FROM ingest_outcome WHERE is_latest_run ORDER BY outcome"
    assert [row["outcome"] for row in _query(warehouse, outcomes)] == ["loaded", "unchanged"]
    assert len(_query(warehouse, "FROM fact_cable")) == 2
    assert run_cables("ingest", TALLINN, other, "-w", warehouse).exit_code == 0, "nothing new"
    assert [row["outcome"] for row in _query(warehouse, outcomes)] == ["unchanged", "unchanged"]
    assert run_cables("ingest", other, "-w", warehouse, "--rebuild").exit_code == 0
    assert _query(warehouse, "SELECT mrn FROM cable") == [{"mrn": "07ASTANA9919"}]


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest", "no/such/place"],
        ["ingest", "no/such/*.html"],
        ["ingest"],
        ["query"],
        ["query", "SELECT 1", "--file", "x.sql"],
        ["query", "--file", "no-such-file.sql"],
        ["query", "SELECT 1", "--format", "xml"],
        ["show"],
        ["nonsense"],
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_wrong_usage_exits_with_2(arguments: list[str], tmp_path: Path) -> None:
    warehouse = ["-w", str(tmp_path / "w")] if arguments[0] == "ingest" else []
    result = run_cables(*arguments, *warehouse)
    assert result.exit_code == 2
    assert result.stderr
    assert not (tmp_path / "w").exists()


def test_busy_warehouse_exits_with_1_and_says_who_holds_it(tmp_path: Path) -> None:
    from etl.store import Store

    warehouse = tmp_path / "w.duckdb"
    with Store(warehouse).lock():
        result = run_cables("ingest", TALLINN, "-w", warehouse)
    assert result.exit_code == 1
    assert str(os.getpid()) in result.stderr
    assert not warehouse.exists()


@pytest.mark.slow
def test_sources_may_be_given_as_addresses(tmp_path: Path) -> None:
    for address in (TALLINN.as_uri(), TALLINN.as_uri().replace("///", "/")):
        result = run_cables("ingest", address, "-w", tmp_path / "w.duckdb")
        assert result.exit_code == 0, result.stderr
    assert _query(tmp_path / "w.duckdb", "SELECT uri FROM cable") == [{"uri": TALLINN.as_uri()}]


def test_foreign_file_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine.duckdb"
    with duckdb.connect(mine) as con:
        con.execute("CREATE TABLE diary AS SELECT 'secret' AS entry")
    before = mine.read_bytes()
    result = run_cables("ingest", TALLINN, "-w", mine)
    assert result.exit_code == 1
    assert mine.read_bytes() == before


def test_place_that_may_not_be_written_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, **_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("etl.store.lock_file", refused)
    warehouse = tmp_path / "w.duckdb"
    result = run_cables("ingest", TALLINN, "-w", warehouse)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"cables: nothing was published, {warehouse} was not made: "
        f"{tmp_path / '.w' / 'lock'}: Permission denied"
    ]


@pytest.mark.slow
def test_damaged_text_of_an_earlier_run_is_said_in_one_line(tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    assert run_cables("ingest", TALLINN, "-w", warehouse).exit_code == 0
    for part in (tmp_path / ".w" / "documents").iterdir():
        os.truncate(part, 100)
    result = run_cables("ingest", TALLINN, "-w", warehouse, "--verify")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert f"what is kept in {tmp_path / '.w'} is damaged" in line
    assert "--rebuild" in line
    assert run_cables("ingest", TALLINN, "-w", warehouse, "--rebuild").exit_code == 0


def test_home_that_dagster_cannot_use_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.write_text("a file")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    result = run_cables("ingest", TALLINN, "-w", tmp_path / "w.duckdb")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"cables: Dagster cannot keep its history in {home}: ")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.slow
def test_home_may_be_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", "history-of-runs")
    result = run_cables("ingest", TALLINN, "-w", tmp_path / "w.duckdb")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "history-of-runs" / "history" / "runs.db").exists()


def test_failed_check_publishes_nothing_and_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etl import parsing
    from etl.parse import parse, telegram

    def with_a_lost_paragraph(documents: pl.DataFrame) -> dict[str, pl.DataFrame]:
        frames = parse(documents)
        return frames | {"paragraphs": frames["paragraphs"].slice(1)}

    warehouse = tmp_path / "w.duckdb"
    monkeypatch.setattr(telegram, "parse", with_a_lost_paragraph)
    monkeypatch.setattr(parsing, "WORKERS", 1)  # none that would parse as ever
    result = run_cables("ingest", TALLINN, "-w", warehouse)
    assert result.exit_code == 1
    assert "staged_warehouse: counts_reconcile" in result.stderr
    assert not warehouse.exists()


@pytest.mark.parametrize("rebuild", [[], ["--rebuild"]])
@pytest.mark.parametrize("kind", ["database", "text", "folder", "link"])
def test_what_is_not_ours_is_refused_before_anything_is_made(
    tmp_path: Path, kind: str, rebuild: list[str]
) -> None:
    mine = tmp_path / "mine.duckdb"
    if kind == "database":
        with duckdb.connect(mine) as con:
            con.execute("CREATE TABLE diary AS SELECT 'secret' AS entry")
    elif kind == "text":
        mine.write_text("dear diary")
    elif kind == "folder":
        mine.mkdir()
    else:
        (tmp_path / "elsewhere").write_text("dear diary")
        mine.symlink_to(tmp_path / "elsewhere")
    before = sorted(path.name for path in tmp_path.iterdir())
    content = mine.read_bytes() if mine.is_file() else None
    result = run_cables("ingest", TALLINN, "-w", mine, *rebuild)
    assert result.exit_code == 1
    assert "made by this program" in result.stderr or "is a folder" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "--rebuild" not in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert content is None or mine.read_bytes() == content


def test_sources_that_hold_nothing_are_named_and_nothing_changes(tmp_path: Path) -> None:
    warehouse, folder = tmp_path / "w.duckdb", tmp_path / "inbox"
    (folder / "below").mkdir(parents=True)
    none = run_cables("ingest", folder, "-w", warehouse)
    assert none.exit_code == 1
    assert f"nothing found in {folder}" in none.stderr
    assert "was not made" in none.stderr
    assert not warehouse.exists()
    assert run_cables("ingest", TALLINN, "-w", warehouse).exit_code == 0
    before = warehouse.resolve()
    empty = run_cables("ingest", folder, "-w", warehouse)
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert f"nothing found in {folder}; {warehouse} is as it was" in empty.stderr
    rebuild = run_cables("ingest", folder, "-w", warehouse, "--rebuild")
    assert rebuild.exit_code == 1
    assert "--rebuild would empty" in rebuild.stderr
    assert warehouse.resolve() == before
    assert len(_query(warehouse, "FROM fact_cable")) == 1


@pytest.mark.slow
def test_folder_that_holds_only_the_warehouse_is_said_to_hold_nothing(tmp_path: Path) -> None:
    warehouse = tmp_path / "place" / "w.duckdb"
    assert run_cables("ingest", TALLINN, "-w", warehouse).exit_code == 0
    result = run_cables("ingest", warehouse.parent, "-w", warehouse)
    assert result.exit_code == 0
    assert f"nothing found in {warehouse.parent}" in result.stderr


def _evaluation(said: str, check: str) -> dg.AssetCheckEvaluation:
    """Give what the UI shows of a check of the run that the command has named."""
    run_id = said.partition("(run ")[2][:36]
    with dg.DagsterInstance.get() as instance:
        events = [entry.dagster_event for entry in instance.all_logs(run_id)]
    evaluations = [
        event.asset_check_evaluation_data
        for event in events
        if event and event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    (found,) = [each for each in evaluations if each.check_name == check]
    return found


@pytest.mark.parametrize(("expected", "exit_code"), [("3", 0), ("4", 1), ("2", 1)])
def test_number_of_csv_rows_that_was_not_expected_publishes_nothing(
    tmp_path: Path, expected: str, exit_code: int
) -> None:
    csv_file, warehouse = tmp_path / "cables.csv", tmp_path / "w.duckdb"
    csv_file.write_text(make_row(1) + "half a row\n" + make_row(3, mrn="07EXAMPLEVILLE43"))
    (tmp_path / "more.txt").write_text("a note, not a row\n")
    sources = [csv_file, tmp_path / "more.txt"]
    result = run_cables("ingest", *sources, "-w", warehouse, "--expect-rows", expected)
    assert result.exit_code == exit_code, result.output
    assert warehouse.exists() == (exit_code == 0)
    if exit_code:
        assert f"expected {expected} rows, found 3 rows" in result.stderr
        assert "2 read and 1 rejected" in result.stderr
        check = _evaluation(result.stderr, "expected_rows")
        assert not check.passed
        assert check.blocking
        assert check.asset_key.to_user_string() == "documents"
    else:
        again = run_cables("ingest", *sources, "-w", warehouse, "--expect-rows", expected)
        assert again.exit_code == 0, again.output  # though nothing was opened


@pytest.mark.slow
def test_telegrams_glued_in_one_file_are_loaded_each_for_itself(tmp_path: Path) -> None:
    folder, warehouse = tmp_path / "drop", tmp_path / "w.duckdb"
    folder.mkdir()
    files = [SAMPLES / "raw" / name for name in ("07ASTANA9919.txt", "08PRAGUE9920.txt")]
    texts = [file.read_bytes() for file in files]
    ends = b"\nBT\n#0001\nNNNN\n\n"
    (folder / "all.txt").write_bytes(ends.join([*texts, texts[0]]) + ends)
    result = run_cables("ingest", folder, "-w", warehouse)
    assert result.exit_code == 0, result.output
    alone = tmp_path / "alone.duckdb"
    run_cables("ingest", *files, "-w", alone)
    rows = "SELECT mrn, sent_at, subject, tags FROM cable ORDER BY ALL"
    for sql in (rows, "FROM paragraph ORDER BY ALL", "FROM reference ORDER BY ALL"):
        assert _query(warehouse, sql) == _query(alone, sql)
    statuses = "SELECT member, status FROM dim_document WHERE document_key > 0"
    found = {row["member"]: row["status"] for row in _query(warehouse, statuses)}
    assert found["2"] == "loaded"
    assert {found[None], found["3"]} == {"loaded", "duplicate"}
    shown = run_cables("show", "08PRAGUE9920", "-w", warehouse).stdout
    assert shown.rstrip().endswith("all.txt#2")


@pytest.mark.slow
def test_limits_and_links_are_options_and_the_reasons_name_them(tmp_path: Path) -> None:
    folder, warehouse = tmp_path / "drop", tmp_path / "w.duckdb"
    folder.mkdir()
    (folder / "long.txt").write_text(telegram(1, extra="lorem ipsum " * 100_000))
    entries = [(name, telegram(number).encode()) for number, name in ((2, "a"), (3, "b"))]
    (folder / "two.zip").write_bytes(zipped(entries))
    blank = telegram(4).encode() + b" " * (20 << 20)
    (folder / "well-packed.gz").write_bytes(gzip.compress(blank))
    (tmp_path / "outside.txt").write_text(telegram(5))
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    result = run_cables(
        *("ingest", folder, "-w", warehouse, "--max-document-mib", "1", "--max-entries", "1")
    )
    assert result.exit_code == 0, result.output
    reasons = {
        str(row["uri"]).rsplit("/", 1)[1]: str(row["reason"])
        for row in _query(
            warehouse, "SELECT uri, reason FROM fact_ingest JOIN dim_document USING (document_key)"
        )
    }
    assert "the limit is 1,048,576 (--max-document-mib raises it)" in reasons["long.txt"]
    assert "more than 1 entries (--max-entries raises it)" in reasons["two.zip"]
    assert "200 times its packed size (--max-ratio raises it)" in reasons["well-packed.gz"]
    assert "not followed unless asked to (--follow-symlinks)" in reasons["link.txt"]
    result = run_cables(
        *("ingest", folder, "-w", warehouse, "--max-ratio", "5000", "--follow-symlinks")
    )
    assert result.exit_code == 0, result.output
    loaded = _query(warehouse, "SELECT mrn FROM cable ORDER BY ALL")
    assert [row["mrn"] for row in loaded] == [f"07TALLINN{number}" for number in range(1, 6)]
