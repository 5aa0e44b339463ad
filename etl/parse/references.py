"""The REF line → one row per item, telegrams with their canonical MRN.

Rules branch here (letters, years before and behind, lists of serials), so they run in plain
Python over distinct REF texts.
"""

import re
from typing import Any

import polars as pl

from etl.conform.mrn import canonical_mrn, full_year
from etl.conform.posts import canonical_post, codes
from etl.parse.cited import (
    AIRGRAM,
    DATED,
    MONTH,
    NO_AND,
    NO_BLANK,
    NO_COMMA,
    NO_SEMICOLON,
    THOUSANDS,
    Cited,
    Own,
    is_past,
    kind_of,
    meant_year,
    read_cited,
)
from etl.parse.lettered import lettered, lettered_behind, numbered, of_the_author
from etl.parse.opening import field_texts
from etl.parse.reading import Reading
from etl.parse.text import each_distinct, joined

LABEL = re.compile(
    r"^\W*(?:[A-Z]\.\s+)?(?:PROGRAM\s+)?(?:REF(?:ERENCES?|TELS?|S)?\s?(?:\(S\)|S\(S\)|(?:TELS?|CABLES?)(?=\s*:))?)\s*[:;.]?\s*",
    re.I,
)
"""`REF:`, `REFS :`, `Reftel:`, `REF(S):`."""

PAGE_MARKER = re.compile(
    r"(?:(?:UNCLAS(?:SIFIED)?|CONFIDENTIAL|SECRET)\s+)?PAGE\s+\d{1,2}\s+[A-Z .'-]{2,25}\s+\d{3,8}"
    r"(?:\s+\d{1,2}\s+OF\s+\d{1,2})?(?:\s+\d{6}Z)?"
    r"|\b[A-Z][A-Z .'-]{1,24}?\s0\d{5,7}\s+\d{3}(?:\.\d{1,2})?\s+OF\s+\d{3}",
    re.I,
)
STOP = re.compile(
    r"\bclass?ified\s+by\b|\bsensitive\s+but\b|\bthis\s+(?:message|cable|telegram)\b"
    r"|(?<![/-])\b\d{1,2}\.\s?\((?:U|C|S|SBU|S//NF|C//NF)\)|\(U\)\s+THIS\b|\bC O R R E C T E D\b"
    r"|\bTAGS\s*[:,]|\bTAGS\s+[A-Z]{4}\b|\bE\.?\s?O\.?\s?\d{5}\s?:",
    re.I,
)
"""Words that no longer belong to the REF line when a page has lost its line breaks."""

FURTHER = r"(?i)^\W*REF(?:ERENCE|TEL)?S?\s*[(\[]?[B-Z]\s?[)\].:]"
LEFT_OVER = re.compile(r"\s*\b(?:AND|OR|REF(?:ERENCE|TEL)?S?)$", re.I)
"""What belongs to the next letter: `OSLO 12; REF` before `B:`."""

ALL_OF_YEAR = re.compile(
    r"\b(?:ALL|BOTH)\s(?:(?:OF|FROM|IN)\s)?['‘’]?(?P<year>(?:19|20)\d\d|\d\d)\W*$", re.I
)
"""`OSLO 12, PARIS 13 (ALL 92)`: the year of every telegram of the line."""

NOTHING = re.compile(r"^(?:NONE|NIL|N/?A)\W*$", re.I)
BROKEN_SERIAL = re.compile(r"(?P<start>[A-Za-z] \d{3,5}) ?\n *(?P<end>\d{1,2})(?= *(?:[;,(]|\n|$))")

LINE_END = re.compile(
    r"(?P<item>\b(?!(?:AND|SEE|ALSO|REF\w*|PREVIOUS|NOTAL)\b)[A-Z]{3,}['’]?\s+#?\d{1,7}"
    r"|(?:[,;&]|\bAND)\s*(?!(?:19|20)\d\d\b)\d{3,7})(?!\d)"
    r"(?P<behind>(?:\s*[/-]\s*\d\d(?!\d)|\s*\([^()\n]*\)|\s+NOTAL)*)[ .,]*\n\s*"
    r"(?=['‘’]?(?:\d{4}\s+|\d\d\s+)?(?P<next>[A-Z][A-Z\s.'’-]{2,24}?)\s+#?\d{1,7}\b)",
    re.I,
)
"""`OSLO 12` and `06 PARIS 13` on lines of their own, nothing between."""

SERIAL = re.compile(
    r"^(?:NOS?\.?\s*|#)?0*(\d{1,7})(?!\d)"
    r"(?:\s*\([^()]*\)|\s+NOTAL\b|\s*[-–/]\s*\d+|\s+(?:THROUGH|THRU|TO)\s+\d+"
    r"|,?\s+['’]?(?:(?:19|20)\d\d|\d\d))*$",
    re.I,
)
"""A serial alone, its post named before, with what may stand behind one."""

NOISE = re.compile(
    r"^(?:AND\s+)?(?:PREVIOUS|PREV|OTHERS?|NOTAL|SERIES|EARLIER|RELATED|SIMILAR|ET\s?AL|AND)\b.*$",
    re.I,
)

PAPER = re.compile(
    r"\b(?:LETTERS?|(?:DIPLOMATIC|DIP) ?NOTE|NOTE VERBALE|AGREEMENT|TREATY|CONVENTION|PROTOCOL"
    r"|COMMUNIQUE|\d{1,2} (?:FAM|FAH(?:-\d+)?|CFR|U\.?S\.?C))\b",
    re.I,
)
"""What has no kind of its own and yet is an item, beside telegrams: `OSLO 12, LETTER OF MAY 4`."""

PART_OF = re.compile(r"\b(?:PARA|SECTION|PAGE|POINT|ANNEX)", re.I)
YEAR = re.compile(r"(?:19|20)\d\d")
DATE = re.compile(rf"\b{MONTH}\s+\d{{1,2}},\s*(?:19|20)\d\d\b", re.I)
ANY_DATE = (
    rf"(?:{MONTH}\s+\d{{1,2}}|\d{{1,2}}\s+{MONTH}(?:\s+\d{{2,4}})?"
    r"|\d{1,2}/\d{1,2}/\d{2,4})\b"
)
"""Behind a comma: `LETTER FROM QUILL, MAY 4`, `QUILL E-MAIL, 5/4/07`."""

ENDS_IN_DAY = re.compile(
    r"\b(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\w*\s\d{1,2}$", re.I
)

HELD = str.maketrans({",": NO_COMMA, " ": NO_BLANK})
LET_GO = str.maketrans({NO_COMMA: ",", NO_BLANK: " ", NO_SEMICOLON: ";", NO_AND: None})
WITH_THOUSANDS = re.compile(
    r"(?P<word>\b[A-Za-z]{2,}|[,;&])(?P<blank>\s+#?)(?P<head>\d{1,3}),(?P<tail>\d{3})(?!\d|,\d)"
)
YEAR_BEHIND = re.compile(
    r"(?<![\d,])(?P<serial>\d{1,6}),\s*(?P<year>(?:19|20)\d\d)(?=\s*(?:$|;|\(|,\s*[^\d\s]))"
)
SLASH = re.compile(r"(?<=\d{3})(?<!\bTD[ -]\d{3})\s*/\s*(?=(?P<next>\d{3,7})\b)")
"""`OSLO 123/124`: two telegrams, unless a year stands behind it: `OSLO 123/2006`; `TD-314/12345` is
a report."""

BESIDE = re.compile(
    r"(?:(?<=\d)(?:\s*(?://|[/&+])\s*|\s+-\s+|\.\s+)|(?<=\))(?<!\(\d\d\))(?<!\(\d{4}\))\.?\s+)"
    r"(?=['(]?(?:(?:\d{4}|\d\d)\)?[ -]?)?(?P<next>[A-Z][A-Z .'’-]{1,24}?)\s?#?\d)",
    re.I,
)
"""`STATE 123/OSLO 45`, `OSLO 12. PARIS 13`, `OSLO 12 (TALKS) PARIS 13`; a bracket with a year may
open the next.

`STATE 123/TOSEC 45` are two numbers of one telegram.
"""

BLANKS_ONLY = re.compile(
    r"\b(?P<post>[A-Z][A-Z .'-]{2,24})\s(?P<serials>\d{3,6}(?:\s\d{3,6})+)(?=\s*(?:$|[,;(]))", re.I
)
BEHIND_NOTAL = re.compile(r"(?<=NOTAL)\s+(?=['(\dA-Z])|(?<=NOTAL\))\s+(?=['(\dA-Z])", re.I)
UNSEPARATED = re.compile(
    r"\b(?P<word>[A-Za-z]{3,24})\s#?(?P<serial>\d{1,7})\s+"
    r"(?=(?!(?:AND|THROUGH|THRU|TO|PARAS?|SECTION|NOTAL)\b)"
    r"(?P<next>[A-Z][A-Za-z .'-]{2,24})\s\d{2,6}\b)"
)
"""Two telegrams with nothing between: `RIO DE JANEIRO 353 RIO DE JANEIRO 311`."""


ONE_TELEGRAM = re.compile(r"(?:(?:\d\d)?\d\d )?(?!AND )[A-Z]+(?: (?!AND )[A-Z]+){0,3} \d{1,7}")
"""`OSLO 353`, `05 RIO DE JANEIRO 353`, as most items are: nothing in it parts it from another."""


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
    texts = _texts(reading).join(
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


def _texts(reading: Reading) -> pl.DataFrame:
    """Give document_key and REF text: the first block, and those that go on with its letters.

    `REF (A): OSLO 12` and `REF (B): PARIS 13` stand on lines of their own, each with its label.
    """
    blocks = field_texts(reading, "reference", blocks="all").unique(maintain_order=True)
    is_first = pl.col("document_key").is_first_distinct()
    return (
        blocks.filter(is_first | pl.col("text").str.contains(FURTHER))
        .group_by("document_key", maintain_order=True)
        .agg(text=joined(pl.col("text"), "\n"))
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
    plain = re.sub(r"\bSIPDIS\b", " ", plain) if "SIPDIS" in plain else plain
    plain = re.sub(r"(?<=\d)O(?=\d)", "0", plain)
    own = Own(year, post, serial)
    plain = BROKEN_SERIAL.sub(lambda found: _mended(found, own), plain)
    stop = STOP.search(plain)
    plain = plain[: stop.start()] if stop else plain
    plain = LINE_END.sub(_between_lines, plain) if "\n" in plain else plain
    plain = re.sub(r"\s+", " ", plain).strip()
    if NOTHING.match(plain):
        return []
    if (of_all := ALL_OF_YEAR.search(plain)) and is_past(meant_year(of_all["year"]), year):
        plain = plain[: of_all.start()].rstrip(" ,;([")
        own = Own(meant_year(of_all["year"]), post, None)
    found: list[dict[str, Any]] = []
    last_post: str | None = None
    for letter, item in numbered(plain) or lettered_behind(plain) or lettered(of_the_author(plain)):
        items = _items(letter, item, own, last_post or post, found)
        found += items
        posts = [one["referenced_post_code"] for one in items if one["kind"] == "cable"]
        last_post = posts[-1] if posts else last_post
    return found


def _between_lines(found: re.Match[str]) -> str:
    if canonical_post(found["next"]) not in codes():
        return found[0]
    return f"{found['item']}{found['behind']} ; "


def _mended(found: re.Match[str], own: Own) -> str:
    """Join a serial that the end of a line cut in two, unless its end is a year."""
    if is_past(full_year(int(found["end"])), own.year):
        return found[0]
    return found["start"] + found["end"]


def _items(
    letter: str | None, text: str, own: Own, last_post: str | None, before: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Read one lettered item: one telegram, several with one post, or something else.

    `before` are the items read so far; the last may get back what the letters cut off.
    """
    text = LEFT_OVER.sub("", text.strip(" .,;-")).strip(" .,;-")
    if text.count('"') == 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if text[:3].upper() == "REF":
        text = re.sub(r"^REF\s+[A-Z]\b:?\s*", "", text, flags=re.I)
    if letter:
        text = re.sub(rf"^[(\[]?{letter}[.)\]]?\s+(?=\S)", "", text, flags=re.I)
    if not text:
        return []
    found: list[dict[str, Any]] = []
    leftover: list[str] = []
    places: list[int] = []  # how many telegrams stand before each of them
    current: Cited | None = None
    name_alone: str | None = None
    for chunk in _chunks(text, own):
        if NOISE.match(chunk):
            continue
        cut_off = YEAR.fullmatch(chunk) and not found and before
        if cut_off and ENDS_IN_DAY.search(before[-1]["raw_text"]):
            # `REPORT FOR MAY 18, 2007`: machine letters cut the year off the day.
            before[-1]["raw_text"] += f", {chunk}"
            return []
        listed = None
        number = SERIAL.match(chunk)
        if number and name_alone:
            number, printed = None, f"{name_alone} {chunk}"
            leftover, places = leftover[:-1], places[:-1]
        elif number and current is not None:
            listed, printed = current, f"{current.post} {chunk}"
        elif number and last_post is not None and letter is not None and len(number[1]) > 1:
            # `B. 2962`: a serial alone is one of the post last named, else the own post's.
            listed, printed = Cited(own.year, "own_year", last_post, ()), f"{last_post} {chunk}"
        else:
            printed = chunk
        name_alone = None
        read = read_cited(printed, own, listed)
        raw = (chunk if listed else printed).replace(THOUSANDS, ",")
        if read is None:
            leftover.append(raw)
            places.append(len(found))
            current = None
            name_alone = raw if canonical_post(raw) in codes() else None
            continue
        # Behind other words a number is no serial: `OSLO 12, PARAS 3, 4 AND 15`.
        current = None if PART_OF.search(chunk) else read
        found += [_cable(letter, raw, read, serial) for serial in read.serials]
    if not found:
        many = len(leftover) > 1 and all(AIRGRAM.search(chunk) for chunk in leftover)
        parts = [part.strip() for part in text.split(";")]
        # `QUILL E-MAIL OF MAY 4; FBIS EUP123`: where each says what it is.
        apart = parts if all(map(_says, parts)) else [text]
        return [_other(letter, chunk) for chunk in (leftover if many else apart)]
    for place, chunk in reversed([*zip(places, leftover, strict=True)]):
        if _says(chunk):
            found.insert(place, _other(letter, chunk))
    return found


def _says(chunk: str) -> bool:
    """Whether what is no telegram says what it is."""
    says = kind_of(chunk) != "other" or AIRGRAM.search(chunk) or PAPER.search(chunk)
    return bool(says) and not re.fullmatch(r"[\W\d]*", chunk)


def _chunks(text: str, own: Own) -> list[str]:
    """Cut at commas, semicolons, AND, and slashes or blanks between numbers."""
    if ONE_TELEGRAM.fullmatch(text):
        return [text]
    text = _held_together(text, own)
    text = SLASH.sub(lambda found: found[0] if _is_year(found, own) else " ; ", text)
    text = re.sub(r"(?<=\d)\s*&\s*(?=\d)", " ; ", text)
    text = BESIDE.sub(_between_posts, text)
    text = BLANKS_ONLY.sub(_listed, text)
    text = re.sub(r"(?:^|\s)[*•]+\s", " ; ", text)
    # Two telegrams with nothing but blanks between them: `MADRID 12 05 PARIS 44`.
    text = re.sub(
        r"(?<=\d)\s+(?=(?:\d{2}|\d{4})\s+(?:[A-Z]{4}|[A-Z]{2,3} [A-Z]{3}))", " ; ", text, flags=re.I
    )
    text = BEHIND_NOTAL.sub(" ; ", text)
    text = UNSEPARATED.sub(_separated, text)
    parts = re.split(r"\s*[;,]\s*(?:AND\s+)?|\s+AND\s+", text, flags=re.I)
    return [part.translate(LET_GO).strip(" .-") for part in parts if part and part.strip(" .-")]


def _held_together(text: str, own: Own) -> str:
    """Hide the commas and blanks that separate no items (`HELD`)."""
    text = re.sub(rf"(?<=[A-Za-z]),(?=\s*{ANY_DATE})", NO_COMMA, text, flags=re.I)
    text = DATED.sub(lambda found: found[0].translate(HELD), text)
    text = DATE.sub(lambda found: found[0].translate(HELD), text)

    def bracket(found: re.Match[str]) -> str:
        inside = re.sub(r"\s(?=AND\s)", " " + NO_AND, found[0], flags=re.I)
        return inside.replace(",", NO_COMMA).replace(";", NO_SEMICOLON)

    text = re.sub(r"(?<=.)(?:\([^()]{1,160}\)|\"[^\"]{1,160}\")", bracket, text)

    def thousands(found: re.Match[str]) -> str:
        # `OSLO 1,234` is one serial. Three digits before the comma are one of Washington, the only
        # sender with so many; elsewhere `KABUL 123,124` are two.
        many = found["head"] and len(found["head"]) == 3
        if many and found["word"].upper() not in ("STATE", "SECSTATE", "WASHDC"):
            return found[0]
        return f"{found['word']}{found['blank']}{found['head']}{THOUSANDS}{found['tail']}"

    text = WITH_THOUSANDS.sub(thousands, text)

    def of_year(found: re.Match[str]) -> str:
        # `OSLO 123, 2006`; but `OSLO 1998, 2006` are two telegrams of one time.
        is_year = is_past(int(found["year"]), own.year) and not 1500 < int(found["serial"]) < 2500
        return found[0].replace(",", NO_COMMA) if is_year else found[0]

    return YEAR_BEHIND.sub(of_year, text)


def _is_year(found: re.Match[str], own: Own) -> bool:
    # `OSLO 1998/2006` are two telegrams of one time, `OSLO 123/2006/2007` three.
    is_past_year = YEAR.fullmatch(found["next"]) and is_past(int(found["next"]), own.year)
    if not is_past_year or found.string[found.end("next") :].startswith("/"):
        return False
    serial = re.search(r"\d+$", found.string[: found.start()])
    return serial is not None and not 1500 < int(serial[0]) < 2500


def _between_posts(found: re.Match[str]) -> str:
    named = canonical_post(found["next"])
    return " ; " if named in codes() and named not in ("TOSEC", "SECTO") else found[0]


def _listed(found: re.Match[str]) -> str:
    # `OSLO 1234 1235`: of one length and no years, behind a post.
    serials = found["serials"].split()
    is_list = len({len(one) for one in serials}) == 1 and not YEAR.fullmatch(serials[-1])
    if not is_list or canonical_post(found["post"]) not in codes():
        return found[0]
    return f"{found['post']} {' ; '.join(serials)}"


def _separated(found: re.Match[str]) -> str:
    # Behind these words the number is the year of the next telegram.
    if found["word"].upper() in ("AND", "PREVIOUS", "OTHERS", "NOTAL", "ALSO", "SEE"):
        return found[0]
    if len(found["serial"]) == 1 and canonical_post(found["next"]) not in codes():
        return found[0]
    return f"{found[0]}; "


def _cable(letter: str | None, raw: str, cited: Cited, serial: int) -> dict[str, Any]:
    mrn = None
    if cited.year is not None:
        # Through the rule for own MRNs, so that an edge ends where the telegram stands.
        mrn = canonical_mrn(f"{cited.year}{cited.post}{serial}")
    return {
        "letter": letter,
        "kind": "cable",
        "raw_text": raw,
        "referenced_mrn": mrn.text if mrn else None,
        "referenced_post_code": mrn.post_code if mrn else cited.post,
        "year_rule": cited.rule,
    }


def _other(letter: str | None, raw: str) -> dict[str, Any]:
    return {
        "letter": letter,
        "kind": kind_of(raw),
        "raw_text": raw,
        "referenced_mrn": None,
        "referenced_post_code": None,
        "year_rule": None,
    }
