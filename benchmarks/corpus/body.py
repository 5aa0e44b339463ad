"""The text of a made-up telegram, line by line."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.corpus.places import Identity, Post
from benchmarks.corpus.words import Prose, lists

if TYPE_CHECKING:
    from benchmarks.corpus.telegram import Telegram

PARAGRAPH_MEDIAN = 720
SLUGS = (
    "DEPT FOR {office}",
    "STATE FOR {office}",
    "DEPARTMENT FOR {office}",
    "NSC FOR {name}",
    "TREASURY FOR OIA",
    "STATE PASS USTR",
    "DEPT PASS USAID FOR {office}",
)
WEB = ("Visit the Embassy's Classified Website:", "http://www.site.example/{post}/")


@dataclass(frozen=True, slots=True)
class Reference:
    """A telegram that another one names."""

    post: Post
    year: int
    serial: int

    @property
    def mrn(self) -> str:
        """Canonical MRN."""
        return f"{self.year % 100:02d}{self.post.code}{self.serial}"


@dataclass(slots=True)
class Plan:
    """What is decided before the lines are written."""

    rng: random.Random
    prose: Prose
    me: Identity
    printed: str
    level: str
    old: bool
    archive: bool = False
    sections: int = 1
    officer: tuple[str, str, str] = ("", "", "")
    chief: tuple[str, str, str] = ("", "", "")

    @property
    def is_unclassified(self) -> bool:
        """Tell whether no level of secrecy is printed."""
        return self.printed == "UNCLAS"


def wrapped(text: str, width: int) -> list[str]:
    """Cut a text at blanks into lines of at most so many characters (a long word stands alone)."""
    lines = []
    at, size = 0, len(text)
    while size - at > width:
        end = text.rfind(" ", at + 1, at + width + 1)
        if end < 0:
            end = text.find(" ", at + width)
            if end < 0:
                break
        lines.append(text[at:end])
        at = end + 1
    lines.append(text[at:])
    return lines


def hyphenated(rng: random.Random, lines: list[str]) -> list[str]:
    """Cut words at line ends, here and there: the head of the next line's long word moves up."""
    for index in range(len(lines) - 1):
        word = lines[index + 1].partition(" ")[0]
        if len(word) > 8 and word.isalpha() and word.islower() and rng.random() < 0.25:
            cut = rng.randint(4, len(word) - 4)
            lines[index] += f" {word[:cut]}-"
            lines[index + 1] = lines[index + 1][cut:]
    return lines


def subject(plan: Plan) -> str | None:
    """Draw a subject, in capitals as a rule; one telegram in a hundred has none."""
    rng = plan.rng
    if rng.random() < 0.009:
        return None
    words = plan.prose.title(rng, 4, 14)
    if rng.random() < 0.25:
        words = f"{plan.prose.title(rng, 1, 2)}: {words}"
    if rng.random() < 0.08:
        head, _, tail = words.partition(" ")
        words = f'{head} "{tail}"' if tail else words
    return words.upper() if plan.old or rng.random() < 0.85 else words.title()


def text(plan: Plan, made: "Telegram", items: list[Reference], size: float) -> str:
    """Give the telegram's text of about `size` characters."""
    rng = plan.rng
    head = list(_head(plan, made, items))
    tail = list(_tail(plan))
    width = rng.randint(56, 67)
    blank_ends = not plan.old and rng.random() < 0.6
    long_lines = not plan.old and rng.random() < 0.2
    left = size - sum(map(len, head)) - sum(map(len, tail)) - len(head) - len(tail)
    blocks = _paragraphs(plan, max(left, 150.0))
    hyphens = not long_lines and rng.random() < 0.05
    lines = list(head)
    for block in blocks:
        if plan.old:
            block = block.upper()
        if block.startswith("---") or "\n" in block:
            lines += block.split("\n")
        elif long_lines:
            lines.append(block)
        elif hyphens:
            lines += hyphenated(rng, wrapped(block, width))
        else:
            lines += wrapped(block, width)
        lines.append("")
    if not plan.old and len(lines) > len(head) + 9 and rng.random() < 0.01:
        # SIPDIS dropped into the middle of a sentence.
        at = rng.randrange(len(head) + 3, len(lines) - 3)
        lines[at:at] = ["", "SIPDIS"] if lines[at] else ["SIPDIS"]
    lines = _paged(plan, lines, len(head))
    lines += tail
    if blank_ends:
        return "\n".join([f"{line} " if line else line for line in lines])
    return "\n".join(lines)


def _head(plan: Plan, made: "Telegram", items: list[Reference]) -> Iterator[str]:
    rng, me = plan.rng, plan.me
    in_parts = plan.sections > 1 and not plan.archive
    section = f"SECTION 01 OF {plan.sections:02d} " if in_parts else ""
    yield f"{plan.printed} {section}{me.post.name} {me.serial:0{5 if plan.old else 6}d}"
    yield ""
    captions = ["SIPDIS"] if me.year >= 2000 and rng.random() < 0.95 else []
    if made.classification.endswith("OFFICIAL USE ONLY"):
        captions.append("SENSITIVE")
    if made.classification.endswith("NOFORN"):
        captions.append("NOFORN")
    if plan.archive and rng.random() < 0.12:
        captions.append(rng.choice(("EXDIS", "LIMDIS", "STADIS", "NODIS")))
    if rng.random() < 0.02:
        captions.append("AIDAC")
    if captions and not plan.old and rng.random() < 0.05:
        captions.append("SIPDIS")
    gap = rng.random() < 0.5
    for caption in captions:
        yield caption
        if gap:
            yield ""
    if captions and not gap:
        yield ""
    slugs = 0 if plan.archive else int(rng.expovariate(0.7))
    for _ in range(slugs):
        slug = rng.choice(SLUGS)
        offices = ", ".join(rng.sample(lists()["offices"], rng.randint(1, 3)))
        yield slug.format(office=offices, name=plan.officer[1].upper())
    if slugs:
        yield ""
    yield from _labels(plan, made)
    yield ""
    if items:
        yield from _references(rng, items, me)
        yield ""
    if not plan.is_unclassified and not plan.archive:
        yield from _classified_by(plan)
        yield ""


def order(year: int, month: int) -> str:
    """Give the executive order in force."""
    if year < 1972 or (year == 1972 and month < 6):
        return "10501"
    if year < 1979:
        return "11652"
    if year < 1982 or (year == 1982 and month < 8):
        return "12065"
    if year < 1995 or (year == 1995 and month < 10):
        return "12356"
    return "12958"


def _labels(plan: Plan, made: "Telegram") -> Iterator[str]:
    rng, me = plan.rng, plan.me
    number = order(me.year, me.sent.month)
    bare = not plan.old and rng.random() < 0.08
    if plan.is_unclassified:
        decided = "N/A"
    elif number in ("10501", "11652"):
        decided = "GDS"
    elif number == "12065":
        decided = f"GDS {me.sent:%m/%d}/{(me.year + 6) % 100:02d}"
    elif number == "12356":
        decided = "DECL: OADR"
    elif rng.random() < 0.03:
        decided = f"DECL: {rng.choice(('X1', 'X6', '25X1-HUMAN', '1.6X1'))}"
    else:
        years = rng.choices((10, 5, 20, 25), (75, 12, 8, 5))[0]
        day = min(me.sent.day, 28)
        decided = f"DECL: {me.sent.month:02d}/{day:02d}/{me.year + years}"
    printed = "12598" if number == "12958" and rng.random() < 0.004 else number
    yield f"EO {printed} {decided}" if bare else f"E.O. {printed}: {decided}"
    if made.tags:
        joint = rng.choices((", ", " ", ","), (80, 17, 3))[0]
        listed = list(made.tags)
        if rng.random() < 0.01:
            listed.insert(1, "SIPDIS")
        label = (
            "TAGS" if bare else rng.choices(("TAGS:", "TAGE:", "AGS:", "TAGS"), (97, 1, 1, 1))[0]
        )
        yield from wrapped(f"{label} {joint.join(listed)}", 64)
    if made.subject:
        label = "SUBJECT" if bare and rng.random() < 0.3 else "SUBJECT:"
        if rng.random() < 0.03:
            label = "SUBJ:"
        mark = ""
        if not plan.is_unclassified and not plan.archive and rng.random() < 0.25:
            mark = f" ({plan.printed[0]})"
        lines = wrapped(f"{label} {made.subject}{mark}", 60)
        if len(lines) > 1 and rng.random() < 0.01:
            made.traps.add("subject")
            lines.insert(1, "")
        yield from lines


def _references(rng: random.Random, items: list[Reference], me: Identity) -> Iterator[str]:
    padded = rng.random() < 0.2
    style = rng.choice(("A. ", "A) ", "(A) ", "")) if len(items) > 1 else ""
    printed = []
    for letter, item in zip("ABCDEFGHIJ", items, strict=False):
        serial = f"{item.serial:06d}" if padded else str(item.serial)
        named = f"{item.post.name} {serial}"
        if item.year != me.year or rng.random() < 0.1:
            if rng.random() < 0.5:
                named = f"{item.year % 100:02d} {named}"
            else:
                named = f"{named} ({item.year})"
        printed.append(style.replace("A", letter) + named)
    extra = rng.random()
    if extra < 0.05:
        words = rng.choice(("E-MAIL OF", "TELCON OF", "EMAIL DATED"))
        printed.append(f"{words} {me.sent.month:02d}/{me.sent.day:02d}/{me.year}")
    label = rng.choices(("REF: ", "Ref: ", "REFS: ", "REF "), (85, 8, 5, 2))[0]
    if style and rng.random() < 0.5:
        yield label + printed[0]
        for other in printed[1:]:
            yield "     " + other
    else:
        yield from wrapped(label + rng.choice((", ", "; ")).join(printed), 62)


def _classified_by(plan: Plan) -> Iterator[str]:
    rng, me = plan.rng, plan.me
    first, last, title = plan.officer
    if plan.old and rng.random() < 0.6:
        return
    section = "1.5" if me.sent.year < 2003 or (me.year == 2003 and me.sent.month < 10) else "1.4"
    letters = rng.choices(("b", "d", "a", "c"), (50, 40, 6, 4), k=2)
    one, two = letters
    reasons = f"({one}) and ({two})" if one != two else f"({one})"
    reasons = rng.choices((reasons, reasons.replace(" and ", ", "), reasons.upper()), (70, 20, 5))[
        0
    ]
    space = rng.choice(("", " "))
    tail = rng.choices(
        (f"for reasons {section}{space}{reasons}.", f"Reasons: {section}{space}{reasons}"), (80, 20)
    )[0]
    label = rng.choices(("Classified By:", "CLASSIFIED BY:", "Classified by"), (70, 20, 10))[0]
    yield from wrapped(f"{label} {title} {first} {last} {tail}", 64)


HEADINGS = ("dashes", "double", "plain", "slashes", "mixed")


def _paragraphs(plan: Plan, budget: float) -> Iterator[str]:
    rng, prose = plan.rng, plan.prose
    count = max(1, min(77, round(budget / PARAGRAPH_MEDIAN / 1.1 * rng.lognormvariate(0, 0.25))))
    shares = [rng.lognormvariate(0, 0.5) for _ in range(count)]
    scale = budget / sum(shares)
    with_headings = count > 3 and rng.random() < 0.7
    style = rng.choice(HEADINGS)
    redacted = not plan.archive and rng.random() < 0.16
    numbered = count > 1 and rng.random() > 0.02
    number = 0
    summary = count > 2 and rng.random() < 0.75
    for index, share in enumerate(shares):
        size = share * scale
        if with_headings and index and rng.random() < 0.35:
            yield _heading(rng, style, prose.title(rng, 1, 5))
            size -= 40
        number += 1
        if rng.random() < 0.012:
            number += rng.choice((-1, 1)) if number > 1 else 0
        marking = (
            "" if plan.archive or (plan.old and rng.random() < 0.5) else f"({_portion(plan)}) "
        )
        opening = f"{number}. {marking}" if numbered else marking
        last = index == count - 1
        if summary and index == 0:
            style_of = rng.random()
            text = prose.text(rng, size - 30)
            if style_of < 0.4:
                block = f"{opening}SUMMARY: {text} END SUMMARY."
            elif style_of < 0.9:
                block = f"{opening}Summary. {text} End Summary."
            else:
                block = f"{opening}Summary: {text}"
        elif last and count > 2 and rng.random() < 0.4:
            block = f"{opening}Comment: {prose.text(rng, size - 30)} End Comment."
        elif rng.random() < 0.05:
            half = prose.text(rng, size / 2)
            block = f"{opening}{half} (Note: {prose.text(rng, size / 2)} End note.)"
        elif size > 500 and rng.random() < 0.12:
            yield opening + prose.text(rng, size * 0.4)
            items = rng.randint(2, 6)
            for _ in range(items):
                yield f"-- {prose.text(rng, size * 0.6 / items)}"
            continue
        elif size > 700 and rng.random() < 0.1:
            yield opening + prose.text(rng, size / 2)
            block = prose.text(rng, size / 2)
        else:
            block = opening + prose.text(rng, size)
        if redacted and rng.random() < 0.5:
            block = _redact(rng, block)
        if rng.random() < 0.004:
            block = block.replace("'", ",").replace(" and ", "\\and ", 1)
        if rng.random() < 0.015:
            block = block.replace('"', "\u201d").replace("said ", "\u2019said ", 1)
        yield block


def _redact(rng: random.Random, block: str) -> str:
    words = block.split(" ")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(2, len(words)) if len(words) > 3 else len(words) - 1
        words[at] = "XXXXXXXXXXXX"
    return " ".join(words)


def _heading(rng: random.Random, style: str, words: str) -> str:
    if style == "slashes":
        return f"//{words.upper()}//"
    if style == "plain":
        return words.upper()
    words = words.title() if style == "mixed" else words.upper()
    rule = "-" * len(words)
    if len(rule) > 12 and rng.random() < 0.1:
        rule = rule[:5] + " " + rule[6:]
    return f"{rule}\n{words}\n{rule}" if style == "double" else f"{words}\n{rule}"


def _portion(plan: Plan) -> str:
    rng = plan.rng
    top = plan.printed[0]
    if plan.is_unclassified:
        sensitive = plan.level.endswith("ONLY")
        return "SBU" if sensitive and rng.random() < 0.85 else "U"
    mark = rng.choices((top, "C", "SBU", "U"), (70, 15, 5, 10))[0]
    if plan.level.endswith("NOFORN") and mark == top and rng.random() < 0.8:
        return rng.choice((f"{mark}/NF", f"{mark}//NF"))
    return mark


def _paged(plan: Plan, lines: list[str], begin: int) -> list[str]:
    """Put the page markers in: between any two lines, as the machines of the time did."""
    rng, me = plan.rng, plan.me
    count = plan.sections
    marked = count > 1 and (plan.archive or rng.random() < 0.78)
    if not marked:
        return lines
    repeated = not plan.archive and rng.random() < 0.03
    paged = lines[:begin]
    page = max(12, (len(lines) - begin) // count)
    for number in range(1, count + 1):
        at = begin + (number - 1) * page
        end = len(lines) if number == count else at + page
        if number > 1:
            if plan.old:
                banner = plan.level.partition("//")[0]
                paged += [banner, "", banner, ""]
                part = "" if plan.archive else f"{number:02d} OF {count:02d}  "
                stamp = f"{part}{me.sent:%d%H%M}Z"
                station = me.post.name[:6].strip()
                paged.append(f"PAGE {number:02d}        {station}  {me.serial:05d}  {stamp}")
                paged += ["", ""]
            else:
                blanks = rng.choice((" ", "  "))
                part = f"{number:03d}{rng.choice(('', '', '.2'))}"
                paged.append(f"{me.post.name} {me.serial:08d}{blanks}{part} OF {count:03d}")
                paged += ["", ""]
            if repeated:
                section = f"SECTION {number:02d} OF {count:02d}"
                paged += [f"{plan.printed} {section} {me.post.name} {me.serial:06d}", ""]
                paged += ["SIPDIS", ""]
        paged += lines[at:end]
    return paged


def _tail(plan: Plan) -> Iterator[str]:
    rng = plan.rng
    kind = rng.random()
    if kind < 0.04 and not plan.old:
        yield WEB[0]
        yield WEB[1].format(post=plan.me.post.code.lower())
        yield ""
    elif kind < 0.05:
        yield "MINIMIZE CONSIDERED"
        yield ""
    name = plan.chief[1] if rng.random() < 0.7 else plan.officer[1]
    yield name.upper()
    if plan.archive:
        yield from ("", plan.level, "", "", "NNN")
    elif rng.random() < 0.12:
        yield "NNNN"
