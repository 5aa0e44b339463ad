r"""Archive text: a telegram of the State Department's archive of 1973-79, one text file each.

    Message Text

    PAGE 01        NAIROB  09916  141012Z
    ...
    Message Attributes

    Automatic Decaptioning: X
    Draft Date: 14 MAR 1975
    Document Number: 1975NAIROB09916
    Original Classification: LIMITED OFFICIAL USE
    ...

Pages of a site that shows the archive have the body first, then all of it, and the attributes
behind dashes:

    Show Headers
    1. SEAL MAY NOW TRAVEL.
    ...
    NNN
    CONFIDENTIAL
    PAGE 01 NAIROB 09916 141012Z
    ...
    NNN
    ---
    Capture Date: 01 JAN 1994

The telegram is kept as received in `body_text`; the attributes, typed in by indexers, go to
`attributes` in their order. Review stamps ("Declassified/Released US Department of State EO
Systematic Review 30 JUN 2005"), title lines and page headings of the archive are nobody's
telegram: they go to `cover_text`, so that no line is lost.

Of 2,081,272 telegrams some 127,000 have no text, only the message of a failed program, and others
lie on microfilm alone: they are read too, with an empty body.
"""

import re
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from etl.extract.documents import Reading
from etl.extract.raw_telegram import first_line

KNOWN_KEYS = (
    *("Automatic Decaptioning", "Capture Date", "Channel Indicators", "Current Classification"),
    *("Concepts", "Control Number", "Copy", "Draft Date", "Decaption Date", "Decaption Note"),
    *("Disposition Action", "Disposition Approved on Date", "Disposition Authority"),
    *("Disposition Case Number", "Disposition Comment", "Disposition Date", "Disposition Event"),
    *("Disposition History", "Disposition Reason", "Disposition Remarks", "Document Number"),
    *("Document Source", "Document Unique ID", "Drafter", "Enclosure", "Executive Order"),
    *("Errors", "Film Number", "Format", "From", "Handling Restrictions", "Image Path"),
    *("ISecure", "Legacy Key", "Line Count", "Litigation Code Aides", "Litigation Codes"),
    *("Litigation History", "Locator", "Message ID", "Office", "Original Classification"),
    *("Original Handling Restrictions", "Original Previous Classification"),
    *("Original Previous Handling Restrictions", "Page Count", "Previous Channel Indicators"),
    *("Previous Classification", "Previous Handling Restrictions", "Reference", "Retention"),
    *("Review Action", "Review Authority", "Review Comment", "Review Content Flags"),
    *("Review Date", "Review Event", "Review Exemptions", "Review History", "Review Markings"),
    *("Review Media Identifier", "Review Referrals", "Review Release Date"),
    *("Review Release Event", "Review Transfer Date", "Review Withdrawn Fields", "SAS ID"),
    *("Secure", "Sent Date", "Status", "Subject", "TAGS", "To", "Type", "Vdkvgwkey"),
    *("vdkvgwkey", "Markings"),
)
"""Keys of the archive: 69, and those of single years. No document has to have them all."""

ENOUGH_KEYS = 3
"""Known keys under the heading that make a text an archive text."""

_HEADING = re.compile(r"[ \t\f]*Message (Text|Attributes)[ \t]*:?[ \t]*")
_KNOWN = frozenset(KNOWN_KEYS)
# A key that nobody listed: two to six words, each with a capital and small letters, or a joining
# word or an abbreviation among them. Texts of the time are in capitals; their labels are no keys.
_WORD = r"(?:[A-Z][a-z]+|[A-Z]{2,4})"
_UNKNOWN_KEY = re.compile(
    rf"(?=[^:]*[a-z]){_WORD}(?:[ ](?:of|on|by|for|to|and|in)|[ ]{_WORD}){{1,5}}"
)
_KEY_LENGTH = 60
_NONE = re.compile(r"(?:n/a)?|0?1[ -]jan[ -]1960(?:\s+12:00(?::00)?\s*am)?", re.IGNORECASE)
_DATE = re.compile(
    r"(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4})(?:\s+(\d{1,2}):(\d\d)(?::\d\d)?\s*([ap])m)?",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# Stamps stand on lines of their own, on one line or wrapped anywhere between two words.
_STAMP = re.compile(
    r"""
    [ \t\f]* (?:
        (?: Margaret \s+ P\. \s+ Grafeld \s+ | Sheryl \s+ P\. \s+ Walter \s+
          | [A-Z][\w.'-]* (?:[ ][A-Z][\w.'-]*){1,3} [ ]+ )?
        Declassified/Released \s+ US \s+ Department \s+ of \s+ State
        \s+ EO \s+ Systematic \s+ Review (?: \s+ \d{1,2} [ -]+ [A-Z]{3} [ -]+ \d{4} )?
      | \*{3} [ \t]* Current [ ] (?:Classification|Handling [ ] Restrictions) \b .*
      | <<? [ \t]* END [ ] OF [ ] DOCUMENT [ \t]* >>?
      | (?-i:Page) [ ] \d{1,3} (?:[ ] of [ ] \d{1,3})?
    ) [ \t\f]*$
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_STAMP_WORDS = ("declassified/released", "*** current", "end of document", "page ")
_WHOLE_STAMP = re.compile(r"Systematic Review \d", re.IGNORECASE)
_NO_TEXT = re.compile(
    r"\W*(?:ERROR READING TEXT INDEX|EXPAND ERROR ENCOUNTERED)\b.*"
    r"|\W*(?:UNCLASSIFIED|LIMITED OFFICIAL USE|CONFIDENTIAL|SECRET|TOP SECRET)\W*|N{3,}|\W*",
    re.IGNORECASE,
)
_SENTENCE_ENDS = (".", "!", "?", ":", '"', ")")


_BODY_FIRST = "Show Headers"
_FIRST_PAGE = re.compile(
    r"\s*PAGE\s+0?1(?:\s+[A-Z .'-]+\s\d{4,6}(?:\s+0?1\s+OF\s+\d{1,2})?(?:\s+\d{6}\s?Z)?)?\s*"
)
"""`PAGE 01 LAGOS 06633 01 OF 03 121755Z`: first page of the first section; post and number may
stand on the next line."""

_BANNER = re.compile(r"\s*(?:UNCLASSIFIED|LIMITED OFFICIAL USE|CONFIDENTIAL|SECRET)\b.{0,20}")


_WORDS = ("Message Attributes", "Message Text", _BODY_FIRST, "\nCapture Date:")
"""One of them stands in every such text: a cheap look."""


class _Parts(NamedTuple):
    """Lines of a document: before its headings, under them; null where a part is missing."""

    before: list[str]
    text: list[str] | None
    attributes: list[str] | None


def is_archive_text(text: str) -> bool:
    """Tell whether a text has the archive's headings.

    Either `Message Attributes`, or dashes, with three known keys under it or, where the attributes
    were cut off, a telegram under `Message Text` or `Show Headers`. The words in a telegram's
    capitals are no headings.
    """
    if not any(word in text for word in _WORDS):
        return False
    return _parts(text.split("\n")) is not None


def archive_text(text: str) -> Reading:
    """Read one document of the archive; `is_archive_text` must have said yes.

    `body_text` is empty where the text is missing, where only the error of a program stands for
    it, or where the Locator attribute says that it is not on-line and no telegram is there.
    `attributes` is empty where the part is missing. The created time is the draft date, else
    the sent date, in both cases at midnight.
    """
    parts = _parts(text.split("\n")) or _Parts([], text.split("\n"), None)
    attributes, left_over = _attributes(parts.attributes or [], parts.before)
    said = {name: value for name, value in reversed(attributes) if value}
    body, stamps = _without_stamps(parts.text or [])
    cover = [line for line in parts.before if line.strip()]
    if not _has_text(body, said.get("Locator")):
        stamps = [line for line in parts.text or [] if line.strip()]
        body = []
    cover += [*stamps, *left_over]
    level = said.get("Original Classification")
    handling = said.get("Original Handling Restrictions") or said.get("Handling Restrictions")
    caveats = [word.strip() for word in re.split(r"[,;/]+", handling or "") if word.strip()]
    return Reading(
        "archive_text",
        body_text="\n".join(body),
        cover_text="\n".join(cover) if cover else None,
        published_id=said.get("Document Number"),
        created=_moment(said.get("Draft Date")) or _moment(said.get("Sent Date")),
        published_classification="//".join([level, *caveats]) if level else None,
        published_origin=said.get("From"),
        published_subject=said.get("Subject"),
        attributes=[{"name": name, "value": value} for name, value in attributes],
    )


def _parts(lines: Sequence[str]) -> _Parts | None:
    """Cut a document at its headings; null when it is none of the archive.

    The parts come in either order. Lines before the first heading are the text when they hold a
    telegram and no `Message Text` heading stands anywhere.
    """
    headings = [
        (index, heading[1])
        for index, line in enumerate(lines)
        if "Message " in line and (heading := _HEADING.fullmatch(line))
    ]
    if not headings:
        return _page_parts(lines)
    ends = [index for index, _ in headings[1:]] + [len(lines)]
    described = [
        index
        for (index, name), end in zip(headings, ends, strict=True)
        if name == "Attributes" and _holds_keys(lines[index + 1 : end])
    ]
    texts = [index for index, name in headings if name == "Text"]
    if not described:
        solid = [index for index, line in enumerate(lines[:40]) if line.strip()][:5]
        if not texts or texts[0] not in solid or first_line(lines, texts[0] + 1) is None:
            return None
        return _Parts(list(lines[: texts[0]]), list(lines[texts[0] + 1 :]), None)
    at = described[-1]
    if texts and texts[0] < at:
        begin = texts[0]
        return _Parts(list(lines[:begin]), list(lines[begin + 1 : at]), list(lines[at + 1 :]))
    if texts:
        begin = texts[0]
        return _Parts(list(lines[:at]), list(lines[begin + 1 :]), list(lines[at + 1 : begin]))
    if first_line(lines[:at]) is not None:
        return _Parts([], list(lines[:at]), list(lines[at + 1 :]))
    return _Parts(list(lines[:at]), None, list(lines[at + 1 :]))


def _page_parts(lines: Sequence[str]) -> _Parts | None:
    """Cut the text of a site's page: what stands before the telegram's first page is its cover."""
    shown = next((i for i, line in enumerate(lines) if line.strip() == _BODY_FIRST), None)
    begin = 0 if shown is None else shown + 1
    dashes = (i for i in range(begin, len(lines)) if lines[i].strip() == "---")
    at = next((i for i in dashes if _holds_keys(lines[i + 1 : i + 12])), None)
    if shown is None and at is None:
        return None
    end = len(lines) if at is None else at
    first = next((i for i in range(begin, end) if _FIRST_PAGE.fullmatch(lines[i])), None)
    if first is None and (at is None or first_line(lines[begin:end]) is None):
        return None
    if first is not None:
        # The banner of the first page stands above its number, another's end above that.
        begin = first - 1 if first > begin and _BANNER.fullmatch(lines[first - 1]) else first
    elif shown is None:
        begin = 0
    attributes = None if at is None else list(lines[at + 1 :])
    return _Parts(list(lines[:begin]), list(lines[begin:end]), attributes)


def _attributes(
    lines: Sequence[str], title: Sequence[str]
) -> tuple[list[tuple[str, str | None]], list[str]]:
    """Give the attributes in order, and the lines that belong to none (page headings).

    A line without a key goes on with the value above it. Keys stand in the column of the first
    one, and each stands once: what looks like one and does not, is text of a value.
    """
    titles = {line.strip() for line in title if line.strip()}
    stamped = _stamped(lines)
    found: list[tuple[str, list[str]]] = []
    left_over: list[str] = []
    seen: set[str] = set()
    indent = 0
    for index, line in enumerate(lines):
        if index in stamped and not _awaits_stamp(found):
            left_over.append(line)
            continue
        key, column, value = _key(line)
        if key and not found:
            indent = column
        if key and key not in seen and column == indent and (found or key in _KNOWN):
            seen.add(key)
            found.append((key, value.split()))
        elif found and line.strip() not in titles:
            found[-1][1].extend(line.split())
        elif line.strip():
            left_over.append(line)
    return [(name, _value(" ".join(words))) for name, words in found], left_over


def _awaits_stamp(found: Sequence[tuple[str, list[str]]]) -> bool:
    """Tell whether the last attribute holds a stamp (Review Markings) that is not whole yet."""
    if not found or not found[-1][0].endswith("Markings"):
        return False
    return _WHOLE_STAMP.search(" ".join(found[-1][1])) is None


def _key(line: str) -> tuple[str | None, int, str]:
    """Give the key that a line begins with (null where with none), its column, and the value.

    A listed key may be followed by anything, another one by a blank or nothing. A form feed takes
    no column.
    """
    head, colon, value = line.partition(":")
    key = head.strip(" \t\f")
    if not colon or not key or len(key) > _KEY_LENGTH:
        return None, 0, ""
    ends = not value or value[0].isspace()
    if key not in _KNOWN and not (ends and _UNKNOWN_KEY.fullmatch(key)):
        return None, 0, ""
    indent = head[: head.index(key[0])].replace("\f", "").expandtabs()
    return key, len(indent), value


def _holds_keys(lines: Sequence[str]) -> bool:
    """Tell whether enough known keys stand on these lines."""
    known = (True for line in lines if line.partition(":")[0].strip(" \t\f") in _KNOWN)
    return sum(islice(known, ENOUGH_KEYS)) == ENOUGH_KEYS


def _value(folded: str) -> str | None:
    return None if _NONE.fullmatch(folded) else folded


def _moment(printed: str | None) -> str | None:
    """Give a date (`01 JAN 1974`, `01-Jan-1974 12:00:00 am`) as `1974-01-01 00:00`."""
    found = _DATE.fullmatch(printed or "")
    if not found or found[2].lower() not in _MONTHS:
        return None
    month = _MONTHS.index(found[2].lower()) + 1
    hour = int(found[4] or 12) % 12 + (12 if (found[6] or "a").lower() == "p" else 0)
    return f"{found[3]}-{month:02d}-{int(found[1]):02d} {hour:02d}:{found[5] or '00'}"


def _stamped(lines: Sequence[str]) -> set[int]:
    """Give the indexes of the lines that are review stamps or page headings.

    Looks only around the lines that hold a stamp's word: a stamp has at most twelve lines, and
    at most three of them before its first word.
    """
    stamped: set[int] = set()
    lowered = "\n".join(lines).lower()
    if not any(word in lowered for word in _STAMP_WORDS):
        return stamped
    for index, line in enumerate(lowered.split("\n")):
        if index in stamped or not any(word in line for word in _STAMP_WORDS):
            continue
        for begin in range(max(index - 3, 0), index + 1):
            stamp = _STAMP.match("\n".join(lines[begin : index + 12]))
            end = begin + stamp.group().count("\n") if stamp else -1
            if end >= index:
                stamped.update(range(begin, end + 1))
                break
    return stamped


def _without_stamps(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell the text's lines from the stamps.

    A page heading in mid-sentence takes the blank lines around it along: they are the page's,
    and would cut a paragraph in two.
    """
    taken = _stamped(lines)
    if not taken:
        return list(lines), []
    solid = [index for index, line in enumerate(lines) if line.strip() and index not in taken]
    for before, behind in pairwise(solid):
        between = range(before + 1, behind)
        if taken.intersection(between) and not lines[before].rstrip().endswith(_SENTENCE_ENDS):
            taken.update(between)
    text = [line for index, line in enumerate(lines) if index not in taken]
    return text, [line for index, line in enumerate(lines) if index in taken]


def _has_text(body: Sequence[str], locator: str | None) -> bool:
    """Tell whether there is a telegram: more than banners and the error of a program.

    Where the Locator names no on-line text, only a telegram counts, no note that stands for it.
    """
    if all(_NO_TEXT.fullmatch(line) for line in body):
        return False
    on_line = locator is None or re.search(r"(?<!NOT )ON-?LINE", locator.upper()) is not None
    return on_line or first_line(body) is not None
