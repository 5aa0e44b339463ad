"""The transmission heading: transmission id, precedence, date-time group, FM, TO, INFO.

Format lines after ACP 127; prosigns Z FLASH, O IMMEDIATE, P PRIORITY, R ROUTINE. The telegram's
own (first) heading counts when it stands twice.
"""

import re
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from etl.conform.mrn import full_year
from etl.conform.posts import addressed_post
from etl.parse import patterns
from etl.parse.reading import Reading
from etl.parse.text import MONTHS, beside, each_distinct, first_of, folded

PRECEDENCE = {
    "N": "NIACT IMMEDIATE",
    "Z": "FLASH",
    "O": "IMMEDIATE",
    "P": "PRIORITY",
    "R": "ROUTINE",
}

DATE_TIME_GROUP = (
    r"(?i)^"
    + (
        patterns.DTG_PREFIX
        + r"(?P<day>[\dIOL]{2})[\s/]?(?P<hour>[\dIOL]{2})\s?(?P<minute>[\dIOL]{2})"
    )
    + (r"\s?[Z2]?[\s.,]*(?P<month>" + patterns.DTG_MONTH + ")?")
    + r"[\s.,'’]*(?P<year>[\dIOL]{2,4})?\b\s*(?P<rest>.*)$"
)
"""`R 191204Z NOV 07`, `O P 190243Z DEC 89 ZDK`, `101200Z JAN 1975`, `DTG: R 1912042 N0V '07`."""

SIGNAL = r"\b(Z[A-Z]{2})(?:-?\d)?\b"
"""Operating signals: cancelled ZFR, corrected ZOJ ZDK, suspected duplicate ZFD, correction ZEL."""

PAGE_REMAINDER = (
    r"(?i)\bpage\s+\d{1,2}\s+[a-z .'-]{2,25}\s+\d{3,8}(?:\s+\d{1,2}\s+of\s+\d{1,2})?(?:\s+\d{6}z?)?"
)

_PRECEDENCE = r"NIACT IMMEDIATE|NIACT|FLASH|IMMEDIATE|IMMED|PRIORITY|PRIO?|ROUTINE"
ADDRESS = re.compile(
    r"^(?:ZEN\s*/\s*)?(?:(?P<routing>R[A-Z]{3,7})\s?/+\s?)?(?P<name>.+?)"
    rf"(?:\s+(?P<precedence>{_PRECEDENCE}))?"
    r"(?:\s+(?P<number>\d{2,5}|\d{1,2},\d{3}))?"
    rf"(?:\s+(?P<late>{_PRECEDENCE}))?$"
)
"""`RUEHC/SECSTATE WASHDC IMMEDIATE 1207`; in `COMUSSAG/7AF NAKHON PHANOM` the slash is the name's.

All routing indicators begin with R.
"""

PRECEDENCE_SPELLINGS = {
    "NIACT": "NIACT IMMEDIATE",
    "IMMED": "IMMEDIATE",
    "PRI": "PRIORITY",
    "PRIO": "PRIORITY",
}
HANDLED = re.compile(r"\s+(?:ZFF-?\d{0,2}|UNN|(?:(?:BY|VIA)\s+)?POUCH|\((?:BY\s+)?POUCH\))(?=\s|$)")
"""How the address was served, no part of its name: `ZFF4`, `BY POUCH`, unclassified `UNN`."""

NEXT_ADDRESS = (
    r"([^/\s,;])[\s,;]+((?:INFO\s+)?"
    r"(?:R[A-Z]{4,7}\s?/\s?[A-Z]|(?:AMEMBASSY|AMCONSUL|USMISSION|USINT|USLO|SECSTATE)\s))"
)
"""A second address on one line: `SECSTATE WASHDC 12 RUEHNY/AMEMBASSY OSLO 7`."""

COLLECTIVE = re.compile(r"\bCOLLECTIVE\b|^ALL\b|\bPOSTS\b|\bCAPITALS\b|^SPECIAL EMBASSY PROGRAM\b")
SLUG = r"^[A-Z]{3,12}(?: ALSO| PLEASE PASS)? FOR [A-Z0-9]+/"
"""`USDOC FOR 4520/ITA`: a slug line among the addresses."""

BEFORE_ADDRESS = r"^(?:TO|INFO|XMT):?(?:\s+|$)"


def headings(reading: Reading, documents: pl.DataFrame) -> pl.DataFrame:
    """Give the heading of each document that shows any.

    A year or month that a date-time group leaves out is that of the page, CSV row or cover.

    Out: document_key, date_time_group, dtg_at, precedence, transmission_id, operating_signal,
    originator; null where the document does not say.
    """
    pieces = reading.pieces
    # The year, or month and year, may stand on the next line.
    behind = beside(pl.col("clean"), -1)
    is_cut = pl.col("clean").str.contains(r"[A-Za-z]$") & behind.str.contains(patterns.DTG_REST)
    dtg = (
        pieces.with_columns(
            clean=pl.when((pl.col("field") == "date_time_group") & is_cut.fill_null(False))
            .then(pl.col("clean") + " " + behind)
            .otherwise("clean")
        )
        .filter(pl.col("field") == "date_time_group")
        .with_columns(found=folded(pl.col("clean")).str.extract_groups(DATE_TIME_GROUP))
    )
    known = documents.select(
        "document_key",
        "created_at",
        known_year=pl.coalesce(
            pl.col("created_at").dt.year(),
            pl.col("published_id").str.extract(r"^((?:19|20)\d\d)\s?[A-Za-z]", 1).cast(pl.Int32),
        ),
    )
    dtg = (
        dtg.unnest("found")
        .group_by("document_key", maintain_order=True)
        .first()
        .with_columns(
            date_time_group=folded(pl.col("clean")),
            first_letter=pl.col("letters")
            .str.to_uppercase()
            .str.extract(r"(NIACT|FLASH|IMM|[ZOPR])", 1)
            .replace({"NIACT": "N", "FLASH": "Z", "IMM": "O"}),
            operating_signal=pl.col("rest").str.to_uppercase().str.extract(SIGNAL, 1),
        )
    )
    dtg = dtg.join(known, on="document_key", how="left", maintain_order="left")
    parts = ["day", "hour", "minute", "month", "year"]
    needs = pl.col("month").is_null() | pl.col("year").is_null()
    dtg = dtg.with_columns(
        pl.when(needs).then(name).alias(name) for name in ("created_at", "known_year")
    )
    dtg = each_distinct(
        dtg, [*parts, "created_at", "known_year"], _moment, "dtg_at", pl.Datetime("us")
    )
    transmission = pieces.filter(pl.col("field") == "transmission")
    prosigns = transmission.with_columns(
        prosign=pl.col("clean").str.extract(r"^(ZZ|OO|PP|RR)\b", 1).str.head(1)
    )
    identified = transmission.with_columns(
        transmission_id=pl.col("clean").str.extract(r"^(VZCZC\S+)", 1)
    )
    documents = pieces.select("document_key").unique(maintain_order=True)
    for part in (
        dtg.select("document_key", "date_time_group", "dtg_at", "first_letter", "operating_signal"),
        first_of(identified, "transmission_id"),
        first_of(prosigns, "prosign"),
        originators(reading),
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


def originators(reading: Reading) -> pl.DataFrame:
    """Give document_key and originator: the plain language address on the FM line."""
    named = reading.pieces.filter(pl.col("field") == "originator").with_columns(
        originator=folded(pl.col("clean").str.replace(r"^(?:FM|FROM):?\s+", ""))
    )
    return first_of(named, "originator")


def _moment(
    day: str | None,
    hour: str | None,
    minute: str | None,
    month: str | None,
    year: str | None,
    created_at: datetime | None,
    known_year: int | None,
) -> datetime | None:
    """Read the parts of a DTG; null when they name no moment (`992599Z XXX 07`)."""
    if not (day and hour and minute) or (year and len(year) == 3):
        return None
    in_month, at_hour, at_minute = (_number(part) for part in (day, hour, minute))
    if month:
        number = MONTHS.get(month[:3].upper().replace("0", "O"))
    else:  # A text is sent on the day it was drafted, or on the next.
        is_near = created_at is not None and 0 <= in_month - created_at.day <= 1
        number = created_at.month if created_at is not None and is_near else None
    if year:
        full = _number(year) if len(year) == 4 else full_year(_number(year))
    elif known_year is not None:
        full = known_year
        # Drafted on New Year's Eve, sent on New Year's Day.
        if created_at is not None and number is not None and abs(number - created_at.month) == 11:
            full += 1 if number == 1 else -1
    else:
        return None
    if number is None:
        return None
    # 2400Z is midnight at the end of the day.
    ends_day = (at_hour, at_minute) == (24, 0)
    try:
        moment = datetime(full, number, in_month, 0 if ends_day else at_hour, at_minute)
    except ValueError:
        return None
    return moment + timedelta(days=1) if ends_day else moment


def _number(printed: str) -> int:
    """Read digits; OCR reads 1 as I or l, and 0 as O."""
    return int(printed.upper().translate(str.maketrans("ILO", "110")))


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
            )
            .str.replace_all(NEXT_ADDRESS, "$1\n$2")
            .str.split("\n")
        )
        .with_columns(part_of_line=pl.int_ranges(0, pl.col("raw_text").list.len()))
        .explode("raw_text", "part_of_line")
        .with_columns(
            # `… WASHDC 12 INFO AMEMBASSY OSLO`: the role changes inside the line.
            role=pl.when(pl.col("raw_text").str.starts_with("INFO "))
            .then(pl.lit("info"))
            .when((pl.col("part_of_line") == 0) & pl.col("label").is_not_null())
            .then("role")
            .forward_fill()
            .over("document_key"),
            raw_text=pl.col("raw_text").str.strip_prefix("INFO ").str.strip_chars(" ,;."),
        )
        .with_columns(
            # Precedence and number of the address above.
            is_rest=pl.col("raw_text").str.contains(
                rf"^(?:(?:{_PRECEDENCE})(?: \d{{2,5}})?|\d{{4}})$"
            ),
        )
        .filter(~pl.col("is_rest") | (pl.col("document_key") == pl.col("document_key").shift(1)))
        .with_columns(entry=(~pl.col("is_rest")).cum_sum())
        .with_columns(raw_text=pl.col("raw_text").str.join(" ").over("entry"))
        .filter(~pl.col("is_rest"))
        .filter(
            pl.col("raw_text").str.contains(r"[A-Za-z]{2}")
            & pl.col("role").is_not_null()
            # `STATE GRNC`: groups of the text are not counted.
            & ~pl.col("raw_text").str.contains(r"\bGRNC$")
            & ~pl.col("raw_text").str.contains(SLUG)
        )
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
    routed = pl.col("routing_indicator").is_not_null()
    # Where what XMT names has no routing indicator, an address with one is no part of it.
    of_list = (~routed.first() & routed.cum_max()).over("document_key", "field", "block")
    return (
        listed.with_columns(
            is_exempt=(pl.col("field") == "exempt") & ~of_list,
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
    found = ADDRESS.match(HANDLED.sub("", raw)) or ADDRESS.match(raw)
    assert found is not None  # .+? matches whatever there is
    precedence = found["precedence"] or found["late"]
    name = found["name"].strip()
    return {
        "routing_indicator": found["routing"],
        "name": name,
        "precedence": PRECEDENCE_SPELLINGS.get(precedence, precedence),
        "message_continuity_number": (found["number"] or "").replace(",", "") or None,
        "is_collective": bool(COLLECTIVE.search(name)),
        "post_code": addressed_post(name),
    }
