"""Classification, captions and portion markings: how secret, and for whom."""

import re

import polars as pl

from etl.conform.reference import rows
from etl.contracts.columns import LEVEL_RANKS
from etl.parse import patterns
from etl.parse.reading import Reading
from etl.parse.text import beside, each_distinct, joined

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
    "LIMITED": "LIMITED OFFICIAL USE",
    "C": "CONFIDENTIAL",
    "CONFIDENTIAL": "CONFIDENTIAL",
    "S": "SECRET",
    "SECRET": "SECRET",
    "TS": "TOP SECRET",
}


def classifications(reading: Reading) -> pl.DataFrame:
    """Give document_key, own_level, line_mrn_post, line_serial, section_count of each document.

    From the first classification line; a bare banner counts when there is no full line. Its post
    and serial may stand on the next line.
    """
    clean = pl.col("clean")
    lines = reading.lines.filter(
        ~pl.col("kind").is_in(["blank", "page_marker"])
        & (pl.col("zone") == "opening").fill_null(True)
    )
    behind = beside(clean, -1)
    below = pl.col("behind")
    is_cut = ~clean.str.contains(r"\d{3}") & below.str.contains(patterns.MRN_ALONE)
    found = (
        lines.with_columns(behind=behind)
        .filter(pl.col("kind") == "classification")
        .with_columns(
            clean=pl.when(is_cut.fill_null(False)).then(clean + " " + below).otherwise(clean)
        )
        .select(
            "document_key",
            "row",
            pl.col("clean").alias("printed"),
            pl.col("clean").str.extract_groups(patterns.CLASSIFICATION_LINE).alias("found"),
            pl.col("clean").str.extract(r"^(" + patterns.LEVEL_WORDS + r")", 1).alias("banner"),
        )
        .unnest("found")
        .with_columns(
            # `UNCLASSIFIED     PTO2619`: the log number of a communications centre.
            pl.when(
                ~pl.col("printed").str.contains(r"[A-Z]{2}\d{3,8}\s*$")
                | (pl.col("post").str.len_chars() > 3)
            ).then(name)
            for name in ("post", "serial")
        )
        .with_columns(
            own_level=pl.coalesce("level", "banner")
            .str.replace_all(" ", "", literal=True)
            .replace_strict(LEVEL_BY_LETTERS, default=None, return_dtype=pl.String),
            section_count=pl.coalesce("sections", "sections_after")
            .replace(patterns.COUNTS)
            .str.replace_all("O", "0", literal=True)
            .cast(pl.Int16, strict=False),
        )
    )
    return found.group_by("document_key", maintain_order=True).agg(
        pl.col("own_level").drop_nulls().first(),
        # A serial of one or two digits only where no line has a longer one: `CONFIDENTIAL PAGE 2`.
        line_post=pl.coalesce(
            pl.col("post").drop_nulls().first(), pl.col("post_short").drop_nulls().first()
        ),
        line_serial=pl.coalesce(
            pl.col("serial").drop_nulls().first(), pl.col("serial_short").drop_nulls().first()
        ),
        section_count=pl.col("section_count").max(),
        handling=joined(
            pl.concat_str(
                pl.col("handling").fill_null(""), pl.col("tail").fill_null(""), separator=" "
            ),
            " ",
        ),
    )


def lone_sections(reading: Reading) -> pl.DataFrame:
    """Give document_key and section_number of the documents that hold one section of several.

    A telegram put together names its other sections on page markers or on repeated lines.
    """
    clean = pl.col("clean")
    named = (
        reading.lines.filter(
            pl.col("kind").is_in(["classification", "page_marker", "repeated_header"])
        )
        .filter(clean.str.contains(r"(?i)[o0]f|/"))
        .select(
            "document_key",
            clean.str.extract_groups(patterns.SECTION_WORDS).alias("words"),
            clean.str.extract_groups(patterns.SECTION_BEHIND).alias("behind"),
        )
        .select(
            "document_key",
            *(
                pl.coalesce(pl.col(place).struct.field(name) for place in ("words", "behind"))
                for name in ("n", "m")
            ),
        )
        .with_columns(
            pl.col(name)
            .replace(patterns.COUNTS)
            .str.replace_all("O", "0", literal=True)
            .cast(pl.Int16, strict=False)
            for name in ("n", "m")
        )
        .filter(pl.col("n") <= pl.col("m"))
    )
    return (
        named.group_by("document_key", maintain_order=True)
        .agg(pl.col("n").n_unique().alias("count"), pl.col("n").first(), pl.col("m").max())
        .filter(pl.col("count") == 1, pl.col("m") > 1)
        .select("document_key", section_number="n")
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


def portion_caveats(built: pl.DataFrame) -> pl.DataFrame:
    """Add `portion_caveats` to paragraphs: caveats of the marking (`portion`), canonical."""
    return each_distinct(built, ["portion"], split_portion, "portion_caveats", pl.List(pl.String))


PORTION_CAVEATS = {
    "NF": "NOFORN",
    "FOUO": "FOR OFFICIAL USE ONLY",
    "OC": "ORCON",
    "PR": "PROPIN",
    "NC": "NOCONTRACT",
    "SBU": "SENSITIVE BUT UNCLASSIFIED",
}


def split_portion(portion: str | None) -> list[str]:
    """Read a portion marking's caveats: `S//NF` → NOFORN; `C//REL TO USA, GBR` → its list."""
    if portion is None:
        return []
    text = re.sub(r"\s+", " ", portion.upper()).strip().replace("LIMITED OFFICIAL USE", "LOU")
    found: list[str] = []
    release = re.search(r"\bREL(?:\s+TO)?\s+([A-Z, /]+)$", text)
    if release:
        found.append("REL TO " + ", ".join(re.findall(r"(?!AND\b)[A-Z]{2,}", release[1])))
        text = text[: release.start()]
    words = [word for word in re.split(r"[/\s–-]+", text) if word]
    if words and LEVEL_BY_PORTION.get(words[0]) and words[0] not in ("SBU", "FOUO", "OUO"):
        words = words[1:]
    return list(dict.fromkeys([PORTION_CAVEATS.get(word, word) for word in words] + found))


def caveats(reading: Reading, documents: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Give the caveats of a batch: contract `Caveats`.

    From caption lines and handling words of the opening (`own`: the batch's `classifications`), and
    from the page's classification.
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
            own.select("document_key", text="handling"),
            # What the page says of another level is not this text's.
            documents.join(own, on="document_key", how="left")
            .filter(
                pl.col("own_level").is_null()
                | (pl.col("own_level") == published_level(pl.col("published_classification")))
            )
            .select(
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
        # LIMITED OFFICIAL USE is a level; it stands among the captions for telegrams of another.
        .join(own.select("document_key", "own_level"), on="document_key", how="left")
        .filter(pl.col("caveat").is_not_null() & pl.col("caveat").ne_missing(pl.col("own_level")))
        .select("document_key", "caveat")
        .unique()
        .sort("document_key", "caveat")
    )


STATED = r"^\W*(?:(?i:classification)\s*:\s*)?((?i:" + patterns.LEVEL_WORDS + r"))\b"
"""A level that a line begins with, in a heading printed again, a banner, a page marker, a cover."""

_STATING = ("classification", "caption", "page_marker", "repeated_header", "notice", "cover")


_CONTROLLING = ("NOFORN", "NODIS", "EXDIS", "LIMDIS", "STADIS", "ORCON", "PROPIN", "NOCONTRACT")
_CONTROLS = r"(?i)\bnf\b|n ?o ?f ?o ?r ?n|dis\b|d i s\b|orcon|propin|nocontract"


def stated_elsewhere(reading: Reading, levels: pl.DataFrame, caveats: pl.DataFrame) -> pl.DataFrame:
    """Give document_key, field, raw_text, reason of lines that say more than the telegram's own.

    A level above the telegram's (`SECRET SECTION 02 OF 02` in one that begins UNCLAS), or a
    caveat that only stands within its text. `levels` are document_key and level, `caveats` the
    batch's Caveats. Whoever may not see the one may not see the other.
    """
    clean = pl.col("clean")
    lines = (
        reading.lines.filter(pl.col("kind").is_in(list(_STATING)))
        .filter(clean.str.contains("[A-Za-z]{2}"))
        .select("document_key", "kind", "clean")
        .unique(maintain_order=True)
        .join(levels, on="document_key", how="left", maintain_order="left")
    )
    anywhere = pl.when(pl.col("kind") == "notice").then(
        clean.str.extract(r"((?i:" + patterns.LEVEL_WORDS + r"))\b", 1)
    )
    stated = (
        pl.coalesce(clean.str.extract(STATED, 1), anywhere)
        .str.to_uppercase()
        .str.replace_all(" ", "", literal=True)
        .replace_strict(LEVEL_BY_LETTERS, default=None, return_dtype=pl.String)
    )

    def rank(level: pl.Expr) -> pl.Expr:
        return level.replace_strict(LEVEL_RANKS, default=-1, return_dtype=pl.Int8)

    above = lines.with_columns(stated=stated).filter(rank(pl.col("stated")) > rank(pl.col("level")))
    within = lines.filter((pl.col("kind") != "cover") & clean.str.contains(_CONTROLS))
    further = (
        each_distinct(within, ["clean"], split_caveats, "caveat", pl.List(pl.String))
        .explode("caveat")
        .filter(pl.col("caveat").is_in(list(_CONTROLLING)))
        .join(caveats, on=["document_key", "caveat"], how="anti", maintain_order="left")
    )
    return pl.concat(
        [
            above.select(
                "document_key",
                field=pl.lit("classification"),
                raw_text="clean",
                reason=pl.format(
                    "a line names {}, the telegram's own level is {}",
                    "stated",
                    pl.col("level").fill_null("unknown"),
                ),
            ),
            further.select(
                "document_key",
                field=pl.lit("caveats"),
                raw_text="clean",
                reason=pl.format("a line names {}, the telegram's heading does not", "caveat"),
            ),
        ]
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
