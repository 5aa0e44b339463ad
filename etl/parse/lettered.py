"""A REF line → its items, cut at letters or numbers that run on in order."""

import re

LETTER = re.compile(
    r"(?:(?<=^)|(?<=[\s;,.\n-])|(?<=[\d)\]])(?=[(\[][A-Z][)\]])|(?<=\d)(?=[B-Z]\.\s?[A-Z\d]))"
    r"[(\[]?(?P<letter>[A-Z]|([A-Z])\2|A[A-Z])"
    r"(?P<mark>\s?[.):\]]+\s*|\s+-+\s+|-\s*(?=[A-Z]{3})|\s+(?=[A-Z0-9]))",
    re.I,
)
"""`A.`, `(B)`, `[C]`, `D)`, `E:`, `F -`; and the bare `A Montreal 365, B Ottawa 406`."""

NUMBER_MARK = r"[(\[]?{}\s?[.)\]]\s*(?=['(]?(?:\d{{4}}|\d\d)?[)\s-]*[A-Z]{{2}})"
"""`1.`, `(1)`, `1)` before a name: some posts count their references."""

LETTER_BEHIND = re.compile(r"(?<=[\dL)])\s*\((?:REF(?:TEL)?\s+)?(?P<letter>[A-Z])\)", re.I)
"""`OSLO 12 (A), PARIS 13 (REF B)`: the letter stands behind its item."""

BETWEEN_ITEMS = re.compile(r"^[\s,;&.]*(?:AND\s+)?", re.I)

MARKING = re.compile(r"[(\[]\s*[CSU]\s*[)\]]")
"""`(C)`: letter of an item, or how secret the one before it is."""

BEHIND_MARKING = re.compile(r"\s*(?:$|[.,;]*\s*[(\[]?[A-Z]\s?[.):\]])")

AFTER_ITEM = re.compile(r"(?:\d|\)|NOTAL)[;,.]?$")
BEFORE_ITEM = re.compile(r"['(]?(?:\d{2,4}[ )-]*)?[A-Z][A-Z .'-]{1,24} ?\d", re.I)


def numbered(text: str) -> list[tuple[str | None, str]]:
    """Cut at numbers that count up from one: `(1) OSLO 12 (2) PARIS 13`; none for other texts."""
    items: list[tuple[str | None, str]] = []
    mark = re.match(NUMBER_MARK.format(1), text, re.I)
    while mark:
        rest = text[mark.end() :]
        mark = re.search(r"(?<=[\s;,.])" + NUMBER_MARK.format(len(items) + 2), rest, re.I)
        items.append((None, rest[: mark.start()] if mark else rest))
        text = rest
    return items


def lettered_behind(text: str) -> list[tuple[str | None, str]]:
    """Cut at letters behind the items: `OSLO 12 (A), PARIS 13 (B)`; none for other texts.

    The letters must run on from A without a gap, and the last one end the text.
    """
    marks = list(LETTER_BEHIND.finditer(text))
    letters = "".join(mark["letter"].upper() for mark in marks)
    runs_on = letters != "" and "ABCDEFGHIJKLMNOPQRSTUVWXYZ".startswith(letters)
    if not runs_on or text[marks[-1].end() :].strip(" .;"):
        return []
    starts = [0, *(mark.end() for mark in marks[:-1])]
    items: list[tuple[str | None, str]] = [
        (letter, BETWEEN_ITEMS.sub("", text[start : mark.start()]))
        for letter, start, mark in zip(letters, starts, marks, strict=True)
    ]
    return [] if LETTER.match(items[0][1]) else items


def _is_marking(text: str, found: re.Match[str], by: int, *, is_bracketed: bool) -> bool:
    """Whether what looks like the letter of an item marks one: `A. (C) NOTE B. NOTE (S) C. NOTE`.

    `by`: how far it stands behind the letter before, `is_bracketed`: the first letter stands in
    brackets. The next letter in order is one, unless another letter or nothing comes behind it.
    """
    mark = MARKING.match(text, found.start())
    if mark is None:
        return False
    if by == 1:
        return not is_bracketed and bool(BEHIND_MARKING.match(text, mark.end()))
    # `OSLO 12 (C) PARIS 13`: a letter between was lost.
    is_behind_number = text[: mark.start()].rstrip(" ,;.")[-1:].isdigit()
    is_number = BEFORE_ITEM.match(text, found.end()) and not BEHIND_MARKING.match(text, mark.end())
    return not (is_behind_number and is_number)


DOUBLED = r"(?<![A-Z0-9]){}\.\s+(?=(?P<open>[(\[]?){}[.)\]]\s?\S)"
MACHINE = r"(?<![A-Z0-9]){}\.\s+(?=\S)"


def of_the_author(text: str) -> str:
    """Take out the letters that a machine set before each line of a lettered list.

    `A. (A) OSLO 12, OSLO 13 B. AND OSLO 14 C. (B) PARIS 15`: the second line goes on with the
    author's first item. Where every line is an item of its own, both letters say the same.
    """
    mark = re.match(r"\s*" + DOUBLED.format("A", "A"), text)
    if not mark:
        return text
    lines, position, author, lags = [], mark.end(), 0, False
    for place in range(1, 26):
        letter = chr(ord("A") + place)
        ahead = re.search(MACHINE.format(letter), text[position:])
        if not ahead:
            break
        behind = position + ahead.end()
        lines.append(text[position : position + ahead.start()])
        if re.match(rf"[(\[]?{chr(ord('A') + author + 1)}[.)\]]", text[behind:]):
            author += 1
            lags |= author < place
        position = behind
    return "".join([*lines, text[position:]]) if lags else text


def _place(letter: str) -> int:
    """Place of an item's letter: A is 0, Z is 25; behind it come AA, BB or AA, AB."""
    if len(letter) == 1:
        return ord(letter) - ord("A")
    return 26 + ord(letter[1]) - ord("A")


def lettered(text: str) -> list[tuple[str | None, str]]:
    """Cut at letters that run on in order; a letter said twice (`A. A)`) counts once."""
    cuts: list[tuple[str, int, int]] = []
    first_mark = ""
    position = 0
    while found := LETTER.search(text, position):
        letter = found["letter"].upper()
        mark = found["mark"].strip()[:1]
        before = text[max(found.start() - 8, 0) : found.start()].rstrip()
        if cuts:
            by = _place(letter) - _place(cuts[-1][0])
            is_bracketed = text[cuts[0][1]] in "(["
            if _is_marking(text, found, by, is_bracketed=is_bracketed):
                position = found.end()
                continue
            if mark in ("", "-"):
                # A bare letter must be the next one, right behind a separator, or behind a number
                # when the first is bare, too; a dash marks letters only where it marks all.
                starts_well = by == 1 and (
                    mark == first_mark == "-"
                    or (mark == "" and before.endswith((",", ";", ".")))
                    or (mark == first_mark == "" and before[-1:].isdigit() and len(letter) == 1)
                )
            else:
                starts_well = 0 <= by <= 3
        else:
            starts_well = letter == "A" and (mark not in ("", "-") or found.start() == 0)
            # `REF: OSLO 12 B. PARIS 13`: the first letter is lost.
            lost = letter == "B" and mark in (".", ")") and AFTER_ITEM.search(before)
            starts_well |= bool(lost and BEFORE_ITEM.match(text, found.end()))
            first_mark = mark
        if not starts_well:
            position = found.start() + 1
            continue
        between = text[cuts[-1][2] : found.start()] if cuts else None
        if between is not None and letter == cuts[-1][0] and not between.strip(" .,;()"):
            cuts[-1] = (letter, cuts[-1][1], found.end())
        else:
            cuts.append((letter, found.start(), found.end()))
        position = found.end()
    if not cuts:
        return [(None, text)]
    items: list[tuple[str | None, str]] = []
    if before := text[: cuts[0][1]].strip(" .,;"):
        items.append((None, before))
    for index, (letter, _, end) in enumerate(cuts):
        stop = cuts[index + 1][1] if index + 1 < len(cuts) else len(text)
        items.append((letter, text[end:stop]))
    return items
