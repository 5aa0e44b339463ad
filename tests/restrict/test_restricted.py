"""What an audience may not have cannot be read out of its file, in no way; the rest can."""

import os
import shutil
import stat
from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl.contracts.tables import DERIVED, TABLES, VIEWS
from etl.invariants import run_invariants
from etl.publish import verify
from etl.published import Arrow
from tests.conftest import Loaded, run_cables
from tests.restrict import telegrams
from tests.restrict.conftest import found_in
from tests.star.synthetic import query

PUBLIC = ("--max-classification", "UNCLASSIFIED", "--exclude-caveat", "NOFORN", "--mask-protected")


def published(warehouse: Path, out: Path, *options: str) -> Path:
    result = run_cables("publish", "-w", warehouse, *options, out)
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def public(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(warehouse, tmp_path_factory.mktemp("out") / "public.duckdb", *PUBLIC)


def test_the_words_are_all_in_the_warehouse(warehouse: Path) -> None:
    shut, opened = telegrams.words("shut"), telegrams.words("open")
    assert len(shut) > 40
    assert len(opened) > 15
    path = warehouse.resolve()
    # The rejected document's text is not kept, only its name and the reason; nor is a text that
    # a fuller one replaced.
    assert shut - found_in(path, shut) == {"shutrejected"}
    assert opened == found_in(path, opened)


def test_nothing_withheld_can_be_read_out_of_the_file(public: Path) -> None:
    assert found_in(public, telegrams.words("shut")) == set()


def test_what_they_may_have_is_there(public: Path) -> None:
    opened = telegrams.words("open")
    assert found_in(public, opened) == opened


def test_keys_of_what_is_withheld_are_not_in_the_file(warehouse: Path, public: Path) -> None:
    """Keys are made of names: with the key, a guessed name could be proved."""
    sql = (
        "SELECT cable_key FROM fact_cable UNION SELECT document_key FROM dim_document "
        "UNION SELECT person_key FROM dim_person UNION SELECT addressee_key FROM dim_addressee "
        "UNION SELECT tag_key FROM dim_tag WHERE is_inferred"
    )
    held = {str(row[0]) for row in query(public, sql)}
    withheld = {str(row[0]) for row in query(warehouse, sql)} - held
    assert len(withheld) > 15
    assert found_in(public, withheld) == set()
    hashes = {
        str(row[0])
        for row in query(
            warehouse,
            "SELECT sha256 FROM dim_document LEFT JOIN fact_cable USING (document_key) "
            "WHERE sha256 IS NOT NULL AND (mrn IS NULL OR mrn NOT IN ('07ASTANA9810', "
            "'07ASTANA9811'))",
        )
    }
    assert len(hashes) == 11
    assert found_in(public, hashes) == set()


def test_the_file_is_a_warehouse(public: Path) -> None:
    rows = verify(public)
    assert rows["fact_cable"] == 5
    with duckdb.connect(public, read_only=True) as con:
        assert run_invariants(con) == []
        for table, schema in TABLES.items():
            schema.validate(pl.DataFrame(Arrow(con.sql(f"FROM {table}"))), cast=True)
    assert {row[0] for row in query(public, "SELECT table_name FROM data_dictionary")} == {
        *TABLES,
        *DERIVED,
        *VIEWS,
    }


def test_show_and_query_read_it(public: Path) -> None:
    shown = run_cables("show", "07ASTANA9807", "-w", public)
    assert shown.exit_code == 0
    assert "LUNCH WITH XXXXXXXXXXXX AND OPENSUBJECTS" in shown.stdout
    assert "MP XXXXXXXXXXXX (strictly protect)" in shown.stdout
    rejects = run_cables("rejects", "--all", "-w", public)
    assert rejects.stdout.strip() == "No document was rejected."


def test_counts_and_places_are_of_what_is_left(public: Path) -> None:
    assert query(
        public,
        "SELECT position, number, redaction_count, "
        "[text[x.start + 1:x.start + x.length] FOR x IN redactions] "
        "FROM paragraph WHERE mrn = '07ASTANA9807' ORDER BY position",
    ) == [
        (1, 1, 1, ["X" * 12]),
        (2, 2, 3, ["X" * 12] * 3),
        (3, 4, 1, ["X" * 12]),
        (4, 5, 1, ["X" * 12]),
    ]
    assert query(
        public,
        "SELECT paragraph_count, redaction_count, line_count, unrecognised_line_count, "
        "word_count = (SELECT sum(len(string_split(text, ' '))) FROM paragraph AS p "
        "WHERE p.mrn = fact_cable.mrn) FROM fact_cable WHERE mrn = '07ASTANA9807'",
    ) == [(4, 7, 0, 0, True)]
    assert query(public, "SELECT summary FROM cable WHERE mrn = '07ASTANA9801'") == [
        ("Openalpha is well and has asked for a lamp in the yard of the old school.",)
    ]


def test_references_to_withheld_telegrams(public: Path) -> None:
    assert query(
        public,
        "SELECT mrn, raw_text, referenced_mrn, is_held FROM reference "
        "WHERE mrn IN ('07ASTANA9801', '07ASTANA9811') ORDER BY mrn, position",
    ) == [
        ("07ASTANA9801", "07ASTANA9802", "07ASTANA9802", False),
        ("07ASTANA9801", "07ALMATY2977", "07ALMATY2977", False),
        ("07ASTANA9811", "07 ASTANA 9801", "07ASTANA9801", True),
        ("07ASTANA9811", "07ASTANA9802", "07ASTANA9802", False),
        ("07ASTANA9811", "OPENWRITER EMAIL OF MAY 3", None, False),
    ]


def test_documents_are_those_of_the_telegrams(public: Path) -> None:
    rows = query(
        public,
        "SELECT parse_filename(uri), sha256 IS NOT NULL, status, part FROM dim_document "
        "WHERE document_key >= 0 ORDER BY 1",
    )
    assert rows == [
        ("clean.txt", True, "loaded", None),
        ("names.txt", False, "loaded", None),
        ("older.txt", True, "loaded", None),
        ("portions.txt", False, "loaded", None),
        ("subject.txt", False, "loaded", None),
    ]
    assert query(public, "SELECT DISTINCT run_id, outcome, reason FROM fact_ingest") == [
        ("restricted publication", "loaded", None)
    ]


def test_the_last_lines_count_and_name_nothing(warehouse: Path, tmp_path: Path) -> None:
    result = run_cables("publish", "-w", warehouse, *PUBLIC, tmp_path / "o.duckdb")
    words = result.stdout.lower()
    assert "written: 5 telegrams, 14 paragraphs" in words
    assert (
        "withheld: 6 telegrams; of those written 8 paragraphs and 1 subjects; "
        "2 references lead to withheld telegrams" in words
    )
    assert "names masked in 1 telegrams (5 requests" in words
    assert not [word for word in telegrams.words("shut") if word in words]
    assert result.stderr == ""


def test_without_masking_names_stay(warehouse: Path, tmp_path: Path) -> None:
    out = published(warehouse, tmp_path / "o.duckdb", "--max-classification", "unclassified")
    assert found_in(out, {"shutpetrov", "shutnamed", "shutomicron"}) == {
        "shutpetrov",
        "shutnamed",
        "shutomicron",
    }
    assert found_in(out, {"shutana", "shutmu", "shutbeta", "shutkappa"}) == {"shutmu"}


def test_a_caveat_alone(warehouse: Path, tmp_path: Path) -> None:
    out = published(warehouse, tmp_path / "o.duckdb", "--exclude-caveat", "nf")
    gone = {"shutmu", "shuteta", "shutgamma", "shutdelta"}
    kept = {"shutkappa", "shutbeta", "shutnu", "shutpetrov"}
    assert found_in(out, gone | kept) == kept


def test_all_of_it_is_the_warehouse(samples: Loaded, tmp_path: Path) -> None:
    """For an audience that may have everything, telegrams are row by row as they were."""
    out = published(
        samples.warehouse,
        tmp_path / "o.duckdb",
        *("--max-classification", "TOP SECRET", "--unknown-classification", "unclassified"),
    )
    for table in TABLES:
        if table in ("fact_ingest", "dim_document", "fact_reference", "cable_attribute"):
            continue
        sql = f"SELECT * FROM {table} ORDER BY ALL"
        assert query(out, sql) == query(samples.warehouse, sql), table
    for view in ("cable", "paragraph"):
        sql = f"SELECT * FROM {view} ORDER BY ALL"
        assert query(out, sql) == query(samples.warehouse, sql), view


def test_telegrams_of_unknown_level(warehouse: Path, tmp_path: Path) -> None:
    options = ("--max-classification", "SECRET", "--unknown-classification")
    out = published(warehouse, tmp_path / "o.duckdb", *options, "SECRET")
    assert found_in(out, {"shutnu"}) == {"shutnu"}
    out = published(warehouse, out, *options, "TOP SECRET")
    assert found_in(out, {"shutnu"}) == set()


def test_the_file_is_for_owner_and_group(warehouse: Path, tmp_path: Path) -> None:
    for mask, mode in ((0o022, 0o640), (0o077, 0o600)):
        before = os.umask(mask)
        try:
            out = published(warehouse, tmp_path / f"{mode}.duckdb", "--exclude-caveat", "NOFORN")
        finally:
            os.umask(before)
        assert stat.S_IMODE(out.stat().st_mode) == mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["384.duckdb", "416.duckdb"]


def test_an_audience_that_may_have_nothing(warehouse: Path, tmp_path: Path) -> None:
    out = published(warehouse, tmp_path / "o.duckdb", *PUBLIC, "--exclude-caveat", "SIPDIS")
    rows = verify(out)
    assert rows["fact_cable"] == rows["fact_paragraph"] == rows["fact_ingest"] == 0
    assert rows["dim_person"] == rows["dim_document"] == 1, "Unknown"
    assert found_in(out, telegrams.words("shut") | telegrams.words("open")) == set()
    assert query(out, "SELECT count(*) FROM cable") == [(0,)]


def test_the_search_would_find_what_is_deleted_from_a_copy(warehouse: Path, tmp_path: Path) -> None:
    """The way not to do it: without this, the search could be blind."""
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(warehouse, copy)
    with duckdb.connect(copy) as con:
        for table in ("dim_person", "dim_document", "dim_addressee", "dim_tag", "cable_list"):
            con.execute(f"DELETE FROM {table}")
        con.execute("CHECKPOINT")
    left = found_in(copy, {"shutclassifier", "shutpath", "shutpost", "shutson"})
    assert left
