from datetime import timedelta

import polars as pl
import pytest

from etl.contracts.dimensions import DimDocument
from etl.contracts.frames import Documents
from etl.keys import stable_key
from etl.star.documents import dim_document, document_index, fact_ingest
from etl.star.versions import version_index
from tests.star.synthetic import NOON, document, documents, parse


def index_of(
    received: pl.DataFrame, known: pl.DataFrame | None = None, **options: pl.Expr
) -> pl.DataFrame:
    known = nothing_known() if known is None else known
    seen = received.with_columns(pl.lit("part-1").alias("part"))
    return document_index(known, seen, run_id="run", started_at=NOON, **options)


def nothing_known() -> pl.DataFrame:
    return DimDocument.create_empty().with_columns(pl.lit(None, pl.String).alias("reject_reason"))


def versions_of(*bodies: str) -> pl.DataFrame:
    received = documents([document(number, body) for number, body in enumerate(bodies, start=1)])
    parsed = parse(received)
    found = version_index(lambda name: parsed[name].lazy(), index_of(received))
    names = received.select(
        "document_key", pl.col("uri").str.extract(r"(\d+)\.txt").alias("number")
    )
    return found.join(names, on="document_key").sort(pl.col("number").cast(pl.Int32))


def test_the_same_text_in_two_documents_is_a_duplicate() -> None:
    found = versions_of("07ASTANA5: one two|three", "07ASTANA5: one two|three")
    assert sorted(found["status"]) == ["duplicate", "loaded"]
    assert found["cable_key"].n_unique() == 1
    duplicate = found.filter(status="duplicate")["reason"].item()
    assert duplicate.startswith("the same text of 07ASTANA5 is loaded from file:///cables/")


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("07ASTANA5: one two", "07ASTANA5: one two three", ["superseded", "loaded"]),
        ("07ASTANA5: one two three", "07ASTANA5: one two", ["loaded", "superseded"]),
        # A whole text wins over a longer partial extract.
        ("07ASTANA5: PARTIAL a b c d e", "07ASTANA5: a b", ["superseded", "loaded"]),
        # The same words cut into other paragraphs are another text.
        ("07ASTANA5: one|two three", "07ASTANA6: one two|three", ["loaded", "loaded"]),
        # Texts without paragraphs are the same text.
        ("07ASTANA5: ", "07ASTANA5: a", ["superseded", "loaded"]),
    ],
)
def test_the_fullest_text_is_loaded(first: str, second: str, status: list[str]) -> None:
    assert versions_of(first, second)["status"].to_list() == status


def test_a_longer_text_of_other_paragraphs_is_no_duplicate() -> None:
    found = versions_of("07ASTANA5: one|two three", "07ASTANA5: one two|three")
    assert sorted(found["status"]) == ["loaded", "superseded"]


def test_of_equal_texts_the_newer_file_is_loaded_whenever_it_was_first_seen() -> None:
    old, new = document(1, "07ASTANA5: a b"), document(2, "07ASTANA5: a b")
    new["modified_at"] = NOON
    received = documents([old, new])
    parsed = parse(received)
    for first_seen in (1, -1):
        index = index_of(received).with_columns(
            pl.when(pl.col("uri").str.contains("/1.txt"))
            .then(pl.lit(NOON) + timedelta(days=first_seen))
            .otherwise(pl.lit(NOON))
            .alias("first_seen_at")
        )
        found = version_index(lambda name: parsed[name].lazy(), index)
        loaded = found.filter(status="loaded")["document_key"].item()
        assert loaded == new["document_key"]


def test_a_telegram_without_mrn_gets_one_from_its_bytes() -> None:
    found = versions_of("-: somebody wrote this", "-: and that")
    assert found["is_mrn_invented"].all()
    assert found["mrn"].str.contains("^UNKNOWN[0-9A-F]{8}$").all()
    assert found["mrn"].n_unique() == 2
    assert found["cable_key"].to_list() == [stable_key(mrn) for mrn in found["mrn"]]


def test_rejected_documents_hold_no_telegram_but_stay_in_the_dimension() -> None:
    received = documents([document(1), document(2, rejected=True)])
    index = index_of(received)
    parsed = parse(received.filter(pl.col("reject_reason").is_null()))
    found = version_index(lambda name: parsed[name].lazy(), index)
    assert found.height == 1
    rows = dim_document(index, found).filter(pl.col("document_key") >= 0).sort("uri")
    assert rows["status"].to_list() == ["loaded", "rejected"]
    assert rows["status_reason"].to_list() == [None, "no known dialect"]
    assert rows["cable_key"].to_list() == [stable_key("07ASTANA1"), -1]


def run_after(first: pl.DataFrame, second: pl.DataFrame, **options: pl.Expr) -> pl.DataFrame:
    """Ingest `first`, then `second`, and give the outcome of the second run by number."""
    index = index_of(first)
    parsed = parse(first.filter(pl.col("reject_reason").is_null()))
    found = version_index(lambda name: parsed[name].lazy(), index)
    known = dim_document(index, found).filter(pl.col("document_key") >= 0)
    known = known.with_columns(
        pl.when(pl.col("status") == "rejected").then("status_reason").alias("reject_reason")
    )
    same = known.select("document_key", "sha256")
    fresh = second.join(same, on=["document_key", "sha256"], how="anti")["document_key"]
    seen = second.with_columns(
        pl.when(pl.col("document_key").is_in(fresh.implode())).then(pl.lit("part-2")).alias("part")
    )
    index = document_index(
        known, seen, run_id="run-2", started_at=NOON + timedelta(hours=1), **options
    )
    both = pl.concat([first, second]).filter(pl.col("reject_reason").is_null())
    both = both.unique("document_key", keep="last")
    parsed = parse(both.join(index.drop_nulls("part"), on="document_key", how="semi"))
    found = version_index(lambda name: parsed[name].lazy(), index)
    after = fact_ingest(index, found)
    names = index.select("document_key", pl.col("uri").str.extract(r"(\d+)\.txt").alias("number"))
    status = dim_document(index, found).select("document_key", "status", "first_seen_at")
    return (
        names.join(after, on="document_key", how="left")
        .join(status, on="document_key")
        .sort(pl.col("number").cast(pl.Int32))
    )


def test_outcomes_of_a_second_run() -> None:
    first = documents(
        [
            document(1),
            document(2, "07ASTANA20: short"),
            document(3, rejected=True),
            document(4, "07ASTANA40: old text"),
            document(5),
        ]
    )
    second = documents(
        [
            document(1),
            document(2, "07ASTANA20: short"),
            document(3, rejected=True),
            document(4, "07ASTANA40: new text of it"),
            document(6, "07ASTANA20: the longer text"),
        ]
    )
    found = run_after(first, second)
    assert dict(found.select("number", "outcome").iter_rows()) == {
        "1": "unchanged",
        "2": "superseded",  # the same bytes, but its telegram is now loaded from another document
        "3": "rejected",  # said again in each run
        "4": "loaded",
        "5": None,  # not met by this run
        "6": "loaded",
    }
    assert found.filter(number="5")["status"].item() == "loaded"
    assert found.filter(pl.col("outcome") != "loaded")["reason"].null_count() == 0
    # When a document was first seen does not change with its bytes.
    assert found.filter(number="4")["first_seen_at"].item() == NOON
    assert found.filter(number="6")["first_seen_at"].item() == NOON + timedelta(hours=1)


def test_documents_that_are_forgotten_keep_their_history() -> None:
    first = documents([document(1), document(2)])
    found = run_after(first, documents([document(1)]), forget=pl.lit(value=True))
    assert found["status"].to_list() == ["loaded", "removed"]


def test_new_bytes_without_a_part_are_refused() -> None:
    seen = documents([document(1)]).with_columns(pl.lit(None, pl.String).alias("part"))
    with pytest.raises(ValueError, match="have new bytes and no part"):
        document_index(nothing_known(), seen, run_id="run", started_at=NOON)


def test_the_index_takes_documents_with_and_without_texts() -> None:
    received = documents([document(1)])
    texts = ["cover_text", "header_text", "body_text", "published_references"]
    assert index_of(received).equals(index_of(received.drop(texts)))
    assert set(texts) < set(Documents.column_names())
