"""Release page: a page of the public release of 2010–11, one telegram each.

    <h3>Viewing cable 05BRASILIA1660, TITLE</h3>
    <table class='cable'> <th>Reference ID</th> ... <td><a href='…'>05BRASILIA1660</a></td> ...
    <code><pre>VZCZCXRO3110&#x000A;PP RUEHAG ...</pre></code>      the transmission header
    <code><pre>UNCLAS SECTION 01 OF 04 ...</pre></code>            the telegram's text

All 1,295 pages measured have two blocks; on the 92 partial extracts the first holds only the
sentence that says so, and is kept as header. Four fifths of a page are menus, so the page is cut
with patterns at the few places that matter (90 µs a page, where lexbor takes 245 to parse all of
it), and a page that breaks off anywhere can still be read up to there. The tests hold the result
against an HTML parser's.

Created is given as printed: its minutes are wrong on every page (they repeat the hour).
"""

import html
import re

from etl.extract.documents import NotATelegram, Reading
from etl.extract.encoding import normalise
from etl.extract.raw_telegram import SEARCHED_LINES, first_line

_IS_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|pre|table)\b", re.IGNORECASE)
_PAGE_STARTS = 4096
_PRE_OPENS = re.compile(r"<[pP][rR][eE](?:\s[^<>]*+)?>")
_PRE_CLOSES = re.compile(r"</[pP][rR][eE]\s*>")
_CELL = re.compile(r"<[tT]([hHdD])\b[^<>]*+>(.*?)(?=</?[tT][hHdDrR]\b|</[tT][aA]|\Z)", re.DOTALL)
_TITLE = re.compile(r"Viewing cable\s+([^\s,<]+),?([^<]{0,2000})")
_LABELS = {
    "reference id": "published_id",
    "created": "created",
    "released": "released",
    "classification": "published_classification",
    "origin": "published_origin",
}

# Only HTML's own inline tags: `<j.doe@example.org>` in a telegram is text, whatever a browser
# makes of it.
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|code|del|div|em|font|h[1-6]|i|ins|li|mark|ol|p|q|s|small|span|strike"
    r"|strong|sub|sup|tt|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_CUT_OFF = re.compile(r"(?:<[^<>]*|&(?:#[xX]?[0-9a-fA-F]*|[a-z]{0,7}))\Z")
_CUT_OFF_CHARACTERS = 200
# With the semicolon only: the pages print a bare & for an ampersand, and HTML's rules would make
# "AT>E" of "AT&GTE".
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def is_release_page(text: str) -> bool:
    """Tell whether the text is HTML: by its start, or by a `<pre>` that holds a telegram."""
    return (
        _IS_PAGE.search(text, 0, _PAGE_STARTS) is not None
        or ("<" in text and _PRE_OPENS.search(text) is not None)
        or text.lstrip().startswith("<?xml")
    )


def release_page(text: str) -> Reading:
    """Read one page; table, title and first block may be missing.

    Raises `NotATelegram` when no `<pre>` block holds text of a telegram.
    """
    blocks, begin = _blocks(text)
    published = _table(text, begin)
    title = _TITLE.search(text, max(text.rfind("Viewing cable", 0, begin), 0), begin)
    header, body = _parts(blocks, trusted=bool(published))
    return Reading(
        "release_page",
        body_text=body,
        header_text=header,
        published_id=published.get("published_id") or (title[1] if title else None),
        created=published.get("created"),
        published_classification=published.get("published_classification"),
        published_origin=published.get("published_origin"),
        published_subject=(_flat(title[2]) or None) if title else None,
    )


def _blocks(text: str) -> tuple[list[str], int]:
    """Give the text of the `<pre>` blocks, and where the first begins (else the text's end)."""
    blocks: list[str] = []
    first = len(text)
    position = 0
    while opening := _PRE_OPENS.search(text, position):
        first = min(first, opening.start())
        closing = _PRE_CLOSES.search(text, opening.end())
        position = closing.start() if closing else len(text)
        blocks.append(_text(text[opening.end() : position], is_cut_off=closing is None))
    return blocks, first


def _parts(blocks: list[str], *, trusted: bool) -> tuple[str | None, str]:
    """Tell header and body apart; where the page has no table, some block must be a telegram."""
    filled = [block for block in blocks if block.strip()]
    if not filled:
        raise NotATelegram(
            "HTML page without a filled <pre> block: another kind of page, or cut off before its "
            "telegram; fetch it again, or save the telegram as plain text"
        )
    is_telegram = [
        first_line(block.split("\n", SEARCHED_LINES)[:SEARCHED_LINES]) is not None
        for block in filled
    ]
    if len(filled) > 1 and (trusted or any(is_telegram)):
        return filled[0], "\n".join(filled[1:])
    if is_telegram[0]:
        return None, filled[0]
    raise NotATelegram(
        f"HTML page whose {len(filled)} <pre> block(s) hold no header, classification or TAGS "
        f"line in their first {SEARCHED_LINES} lines: another kind of page, or cut off before "
        "its telegram; fetch it again"
    )


def _table(text: str, end: int) -> dict[str, str]:
    """Give the values of the table before the telegram by their labels, where it has them."""
    begin = text.rfind("<table", 0, end)
    if begin < 0:
        begin = text.rfind("<TABLE", 0, end)
    if begin < 0:
        return {}
    cells = [(kind.lower(), _flat(cell)) for kind, cell in _CELL.findall(text, begin, end)]
    names = [_LABELS.get(cell.lower().rstrip(":")) for kind, cell in cells if kind == "h"]
    values = [cell for kind, cell in cells if kind == "d"]
    return {name: value for name, value in zip(names, values, strict=False) if name and value}


def _text(markup: str, *, is_cut_off: bool) -> str:
    """Turn the inside of a block into text: tags away, entities into characters.

    The newline right after `<pre>` and right before `</pre>` is formatting. Where the page was
    cut off inside the block, half a tag or entity at the end is dropped.
    """
    if is_cut_off:
        tail = markup[-_CUT_OFF_CHARACTERS:]
        markup = markup[: len(markup) - len(tail)] + _CUT_OFF.sub("", tail)
    markup = markup.removeprefix("\n").removesuffix("\n")
    if "<" in markup:
        markup = _TAG.sub("", _LINE_BREAK.sub("\n", markup))
    return normalise(_unescape(markup))


def _unescape(markup: str) -> str:
    if "&" not in markup:
        return markup
    # 150 a page, and all but all entities: a plain replace takes a tenth of the pattern's time.
    markup = markup.replace("&#x000A;", "\n")
    return _ENTITY.sub(lambda match: html.unescape(match.group()), markup)


def _flat(markup: str) -> str:
    """Give the markup's text on one line."""
    return " ".join(_unescape(_TAG.sub("", markup)).split())
