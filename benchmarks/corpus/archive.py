"""A made-up telegram of the archive of 1973-79: text with page headings, then its attributes."""

import random
from datetime import datetime

from benchmarks.corpus import body, heading, places
from benchmarks.corpus.places import Identity
from benchmarks.corpus.plan import Plan, Reference, wrapped
from benchmarks.corpus.telegram import (
    Telegram,
    addressees,
    date_time_group,
    drawn_references,
    drawn_tags,
    length,
)
from benchmarks.corpus.words import invented, lists, person, prose

LEVELS = (
    ("UNCLASSIFIED", "UNCLAS", 50),
    ("LIMITED OFFICIAL USE", "LIMITED OFFICIAL USE", 20),
    ("CONFIDENTIAL", "C O N F I D E N T I A L", 25),
    ("SECRET", "S E C R E T", 5),
)
STAMP = "Declassified/Released US Department of State EO Systematic Review 05 JUL 2006"
NOTHING = "01 JAN 1960"
ATTRIBUTES_BYTES = 3_000
"""About what attributes, stamps and page headings take of a document."""


def archive_telegram(seed: int, index: int) -> Telegram:
    """Make document number `index` of the archive; `text` is the whole document."""
    rng = random.Random(f"{seed}:{index}:archive")
    me = places.identity(seed, index, archive=True)
    level, printed, _ = rng.choices(LEVELS, [weight for _, _, weight in LEVELS])[0]
    made = Telegram(index, me, level)
    station = me.post.name[:6].replace(" ", "")
    made.published_id = f"{me.year}{station}{me.serial:05d}"
    made.created = datetime(me.sent.year, me.sent.month, me.sent.day)
    size = max(length(rng) - ATTRIBUTES_BYTES, 500.0)
    plan = Plan(rng, prose(seed), me, printed, level, old=True, archive=True)
    plan.sections = 1 + int(size / 2_900)
    plan.officer = person(seed, me.post.code, me.year, int(rng.random() * 7))
    plan.chief = person(seed, me.post.code, me.year, 0)
    made.tags = drawn_tags(rng, me.post, archive=True, traps=made.traps)
    made.subject = heading.subject(plan)
    items = drawn_references(rng, seed, index, archive=True)
    made.references = tuple(dict.fromkeys(item.mrn for item in items))
    if rng.random() < 0.06:
        made.traps.add("text")
        lines = [level, "", rng.choice(("ERROR READING TEXT INDEX", "EXPAND ERROR ENCOUNTERED"))]
    else:
        lines = _telegram(rng, plan, made, items, size)
    stamp = f"Margaret P. Grafeld {STAMP}" if rng.random() < 0.6 else STAMP
    attributes = _attributes(rng, me, plan, made, items, len(lines), stamp)
    parts = ["Message Text", "", stamp, "", *lines, "", "", "", stamp, "", ""]
    made.text = "\n".join([*parts, "Message Attributes", "", *attributes, ""])
    return made


def _telegram(
    rng: random.Random,
    plan: Plan,
    made: Telegram,
    items: list[Reference],
    size: float,
) -> list[str]:
    me = plan.me
    station = me.post.name[:6].strip()
    precedence = rng.choices(("R", "P", "O", "O R"), (60, 25, 10, 5))[0]
    group = date_time_group(rng, me.sent, made.traps)
    made.date_time_group = None if "dtg" in made.traps else group.partition("Z")[0] + "Z"
    copies = [f"{word}-{rng.randint(0, 15):02d}" for word in rng.sample(lists()["copies"], 14)]
    office = rng.choice(lists()["bureaus"])
    return [
        plan.level,
        "",
        f"PAGE 01        {station:<6}  {me.serial:05d}  {me.sent:%d%H%M}Z",
        "",
        f"{rng.randint(10, 99)}",
        f"{'ORIGIN' if me.post.code == 'STATE' else 'ACTION'} {office}-{rng.randint(1, 15):02d}",
        "",
        f"INFO  {'  '.join(copies[:7])}",
        f"      {'  '.join(copies[7:])}  /{rng.randint(30, 150):03d} W",
        f"                     ---------------------   {rng.randint(0, 999_999):06d}",
        f"{precedence} {group}",
        f"FM {me.post.address}",
        *addressees(rng, me, modern=False, precedence=precedence, archive=True),
        "",
        *body.text(plan, made, items, size - 600).split("\n"),
    ]


def _attributes(
    rng: random.Random,
    me: Identity,
    plan: Plan,
    made: Telegram,
    items: list[Reference],
    line_count: int,
    stamp: str,
) -> list[str]:
    style = rng.randrange(3)
    level = made.classification

    def day(moment: datetime) -> str:
        if style == 1:
            return f"{moment:%d-%b-%Y} 12:00:00 am"
        return f"{moment:%d %b %Y}".upper() if style == 0 else f"{moment:%d %b %Y}".lower()

    reviewer = invented(rng, 2).capitalize() + "T"
    concepts = ", ".join(rng.choices(lists()["trade words"], k=rng.randint(2, 8))).upper()
    drafter = f"POL:{plan.officer[0][0]}{plan.officer[1]}".upper() if rng.random() < 0.5 else "n/a"
    bureau = rng.choice(lists()["bureaus"])
    capture, review = datetime(1994, 1, 1), datetime(2003, rng.randint(1, 12), rng.randint(1, 28))
    handling = rng.choice(("EXDIS", "LIMDIS", "STADIS")) if rng.random() < 0.05 else "n/a"
    decided = "GS" if plan.is_unclassified else "X1" if rng.random() < 0.1 else "GS"
    references = ", ".join(f"{i.year % 100:02d} {i.post.name} {i.serial}" for i in items) or "n/a"
    key = f"{rng.getrandbits(64):016x}"
    film = f"D{me.year % 100}{rng.randint(0, 9999):04d}-{rng.randint(0, 9999):04d}"
    values = {
        "Automatic Decaptioning": "X",
        "Capture Date": day(capture),
        "Channel Indicators": "n/a",
        "Current Classification": "UNCLASSIFIED",
        "Concepts": concepts,
        "Control Number": "n/a",
        "Copy": "SINGLE",
        "Draft Date": "n/a" if me.year == 1977 and rng.random() < 0.5 else day(me.sent),
        "Decaption Date": NOTHING,
        "Decaption Note": "n/a",
        "Disposition Action": rng.choice(("RELEASED", "n/a")),
        "Disposition Approved on Date": "",
        "Disposition Authority": reviewer.lower(),
        "Disposition Case Number": "n/a",
        "Disposition Comment": "25 YEAR REVIEW",
        "Disposition Date": day(datetime(2004, 5, 28)),
        "Disposition Event": "",
        "Disposition History": "n/a",
        "Disposition Reason": "n/a",
        "Disposition Remarks": "n/a",
        "Document Number": made.published_id,
        "Document Source": "CORE",
        "Document Unique ID": "00",
        "Drafter": drafter,
        "Enclosure": "n/a",
        "Executive Order": decided,
        "Errors": "N/A",
        "Film Number": film,
        "Format": "TEL",
        "From": me.post.name,
        "Handling Restrictions": handling,
        "Image Path": "n/a",
        "ISecure": "1",
        "Legacy Key": f"link{me.year}/newtext/t{me.sent:%Y%m%d}/{key[:8]}.tel",
        "Line Count": f"'{line_count}'",
        "Litigation Code Aides": "n/a",
        "Litigation Codes": "n/a",
        "Litigation History": "n/a",
        "Locator": "TEXT ON-LINE, ON MICROFILM",
        "Message ID": f"{key[:8]}-c288-dd11-92da-001cc4696bcc" if style else "n/a",
        "Office": f"ACTION {bureau}",
        "Original Classification": level,
        "Original Handling Restrictions": handling,
        "Original Previous Classification": "n/a",
        "Original Previous Handling Restrictions": "n/a",
        "Page Count": f"'{plan.sections}'",
        "Previous Channel Indicators": "n/a",
        "Previous Classification": level,
        "Previous Handling Restrictions": handling,
        "Reference": references,
        "Retention": "0",
        "Review Action": "RELEASED, APPROVED",
        "Review Authority": reviewer.lower(),
        "Review Comment": "n/a",
        "Review Content Flags": "n/a",
        "Review Date": day(review),
        "Review Event": "n/a",
        "Review Exemptions": "n/a",
        "Review History": f"RELEASED <{day(review)} by {reviewer}>; APPROVED <{day(review)}>",
        "Review Markings": f"\n{stamp}",
        "Review Media Identifier": "n/a",
        "Review Referrals": "n/a",
        "Review Release Date": "n/a",
        "Review Release Event": "n/a",
        "Review Transfer Date": "n/a",
        "Review Withdrawn Fields": "n/a",
        "SAS ID": f"{rng.randint(1, 9_999_999)}" if style == 1 else "n/a",
        "Secure": "OPEN",
        "Sent Date": day(me.sent) if me.year == 1977 else NOTHING,
        "Status": "NATIVE",
        "Subject": made.subject or "n/a",
        "TAGS": ", ".join(made.tags) or "n/a",
        "To": "STATE" if me.post.code != "STATE" else "ALL POSTS",
        "Type": "TE",
        "Vdkvgwkey": f"odbc://SAS/SAS.dbo.SAS_Docs/{key}" if style else "n/a",
        "Markings": stamp,
    }
    lines: list[str] = []
    for name, value in values.items():
        head, newline, tail = f"{name}: {value}".partition("\n")
        lines += wrapped(head, 78)
        if newline:
            lines.append(tail)
    return lines
