"""Names that a telegram asks to protect: found by their marks, masked wherever they stand.

    MP Jovan Petrov (strictly protect) told poloff        → Jovan Petrov
    Petrov, Ivanov and Lee (please protect all)           → all three
    STRICTLY PROTECT: Jovan Petrov                        → Jovan Petrov
    a senior official of the port (protect)               → the words before the mark
    Please protect all our sources.                       → nobody can tell whom: `is_general`

In doubt a word more is masked: a place beside the name, a word that is also a name. A name in
other letters (Petroff) or a nickname is not found.

Not here: which telegrams have marks (`etl.restrict.protection`).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from etl.conform.reference import rows
from etl.parse.names import ALSO_SURNAMES, LONGEST_NAME, PARTICLES, TITLES

MASK = "X" * 12
"""What stands for a name; counted as a redaction (`etl.parse.patterns.REDACTION`)."""

BRACKETS = re.compile(r"[(\[]([^()\[\]]{0,300})[)\]]")
_PROTECT = re.compile(r"\bprotect(?:ed|ion)?\b", re.I)
_ASKED_BEFORE = re.compile(
    r"\b(?:strictly|please|pls|kindly|must|identit\w*|sources?|names?)\b|[,;:–-]\s*$", re.I
)
_ASKED_BEHIND = re.compile(
    r"(?i:\W+(?:strictly|please|the|his|her|their|our|this|sources?|names?|identity|identities|"
    r"throughout|both|all|fully|at|times))*\W*$|\s*[:;,–-]|\s+[A-Z]"
)
"""`(strictly protect)`, `[protect source]`, `(please protect Petrov)`, `(Petrov - protect)`: what
stands in brackets before and behind the word."""

OPEN = re.compile(
    r"\b(?:(?:strictly|please|pls|kindly)\s+(?:(?:strictly|please|fully)\s+)?protect(?:ed)?"
    r"|strict\s+protect(?:ion)?|protect\s+(?:strictly|source|sources|throughout)"
    r"|identit(?:y|ies)\b[^.\n]{0,60}?\bprotect(?:ed)?|protect\b[^.\n]{0,60}?\bidentit(?:y|ies))\b",
    re.I,
)
"""The same words without brackets."""

HANDLING = re.compile(
    r"\s*(?:accordingly|as\b|this\b|it\b|(?:the\s+)?(?:info|content|document|cable|telegram|message"
    r"|text|report)\w*)",
    re.I,
)
"""What follows where not a name but the telegram is to be protected."""

PLURAL = re.compile(
    r"\b(?:sources|contacts|interlocutors|names|identities|individuals|persons|people|participants"
    r"|both|all|everyone|attendees)\b",
    re.I,
)
_REDACTED = re.compile(r"[Xx]{4,}")
_REDACTED_BEHIND = re.compile(r"[\s,:;\"“'(–-]*[Xx]{4,}")
_WORD = re.compile(r"[^\W\d_](?:[\w]|[.'’`-](?=\w))*")
_SENTENCE_END = re.compile(r"[.!?;:][\"”’)\]]?\s+(?=[\"“(\[]?[^\W\d_a-z])|\n")
_CHAIN = re.compile(r"\s*(?:,|;|/|&|,?\s*\b(?:and|or)\b)\s*", re.I)
_OF = re.compile(r"\b(?:of|for|from|in|at|near|the|a|an|on)\s*$", re.I)
_ABBREVIATED = frozenset(
    {"DR", "MR", "MRS", "MS", "GEN", "COL", "ST", "PROF", "AMB", "REV", "CAPT"}
)
_COMMON = """
    A AN AND ARE AS AT BE BEEN BOTH BUT BY DID DOES FOR FROM HAD HAS HAVE HE HER HERS HIS HOW I IF
    IN INTO IS IT ITS ME NO NOR NOT OF OFF ON ONE OR OUR OUT SHE SO SOME THAN THAT THE THEIR THEM
    THEN THERE THESE THEY THIS THOSE THROUGH TO UP US WAS WE WERE WHAT WHEN WHERE WHICH WHILE WHO
    WHOM WHY WILL WITH WOULD YOU ABOUT ABOVE ACCORDING ACROSS AFTER AGAINST ALSO ALTHOUGH AMONG
    ANOTHER BECAUSE BEFORE BETWEEN DURING EARLIER FINALLY FIRST FORMER FURTHERMORE HOWEVER LATER
    MEANWHILE MOREOVER ONCE ONLY OTHER OVER PREVIOUSLY RECENTLY SECOND SEPARATELY SEVERAL SINCE
    THUS TWO THREE UNDER UNTIL UPON VERY WITHIN WITHOUT YET ADDED ADMITTED AGREED ARGUED ASKED
    BELIEVES CALLED CLAIMED CLAIMS COMMENTED CONFIDED CONFIRMED DENIED EXPLAINED HEARD INFORMED
    MET NOTED OBSERVED POINTED REMARKED REPLIED REPORTED SAID SAW SAYS SPOKE STATED SUGGESTED
    TALKED TELLS THINKS TOLD WARNED WROTE MEETING LUNCH DINNER CONVERSATION INTERVIEW VISIT
    COMMENT NOTE SUMMARY END BEGIN SUBJECT REF SOURCE SOURCES CONTACT CONTACTS EMBOFF EMBOFFS
    POLOFFS ECONOFF ECONOFFS CONOFFS AMCIT AMCONSUL GOVERNMENT MINISTRY MP MPS NGO NGOS SIR LADY
    LORD DR. MR. MRS. MS. JANUARY FEBRUARY MARCH APRIL JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER
    DECEMBER MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY PLEASE PLS STRICTLY STRICT
    PROTECT PROTECTED LATTER INTERLOCUTOR OFFICIAL PERSON MAN WOMAN PROTECTION THROUGHOUT IDENTITY
    IDENTITIES NAME NAMES ALL KINDLY MUST FULLY TIMES
"""
"""Words that are no names, though a sentence or a text in capitals has them in capitals."""

_NO_NAMES = TITLES | frozenset(_COMMON.split())
_SENTENCE = 600
"""Characters before and behind a mark that are looked at: time must not grow with what is there."""

_IN_CAPITALS = 5
"""Words of a name in a text all in capitals: more are a sentence."""


@dataclass
class Protected:
    """What one telegram asks to protect.

    `names` are names in their words, `phrases` descriptions without a name; `is_general`: it asks
    for people whom the mark does not name. `marks` counts the marks.
    """

    names: set[tuple[str, ...]] = field(default_factory=set)
    phrases: set[str] = field(default_factory=set)
    is_general: bool = False
    marks: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be masked."""
        return not (self.names or self.phrases or self.is_general)


def protected(texts: Iterable[str]) -> Protected:
    """Find what the texts of one telegram ask to protect."""
    found = Protected()
    for text in texts:
        if not _PROTECT.search(text):
            continue
        taken: list[tuple[int, int]] = []
        for mark in BRACKETS.finditer(text):
            if _asks(mark[1]):
                taken.append(mark.span())
                _bracketed(text, mark, found)
        for mark in OPEN.finditer(text):
            if any(start <= mark.start() < end for start, end in taken):
                continue
            if not HANDLING.match(text, mark.end()):
                _open(text, mark, found)
    return found


def removed_elsewhere(hidden: Iterable[str], found: Protected) -> None:
    """Add what another version of the telegram hides behind Xs: names, or other words."""
    for text in hidden:
        words = tuple(re.findall(r"[\w.'’-]*\w", text))
        if not words:
            continue
        found.marks += 1
        if len(words) <= LONGEST_NAME and all(
            word[0].isupper() or word.lower() in PARTICLES for word in words
        ):
            found.names.add(words)
        elif len(words) > 1:
            found.phrases.add(text.strip())


def _asks(inside: str) -> bool:
    """Whether what stands in brackets asks to protect somebody."""
    word = _PROTECT.search(inside)
    if word is None or HANDLING.match(inside, word.end()):
        return False
    before, behind = inside[: word.start()], inside[word.end() :]
    if before.strip():
        return bool(_ASKED_BEFORE.search(before))
    is_order = word[0].lower() == "protect"  # else only `(protected)`, not `(protected Areas)`
    return bool(_ASKED_BEHIND.match(behind if is_order else behind.lower()))


def _bracketed(text: str, mark: re.Match[str], found: Protected) -> None:
    found.marks += 1
    inside = [names for names, _, _ in _candidates(mark[1])]
    start, end = _sentence(text, mark.start(), mark.end())
    before = text[start : mark.start()]
    if not inside and _REDACTED_BEHIND.match(text, mark.end()):
        return  # the name is behind the mark, and has been removed
    several = bool(PLURAL.search(mark[1]))
    # `Petrov (strictly protect, FSN)`: what is in the brackets need not be the name.
    named = inside + _before(before, several=several)
    if not named:
        behind = [names for names, at, _ in _candidates(text[mark.end() : end]) if at <= 2]
        named = behind[:1]
    if not named and before and _says_nobody(before):  # `Petrov waited. He (protect) was alone.`
        named = _earlier(text, start)
        several = several or not named
    _take(found, named, before, is_general=several)


def _open(text: str, mark: re.Match[str], found: Protected) -> None:
    found.marks += 1
    start, end = _sentence(text, mark.start(), mark.end())
    before, behind = text[start : mark.start()], text[mark.end() : end]
    is_aside = bool(re.match(r"\s*(?:[,;)–-]|$)", behind)) and bool(before.strip())
    after = [] if is_aside else [names for names, _, _ in _candidates(behind)]
    # Both sides: `Petrov asked us to strictly protect him from the Guild`.
    named = after + _before(before, several=True)
    if not named:  # `We met Petrov. Please protect.`
        named = _earlier(text, start)
    _take(found, named, "", is_general=True)


def _says_nobody(phrase: str) -> bool:
    """Whether a phrase is but a pronoun or `the source`."""
    words = re.findall(r"\w+", phrase.upper())
    return len(words) <= 3 and all(word in _NO_NAMES for word in words)


def _earlier(text: str, start: int) -> list[tuple[str, ...]]:
    """Find the names of the sentence before the one that begins at `start`."""
    stop = len(text[:start].rstrip()) - 1
    if stop < 1:
        return []
    earlier, _ = _sentence(text, stop, start)
    return _before(text[earlier:start], several=True)


def _take(found: Protected, named: list[tuple[str, ...]], before: str, *, is_general: bool) -> None:
    """Take the names; without any the description, and without that everybody."""
    found.names.update(
        kept for names in named if (kept := tuple(n for n in names if not _REDACTED.fullmatch(n)))
    )
    phrase = before.strip(' \n\t,;:-–"“”')
    if named:
        return
    if is_general or not phrase:
        found.is_general = True
    else:
        found.phrases.add(phrase)


def _before(text: str, *, several: bool) -> list[tuple[str, ...]]:
    """Find the names that a mark behind `text` (a sentence so far) stands for."""
    found = list(_candidates(text))
    if not found:
        return []
    everybody = [names for names, _, _ in found]
    if several or re.search(r"\w", text[found[-1][2] :]):
        return everybody  # `Petrov, a member of the board (protect)`
    chain = [found[-1]]
    for earlier in reversed(found[:-1]):
        if not _CHAIN.fullmatch(text[earlier[2] : chain[-1][1]]):
            break
        chain.append(earlier)
    if _OF.search(text[: chain[-1][1]]):
        return everybody  # `Petrov of the Harbor Union (protect)`
    return [names for names, _, _ in chain]


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Give where the sentence around `start` … `end` begins and ends."""
    begins = max(0, start - _SENTENCE)
    for stop in _SENTENCE_END.finditer(text, begins, start):
        word = re.search(r"([\w]+)\.$", text[: stop.start() + 1])
        if word and (len(word[1]) == 1 or word[1].upper() in _ABBREVIATED):
            continue
        begins = stop.end()
    # The colon of `STRICTLY PROTECT: Petrov` ends no sentence.
    latest = min(len(text), end + _SENTENCE)
    stop_behind = _SENTENCE_END.search(text, end + 1, latest)
    return begins, stop_behind.start() + 1 if stop_behind else latest


def _candidates(text: str) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Give what may be names: their words, where they begin and end.

    A name is a run of capitalised words that are no titles, particles in between.
    """
    is_capitals = text.upper() == text
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(text), None]:
        goes_on = word is not None and _is_name_word(word[0], in_name=bool(run))
        if run and (
            word is None
            or not goes_on
            or not re.fullmatch(r"\.?[\s\"“'‘]{0,3}", text[run[-1].end() : word.start()])
        ):
            while run and run[-1][0].lower() in PARTICLES:
                run.pop()
            if is_capitals:
                run = run[-_IN_CAPITALS:]
            words = tuple(re.sub(r"['’`]s$", "", each[0], flags=re.I) for each in run)
            if run and not _is_place(words):
                yield words, run[0].start(), run[-1].end()
            run = []
            goes_on = word is not None and _is_name_word(word[0], in_name=False)
        if goes_on and word is not None:
            run.append(word)


def _is_name_word(word: str, *, in_name: bool) -> bool:
    upper = word.upper().rstrip(".")
    if word.lower() in PARTICLES and not word[0].isupper():
        return in_name
    if upper in _NO_NAMES and not (in_name and upper in ALSO_SURNAMES):
        return False
    return word[0].isupper() or any(part[:1].isupper() for part in re.split(r"[-'’]", word)[1:])


@cache
def _places() -> frozenset[str]:
    return frozenset(
        row[column].upper() for row in rows("posts") for column in ("post_name", "country_name")
    )


def _is_place(words: tuple[str, ...]) -> bool:
    return " ".join(words).upper() in _places()


@lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    """Give a letter small and without its accents, as one letter."""
    if letter.isspace():
        return " "
    small = unicodedata.normalize("NFKD", letter).lower() or letter
    return "'" if small[0] in "’‘`ʼ" else small[0]


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
        for name in what.names:
            whole.add(r"[\s.,'-]{0,3}".join(re.escape(folded(word)) for word in name))
            parts = {part for word in name for part in re.split(r"[-.]", word)}
            for word in {*name} | parts:
                upper = word.upper().strip(".")
                if len(upper) == 2 and word.lower() not in PARTICLES:
                    self._short |= {re.escape(word), re.escape(upper)}
                elif len(upper) > 2 and word.lower() not in PARTICLES and upper not in _NO_NAMES:
                    single.add(re.escape(folded(word)))
        words = sorted(whole, key=len, reverse=True) + sorted(single, key=len, reverse=True)
        self._pattern = (
            re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?:e?s)?(?!\w)") if words else None
        )

    def masked(self, text: str) -> str:
        """Give the text with the names masked; the same text when it has none."""
        masked = text
        if self._short:
            pattern = rf"(?<!\w)(?:{'|'.join(sorted(self._short))})(?!\w)"
            masked = re.sub(pattern, MASK, masked)
        if self._pattern:
            pieces, at = [], 0
            for found in self._pattern.finditer(folded(masked)):
                pieces += [masked[at : found.start()], MASK]
                at = found.end()
            masked = "".join([*pieces, masked[at:]])
        if masked == text:
            return text
        between = rf"(?:[\s-]|\b(?:\w\.|{'|'.join(map(re.escape, sorted(PARTICLES)))})\s)*"
        return re.sub(rf"{MASK}(?:{between}{MASK})+", MASK, masked)

    def touches(self, text: str | None) -> bool:
        """Whether a text has a protected name."""
        return text is not None and self.masked(text) != text


def _spaced(phrase: str) -> str:
    return r"\s+".join(re.escape(folded(word)) for word in phrase.split())
