"""The text of a made-up telegram: paragraphs, headings, page markers, signer."""

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.corpus import heading
from benchmarks.corpus.plan import Plan, Reference, hyphenated, wrapped

if TYPE_CHECKING:
    from benchmarks.corpus.telegram import Telegram

PARAGRAPH_MEDIAN = 720


WEB = ("Visit the Embassy's Classified Website:", "http://www.site.example/{post}/")


def text(plan: Plan, made: "Telegram", items: list[Reference], size: float) -> str:
    """Give the telegram's text of about `size` characters."""
    rng = plan.rng
    head = list(heading.opening(plan, made, items))
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
        elif rng.random() < 0.002:
            block = f"{block} It lies in C:\\{prose.title(rng, 1, 1).upper()}\\"
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
