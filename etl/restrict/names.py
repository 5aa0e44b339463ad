"""Names that a telegram asks to protect: found by their marks, masked wherever they stand.

    MP Jovan Petrov (strictly protect) told poloff        → Jovan Petrov
    Petrov, Ivanov and Lee (please protect all)           → all three
    STRICTLY PROTECT: Jovan Petrov                        → Jovan Petrov
    a senior official of the port (protect)               → the words before the mark
    Please protect all our sources.                       → nobody can tell whom: `is_general`

In doubt a word more is masked: a place beside the name, a word that is also a name. A name in
other letters (Petroff) or a nickname is not found.

Not here: how names are masked (`etl.restrict.masking`), which telegrams have marks
(`etl.restrict.protection`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from etl.conform.reference import rows
from etl.parse.names import ALSO_SURNAMES, LONGEST_NAME, PARTICLES, TITLES

BRACKETS = re.compile(r"[(\[]([^()\[\]]{0,300})[)\]]")
WORD = r"(?:(?:pro-?\s?te(?:ct?|t)|protct|portect|prtect|proect)(?:ed|ion)?|prot)"
"""The word, its misprints included: `protec`, `protct`, `pro- tect`."""

_PROTECT = re.compile(rf"\b{WORD}\b", re.I)
_WHOM = (
    "strictly|strict|please|pls|kindly|the|a|an|as|his|her|their|our|this|these|if|per|him|them|"
    "sources?|names?|identity|identities|contacts?|interlocutors?|individuals?|persons?|officials?|"
    "informants?|sensitive|confidential|possible|released|published|throughout|both|all|fully|at|times"
)
_ASKED_BEFORE = re.compile(
    r"\b(?:str\w+|please|pls|kindly|must|identit\w*|sources?|names?)\b|[,;:–-]\s*$", re.I
)
_GUARDED = re.compile(r"\b(?:act|laws?|legally|police|well|by|copyright|password)\W*$", re.I)
_ASKED_BEHIND = re.compile(
    rf"(?i:\W+(?:{_WHOM}))*\W*$|\s*[:;,–-]|\s+(?!.*\b(?:Act|Law|Bill|Program|Fund)\b)[A-Z]"
)
_ASKED_IN_A_SENTENCE = re.compile(rf"(?i:\W+(?:{_WHOM}))*\W*$|\s*[;,–]")
"""`(strictly protect)`, `[protect source]`, `(please protect Petrov)`, `(who should be protected)`:
what stands in brackets before and behind the word."""

OPEN = re.compile(
    rf"\b(?:(?:strictly|please|pls|kindly)\s+(?:(?:strictly|please|fully)\s+)?{WORD}"
    r"|strict\s+protect(?:ion)?|protect\s+(?:strictly|source|sources|throughout)|protect:(?=\s)"
    r"|protect(?:ed)?\s+as\s+(?:an?\s+)?(?:sensitive\s+|confidential\s+)?sources?"
    r"|(?:ask|request)\w*\s+(?:that\s+)?(?:he|she|you|addressees|readers|(?:the\s+)?department"
    r"|washington)\s+(?:be\s+|please\s+)?protect(?:ed)?"
    r"|names?\b[^.\n]{0,60}?\b(?:be|is|are)\s+protected"
    r"|identit(?:y|ies)\b[^.\n]{0,60}?\bprotect(?:ed)?|protect\b[^.\n]{0,60}?\bidentit(?:y|ies))"
    r"(?!\w)",
    re.I,
)
"""The same words without brackets."""

HANDLING = re.compile(
    r"\s*(?:accordingly|appropriately"
    r"|as\s+(?:such|appropriate|necessary|needed|required|classified|sbu|sensitive|confidential)\b"
    r"|(?:(?:this|the|these|all)\s+)?(?:info|content|document|cable|telegram|message|text|report"
    r"|material)\w*|it\b)(?!\W+(?:sources?|contacts?|sender)\b)",
    re.I,
)
"""What follows where not a name but the telegram is to be protected."""

NOTICE = re.compile(
    r"sensitive,? but unclassified|not for internet|entire text"
    r"|\b(?:sbu|fouo)\W*(?:please|pls|kindly)?\W*$",
    re.I,
)
"""What stands before it there."""

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
    ATTENDEES PARTICIPANTS INTERLOCUTORS PRESENT FOLLOWING SENSITIVE CONFIDENTIAL
    DECEMBER MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY PLEASE PLS STRICTLY STRICT
    PROTECT PROTECTED LATTER INTERLOCUTOR OFFICIAL PERSON MAN WOMAN PROTECTION THROUGHOUT IDENTITY
    IDENTITIES NAME NAMES ALL KINDLY MUST FULLY TIMES
"""
"""Words that are no names, though a sentence or a text in capitals has them in capitals."""

NO_NAMES = TITLES | frozenset(_COMMON.split())
_SENTENCE = 600
"""Characters before and behind a mark that are looked at: time must not grow with what is there."""

_SHORT = 6
"""Words before `protect` in brackets that ask: more are a note in brackets."""

_IN_CAPITALS = 5
"""Words of a name in a text all in capitals: more are a sentence."""


@dataclass
class Protected:
    """What one telegram asks to protect.

    `names` are names in their words, `doubtful` those that only stand in the same sentence,
    `phrases` descriptions without a name; `is_general`: it asks for people whom the mark does not
    name. `marks` counts the marks.
    """

    names: set[tuple[str, ...]] = field(default_factory=set)
    doubtful: set[tuple[str, ...]] = field(default_factory=set)
    phrases: set[str] = field(default_factory=set)
    is_general: bool = False
    marks: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be masked."""
        return not (self.names or self.doubtful or self.phrases or self.is_general)


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
            start = max(0, mark.start() - 80)
            if not (HANDLING.match(text, mark.end()) or NOTICE.search(text[start : mark.start()])):
                _open(text, mark, found)
    return found


def hidden_words(shown: str, hides: str) -> list[str]:
    """Give what one text shows where the other has Xs; nothing where they say other things."""
    pieces = [re.escape(piece.strip()) for piece in _REDACTED.split(hides)]
    found = re.fullmatch(r"\s*(.{1,200}?)\s*".join(pieces), shown.strip(), re.I | re.S)
    return [words for words in found.groups() if not _REDACTED.search(words)] if found else []


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
    if word[0].lower().endswith("ion"):  # `(Child Protection)`
        return bool(re.search(r"\b(?:sources?|identity|request\w*|strict\w*)\b", inside, re.I))
    if before.strip():
        if NOTICE.search(before) or _GUARDED.search(before):
            return False
        is_short = len(before.split()) <= _SHORT
        return bool(
            _ASKED_BEFORE.search(before) or (is_short and _ASKED_IN_A_SENTENCE.match(behind))
        )
    is_order = (
        not word[0].lower().endswith("ed")
    )  # else only `(protected)`, not `(protected Areas)`
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
    named = inside + _listed(text, mark.end()) + _before(before, found, several=several)
    if not named:
        behind = [names for names, at, _ in _candidates(text[mark.end() : end]) if at <= 2]
        named = behind[:1]
    if not named and _UNKNOWN.match(before) and _says_nobody(before):
        return  # `A contact (protect) said`: nothing there is a name
    if not named and before and _says_nobody(before):  # `Petrov waited. He (protect) was alone.`
        named = _earlier(text, start, found)
        several = several or not named
    _take(found, named, before, is_general=several)


def _open(text: str, mark: re.Match[str], found: Protected) -> None:
    found.marks += 1
    start, end = _sentence(text, mark.start(), mark.end())
    before, behind = text[start : mark.start()], text[mark.end() : end]
    is_aside = bool(re.match(r"\s*(?:[,;)–-]|$)", behind)) and bool(before.strip())
    after = [] if is_aside else [names for names, _, _ in _candidates(behind)]
    # Both sides: `Petrov asked us to strictly protect him from the Guild`.
    within = [names for names, _, _ in _candidates(mark[0])]  # `the name of Petrov be protected`
    named = within + after + _listed(text, mark.end()) + _before(before, found, several=True)
    if not named:  # `We met Petrov. Please protect.`
        named = _earlier(text, start, found)
    _take(found, named, "", is_general=True)


def _listed(text: str, at: int) -> list[tuple[str, ...]]:
    """Find the names of a list behind a mark: `Attendees (please protect): …`, lines of a list."""
    first, *lines = text[at : at + _SENTENCE].split("\n")
    colon = re.match(r"\s*(?:\w+\s*){0,2}:|[^.]*:\s*$", first)
    if colon is None:
        return []
    rest = first[colon.end() :]
    stop = _SENTENCE_END.search(rest)
    said = [rest[: stop.start()] if stop else rest]
    for line in lines:
        if not re.match(r"\s*(?:[-–*•]|\(?\w{1,2}[.)])", line) and len(line.split()) > 8:
            break
        said.append(line)
    return [names for line in said for names, _, _ in _candidates(line)]


_UNKNOWN = re.compile(r"\W*(?:an?|one|another)\b", re.I)


def _says_nobody(phrase: str) -> bool:
    """Whether a phrase is but a pronoun or `the source`."""
    words = re.findall(r"\w+", phrase.upper())
    return len(words) <= 3 and all(word in NO_NAMES for word in words)


def _earlier(text: str, start: int, found: Protected) -> list[tuple[str, ...]]:
    """Find the names of the sentence before the one that begins at `start`."""
    stop = len(text[:start].rstrip()) - 1
    if stop < 1:
        return []
    earlier, _ = _sentence(text, stop, start)
    return _before(text[earlier:start], found, several=True)


def _take(found: Protected, named: list[tuple[str, ...]], before: str, *, is_general: bool) -> None:
    """Take the names; without any the description, and without that everybody."""
    found.names.update(
        kept for names in named if (kept := tuple(n for n in names if not _REDACTED.fullmatch(n)))
    )
    phrase = before.strip(' \n\t,;:-–"“”')
    if named:
        return
    words = tuple(re.findall(r"[\w'’-]+", phrase))
    if is_general or not phrase:
        found.is_general = True
    elif len(words) <= 3 and not any(word.upper() in NO_NAMES for word in words):
        found.names.add(words)  # `jovan petrov (protect)`
    else:
        found.phrases.add(phrase)


def _before(text: str, found: Protected, *, several: bool) -> list[tuple[str, ...]]:
    """Find the names that a mark behind `text` (a sentence so far) stands for.

    Where it may be any of the sentence's, all of them are; they are `doubtful`, too.
    """
    said = list(_candidates(text))
    if not said:
        return []
    everybody = [names for names, _, _ in said]
    if several or re.search(r"\w", text[said[-1][2] :]):
        found.doubtful.update(everybody)
        return everybody  # `Petrov, a member of the board (protect)`
    chain = [said[-1]]
    for earlier in reversed(said[:-1]):
        if not _CHAIN.fullmatch(text[earlier[2] : chain[-1][1]]):
            break
        chain.append(earlier)
    if _OF.search(text[: chain[-1][1]]):
        found.doubtful.update(everybody)
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
            or not re.fullmatch(
                r"\.?[\s\"“”'‘’]{0,3}|\s\(|\)\s|-\s", text[run[-1].end() : word.start()]
            )
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
    if upper in NO_NAMES and not (in_name and upper in ALSO_SURNAMES):
        return False
    return word[0].isupper() or any(part[:1].isupper() for part in re.split(r"[-'’]", word)[1:])


@cache
def _places() -> frozenset[str]:
    return frozenset(
        row[column].upper() for row in rows("posts") for column in ("post_name", "country_name")
    )


def _is_place(words: tuple[str, ...]) -> bool:
    return " ".join(words).upper() in _places()
