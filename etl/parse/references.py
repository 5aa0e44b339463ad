"""The REF line → one row per item, telegrams with their canonical MRN.

Rules branch here (letters, years before and behind, lists of serials), so they run in plain
Python over distinct REF texts.
"""

import re
from typing import Any

import polars as pl

from etl.conform.mrn import full_year, make_mrn
from etl.conform.posts import canonical_post, codes
from etl.parse.opening import field_texts
from etl.parse.reading import Reading
from etl.parse.text import each_distinct

LABEL = re.compile(
    r"^\W*(?:[A-Z]\.\s+)?(?:PROGRAM\s+)?(?:REF(?:ERENCES?|TELS?|S)?\s?(?:\(S\)|S\(S\))?)\s*[:;.]?\s*",
    re.I,
)
"""`REF:`, `REFS :`, `Reftel:`, `REF(S):`."""

PAGE_MARKER = re.compile(
    r"(?:(?:UNCLAS(?:SIFIED)?|CONFIDENTIAL|SECRET)\s+)?PAGE\s+\d{1,2}\s+[A-Z .'-]{2,25}\s+\d{3,8}"
    r"(?:\s+\d{1,2}\s+OF\s+\d{1,2})?(?:\s+\d{6}Z)?"
    r"|\b[A-Z][A-Z .'-]{1,24}?\s0\d{5,7}\s+\d{3}(?:\.\d)?\s+OF\s+\d{3}",
    re.I,
)
STOP = re.compile(
    r"\bclass?ified\s+by\b|\bsensitive\s+but\b|\bthis\s+(?:message|cable|telegram)\b"
    r"|\b\d{1,2}\.\s?\((?:U|C|S|SBU|S//NF|C//NF)\)|\(U\)\s+THIS\b|\bC O R R E C T E D\b",
    re.I,
)
"""Words that no longer belong to the REF line when a page has lost its line breaks."""

LETTER = re.compile(
    r"(?:(?<=^)|(?<=[\s;,.\n-]))[(\[]?(?P<letter>[A-Z])(?:[.):\]]+\s*|\s+(?=[A-Z0-9]))", re.I
)
"""`A.`, `(B)`, `[C]`, `D)`, `E:`; and the bare `A Montreal 365, B Ottawa 406`."""

CABLE = re.compile(
    r"^(?:REF\s+)?['‘’]?(?:\(?(?P<year>O\d|\d{4}|\d{2,3})\)?\s*-?\s*)?"
    r"(?P<post>[A-Z][A-Z0-9.'’/ -]*?[A-Z0-9.])\s*[:,#-]*\s*#?\s*0*(?P<serial>\d{1,7})"
    r"(?:\s*-\s*(?P<dash>\d{2})\b|\s*\((?P<paren>(?:19|20)?\d{2})\)|\s+(?P<behind>\d{2})(?=$|\s*\())?"
    r"(?P<rest>.*)$",
    re.I,
)
SERIAL_FIRST = re.compile(r"^(?P<serial>\d{2,6})\s+(?P<post>[A-Z][A-Z .'-]{2,24})$", re.I)
SERIAL = re.compile(r"^#?0*(?P<serial>\d{2,7})(?:\s*\((?:NOTAL|\w+)\))?$")
NOISE = re.compile(
    r"^(?:AND\s+)?(?:PREVIOUS|PREV|OTHERS?|NOTAL|SERIES|EARLIER|RELATED|SIMILAR|ET\s?AL|AND)\b.*$",
    re.I,
)

ENDS_IN_DAY = re.compile(
    r"\b(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\w*\s\d{1,2}$", re.I
)

KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"\bE-?\s?MAILS?\b", re.I)),
    ("telephone", re.compile(r"\b(?:TEL(?:E?CONS?|EPHONE)?|PHONE|PHONCON|FONECON)\b", re.I)),
    ("web", re.compile(r"https?://|\bWWW\.|\bWEB\s?SITE\b", re.I)),
    ("memo", re.compile(r"\bMEMO(?:RANDUM|S)?\b", re.I)),
    ("meeting", re.compile(r"\bMEETING\b|\bCONVERSATION\b|\bMEMCON\b|\bMTG\b", re.I)),
    ("message", re.compile(r"\bMESSAGE\b|\bMSG\b|\bDTG\b|\b\d{6}\s?Z\b", re.I)),
    ("report", re.compile(r"\b(?:REPORTS?|IIR|FBIS|OSC|TD[-X]\S*|SITREP|BRIEF)\b", re.I)),
    ("report", re.compile(r"\b(?:DAILY|POINTS)\b", re.I)),
)  # fmt: skip
"""Kinds of what is not a telegram, the first match counts."""

NO_POST = re.compile(
    r"\b(?:FAM|CFR|USC|UNSCR|RESOLUTION|SECTION|PARA\w*|LIC|POC|LAW|REPORT|DTG|MSG|IIR|OSC|FBIS|TD|NOTE|"
    r"LETTER|DAILY|POINTS|ARTICLE|PAGE|VERSION|APPENDIX|NO|NR|CASE|VISAS?|OF|ON|DATED|TO|FROM|FOR|"
    r"JAN\w*|FEB\w*|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG\w*|SEPT?\w*|OCT\w*|NOV\w*|DEC\w*)\b"
)
"""Words that no post name has."""

LONGEST_REFERENCE = 160
"""Characters of a printed MRN with all that may stand around it; longer text is something else."""

YEAR_BEFORE_FACTOR = 1.1
YEAR_BEFORE_MARGIN = 50
"""A serial of the own post so far above the own one was given in the year before."""


def references(reading: Reading, numbers: pl.DataFrame) -> pl.DataFrame:
    """Give the references of a batch: contract `References`.

    `numbers` has document_key, mrn_year, post_code, serial of the referring telegram (null where
    unknown: then an item without a year stays without an MRN).
    """
    shape = pl.List(
        pl.Struct(
            {
                "letter": pl.String,
                "kind": pl.String,
                "raw_text": pl.String,
                "referenced_mrn": pl.String,
                "referenced_post_code": pl.String,
                "year_rule": pl.String,
            }
        )
    )
    texts = field_texts(reading, "reference").join(
        numbers.select("document_key", "mrn_year", "post_code", "serial"),
        on="document_key",
        how="left",
        maintain_order="left",
    )
    return (
        each_distinct(
            texts, ["text", "mrn_year", "post_code", "serial"], split_references, "found", shape
        )
        .explode("found")
        .filter(pl.col("found").is_not_null())
        .unnest("found")
        .select(
            "document_key",
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key").alias("position"),
            "letter",
            "kind",
            "raw_text",
            "referenced_mrn",
            "referenced_post_code",
            "year_rule",
        )
    )


def split_references(
    text: str, year: int | None, post: str | None, serial: int | None
) -> list[dict[str, Any]]:
    """Read one REF text; year, post and serial are the referring telegram's own."""
    plain = re.sub(r"(?<=[A-Z]{3})0(?=[A-Z\s])", "O", text.replace("¶", " "))  # OCR: SANTIAG0
    lettered_label = re.match(r"^\W*A\.\s+REF", plain)
    plain = LABEL.sub("A. " if lettered_label else "", plain, count=1)
    plain = LABEL.sub("", plain, count=1) if LABEL.match(plain) else plain
    plain = PAGE_MARKER.sub(" ", plain)
    stop = STOP.search(plain)
    plain = re.sub(r"\s+", " ", plain[: stop.start()] if stop else plain).strip()
    found: list[dict[str, Any]] = []
    last_post: str | None = None
    for letter, item in _lettered(plain):
        found += _items(letter, item, year, last_post or post, serial, post, found)
        last_post = next(
            (one["referenced_post_code"] for one in reversed(found) if one["kind"] == "cable"),
            None,
        )
    return found


def _lettered(text: str) -> list[tuple[str | None, str]]:
    """Cut at letters that run on in order; a letter said twice (`A. A)`) counts once."""
    cuts: list[tuple[str, int, int]] = []
    last: str | None = None
    position = 0
    while True:
        found = LETTER.search(text, position)
        if not found:
            break
        letter = found["letter"].upper()
        bare = not re.search(r"[.):\]]", found[0])
        starts_well = (last is None and letter == "A" and (not bare or found.start() == 0)) or (
            last is not None
            and (
                0 <= ord(letter) - ord(last) <= (1 if bare else 3) and not (bare and letter == last)
            )
        )
        # A bare letter must be the next one, right behind a separator.
        if bare and last is not None:
            before = text[max(found.start() - 2, 0) : found.start()].rstrip()
            starts_well = starts_well and before.endswith((",", ";", "."))
        if starts_well:
            between = text[cuts[-1][2] : found.start()] if cuts else None
            if cuts and letter == last and between is not None and not between.strip(" .,;()"):
                cuts[-1] = (letter, cuts[-1][1], found.end())
            else:
                cuts.append((letter, found.start(), found.end()))
            last = letter
            position = found.end()
        else:
            position = found.start() + 1
    if not cuts:
        return [(None, text)]
    items: list[tuple[str | None, str]] = []
    if before := text[: cuts[0][1]].strip(" .,;"):
        items.append((None, before))
    for index, (letter, _, end) in enumerate(cuts):
        stop = cuts[index + 1][1] if index + 1 < len(cuts) else len(text)
        items.append((letter, text[end:stop]))
    return items


def _items(
    letter: str | None,
    text: str,
    year: int | None,
    last_post: str | None,
    serial: int | None,
    post: str | None,
    before: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Read one lettered item: one telegram, several with one post, or something else.

    `before` are the items read so far; the last may get back what the letters cut off.
    """
    text = text.strip(" .,;-")
    text = re.sub(r"^REF\s+[A-Z]\b:?\s*", "", text, flags=re.I)
    if letter:
        text = re.sub(rf"^[(\[]?{letter}[.)\]]?\s+(?=\S)", "", text, flags=re.I)
    if not text:
        return []
    found: list[dict[str, Any]] = []
    leftover: list[str] = []
    current_post: str | None = None
    current_year: int | None = None
    current_rule: str | None = None
    name_alone: str | None = None
    for chunk in _chunks(text):
        if NOISE.match(chunk):
            continue
        number = SERIAL.match(chunk)
        is_year = re.fullmatch(r"(?:19|20)\d\d", chunk) and not found and before
        if is_year and ENDS_IN_DAY.search(before[-1]["raw_text"]):
            # `REPORT FOR MAY 18, 2007`: machine letters cut the year off the day.
            before[-1]["raw_text"] += f", {chunk}"
            return []
        if number and name_alone:
            chunk, number = f"{name_alone} {chunk}", None
            leftover = leftover[:-1]
        name_alone = None
        if number and current_post is not None:
            found.append(
                _cable(
                    letter, chunk, current_year, current_rule, current_post, int(number["serial"])
                )
            )
            continue
        if number and last_post is not None and letter is not None:
            # `B. 2962`: a serial alone is one of the post last named, else the own post's.
            found.append(_cable(letter, chunk, year, "own_year", last_post, int(number["serial"])))
            continue
        read = _read_cable(chunk, year, post, serial)
        if read is None:
            leftover.append(chunk)
            name_alone = chunk if canonical_post(chunk) in codes() else None
            continue
        current_year, current_rule, current_post, its_serial = read
        found.append(_cable(letter, chunk, current_year, current_rule, current_post, its_serial))
    if not found:
        return [_other(letter, text)]
    found += [
        _other(letter, chunk)
        for chunk in leftover
        if _kind(chunk) != "other" and not re.fullmatch(r"[\W\d]*", chunk)
    ]
    return found


def _chunks(text: str) -> list[str]:
    """Cut at commas, semicolons, AND, and slashes or blanks between numbers."""
    text = re.sub(r"(?<=\d{3})\s*[/&]\s*(?=\d{3,7}\b)", " ; ", text)
    # Two telegrams with nothing but blanks between them: `MADRID 12 05 PARIS 44`.
    text = re.sub(r"(?<=\d)\s{1,}(?=(?:\d{2}|\d{4})\s+[A-Z]{4})", " ; ", text, flags=re.I)
    text = UNSEPARATED.sub(_separated, text)
    parts = re.split(r"\s*[;,]\s*|\s+AND\s+", text, flags=re.I)
    return [part.strip(" .-") for part in parts if part and part.strip(" .-")]


UNSEPARATED = re.compile(
    r"\b(?P<word>[A-Za-z]{3,24})\s#?\d{2,7}\s+(?=(?!AND\b)[A-Z][A-Za-z .'-]{2,24}\s\d{2,6}\b)"
)
"""Two telegrams with nothing between: `RIO DE JANEIRO 353 RIO DE JANEIRO 311`."""


def _separated(found: re.Match[str]) -> str:
    # Behind these words the number is the year of the next telegram.
    if found["word"].upper() in ("AND", "PREVIOUS", "OTHERS", "NOTAL", "ALSO", "SEE"):
        return found[0]
    return f"{found[0]}; "


def _read_cable(
    chunk: str, year: int | None, post: str | None, serial: int | None
) -> tuple[int | None, str | None, str, int] | None:
    """Give (year, rule, post code, serial) of a telegram; null when the chunk is none."""
    if len(chunk) > LONGEST_REFERENCE:
        return None
    if re.search(r"\d{6}\s?Z\b", chunk, re.I):  # a date-time group names a message, not an MRN
        return None
    swapped = SERIAL_FIRST.match(chunk)
    found = CABLE.match(chunk)
    if swapped and canonical_post(swapped["post"]) in codes():
        named, number, printed = swapped["post"], int(swapped["serial"]), None
    elif found:
        named, number = found["post"], int(found["serial"])
        printed = found["year"] or found["dash"] or found["paren"] or found["behind"]
        rest = found["rest"].strip()
        if re.match(r"^\d|^[/:]\d", rest):
            return None
        if re.match(r"^[A-Za-z]", rest) and canonical_post(named) not in codes():
            return None
    else:
        return None
    at = full_year(int(printed[-2:].upper().replace("O", "0"))) if printed else year
    code = canonical_post(named, at)
    if code not in codes() and (
        _kind(chunk) != "other"
        or NO_POST.search(named.upper())
        or not re.fullmatch(r"[A-Za-z][A-Za-z .'-]{2,24}", named)
        or len(named.split()) > 4
        or number < 10
    ):
        return None
    if printed and re.fullmatch(r"\d{3}", printed):  # 094 QUITO 841: the last two digits count
        at = full_year(int(printed[-2:]))
    rule = "printed" if printed else ("own_year" if at is not None else None)
    if (
        rule == "own_year"
        and at is not None
        and serial is not None
        and code == post
        and number > serial * YEAR_BEFORE_FACTOR + YEAR_BEFORE_MARGIN
    ):
        at, rule = at - 1, "year_before"
    return at, rule, code, number


def _cable(
    letter: str | None, raw: str, year: int | None, rule: str | None, post: str, serial: int
) -> dict[str, Any]:
    return {
        "letter": letter,
        "kind": "cable",
        "raw_text": raw,
        "referenced_mrn": make_mrn(year, post, serial).text if year is not None else None,
        "referenced_post_code": post,
        "year_rule": rule,
    }


def _kind(text: str) -> str:
    return next((kind for kind, pattern in KINDS if pattern.search(text)), "other")


def _other(letter: str | None, raw: str) -> dict[str, Any]:
    return {
        "letter": letter,
        "kind": _kind(raw),
        "raw_text": raw,
        "referenced_mrn": None,
        "referenced_post_code": None,
        "year_rule": None,
    }
