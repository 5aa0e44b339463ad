"""The transmission heading: transmission id, precedence, date-time group, FM, TO, INFO.

Format lines after ACP 127; prosigns Z FLASH, O IMMEDIATE, P PRIORITY, R ROUTINE. The telegram's
own (first) heading counts when it stands twice.
"""

import re
from datetime import datetime
from typing import Any

import polars as pl

from etl.conform.mrn import full_year
from etl.conform.posts import addressed_post
from etl.parse.reading import Reading
from etl.parse.text import MONTHS, each_distinct, first_of, folded

PRECEDENCE = {"Z": "FLASH", "O": "IMMEDIATE", "P": "PRIORITY", "R": "ROUTINE"}

DATE_TIME_GROUP = (
    r"(?i)^(?P<letters>(?:[ZOPRY]\s*){0,3}?)(?P<day>[\dIO]{2})\s?(?P<hour>[\dIO]{2})"
    r"(?P<minute>[\dIO]{2})\s?Z\.?\s*(?P<month>[A-Z]{3,9})?\.?\s*(?P<year>[\dIO]{2,4})?\b\s*"
    r"(?P<rest>.*)$"
)
"""`R 191204Z NOV 07`, `O P 190243Z DEC 89 ZDK`, `101200Z JAN 1975`."""

SIGNAL = r"\b(Z[A-Z]{2})\b"
"""Operating signals: cancelled ZFR, corrected ZOJ ZDK, suspected duplicate ZFD, correction ZEL."""

PAGE_REMAINDER = (
    r"(?i)\bpage\s+\d{1,2}\s+[a-z .'-]{2,25}\s+\d{3,8}(?:\s+\d{1,2}\s+of\s+\d{1,2})?(?:\s+\d{6}z?)?"
)

ADDRESS = re.compile(
    r"^(?:ZEN\s*/\s*)?(?:(?P<routing>[A-Z]{4,8})\s?/+\s?)?(?P<name>.+?)"
    r"(?:\s+(?P<precedence>NIACT IMMEDIATE|NIACT|FLASH|IMMEDIATE|PRIORITY|ROUTINE))?"
    r"(?:\s+(?P<number>\d{2,5}))?"
    r"(?:\s+(?P<late>NIACT IMMEDIATE|NIACT|FLASH|IMMEDIATE|PRIORITY|ROUTINE))?$"
)
"""`RUEHC/SECSTATE WASHDC IMMEDIATE 1207`."""

COLLECTIVE = re.compile(r"\bCOLLECTIVE\b|^ALL\b|\bPOSTS\b|\bCAPITALS\b|^SPECIAL EMBASSY PROGRAM\b")
BEFORE_ADDRESS = r"^(?:TO|INFO|XMT):?(?:\s+|$)"


def headings(reading: Reading) -> pl.DataFrame:
    """Give the heading of each document that shows any.

    Out: document_key, date_time_group, dtg_at, precedence, transmission_id, operating_signal,
    originator; null where the document does not say.
    """
    pieces = reading.pieces
    dtg = pieces.filter(pl.col("field") == "date_time_group").with_columns(
        found=folded(pl.col("clean")).str.extract_groups(DATE_TIME_GROUP)
    )
    dtg = (
        dtg.unnest("found")
        .group_by("document_key", maintain_order=True)
        .first()
        .with_columns(
            date_time_group=folded(pl.col("clean")),
            first_letter=pl.col("letters").str.extract(r"(?i)([ZOPR])", 1).str.to_uppercase(),
            operating_signal=pl.col("rest").str.to_uppercase().str.extract(SIGNAL, 1),
        )
    )
    dtg = each_distinct(
        dtg, ["day", "hour", "minute", "month", "year"], _moment, "dtg_at", pl.Datetime("us")
    )
    transmission = pieces.filter(pl.col("field") == "transmission")
    prosigns = transmission.with_columns(
        prosign=pl.col("clean").str.extract(r"^(ZZ|OO|PP|RR)\b", 1).str.head(1)
    )
    identified = transmission.with_columns(
        transmission_id=pl.col("clean").str.extract(r"^(VZCZC\S+)", 1)
    )
    originators = pieces.filter(pl.col("field") == "originator").with_columns(
        originator=folded(pl.col("clean").str.replace(r"^(?:FM|FROM):?\s+", ""))
    )
    documents = pieces.select("document_key").unique(maintain_order=True)
    for part in (
        dtg.select("document_key", "date_time_group", "dtg_at", "first_letter", "operating_signal"),
        first_of(identified, "transmission_id"),
        first_of(prosigns, "prosign"),
        first_of(originators, "originator"),
    ):
        documents = documents.join(part, on="document_key", how="left", maintain_order="left")
    return documents.with_columns(
        precedence=pl.coalesce("first_letter", "prosign").replace_strict(
            PRECEDENCE, default=None, return_dtype=pl.String
        )
    ).select(
        "document_key",
        "date_time_group",
        "dtg_at",
        "precedence",
        "transmission_id",
        "operating_signal",
        "originator",
    )


def _moment(
    day: str | None, hour: str | None, minute: str | None, month: str | None, year: str | None
) -> datetime | None:
    """Read the parts of a DTG; null when they name no moment (`992599Z XXX 07`)."""
    if not (day and hour and minute and month and year) or len(year) == 3:
        return None
    number = MONTHS.get(month[:3].upper())
    if number is None:
        return None
    # OCR reads 1 as I and 0 as O.
    printed_year, in_month, at_hour, at_minute = (
        int(part.upper().replace("I", "1").replace("O", "0")) for part in (year, day, hour, minute)
    )
    full = printed_year if len(year) == 4 else full_year(printed_year)
    try:
        return datetime(full, number, in_month, at_hour, at_minute)
    except ValueError:
        return None


def addressees(reading: Reading) -> pl.DataFrame:
    """Give the addressees of a batch: contract `Addressees`."""
    heading = reading.pieces.filter(
        pl.col("field").is_in(["originator", "to", "info", "exempt"])
    ).with_columns(
        heading=((pl.col("field") == "originator") & pl.col("label").is_not_null())
        .cast(pl.Int32)
        .cum_sum()
        .over("document_key"),
        # What XMT leaves out belongs to the list it stands in.
        role=pl.when(pl.col("field").is_in(["to", "info"]))
        .then(pl.col("field").replace({"to": "action"}))
        .forward_fill()
        .over("document_key"),
    )
    listed = heading.filter(pl.col("field") != "originator")
    listed = listed.filter(pl.col("heading") == pl.col("heading").min().over("document_key"))
    listed = (
        listed.with_columns(
            raw_text=folded(
                pl.col("clean").str.replace(BEFORE_ADDRESS, "").str.replace_all(PAGE_REMAINDER, " ")
            ).str.strip_chars(" ,;.")
        )
        .filter(pl.col("raw_text").str.contains(r"[A-Za-z]{2}") & pl.col("role").is_not_null())
        # A list sent twice, once per section, counts once.
        .unique(["document_key", "role", "raw_text"], keep="first", maintain_order=True)
    )
    parts = pl.Struct(
        {
            "routing_indicator": pl.String,
            "name": pl.String,
            "precedence": pl.String,
            "message_continuity_number": pl.String,
            "is_collective": pl.Boolean,
            "post_code": pl.String,
        }
    )
    listed = each_distinct(listed, ["raw_text"], _address, "found", parts).unnest("found")
    return (
        listed.with_columns(
            is_exempt=pl.col("field") == "exempt",
            order=pl.when(pl.col("role") == "action").then(0).otherwise(1),
        )
        .sort("document_key", "order", "row", "piece", maintain_order=True)
        .select(
            "document_key",
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key").alias("position"),
            "role",
            "routing_indicator",
            "name",
            "precedence",
            "message_continuity_number",
            "is_exempt",
            "is_collective",
            "post_code",
            "raw_text",
        )
    )


def _address(raw: str) -> dict[str, Any]:
    found = ADDRESS.match(raw)
    assert found is not None  # .+? matches whatever there is
    precedence = found["precedence"] or found["late"]
    name = found["name"].strip()
    return {
        "routing_indicator": found["routing"],
        "name": name,
        "precedence": "NIACT IMMEDIATE" if precedence == "NIACT" else precedence,
        "message_continuity_number": found["number"],
        "is_collective": bool(COLLECTIVE.search(name)),
        "post_code": addressed_post(name),
    }
