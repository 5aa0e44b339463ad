import re
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl.contracts.tables import DERIVED, TABLES, VIEWS, duckdb_type, foreign_keys
from etl.invariants import about, invariants, outcomes, run_invariants, statement
from etl.publish import SQL_DIR
from etl.store import Store
from tests.star.synthetic import (
    PARSER,
    Frames,
    document,
    documents,
    ingest,
    query,
    some_documents,
)

QUERIES = sorted((SQL_DIR / "queries").glob("*.sql"))

# What the warehouse's contract promises, name by name.
CONTRACT = {
    "fact_cable": "cable_key mrn document_key sent_at sent_date_key origin_post_key "
    "classification_key declassify_date_key precedence transmission_id executive_order subject "
    "summary is_partial_extract paragraph_count word_count tag_count reference_count "
    "action_addressee_count info_addressee_count redaction_count unrecognised_line_count",
    "fact_paragraph": "cable_key position number portion_marking classification_key section kind "
    "text word_count redaction_count portion_caveats redactions section_marking",
    "fact_reference": "cable_key position letter kind raw_text referenced_mrn referenced_post_key "
    "referenced_cable_key",
    "fact_addressee": "cable_key position role addressee_key precedence message_continuity_number "
    "is_exempt",
    "fact_field_agreement": "cable_key field body_value attribute_value agreement",
    "cable_attribute": "cable_key position name value",
    "cable_review": "cable_key position field raw_text reason",
    "quality_fill_rate": "dialect decade field cable_count filled_count fill_rate",
    "fact_ingest": "run_id document_key ingested_at outcome reason",
    "bridge_cable_tag": "cable_key tag_key position raw_tag",
    "bridge_cable_caveat": "cable_key caveat_key",
    "bridge_cable_reason": "cable_key reason_key",
    "bridge_cable_person": "cable_key person_key role title",
    "dim_date": "date_key date year quarter month month_name day iso_week weekday_name president "
    "secretary_of_state",
    "dim_post": "post_key post_code post_name post_type country_code country_name bureau latitude "
    "longitude",
    "dim_classification": "classification_key level level_rank",
    "dim_reason": "reason_key executive_order reason meaning",
    "dim_caveat": "caveat_key caveat meaning",
    "dim_tag": "tag_key tag tag_kind subject_group tag_name country_code",
    "dim_person": "person_key full_name surname",
    "dim_addressee": "addressee_key name routing_indicator post_key is_collective",
    "dim_document": "document_key uri member sha256 size_bytes encoding dialect first_seen_at",
    "cable": "mrn sent_at post_name post_code country_name classification caveats precedence "
    "transmission_id executive_order declassify_on subject summary tags references "
    "other_references action_addressees info_addressees classified_by classified_by_title reasons "
    "signers is_partial_extract paragraph_count word_count redaction_count dialect uri",
    "paragraph": "mrn sent_at post_name position number portion_marking portion_caveats section "
    "kind text word_count redaction_count redactions",
    "reference": "mrn letter kind referenced_mrn raw_text is_held",
    "data_dictionary": "table_name column_name comment source",
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warehouse") / "cables.duckdb"
    return ingest(Store(path, parser_version=PARSER), "run-a", some_documents())


@pytest.fixture
def copy(warehouse: Path, tmp_path: Path) -> duckdb.DuckDBPyConnection:
    path = tmp_path / "copy.duckdb"
    shutil.copyfile(warehouse, path)
    return duckdb.connect(path)


@pytest.mark.parametrize("table", CONTRACT)
def test_contract_columns(warehouse: Path, table: str) -> None:
    rows = query(
        warehouse, f"SELECT column_name FROM duckdb_columns() WHERE table_name = '{table}'"
    )
    assert set(CONTRACT[table].split()) <= {str(row[0]) for row in rows}


@pytest.mark.parametrize(("table", "schema"), [*TABLES.items(), *DERIVED.items(), *VIEWS.items()])
def test_columns_and_types_are_as_described(warehouse: Path, table: str, schema: type) -> None:
    rows = query(
        warehouse,
        "SELECT column_name, data_type FROM duckdb_columns() "
        f"WHERE table_name = '{table}' ORDER BY column_index",
    )
    described = {
        name: duckdb_type(kind) for name, kind in TABLES.get(table, schema).columns().items()
    }
    found = {str(name): str(kind).replace('"', "") for name, kind in rows}
    assert found == {name: kind.replace('"', "") for name, kind in described.items()}
    assert list(found) == list(described)


def test_everything_is_commented(warehouse: Path) -> None:
    for kind, name in (
        ("tables", "table_name"),
        ("views", "view_name"),
        ("columns", "column_name"),
    ):
        silent = query(
            warehouse,
            f"SELECT {name} FROM duckdb_{kind}() "
            "WHERE NOT internal AND (comment IS NULL OR comment = '')",
        )
        assert silent == []


def test_data_dictionary_covers_everything_and_splits_off_the_source(warehouse: Path) -> None:
    rows = query(warehouse, "SELECT table_name, column_name FROM data_dictionary")
    groups = (TABLES, DERIVED, VIEWS)
    expected = {
        (table, column)
        for group in groups
        for table, schema in group.items()
        for column in [None, *schema.column_names()]
    }
    assert set(rows) == expected
    assert len(rows) == len(expected)
    assert query(
        warehouse,
        "SELECT comment, source, data_type FROM data_dictionary "
        "WHERE table_name = 'bridge_cable_tag' AND column_name = 'raw_tag'",
    ) == [("Tag as printed.", "TAGS line", "VARCHAR")]


def test_data_dictionary_works_in_an_attached_file(warehouse: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{warehouse}' AS somewhere (READ_ONLY)")
        [row] = connection.execute("SELECT count(*) FROM somewhere.data_dictionary").fetchall()
    assert row == query(warehouse, "SELECT count(*) FROM data_dictionary")[0]


def test_cable_shows_one_telegram_whole(warehouse: Path) -> None:
    with duckdb.connect(warehouse, read_only=True) as connection:
        result = connection.execute("SELECT * FROM cable WHERE mrn = '07ASTANA3'")
        columns = [column[0] for column in result.description or []]
        [row] = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    assert row["caveats"] == ["NOFORN", "REL TO USA, GBR", "SIPDIS"]
    assert row["tags"] == ["PREL", "KZ", "STEINBERG, JAMES B.", "ZZZZ"]
    assert row["references"] == ["07ASTANA4", "07ATLANTIS7"]
    assert row["other_references"] == ["DOE-ROE EMAIL"]
    assert row["action_addressees"] == [
        {
            "routing_indicator": "RUEHC",
            "name": "SECSTATE WASHDC",
            "precedence": "ROUTINE",
            "message_continuity_number": "0003",
        }
    ]
    assert [found["name"] for found in row["info_addressees"]] == ["CIS COLLECTIVE"]
    assert [found["name"] for found in row["exempt_addressees"]] == ["AMEMBASSY ASTANA"]
    assert (row["classified_by"], row["classified_by_title"]) == ("Jane  Roe", "Chief")
    assert row["reasons"] == ["1.4(d)", "1.4(b)", "1.5(q)"]
    assert row["signers"] == ["DOE"]
    assert (row["post_name"], row["country_name"]) == ("Astana", "Kazakhstan")
    assert row["classification"] == "CONFIDENTIAL"
    assert row["uri"] == "file:///cables/3.txt"


def test_cable_has_empty_lists_and_null_for_unknown(warehouse: Path) -> None:
    [row] = query(
        warehouse,
        'SELECT caveats, "references", other_references, reasons, signers, post_name, post_code '
        "FROM cable WHERE starts_with(mrn, 'UNKNOWN') OR mrn = '07ASTANA12' ORDER BY mrn LIMIT 1",
    )
    assert row[:5] == ([], [], [], [], [])
    [row] = query(
        warehouse,
        "SELECT post_name, post_code, country_name FROM cable WHERE starts_with(mrn, 'UNKNOWN')",
    )
    assert row == (None, None, None)
    [(levels,)] = query(warehouse, "SELECT list(DISTINCT classification) FROM cable")
    assert isinstance(levels, list)
    assert set(levels) == {"CONFIDENTIAL", "UNCLASSIFIED", None}


def test_cable_names_a_telegram_cited_twice_once_and_all_classifiers(tmp_path: Path) -> None:
    def with_more(frames: Frames) -> Frames:
        items = frames["references"].filter(pl.col("position") == 1)
        again = [items.with_columns(position=pl.lit(n, pl.Int32), letter=None) for n in (4, 5)]
        again[1] = again[1].with_columns(referenced_mrn=pl.lit("06ASTANA1"))
        classifier = frames["people"].filter(pl.col("role") == "classifier")
        second = classifier.with_columns(
            position=pl.lit(2, pl.Int32), full_name=pl.lit("JOHN DOE"), title=pl.lit("Deputy")
        )
        return frames | {
            "references": pl.concat([frames["references"], *again]),
            "people": pl.concat([second, frames["people"]]),
        }

    store = Store(tmp_path / "cables.duckdb", parser_version=PARSER)
    path = ingest(store, "run-a", documents([document(3)]), alter=with_more)
    assert query(
        path,
        'SELECT "references", other_references, classified_by, classified_by_title FROM cable',
    ) == [
        (
            ["07ASTANA4", "07ATLANTIS7", "06ASTANA1"],
            ["DOE-ROE EMAIL"],
            "Jane  Roe; JOHN DOE",
            "Chief; Deputy",
        )
    ]
    assert query(path, "SELECT count(*) FROM fact_reference") == [(5,)]


def test_fill_rates_are_counted_by_dialect_decade_and_field(warehouse: Path) -> None:
    rows = query(
        warehouse,
        "SELECT dialect, decade, cable_count, filled_count, fill_rate FROM quality_fill_rate "
        "WHERE field = 'tags' ORDER BY ALL",
    )
    assert rows == [("raw_telegram", -1, 3, 3, 1.0), ("raw_telegram", 2000, 10, 10, 1.0)]
    found = query(
        warehouse,
        "SELECT field, sum(filled_count) FROM quality_fill_rate WHERE field IN "
        "('mrn', 'sent_at', 'references', 'portion_marking', 'drafters', 'attributes') "
        "GROUP BY field ORDER BY field",
    )
    assert found == [
        ("attributes", 10),
        ("drafters", 0),
        ("mrn", 12),
        ("portion_marking", 13),
        ("references", 10),
        ("sent_at", 10),
    ]


def test_every_column_of_cable_that_a_telegram_says_has_its_fill_rate(warehouse: Path) -> None:
    said_otherwise = {
        "post_name": "post_code",  # as post_code; the country comes from a table
        "country_name": "post_code",
        "country_code": "post_code",
        "paragraph_count": "paragraphs",
        "word_count": "paragraphs",
        "redaction_count": "redactions",
    }
    not_said = {"is_partial_extract", "unrecognised_line_count", "dialect", "uri", "member"}
    fields = {str(row[0]) for row in query(warehouse, "SELECT field FROM quality_fill_rate")}
    columns = set(VIEWS["cable"].column_names()) - not_said
    assert {said_otherwise.get(column, column) for column in columns} <= fields
    assert fields == set(DERIVED["cable_filled"].column_names()) - {"cable_key"}


def test_every_telegram_is_once_in_cable(warehouse: Path) -> None:
    assert query(warehouse, "SELECT count(*), count(DISTINCT mrn) FROM cable") == query(
        warehouse, "SELECT count(*), count(*) FROM fact_cable"
    )


def test_reference_tells_what_is_held(warehouse: Path) -> None:
    rows = query(
        warehouse,
        "SELECT letter, kind, referenced_mrn, is_held FROM reference "
        "WHERE mrn = '07ASTANA3' ORDER BY position",
    )
    assert rows == [
        ("A", "cable", "07ASTANA4", True),
        ("B", "email", None, False),
        (None, "cable", "07ATLANTIS7", False),
    ]


def test_a_reference_is_held_once_its_telegram_comes(tmp_path: Path) -> None:
    store = Store(tmp_path / "cables.duckdb", parser_version=PARSER)
    sql = "SELECT is_held FROM reference WHERE mrn = '07ASTANA1'"
    ingest(store, "run-a", documents([document(1)]))
    assert query(store.warehouse, sql) == [(False,)]
    ingest(store, "run-b", documents([document(2)]))
    assert query(store.warehouse, sql) == [(True,)]


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_example_query_runs(warehouse: Path, path: Path) -> None:
    sql = path.read_text("utf-8")
    assert re.match(r"-- [A-Z].*\.\n", sql), "it says what it tells"
    query(warehouse, sql)


def test_there_are_example_queries() -> None:
    assert len(QUERIES) >= 5


def test_invariants_hold(copy: duckdb.DuckDBPyConnection) -> None:
    assert [str(failure) for failure in run_invariants(copy)] == []


def test_invariants_say_what_they_prove() -> None:
    assert len(invariants()) >= 10
    for name, sql in invariants().items():
        assert sql.startswith("-- "), name
        assert statement(sql).endswith("."), name


def test_every_foreign_key_and_every_table_is_looked_at() -> None:
    orphans = invariants()["foreign_keys"]
    for table, column, _ in foreign_keys():
        assert f"'{table}.{column}'" in orphans
    for table in (*TABLES, *DERIVED):
        assert f"'{table}'" in invariants()["unique_keys"]
        if table.startswith("dim_"):
            assert f"'{table}'" in invariants()["unknown_members"]


FAULTS = {
    "DELETE FROM dim_tag WHERE tag = 'KZ'": {"foreign_keys"},
    "DELETE FROM dim_post WHERE post_code = 'ASTANA'": {"foreign_keys"},
    "DELETE FROM dim_person WHERE person_key = -1": {"unknown_members"},
    "INSERT INTO dim_caveat FROM dim_caveat WHERE caveat = 'NOFORN'": {
        "unique_keys",
        "unique_members",
    },
    "INSERT INTO bridge_cable_tag FROM bridge_cable_tag LIMIT 1": {
        "unique_keys",
        "counts_reconcile",
        "positions_contiguous",
    },
    "UPDATE dim_tag SET tag = 'PREL' WHERE tag = 'KDEM'": {"unique_members"},
    "DELETE FROM fact_paragraph WHERE position = 1": {
        "counts_reconcile",
        "positions_contiguous",
        "versions_reconciled",
    },
    "UPDATE fact_cable SET word_count = word_count + 1 WHERE mrn = '07ASTANA3'": {
        "counts_reconcile"
    },
    "UPDATE fact_addressee SET is_exempt = true WHERE role = 'action'": {"counts_reconcile"},
    "UPDATE fact_reference SET referenced_cable_key = -1": {"references_resolved"},
    "UPDATE dim_document SET status = 'loaded' WHERE status = 'rejected'": {
        "documents_reconciled",
        "outcomes_agree",
        "versions_reconciled",
    },
    "UPDATE fact_ingest SET reason = NULL": {"ingest_reconciled"},
    "UPDATE fact_ingest SET outcome = 'lost' WHERE outcome = 'rejected'": {
        "ingest_reconciled",
        "outcomes_agree",
    },
    "UPDATE fact_cable SET sent_date_key = 20071120 WHERE mrn = '07ASTANA3'": {"dates_agree"},
    "UPDATE fact_cable SET mrn = '07ASTANA3' WHERE mrn = '07ASTANA4'": {
        "unique_members",
        "references_resolved",
        "versions_reconciled",
    },
    "DELETE FROM cable_list WHERE len(tags) = 1": {"lists_complete"},
    'UPDATE cable_list SET "references" = [] WHERE len(tags) = 4': {"lists_complete"},
    "UPDATE fact_paragraph SET redaction_count = 2": {"redactions_placed"},
    "UPDATE fact_paragraph SET redaction_count = 1, "
    "redactions = [{'start': length(text) - 3, 'length': 4}]": {"redactions_inside"},
    "UPDATE fact_paragraph SET redaction_count = 2, redactions = [{'start': 4, 'length': 4}, "
    "{'start': 7, 'length': 4}]": {"redactions_placed"},
    "UPDATE fact_field_agreement SET body_value = NULL": {"agreements_told"},
    "UPDATE fact_field_agreement SET agreement = 'agree'": {"agreements_told"},
    "DELETE FROM cable_attribute WHERE name = 'Locator'": {"positions_contiguous"},
    "DELETE FROM quality_fill_rate WHERE decade = -1": {"fill_rates_counted"},
    "UPDATE quality_fill_rate SET fill_rate = 0.5": {"fill_rates_counted"},
    "DELETE FROM fact_cable WHERE mrn = '07ASTANA3'": {
        "foreign_keys",
        "documents_reconciled",
        "lists_complete",
        "references_resolved",
        "fill_rates_counted",
    },
    "DELETE FROM cable_version WHERE mrn = '07ASTANA3'": {"versions_reconciled"},
    "UPDATE cable_version SET is_current = true": {"versions_reconciled"},
    "UPDATE version_paragraph SET current_position = 9": {"versions_reconciled"},
    "INSERT INTO near_duplicate SELECT cable_key, cable_key, 2, 1 FROM fact_cable LIMIT 1": {
        "near_duplicates_grouped"
    },
    "COMMENT ON COLUMN dim_tag.tag IS NULL": {"everything_described"},
    "COMMENT ON COLUMN cable.mrn IS 'It has no raw element'": {"everything_described"},
}


@pytest.mark.parametrize(("fault", "found_by"), FAULTS.items())
def test_invariants_find_planted_faults(
    copy: duckdb.DuckDBPyConnection, fault: str, found_by: set[str]
) -> None:
    copy.execute(fault)
    failures = run_invariants(copy)
    assert {failure.name for failure in failures} == found_by
    assert all(failure.row_count and failure.sample for failure in failures)
    # Asked about the tables that were written only, they find the same.
    table = re.match(r"(?:DELETE FROM|INSERT INTO|UPDATE|COMMENT ON COLUMN) (\w+)", fault)
    assert table is not None
    limited = {name: about(sql, {table[1]}) for name, sql in invariants().items()}
    found = outcomes(copy, {name: sql for name, sql in limited.items() if sql})
    assert {name for name, failure in found.items() if failure} == found_by
    assert limited != invariants()


def test_every_invariant_finds_something() -> None:
    assert set().union(*FAULTS.values()) == invariants().keys()
