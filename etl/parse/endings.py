"""The end of a telegram's text: its signature, and the footers behind it.

The signature is the last line but for footers of networks, web sites and archives.

Not here: what stands before them (`etl.parse.layout`).
"""

import polars as pl

from etl.parse import patterns
from etl.parse.text import beside

TAIL = 12
"""Lines from the end that may hold signature and footers."""

SIGNATURE = (
    r"^(?:Mc|Mac|De|La|Le|Van|Di)?\p{Lu}[\p{Lu}'’.-]*"
    r"(?:[ ](?:Mc|Mac|De|La|Le|Van|Di)?\p{Lu}[\p{Lu}'’.-]*){0,2}"
    # Initials behind a comma, a second signer, one who acts for another.
    r"(?:, ?[A-Z]\.?(?: ?[A-Z]\.)?| ?/ ?\p{Lu}[\p{Lu}'’-]{2,}| \(ACTING\))?\s?[#.,]*$"
)
"""`ORDWAY`, `LA LIME`, `HORAN##`, `MCNAMARA.`, `NÚÑEZ`, `QUILL, J.`, `QUILL/LANTERNE`"""

SIGNATURE_MIXED = (
    r"^(?:(?:van|von|de|der|den|la|di|du|St\.)\s){0,2}"
    r"(?:\p{Lu}\p{Ll}+|(?:Mc|De|L[ae]|Di|Du|Van|Mac|[OD]['’])\p{Lu}\p{Ll}+)"
    r"(?:[ -]\p{Lu}[\p{L}'’]+){0,2}$|^[\p{Lu}'’]{3,} \p{Lu}\p{Ll}+$"
)
"""`Stapleton`, `LeQuill`, `Shannon SHANNON`, `van der Berg`."""

NO_SIGNATURE = r"""(?xi)^(?:end\b.*|(?:un)?qu?o?te\b.*|begin\b.*|comment|summary|text|n{3,}|x{4,}
    |sipdis|(?:[a-z']+\s){0,4}(?:minimize|considered|telegram|cable|paragraph|classified)\b.*
    |bt|confidential|secret|unclas.*|noforn|sensitive|exdis|nodis|limited\ official\ use
    |(?:[a-z]+\s){0,2}regards|(?:many\ |best\ )?thank(?:s|\ you)\b.*|cheers|decaptioned|note
    |(?:[a-z]+\s){0,3}(?:requested|attached|enclosed|appreciated))\W*$"""

INLINE_SIGNATURE = (
    r"(?:[.!?)\"”’]|(?i:end (?:of )?(?:summary|comment|text|note|part one)\.?)"
    r"|http\S+(?:\s\S{1,12})?)\s+"
    r"((?:\p{Lu}{2,3} ){0,2}\p{Lu}[\p{Lu}'’-]{3,}(?: \p{Lu}[\p{L}'’-]{2,})?)$"
    r"|(?i:end (?:of )?(?:summary|comment|text|note)\.?)\s+([A-Z][a-z'’-]{3,})$"
)
"""Signature run on to the last line of the last paragraph: `… huge problems here. ATKINS`."""

NO_INLINE_SIGNATURE = (
    r"\b(?:[A-Z]\.){2,}\s+\S+(?: \S+)?$"
    r"|\b(?i:mr|mrs|ms|dr|amb|gen|col|sen|rep|gov|prof|st|no|lt|maj|capt|adm|rev|min|pres|messrs)\."
    r"\s+\S+(?: \S+)?$"
    r"|\s(?:AND|OR|OF|THE|FOR|IN|TO)(?: \S+)?$"
    r"|\s(?:THE|INTO|IS|ARE|WAS|IT|WE|HE|BY|AT|ON|NOT|HAS)(?: [^\s.!?)\"]+){0,2}$"
    r"|\s(?:EMBASSY|GOVERNMENT|MINISTRY|COUNCIL|HEADQUARTERS|COMMITTEE|COMMISSION|NATO|UNITED)"
    r"(?: \S+)?$"
)
"""No signature but the sentence: `the F.B.I. HEADQUARTERS`, `Dr. ORDWAY`, `the U.N. AND NATO`."""

AFTER_QUOTE = r"^UNQUOTE\.?\s+\p{Lu}[\p{Lu}'’-]{2,}(?: \p{Lu}[\p{Lu}'’-]{2,})?[#.]*$"
"""`UNQUOTE CHRISTOPHER`: who passed the quoted telegram on."""


def with_ending(text: pl.DataFrame) -> pl.DataFrame:
    """Mark signature and footers in `ending` (null, signature, footer)."""
    text = text.with_columns(
        from_end=pl.len().over("document_key") - pl.int_range(pl.len()).over("document_key") - 1
    )
    clean = pl.col("clean")
    tail = text.filter(pl.col("from_end") < TAIL).with_columns(
        looks_final=clean.str.contains(patterns.FOOTER) & ~pl.col("is_start"),
        passes_on=clean.str.contains(AFTER_QUOTE),
        may_sign=~clean.str.contains(NO_SIGNATURE) & ~pl.col("is_start") & ~pl.col("is_rule"),
        settled=pl.col("break_before") | pl.col("after_sentence"),
    )
    # An address that ends a sentence of the text is no footer.
    tail = tail.with_columns(
        is_footer=pl.col("looks_final")
        & (
            pl.col("settled")
            | ~clean.str.contains(r"(?i)^(?:https?://|www\.)")
            | beside(pl.col("looks_final"), 1).fill_null(True)
        )
    )
    # Mixed case signs only as the last line that is no footer: elsewhere it may be a heading.
    from_here = (pl.col("is_footer") | pl.col("is_rule")).cast(pl.Int32)
    tail = tail.with_columns(
        footer_from_here=from_here.reverse().cum_min().reverse().over("document_key") == 1,
        signs_in_capitals=pl.col("may_sign") & clean.str.contains(SIGNATURE),
    ).with_columns(rest_is_footer=beside(pl.col("footer_from_here"), -1).fill_null(True))
    rest_is_footer = pl.col("rest_is_footer")

    # Text goes on behind it, no footer between: a heading (`CONCLUSION`), an item of a list.
    def next_row(is_one: pl.Expr) -> pl.Expr:
        row = pl.when(is_one).then(pl.col("row"))
        return row.reverse().forward_fill().reverse().over("document_key")

    is_prose = clean.str.contains(r"[a-z]{2}.* [a-z]{2,}.* [a-z]{2,}") & ~clean.str.contains(
        r"(?i)^note\b"
    )
    prose_behind = (
        next_row(is_prose & ~pl.col("is_footer"))
        < next_row(pl.col("is_footer")).fill_null(2**32 - 1)
    ).fill_null(False)
    signs_capitals = pl.col("signs_in_capitals") & (
        (pl.col("settled") & (pl.col("from_end") < 6) & ~prose_behind)
        | (rest_is_footer & (pl.col("settled") | ~clean.str.contains(r"\.$")))
    )
    signs_mixed = (
        pl.col("may_sign")
        & clean.str.contains(SIGNATURE_MIXED)
        & rest_is_footer
        & (pl.col("settled") | beside(pl.col("is_footer"), 1))
    )
    last_start = tail.filter("is_start").group_by("document_key").agg(start=pl.col("row").max())
    signed = (
        tail.with_columns(
            signs=signs_capitals | signs_mixed | (pl.col("passes_on") & rest_is_footer)
        )
        .filter("signs")
        .join(last_start, on="document_key", how="left")
        .filter(pl.col("start").is_null() | (pl.col("row") > pl.col("start")))
        .group_by("document_key")
        .agg(signature_row=pl.col("row").max())
    )
    tail = tail.join(signed, on="document_key", how="left", maintain_order="left")
    # Footers stand behind the signature, or without a break between them in front of it.
    signs = (pl.col("row") == pl.col("signature_row")).fill_null(False)
    # A second name right above it (the same again, or another signer) signs, too.
    signs = signs | (
        beside(signs & ~pl.col("passes_on"), -1).fill_null(False)
        & pl.col("signs_in_capitals")
        # `PLEASE ADVISE.`, `BEST REGARDS.`
        & ~clean.str.contains(r"[.,]$|\bREGARDS\b")
        & pl.col("settled")
    )
    behind = (pl.col("row") > pl.col("signature_row")).fill_null(False)
    closing = (pl.col("is_footer") | signs | behind | pl.col("is_rule")).cast(
        pl.Int32
    ).reverse().cum_min().reverse().over("document_key") == 1
    closing = closing & ~pl.col("is_rule")
    ending = tail.select(
        "row",
        ending=pl.when(signs)
        .then(pl.lit("signature"))
        .when(behind | closing)
        .then(pl.lit("footer")),
    )
    return text.join(ending, on="row", how="left", maintain_order="left")
