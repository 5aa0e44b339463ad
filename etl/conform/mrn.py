"""One canonicaliser for a telegram's own MRN and for the MRNs that cite it, or edges dangle.

`05 ALMATY 002439`, `2005ALMATY2439` and `05ALMATY2439` are one message reference number:
two-digit year, post code, serial without leading zeros.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from etl.conform.posts import canonical_post, codes
from etl.conform.reference import REMEMBERED, rows

_WELL_FORMED = re.compile(
    r"^(\d{4}|\d{2}|O\d(?=[A-Z]))[\s_./-]*([A-Z0](?=[A-Z])[A-Z0-9 .,'’/_-]*?[A-Z]?)"
    r"[\s#.]*0*(\d{1,7})$"
)
_PLAIN = re.compile(r"(\d{4}|\d\d) ?([A-Z]{3,}) ?0*([1-9]\d{0,6})")
"""`05ALMATY2439`, `05 ALMATY 002439`: nearly all are printed so, and need no other rule."""

_SECTION = re.compile(
    r"^(?P<year>\d{4}|\d{2})(?:SECTI?ON[0O]?\dOF|(?P<garbled>[A-Z]{4,8})[0O]?\d(?:[O0G]?F|O))[0O]?\d"
    r"(?=(?P<post>[A-Z]+)\d)"
)
"""A published id that swallowed the words of the line, garbled or not: `09SECTION01OF03SANJOSE525`,
`08ECTION01OF02MANAMA492`."""

_AROUND = " \t\"'“”‘’.,;()[]"
_BEHIND = re.compile(
    r"\.(?:HTML?|TXT)$|(?<=\d)[\s(-]*(?:(?:FINAL )?SEC(?:TION)?S?[ .]*\d{1,2}(?: ?OF ?\d{1,2})?"
    r"|NOTAL|CORRECTED(?: ?COPY)?|Z(?:FR|DK|OJ|FD|EL)[ \d]*)\)?$"
)
"""What is no part of a number: `.html`, `SECTION 01 OF 02`, `(NOTAL)`, an operating signal."""

_TOSEC = re.compile(r"(?<=[A-Z]\d{2})(\d*)[ /]*(?:TOSEC|SECTO) ?\d{1,6}$")
"""The second number of a telegram to the travelling Secretary: `94STATE183691TOSEC140193`."""

_BEFORE_POST = re.compile(
    r"^(?:UNCLAS(?:SIFIED)?|LIMITEDOFFICIALUSE|CONFIDENTIAL|SECRET|TOPSECRET|EFTO|FOUO|SENSITIVE"
    r"|SIPDIS|NOFORN|EXDIS|NODIS)+(?=[A-Z]{4})"
)
"""Words of the classification line that a published id swallowed: `07EFTOATHENS174`."""


LONGEST_PRINTED = 100
"""Characters; a longer text is no message reference number."""


class Mrn(NamedTuple):
    """A message reference number in its canonical parts."""

    text: str
    year: int
    post_code: str
    serial: int


@cache
def _malformed() -> dict[str, str]:
    return {row["published_id"]: row["mrn"] for row in rows("malformed_mrns")}


def full_year(two_digits: int) -> int:
    """Give the year that two digits mean: telegrams run from 1960 to 2059."""
    return two_digits + (1900 if two_digits >= 60 else 2000)


@lru_cache(maxsize=REMEMBERED)
def canonical_mrn(printed: str | None) -> Mrn | None:
    """Read a message reference number; null when the text is none."""
    if not printed or len(printed) > LONGEST_PRINTED:
        return None
    if plain := _PLAIN.fullmatch(printed):
        year = int(plain[1]) if len(plain[1]) == 4 else full_year(int(plain[1]))
        post = canonical_post(plain[2], year)
        mrn = make_mrn(year, post, int(plain[3]))
        if post in codes() and not {printed.replace(" ", ""), mrn.text} & _malformed().keys():
            return mrn
    text = re.sub(r"\s+", " ", printed.upper()).strip(_AROUND)
    squeezed = text.replace(" ", "")
    section = None if squeezed in _malformed() else _SECTION.match(squeezed)
    text = _malformed().get(squeezed, text)
    if section and (not section["garbled"] or canonical_post(section["post"]) in codes()):
        text = section["year"] + squeezed[section.end() :]
    text = _TOSEC.sub(r"\1", _BEHIND.sub("", text))
    found = _WELL_FORMED.match(text.strip(_AROUND))
    if not found:
        return None
    digits = found[1].replace("O", "0")
    year = int(digits) if len(digits) == 4 else full_year(int(digits))
    post = canonical_post(found[2], year)
    if post not in codes():
        named = canonical_post(_BEFORE_POST.sub("", post), year)
        post = named if named in codes() else post
    # `07 OSLO 12 / 13`; and no post counts from zero.
    if (re.search(r"\d", post) and post not in codes()) or int(found[3]) == 0:
        return None
    mrn = make_mrn(year, post, int(found[3]))
    again = _malformed().get(mrn.text)
    return canonical_mrn(again) if again and again != mrn.text else mrn


def contradict(published: str, on_line: str) -> bool:
    """Whether an id and a telegram's own classification line name two telegrams, beyond doubt.

    One serial under two names is one telegram: missions of one city share lines (`BRUSSELS
    001234` of USEU BRUSSELS). So is what only a table or a rule made well-formed, and a line
    whose post nobody knows. Years are not compared: the line has none.
    """
    squeezed = re.sub(r"\s+", "", published.upper())
    if squeezed in _malformed() or not re.match(r"^\d{2,4}[^\dA-Z]*[A-Z'’.,/_-]+\d+$", squeezed):
        return False
    page = canonical_mrn(published)
    text = canonical_mrn(f"{page.year} {on_line}") if page else None
    return (
        page is not None
        and text is not None
        and page.serial != text.serial
        and {page.post_code, text.post_code} <= codes()
    )


def make_mrn(year: int, post_code: str, serial: int) -> Mrn:
    """Put the parts together: (2005, 'ALMATY', 2439) → 05ALMATY2439."""
    return Mrn(f"{year % 100:02d}{post_code}{serial}", year, post_code, serial)
