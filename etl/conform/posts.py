"""Printed post names → post codes as they stand in an MRN (`RIO DE JANEIRO` → RIODEJANEIRO)."""

import re
from functools import cache, lru_cache

from etl.conform.reference import REMEMBERED, rows

PREFIXES = re.compile(
    r"^(?:THE)?(?:AM)?(?:EMBASSY|EMBASY|EMBSSY|EMB(?=[A-Z]{4})|CONSULATE|CONSUL(?:GENERAL)?|CONGEN)(?:OF)?|"
    r"^(?:USMISSION|USLO|USINT(?!H)|USDEL|REFTEL|REF|PRT|RRT)(?=[A-Z]{4})"
)
"""Words before the place name that an MRN leaves out: `AMEMBASSY PARIS`, `USINT HAVANA`."""

_DEPARTMENT = re.compile(
    r"(?:SEC(?:RETARY)?(?:OF)?|DEP(?:T|ARTMENT)(?:OF)?)?STATE(?:WASH(?:INGTON)?(?:DC)?)?"
)
"""`SECSTATE WASHDC`, `DEPARTMENT OF STATE`."""

_TRUNCATED_FROM, _TRUNCATED_TO = 1973, 1979


@cache
def codes() -> frozenset[str]:
    """Give all post codes."""
    return frozenset(row["post_code"] for row in rows("posts"))


@cache
def _aliases() -> tuple[dict[str, str], dict[str, str]]:
    """Aliases that hold at any time, and those of the 1973-79 archive (six letters)."""
    always: dict[str, str] = {}
    truncated: dict[str, str] = {}
    for row in rows("post_aliases"):
        target = truncated if row["reason"] == "truncated" else always
        target[row["alias"]] = row["post_code"]
    return always, truncated


@lru_cache(maxsize=REMEMBERED)
def canonical_post(printed: str, year: int | None = None) -> str:
    """Give the post code for a printed name; an unknown name comes back in capitals, letters only.

    `year` (four digits) opens the truncated names of the 1973-79 archive, which mean other posts
    at other times.
    """
    name = re.sub(r"[^A-Z0-9]", "", printed.upper())
    name = re.sub(r"(?<=[A-Z])0(?=[A-Z]|$)|^0(?=[A-Z])", "O", name)  # OCR: SANTIAG0
    if _DEPARTMENT.fullmatch(name):
        return "STATE"
    always, truncated = _aliases()
    for candidate in (name, PREFIXES.sub("", name)):
        if candidate in codes():
            return candidate
        if candidate in always:
            return always[candidate]
        if year is not None and _TRUNCATED_FROM <= year <= _TRUNCATED_TO and candidate in truncated:
            return truncated[candidate]
    half = len(name) // 2
    if name[:half] == name[half:] and name[:half] in codes():
        return name[:half]  # `SEOUL SEOUL`
    plain = PREFIXES.sub("", name) or name
    if plain.endswith("CITY") and (code := plain.removesuffix("CITY")) in codes():
        return code  # PANAMA CITY, KUWAIT CITY
    if year is not None and _TRUNCATED_FROM <= year <= _TRUNCATED_TO and len(plain) == 6:
        # `ABUDHA`, six letters without the blank: the one post that begins so.
        begun = [code for code in codes() if code.startswith(plain)]
        if len(begun) == 1:
            return begun[0]
    return _misprinted(plain) or plain


@lru_cache(maxsize=REMEMBERED)
def _misprinted(name: str) -> str | None:
    """Give the one post that a misprint can mean: one letter lost, doubled, wrong or swapped.

    Only for names of six letters and more, and never for the posts of Brussels, which a letter
    tells apart.
    """
    if len(name) < 6 or name.startswith("BRUS") or not name.isalpha():
        return None
    near = [code for code in codes() if abs(len(code) - len(name)) <= 1 and _one_slip(code, name)]
    return near[0] if len(near) == 1 else None


def _one_slip(code: str, name: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours makes one the other."""
    start = 0
    while start < min(len(code), len(name)) and code[start] == name[start]:
        start += 1
    end = 0
    while (
        end < min(len(code), len(name)) - start
        and code[len(code) - 1 - end] == name[len(name) - 1 - end]
    ):
        end += 1
    left, right = code[start : len(code) - end], name[start : len(name) - end]
    return max(len(left), len(right)) <= 1 or (len(left) == 2 and left == right[::-1])


@lru_cache(maxsize=REMEMBERED)
def addressed_post(name: str) -> str | None:
    """Give the post that an addressee's plain language address names; null when it names none.

    `AMEMBASSY PARIS` → PARIS, `SECSTATE WASHDC` → STATE, `USMISSION USUN NEW YORK` → USUNNEWYORK.
    """
    plain = re.sub(r"//.*$", "", name.upper())
    if re.match(r"SEC(?:RETARY OF )?STATE\b|DEPARTMENT OF STATE", plain):
        return "STATE"
    if not re.match(
        r"(?:AM)?(?:EMBASSY|CONSUL|CON)|AIT\b|US(?:MISSION|INT|LO|DEL|EU|UN|OSCE|NATO)", plain
    ):
        return None
    letters = re.sub(r"[^A-Z]", "", plain)
    for candidate in (letters, re.sub(r"^(?:USMISSION|USINT|USLO|USDEL)", "", letters)):
        code = canonical_post(candidate)
        if code in codes():
            return code
    return None
