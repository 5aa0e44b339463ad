"""One piece of a REF line → the telegrams that it cites: post, year, serials.

`OSLO 12`, `06 OSLO 12 (NOTAL)`, `OSLO'S TELEGRAM NO. 12 OF MAY 4, 2006`, `OSLO 12 THROUGH 14`.
A REF line is cut into items in `lettered`, and these into such pieces in `references`.
"""

import re
from typing import NamedTuple

from etl.conform.mrn import full_year
from etl.conform.posts import canonical_post, codes

NO_BLANK, NO_COMMA, NO_SEMICOLON, NO_AND, THOUSANDS = (
    "\ue000",
    "\ue001",
    "\ue002",
    "\ue003",
    "\ue004",
)
"""Stand for what separates nothing while a line is cut: `MAY 4, 2007`, `(TALKS, ROUND 2)`."""

MONTH = r"(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]{0,6}\.?"
DATED = re.compile(
    r"(?<=[\d)])(?=[\s,(])[\s,]*\(?\s*(?:(?:DATED|DTD|OF|DTG|ON|FROM)\b:?\s*){0,2}(?:"
    r"[A-Z]?\s?\d{6}\s?Z(?:\s*[A-Z]{3,9}\s*(?P<group>\d{4}|\d{2})\b)?"
    rf"|{MONTH}\s+\d{{1,2}}(?!\d)(?:,?\s+['’]?(?P<american>(?:19|20)\d\d|\d\d)\b)?"
    rf"|\d{{1,2}}\s+{MONTH}(?:,?\s+['’]?(?P<european>(?:19|20)\d\d|\d\d)\b)?"
    rf"|{MONTH},?\s+(?P<month>(?:19|20)\d\d)\b"
    r"|\d{1,2}/\d{1,2}/(?P<numbers>\d{4}|\d{2})\b"
    r")\s*\)?",
    re.I,
)
"""The date of the telegram, behind its serial: `OF MAY 4, 2007`, `(5/4/07)`, `041200Z MAY 07`."""

DATE_TIME_GROUP = re.compile(r"\d{6}\s?Z\b", re.I)
AIRGRAM = re.compile(
    r"\bAIRGRAM\b|(?<![A-Z0-9-])C?A\s?-\s?\d{1,4}\b"
    r"|(?<=[A-Z]{2}\s)C?A\s\d{1,4}(?=\s*(?:$|[,;(]))",
    re.I,
)
"""`OSLO A-123`, `STATE CA 1234`: sent by mail, numbered apart from the telegrams."""

_POINTER = re.compile(r"^(?:(?:SEE|ALSO|PER|CF|BOTH)\b[\s.:]*)+", re.I)
_CABLE = re.compile(
    r"^(?:REF\s+)?['‘’]?(?:\(?['‘’]?(?P<year>O\d|\d{4}|\d{2,3})\)?\s*[-/]?\s*)?"
    r"(?P<post>[A-Z][A-Z0-9.'’/ -]*?[A-Z0-9.])(?:['’]S?)?"
    r"(?:\s+(?:TELEGRAMS?|TELS?|CABLES?)\b\.?)?(?:\s+(?:NOS?|NRS?|NUMBERS?)\b\.?)?"
    r"(?:\s*\((?P<inside>(?:19|20)?\d\d)\)|\s+['‘’](?P<apostrophe>\d\d)(?=\s))?"
    r"\s*[:,#-]*\s*#?\s*(?P<serial>\d{1,10})(?P<rest>.*)$",
    re.I,
)
_SERIAL_FIRST = re.compile(r"^(?P<serial>\d{2,6})\s+(?P<post>[A-Z][A-Z .'-]{2,24})$", re.I)
_YEAR_FIRST = re.compile(r"^(?:\s*[-/]\s*|\s+)0*(?P<serial>\d{3,7})(?![\d/])")
"""What follows a year between post and serial: `OSLO 07-123`, `OSLO 2006 0123`."""

_YEAR_BEHIND = re.compile(
    r"^(?:\s*-\s*(?P<dash>\d{2}|(?:19|20)\d\d)(?!\d)|\s*/\s*(?P<slash>\d\d|(?:19|20)\d\d)(?![\d/])"
    r"|\s*[(\[]['‘’]?(?P<paren>(?:19|20)?\d\d)[)\]]|\s+['‘’](?P<apostrophe>\d\d)\b"
    r"|\s+(?P<blank>\d\d)(?=$|\s*\()|,?\s*(?:OF\s+|IN\s+|FROM\s+)?(?P<full>(?:19|20)\d\d)(?=$|\s*\())",
    re.I,
)
_RANGE = re.compile(
    r"^\s*(?:[-–]|THROUGH\b|THRU\b|TO\b)\s*#?0*(?P<last>\d{1,7})(?=\s*(?:$|[(,;]))", re.I
)
_SLASH = re.compile(r"^\s*/\s*(?P<serial>\d{2})(?=$|\s*\()")
_FOOTNOTE = re.compile(r"^\s*\d{1,2}\s?/\s*(?=$|\()")
"""`STATE 65432 1/`: the mark of a note."""

NO_POST = re.compile(
    r"\b(?:FAM|CFR|USC|UNSCR|RESOLUTION|SECTION|PARA\w*|LIC|POC|LAW|REPORT|DTG|MSG|IIR|OSC|FBIS|TD|NOTE|"
    r"LETTER|DAILY|POINTS|ARTICLE|CHAPTER|CLAUSE|RULE|AGREEMENT|PROTOCOL|CONVENTION|PAGE|VERSION|APPENDIX|NO|NR|CASE|VISAS?|OF|ON|DATED|TO|FROM|FOR|"
    r"THROUGH|THRU|YOUR|UR|NUMBER|TELEGRAMS?|[A-Z]*TELS?|CABLES?|CIRCULAR|DOC(?:UMENT)?S?|TD(?:CS|FIR)|ANNEX|TREATY|BILL|"
    r"CONTRACT|[EPH]\.?\s?[OLR]|JAN\w*|FEB\w*|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG\w*|SEPT?\w*|OCT\w*|NOV\w*|"
    r"DEC\w*)\b"
)
"""Words that no post name has."""

_OF_SENDER = re.compile(r"^(?:OUR|MY|EMB|CON|CONGEN)\s?(?:TELS?|TELEGRAMS?|CABLES?)?$", re.I)
_OF_DEPARTMENT = re.compile(r"^DEP(?:T|ARTMENT)?(?:\s?OF\s?STATE)?\s?(?:TELS?)?$", re.I)
"""`OURTEL 12`, `EMBTEL 12`, `DEPTEL 12`: whose telegram, without naming the post."""

LONGEST_REFERENCE = 160
"""Characters of a printed MRN with all that may stand around it; longer text is something else."""

HIGHEST_SERIAL = 9_999_999

LONGEST_RANGE = 20
"""Telegrams; of a longer range only the ends are taken: more likely two serials than so many."""

OLDEST_CITED = 45
"""Years: two digits behind a serial that mean an earlier year are not a year."""

YEAR_BEFORE_FACTOR = 1.1
YEAR_BEFORE_MARGIN = 50
"""A serial of the own post so far above the own one was given in the year before."""


class Own(NamedTuple):
    """The referring telegram, as far as it is known."""

    year: int | None
    post: str | None
    serial: int | None


class Cited(NamedTuple):
    """Telegrams of one post and year: most often one, several for a range."""

    year: int | None
    rule: str | None
    post: str
    serials: tuple[int, ...]


def is_past(year: int, own: int | None) -> bool:
    """Whether a telegram of year `own` can cite one of `year`."""
    return own is None or own - OLDEST_CITED <= year <= own


def meant_year(digits: str) -> int:
    """Give the year of `06`, `O6`, `2006`, `'06`; of `094` the last two digits count."""
    digits = digits.upper().replace("O", "0")
    return int(digits) if len(digits) == 4 else full_year(int(digits[-2:]))


def _first(found: re.Match[str] | None) -> str | None:
    return next((one for one in found.groups() if one), None) if found else None


def read_cited(chunk: str, own: Own, listed: Cited | None = None) -> Cited | None:
    """Read one piece; null when it cites no telegram.

    `listed` is the telegram before in a list of serials (`OSLO 12, 13`): its post has been put
    before the serial, and its year holds on.
    """
    if len(chunk) > LONGEST_REFERENCE or AIRGRAM.search(chunk):
        return None
    chunk = _POINTER.sub("", chunk.replace(THOUSANDS, ""))
    swapped = _SERIAL_FIRST.match(chunk)
    if swapped and canonical_post(swapped["post"]) in codes():
        code, number = canonical_post(swapped["post"], own.year), int(swapped["serial"])
        return _dated(code, (number,), None, own, listed)
    dated = DATED.search(chunk)
    text = chunk[: dated.start()] if dated else chunk
    if DATE_TIME_GROUP.search(text):  # a date-time group names a message, not an MRN
        return None
    found = _CABLE.match(text)
    if not found:
        return None
    rest = found["rest"]
    serial, printed, rest = _serial_and_year(found, _FOOTNOTE.sub("", rest), own)
    if re.match(r"^\s*[/:]?\d", rest) or not 0 < serial <= HIGHEST_SERIAL:
        return None
    last = _RANGE.match(rest) or _SLASH.match(rest)
    code = _post(found["post"], meant_year(printed) if printed else own.year, own)
    if code not in codes() and (
        (dated and DATE_TIME_GROUP.search(dated[0]))
        or not _looks_like_post(found["post"], chunk)
        or re.match(r"^\s*[A-Za-z]", rest)
        or serial < 10
    ):
        return None
    year = _first(dated)
    if printed is None and year is not None and is_past(meant_year(year), own.year):
        printed = year
    serials = _range(serial, int(last[1]), last.re is _RANGE) if last else (serial,)
    return _dated(code, serials, printed, own, listed)


def _serial_and_year(found: re.Match[str], rest: str, own: Own) -> tuple[int, str | None, str]:
    """Give serial, year as printed, and what follows them."""
    serial = found["serial"]
    printed = found["year"] or found["inside"] or found["apostrophe"]
    if printed:
        return int(serial), printed, rest
    between = _YEAR_FIRST.match(rest)
    if (
        between
        and re.fullmatch(r"\d\d|(?:19|20)\d\d", serial)
        and is_past(meant_year(serial), own.year)
    ):
        return int(between["serial"]), serial, rest[between.end() :]
    behind = _YEAR_BEHIND.match(rest)
    digits = _first(behind)
    # `OSLO 12-14` in 2007: 2014 is to come, so it is a range.
    if behind and digits and is_past(meant_year(digits), own.year):
        return int(serial), digits, rest[behind.end() :]
    return int(serial), None, rest


def _range(first: int, last: int, is_range: bool) -> tuple[int, ...]:
    """Give the serials from first to last; `12345-47` leaves out what both have in common."""
    if last < first:
        last = int(str(first)[: -len(str(last))] + str(last)) if is_range else last
    if is_range and first < last < first + LONGEST_RANGE:
        return tuple(range(first, last + 1))
    return (first, last) if last != first else (first,)


def _post(named: str, year: int | None, own: Own) -> str:
    if _OF_SENDER.match(named) and own.post not in (None, "STATE"):
        return own.post or ""
    if _OF_DEPARTMENT.match(named):
        return "STATE"
    if named[-5:].upper() == "TOSEC":
        named = re.sub(r"^(?:SEC)?STATE\s+(?=TOSEC$)", "", named, flags=re.I)
    code = canonical_post(named, year)
    if code not in codes() and len(words := named.split()) == 2:
        # `GENEVA USTR` is USTR GENEVA.
        turned = canonical_post(f"{words[1]} {words[0]}", year)
        code = turned if turned in codes() else code
    return code


def _looks_like_post(named: str, chunk: str) -> bool:
    """Whether a name that no table knows may be a post's."""
    return (
        re.fullmatch(r"[A-Za-z][A-Za-z .'-]{2,24}", named) is not None
        and len(named.split()) <= 4
        and not NO_POST.search(named.upper())
        and kind_of(chunk) == "other"
    )


def _dated(
    code: str, serials: tuple[int, ...], printed: str | None, own: Own, listed: Cited | None
) -> Cited:
    """Add the year: the printed one, that of the list, the own one or the one before."""
    if printed:
        return Cited(meant_year(printed), "printed", code, serials)
    if listed is not None:
        return Cited(listed.year, listed.rule, code, serials)
    if own.year is None:
        return Cited(None, None, code, serials)
    if (
        own.serial is not None
        and code == own.post
        and serials[0] > own.serial * YEAR_BEFORE_FACTOR + YEAR_BEFORE_MARGIN
    ):
        return Cited(own.year - 1, "year_before", code, serials)
    return Cited(own.year, "own_year", code, serials)


KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"\bE-?\s?MAILS?\b", re.I)),
    ("telephone", re.compile(r"\b(?:TEL(?:E?CONS?|EPHONE)?|(?:PH|F)ONE?(?:\s?CONS?)?)\b", re.I)),
    ("web", re.compile(r"https?://|\bWWW\.|\bWEB\s?SITE\b", re.I)),
    ("memo", re.compile(r"\bMEMO(?:RANDUM|S)?\b", re.I)),
    ("meeting", re.compile(r"\bMEETING\b|\bCONVERSATION\b|\bMEMCON\b|\bMTG\b", re.I)),
    ("message", re.compile(r"\bMESSAGE\b|\bMSG\b|\bDTG\b|\b\d{6}\s?Z\b|\bFAX\b"
                           r"|\bDE R[A-Z]{6} #?\d{3,4} \d{7}\b", re.I)),
    ("report", re.compile(r"\b(?:REPORTS?|IIR|FBIS|OSC|TD(?:[-X]\S*|CS|FIR))\b", re.I)),
    ("report", re.compile(r"\b(?:SITREP|BRIEF|INCSR)\b", re.I)),
    ("report", re.compile(r"\b(?:DAILY|POINTS)\b", re.I)),
)  # fmt: skip
"""Kinds of what is not a telegram, the first match counts."""


def kind_of(text: str) -> str:
    """Give the kind of a reference that is no telegram."""
    return next((kind for kind, pattern in KINDS if pattern.search(text)), "other")
