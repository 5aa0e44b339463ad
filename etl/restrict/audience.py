"""Who gets the file, and what a printed level, caveat or portion marking means to them.

What cannot be read is withheld: a marking that nobody understands may say anything.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches

from etl.conform.reference import rows
from etl.contracts.columns import LEVEL_RANKS
from etl.parse.marking import (
    LEVEL_BY_LETTERS,
    LEVEL_BY_PORTION,
    PORTION_CAVEATS,
    split_caveats,
    split_portion,
)
from etl.parse.patterns import LEVEL_WORDS

_LEVELS = {**LEVEL_BY_PORTION, **LEVEL_BY_LETTERS}
_LEVEL = re.compile(rf"({'|'.join(sorted(_LEVELS, key=len, reverse=True))})(?![A-Z])")
_RANKS = {word: LEVEL_RANKS[level] for word, level in _LEVELS.items()}
_NAMED = re.compile(rf"(?<![A-Z]){LEVEL_WORDS}(?![A-Z])")
_RELEASE = "REL TO"
_ALIASES = {"NOCON": "NOCONTRACT"}
"""Words of markings that `etl.parse.marking` leaves as they are."""


class NotUnderstood(ValueError):
    """A level or caveat that no telegram can have; the message names those that are near."""


@dataclass(frozen=True)
class Audience:
    """What an audience may have.

    `max_level` is the rank of the highest level (0 unclassified … 4 top secret); None: any, also
    unknown. `unknown_level` is the rank that telegrams of unknown level are taken to have; None:
    above any. `excluded` are canonical caveats.
    """

    max_level: int | None = None
    excluded: frozenset[str] = field(default_factory=frozenset)
    mask_protected: bool = False
    unknown_level: int | None = None

    @property
    def is_limited(self) -> bool:
        """Whether level or caveats keep anything from them."""
        return self.max_level is not None or bool(self.excluded)

    def may_have_level(self, rank: int) -> bool:
        """Whether they may have a telegram of that rank; -1 is one of unknown level."""
        if self.max_level is None:
            return True
        if rank < 0:
            return self.unknown_level is not None and self.unknown_level <= self.max_level
        return rank <= self.max_level

    def is_excluded(self, caveat: str) -> bool:
        """Whether a caveat is excluded; REL TO stands for every list of countries."""
        return _ALIASES.get(caveat, caveat) in self.excluded or (
            _RELEASE in self.excluded and bool(re.match(r"REL(?: |TO|$)", caveat))
        )

    def may_have_portion(self, marking: str, caveats: Collection[str] = ()) -> bool:
        """Whether they may have what is marked `S//NF`, `SBU`; caveats as the warehouse has them.

        A marking without a level that can be read is for nobody whom level or caveats limit.
        """
        if not self.is_limited:
            return True
        words = re.sub(r"\s*[)\]}]\s*/?\s*[(\[{]\s*", "/", marking.upper()).strip(" /")
        # `C, NF`, `C.NF`, `C—NF`; the commas of a list of countries stay.
        words = re.sub(r"\s*[;:.&+—]+\s*", "/", words)
        words = re.sub(r"^([A-Z ]+?)\s*,", r"\1/", words)
        found = _LEVEL.match(words.replace(" ", "")) or _LEVEL.match(words)
        if found is None:
            return False
        # `U//S`: the highest level named counts.
        named = [found[1], *(part.strip() for part in words.split("/"))]
        if not self.may_have_level(max(_RANKS[part] for part in named if part in _RANKS)):
            return False
        return not any(map(self.is_excluded, {*split_portion(words), *caveats}))

    def may_have_published(self, words: str) -> bool:
        """Whether they may have what a page, row or cover gives as `CONFIDENTIAL//NOFORN`.

        What has no level there says nothing of it: then the telegram's own line decides.
        """
        upper = words.upper()
        found = _LEVEL.match(re.split(r"/", upper, maxsplit=1)[0].replace(" ", ""))
        if found and not self.may_have_level(LEVEL_RANKS[_LEVELS[found[1]]]):
            return False
        return not any(map(self.is_excluded, split_caveats(upper)))

    def may_have_line(self, words: str) -> bool:
        """Whether they may have a telegram one of whose lines names these levels and caveats."""
        levels = [
            LEVEL_BY_LETTERS[found.replace(" ", "")] for found in _NAMED.findall(words.upper())
        ]
        if not all(self.may_have_level(LEVEL_RANKS[level]) for level in levels):
            return False
        return not any(map(self.is_excluded, split_caveats(words.upper())))

    def words(self) -> str:
        """Name the audience in a line, for the comment of the file that they get."""
        names = {rank: level for level, rank in LEVEL_RANKS.items()}
        parts = [
            "any level" if self.max_level is None else f"at most {names[self.max_level]}",
            *(f"without {caveat}" for caveat in sorted(self.excluded)),
            *(["protected names masked"] if self.mask_protected else []),
        ]
        return ", ".join(parts)


def level_rank(words: str) -> int:
    """Give the rank of a level as a person types it; raises NotUnderstood."""
    level = re.sub(r"[\s_-]+", " ", words.strip()).upper()
    if level not in LEVEL_RANKS:
        raise NotUnderstood(f"{words} is no level; there are {', '.join(LEVEL_RANKS)}")
    return LEVEL_RANKS[level]


def canonical_caveat(words: str, used: Collection[str] = ()) -> str:
    """Give a caveat as the warehouse has it: `nf` → NOFORN.

    It must be in the reference table or among those `used` in the warehouse: a misspelt one would
    exclude nothing without a word. Raises NotUnderstood.
    """
    caveat = re.sub(r"\s+", " ", words.strip()).upper()
    caveat = PORTION_CAVEATS.get(caveat, caveat)
    known = {row["caveat"] for row in rows("caveats")} | {*PORTION_CAVEATS.values(), *used}
    if caveat in known:
        return caveat
    near = get_close_matches(caveat, sorted(known), n=3)
    hint = f"; there are {', '.join(near)}" if near else ""
    raise NotUnderstood(f"{words} is a caveat that neither table nor telegrams have{hint}")
