"""Web extract: the text of a page that somebody copied out of a browser.

The page's table has fallen apart into lines, and the page's words stand before the telegram:

    Identifier
    Created
    Classification
    Origin
    05ALMATY2439
    2005-06-30 09:28:00
    UNCLASSIFIED//FOR OFFICIAL USE ONLY
    US Office Almaty
    Cable title:
    KAZAKHSTAN READY TO ENGAGE ON UZBEK REFUGEES AND
    Tags:     PREF  PHUM  PREL  KZ
    pdf how-to read a cable
    This record is a partial extract of the original cable. The full text ...
    UNCLAS ALMATY 002439

Or the labels stand in one line and their values in the next, where the table had blanks for tabs;
cells of two lines are wrapped there.

    Reference ID Created Released Classification Origin
    1999-02-14 2010-11-28 Embassy New
    99NEWTOWN42 UNCLASSIFIED
    18:06 18:06 Town

A widely used copy of the release in text files has the values alone, and header and body run
together:

    07EXAMPLEVILLE42
    MINISTER BLUE AND THE HARBOR
    Wed Feb 14 00:00:00 +0100 2007
    UNCLASSIFIED
    Embassy Exampleville
    R 141204Z FEB 07
    ...
    AMEMBASSY TOKYO 0335UNCLAS EXAMPLEVILLE 000042

All lines before the telegram's first go to `cover_text`, the rest to `body_text`; the two joined
with a newline are the document again. The telegram's own header may be in the body twice. A header
that the body is run on to goes to `header_text`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from etl.extract.documents import NotATelegram, Reading
from etl.extract.raw_telegram import SEARCHED_LINES, first_line, header_apart

_LABELS = {
    "identifier": "published_id",
    "reference id": "published_id",
    "cable id": "published_id",
    "canonical id": "published_id",
    "created": "created",
    "date": "created",
    "released": "released",
    "classification": "published_classification",
    "origin": "published_origin",
}
_LABEL = re.compile(rf"({'|'.join(_LABELS)})\s*(:?)\s*(.*)", re.IGNORECASE | re.DOTALL)
_COVER_LINES = 60
"""Lines in which the labels stand: a cover has some 20."""
_SHAPES = {  # what a value must look like, so that one missing value does not shift the others
    "published_id": re.compile(r"\d{2,4}[A-Z][A-Z0-9_ .-]*\d[A-Z]?$", re.IGNORECASE),
    "created": re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}"),
    "released": re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}"),
    "published_classification": re.compile(
        r"(?:UNCLAS|CONFIDENTIAL|SECRET|TOP SECRET|LIMITED)", re.IGNORECASE
    ),
    "published_origin": re.compile(r"[^\d]"),
}
_ROW = re.compile(
    r"[ ]*Reference ID[ ]+Created(?P<released>[ ]+Released)?[ ]+Classification[ ]+Origin[ \r]*",
    re.IGNORECASE,
)
_ROW_VALUES = {
    "published_id": re.compile(r"\b\d{2}[A-Z]{3,}\d+[A-Z]?\b"),
    "published_classification": re.compile(
        r"\b(?:UNCLASSIFIED(?://FOR OFFICIAL USE ONLY)?|CONFIDENTIAL|SECRET|TOP SECRET)"
        r"(?://NOFORN)?\b"
    ),
    "created": re.compile(r"\b\d{4}-\d\d-\d\d\b"),
    "time": re.compile(r"\b\d\d:\d\d(?::\d\d)?\b"),
}
_ROW_LINES = 4
_PARTIAL_EXTRACT = re.compile(r"\s*This record is a partial extract of the original cable")
_COVER_ENDS = re.compile(
    r"\s*(?:Tags:|pdf\b.*how-?\s?to read|how-?\s?to read a cable|Cable title:)", re.IGNORECASE
)
_TITLE = re.compile(
    r"\s*(?:(?:cable\s+)?title:|Viewing cable\s+[^,]+,)\s*(.*)", re.IGNORECASE | re.DOTALL
)


_LISTED = (
    re.compile(r"\d{2}[A-Z]+\d+[A-Z]?"),
    re.compile(r".*"),
    re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d [+-]\d{4} \d{4}"),
    re.compile(r"(?:UNCLASSIFIED|CONFIDENTIAL|SECRET|TOP SECRET|LIMITED OFFICIAL USE)(?://.*)?"),
    re.compile(r"\S.*"),
)
"""Number, title, day, classification, origin: each on a line of its own, without a label."""


def is_listed(lines: Sequence[str]) -> bool:
    """Tell whether the text begins with the five values of a page, one a line, without labels."""
    head = [line.strip() for line in lines[: len(_LISTED)]]
    return len(head) == len(_LISTED) and all(
        shape.fullmatch(line) for shape, line in zip(_LISTED, head, strict=True)
    )


def is_web_extract(lines: Sequence[str]) -> bool:
    """Tell whether the text begins with the page's labels: two different ones are enough."""
    if _row(lines) is not None:
        return True
    telegram = first_line(lines[:_COVER_LINES])
    found: set[str] = set()
    for _, cell in _cells(lines[:_COVER_LINES] if telegram is None else lines[: telegram + 1]):
        label = _LABEL.fullmatch(cell)
        if label and (label[2] or not label[3]):
            found.add(_LABELS[label[1].lower()])
            if len(found) > 1:
                return True
    return False


def web_extract(text: str) -> Reading:
    """Read a text whose page labels stand before the telegram.

    A label without a value of its shape gives null. Raises `NotATelegram` when no telegram
    follows the cover.
    """
    head = text.split("\n", 2 * SEARCHED_LINES)[: 2 * SEARCHED_LINES]
    published, covered = _published(head)
    begin = _telegram_begins(head, covered)
    if begin is None:
        raise NotATelegram(
            f"web extract without a telegram: labels end at line {covered}, but no header, "
            f"classification or TAGS line follows in the next {SEARCHED_LINES} lines"
        )
    cover = "\n".join(head[:begin])
    header, body = header_apart(text[len(cover) + 1 :])
    return Reading(
        "web_extract",
        cover_text=cover,
        header_text=header,
        body_text=body,
        published_id=published.get("published_id"),
        created=published.get("created"),
        published_classification=published.get("published_classification"),
        published_origin=published.get("published_origin"),
        published_subject=_title(head[covered:begin]),
    )


def listed(text: str) -> Reading:
    """Read a text that begins with the five values of a page; `is_listed` must have said yes.

    The created time is the day at midnight. Raises `NotATelegram` when no text stands behind.
    """
    *values, rest = [*text.split("\n", len(_LISTED)), ""][: len(_LISTED) + 1]
    number, title, day, level, origin = (value.strip() for value in values)
    if not rest.strip():
        raise NotATelegram(f"web extract without a telegram: nothing behind line {len(_LISTED)}")
    header, body = header_apart(rest)
    return Reading(
        "web_extract",
        cover_text="\n".join(values),
        header_text=header,
        body_text=body,
        published_id=number,
        created=f"{datetime.strptime(day, '%a %b %d %H:%M:%S %z %Y'):%Y-%m-%d} 00:00",
        published_classification=level,
        published_origin=origin,
        published_subject=title or None,
    )


def _cells(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give the non-blank cells with the index of their line: a copied table has tabs."""
    for index, line in enumerate(lines):
        for cell in line.split("\t"):
            if cell.strip():
                yield index, cell.strip()


def _published(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """Give what the labels say, and the number of lines that labels and values take up.

    Reads the three orders that pages fall apart into: all labels and then all values, each label
    and its value in turn, `Label: value`.
    """
    if (row := _row(lines)) is not None:
        return row
    values: dict[str, str] = {}
    waiting: list[str] = []
    covered = 0
    for index, cell in _cells(lines[:_COVER_LINES]):
        label = _LABEL.fullmatch(cell)
        if label and label[3] and not label[2]:
            label = None  # "Classification guide": words that begin like a label
        if label and label[3]:
            _put(values, _LABELS[label[1].lower()], label[3])
        elif label:
            waiting.append(_LABELS[label[1].lower()])
        elif waiting:
            _put(values, waiting.pop(0), cell)
        elif values:
            break
        else:
            continue  # the site's name or menu before the table
        covered = index + 1
    return values, covered


def _row(lines: Sequence[str]) -> tuple[dict[str, str], int] | None:
    """Read a row of values below a row of labels; null where no such rows stand."""
    rows = ((index, _ROW.fullmatch(line)) for index, line in enumerate(lines[:_COVER_LINES]))
    index, labels = next((row for row in rows if row[1]), (0, None))
    if labels is None:
        return None
    times = 2 if labels["released"] else 1
    for end in range(index + 2, min(index + 2 + _ROW_LINES, len(lines) + 1)):
        rest = " ".join(" ".join(lines[index + 1 : end]).split())
        found = {name: shape.findall(rest) for name, shape in _ROW_VALUES.items()}
        if not all(found.values()) or len(found["time"]) < times or len(found["created"]) < times:
            continue
        for shape in _ROW_VALUES.values():
            rest = shape.sub("", rest)
        values = {name: said[0] for name, said in found.items()}
        values["created"] += " " + values.pop("time")
        if origin := " ".join(rest.split()):
            values["published_origin"] = origin
        return values, end
    return None


def _put(values: dict[str, str], name: str, value: str) -> None:
    if name not in values and _SHAPES[name].match(value):
        values[name] = value


def _telegram_begins(lines: Sequence[str], covered: int) -> int | None:
    """Give the index of the telegram's first line: after the labels and the page's left-overs."""
    begin = covered
    for index in range(covered, min(len(lines), covered + _COVER_LINES)):
        if _PARTIAL_EXTRACT.match(lines[index]):
            following = index + 1
            while following < len(lines) and not lines[following].strip():
                following += 1
            return following if following < len(lines) else None
        if _COVER_ENDS.match(lines[index]) and not lines[index].startswith("TAGS"):
            begin = index + 1
    telegram = first_line(lines, begin)
    return telegram if telegram is not None else first_line(lines, covered)


def _title(cover: Sequence[str]) -> str | None:
    """Give the page's title: after its label, else the first line that is not a left-over."""
    lines = [line.strip() for line in cover if line.strip()]
    for index, line in enumerate(lines):
        titled = _TITLE.match(line)
        if titled and titled[1]:
            return titled[1].strip()
        if titled and index + 1 < len(lines):
            lines = lines[index + 1 :]
            break
    if not lines or _COVER_ENDS.match(lines[0]) or _PARTIAL_EXTRACT.match(lines[0]):
        return None
    return lines[0]
