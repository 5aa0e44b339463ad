"""Whole telegrams, labelled by hand: every field and paragraph of each sample."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl.extract import read_sources
from etl.parse import parse

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.json"))
NOT_PARSED = {"country_name", "word_count", "paragraph_count"}
"""Said by the star or counted from the paragraphs."""


@cache
def parsed() -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Read and parse all samples once, in one batch."""
    documents = pl.concat(list(read_sources([str(ROOT / "seeds" / "cables")])))
    return documents, parse(documents)


def rows(frame: str, key: int) -> list[dict[str, Any]]:
    """Give the rows of one document."""
    return parsed()[1][frame].filter(pl.col("document_key") == key).to_dicts()


def addresses(key: int, role: str) -> list[dict[str, Any]]:
    """Give the addressees of one role as the golden file writes them."""
    names = ("routing_indicator", "name", "precedence", "message_continuity_number")
    return [
        {name: row[name] for name in names}
        for row in rows("addressees", key)
        if row["role"] == role and not row["is_exempt"]
    ]


def cable(key: int) -> dict[str, Any]:
    """Give what was read of one document in the golden file's shape."""
    documents, frames = parsed()
    document = documents.row(by_predicate=pl.col("document_key") == key, named=True)
    header = frames["headers"].row(by_predicate=pl.col("document_key") == key, named=True)
    references = rows("references", key)
    people = rows("people", key)
    classifier = next((one for one in people if one["role"] == "classifier"), {})
    return {
        "sent_at": header["sent_at"].isoformat(),
        "post_code": header["post_code"],
        "classification": header["level"],
        "caveats": sorted(row["caveat"] for row in rows("caveats", key)),
        "precedence": header["precedence"],
        "transmission_id": header["transmission_id"],
        "executive_order": header["executive_order"],
        "declassify_on": header["declassify_on"] and header["declassify_on"].isoformat(),
        "subject": header["subject"],
        "summary": header["summary"],
        "tags": [row["tag"] for row in rows("tags", key)],
        "references": [row["referenced_mrn"] for row in references if row["referenced_mrn"]],
        "other_references": [row["raw_text"] for row in references if row["kind"] != "cable"],
        "action_addressees": addresses(key, "action"),
        "info_addressees": addresses(key, "info"),
        "classified_by": classifier.get("full_name"),
        "classified_by_title": classifier.get("title"),
        "reasons": [row["reason"] for row in rows("reasons", key)],
        "signers": [one["surname"] for one in people if one["role"] == "signer"],
        "is_partial_extract": header["is_partial_extract"],
        "redaction_count": header["redaction_count"],
        "dialect": document["dialect"],
    }


def key_of(golden: dict[str, Any]) -> int:
    """Find the one document that holds the telegram."""
    headers = parsed()[1]["headers"].filter(pl.col("mrn") == golden["mrn"])
    assert headers.height == 1, f"{golden['mrn']} was read from {headers.height} documents"
    return int(headers["document_key"][0])


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    """Each field, paragraph and reference is what a careful reader took from the page."""
    golden = json.loads(path.read_text(encoding="utf-8"))
    key = key_of(golden)
    expected = {name: value for name, value in golden["cable"].items() if name not in NOT_PARSED}
    assert {name: cable(key)[name] for name in expected} == expected
    shape = ("position", "number", "portion_marking", "section", "kind", "text")
    assert [{name: row[name] for name in shape} for row in rows("paragraphs", key)] == golden[
        "paragraphs"
    ]
    item = ("position", "letter", "kind", "referenced_mrn")
    assert [{name: row[name] for name in item} for row in rows("references", key)] == golden[
        "references"
    ]
    if "people" in golden:
        found = {(one["role"], one["full_name"]) for one in rows("people", key)}
        assert {(one["role"], one["full_name"]) for one in golden["people"]} <= found
    if "agreements" in golden:
        agreements = {one["field"]: one["agreement"] for one in rows("agreements", key)}
        assert agreements == golden["agreements"]


def test_every_sample_has_a_golden_document() -> None:
    """No sample telegram goes unlabelled."""
    labelled = {json.loads(path.read_text(encoding="utf-8"))["mrn"] for path in GOLDEN}
    assert set(parsed()[1]["headers"]["mrn"]) == labelled
    assert len(labelled) >= 25


def test_samples_show_all_traps() -> None:
    """Every one of the fourteen traps of the field stands in at least one sample."""
    traps = {
        trap for path in GOLDEN for trap in json.loads(path.read_text(encoding="utf-8"))["traps"]
    }
    assert traps == set(range(1, 15))


def test_hardly_a_line_is_unrecognised() -> None:
    """Lines that nothing claims stay below one in a hundred."""
    kinds = parsed()[1]["lines"]["kind"]
    assert (kinds == "unrecognised").sum() < 0.01 * kinds.len()
