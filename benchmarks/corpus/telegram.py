"""One made-up telegram: header, text, what it means to say, and the traps it sets.

`telegram(seed, index)` gives the release's form: transmission header and text apart, as CSV rows
and pages hold them. Telegrams before 1998 look like those of their time (capitals, page headings,
no routing indicators). Rates are those counted on 1,295 pages of the release; where nobody has
counted they are guesses, and each stands next to what it decides.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.corpus import body, heading, places
from benchmarks.corpus.places import Identity, Post
from benchmarks.corpus.plan import Plan, Reference, wrapped
from benchmarks.corpus.words import invented, lists, person, prose

MEDIAN_BYTES = 8_700
SPREAD = 0.6
LONGEST_BYTES = 66_311
LEVELS = (
    ("UNCLASSIFIED", "UNCLAS", 75_792),
    ("UNCLASSIFIED//FOR OFFICIAL USE ONLY", "UNCLAS", 58_095),
    ("CONFIDENTIAL", "C O N F I D E N T I A L", 97_070),
    ("CONFIDENTIAL//NOFORN", "C O N F I D E N T I A L", 4_678),
    ("SECRET", "S E C R E T", 11_322),
    ("SECRET//NOFORN", "S E C R E T", 4_330),
)
_WEIGHTS = [weight for _, _, weight in LEVELS]
PARTIAL = (
    "This record is a partial extract of the original cable. "
    "The full text of the original cable is not available."
)


@dataclass(slots=True)
class Telegram:
    """A telegram as it is printed, and what a reader should find in it."""

    index: int
    identity: Identity
    classification: str
    header: str = ""
    text: str = ""
    published_id: str = ""
    created: datetime = datetime(2000, 1, 1)
    subject: str | None = None
    tags: tuple[str, ...] = ()
    date_time_group: str | None = None
    references: tuple[str, ...] = ()
    traps: set[str] = field(default_factory=set)

    @property
    def mrn(self) -> str:
        """Canonical MRN."""
        return self.identity.mrn


def length(rng: random.Random) -> float:
    """Draw the bytes of a telegram: median 8.9 KB, a long tail, cut at 66 KB."""
    drawn = rng.lognormvariate(0, SPREAD) * MEDIAN_BYTES
    return max(900.0, drawn if drawn < LONGEST_BYTES * 0.95 else LONGEST_BYTES * 0.95)


def telegram(seed: int, index: int) -> Telegram:
    """Make telegram number `index`; nothing else decides what it is."""
    rng = random.Random(f"{seed}:{index}")
    if index and rng.random() < 0.004:
        # A duplicate: the same telegram once more, sometimes sent again some minutes later.
        source = index - 1 - int(rng.random() * min(index, 5_000))
        twin = _made(seed, source)
        twin.index = index
        twin.traps.add("duplicate")
        if rng.random() < 0.4:
            twin.created += timedelta(minutes=rng.randint(2, 40))
        return twin
    return _made(seed, index)


def _made(seed: int, index: int) -> Telegram:
    rng = random.Random(f"{seed}:{index}:text")
    me = places.identity(seed, index, archive=False)
    level = rng.choices(range(len(LEVELS)), _WEIGHTS)[0]
    made = Telegram(index, me, LEVELS[level][0])
    made.published_id, made.created = me.mrn, me.sent
    if rng.random() < 0.001:
        made.traps.add("id")
        cut = me.post.code[:2] + me.post.code[3:]
        made.published_id = rng.choice(
            (
                f"{me.year % 100:02d}SECTION01OF03{me.post.code}{me.serial}",
                f"{me.year % 100:02d}EFTO{me.post.code}{me.serial}",
                f"{me.year % 100:02d}{cut}{me.serial}",
            )
        )
    size = length(rng)
    old = me.year < 1998
    plan = Plan(rng, prose(seed), me, LEVELS[level][1], LEVELS[level][0], old=old)
    plan.sections = 1 if size < 6_500 or (old and size < 9_000) else min(20, 1 + int(size / 5_600))
    plan.officer = person(seed, me.post.code, me.year, int(rng.random() ** 2 * 7))
    plan.chief = person(seed, me.post.code, me.year, 0)
    made.tags = drawn_tags(rng, me.post, archive=False, traps=made.traps)
    made.subject = heading.subject(plan)
    items = drawn_references(rng, seed, index, archive=False)
    made.references = tuple(dict.fromkeys(item.mrn for item in items))
    group = date_time_group(rng, me.sent, made.traps)
    made.header = PARTIAL
    if rng.random() >= 0.16:
        made.date_time_group = group.partition("Z")[0] + "Z" if "dtg" not in made.traps else None
        made.header = "\n".join(_header(rng, seed, me, plan, group))
    made.text = body.text(plan, made, items, size - len(made.header))
    if made.date_time_group and rng.random() < 0.005:
        # The header once more, in the text.
        made.text = f"{made.header}\n\n{made.text}"
    return made


def drawn_tags(
    rng: random.Random, post: Post, *, archive: bool, traps: set[str]
) -> tuple[str, ...]:
    """Draw TAGS: five as a rule, 27 at most, countries last; sometimes a person."""
    if rng.random() < 0.013:
        return ()
    ranked, weights = places.tags(archive)
    count = min(25, max(1, round(rng.lognormvariate(1.4, 0.45))))
    drawn = rng.choices(ranked, cum_weights=weights, k=count)
    countries = places.country_tags()
    if own := countries.get(post.country):
        drawn.append(own)
    if rng.random() < 0.25:
        drawn.append(rng.choice(list(countries.values())))
    if not archive and rng.random() < 0.006:
        drawn.append(f"{invented(rng, 3).upper()}, {rng.choice('ABCDEFGHJ')}.")
    return tuple(dict.fromkeys(drawn))


def drawn_references(
    rng: random.Random, seed: int, index: int, *, archive: bool
) -> list[Reference]:
    """Draw REF items: about one telegram in two has some; four in ten are not held anywhere."""
    if rng.random() > 0.52:
        return []
    me = places.identity(seed, index, archive=archive)
    count = min(9, 1 + int(rng.expovariate(1.1)))
    items: list[Reference] = []
    for _ in range(count):
        own = rng.random() < 0.6
        target = places.earlier(seed, index, rng, archive=archive, own_post=own)
        if target is None or rng.random() < 0.35:
            # A serial between two that exist (`places.identity` leaves gaps), not long before.
            target = me if own or target is None else target
            serial = target.serial - 1 - target.step * int(rng.expovariate(0.02))
        else:
            serial = target.serial
        if serial > 0:
            items.append(Reference(target.post, target.year, serial))
    unique = {item.mrn: item for item in items if item.mrn != me.mrn}
    return list(unique.values())


def date_time_group(rng: random.Random, sent: datetime, traps: set[str]) -> str:
    """Give the DTG; four in a thousand are damaged."""
    month, year = f"{sent:%b}".upper(), f"{sent.year % 100:02d}"
    day = f"{sent:%d%H%M}"
    if rng.random() < 0.004:
        traps.add("dtg")
        return rng.choice(
            (f"{sent:%d}9959Z {month} {year}", f"{day}Z XXX {year}", f"{day}Z {year}")
        )
    signal = rng.random()
    tail = " ZDK" if signal < 0.02 else " ZFR" if signal < 0.023 else ""
    return f"{day}Z {month} {year}{tail}"


def _header(rng: random.Random, seed: int, me: Identity, plan: Plan, group: str) -> list[str]:
    precedence = rng.choices(("R", "P", "O", "O R", "P R", "Z"), (60, 18, 12, 5, 4, 0.2))[0]
    modern = me.year >= 2002 and rng.random() > 0.03
    day = f"{me.sent.timetuple().tm_yday:03d}{me.sent:%H%M}"
    lines = []
    if modern:
        channel = "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=3))
        lines.append(f"VZCZC{channel}{rng.randint(0, 9999):04d}")
        prosign = precedence[0] * 2
        known = places.in_use(archive=False)
        relays = [post.routing for post in rng.choices(known, k=rng.randint(1, 9))]
        lines += wrapped(f"{prosign} {' '.join(dict.fromkeys(relays))}", 66)
        part = "/01" if plan.sections > 1 else ""
        lines.append(f"DE {me.post.routing} #{me.serial % 10000:04d}{part} {day}")
        security = "UUUUU" if plan.printed == "UNCLAS" else plan.printed[0] * 5
        lines.append(f"ZN{'R' if security == 'UUUUU' else 'Y'} {security} ZZH")
    lines.append(f"{precedence} {group}")
    lines.append(f"FM {me.post.address}")
    lines += addressees(rng, me, modern=modern, precedence=precedence)
    return lines


def addressees(
    rng: random.Random, me: Identity, *, modern: bool, precedence: str, archive: bool = False
) -> list[str]:
    """Give TO and INFO lines: Washington, posts, agencies; one list in twenty is long."""
    known = places.in_use(archive=archive)
    word = {"P": " PRIORITY", "O": " IMMEDIATE", "Z": " FLASH"}.get(precedence[0], "")
    number = f" {rng.randint(0, 9999):04d}"
    if me.post.code == "STATE":
        to = rng.sample(known, rng.randint(1, 4))
    else:
        to = [places.posts()["STATE"], *rng.sample(known, int(rng.random() < 0.15))]
    lines = [f"{post.routing + '/' if modern else ''}{post.address}{word}{number}" for post in to]
    lines[0] = "TO " + lines[0]
    count = rng.randint(8, 45) if rng.random() < 0.05 else int(rng.expovariate(0.3))
    copies = []
    for post in rng.sample(known, min(count, len(known))):
        if post in to or post == me.post:
            continue
        tail = f" {rng.randint(1, 9999):04d}" if rng.random() < 0.6 else ""
        copies.append(f"{post.routing + '/' if modern else ''}{post.address}{word}{tail}")
    agencies = lists()["agencies"]
    for agency in rng.sample(agencies, min(len(agencies), int(rng.expovariate(0.4)))):
        routing, _, name = agency.partition("/")
        copies.append(f"{routing}/{name}{word}" if modern else name)
    if copies:
        copies[0] = "INFO " + copies[0]
    return lines + copies
