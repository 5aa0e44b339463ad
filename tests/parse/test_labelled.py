"""Telegrams and fragments that were labelled without a look at the parser."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks import accuracy
from etl.contracts import frames
from etl.extract import read_sources
from etl.parse import parse

LABELLED = Path(__file__).resolve().parents[1] / "labelled"
TELEGRAMS = sorted((LABELLED / "telegrams").glob("*.txt"))
COLUMNS = frames.Documents.create_empty().schema


@cache
def parsed() -> dict[str, pl.DataFrame]:
    """Parse all labelled telegrams in one batch; document_key is the place in TELEGRAMS."""
    rows: list[dict[str, Any]] = []
    for key, path in enumerate(TELEGRAMS):
        header, mark, body = path.read_text(encoding="utf-8").partition("=====BODY=====")
        if not mark:  # a file of the archive
            (row,) = pl.concat(read_sources([str(path)])).to_dicts()
            rows.append(row | {"document_key": key})
            continue
        row = dict.fromkeys(COLUMNS)
        row |= {"document_key": key, "uri": f"file:///{path.name}", "sha256": "0" * 64}
        row |= {"size_bytes": 1, "dialect": "release_page", "published_id": path.stem}
        row |= {"header_text": header.strip("\n") or None, "body_text": body.strip("\n")}
        rows.append(row)
    return parse(pl.DataFrame(rows, schema=COLUMNS))


def of(frame: str, key: int, *columns: str) -> list[dict[str, Any]]:
    """Give columns of the rows of one document."""
    return parsed()[frame].filter(pl.col("document_key") == key).select(columns).to_dicts()


@pytest.mark.parametrize("key", range(len(TELEGRAMS)), ids=lambda key: TELEGRAMS[key].stem)
def test_telegram(key: int) -> None:
    label = json.loads(TELEGRAMS[key].with_suffix(".json").read_text(encoding="utf-8"))
    cable, [header] = label["cable"], of("headers", key, *parsed()["headers"].columns)
    same = (
        "post_code", "precedence", "transmission_id", "executive_order", "subject", "summary",
        "is_partial_extract", "redaction_count", "paragraph_count",
    )  # fmt: skip
    for name in same:
        assert header[name] == cable[name], name
    assert header["level"] == cable["classification"]
    assert [row["tag"] for row in of("tags", key, "tag")] == cable["tags"]
    assert [row["caveat"] for row in of("caveats", key, "caveat")] == cable["caveats"]
    assert [row["reason"] for row in of("reasons", key, "reason")] == cable["reasons"]
    shape = ("position", "number", "portion_marking", "section", "kind", "text")
    assert of("paragraphs", key, *shape) == label["paragraphs"]
    item = ("position", "letter", "kind", "referenced_mrn")
    assert of("references", key, *item) == label["references"]
    address = ("routing_indicator", "name", "precedence", "message_continuity_number")
    listed = of("addressees", key, "role", "is_exempt", *address)
    for role in ("action", "info"):
        met = [row for row in listed if row["role"] == role and not row["is_exempt"]]
        assert [{name: row[name] for name in address} for row in met] == cable[f"{role}_addressees"]
    people = of("people", key, "role", "full_name")
    signers = [one["full_name"] for one in people if one["role"] == "signer"]
    classifiers = [one["full_name"] for one in people if one["role"] == "classifier"]
    assert (signers, next(iter(classifiers), None)) == (cable["signers"], cable["classified_by"])


def test_header_cases() -> None:
    answers = accuracy.case_answers(LABELLED / "header-cases.jsonl")
    assert [answer for answer in answers if not answer.is_right] == []
