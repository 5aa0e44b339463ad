"""Masks the names of one telegram, wherever and however they are written in its texts.

Not here: which names (`etl.restrict.names`).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from etl.parse.names import PARTICLES
from etl.restrict.names import NO_NAMES, Protected

MASK = "X" * 12
"""What stands for a name; counted as a redaction (`etl.parse.patterns.REDACTION`)."""

_TOO = """
    will mark rose roses hope grace faith joy may brown black white green gray grey young long short
    king prince bishop pope price prices cook baker carter miller mason fisher hunter parker porter
    turner walker smith stone wood woods field fields hill hall bank banks bush lake rivers ford
    lane street church house park day days winter summer spring snow frost rain storm bird fox wolf
    lamb art bill drew frank grant guy jack lance pat ray rich rob sue ward dawn chance chase clay
    dean earl hunt major law west north south east land little best love power powers strong small
"""
_WORDS_TOO = frozenset(_TOO.split())
"""Names that are words, too: in small letters they are left."""

_BARRED = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "ħ": "h", "ŧ": "t", "\u00ad": "-"}
_SPELT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe"}
"""Letters that have no accent to lose; letters that telegrams spell with two."""


@lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    """Give a letter small and without its accents, as one letter."""
    if letter.isspace():
        return " "
    small = unicodedata.normalize("NFKD", letter).lower() or letter
    return "'" if small[0] in "’‘`ʼ" else _BARRED.get(small[0], small[0])


def folded(text: str) -> str:
    """Give a text of the same length in small letters without accents."""
    return "".join(map(_plain, text))


class Masking:
    """Masks what a telegram asks to protect, in any of its texts."""

    def __init__(self, what: Protected) -> None:
        """Take what was found in the telegram's texts."""
        whole: set[str] = {_spaced(phrase) for phrase in what.phrases}
        single: set[str] = set()
        self._short: set[str] = set()
        self._ordinary = set(_WORDS_TOO)
        for name in what.doubtful:
            self._ordinary |= {folded(part) for word in name for part in re.split("[-.]", word)}
        for name in what.names:
            whole.add(r"[\s.,'-]{0,3}".join(re.escape(folded(word)) for word in name))
            parts = {part for word in name for part in re.split(r"[-.'’]", word)}
            for word in {*name} | parts:
                upper = word.upper().strip(".")
                if len(upper) == 2 and word.lower() not in PARTICLES:
                    self._short |= {re.escape(word), re.escape(upper)}
                elif len(upper) > 2 and word.lower() not in PARTICLES and upper not in NO_NAMES:
                    single |= set(_spellings(word))
                    if word.islower():
                        self._ordinary.discard(folded(word))
        self._in_addresses = [word for word in single if len(word) > 3]
        words = sorted(whole, key=len, reverse=True) + sorted(single, key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\w)({'|'.join(words)})(?:e?s)?(?!\w)") if words else None

    def masked(self, text: str) -> str:
        """Give the text with the names masked; the same text when it has none."""
        masked = _ADDRESS.sub(self._address, text) if "@" in text else text
        if self._short:
            pattern = rf"(?<!\w)(?:{'|'.join(sorted(self._short))})(?!\w)"
            masked = re.sub(pattern, MASK, masked)
        if self._pattern:
            pieces, at = [], 0
            for found in self._pattern.finditer(folded(masked)):
                if (
                    re.sub(r"\W", "", found[1]) in self._ordinary
                    and masked[found.start()].islower()
                ):
                    continue  # `He may come`, of somebody called May
                pieces += [masked[at : found.start()], MASK]
                at = found.end()
            masked = "".join([*pieces, masked[at:]])
        if masked == text:
            return text
        between = rf"(?:[^\S\n]|-|\b(?:\w\.|{'|'.join(map(re.escape, sorted(PARTICLES)))})\s)*"
        return re.sub(rf"{MASK}(?:{between}{MASK})+", MASK, masked)

    def _address(self, found: re.Match[str]) -> str:
        plain = folded(found[0])
        return MASK if any(re.search(word, plain) for word in self._in_addresses) else found[0]

    def touches(self, text: str | None) -> bool:
        """Whether a text has a protected name."""
        return text is not None and self.masked(text) != text


_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,80}@[\w.-]+\w")


def _spellings(word: str) -> Iterator[str]:
    """Give patterns of a word: as it is, run together (ONEILL), with two letters for ü (or one)."""
    plain = folded(word)
    # A line end may have cut it: `Pet- rov`.
    yield (r"(?:-\s?)?" if len(plain) > 4 else "").join(map(re.escape, plain))
    if (joined := re.sub(r"[.'-]", "", plain)) != plain and len(joined) > 3:
        yield joined
    spelt = "".join(_SPELT.get(letter, letter) for letter in word.lower())
    if spelt != word.lower():
        yield re.escape(folded(spelt))
    if len(plain) > 4 and re.search("[aou]e", plain):
        yield re.sub("([aou])e", r"\1e?", re.escape(plain))


def _spaced(phrase: str) -> str:
    return r"\s+".join(re.escape(folded(word)) for word in phrase.split())
