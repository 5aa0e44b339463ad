"""Raw telegram: a text file that holds what the communications centre printed, nothing else.

It begins with its transmission header (format lines, date-time group, FM, TO), a distribution
table or, where these were cut off, with the classification line or the E.O., TAGS and SUBJECT
lines:

    VZCZCXRO9896
    RR RUEHDBU
    DE RUEHTA #3153 3231204
    ...
    C O N F I D E N T I A L ASTANA 003153

Tools that put header and body of a page or of a CSV row together lose the line end between them:

    RUEHKO/AMEMBASSY TOKYO 0335C O N F I D E N T I A L ASTANA 003153

`header_apart` finds the place. `first_line` knows these lines for the other dialects too. It only
answers "is this a telegram, and where does it begin"; what the lines say is read by `etl.parse`.
"""

import re
from collections.abc import Sequence

from etl.extract.documents import NotATelegram, Reading

SEARCHED_LINES = 200
"""Lines in which a telegram has to begin. Covers and inbox sheets before it have up to 40."""

_TRANSMISSION = re.compile(
    r"""
    [\s>\x01\x02]* (?:                     # mail quoting and start-of-text bytes may stand before
        VZCZC                              # VZCZCXRO9896
      | [ZOPR]{1,2} \s+ RU(?!SS)[A-Z]{2,5} \b    # RR RUEHDBU
      | DE \s+ RU(?!SS)[A-Z]{2,5} \b       # DE RUEHTA #3153 3231204
      | ZN[RY] \s+ [A-Z]{5} \b             # ZNY CCCCC ZZH
      | [ZOPR] (?:\s[ZOPR])? \s+ \d{6}Z \s+ [A-Z]{3} \s+ \d{2} \b   # R 191204Z NOV 07
      | ACTION \s+ [A-Z]{1,6} -\d{2} \b    # ACTION AF-00
      | PAGE \s+ \d+ \s+ [A-Z][A-Z. ]+ \s \d{4,} \b                  # PAGE 02 HARARE 06677
    )
    """,
    re.VERBOSE,
)
LEVEL = r"""
    (?: UNCLASSIFIED | UNCLAS | CONFIDENTIAL | TOP\ SECRET | SECRET | LIMITED\ OFFICIAL\ USE
      | U\ N\ C\ L\ A\ S(?:\ S\ I\ F\ I\ E\ D)? | C\ O\ N\ F\ I\ D\ E\ N\ T\ I\ A\ L
      | (?:T\ O\ P\ {1,3})?S\ E\ C\ R\ E\ T
      | L\ I\ M\ I\ T\ E\ D\ {1,3}O\ F\ F\ I\ C\ I\ A\ L\ {1,3}U\ S\ E
    )
"""
_NUMBERED_CLASSIFICATION = re.compile(
    rf"""
    [\s>]* {LEVEL} \b
    (?: [ /]+ [A-Z][A-Z/. ]*? )??                        # caveats
    (?: \s+ SECTION \s+ \d+ \s+ OF \s+ \d+ )?
    \s+ [A-Z][A-Z.' ]* \s+ \d{{3,8}} \s* $               # ASTANA 003153
    """,
    re.VERBOSE,
)
_BARE_CLASSIFICATION = re.compile(rf"[\s>]* {LEVEL} (?: \s* // [A-Z/ ]+ )? \s* $", re.VERBOSE)
_CLASSIFICATION_CHARACTERS = 300
"""More than the longest such line; on a longer one the patterns' time grows with its square."""
_LABEL = re.compile(
    r"""
    [\s>¶]* (?P<label>
        (?i:E\.?\ ?O\.?\s*+:?\s*+\d{5} \b)   # E.O. 12958: DECL: 11/17/2017
      | (?i:TAGS \s* :) | TAGS \s+ [\[A-Z] # TAGS: PREF PHUM
      | SUBJ(?:ECT)? \s* :                 # SUBJECT: ...
      | REFS? \s*+ (?:\([A-Z]\))? \s*+ :     # REF: A. ALMATY 2439
      | FM \s+ (?:AM|US|SEC)[A-Z]+         # FM AMEMBASSY ASTANA
      | TO \s+ (?:RU[A-Z]+/|SECSTATE|AMEMB)
      | Classified\ [Bb]y
    )
    """,
    re.VERBOSE,
)


_HEADER_CHARACTERS = 16 * 1024
"""In which a header ends: that of a telegram to all posts has some 10,000."""

_GLUED = re.compile(
    rf"""
    (?<=[A-Za-z0-9.)]) (?= {LEVEL}                                # …0335C O N F I D …
      (?: [ ]+ E[ ]F[ ]T[ ]O | [ ]{{0,2}} //? [A-Z ]{{2,24}}? )?        # caveats
      (?: [ ]+ SECTION [ ] \d{{1,2}} [ ] OF [ ] \d{{1,2}} )?
      [ ]+ [A-Z][A-Z.'’ ]{{2,24}} [ ] \d{{5,6}} [ ]* (?:\n|\Z) )
    """,
    re.VERBOSE,
)
"""A classification line with post and six digits, run on to the line before it."""

_OPENING = re.compile(r"^(?:TAGS|SUBJECT|E\.O\.)", re.MULTILINE)


def first_line(lines: Sequence[str], start: int = 0) -> int | None:
    """Give the index of the telegram's first line at or after `start`; null when there is none.

    A transmission line or a classification line with post and number is enough. Weaker lines
    (a bare classification, a label such as `TAGS:`) occur in other writing too, so two different
    ones have to be there.
    """
    first_weak: int | None = None
    kinds: set[str] = set()
    for index in range(start, min(len(lines), start + SEARCHED_LINES)):
        line = lines[index]
        if not line or line.isspace():
            continue
        if _TRANSMISSION.match(line) or _is(_NUMBERED_CLASSIFICATION, line):
            return index if first_weak is None else first_weak
        kind = _weak_kind(line)
        if kind:
            first_weak = index if first_weak is None else first_weak
            kinds.add(kind)
            if len(kinds) > 1:
                return first_weak
    return None


def raw_telegram(text: str) -> Reading:
    """Read a text that is a telegram from its first line to its last.

    Raises `NotATelegram` when no line of a telegram stands in the first 200 lines.
    """
    if first_line(text.split("\n", SEARCHED_LINES)[:SEARCHED_LINES]) is None:
        raise NotATelegram(
            "not a telegram: no page table, no CSV columns, no header, classification or TAGS "
            f"line found in the first {SEARCHED_LINES} lines"
        )
    header, body = header_apart(text)
    return Reading("raw_telegram", header_text=header, body_text=body)


def header_apart(text: str) -> tuple[str | None, str]:
    """Give header and body of a text in which the body is run on to its header.

    The header is null in all other texts; together the two are the text again.
    """
    head = text[:_HEADER_CHARACTERS]
    if opening := _OPENING.search(head):
        head = head[: opening.start()]
    glued = _GLUED.search(head)
    return (text[: glued.end()], text[glued.end() :]) if glued else (None, text)


def _is(classification: re.Pattern[str], line: str) -> bool:
    """Tell whether a line is a classification line: those patterns match whole lines or nothing."""
    return len(line) <= _CLASSIFICATION_CHARACTERS and classification.match(line) is not None


def _weak_kind(line: str) -> str | None:
    if _is(_BARE_CLASSIFICATION, line):
        return "classification"
    label = _LABEL.match(line)
    return label["label"][:2].upper() if label else None
