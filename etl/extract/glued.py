"""Several raw telegrams in one file, one behind the other → the bytes of each.

    BT
    #0123
    NNNN

    VZCZCXRO9897
    RR RUEHC
    DE RUEHTA #3154 3231310

A new one begins where, behind the end of a message, a transmission heading stands whose `DE` line
names another station, serial or day than that of the telegram before. The same ones stand there
when sections of one telegram were sent one after the other, or one telegram twice: `etl.parse`
knows headings that stand again. Where one of the two has no `DE` line that can be read, nothing
is cut, nor where a text only quotes an `NNNN`.

So do pages saved as text into one file, each of which begins with its title:

    Viewing cable 99NEWTOWN42, MINISTER BLUE AND THE HARBOR

Not here: that the file is a raw telegram at all (`etl.extract.dialect`).
"""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

_BEGIN = rb"(?:^|(?<=[\r\v]))"
_DIRT = rb"[^0-9A-Za-z\r\n\v]*+"
"""Blanks, control bytes, byte order marks, rules: whatever is no word, within one line."""
_LINE_END = rb"(?:\r\n|[\r\n\v])"
_LAST = rb"(?:N{4,}+|(?<=\#)\d{3,6})"
"""Last line of a message: `NNNN`, or the `#0123` before it where it is cut off."""

_BETWEEN = re.compile(
    rb"%(begin)b %(dirt)b %(last)b %(dirt)b %(end)b (?: %(dirt)b %(end)b )*+"
    rb"(?= %(dirt)b (?: V?ZCZC | (?: [ZOPRYM]{1,2} | DE ) [\ \t]++ R[A-Z]{3,7} \b ) )"
    % {b"begin": _BEGIN, b"dirt": _DIRT, b"last": _LAST, b"end": _LINE_END},
    re.VERBOSE | re.MULTILINE,
)
"""From the last line of a message to the next one's heading: `VZCZC…`, `RR RUEHC`, `DE RUEHTA`."""

_STATION = re.compile(
    rb"""
    %(begin)b %(dirt)b (?:
        DE [\ \t]++ (?P<station> R[A-Z]{3,7} ) [\ \t]++ (?: \# [\ \t]*+ )? (?P<serial> \d{1,6} ) \b
          (?: [\ \t]*+ / [\ \t]*+ \d++ )?           # section: DE RUEHTA #3153/02 3231204
          (?: [\ \t]++ (?P<day> \d{3} ) )?
      | (?: BT | %(last)b ) %(dirt)b (?: [\r\n\v] | \Z )
    )
    """
    % {b"begin": _BEGIN, b"dirt": _DIRT, b"last": _LAST},
    re.VERBOSE | re.MULTILINE,
)
"""The line that says who sent which telegram when, or one with which the heading has ended."""

_NUMBERED = re.compile(rb"DE[ \t]++R[A-Z]{3,7}[ \t]++(?:#[ \t]*+)?\d")
"""A cheap look for such lines: it takes a thirtieth of the time of the others."""

_HEADING_BYTES = 8 * 1024
"""In which the `DE` line stands: where all posts are addressed, 2,500 of indicators precede it."""

_DAYS_APART = (0, 1, 364, 365)
"""Between sections, or a telegram and its repeat; the days of the year begin anew in January."""


class _Sent(NamedTuple):
    """What a `DE` line says."""

    station: bytes
    serial: int
    day: int | None

    def is_same(self, other: "_Sent") -> bool:
        if (self.station, self.serial) != (other.station, other.serial):
            return False
        return self.day is None or other.day is None or abs(self.day - other.day) in _DAYS_APART


def telegrams_in(data: bytes) -> list[bytes]:
    """Give the bytes of each telegram, in order; joined, they are the data again.

    `data` is a text in which ASCII is ASCII. What stands between two telegrams is the first one's.
    """
    if len(list(islice(_NUMBERED.finditer(data), 2))) < 2:  # nearly always
        return [data]
    cuts: list[int] = [0]
    sent: _Sent | None = None
    for between in _BETWEEN.finditer(data):
        after = between.end()
        following = next(_stations(data, after, after + _HEADING_BYTES), None)
        if following is None:
            continue
        if sent is None:
            before = _stations(data, cuts[-1], between.start())
            sent = next((station for station in before if station), following)
        if not sent.is_same(following):
            cuts.append(after)
            sent = following
    return [data[begin:end] for begin, end in pairwise([*cuts, len(data)])]


_PAGE_LABEL = re.compile(
    rb"^[ \t]*(?:Reference ID|Identifier|Cable ID)\b", re.MULTILINE | re.IGNORECASE
)
"""Behind a title it shows a page; a mere mention has none."""

_PAGE = re.compile(rb"^[ \t]*Viewing cable[ \t]+(?P<id>\d{2}[A-Z]{3,}\d+[A-Z]?),", re.MULTILINE)


def pages_in(data: bytes) -> list[bytes]:
    """Give the bytes of each page in a text of several, in order; joined, they are the data."""
    if data.count(b"Viewing cable") < 2:
        return [data]
    titles = list(_PAGE.finditer(data))
    ends = [title.start() for title in titles[1:]] + [len(data)]
    cuts = [0]
    last = None
    for title, end in zip(titles, ends, strict=True):
        if title["id"] == last or not _PAGE_LABEL.search(data, title.end(), end):
            continue
        if last is not None:
            cuts.append(title.start())
        last = title["id"]
    return [data[begin:end] for begin, end in pairwise([*cuts, len(data)])]


def _stations(data: bytes, begin: int, end: int) -> Iterator[_Sent | None]:
    """Give what the `DE` lines say, and null for each line with which a heading has ended."""
    for line in _STATION.finditer(data, begin, end):
        day = line["day"]
        yield (
            _Sent(line["station"], int(line["serial"]), int(day) if day else None)
            if line["station"]
            else None
        )
