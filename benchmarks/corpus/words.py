"""The words of the made-up telegrams: a vocabulary with Zipf's weights, clauses, names.

Text has to compress like prose (zstd about 3:1) and to hold as many distinct words as prose does,
or a benchmark of storage and of everything that works once per distinct value is worth nothing.
So clauses of three to seven words are drawn from a vocabulary of 6,000 once per process, and
telegrams draw from some 400,000 of them. No sentence is written by hand, none means anything.
"""

import random
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

VOCABULARY_SIZE = 6_000
CLAUSES = 400_000
ZIPF_EXPONENT = 1.0


@lru_cache(maxsize=1)
def lists() -> dict[str, tuple[str, ...]]:
    """Give the lists of `lists.txt` by name."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in Path(__file__).with_name("lists.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            found[name.removesuffix(" lines")] = []
        elif line and not line.startswith("#"):
            items = [line] if name.endswith(" lines") else line.split()
            found[name.removesuffix(" lines")] += items
    return {name: tuple(items) for name, items in found.items()}


def invented(rng: random.Random, syllables: int) -> str:
    """Give a word that can be spoken and means nothing."""
    known = lists()
    onsets, vowels, codas = known["onsets"], known["vowels"], known["codas"]
    return "".join(
        rng.choice(onsets) + rng.choice(vowels) + (rng.choice(codas) if rng.random() < 0.75 else "")
        for _ in range(syllables)
    )


@lru_cache(maxsize=2)
def vocabulary(seed: int) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Give the words by rank, and the sums of their weights."""
    rng = random.Random(f"{seed}:vocabulary")
    known = lists()
    trade = sorted(set(known["trade words"]) - set(known["function words"]))
    rng.shuffle(trade)
    words = _frequent()
    rest = words[12:]
    rng.shuffle(rest)
    words[12:] = rest
    words += [word.capitalize() if word in known["capitalised"] else word for word in trade]
    seen = set(words)
    while len(words) < VOCABULARY_SIZE:
        word = invented(rng, rng.choice((1, 1, 2, 2)))
        word = word.capitalize() if rng.random() < 0.2 else word + rng.choice(known["endings"])
        if len(word) > 3 and word not in seen:
            seen.add(word)
            words.append(word)
    weights = accumulate(1 / (rank + 2) ** ZIPF_EXPONENT for rank in range(len(words)))
    return tuple(words), tuple(weights)


def _frequent() -> list[str]:
    return [*dict.fromkeys(lists()["function words"]), *lists()["collocations"]]


class Prose:
    """Text of any length out of a pool of clauses; the pool depends on the seed alone."""

    def __init__(self, seed: int) -> None:
        """Draw the pool (a second or two)."""
        words, weights = vocabulary(seed)
        rng = random.Random(f"{seed}:clauses")
        lengths = rng.choices((3, 4, 5, 6, 7), k=CLAUSES)
        drawn = rng.choices(words, cum_weights=weights, k=sum(lengths))
        pool: list[str] = []
        at = 0
        for length in lengths:
            pool.append(" ".join(drawn[at : at + length]))
            at += length
        for index in range(0, CLAUSES, 9):
            pool[index] = _with_figure(rng, pool[index])
        self.pool: Sequence[str] = pool
        self.words: Sequence[str] = words[len(_frequent()) :]
        self.clause_length = sum(map(len, pool)) / CLAUSES + 1.6

    def text(self, rng: random.Random, characters: float) -> str:
        """Give sentences of about so many characters, on one line."""
        count = max(3, round(characters / self.clause_length))
        clauses = rng.choices(self.pool, k=count)
        draw = rng.random
        sentences = []
        at = 0
        while at < count:
            end = at + 2 + int(draw() * 4)
            if count - end < 2:
                end = count
            sentence = clauses[at:end]
            first = sentence[0]
            sentence[0] = first[0].upper() + first[1:]
            if len(sentence) > 2:
                sentence[1] += ","
            joined = " ".join(sentence)
            if draw() < 0.06:
                half = len(sentence) // 2
                joined = f'{" ".join(sentence[:half])} "{" ".join(sentence[half:])}"'
            sentences.append(joined)
            at = end
        return ". ".join(sentences) + "."

    def title(self, rng: random.Random, least: int = 2, most: int = 6) -> str:
        """Give a few words for a heading or a subject."""
        return " ".join(rng.choices(self.words[:2500], k=rng.randint(least, most)))


def _with_figure(rng: random.Random, clause: str) -> str:
    """Put a figure into a clause, never at its end (`… 2006.` at a line's start is a number)."""
    first, _, rest = clause.partition(" ")
    kind = rng.random()
    if kind < 0.35:
        figure = f"in {rng.randint(1985, 2010)} and"
    elif kind < 0.65:
        figure = f"{rng.randint(2, 99)} percent of"
    elif kind < 0.85:
        figure = f"some {rng.randint(1, 99)},{rng.randint(0, 9)}00"
    else:
        figure = f"USD {rng.randint(1, 900)} million for"
    return f"{first} {figure} {rest}"


@lru_cache(maxsize=2)
def prose(seed: int) -> Prose:
    """Give the pool of a seed, made once per process."""
    return Prose(seed)


@lru_cache(maxsize=65_536)
def person(seed: int, post_code: str, year: int, place: int) -> tuple[str, str, str]:
    """Give first name, surname and title of an officer: the same few sign at a post in a year."""
    rng = random.Random(f"{seed}:person:{post_code}:{year // 2}:{place}")
    titles = lists()["titles"]
    surname = invented(rng, rng.choice((2, 2, 3))).capitalize()
    while len(surname) < 5:
        surname += invented(rng, 1)
    return (
        rng.choice(lists()["first names"]),
        surname,
        titles[0] if place == 0 else rng.choice(titles),
    )
