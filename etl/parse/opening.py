"""The opening of the text: classification, captions, E.O. line, TAGS, SUBJECT."""

import re
from datetime import date
from typing import Any

import polars as pl

from etl.conform.mrn import canonical_mrn
from etl.conform.reference import rows
from etl.conform.tags import split_tags
from etl.parse import patterns
from etl.parse.reading import Reading
from etl.parse.text import MONTHS, each_distinct, folded

LEVEL_BY_LETTERS = {
    "UNCLAS": "UNCLASSIFIED",
    "UNCLASSIFIED": "UNCLASSIFIED",
    "LIMITEDOFFICIALUSE": "LIMITED OFFICIAL USE",
    "CONFIDENTIAL": "CONFIDENTIAL",
    "SECRET": "SECRET",
    "TOPSECRET": "TOP SECRET",
}
LEVEL_BY_PORTION = {
    "U": "UNCLASSIFIED",
    "SBU": "UNCLASSIFIED",
    "FOUO": "UNCLASSIFIED",
    "OUO": "UNCLASSIFIED",
    "UNCLAS": "UNCLASSIFIED",
    "UNCLASSIFIED": "UNCLASSIFIED",
    "LOU": "LIMITED OFFICIAL USE",
    "C": "CONFIDENTIAL",
    "CONFIDENTIAL": "CONFIDENTIAL",
    "S": "SECRET",
    "SECRET": "SECRET",
    "TS": "TOP SECRET",
}

EXECUTIVE_ORDER = re.compile(
    r"^(?:\([UCS]\)\s*)?(?:E\.?\s?O\.?|EXEC\w*\.?\s+ORDER)?\s*[:#]?\s*(?P<number>\d{4,6})?\s*[:;,.]?\s*(?P<rest>.*)$",
    re.I | re.S,
)
_DATE = re.compile(
    r"(?P<y1>(?:19|20)\d\d)[/.-](?P<m1>\d{1,2})[/.-](?P<d1>\d{1,2})"
    r"|(?P<m2>\d{1,2})\s?[/.-]\s?(?P<d2>\d{1,2})\s?[/.-]\s?(?P<y2>\d{4}|\d{2})\b"
    r"|(?P<mn3>[A-Z]{3,9})\.?\s+(?P<d3>\d{1,2})(?:ST|ND|RD|TH)?,?\s+(?P<y3>\d{4})"
    r"|(?P<d4>\d{1,2})\s+(?P<mn4>[A-Z]{3,9})\.?,?\s+(?P<y4>\d{4}|\d{2})\b",
    re.I,
)
SUBJECT_LABEL = (
    r"(?i)^\W{0,3}(?:u?bject|subjects?|subj|subjct|subjet|sujbect|subect|suject)\s*[:;]?\s*"
)
RUN_ON_NOTICE = r"\s(?:Sensitive [Bb]ut|SENSITIVE BUT UNCLASSIFIED)\b.*$"
MARKED_FIRST = r"^" + patterns.MARKING + r"\s*"
MARKED_LAST = r"\s*" + patterns.MARKING + r"$"


LABEL_ONLY = (
    r"(?i)^\W*(?:(?:e\.?\s?o\.?|t?ags|subj(?:ect)?|ref(?:s|tels?)?|class?i?fied\s+by)"
    r"\s*:?[\W\d]*)+$"
)
"""A label with nothing behind it: the text stands in the next block."""


def field_texts(reading: Reading, field: str, *, blocks: str = "first") -> pl.DataFrame:
    """Give document_key and text of a field, its lines joined by newlines.

    `blocks`: "first" gives the first block that says anything, "all" a row per such block.
    """
    texts = (
        reading.pieces.filter(pl.col("field") == field)
        .with_columns(
            pl.when(pl.col("clean").str.contains(" OF ", literal=True))
            .then(pl.col("clean").str.replace_all(patterns.INLINE_PAGE_MARKER, "\n"))
            .otherwise("clean")
            .alias("clean")
        )
        .group_by("document_key", "block", maintain_order=True)
        .agg(text=pl.col("clean").str.join("\n"))
        .filter(~pl.col("text").str.contains(LABEL_ONLY))
        .select("document_key", "text")
    )
    if blocks == "all":
        return texts
    return texts.group_by("document_key", maintain_order=True).agg(pl.col("text").first())


def classifications(reading: Reading) -> pl.DataFrame:
    """Give document_key, own_level, line_mrn_post, line_serial, section_count of each document.

    From the first classification line; a bare banner counts when there is no full line.
    """
    found = (
        reading.lines.filter(
            (pl.col("kind") == "classification") & ((pl.col("zone") == "opening").fill_null(True))
        )
        .select(
            "document_key",
            "row",
            pl.col("clean").str.extract_groups(patterns.CLASSIFICATION_LINE).alias("found"),
            pl.col("clean").str.extract(r"^(" + patterns.LEVEL_WORDS + r")", 1).alias("banner"),
        )
        .unnest("found")
        .with_columns(
            own_level=pl.coalesce("level", "banner")
            .str.replace_all(" ", "", literal=True)
            .replace_strict(LEVEL_BY_LETTERS, default=None, return_dtype=pl.String),
            section_count=pl.coalesce("sections", "sections_after").cast(pl.Int16, strict=False),
        )
    )
    return found.group_by("document_key", maintain_order=True).agg(
        pl.col("own_level").drop_nulls().first(),
        line_post=pl.col("post").drop_nulls().first(),
        line_serial=pl.col("serial").drop_nulls().first(),
        section_count=pl.col("section_count").max(),
        handling=pl.concat_str(
            pl.col("handling").fill_null(""), pl.col("tail").fill_null(""), separator=" "
        ).str.join(" "),
    )


def published_level(text: pl.Expr) -> pl.Expr:
    """Level of a page's classification: `CONFIDENTIAL//NOFORN` → CONFIDENTIAL."""
    return (
        text.str.to_uppercase()
        .str.extract(r"^\s*([A-Z ]+?)\s*(?:/|$)", 1)
        .str.replace_all(" ", "", literal=True)
        .replace_strict(LEVEL_BY_LETTERS, default=None, return_dtype=pl.String)
    )


def portion_level(marking: pl.Expr) -> pl.Expr:
    """Level of a portion marking: `S//NF` → SECRET, `SBU` → UNCLASSIFIED."""
    return marking.str.extract(r"^([A-Z]+)", 1).replace_strict(
        LEVEL_BY_PORTION, default=None, return_dtype=pl.String
    )


def caveats(reading: Reading, documents: pl.DataFrame) -> pl.DataFrame:
    """Give the caveats of a batch: contract `Caveats`.

    From caption lines and handling words of the opening, and from the page's classification.
    """
    printed = pl.concat(
        [
            reading.lines.filter(
                (pl.col("kind") == "caption")
                & (pl.col("row") < pl.col("first_start").fill_null(2**32 - 1))
            ).select("document_key", text="clean"),
            reading.pieces.filter(pl.col("field") == "caption").select(
                "document_key", text="clean"
            ),
            reading.pieces.filter(
                pl.col("field").is_in(["tags", "executive_order"])
                & pl.col("clean").str.contains("SIPDIS", literal=True)
            ).select("document_key", text=pl.lit("SIPDIS")),
            classifications(reading).select("document_key", text="handling"),
            documents.select(
                "document_key",
                text=pl.col("published_classification")
                .str.to_uppercase()
                .str.extract(r"^[^/]*//?(.+)$", 1),
            ),
        ]
    ).filter(pl.col("text").str.contains(r"[A-Z]{3}"))
    return (
        each_distinct(printed, ["text"], split_caveats, "caveat", pl.List(pl.String))
        .explode("caveat")
        .filter(pl.col("caveat").is_not_null())
        .select("document_key", "caveat")
        .unique()
        .sort("document_key", "caveat")
    )


_SPELLINGS = {
    "FOUO": "FOR OFFICIAL USE ONLY",
    "NF": "NOFORN",
    "NOT FOR INTERNET": "NOT FOR INTERNET DISTRIBUTION",
    "NOCONTRACT": "NOCONTRACT",
    "INFORM CONSUL": "INFORM CONSULS",
}


def split_caveats(text: str) -> list[str]:
    """Find the caveats named in a caption: `SENSITIVE // NOFORN` → both, longest name first."""
    upper = re.sub(r"\s+", " ", text.upper())
    # Spaced letters: N O F O R N, C O R R E C T E D  C O P Y.
    upper = re.sub(r"\b(?:[A-Z] ){3,}[A-Z]\b", lambda spaced: spaced[0].replace(" ", ""), upper)
    upper = upper.replace("CORRECTEDCOPY", "CORRECTED COPY")
    names = {row["caveat"] for row in rows("caveats")}
    found: list[str] = []
    for name in sorted(names | set(_SPELLINGS), key=lambda name: (-len(name), name)):
        pattern = r"(?<![A-Z])" + re.escape(name) + r"(?![A-Z])"
        if re.search(pattern, upper):
            upper = re.sub(pattern, "|", upper)
            canonical = _SPELLINGS.get(name, name)
            if canonical in names:
                found.append(canonical)
    return found


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


def tags(reading: Reading) -> pl.DataFrame:
    """Give the tags of a batch: contract `Tags`."""
    shape = pl.List(pl.Struct({"raw_tag": pl.String, "tag": pl.String}))

    def split(text: str) -> list[dict[str, str]]:
        return [{"raw_tag": tag.raw, "tag": tag.tag} for tag in split_tags(text)]

    return (
        each_distinct(field_texts(reading, "tags"), ["text"], split, "found", shape)
        .explode("found")
        .filter(pl.col("found").is_not_null())
        .unnest("found")
        .select(
            "document_key",
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key").alias("position"),
            "raw_tag",
            "tag",
        )
    )


def subjects(reading: Reading) -> pl.DataFrame:
    """Give document_key, subject (one line, no marking), subject_marking."""
    text = folded(pl.col("text").str.replace(SUBJECT_LABEL, "").str.replace(RUN_ON_NOTICE, ""))
    return (
        field_texts(reading, "subject")
        .with_columns(text=text)
        .with_columns(
            subject_marking=pl.coalesce(
                pl.col("text").str.extract(MARKED_FIRST, 1),
                pl.col("text").str.extract(MARKED_LAST, 1),
            )
            .str.to_uppercase()
            .str.replace_all(" ", "", literal=True),
            subject=pl.col("text")
            .str.replace(MARKED_FIRST, "")
            .str.replace(MARKED_LAST, "")
            .str.strip_chars(),
        )
        .filter(pl.col("subject") != "")
        .select("document_key", "subject", "subject_marking")
    )


def message_reference_numbers(
    documents: pl.DataFrame, classified: pl.DataFrame, headings: pl.DataFrame
) -> pl.DataFrame:
    """Give document_key, printed_mrn, mrn, post_code, year, serial.

    The published id (page, CSV, cover) names the telegram; without one, or when it is
    malformed beyond repair, the classification line does, with the year of the DTG.
    """
    frame = (
        documents.select("document_key", "published_id", "created_at")
        .join(classified, on="document_key", how="left", maintain_order="left")
        .join(
            headings.select("document_key", "dtg_at"),
            on="document_key",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            line_printed=pl.format("{} {}", "line_post", "line_serial"),
            line_mrn=pl.format(
                "{}{}{}",
                pl.coalesce("dtg_at", "created_at").dt.year(),
                pl.col("line_post").str.replace_all(r"[^A-Za-z]", ""),
                pl.col("line_serial"),
            ),
        )
    )
    shape = pl.Struct(
        {
            "printed_mrn": pl.String,
            "mrn": pl.String,
            "post_code": pl.String,
            "mrn_year": pl.Int32,
            "serial": pl.Int32,
        }
    )

    def read(
        published: str | None, line: str | None, line_printed: str | None
    ) -> dict[str, Any] | None:
        for text, printed in ((published, published), (line, line_printed)):
            found = canonical_mrn(text)
            if found:
                return {
                    "printed_mrn": printed,
                    "mrn": found.text,
                    "post_code": found.post_code,
                    "mrn_year": found.year,
                    "serial": found.serial,
                }
        return None

    return each_distinct(
        frame, ["published_id", "line_mrn", "line_printed"], read, "found", shape
    ).select("document_key", "created_at", "dtg_at", pl.col("found").struct.unnest())
