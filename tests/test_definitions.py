"""The graph loads, and holds the assets, checks, triggers and metadata that people rely on."""

from pathlib import Path

import dagster as dg
import pytest

from etl import star
from etl.assets import VERSION_INPUTS
from etl.contracts import lineage
from etl.contracts.documents import DocumentIndex, VersionIndex
from etl.contracts.frames import PARSED, Documents
from etl.contracts.tables import TABLES
from etl.definitions import defs
from etl.invariants import checked
from etl.triggers import fingerprint, inbox_sensor

RAW = ["documents"]
REFERENCE = [
    "reference_caveats",
    "reference_declassification_reasons",
    "reference_officials",
    "reference_posts",
    "reference_tags",
]
PARSED_FRAMES = [
    "addressees",
    "agreements",
    "attributes",
    "caveats",
    "headers",
    "lines",
    "paragraphs",
    "people",
    "reasons",
    "references",
    "reviews",
    "tags",
]
STAR = [
    "bridge_cable_caveat",
    "bridge_cable_person",
    "bridge_cable_reason",
    "bridge_cable_tag",
    "cable_attribute",
    "cable_review",
    "cable_version",
    "dim_addressee",
    "dim_caveat",
    "dim_classification",
    "dim_date",
    "dim_document",
    "dim_person",
    "dim_post",
    "dim_reason",
    "dim_tag",
    "fact_addressee",
    "fact_cable",
    "fact_field_agreement",
    "fact_ingest",
    "fact_paragraph",
    "fact_reference",
    "version_index",
    "version_paragraph",
]
PUBLISHED = ["published_warehouse", "staged_warehouse"]


@pytest.fixture(scope="module")
def graph() -> dg.Definitions:
    return defs()


def _specs(graph: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in graph.resolve_all_asset_specs()}


def test_asset_keys_and_groups_are_these(graph: dg.Definitions) -> None:
    groups: dict[str, list[str]] = {}
    for key, spec in sorted(_specs(graph).items()):
        groups.setdefault(spec.group_name or "", []).append(key)
    assert groups == {
        "raw": RAW,
        "reference": REFERENCE,
        "parsed": PARSED_FRAMES,
        "star": STAR,
        "published": PUBLISHED,
    }


def test_every_asset_says_what_it_is_and_how_it_is_made(graph: dg.Definitions) -> None:
    for key, spec in _specs(graph).items():
        assert spec.description, key
        assert spec.kinds, key
        if spec.group_name in ("raw", "parsed", "star"):
            schema = spec.metadata["dagster/column_schema"]
            assert all(column.description for column in schema.columns), key


def test_every_table_and_every_invariant_has_a_blocking_check(graph: dg.Definitions) -> None:
    asset_graph = graph.resolve_asset_graph()
    checks = {(key.asset_key.to_user_string(), key.name) for key in asset_graph.asset_check_keys}
    assert checks == {
        *((table, "contract") for table in [*TABLES, *PARSED]),
        *(("staged_warehouse", name) for name in [*checked(), "fill_rates"]),
        ("documents", "expected_rows"),
    }
    assert all(asset_graph.get_check_spec(key).blocking for key in asset_graph.asset_check_keys)


def test_nothing_is_published_before_all_tables_are_staged(graph: dg.Definitions) -> None:
    asset_graph = graph.resolve_asset_graph()
    staged = asset_graph.get(dg.AssetKey("staged_warehouse"))
    assert {key.to_user_string() for key in staged.parent_keys} == set(TABLES)
    published = asset_graph.get(dg.AssetKey("published_warehouse"))
    assert published.parent_keys == {dg.AssetKey("staged_warehouse")}


def test_nothing_starts_by_itself(graph: dg.Definitions) -> None:
    assert graph.resolve_job_def("cables").executor_def.name == "in_process"
    assert graph.resolve_schedule_def("nightly").default_status is dg.DefaultScheduleStatus.STOPPED
    assert graph.resolve_sensor_def("inbox_sensor").default_status is dg.DefaultSensorStatus.STOPPED


def test_lineage_names_every_column_once_and_only_columns_that_exist() -> None:
    columns = {
        "documents": {*Documents.column_names(), *DocumentIndex.column_names()},
        "version_index": set(VersionIndex.column_names()),
        **{name: set(frame.column_names()) for name, frame in PARSED.items()},
        **{name: set(table.column_names()) for name, table in TABLES.items()},
    }
    found = {name: lineage.of_parsed(name) for name in PARSED}
    found |= {table: lineage.of_table(table, star.inputs(table)) for table in TABLES}
    found["version_index"] = lineage.of_table("version_index", VERSION_INPUTS)
    for asset, sources in found.items():
        made = lineage.MADE.get(asset, frozenset())
        assert sources.keys() | made == columns[asset], asset
        assert not sources.keys() & made, asset
        assert lineage.RENAMED.get(asset, {}).keys() <= columns[asset], asset
        for column, origins in sources.items():
            assert origins, f"{asset}.{column} comes from nowhere"
            for origin in origins:
                source, _, name = origin.partition(".")
                if not source.startswith("reference_"):
                    assert name in columns[source], f"{asset}.{column} from {origin}"


def test_lineage_of_reference_tables_names_columns_of_their_files() -> None:
    seeds = Path(__file__).parent.parent / "seeds" / "reference"
    for table, named in lineage.RENAMED.items():
        for origin in (origin for origins in named.values() for origin in origins):
            source, _, name = origin.partition(".")
            if source.startswith("reference_"):
                file = seeds / f"{source.removeprefix('reference_')}.csv"
                header = file.read_text("utf-8").partition("\n")[0].split(",")
                assert name in header, f"{table}: {origin}"


# --- the sensor ------------------------------------------------------------------------------


def _look(cursor: str | None) -> tuple[int, str | None]:
    """Let the sensor look once; give how many runs it asks for and its cursor."""
    context = dg.build_sensor_context(cursor=cursor)
    answer = inbox_sensor(context)
    if isinstance(answer, dg.SensorResult):
        return len(answer.run_requests or []), answer.cursor
    return 0, context.cursor


def test_sensor_starts_one_run_when_the_files_stand_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CABLES_INBOX", str(tmp_path / "inbox"))
    assert _look(None) == (0, None)
    (tmp_path / "inbox" / "a.txt").write_text("one")
    runs, cursor = _look(None)
    assert runs == 0  # seen for the first time: may still be growing
    runs, cursor = _look(cursor)
    assert runs == 1
    runs, cursor = _look(cursor)
    assert runs == 0
    (tmp_path / "inbox" / "a.txt").write_text("two, longer")
    runs, cursor = _look(cursor)
    assert runs == 0
    assert _look(cursor)[0] == 1


def test_fingerprint_leaves_out_hidden_and_unfinished_files(tmp_path: Path) -> None:
    assert fingerprint(tmp_path) is None
    (tmp_path / "big.csv.part").write_text("half")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "a.txt").write_text("x")
    assert fingerprint(tmp_path) is None
    (tmp_path / "a.txt").write_text("x")
    assert fingerprint(tmp_path)
