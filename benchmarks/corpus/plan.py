"""What is decided about a telegram before its lines are written, and how lines are broken."""

import random
from dataclasses import dataclass

from benchmarks.corpus.places import Identity, Post
from benchmarks.corpus.words import Prose


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
