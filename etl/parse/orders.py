"""The E.O. line: which executive order, and when or on what event the telegram is declassified."""

import re
from datetime import date
from typing import Any

import polars as pl

from etl.conform.reference import rows
from etl.parse import patterns
from etl.parse.opening import LABEL_ONLY, field_texts
from etl.parse.reading import Reading
from etl.parse.text import MONTHS, each_distinct

EXECUTIVE_ORDER = re.compile(
    r"^(?:\([UCS]\)\s*)?(?:"
    + (patterns.ORDER_WORD + r"|O\.(?=\s?1\d{4}))?\s*[:#]?\s*(?P<number>" + patterns.ORDER_NUMBER)
    + r")?[\s:;,.(–-]*(?:AS\s+AMENDED\b[\s:;,.)–-]*)?(?P<rest>.*)$",
    re.I | re.S,
)
DECLASSIFY = re.compile(
    r"^[\s(:;.,–-]*(?:DECL(?:AS(?:S?IFY|SIFICATION)?)?|DELC?|DCL|DEC(?!\.?\s?\d{1,2}\b))\b\s*"
    r"(?:ON\b|DATE\b)?[\s:;.,=-]*",
    re.I,
)
_YEAR = r"(?:19|20)\d\d"
_MONTH = r"[A-Z]{3,9}"
_DATES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<year>{_YEAR})[/.-](?P<month>\d{{1,2}})[/.-](?P<day>\d{{1,2}})",
        r"(?P<month>\d{1,2})\s?[/.-]{1,2}\s?(?P<day>\d{1,2})\s?[/.-]{1,2}\s?"
        r"(?P<year>\d{4}|2 ?0 ?\d ?\d(?=\W*$)|\d{2})(?!\d)",
        rf"(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:ST|ND|RD|TH)?(?:,\s*|\s+)(?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})[\s/-]*(?P<month>{_MONTH})[\s.,/-]*(?P<year>\d{{4}}|\d{{2}})\b",
        # Without slashes, or with one of them: 03 05 2012, 20120305, 03052012, 11/172012.
        rf"\b(?P<month>\d\d) (?P<day>\d\d) (?P<year>{_YEAR})\b",
        rf"\b(?P<year>{_YEAR}) (?P<month>0[1-9]|1[0-2]) (?P<day>\d\d)\b",
        rf"\b(?P<year>{_YEAR})(?P<month>0[1-9]|1[0-2])(?P<day>\d\d)\b",
        rf"\b(?P<month>\d\d)/?(?P<day>\d\d)/?(?P<year>{_YEAR})\b",
    )
)
_COUNTED = {"FIVE": "5", "TEN": "10", "FIFTEEN": "15", "TWENTY": "20", "TWENTY-FIVE": "25"}
_YEARS_AFTER = re.compile(
    r"\b(?P<years>\d{1,2}|" + "|".join(_COUNTED) + r")\s*-?\s*(?:YEARS?|YRS?)\s+"
    r"(?:FROM|AFTER|FOLLOWING)\b[^\d]{0,40}$",
    re.I,
)
"""`10 YEARS FROM 11/20/2003`: so long after the date, not on it."""

_DIGITS = str.maketrans("OoIl", "0011")
_MISPRINTED_DATE = re.compile(
    r"(?<![A-Za-z])(?=[OIl\d/.-]*\d)[OIl\d]{1,4}(?:[/.-][OIl\d]{1,4}){2}\b"
)
"""OCR reads 0 as O and 1 as l: `O3/l5/2012`."""


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
    texts = _order_texts(reading).join(sent, on="document_key", how="left", maintain_order="left")
    return (
        each_distinct(texts, ["text", "sent_year"], _executive_order, "found", shape)
        .unnest("found")
        .drop("text", "sent_year")
    )


def _order_texts(reading: Reading) -> pl.DataFrame:
    """Give document_key and text of the E.O. line; DECL may stand on the next line or behind it."""
    texts = field_texts(reading, "executive_order", blocks="every").with_columns(
        is_bare=pl.col("text").str.contains(LABEL_ONLY)
    )
    behind = pl.col("behind")
    return (
        texts.group_by("document_key", maintain_order=True)
        .agg(
            pl.col("text").first(),
            pl.col("is_bare").first(),
            behind=pl.col("text").filter(~pl.col("is_bare")).first(),
        )
        .filter(~pl.col("is_bare") | behind.is_not_null() | pl.col("text").str.contains(r"\d{4}"))
        .select(
            "document_key",
            pl.when(~pl.col("is_bare") | behind.is_null())
            .then("text")
            .when(behind.str.contains(r"(?i)^\W*decl"))
            .then(pl.col("text") + " " + behind)
            .otherwise(behind),
        )
    )


def _executive_order(text: str, sent_year: int | None) -> dict[str, Any]:
    found = EXECUTIVE_ORDER.match(re.sub(r"\s+", " ", text).strip())
    assert found is not None
    printed, instruction = found["number"], found["rest"].strip(" .:;")
    while (label := DECLASSIFY.match(instruction)) and label.end():
        instruction = instruction[label.end() :]
    if instruction.endswith(")") and "(" not in instruction:
        instruction = instruction[:-1]
    instruction = _MISPRINTED_DATE.sub(lambda date: date[0].translate(_DIGITS), instruction)
    day = None
    for pattern in _DATES:
        dated = pattern.search(instruction)
        day = _day(dated["year"], dated["month"], dated["day"], sent_year) if dated else None
        if dated and day is not None:
            if day is not None and (span := _YEARS_AFTER.search(instruction[: dated.start()])):
                day = _after(span, day)
            if dated[0].strip() == instruction.strip(" .,;"):
                instruction = ""
            break
    return {
        "executive_order_printed": printed,
        "executive_order": resolved_order(printed, sent_year),
        "declassify_on": day,
        "declassify_instruction": instruction.strip(" .:;") or None,
    }


def _after(span: re.Match[str], day: date) -> date:
    """Give the day so many years later."""
    years = int(_COUNTED.get(span["years"].upper(), span["years"]))
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _day(year: str, month: str, day: str, sent_year: int | None) -> date | None:
    """Read a date of the E.O. line; a two-digit year is the first one not before the telegram."""
    number = int(month) if month.isdigit() else MONTHS.get(month[:3].upper())
    if number is None:
        return None
    year = year.replace(" ", "")
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
    printed = re.sub(r"\D", "", printed)
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


def reason_sections(numbers: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Give document_key and reason_section: the section whose letters are reasons; null if none.

    E.O. 12958 lists them in section 1.5, from its amendment in 2003 in 1.4, as does 13526. Older
    orders have no letters that could stand without their section.
    """
    sent = pl.coalesce(
        pl.col("dtg_at").dt.date(), pl.col("created_at").dt.date(), pl.date("mrn_year", 12, 31)
    )
    return (
        numbers.select("document_key", "dtg_at", "created_at", "mrn_year")
        .join(
            orders.select("document_key", "executive_order"),
            on="document_key",
            how="left",
            maintain_order="left",
        )
        .select(
            "document_key",
            reason_section=pl.when(
                pl.col("executive_order").is_in(["10290", "10501", "11652", "12065", "12356"])
                | (pl.col("executive_order").is_null() & (sent < date(1995, 10, 14)))
            )
            .then(None)
            .when(sent < date(2003, 3, 25))
            .then(pl.lit("1.5"))
            .otherwise(pl.lit("1.4")),
        )
    )
