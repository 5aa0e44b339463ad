"""The E.O. line: which executive order, and when or on what event the telegram is declassified."""

import re
from datetime import date
from typing import Any

import polars as pl

from etl.conform.reference import rows
from etl.parse.opening import field_texts
from etl.parse.reading import Reading
from etl.parse.text import MONTHS, each_distinct

EXECUTIVE_ORDER = re.compile(
    r"^(?:\([UCS]\)\s*)?(?:E\.?\s?O\.?|EXEC\w*\.?\s+ORDER)?\s*[:#]?\s*(?P<number>\d{4,6})?\s*[:;,.]?\s*(?P<rest>.*)$",
    re.I | re.S,
)
_DATE = re.compile(
    r"(?P<y1>(?:19|20)\d\d)[/.-](?P<m1>\d{1,2})[/.-](?P<d1>\d{1,2})"
    r"|(?P<m2>\d{1,2})\s?[/.-]\s?(?P<d2>\d{1,2})\s?[/.-]\s?(?P<y2>\d{4}|\d{2})\b"
    r"|(?P<mn3>[A-Z]{3,9})\.?\s+(?P<d3>\d{1,2})(?:ST|ND|RD|TH)?(?:,\s*|\s+)(?P<y3>\d{4})"
    r"|(?P<d4>\d{1,2})[\s-]*(?P<mn4>[A-Z]{3,9})[\s.,-]*(?P<y4>\d{4}|\d{2})\b",
    re.I,
)


def executive_orders(reading: Reading, sent: pl.DataFrame) -> pl.DataFrame:
    """Give what the E.O. line of each document says.

    Out: document_key, executive_order_printed, executive_order, declassify_on,
    declassify_instruction. `sent` has document_key and sent_year (null where unknown), by which
    two-digit years are read.
    """
    shape = pl.Struct(
        {
            "executive_order_printed": pl.String,
            "executive_order": pl.String,
            "declassify_on": pl.Date,
            "declassify_instruction": pl.String,
        }
    )
    texts = field_texts(reading, "executive_order").join(
        sent, on="document_key", how="left", maintain_order="left"
    )
    return (
        each_distinct(texts, ["text", "sent_year"], _executive_order, "found", shape)
        .unnest("found")
        .drop("text", "sent_year")
    )


def _executive_order(text: str, sent_year: int | None) -> dict[str, Any]:
    found = EXECUTIVE_ORDER.match(re.sub(r"\s+", " ", text).strip())
    assert found is not None
    printed, rest = found["number"], found["rest"].strip(" .:;")
    instruction = re.sub(
        r"^(?:DECL(?:AS(?:SIFY)?)?|DEC)\b\s*(?:ON)?\s*[:;.]*\s*", "", rest, flags=re.I
    )
    day = None
    dated = _DATE.search(instruction)
    if dated:
        day = _day(dated.groupdict(), sent_year)
        if day is not None and dated[0].strip() == instruction.strip(" .,;"):
            instruction = ""
    return {
        "executive_order_printed": printed,
        "executive_order": resolved_order(printed, sent_year),
        "declassify_on": day,
        "declassify_instruction": instruction.strip(" .:;") or None,
    }


def _day(parts: dict[str, str | None], sent_year: int | None) -> date | None:
    """Read a date of the E.O. line; a two-digit year is the first one not before the telegram."""
    year = parts["y1"] or parts["y2"] or parts["y3"] or parts["y4"]
    month = parts["m1"] or parts["m2"] or parts["mn3"] or parts["mn4"]
    day = parts["d1"] or parts["d2"] or parts["d3"] or parts["d4"]
    if not (year and month and day):
        return None
    number = int(month) if month.isdigit() else MONTHS.get(month[:3].upper())
    if number is None:
        return None
    if len(year) == 4:
        full = int(year)
    else:
        base = sent_year if sent_year is not None else 1980
        full = base - base % 100 + int(year)
        full += 100 if full < base else 0
    try:
        return date(full, number, int(day))
    except ValueError:
        try:  # 17/11/2017: day and month changed places
            return date(full, int(day), number) if number > 12 else None
        except ValueError:
            return None


def resolved_order(printed: str | None, sent_year: int | None) -> str | None:
    """Give the executive order meant by the number printed: `12598` → `12958`."""
    if printed is None:
        return None
    orders = rows("executive_orders")
    numbers = [row["number"] for row in orders]
    if printed in numbers:
        return printed
    for row in orders:
        if printed in row["common_misprints"].split(";"):
            return row["number"]
    # Same digits in another order, or one digit lost or doubled; in force at the time if known.
    near = [number for number in numbers if _is_near(printed, number)]
    in_force = [
        row["number"]
        for row in orders
        if row["number"] in near
        and sent_year is not None
        and int(row["in_force_from"][:4]) <= sent_year
        and (not row["in_force_to"] or sent_year <= int(row["in_force_to"][:4]))
    ]
    candidates = in_force or near
    return candidates[0] if len(candidates) == 1 else None


def _is_near(printed: str, number: str) -> bool:
    if sorted(printed) == sorted(number):
        return True
    if len(printed) == len(number):
        return sum(a != b for a, b in zip(printed, number, strict=True)) == 1
    short, long = sorted((printed, number), key=len)
    return len(long) - len(short) == 1 and any(
        long[:i] + long[i + 1 :] == short for i in range(len(long))
    )
