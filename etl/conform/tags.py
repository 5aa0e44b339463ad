"""A TAGS line → tags, normalised, in order.

TAGS come apart by commas or blanks, run together (`KFRDKIRFCVIS`), misspelt, doubled, with
captions and persons among them. Codes are known from `seeds/reference/tags.csv`; what is not
known stays as printed and is a tag of kind unknown.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from etl.conform.reference import REMEMBERED, rows

LABEL = re.compile(
    r"^\W*(?:(?:TAGGS|TAGE|TGAS|TABS|ATGS|TGS|[AR]GS|T A G S|TAGS?S?"
    r"|(?-i:T[A-Z]GS|TA[A-Z6]S)(?=\s*:))(?:/SUBJECTS?)?)?"
    r"\s*[:;.=-]?\s*",
    re.I,
)
NOT_TAGS = frozenset(
    {"SIPDIS", "NOFORN", "EXDIS", "NODIS", "LIMDIS", "STADIS", "SENSITIVE"}
    | {"TAGS", "TAG", "AND", "&", "+", "N/A", "NA", "NONE"}
)
"""Captions and words that strayed on to the line."""

ALONE = frozenset(
    {"LABOR", "POL", "MIL", "GOV", "POLITICAL", "COUNTERTERRORISM", "POLMIL", "ECONOMIC"}
)
"""Words that stand as tags by themselves, not as part of a phrase."""

_PERSON = re.compile(
    r"\(\s*([A-Z][A-Z'’. -]+,\s*[A-Z][A-Z'’. -]*(?:;\s*[A-Z][A-Z'’. -]+,\s*[A-Z][A-Z'’. -]*)*)\)?"
)
_BLANKS = re.compile(r"\s+")
_BRACKETS = re.compile(r"\([^()]{5,120}\)")
_VISITOR = re.compile(
    r"(\bOVIP[:,]?\s+)([A-Z][A-Z'’-]{2,}), ?([A-Z][A-Z'’-]+(?: [A-Z]\.?)?)(?=[,;) ]|$)"
)
"""`OVIP RICE, CONDOLEEZZA`: a visitor without brackets."""

_EXPLAINED = re.compile(r"(?<=[A-Z]) *[\[{]([^\[\]{}]{3,60})[\]}]")
"""`GH [Ghana]`: what the code means, put behind it by a web site."""

_MARKING = re.compile(r"\(\s*(?:U|C|S|SBU|LOU)\s*\)")


class Tag(NamedTuple):
    """One tag: as printed, and normalised."""

    raw: str
    tag: str


@cache
def known() -> dict[str, str]:
    """Give code → kind of all tags in the table."""
    return {row["tag"]: row["kind"] for row in rows("tags")}


@cache
def aliases() -> dict[str, str]:
    """Give misprint, older name or spelled-out word → code."""
    return {row["alias"]: row["tag"] for row in rows("tag_aliases")}


@cache
def persons() -> dict[str, str]:
    """Give other spelling of a visitor's name → the one that stands for the person."""
    return {row["printed"]: row["tag"] for row in rows("person_tags")}


@lru_cache(maxsize=REMEMBERED)
def segments(word: str) -> tuple[str, ...]:
    """Split a run-together word into known codes; empty when it is not made of codes only.

    The longest codes win, and at least one must be a code of four letters: two letters alone do
    not make a tag (`POLITICS` is not PO LI TI CS).
    """
    if len(word) < 5 or not word.isalpha():
        return ()
    # Cost of the best way to each letter, and where its last code starts.
    best: list[tuple[int, int] | None] = [None] * (len(word) + 1)
    best[0] = (0, 0)
    for end in range(2, len(word) + 1):
        for length in (6, 5, 4, 3, 2):
            start = end - length
            before = best[start] if start >= 0 else None
            if before is None:
                continue
            code = word[start:end]
            kind = known().get(code)
            if kind is None or (length != 4 and length != 2 and kind not in ("organization",)):
                continue
            if length == 3 and kind == "organization" and code not in ("EUN", "UN", "OAS"):
                continue
            cost = before[0] + (1 if length >= 4 else 3)
            current = best[end]
            if current is None or cost < current[0]:
                best[end] = (cost, start)
    codes: list[str] = []
    end = len(word)
    while end > 0:
        step = best[end]
        if step is None:
            return ()
        codes.append(word[step[1] : end])
        end = step[1]
    if len(codes) < 2 or not any(len(code) == 4 for code in codes):
        return ()
    return tuple(reversed(codes))


@lru_cache(maxsize=REMEMBERED)
def split_tags(printed: str) -> tuple[Tag, ...]:
    """Give the tags of a printed TAGS line, in order, without duplicates."""
    text = _joined_lines(printed.upper())
    text = LABEL.sub("", _BLANKS.sub(" ", text).strip(), count=1)
    if plain := _plainly_listed(text):
        return tuple(Tag(word, persons().get(word, word)) for word in dict.fromkeys(plain))
    text = _EXPLAINED.sub(_unexplained, text)
    text = _BRACKETS.sub(_listed, _VISITOR.sub(_bracketed, _MARKING.sub(" ", text)))
    found: list[Tag] = []
    position = 0
    for person in _PERSON.finditer(text):
        found += _split_plain(text[position : person.start()])
        for part in person[1].split(";"):
            name = part.strip(" ,")
            found.append(Tag(name, re.sub(r"\s*,\s*", ", ", name)))
        position = person.end()
    found += _split_plain(text[position:])
    seen: dict[str, Tag] = {}
    for tag in found:
        canonical = persons().get(tag.tag, tag.tag)
        seen.setdefault(canonical, Tag(tag.raw, canonical))
    return tuple(seen.values())


@cache
def _plain() -> frozenset[str]:
    """Give the words that are tags by themselves, whatever stands beside them."""
    return frozenset(word for word in known().keys() | ALONE if word.isalpha()) - NOT_TAGS


def _plainly_listed(text: str) -> list[str]:
    """Give the codes of a list that is nothing but codes and commas, as most are; else none."""
    words = [word.strip(" ") for word in text.split(",")]
    return words if _plain().issuperset(words) else []


def _joined_lines(text: str) -> str:
    """Join a code that a line end cut: `PG / OV`; other lines fold to one."""

    def join(cut: re.Match[str]) -> str:
        left, right = cut[1], cut[2]
        return left + right if _is_cut_code(left, right) else f"{left} {right}"

    return _CUT.sub(join, text)


_CUT = re.compile(r"\b([A-Z]{1,4})[ \t]*\n[ \t]*([A-Z]{1,4})\b")


def _is_cut_code(left: str, right: str) -> bool:
    return left + right in known() and not (left in known() and right in known())


def _unexplained(brackets: re.Match[str]) -> str:
    """Leave out a code's meaning behind it; codes in brackets stay."""
    words = re.findall(r"[A-Z]+", brackets[1])
    holds_codes = any(word in known() or segments(word) for word in words)
    return brackets[0] if holds_codes else " "


def _listed(brackets: re.Match[str]) -> str:
    """Tell persons in one pair of brackets apart: `(QUILL, ANNA AND LANTERNE, PAUL)`."""
    if brackets[0].count(",") < 2:
        return brackets[0]
    return re.sub(r"\s+(?:AND|&)\s+", "; ", brackets[0])


def _bracketed(visitor: re.Match[str]) -> str:
    """Put a visitor's name in brackets, unless its words are codes: `OVIP PREL, PGOV`."""
    if any(_is_code(word) or segments(word) for word in (visitor[2], visitor[3].split()[0])):
        return visitor[0]
    return f"{visitor[1]}({visitor[2]}, {visitor[3]})"


@cache
def _name_words() -> frozenset[str]:
    """Give the words of the tags' own names: HUMAN, RIGHTS, NATIONAL."""
    return frozenset(
        word for row in rows("tags") for word in re.findall(r"[A-Z]{4,}", row["name"].upper())
    )


LONGEST_PHRASE = 4


@cache
def _phrases() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(row["phrase"].split()) for row in rows("tag_phrases"))


@lru_cache(maxsize=REMEMBERED)
def _phrase_at(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Give the longest phrase of the table that the words begin with."""
    for length in range(len(words), 1, -1):
        if words[:length] in _phrases():
            return words[:length]
    return None


@cache
def _titles() -> frozenset[str]:
    """Words before a visitor's name: `OVIP (SECRETARY QUILL)`."""
    more = {"CODEL", "STAFFDEL", "PRIME", "VP", "SENATOR", "SEN", "GOVERNOR", "CONGRESSMAN"}
    return frozenset(row["word"] for row in rows("title_words") if row["kind"] != "theme") | more


def _is_code(word: str) -> bool:
    return word in known() or word in ALONE or word in aliases()


@lru_cache(maxsize=REMEMBERED)
def _codes_at_end(word: str) -> tuple[str, tuple[str, ...]] | None:
    """Tell codes run on to a word of a tag's name: `RIGHTSPOLMIL` → RIGHTS, (POL, MIL)."""
    for cut in range(min(len(word) - 2, max(map(len, _name_words()))), 3, -1):
        head, tail = word[:cut], word[cut:]
        if head not in _name_words():
            continue
        is_code = tail in ALONE or (len(tail) == 4 and tail in known())
        codes = segments(tail) or ((tail,) if is_code else ())
        if len(tail) == 6 and tail[:3] in ALONE and tail[3:] in ALONE:
            codes = (tail[:3], tail[3:])
        if codes:
            return head, codes
    return None


def _split_plain(text: str) -> list[Tag]:
    found: list[Tag] = []
    opened = ""
    for piece in re.split(r"([,;()\[\]]|(?<=[A-Z]{2})[/.]+(?=[A-Z]{2,4}\b)|\s-+\s)", text):
        if re.fullmatch(r"[,;()\[\]]|[/.]+|\s-+\s", piece):
            opened = piece
            continue
        words = [word.strip(".:'\"‘’“”*-_/\\<>{}") for word in piece.split()]
        words = [code for word in _joined(words) if word for code in _codes_of(word)]
        is_name = opened == "(" and 2 <= len(words) <= LONGEST_PHRASE
        if is_name and not any(_is_code(word) and len(word) > 2 for word in words):
            found.append(_in_brackets(words, found))
        else:
            found += _read_words(words)
    return found


def _joined(words: list[str]) -> list[str]:
    """Join a code that a blank cut behind its first letter: `E FIN`; `U.S` is US."""
    words = [
        word.replace(".", "") if re.fullmatch(r"[A-Z]\.[A-Z]", word) else word for word in words
    ]
    found: list[str] = []
    for word in words:
        if found and len(found[-1]) == 1 and found[-1] + word in known():
            found[-1] += word
        else:
            found.append(word)
    return found


def _codes_of(word: str) -> list[str]:
    """Give the codes that one printed word holds: `PREL-PGOV-NO`, `PREL:PGOV`; mostly one."""
    if word.isdigit() and len(word) < 3:  # `1. PREL 2. NO`
        return []
    parts = re.split(r"[-:]", word)
    if len(parts) > 1 and word not in known() and all(_is_code(part) for part in parts):
        return parts
    return [word]


def _in_brackets(words: list[str], before: list[Tag]) -> Tag:
    """Read a name in brackets, as one tag: `(SNOWPLOW CO)`, `(RICE CONDOLEEZZA)` behind OVIP."""
    raw = " ".join(words)
    is_visitor = bool(before) and before[-1].tag == "OVIP" and len(words) <= 3
    if is_visitor and words[0] not in _titles():
        return Tag(raw, f"{words[0]}, {' '.join(words[1:])}")
    return Tag(raw, aliases().get(raw, raw))


def _read_words(words: list[str]) -> list[Tag]:
    """Read the words between two commas: codes, and runs of other words as one phrase."""
    found: list[Tag] = []
    phrase: list[str] = []

    def close() -> None:
        if not phrase:
            return
        raw = " ".join(phrase)
        after_visit = bool(found) and found[-1].tag == "OVIP" and 2 <= len(phrase) <= 3
        # OVIP names the visitor: surname first, then given names.
        tag = f"{phrase[0]}, {' '.join(phrase[1:])}" if after_visit else aliases().get(raw, raw)
        found.append(Tag(raw, tag))
        phrase.clear()

    skip = 0
    for index, word in enumerate(words):
        if index < skip:
            continue
        if known_phrase := _phrase_at(tuple(words[index : index + LONGEST_PHRASE])):
            close()
            found.append(Tag(" ".join(known_phrase), " ".join(known_phrase)))
            skip = index + len(known_phrase)
            continue
        last = index + 1 == len(words)
        if word == "AND" and phrase and not last and not _is_code(words[index + 1]):
            phrase.append(word)
        elif word in NOT_TAGS:
            close()
        elif word in known() or word in ALONE:
            close()
            found.append(Tag(word, word))
        elif "0" in word and (letters := word.replace("0", "O")) in known():  # OCR: EC0N
            close()
            found.append(Tag(word, letters))
        elif word in aliases():
            close()
            found.append(Tag(word, aliases()[word]))
        elif run := segments(word):
            close()
            found += [Tag(word, aliases().get(code, code)) for code in run]
        elif ending := _codes_at_end(word):
            phrase.append(ending[0])
            close()
            found += [Tag(word, code) for code in ending[1]]
        else:
            phrase.append(word)
    close()
    return found
