"""Who sends, when and under which number: posts, serials, dates, addressees, TAGS of the release.

Everything is worked out from a telegram's index alone. A table of 4,096 places (post and year,
drawn with the weights of the release or of the archive) is walked round and round, so any run of
indexes holds posts and years in due proportion, and a place's round gives the serial: no two
indexes share one, and a telegram can name another that exists (an index before its own) or that
never will (a serial between two).
"""

import csv
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from benchmarks.corpus.words import lists
from etl.paths import REPOSITORY

REFERENCE = REPOSITORY / "seeds" / "reference"
PLACES = 4_096
ROUNDS = 128
"""Rounds whose serials are spread over the year; later ones follow behind."""

RELEASE_YEARS = {
    **{1966: 0.1, 1972: 0.1, 1973: 0.1, 1975: 0.2, 1978: 0.3, 1979: 0.5, 1984: 0.2, 1986: 0.4},
    **{1987: 0.3, 1988: 0.4, 1989: 0.8, 1990: 0.6, 1992: 0.3, 1994: 0.3, 1996: 0.3, 1998: 0.4},
    **{2000: 0.4, 2001: 0.6, 2002: 2.0, 2003: 7.0, 2004: 17.0, 2005: 31.0, 2006: 42.0},
    **{2007: 42.0, 2008: 45.0, 2009: 51.0, 2010: 8.5},
}
ARCHIVE_YEARS = {1973: 190, 1974: 270, 1975: 290, 1976: 290, 1977: 310, 1978: 330, 1979: 400}
OWN_NAMES = {
    "STATE": ("STATE", "SECSTATE WASHDC", "Secretary of State"),
    "USUNNEWYORK": ("USUN NEW YORK", "USMISSION USUN NEW YORK", "USUN New York"),
    "USEUBRUSSELS": ("USEU BRUSSELS", "USEU BRUSSELS", "USEU Brussels"),
    "USNATO": ("USNATO", "USMISSION USNATO", "Mission USNATO"),
    "UNVIEVIENNA": ("UNVIE VIENNA", "USMISSION UNVIE VIENNA", "UNVIE"),
    "GENEVA": ("GENEVA", "USMISSION GENEVA", "Mission Geneva"),
}
KINDS = {
    "Embassy": ("AMEMBASSY", "Embassy"),
    "Consulate General": ("AMCONSUL", "Consulate"),
    "Consulate": ("AMCONSUL", "Consulate"),
}


@dataclass(frozen=True, slots=True)
class Post:
    """A post by its names: in an MRN, in a text, on an address line, on a page."""

    code: str
    name: str
    address: str
    origin: str
    country: str
    routing: str
    is_of_archive: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Post and year, and which of its equals in the table of places this one is."""

    post: Post
    year: int
    ordinal: int
    equals: int
    mask: int


@dataclass(frozen=True, slots=True)
class Identity:
    """What a telegram's index fixes: post, year, serial, time of sending."""

    post: Post
    year: int
    serial: int
    sent: datetime

    @property
    def mrn(self) -> str:
        """Canonical MRN."""
        return f"{self.year % 100:02d}{self.post.code}{self.serial}"

    @property
    def step(self) -> int:
        """Serials from one telegram of the post to the next: those between do not exist."""
        return _step(self.post)


def _step(post: Post) -> int:
    return 6 if post.code == "STATE" else 2


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _letters(text: str) -> str:
    spaced = "".join(c if c.isascii() and c.isalpha() else " " for c in text.upper())
    return " ".join(spaced.split())


@lru_cache(maxsize=1)
def posts() -> dict[str, Post]:
    """Give the posts whose names a telegram can print, by code."""
    routing = {
        row["name"]: row["routing_indicator"]
        for row in _rows("routing_indicators.csv")
        if row["is_primary"] == "1" and row["name"].startswith(("AM", "USMISSION", "SECSTATE"))
    }
    found: dict[str, Post] = {}
    for row in _rows("posts.csv"):
        code, name = row["post_code"], _letters(row["post_name"])
        if code in OWN_NAMES:
            name, address, origin = OWN_NAMES[code]
        elif row["post_type"] in KINDS and name.replace(" ", "") == code:
            kind, word = KINDS[row["post_type"]]
            address, origin = f"{kind} {name}", f"{word} {row['post_name']}"
        else:
            continue
        made_up = "RUEH" + code[0] + code[-1] + code[len(code) // 2]
        indicator = routing.get(address, made_up)
        of_archive = "1973" in row["note"]
        found[code] = Post(code, name, address, origin, row["iso2"], indicator, of_archive)
    return found


@lru_cache(maxsize=2)
def in_use(*, archive: bool) -> tuple[Post, ...]:
    """Give the posts of an era."""
    if archive:
        young = frozenset(lists()["young posts"])
        return tuple(post for post in posts().values() if post.code not in young)
    return tuple(post for post in posts().values() if not post.is_of_archive)


@lru_cache(maxsize=4)
def table(seed: int, archive: bool) -> tuple[list[Place], dict[tuple[str, int], list[int]]]:
    """Give the table of places, and the positions of each post and year in it."""
    rng = random.Random(f"{seed}:places:{archive}")
    known = {post.code: post for post in in_use(archive=archive)}
    busy = [code for code in lists()["busy"] if code in known]
    others = sorted(known.keys() - set(busy))
    rng.shuffle(others)
    weights = [1 / (rank + 6) ** 0.9 for rank in range(len(known))]
    years = ARCHIVE_YEARS if archive else RELEASE_YEARS
    drawn = list(
        zip(
            rng.choices(busy + others, weights, k=PLACES),
            rng.choices(list(years), list(years.values()), k=PLACES),
            strict=True,
        )
    )
    positions: dict[tuple[str, int], list[int]] = defaultdict(list)
    for position, key in enumerate(drawn):
        positions[key].append(position)
    places = []
    for position, (code, year) in enumerate(drawn):
        equals = positions[code, year]
        mask = random.Random(f"{seed}:{code}:{year}").getrandbits(30)
        places.append(Place(known[code], year, equals.index(position), len(equals), mask))
    return places, dict(positions)


def identity(seed: int, index: int, *, archive: bool) -> Identity:
    """Give post, year, serial and time of telegram number `index`."""
    places, _ = table(seed, archive)
    turn, position = divmod(index, PLACES)
    place = places[position]
    number = turn * place.equals + place.ordinal
    bits = (ROUNDS * place.equals - 1).bit_length()
    order = number
    if number < 1 << bits:
        # Bits turned round spread the first few over the year; the mask differs by post and year.
        order = int(f"{number:0{bits}b}"[::-1], 2) ^ (place.mask & ((1 << bits) - 1))
    share = (order / (1 << bits)) % 1
    days = 58 if place.year == 2010 else 363
    minute = index * 7919 % 1440
    sent = datetime(place.year, 1, 1) + timedelta(days=int(share * days) + 1, minutes=minute)
    step = _step(place.post)
    return Identity(place.post, place.year, step * order + step - 1, sent)


def earlier(
    seed: int, index: int, rng: random.Random, *, archive: bool, own_post: bool
) -> Identity | None:
    """Give a telegram with a lower index and an earlier time, where one is found."""
    me = identity(seed, index, archive=archive)
    _, positions = table(seed, archive)
    near = positions.get((me.post.code, me.year), []) + positions.get(
        (me.post.code, me.year - 1), []
    )
    for _ in range(4):
        if own_post:
            candidate = PLACES * rng.randint(0, index // PLACES) + rng.choice(near)
        else:
            candidate = int(rng.random() * index)
        if candidate < index:
            other = identity(seed, candidate, archive=archive)
            if timedelta(0) < me.sent - other.sent < timedelta(days=1200):
                return other
    return None


@lru_cache(maxsize=2)
def tags(archive: bool) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Give the TAGS of an era by frequency, and the sums of their weights."""
    aliases = {row["alias"] for row in _rows("tag_aliases.csv")}
    rows = [row for row in _rows("tags.csv") if row["kind"] in ("subject", "program")]
    of_era = [row for row in rows if row["valid_from"] == "1973" or not archive]
    codes = {row["tag"] for row in of_era if archive or not row["valid_to"]} - aliases
    usual = [tag for tag in lists()["old tags" if archive else "usual tags"] if tag in codes]
    others = sorted(codes - set(usual))
    random.Random("tags").shuffle(others)
    ranked = tuple(usual + others)
    return ranked, tuple(accumulate(1 / (rank + 2.5) ** 1.1 for rank in range(len(ranked))))


@lru_cache(maxsize=1)
def country_tags() -> dict[str, str]:
    """Give the geopolitical tag of each country (ISO 3166-1 alpha-2)."""
    return {
        row["iso2"]: row["tag"]
        for row in reversed(_rows("tags.csv"))
        if row["kind"] == "geopolitical" and row["iso2"] and not row["valid_to"]
    }
