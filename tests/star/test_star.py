import random
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from etl import star
from etl.contracts.tables import TABLES
from etl.keys import stable_key
from etl.publish import validated
from etl.star.documents import document_index
from etl.star.versions import version_index
from tests.star.synthetic import (
    NOON,
    document,
    documents,
    framed,
    parse,
    reference,
    some_documents,
)
from tests.star.test_versions import nothing_known

Tables = dict[str, pl.DataFrame]


def build_all(received: pl.DataFrame, shuffle: int | None = None) -> Tables:
    """All tables of the star from a batch of documents, with the rows of every input shuffled."""
    seen = received.with_columns(pl.lit("part-1").alias("part"))
    parsed = parse(received.filter(pl.col("reject_reason").is_null()))
    index = document_index(nothing_known(), seen, run_id="run", started_at=NOON)
    if shuffle is not None:
        index = index.sample(fraction=1, shuffle=True, seed=shuffle)
        parsed = {
            name: frame.sample(fraction=1, shuffle=True, seed=shuffle)
            for name, frame in parsed.items()
        }
    versions = version_index(lambda name: parsed[name].lazy(), index)
    given: dict[str, pl.DataFrame | pl.LazyFrame] = {
        name: frame.lazy() for name, frame in parsed.items()
    }
    given |= {"document_index": index, "version_index": versions}
    built = {table: star.build(table, given.__getitem__, reference) for table in TABLES}
    return {table: frame.lazy().collect() for table, frame in built.items()}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return build_all(some_documents())


@pytest.mark.parametrize("table", TABLES)
def test_table_keeps_its_contract(tables: Tables, table: str) -> None:
    assert validated(table, tables[table]).columns == TABLES[table].column_names()
    assert not tables[table].is_empty()


def test_there_is_one_function_per_table() -> None:
    assert list(star.BUILDERS) == list(TABLES)
    assert all(function.__name__ == table for table, function in star.BUILDERS.items())


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_arrival_changes_nothing(tables: Tables, seed: int) -> None:
    for table, again in build_all(some_documents(), shuffle=seed).items():
        keys = TABLES[table].primary_key()
        assert_frame_equal(tables[table].sort(keys), again.sort(keys))


def test_keys_do_not_change_when_members_come() -> None:
    few = build_all(documents([document(number) for number in (3, 7)]))
    rng = random.Random(5)
    numbers = list(range(1, 13))
    rng.shuffle(numbers)
    many = build_all(documents([document(number) for number in numbers]))
    for table in ("dim_tag", "dim_post", "dim_person", "dim_addressee", "dim_caveat", "dim_reason"):
        both = few[table].join(many[table], on=TABLES[table].primary_key(), how="semi")
        assert both.height == few[table].height, table


def test_dim_date_knows_the_officials_of_the_day(tables: Tables) -> None:
    days = {row["date"]: row for row in tables["dim_date"].iter_rows(named=True)}
    assert days[date(2007, 11, 19)] == {
        "date_key": 20071119,
        "date": date(2007, 11, 19),
        "year": 2007,
        "quarter": 4,
        "month": 11,
        "month_name": "November",
        "day": 19,
        "iso_year": 2007,
        "iso_week": 47,
        "weekday_name": "Monday",
        "president": "George W. Bush",
        "secretary_of_state": "Condoleezza Rice",
    }
    # Terms are half-open; 20 January 2009 has no secretary in the test's table.
    assert days[date(2009, 1, 19)]["president"] == "George W. Bush"
    assert days[date(2009, 1, 20)]["president"] == "Barack Obama"
    assert days[date(2009, 1, 20)]["secretary_of_state"] is None
    assert days[date(1960, 1, 1)]["president"] is None
    assert days[date(2100, 12, 31)]["president"] is None, "nobody is known to be in office then"


def test_dim_date_holds_any_day_that_a_telegram_names() -> None:
    received = documents([document(1)])
    parsed = parse(received)
    headers = parsed["headers"].with_columns(
        pl.lit(date(2999, 1, 1)).alias("declassify_on"),
        pl.lit(None, pl.Datetime("us")).alias("sent_at"),
    )
    seen = received.with_columns(pl.lit("part-1").alias("part"))
    index = document_index(nothing_known(), seen, run_id="run", started_at=NOON)
    versions = version_index(lambda name: (parsed | {"headers": headers})[name].lazy(), index)
    days = star.BUILDERS["dim_date"](headers.lazy(), versions, reference("officials"))
    assert days.lazy().collect()["date_key"].is_in([29990101]).any()


def test_dim_post_holds_reference_and_inferred_members(tables: Tables) -> None:
    posts = {row["post_code"]: row for row in tables["dim_post"].iter_rows(named=True)}
    assert posts["ALMATY"]["country_code"] == "KZ", "unused members are there"
    assert posts["ALMATY"]["latitude"] == 43.25
    assert not posts["ALMATY"]["is_inferred"]
    assert posts["ATLANTIS"]["is_inferred"]
    assert posts["ATLANTIS"]["post_name"] == "ATLANTIS"
    assert posts["Unknown"]["post_key"] == -1


@pytest.mark.parametrize(
    ("tag", "kind", "is_inferred"),
    [
        ("PREL", "subject", False),
        ("KZ", "geopolitical", False),
        ("STEINBERG, JAMES B.", "person", True),
        ("ZZZZ", "unknown", True),
        ("LABOR", "unknown", True),
    ],
)
def test_dim_tag_tells_persons_from_unknown_codes(
    tables: Tables, tag: str, kind: str, is_inferred: bool
) -> None:
    row = tables["dim_tag"].row(by_predicate=pl.col("tag") == tag, named=True)
    assert (row["tag_kind"], row["is_inferred"]) == (kind, is_inferred)


def test_two_capitalised_words_are_a_person() -> None:
    received = documents([document(1)])
    given = parse(received)
    given["tags"] = framed(
        "tags",
        [
            {
                "document_key": received["document_key"][0],
                "position": 1,
                "raw_tag": "x",
                "tag": "JANE ROE",
            }
        ],
    )
    seen = received.with_columns(pl.lit("part-1").alias("part"))
    index = document_index(nothing_known(), seen, run_id="run", started_at=NOON)
    versions = version_index(lambda name: given[name].lazy(), index)
    tags = star.BUILDERS["dim_tag"](given["tags"].lazy(), versions, reference("tags"))
    found = tags.lazy().collect().row(by_predicate=pl.col("tag") == "JANE ROE", named=True)
    assert found["tag_kind"] == "person"


def test_dim_caveat_gives_releases_the_meaning_of_rel_to(tables: Tables) -> None:
    row = tables["dim_caveat"].row(by_predicate=pl.col("caveat") == "REL TO USA, GBR", named=True)
    assert row["is_inferred"]
    assert row["meaning"] == "only to the named"


def test_dim_person_folds_capitals_and_spaces(tables: Tables) -> None:
    names = tables["dim_person"]["full_name"].to_list()
    assert names == ["Unknown", "DOE", "JANE ROE"]


def test_bridge_cable_person_counts_a_person_once_per_role(tables: Tables) -> None:
    people = tables["bridge_cable_person"].filter(cable_key=stable_key("07ASTANA3"))
    assert people.sort("position")["role"].to_list() == ["classifier", "signer"]
    assert people.sort("position")["printed_name"].to_list() == ["Jane  Roe", "Doe"]


def test_fact_reference_finds_what_is_held(tables: Tables) -> None:
    found = tables["fact_reference"].filter(cable_key=stable_key("07ASTANA3")).sort("position")
    assert found["referenced_cable_key"].to_list() == [stable_key("07ASTANA4"), -1, -1]
    assert found["referenced_post_key"].to_list() == [
        stable_key("ASTANA"),
        -1,
        stable_key("ATLANTIS"),
    ]


def test_fact_cable_has_no_null_keys_and_no_exempt_addressees(tables: Tables) -> None:
    fact = tables["fact_cable"]
    keys = [name for name in fact.columns if name.endswith("_key")]
    assert fact.select(keys).null_count().sum_horizontal().item() == 0
    five = fact.row(by_predicate=pl.col("mrn") == "07ASTANA5", named=True)
    assert (five["sent_at"], five["sent_date_key"]) == (None, -1)
    assert (five["action_addressee_count"], five["info_addressee_count"]) == (1, 1)
    assert five["classification_key"] == -1
    assert five["origin_post_key"] == stable_key("ASTANA")
    invented = fact.filter(pl.col("mrn").str.starts_with("UNKNOWN"))
    assert invented["origin_post_key"].to_list() == [-1]


def test_only_current_versions_are_in_the_facts(tables: Tables) -> None:
    texts = tables["fact_paragraph"]["text"].to_list()
    assert "PARTIAL of 2." not in texts
    assert texts.count("Summary of 1.") == 1


def test_attributes_and_agreements_come_from_the_current_version(tables: Tables) -> None:
    three = tables["cable_attribute"].filter(cable_key=stable_key("07ASTANA3"))
    assert three.select("position", "name", "value").rows() == [
        (1, "Subject", "SUBJECT 3"),
        (2, "Locator", "TEXT ON-LINE"),
        (3, "Errors", None),
    ]
    # 07ASTANA2 is in two documents; the partial extract (14) is not the current one.
    two = tables["fact_field_agreement"].filter(cable_key=stable_key("07ASTANA2"))
    assert two.drop("cable_key").rows() == [
        ("subject", "A", "A", "agree"),
        ("tags", None, "KZ", "attribute_only"),
    ]


def test_fact_paragraph_keeps_caveats_and_places_of_portions() -> None:
    found = build_all(documents([document(1, "07ASTANA1: Mr. XXXX met XXXX.|Nobody.")]))
    paragraphs = found["fact_paragraph"].sort("position")
    assert paragraphs["portion_caveats"].to_list() == [["NOFORN"], ["NOFORN"]]
    assert paragraphs["redactions"].to_list() == [
        [{"start": 4, "length": 4}, {"start": 13, "length": 4}],
        [],
    ]
