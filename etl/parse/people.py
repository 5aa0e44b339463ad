"""People of a telegram: who classified it and who signed it."""

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import polars as pl

from etl.conform.reference import REMEMBERED, rows
from etl.parse.opening import field_texts
from etl.parse.reading import Reading
from etl.parse.text import each_distinct

CLASSIFIED_LABEL = re.compile(
    r"^\W*(?:\d{1,2}\.)?\s*(?:\(\s*[UCS]\s*\)\s*)?(?:.{0,40}?ENTIRE TEXT\W*)?"
    r"(?:CLASS?I?FIED\s+BY|CLASS\s*BY|DERIVED\s+FROM)\s*[:.;,]*\s*",
    re.I,
)
REASON = re.compile(
    r"(?<![\s,;:./–-])[\s,;:./–-]*\(?\s*(?:\b(?:FOR|FR|PER|UNDER|BASED\s+ON|PURSUANT\s+TO|IAW|DUE\s+TO|WITH)\s+)?"
    r"(?:(?:ALL\s+)?(?:E\.?\s?O\.?\s?:?\s*1\d{4}|SECTION)[,:;]?\s*)?"
    r"(?:\b(?:REASS?I?[O0]?\s?N\s?S?|RESONS?|REAONS?|RASONS?|RE\s?A\s?S\s?[O0]?\s?N?\s?S?)"
    r"(?:\(S\))?(?![A-Z])\s*[:.;,]?\s*(?=.{0,40}(?:1\s?[.,]|\([A-H]|E\.?O|$))"
    r"|(?<![\d.])1\s?[.,]\s?[2-7]\b|\b1[45]\s?\([A-H]\)|\bE\.?O\.?\s?1\d{4})",
    re.I,
)
"""Where the statement turns from the name to the reasons: `for reasons 1.4 (b) and (d)`."""

REASON_SECTION = re.compile(r"1\s?[.,]\s?([2-7])|(?<!\d)1([45])(?=\s?\()")
REASON_LETTER = re.compile(r"(?<![A-Z])\(?\s?([A-H])\s?\)?(?![A-Z'’])", re.I)

TITLES = frozenset(row["word"] for row in rows("title_words"))
"""Words of titles, offices and places that stand around the name."""

_FUZZY = tuple(title for title in TITLES if len(title) >= 7)
SUFFIX = re.compile(r"^(?:JR|SR|II|III|IV)\.?$", re.I)


def classifiers(reading: Reading, paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Give document_key, full_name, title, reasons (list of `1.4(b)`) of Classified By.

    Statements printed as the first or second paragraph count where the opening has none.
    """
    own = classified_texts(reading)
    numbered = (
        paragraphs.filter(
            (pl.col("position") <= 2)
            & pl.col("text").str.head(80).str.contains(r"(?i)class?i?fied\s+by\b")
        )
        .join(own, on="document_key", how="anti")
        .group_by("document_key", maintain_order=True)
        .agg(text=pl.col("text").first().str.head(400))
    )
    person = pl.Struct({"full_name": pl.String, "title": pl.String})
    shape = pl.Struct({"people": pl.List(person), "reasons": pl.List(pl.String)})
    return each_distinct(
        pl.concat([own, numbered]), ["text"], read_classifiers, "found", shape
    ).unnest("found")


def classified_texts(reading: Reading) -> pl.DataFrame:
    """Give document_key and text of the Classified By statement.

    The first statement that goes on to reasons, else the first: the label may stand over the
    wrong lines and be printed again with the right ones.
    """
    texts = field_texts(reading, "classified_by", blocks="all")
    return (
        texts.with_columns(
            has_reason=pl.col("text").str.contains(r"(?i)reas|1\s?[.,]\s?[2-7]").cast(pl.Int8)
        )
        .sort("document_key", "has_reason", descending=[False, True], maintain_order=True)
        .group_by("document_key", maintain_order=True)
        .agg(pl.col("text").first())
    )


def read_classifiers(text: str) -> dict[str, Any]:
    """Read one Classified By statement: people (name as printed, title) and reasons."""
    text = CUT_WORD.sub(_join_cut_word, text)
    text = re.sub(r"\s+", " ", text).strip()
    # OCR puts a zero for the letter O; the name itself stays as printed.
    plain = re.sub(r"(?<=[A-Z]{2})0(?=[A-Z])|(?<=\b[A-Z])0(?=[A-Z]{2})", "O", text)
    while (label := CLASSIFIED_LABEL.match(plain)) and label.end():
        text, plain = text[label.end() :], plain[label.end() :]
    reason = REASON.search(plain)
    statement = text[: reason.start()] if reason else text
    return {
        "people": [{"full_name": name, "title": title} for name, title in split_names(statement)],
        "reasons": read_reasons(plain[reason.start() :]) if reason else [],
    }


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
    is_name = left[0].isupper() and right.islower() and right not in GOES_ON
    if (is_name and whole.lower() not in GOES_ON) or (
        whole.upper() in TITLES and left.upper() not in TITLES
    ):
        return whole
    return f"{left} {right}"


def split_names(statement: str) -> list[tuple[str, str | None]]:
    """Tell the people of a statement: mostly one, two where AND stands between full names."""
    sides = re.split(r"\s+AND\s+", statement, maxsplit=1, flags=re.I)
    if len(sides) == 2:
        read = [split_name(side) for side in sides]
        if all(name is not None and len(name.split()) >= 2 for name, _ in read):
            return [(name, title) for name, title in read if name is not None]
    name, title = split_name(statement)
    return [(name, title)] if name is not None else []


def read_reasons(text: str) -> list[str]:
    """Read reasons in order: `1.4 (b/d)` → 1.4(b), 1.4(d)."""
    sections = list(REASON_SECTION.finditer(text))
    found: list[str] = []
    if not sections:
        letters = REASON_LETTER.findall(text) if re.search(r"\([A-H]\)", text, re.I) else []
        return list(dict.fromkeys(f"1.4({letter.lower()})" for letter in letters))
    for index, section in enumerate(sections):
        end = sections[index + 1].start() if index + 1 < len(sections) else len(text)
        span = re.sub(r"\band\b", ",", text[section.end() : end], flags=re.I)
        # Letters stop at the first word that is none: `1.4 (b). This message …`
        stop = re.search(r"[A-Z]{3,}|(?<=[.)])\s+[A-Z][a-z]", span, re.I)
        span = span[: stop.start()] if stop else span
        number = section[1] or section[2]
        found += [f"1.{number}({letter.lower()})" for letter in REASON_LETTER.findall(span)]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=REMEMBERED)
def _is_title(word: str) -> bool:
    """Whether a word belongs to a title or office, misprints of long ones included."""
    plain = word.upper().strip(".,;:()").replace("’", "'").replace("`", "'")
    plain = re.sub(r"(?<=[A-Z])0(?=[A-Z])", "O", plain)
    plain = re.sub(r"^([A-Z]),(?=[A-Z])", r"\1'", plain)
    if plain in TITLES or (any(mark in plain for mark in "/&123456789") and "." not in plain):
        return True
    if "-" in plain and all(part in TITLES for part in plain.split("-")):
        return True
    if re.fullmatch(r"D'?AFF\w+|CHARG\w{1,2}'?|D'AFFAIRES?|DE'?AFFAIRS?|A\.?I\.?|A\.Y", plain):
        return True
    if len(plain) < 6:
        return False
    likeness = 0.8 if len(plain) >= 8 else 0.85
    return any(
        abs(len(title) - len(plain)) <= 2
        and SequenceMatcher(None, title, plain).ratio()
        >= (likeness if title[0] == plain[0] else 0.88)
        for title in _FUZZY
    )


def split_name(statement: str) -> tuple[str | None, str | None]:
    """Tell name and title apart: `POL/ECON CHIEF STEVE FAGIN` → (STEVE FAGIN, POL/ECON CHIEF)."""
    # The country of `Ambassador to Sudan` is no given name.
    statement = re.sub(
        r"(?i)(\bambassador to (?:the )?)([a-z]+)(?= [a-z]+\.? [a-z])",
        lambda found: found[1] + found[2].lower(),
        statement,
    )
    statement = re.sub(r"^\(\s*[UCS]\s*\)\s*", "", statement.strip(" ,;:-.–"))
    statement = re.sub(r"(?i)\ba\.\s?[iy]\.?(?=[\s,]|$)", "a.i.", statement)
    if not statement:
        return None, None
    chunks = [
        chunk.strip(" ,;:.")
        for chunk in re.split(
            r"\s*[,;:]\s+|\s+[-–]+\s+|(?:(?<=[a-z]{2})|(?<=[A-Z]{3}))\.\s+", statement
        )
        if chunk and chunk.strip(" ,;:.")
    ]
    joined: list[str] = []
    for chunk in chunks:  # `Richard L. Baltimore, III`
        if joined and SUFFIX.match(chunk):
            joined[-1] += f", {chunk}" + ("." if re.match(r"JR|SR", chunk, re.I) else "")
        else:
            joined.append(chunk)
    best: tuple[str, int] | None = None
    for index, chunk in enumerate(joined):
        name = _name_at_end(chunk)
        if name and (best is None or (len(name.split()) > 1 and len(best[0].split()) == 1)):
            best = (name, index)
    if best is None:
        return None, statement or None
    name, index = best
    before = joined[index][: joined[index].rfind(name)].strip(" ,;:/-")
    title = ", ".join(part for part in (*joined[:index], before, *joined[index + 1 :]) if part)
    return name, title or None


def _name_at_end(chunk: str) -> str | None:
    """Give the run of name words that ends the chunk; null when a title word ends it."""
    chunk = re.sub(r"(?i)(?<![\s,])[\s,]+a\.\s?i\.?$", "", chunk)
    if "/" in chunk:  # DCM/Ted Osius
        head, _, tail = chunk.rpartition("/")
        first = tail.split()[0] if tail.split() else ""
        is_given_name = len(first) > 2 and not _is_title(first)
        if all(_is_title(word) or "/" in word for word in head.split()) and is_given_name:
            chunk = tail
    words = chunk.split()
    suffix: list[str] = []
    while words and SUFFIX.match(words[-1].strip(",")) and len(words) > 1:
        suffix.insert(0, words.pop())
    name: list[str] = []
    while words and len(name) < 4:
        word = words[-1]
        is_initial = re.fullmatch(r"[A-Z0]\.?|(?:[A-Z]\.-?){1,3}", word) is not None
        if not (is_initial and len(name) >= 1) and (
            _is_title(word)
            or not (word[0].isupper() or word.lower() in ("de", "la", "van", "von", "der", "di"))
        ):
            break
        name.insert(0, words.pop())
    if not name or not any(len(word.strip(".")) >= 2 for word in name):
        return None
    text = " ".join(name).strip(" ,")
    return f"{text}{', ' if ',' in chunk else ' '}{' '.join(suffix)}" if suffix else text


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
    return (
        each_distinct(pl.concat([own_line, run_on]), ["printed"], read_signer, "surname", pl.String)
        .filter(pl.col("surname").is_not_null())
        .unique(["document_key", "surname"], keep="first", maintain_order=True)
        .select(
            "document_key",
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("document_key").alias("position"),
            pl.col("surname").alias("full_name"),
            "surname",
        )
    )


def read_signer(printed: str) -> str | None:
    """Give the signer's name in capitals; a doubled name (`SHANNON Shannon`) counts once."""
    words = re.sub(r"[#*_=]+|[.,;]+$", " ", printed).upper().split()
    half = len(words) // 2
    if len(words) % 2 == 0 and words[:half] == words[half:]:
        words = words[:half]
    return " ".join(words) or None


def surname_of(name: str) -> str | None:
    """Give the surname of a name as printed: `Richard L. Baltimore, III` → BALTIMORE."""
    words = [word for word in re.sub(r",", " ", name).upper().split() if not SUFFIX.match(word)]
    return words[-1].strip(".") if words else None


DRAFTING = re.compile(
    r"^(?:(?P<what>DRAFTED|APPROVED|CLEARED|CLEARANCES?)\s*(?:BY)?\s*:?\s*)?"
    r"(?:(?P<office>[A-Z][A-Z0-9/.&]{0,14})\s?(?::|\s-+\s?|-(?=\s))\s?)?"
    r"(?:(?:MR|MS|MRS|MISS|DR|AMB)\.?\s)?(?P<name>[A-Z][A-Z.'’ -]{1,40}?)"
    r"(?::[A-Z]{1,4})?(?:\s*\(.*\)|\s+X?\d{4,7})?$"
)
"""`DRAFTED BY EUR/NE:JQUILLFEATHER:AB`, `S/S - MR. MARROWBY`: office, name, typist's initials."""

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
    shape = pl.Struct({"role": pl.String, "full_name": pl.String, "title": pl.String})
    return (
        each_distinct(pl.concat([lines, typed]), ["text"], read_drafting, "found", shape)
        .filter(pl.col("found").is_not_null())
        .unnest("found")
        .unique(["document_key", "role", "full_name"], keep="first", maintain_order=True)
        .select("document_key", "role", "full_name", "title")
    )


def read_drafting(text: str) -> dict[str, Any] | None:
    """Read one line of drafting, approval or clearance; null when it names nobody."""
    found = DRAFTING.match(re.sub(r"\s+", " ", text.upper()).strip(" ."))
    if not found:
        return None
    return {
        "role": _ROLES.get(found["what"] or "", "clearer"),
        "full_name": found["name"].strip(" ."),
        "title": found["office"],
    }
