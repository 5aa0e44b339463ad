"""The lines of a made-up telegram above its text: classification to Classified By."""

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.corpus.places import Identity
from benchmarks.corpus.plan import Plan, Reference, wrapped
from benchmarks.corpus.words import lists

if TYPE_CHECKING:
    from benchmarks.corpus.telegram import Telegram

SLUGS = (
    "DEPT FOR {office}",
    "STATE FOR {office}",
    "DEPARTMENT FOR {office}",
    "NSC FOR {name}",
    "TREASURY FOR OIA",
    "STATE PASS USTR",
    "DEPT PASS USAID FOR {office}",
)


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


def opening(plan: Plan, made: "Telegram", items: list[Reference]) -> Iterator[str]:
    """Give the lines from the classification to the blank line before the text."""
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
        if len(made.tags) > 2 and rng.random() < 0.003:
            made.traps.add("tags")
            joint = ""
        listed = [f"({tag})" if "," in tag else tag for tag in made.tags]
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
