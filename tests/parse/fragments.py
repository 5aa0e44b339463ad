"""A fragment, read as a telegram of its own: what the tests of fields and text share."""

from typing import Any

import polars as pl

from etl.contracts import frames
from etl.parse import parse

COLUMNS = frames.Documents.create_empty().schema

OPENING = "C O N F I D E N T I A L OSLO 000012\n\nE.O. 12958: N/A\nTAGS: PREL\nSUBJECT: SNOW\n\n"


def read(body: str, **fields: object) -> dict[str, list[dict[str, Any]]]:
    """Parse one telegram; give its frames as rows."""
    row: dict[str, object] = dict.fromkeys(COLUMNS)
    row |= {"document_key": 1, "uri": "file:///x", "sha256": "0" * 64, "size_bytes": 1}
    row |= {"body_text": body} | fields
    parsed = parse(pl.DataFrame([row], schema=COLUMNS))
    return {name: frame.to_dicts() for name, frame in parsed.items()}


def header(body: str, **fields: object) -> dict[str, Any]:
    """Give the one header row."""
    return read(body, **fields)["headers"][0]
