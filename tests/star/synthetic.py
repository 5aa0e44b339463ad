"""Invented frames for tests of star, store and publication: small, valid, the same every time."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb
import polars as pl

from etl.contracts.frames import PARSED, Documents
from etl.contracts.tables import TABLES
from etl.increment import Dimensions, begin, build, find_versions, finish
from etl.keys import stable_key
from etl.publish import open_stage, publish
from etl.star.documents import document_index
from etl.store import Store

Frames = dict[str, pl.DataFrame]
NOON = datetime(2026, 11, 21, 12)
PARSER = "parser1"

REFERENCE: dict[str, dict[str, list[str | None]]] = {
    "posts": {
        "post_code": ["ALMATY", "ASTANA", "STATE"],
        "post_name": ["Almaty", "Astana", "Department of State"],
        "post_type": ["Embassy", "Embassy", "Department"],
        "iso2": ["KZ", "KZ", "US"],
        "country_name": ["Kazakhstan", "Kazakhstan", "United States"],
        "bureau": ["SCA", "SCA", "HQ"],
        "latitude": ["43.25", "51.18", None],
        "longitude": ["76.95", "71.45", None],
        "note": [None, None, None],
    },
    "tags": {
        "tag": ["PREL", "KZ", "KDEM"],
        "kind": ["subject", "geopolitical", "program"],
        "subject_group": ["Political", None, None],
        "name": ["External Political Relations", "Kazakhstan", "Democratization"],
        "iso2": [None, "KZ", None],
    },
    "caveats": {
        "caveat": ["NOFORN", "SIPDIS", "REL TO"],
        "meaning": ["no foreigners", "on the SIPRNet", "only to the named"],
        "kind": ["dissemination control", "distribution caption", "dissemination control"],
    },
    "declassification_reasons": {
        "executive_order": ["12958", "12958"],
        "reason": ["1.4(b)", "1.4(d)"],
        "meaning": ["foreign government information", "foreign relations"],
    },
    "officials": {
        "office": ["president", "president", "secretary_of_state", "secretary_of_state"],
        "name": ["George W. Bush", "Barack Obama", "Condoleezza Rice", "Hillary Rodham Clinton"],
        "from_date": ["2001-01-20", "2009-01-20", "2005-01-26", "2009-01-21"],
        "to_date": ["2009-01-20", None, "2009-01-20", "2013-02-01"],
    },
}


def reference(name: str) -> pl.DataFrame:
    """Give a small reference table, all text like the real ones."""
    return pl.DataFrame(REFERENCE[name], schema=dict.fromkeys(REFERENCE[name], pl.String))


def framed(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Make a parsed frame; columns that a row does not name are null."""
    types = {column: kind.dtype for column, kind in PARSED[name].columns().items()}
    return pl.DataFrame([{column: row.get(column) for column in types} for row in rows], types)


def document(number: int, body: str | None = None, *, rejected: bool = False) -> dict[str, object]:
    """One row of Documents."""
    uri = f"file:///cables/{number}.txt"
    body = f"text of {number}" if body is None else body
    return {
        "document_key": stable_key(uri, None),
        "uri": uri,
        "sha256": sha256(body.encode()).hexdigest(),
        "size_bytes": len(body),
        "modified_at": NOON - timedelta(days=1),
        "encoding": "utf-8",
        "dialect": None if rejected else "raw_telegram",
        "reject_reason": "no known dialect" if rejected else None,
        "body_text": None if rejected else body,
    }


def documents(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Make a frame of Documents."""
    types = {column: kind.dtype for column, kind in Documents.columns().items()}
    return pl.DataFrame([{column: row.get(column) for column in types} for row in rows], types)


def parse(received: pl.DataFrame) -> Frames:
    """Stand in for the parser: what a document says follows from the number in its uri.

    A body `07ASTANA5: words` gives that MRN and number (`-`: none, and the number of the uri) and
    those words as paragraphs, split at `|`.
    """
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in PARSED}
    for row in received.iter_rows(named=True):
        key = row["document_key"]
        number = int(row["uri"].rsplit("/", 1)[1].removesuffix(".txt"))
        mrn, found, words = row["body_text"].partition(": ")
        if not found:
            mrn, words = f"07ASTANA{number}", f"Summary of {number}.|Second paragraph of {number}."
        elif mrn != "-":
            number = int(mrn.removeprefix("07ASTANA"))
        post = None if mrn == "-" else mrn.strip("0123456789#")
        texts = words.split("|") if words else []
        rows["headers"].append(
            {
                "document_key": key,
                "mrn": None if mrn == "-" else mrn,
                "post_code": post,
                "sent_at": NOON - timedelta(days=7000 + number) if number % 5 else None,
                "precedence": "ROUTINE",
                "level": ["CONFIDENTIAL", "UNCLASSIFIED", None][number % 3],
                "executive_order": "12958",
                "declassify_on": datetime(2017 + number % 100, 11, 17).date(),
                "subject": f"SUBJECT {number}",
                "is_partial_extract": "PARTIAL" in words,
                "paragraph_count": len(texts),
                "word_count": sum(len(text.split()) for text in texts),
                "redaction_count": 0,
                "line_count": 10,
                "unrecognised_line_count": 0,
            }
        )
        rows["lines"].append(
            {
                "document_key": key,
                "line_number": 1,
                "part": "body",
                "kind": "paragraph",
                "text": row["body_text"],
            }
        )
        rows["paragraphs"] += [
            {
                "document_key": key,
                "position": position,
                "number": position,
                "portion_marking": "SBU",
                "level": "UNCLASSIFIED",
                "kind": "body",
                "text": text,
                "word_count": len(text.split()),
                "portion_caveats": ["NOFORN"][: number % 2],
                "redaction_count": text.count("XXXX"),
                "redactions": [
                    {"start": found.start(), "length": 4} for found in re.finditer("XXXX", text)
                ],
            }
            for position, text in enumerate(texts, start=1)
        ]
        rows["attributes"] += [
            {"document_key": key, "position": position, "name": name, "value": value}
            for position, (name, value) in enumerate(
                [("Subject", f"SUBJECT {number}"), ("Locator", "TEXT ON-LINE"), ("Errors", None)],
                start=1,
            )
        ][: number % 4]
        rows["reviews"].append(
            {
                "document_key": key,
                "field": "line",
                "raw_text": f"ODD LINE {key}",
                "reason": "the line belongs to no known part of a telegram",
            }
        )
        rows["agreements"] += [
            {"document_key": key, "field": "subject", "body_value": "A", "attribute_value": "A"}
            | {"agreement": "agree"},
            {"document_key": key, "field": "tags", "attribute_value": "KZ"}
            | {"agreement": "attribute_only"},
        ][: number % 3]
        tags = ["PREL", "KZ", "STEINBERG, JAMES B.", "ZZZZ", "LABOR"][: number % 5 + 1]
        rows["tags"] += [
            {"document_key": key, "position": position, "raw_tag": tag.lower(), "tag": tag}
            for position, tag in enumerate(tags, start=1)
        ]
        rows["caveats"] += [
            {"document_key": key, "caveat": caveat}
            for caveat in ("SIPDIS", "NOFORN", "REL TO USA, GBR")[: number % 4]
        ]
        rows["reasons"] += [
            {
                "document_key": key,
                "position": position,
                "executive_order": "12958",
                "reason": reason,
            }
            for position, reason in enumerate(("1.4(d)", "1.4(b)", "1.5(q)")[: number % 4], start=1)
        ]
        rows["references"] += [
            {
                "document_key": key,
                "position": 1,
                "letter": "A",
                "kind": "cable",
                "raw_text": f"ASTANA {number + 1}",
                "referenced_mrn": f"07ASTANA{number + 1}",
                "referenced_post_code": "ASTANA",
                "year_rule": "own_year",
            },
            {
                "document_key": key,
                "position": 2,
                "letter": "B",
                "kind": "email",
                "raw_text": "DOE-ROE EMAIL",
            },
            {
                "document_key": key,
                "position": 3,
                "kind": "cable",
                "raw_text": "ATLANTIS 7",
                "referenced_mrn": "07ATLANTIS7",
                "referenced_post_code": "ATLANTIS",
                "year_rule": "own_year",
            },
        ][: number % 4]
        rows["addressees"] += [
            {
                "document_key": key,
                "position": position,
                "role": role,
                "routing_indicator": indicator,
                "name": name,
                "precedence": "ROUTINE",
                "message_continuity_number": f"{number:04d}",
                "is_exempt": exempt,
                "is_collective": name.startswith("CIS"),
                "post_code": post_code,
                "raw_text": f"{indicator}/{name}",
            }
            for position, (role, indicator, name, exempt, post_code) in enumerate(
                [
                    ("action", "RUEHC", "SECSTATE WASHDC", False, "STATE"),
                    ("info", None, "CIS COLLECTIVE", False, None),
                    ("info", "RUEHTA", "AMEMBASSY ASTANA", True, "ASTANA"),
                ],
                start=1,
            )
        ]
        rows["people"] += [
            {
                "document_key": key,
                "position": 1,
                "role": "classifier",
                "full_name": "Jane  Roe" if number % 2 else "JANE ROE",
                "surname": "ROE",
                "title": "Chief",
            },
            {
                "document_key": key,
                "position": 2,
                "role": "signer",
                "full_name": "Doe",
                "surname": "DOE",
            },
            {
                "document_key": key,
                "position": 3,
                "role": "signer",
                "full_name": "DOE",
                "surname": "DOE",
            },
        ][: number % 4]
    return {name: framed(name, found) for name, found in rows.items()}


def as_it_is(frames: Frames) -> Frames:
    """Leave the parsed frames alone."""
    return frames


def receive(
    store: Store,
    run_id: str,
    received: pl.DataFrame,
    *,
    rebuild: bool = False,
    alter: Callable[[Frames], Frames] = as_it_is,
) -> None:
    """Do what the documents and parsed assets do: keep what is new, index, parse.

    `alter` changes what the stand-in for the parser gives.
    """
    known = store.known_documents(rebuild=rebuild)
    held = known.filter(pl.col("part").is_not_null())
    fresh = received.join(held, on=["document_key", "sha256"], how="anti")
    part = None if fresh.is_empty() else store.write_documents(run_id, 1, fresh)
    seen = received.with_columns(
        pl.when(pl.col("document_key").is_in(fresh["document_key"].implode()))
        .then(pl.lit(part, pl.String))
        .alias("part")
    )
    # The last run's rows in fact_ingest come before this one's, whatever the clock.
    before = store.last_began()
    index = document_index(
        known,
        seen,
        run_id=run_id,
        started_at=NOON if before is None else before + timedelta(hours=1),
        forget=pl.lit(rebuild),
    )
    store.write_index(run_id, index)
    for name in store.unparsed_parts(run_id):
        store.write_parsed(name, alter(parse(store.readable_documents(run_id, name))))


def stage(store: Store, run_id: str, reader: Callable[[pl.DataFrame], Frames] = parse) -> Path:
    """Do what the star assets do; `reader` parses what was put together from sections."""
    found = find_versions(store, run_id, reader)
    begin(store, run_id, found)
    with Dimensions() as dimensions, open_stage(store.stage(run_id)) as connection:
        dimensions.begin(store, run_id)
        for table in TABLES:
            build(store, run_id, table, connection, dimensions)
        finish(store, run_id, connection)
    return store.stage(run_id)


def ingest(
    store: Store,
    run_id: str,
    received: pl.DataFrame,
    *,
    rebuild: bool = False,
    alter: Callable[[Frames], Frames] = as_it_is,
    before_publishing: Callable[[Path], None] = lambda _: None,
) -> Path:
    """Do a whole run."""
    with store.lock():
        store.sweep()
        receive(store, run_id, received, rebuild=rebuild, alter=alter)
        before_publishing(stage(store, run_id))
        publish(store, run_id)
    return store.warehouse.resolve()


def some_documents() -> pl.DataFrame:
    """Fourteen documents: twelve telegrams, one of them twice over, one rejected document."""
    rows = [document(number) for number in range(1, 13)]
    rows.append(document(13, "07ASTANA1: Summary of 1.|Second paragraph of 1."))
    rows.append(document(14, "07ASTANA2: PARTIAL of 2."))
    rows.append(document(15, "-: A telegram without a number."))
    rows.append(document(16, rejected=True))
    return documents(rows)


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Ask a published file."""
    with duckdb.connect(path, read_only=True) as connection:
        return [tuple(row) for row in connection.execute(sql).fetchall()]
