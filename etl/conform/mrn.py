"""One canonicaliser for a telegram's own MRN and for the MRNs that cite it, or edges dangle.

`05 ALMATY 002439`, `2005ALMATY2439` and `05ALMATY2439` are one message reference number:
two-digit year, post code, serial without leading zeros.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from etl.conform.posts import canonical_post, codes
from etl.conform.reference import REMEMBERED, rows

_WELL_FORMED = re.compile(r"^(\d{4}|\d{2})\s*([A-Z][A-Z0-9 .,'’/_-]*?[A-Z]?)\s*0*(\d{1,7})$")
_SECTION = re.compile(r"^(\d{2})SECTION\d{1,2}OF\d{1,2}")
"""A published id that swallowed the words of the line: `09SECTION01OF03SANJOSE525`."""


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
    text = re.sub(r"\s+", " ", printed.upper()).strip()
    squeezed = text.replace(" ", "")
    text = _malformed().get(squeezed, text)
    text = _SECTION.sub(r"\1", text.replace(" ", "")) if _SECTION.match(squeezed) else text
    found = _WELL_FORMED.match(text)
    if not found:
        return None
    year = int(found[1]) if len(found[1]) == 4 else full_year(int(found[1]))
    post = canonical_post(found[2], year)
    if re.search(r"\d", post) and post not in codes():  # `07 OSLO 12 SECTION 01`
        return None
    mrn = make_mrn(year, post, int(found[3]))
    again = _malformed().get(mrn.text)
    return canonical_mrn(again) if again and again != mrn.text else mrn


def make_mrn(year: int, post_code: str, serial: int) -> Mrn:
    """Put the parts together: (2005, 'ALMATY', 2439) → 05ALMATY2439."""
    return Mrn(f"{year % 100:02d}{post_code}{serial}", year, post_code, serial)
