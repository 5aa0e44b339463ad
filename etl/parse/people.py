"""People of a telegram: who classified it and who signed it."""

import re
from dataclasses import replace
from typing import Any

import polars as pl

from etl.parse import patterns
from etl.parse.names import TITLES, is_office, split_names
from etl.parse.opening import field_texts
from etl.parse.reading import Reading
from etl.parse.text import beside, each_distinct

CLASSIFIED_LABEL = re.compile(
    r"^\W*(?:\d{1,2}\.)?\s*(?:\(\s*[UCS]\s*\)\s*)?(?:.{0,40}?ENTIRE TEXT\W*)?"
    + ("(?:" + patterns.CLASSIFIED_WORD + r"\s+BY|CLASS?\.?\s*BY|DERIVED\s+FROM")
    + ("|" + patterns.CLASSIFIED_WORD + r"(?:\s+(?:B|BT|BU|BV|BUY))?(?=\s*[:;]))\s*[:.;,]*\s*"),
    re.I,
)
REASON = re.compile(
    r"(?<![\s,;:./–-])[\s,;:./–-]*\(?\s*(?:\bCLASSIFI\w{2,8}\s+(?=(?:FOR\s+)?REASON))?"
    r"(?:\b(?:FOR|FR|PER|UNDER|BASED\s+ON|PURSUANT\s+TO|IAW|DUE\s+TO|WITH|CITING"
    r"|IN\s+ACCORDANCE\s+WITH|ACCORDING\s+TO|BY\s+REASON\s+OF|ON\s+ACCOUNT\s+OF|FOR\s+PURPOSES\s+OF)\s+)?"
    r"(?:(?:ALL\s+)?(?:E\.?\s?O\.?\s?:?\s*1\d{4}|SECTION)[,:;]?\s*)?"
    r"(?:\b(?:REASS?I?[O0]?\s?N\s?S?|RESONS?|REAONS?|RASONS?|R\s?E\s?A\s?S\s?[O0]?\s?N?\s?S?)"
    r"(?:\(S\))?(?![A-Z])\s*[:.;,]?\s*(?=.{0,40}(?:1\s?[.,]|\([A-H]|E\.?O|$))"
    r"|(?<![\d.])1\s?[.,]\s?[2-7]\b|\b1[45]\s?\([A-H]\)|\bE\.?O\.?\s?1\d{4})",
    re.I,
)
"""Where the statement turns from the name to the reasons: `for reasons 1.4 (b) and (d)`."""

REASON_MISPRINTED = re.compile(r"\bR(?=[A-Z]*A)[EASON]{5,8}\b", re.I)
"""`Resaon`, `Reeasons`: of the letters of the word only."""

BEHIND_REASONS = re.compile(
    r"[\s,;:.]*(?:FOR\s+|PER\s+)?(?:REASONS?|E\.?O\.?\s?1\d{4})\b[^A-Z]{0,6}1\s?[.,]\s?[2-7]"
    r"(?:[\s,;&/+(]+(?:AND\b[\s(]*)?[A-H]\b\)?)+[\s,;:.–-]+(?:BY:?\s+)?"
    r"(?=(?!AND\b)(?-i:[A-Z])[A-Z./]*[A-Z])",
    re.I,
)
"""Reasons that stand before the name: `For reasons 1.4 (b) and (d), DCM Anna Quill`."""

REASON_SECTION = re.compile(r"1\s?[.,]\s?([2-7])|(?<!\d)1([45])(?=\s?\()")
LETTERS_ALONE = re.compile(
    r"\([A-H]\)|REASONS?\W{0,3}[A-H]\b(?:\W{1,3}(?:AND\W)?[A-H]\b)*\W*$", re.I
)
"""Letters without a section: `reasons (b) and (d)`, `reasons b and d`."""

CATEGORY = re.compile(r"\(\s?(\d{1,2})\s?\)")
EXEMPTION = re.compile(r"(?<![A-Z0-9])X-?([1-8])(?!\d)", re.I)
"""`1.6 (X1)`: not declassified after ten years, E.O. 12958."""

LETTER_RANGE = re.compile(r"\(?\b([A-H])\)?\s*(?:THROUGH|THRU)\s*\(?([A-H])\b\)?", re.I)
REASON_LETTER = re.compile(r"(?<![A-Z])\(?\s?([A-H])\s?\)?(?![A-Z'’])", re.I)


def classifiers(reading: Reading, paragraphs: pl.DataFrame, sections: pl.DataFrame) -> pl.DataFrame:
    """Give document_key, full_name, title, reasons (list of `1.4(b)`) of Classified By.

    Statements printed as the first or second paragraph count where the opening has none.
    `sections` has document_key and reason_section: where letters without a section belong.
    """
    own = classified_texts(reading)
    numbered = (
        paragraphs.filter(
            (pl.col("position") <= 2)
            & pl.col("text")
            .str.head(80)
            .str.contains("(?i)" + patterns.CLASSIFIED_WORD + r"\s+by\b")
        )
        .join(own, on="document_key", how="anti")
        .group_by("document_key", maintain_order=True)
        .agg(text=pl.col("text").first().str.head(400))
    )
    person = pl.Struct({"full_name": pl.String, "title": pl.String})
    shape = pl.Struct({"people": pl.List(person), "reasons": pl.List(pl.String)})
    texts = pl.concat([own, numbered]).join(
        sections, on="document_key", how="left", maintain_order="left"
    )
    return each_distinct(
        texts, ["text", "reason_section"], read_classifiers, "found", shape
    ).unnest("found")


def classified_texts(reading: Reading) -> pl.DataFrame:
    """Give document_key and text of the Classified By statement.

    The first statement that goes on to reasons, else the first: the label may stand over the
    wrong lines and be printed again with the right ones.
    """
    texts = field_texts(_with_cuts(reading), "classified_by", blocks="all")
    return (
        texts.with_columns(
            has_reason=pl.col("text").str.contains(r"(?i)reas|1\s?[.,]\s?[2-7]").cast(pl.Int8)
        )
        .sort("document_key", "has_reason", descending=[False, True], maintain_order=True)
        .group_by("document_key", maintain_order=True)
        .agg(pl.col("text").first())
    )


CUT_AT = 71
"""Characters of a line that the sending terminal filled to its end, cutting words in two."""

CUT = "\ue005"
"""Stands behind such a line where its last word goes on in the next."""


def _with_cuts(reading: Reading) -> Reading:
    """Mark the lines of Classified By that were cut at a fixed width: `HOYT Y / EE FOR REASONS`.

    A blank at the cut would have been kept, at the end of the line or in front of the next.
    """
    pieces = reading.pieces.filter(pl.col("field") == "classified_by")
    own = pieces.join(
        reading.lines.select("row", "text"), on="row", how="left", maintain_order="left"
    )
    width = pl.col("text").str.strip_chars_end().str.len_chars()
    behind = beside(pl.col("text"), -1)
    is_cut = (width == CUT_AT) & pl.any_horizontal(
        pl.col("clean").str.contains(f"{kind}$") & behind.str.contains(f"^{kind}").fill_null(False)
        for kind in ("[A-Za-z]", r"\d")
    )
    own = own.with_columns(
        clean=pl.when(is_cut).then(pl.col("clean") + CUT).otherwise("clean")
    ).drop("text")
    return replace(reading, pieces=own)


OTHER_STATEMENT = re.compile(
    r"(?<![\s,;.(])[\s,;.(]*\b(?:DERIVED\s+FROM|DECL(?:ASSIFY|ASSIFIED|AS)?\s*(?:ON\b|:))", re.I
)
"""Where the statement turns to sources and dates: `DERIVED FROM: …`, `DECLASSIFY ON: …`."""


def read_classifiers(text: str, section: str | None = None) -> dict[str, Any]:
    """Read one Classified By statement: people (name as printed, title) and reasons.

    `section` is the one that letters without a section belong to.
    """
    text = re.sub(rf"{CUT} ?(?:\n ?|$)", "", text)
    if "\n" in text:
        text = re.sub(r"(?<=[A-Za-z]) ?\n ?(?=[.,;:])", "", text)
        # `DUNN-` at a line's end, `ALBAN` on the next.
        text = re.sub(r"(?<=[A-Za-z])-[ ]?\n[ ]?(?=[A-Za-z])", "-", text)
        text = CUT_WORD.sub(_join_cut_word, text)
    text = re.sub(r"\s+", " ", text).strip()
    # OCR puts a zero for the letter O; the name itself stays as printed.
    plain = text
    if "0" in text:
        plain = re.sub(r"(?<=[A-Z]{2})0(?=[A-Z])|(?<=\b[A-Z])0(?=[A-Z]{2})", "O", text)
    plain = REASON_MISPRINTED.sub(lambda found: "REASON".ljust(len(found[0])), plain)
    names_sources = False
    while (label := CLASSIFIED_LABEL.match(plain)) and label.end():
        names_sources = "DERIVED" in label[0].upper()
        text, plain = text[label.end() :], plain[label.end() :]
    if behind := BEHIND_REASONS.match(plain):
        # `For reasons 1.4 (b) and (d), DCM Anna Quill`: turned round.
        first = plain[: behind.end()]
        text, plain = (f"{half[behind.end() :]} {first}" for half in (text, plain))
    reason = REASON.search(plain)
    statement = text[: reason.start()] if reason else text
    if re.search(r"\b(?:JR|SR)$", statement, re.I) and text[len(statement) :].startswith("."):
        statement += "."
    if other := OTHER_STATEMENT.search(statement):
        statement = statement[: other.start()]
    if ":" in statement:
        statement = re.sub(r"(?<![\s,;])[\s,;]*\bTITLE\s*:\s*", ", ", statement, flags=re.I)
    people = [] if names_sources else split_names(statement)
    return {
        "people": [{"full_name": name, "title": _in_one_case(title)} for name, title in people],
        "reasons": read_reasons(plain[reason.start() :], section) if reason else [],
    }


def _in_one_case(title: str | None) -> str | None:
    """Give a title in capitals all of it in capitals: `CHARGE A.I.`."""
    is_upper = title is not None and title.replace("a.i.", "").isupper()
    return title.upper() if title is not None and is_upper else title


CUT_WORD = re.compile(r"(?P<left>\b[A-Za-z]+)[ ]?\n[ ]?(?P<right>[A-Za-z]+)\b")
"""Two words with a line end between them, which may be one word cut in two."""

GOES_ON = frozenset(
    {"for", "and", "of", "the", "to", "per", "at", "in", "on", "by", "under", "based", "due", "as"}
    | {"reason", "reasons", "officer", "affairs", "a", "an", "de", "la", "van", "von", "der", "di"}
)
"""Words in lower case that begin a line of such a statement by themselves."""


def _join_cut_word(found: re.Match[str]) -> str:
    """Join a word that a fixed line width cut: `Qui / llen`, `SECUR / ITY`; else fold the line."""
    left, right = found["left"], found["right"]
    whole = left + right
    if whole.lower() in GOES_ON and not {left.lower(), right.lower()} & GOES_ON:
        return whole  # `PE / R REASONS`
    is_name = left[0].isupper() and right.islower() and right not in GOES_ON
    if (is_name and whole.lower() not in GOES_ON) or (
        whole.upper() in TITLES and left.upper() not in TITLES
    ):
        return whole
    return f"{left} {right}"


def read_reasons(text: str, section: str | None = None) -> list[str]:
    """Read reasons in order: `1.4 (b/d)` → 1.4(b), 1.4(d); `1.6 (X1)` → X1.

    Letters without a section belong to `section`; without one they name no reason.
    """
    if other := OTHER_STATEMENT.search(text):
        text = text[: other.start()]
    sections = list(REASON_SECTION.finditer(text))
    found: list[str] = []
    if not sections:
        is_listed = section is not None and LETTERS_ALONE.search(text)
        letters = REASON_LETTER.findall(_listed(text)) if is_listed else []
        return list(dict.fromkeys(f"{section}({letter.lower()})" for letter in letters))
    for index, one in enumerate(sections):
        end = sections[index + 1].start() if index + 1 < len(sections) else len(text)
        span = re.sub(r"\band\b", ",", _listed(text[one.end() : end]), flags=re.I)
        # Letters stop at the first word that is none: `1.4 (b). This message …`
        stop = re.search(r"[A-Z]{3,}|(?<=[.)])\s+[A-Z][a-z]", span, re.I)
        span = span[: stop.start()] if stop else span
        number = one[1] or one[2]
        categories = CATEGORY.findall(span) if number == "3" else []
        if categories:  # E.O. 12356 numbers its categories: 1.3(a)(5)
            found += [f"1.3(a)({category})" for category in categories]
        else:
            found += [f"1.{number}({letter.lower()})" for letter in REASON_LETTER.findall(span)]
        found += [f"X{exemption}" for exemption in EXEMPTION.findall(span)]
    return list(dict.fromkeys(found))


def _listed(text: str) -> str:
    """Write out letters: `(b) through (d)` → (b), (c), (d); `(bd)` → (b), (d)."""

    def letters(span: re.Match[str]) -> str:
        first, last = (ord(letter.lower()) for letter in span.groups())
        return ", ".join(f"({chr(code)})" for code in range(first, last + 1)) or span[0]

    text = re.sub(r"\(([A-H]{2,4})\)", lambda glued: f"({'), ('.join(glued[1])})", text, flags=re.I)
    return LETTER_RANGE.sub(letters, text)


def signers(reading: Reading, paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Give document_key, position, full_name (as printed), surname (capitals) of the signers."""
    own_line = reading.lines.filter(pl.col("kind") == "signature").select(
        "document_key", printed="clean"
    )
    run_on = (
        paragraphs.filter(pl.col("inline_signature").is_not_null())
        .join(own_line, on="document_key", how="anti")
        .select("document_key", printed="inline_signature")
    )
    shape = pl.List(pl.String)
    return (
        each_distinct(pl.concat([own_line, run_on]), ["printed"], read_signers, "surname", shape)
        .explode("surname")
        .filter(pl.col("surname").is_not_null())
        .unique(["document_key", "surname"], keep="first", maintain_order=True)
        .select(
            "document_key",
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key").alias("position"),
            pl.col("surname").alias("full_name"),
            pl.col("surname").str.replace(r",.*$", ""),
        )
    )


SIGNED_BEFORE = re.compile(
    r"\(ACTING\)|(?<=\w)\s+(?:N{3,}|BT|UNCLAS\w*|CONFIDENTIAL|SECRET|UNQUOTE)\s*$|^\s*N{4,}\s*"
    r"|^\s*UNQUOTE\.?\s+"
)
"""What a page runs on to the signer's line: `QUILL NNNN`."""


def read_signers(printed: str) -> list[str]:
    """Give the signers of one line: mostly one, two in `QUILL/LANTERNE`, `QUILL UNQTE ORDWAY`."""
    names = re.split(r"\s*/\s*|\s+(?:AND|&|UNQ(?:UO)?TE)\s+", printed)
    return [name for name in map(read_signer, names) if name]


def read_signer(printed: str) -> str | None:
    """Give the signer's name in capitals; a doubled name (`SHANNON Shannon`) counts once."""
    plain = SIGNED_BEFORE.sub(" ", re.sub(r"[#*_=]+|[.,;]+$", " ", printed).upper())
    words = plain.split()
    if len(words) > 1 and re.fullmatch(r"[A-Z]", words[-1]) and words[-2].endswith(","):
        words[-1] += "."  # the stop of QUILL, J.
    half = len(words) // 2
    if len(words) % 2 == 0 and words[:half] == words[half:]:
        words = words[:half]
    return " ".join(words) or None


DRAFTING = re.compile(
    r"^(?:(?P<what>DRAFTED|APPROVED|CLEARED|CLEARANCES?)\s*(?:BY)?\s*:?\s*)?"
    r"(?:(?P<office>[A-Z][A-Z0-9/.&]{0,14}(?:-[A-Z]{1,3}(?=\s?:|\s-))?"
    # `NEA:IWG:JQUILL`
    r"(?::(?:[A-Z]{1,4}|[A-Z]{1,5}/[A-Z]{1,5})(?=:[A-Z. ]{5}))?)"
    r"\s?(?::|\s-+\s?|-(?=\s|M[RS]))\s?"
    # A dash alone only behind an office with a slash or of one letter: `AF/W-ELOLLIS`.
    r"|(?P<desk>[A-Z0-9]{1,8}/[A-Z0-9/&]{1,8}|[CDEHLMPST])-(?=[A-Z]{4}))?"
    r"(?P<names>[A-Z][A-Z.'’ ,;/-]{1,60}?(?::[A-Z][A-Z.]{5,20})?)[ .]*"
    r"(?::[A-Z]{1,4}(?:/[A-Z]{1,4})?)*[ ,]*(?:\(.*\)|X? ?\d{4,7})?$"
)
"""`DRAFTED BY EUR/NE:JQUILLFEATHER:AB`, `S/S - MR. MARROWBY`: office, names, typist's initials."""

SECOND_OFFICE = re.compile(
    r"^(?P<first>.*?:\s?[A-Z.]{4,}[A-Z. ()]*?)(?P<by>\s+|/)"
    r"(?P<second>[A-Z][A-Z0-9]{0,5}(?:/[A-Z0-9]{1,6}){0,2}(?::|-(?=M[RS]))\s?[A-Z. ]{5}.*)$"
)
BEHIND_DASH = re.compile(r"(?<=[A-Z)])\s-\s(?=[A-Z][A-Z0-9/]{0,9}:\s?[A-Z])")
"""`IO:AQUILL EUR/NE:BLANTERNE`, `NSC:JQUILL - S/S:ALANTERNE`: two on one line."""

RANK = re.compile(r"^(?:MR|MS|MRS|MISS|DR|AMB|COL|LTC|MAJ|CAPT|CDR|GEN|ADM)\b\.?\s?")

_ROLES = {"DRAFTED": "drafter", "APPROVED": "approver"}


def drafting(reading: Reading, said: pl.DataFrame) -> pl.DataFrame:
    """Give document_key, role, full_name, title (office) of drafters, approvers and clearers.

    From the lines before the date-time group (telegrams of the 1970s); `said` are the
    attributes, whose Drafter counts where the lines name none.
    """
    lines = reading.pieces.filter(pl.col("field") == "drafting").select(
        "document_key", text="clean"
    )
    typed = (
        said.filter((pl.col("name") == "Drafter") & pl.col("value").is_not_null())
        .join(lines, on="document_key", how="anti")
        .select("document_key", text=pl.lit("DRAFTED BY ") + pl.col("value").str.to_uppercase())
    )
    person = pl.Struct({"role": pl.String, "full_name": pl.String, "title": pl.String})
    shape = pl.List(person)
    return (
        each_distinct(pl.concat([lines, typed]), ["text"], read_drafting, "found", shape)
        .explode("found")
        .filter(pl.col("found").is_not_null())
        .unnest("found")
        .unique(["document_key", "role", "full_name"], keep="first", maintain_order=True)
        .select("document_key", "role", "full_name", "title")
    )


def read_drafting(text: str) -> list[dict[str, Any]]:
    """Read one line of drafting, approval or clearance; empty when it names nobody."""
    text = re.sub(r"\s+", " ", text.upper()).strip(" .,")
    if (both := BEHIND_DASH.split(text, maxsplit=1)) != [text]:
        return [person for part in both for person in read_drafting(part)]
    if two := SECOND_OFFICE.match(text):
        # Behind a slash the second does what the first does.
        what = re.match(r"(?:DRAFTED|APPROVED|CLEARED) BY ", text) if two["by"] == "/" else None
        second = (what[0] if what else "") + two["second"]
        return read_drafting(two["first"]) + read_drafting(second)
    found = DRAFTING.match(text)
    if not found:
        return []
    office = found["office"] or found["desk"]
    # `EUR:JQUILLFEATHER/PLANTERNE` are two; without an office before it, a slash is an office's.
    parts = re.split(r"\s*[;/,:]\s*", found["names"]) if office else [found["names"]]
    names = [RANK.sub("", part.strip(" .")) for part in parts]
    return [
        {
            "role": _ROLES.get(found["what"] or "", "clearer"),
            "full_name": name,
            "title": office,
        }
        for name in names
        if len(name) > 1
        and "/" not in name
        and (name.startswith("THE ") or not is_office(name, as_printed=True))
    ]
