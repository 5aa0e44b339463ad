"""Names of people: told apart from the titles, offices and places printed around them."""

import re
from difflib import SequenceMatcher
from functools import cache, lru_cache

from etl.conform.posts import canonical_post, codes
from etl.conform.reference import REMEMBERED, rows

TITLES = frozenset(row["word"] for row in rows("title_words"))
"""Words of titles, offices and places that stand around the name."""

THEMES = frozenset(row["word"] for row in rows("title_words") if row["kind"] == "theme")
"""What an office is about; only as printed, for a letter makes names of them: FREEDOM, FREEDMAN."""

PARTICLES = frozenset(
    {"de", "del", "la", "las", "los", "da", "do", "dos", "du", "di", "van", "von", "der", "den"}
    | {"ten", "ter", "el", "al", "bin", "ibn", "st", "st.", "le", "zu", "zur", "vom", "ben", "abu"}
    | {"'t", "’t", "an", "mac", "ui", "y"}
)
"""Words inside a surname; they stand in lower case or in capitals, and do not count as names."""

ALSO_SURNAMES = frozenset(
    {"WEST", "NORTH", "SOUTH", "LAW", "MAJOR", "DOE", "CAO", "JUSTICE", "PEACE", "COS"}
)
"""Title words that end a name, too, where a given name or initial stands before them."""

RUN_TOGETHER = re.compile(
    r"(?:A|ACT(?:ING)?|DEP(?:UTY)?|ASST|VICE)?"
    r"(?:POL(?:ITICAL)?|ECON?(?:OMIC)?|PE|MIL|COMM?|ESTH?|PRM|REF|LAB|AG|SCI|ENV|NAS|INL|PRT|MIN)+"
    r"(?:COUNS(?:ELOR)?|CONS|MIN(?:ISTER)?|CHIEF|OFF(?:ICER)?|ATT(?:ACHE)?|DIR(?:ECTOR)?"
    r"|COORD(?:INATOR)?|LEADER|PAO)|[EP](?:COUNS|CHIEF)|PMIN|VICE-?CONSUL|DEP(?:UTY)?PAO|(?:ACT|DEP)(?:POL|ECON)"
)
"""`PMIN`, `POLMILCHIEF`, `DEPPOLCOUNS`: words of a title cut short and written as one."""

NO_NAME = re.compile(r"[BCDFGHJ-NP-TVWXZ]{3,6}")
"""`MGMT`, `PMC`: capitals without a vowel."""

NOT_MISPRINTS = frozenset({"REGINA", "CONSUELO", "COVENTRY", "CHAPMAN", "WACHTER", "MINTER"})
"""Names that are one or two letters away from a title."""

NICKNAME = re.compile(r"[(\"“'‘][A-Z][a-z]{1,9}[)\"”'’]|[(\"“'‘][A-Z][A-Z.]{1,9}[)\"”'’]")
LONGEST_NAME = 4
"""Words of a name, particles and nicknames not counted."""

SUFFIX = re.compile(r"^(?:JR|SR|II|III|IV)\.?$", re.I)
JUNIOR_STOP = re.compile(r"\b(?:JR|SR)\.", re.I)


def split_names(statement: str) -> list[tuple[str, str | None]]:
    """Tell the people of a statement: mostly one, two where AND stands between full names."""
    # `Anna Pellworth (DCM)`: the title behind the name.
    if "(" in statement:
        statement = re.sub(r"\s*\(([^()]{1,60})\)\s*(?=$|[,;:.])", r", \1", statement)
    sides = re.split(r"\s+(?:AND|&)\s+", statement, maxsplit=1, flags=re.I)
    if len(sides) == 2:
        read = [split_name(side) for side in sides]
        if all(name is not None and len(name.split()) >= 2 for name, _ in read):
            return [(name, title) for name, title in read if name is not None]
    # `DCM Anna Quill for Ambassador Paul Lanterne`: who classified, for another.
    sides = re.split(r"\s+(for)\s+(?=[A-Z])", statement, maxsplit=1, flags=re.I)
    if len(sides) == 3:
        (name, title), (other, _) = map(split_name, sides[::2])
        if name is not None and len(name.split()) >= 2:
            # `Advisor Anna Quill for Middle East Peace`: of one word, the other is no name.
            of_office = other is None or len(other.split()) == 1
            rest = f" {sides[1]} {sides[2]}".rstrip(" .,;:") if of_office else ""
            return [(name, f"{title or ''}{rest}".strip() or None)]
    name, title = split_name(statement)
    return [(name, title)] if name is not None else []


def _letters(word: str) -> int:
    """Give the letters of a word as bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits


@cache
def _titles_near(size: int) -> tuple[tuple[str, int, int], ...]:
    """Give the long titles that have about so many letters: title, its letters, their number."""
    near = (title for title in TITLES - THEMES if len(title) >= 7 and abs(len(title) - size) <= 2)
    return tuple((title, _letters(title), len(title)) for title in near)


@lru_cache(maxsize=REMEMBERED)
def _is_title(word: str) -> bool:
    """Whether a word belongs to a title or office, misprints of long ones included."""
    plain = word.upper().strip(".,;:()").replace("’", "'").replace("`", "'")
    plain = re.sub(r"(?<=[A-Z])0(?=[A-Z])", "O", plain)
    plain = re.sub(r"^([A-Z]),(?=[A-Z])", r"\1'", plain)
    if plain in TITLES or plain.startswith(PLACE_MARK):
        return True
    if any(mark in plain for mark in "/&123456789") and "." not in plain:
        return True
    if "-" in plain and all(part in TITLES for part in plain.split("-")):
        return True
    if re.fullmatch(r"D'?AFF\w+|CHARG\w{1,2}'?|D'AFFAIRES?|DE'?AFFAIRS?|A\.?I\.?|A\.Y", plain):
        return True
    if RUN_TOGETHER.fullmatch(plain) or NO_NAME.fullmatch(word.strip(".,;:()")):
        return True
    if len(plain) < 6 or plain in NOT_MISPRINTS:
        return False
    size = len(plain)
    likeness = 0.8 if size >= 8 else 0.85
    matcher, letters = SequenceMatcher(None, "", plain), _letters(plain)
    for title, title_letters, title_size in _titles_near(size):
        # Letters that only one of them has match nothing: most titles are ruled out by that.
        least = likeness if title[0] == plain[0] else 0.88
        fewest = least * (title_size + size) / 2
        if (
            title_size - (title_letters & ~letters).bit_count() < fewest
            or size - (letters & ~title_letters).bit_count() < fewest
        ):
            continue
        matcher.set_seq1(title)
        if matcher.quick_ratio() >= least and matcher.ratio() >= least:
            return True
    return False


def split_name(statement: str) -> tuple[str | None, str | None]:
    """Tell name and title apart: `POL/ECON CHIEF STEVE FAGIN` → (STEVE FAGIN, POL/ECON CHIEF)."""
    has_stop = JUNIOR_STOP.search(statement) is not None
    statement = BEHIND_TO.sub(_mark_place, statement)
    statement = re.sub(r"^\(\s*[UCS]\s*\)\s*", "", statement.strip(" ,;:-.–"))
    # In lower case, or it would be the initials of the name behind it.
    statement = re.sub(r"(?i)\ba\.\s?[iy]\.?(?=[\s,]|$)", "a.i.", statement)
    statement = BEHIND_RANK.sub("", statement)
    statement = GLUED_TITLE.sub(r"\g<0> ", statement)
    if not statement:
        return None, None
    chunks = [
        chunk.strip(" ,;:.")
        for chunk in re.split(
            r"\s*[,;]\s+|\s*:\s*|\s+[-–]+\s+|(?:(?<=[a-z]{2})|(?<=[A-Z]{3}))\.\s+(?!of\b)",
            statement,
        )
        if chunk and chunk.strip(" ,;:.")
    ]
    joined: list[str] = []
    for chunk in chunks:  # `Richard L. Baltimore, III`
        if joined and SUFFIX.match(chunk):
            joined[-1] += f", {chunk}"
        else:
            joined.append(chunk)
    if turned := _surname_first(joined):
        return turned
    best: tuple[str, int] | None = None
    for index, chunk in enumerate(joined):
        name = _name_at_end(chunk)
        if name and (best is None or _worth(name) > _worth(best[0])):
            best = (name, index)
    if best is None:
        before_title = (_name_at_start(chunk) for chunk in joined)
        found = next((name for name in before_title if name), None)
        if found is None:
            return None, statement or None
        title = statement.replace(found, "", 1).replace(PLACE_MARK, "").strip(" ,;:.")
        return found, title or None
    name, index = best
    if has_stop and re.search(r"\b(?:JR|SR)$", name, re.I):
        name += "."
    before = joined[index][: joined[index].rfind(name.rstrip("."))].strip(" ,;:/-")
    parts = [part for part in (*joined[:index], before, *joined[index + 1 :]) if part]
    # `Ambassador Anna Quill, Ambassador, Embassy Oslo`
    title = ", ".join(part for at, part in enumerate(parts) if part not in parts[:at])
    return name, title.replace(PLACE_MARK, "") or None


def _worth(name: str) -> int:
    """Rank what may be the name: one of several words, one word, the name of a place."""
    return 0 if canonical_post(name) in codes() else min(len(name.split()), 2)


BEHIND_RANK = re.compile(r"(?<=[A-Z])\s?\((?:P|R|RET|SEL|FRH)\.?\)", re.I)
"""`LTC(P)`, `BG (RET)`."""

GLUED_TITLE = re.compile(r"\b(?:Amb(?:assador)?|Charge|Counselor|DCM|CDA)(?=[A-Z][a-z]{2,}\b)")
"""`AmbPellworth`."""

PLACE_MARK = "\x01"
"""Stands before the words of a place, which are no given names: `Ambassador to Norway`."""

BEHIND_TO = re.compile(
    r"(?i:(?P<to>\b(?:(?:ambassador(?:[- ]designate)? to|to|in|at|of|for)\s+(?:the\s+)?"
    r"|(?P<seat>(?:consul(?:ate)?\s+general|congen|principal\s+officer)\s+))))"
    r"(?P<words>[A-Z][A-Za-z'’.-]*(?: (?!(?i:in|at|for|to)\b)[A-Za-z'’.-]+){1,5})"
)


@cache
def _places() -> frozenset[str]:
    """Give names of countries and posts, in capitals."""
    named = {name for row in rows("posts") for name in (row["country_name"], row["post_name"])}
    return frozenset(name.upper() for name in named | {"Holy See"})


def _mark_place(found: re.Match[str]) -> str:
    """Mark the place behind `to`: one of the table, else the word behind `Ambassador to`."""
    words = found["words"].split()
    part = words[0].upper() in ("NORTHERN", "SOUTHERN", "EASTERN", "WESTERN", "CENTRAL")
    sizes = (n for n in range(4, 0, -1) if " ".join(words[part:n]).upper() in _places())
    known = next(sizes, 0)
    if found["seat"]:  # `Consul General Pusan Anna Quill`, but `Consul General Florence Quill`
        behind = words[known : known + 2]
        is_named = len(behind) == 2 and all(word[0].isupper() for word in behind)
        known = known if is_named and not INITIALS.fullmatch(behind[0]) else 0
    is_ambassador = found["to"].upper().startswith("AMBASSADOR")
    # One word more is a name (`Ambassador to Snowland Quill`) where a given name stands behind.
    count = known or int(is_ambassador and len(words) > 2)
    marked = [PLACE_MARK + word for word in words[:count]] + words[count:]
    return found["to"] + " ".join(marked)


ZERO_FOR_O = re.compile(r"0['’]?[A-Z]{2}")
"""`0'HALLORAN`, as OCR has it."""

GIVEN_NAME = re.compile(r"[A-Z][A-Za-z'’-]+(?: [A-Z]\.?)?|[A-Z](?:\.? ?[A-Z])?\.?")
INITIAL = re.compile(r"[A-Z0]\.?|(?:[A-Z]\.-?){1,3}")
INITIALS = re.compile(r"[A-Z](?:\.? ?[A-Z])?\.?")


def _surname_first(chunks: list[str]) -> tuple[str, str | None] | None:
    """Read `Pellworth, Anna B., DCM` and `DCM Pellworth, A.`; null where no comma turns a name."""
    if len(chunks) < 2:
        return None
    surname = _name_at_end(chunks[0])
    given = chunks[1]
    if surname is None or len(surname.split()) > 1 or not GIVEN_NAME.fullmatch(given):
        return None
    title = chunks[0][: chunks[0].rfind(surname)].strip(" ,;:/-")
    # Behind a title only initials are given names: `Ambassador Pellworth, Oslo`.
    if _is_title(given.split()[0]) or (title and not INITIALS.fullmatch(given)):
        return None
    if canonical_post(given) in codes() or any(_name_at_end(chunk) for chunk in chunks[2:]):
        return None
    stop = "." if re.search(r"(?:^|[ .])[A-Z]$", given) else ""
    rest = ", ".join(part for part in (title, *chunks[2:]) if part)
    return f"{surname}, {given}{stop}", rest or None


def _name_at_start(chunk: str) -> str | None:
    """Give the name in front of its title, no comma between: `ANNA PELLWORTH DCM`."""
    words = chunk.split()
    count = next((at for at, word in enumerate(words) if _is_title(word)), len(words))
    name = words[:count]
    is_name = 2 <= count <= LONGEST_NAME and all(
        word[0].isupper() or word.lower() in PARTICLES for word in name
    )
    if not is_name or " ".join(name).upper() in _places() or not all(map(_is_title, words[count:])):
        return None
    return " ".join(name)


def _name_at_end(chunk: str) -> str | None:
    """Give the run of name words that ends the chunk; null when a title word ends it."""
    chunk = re.sub(r"(?i)(?<![\s,])[\s,]+a\.\s?i\.?$", "", chunk)
    if "/" in chunk:  # DCM/Ted Osius
        head, _, tail = chunk.rpartition("/")
        first = tail.split()[0] if tail.split() else ""
        # `POL/MIN Ted Osius`: half of a title.
        half = head.rpartition("/")[2].split()[-1:]
        is_given_name = len(first) > 2 and not _is_title(first)
        is_given_name &= not RUN_TOGETHER.fullmatch("".join([*half, first]).upper())
        if all(_is_title(word) or "/" in word for word in head.split()) and is_given_name:
            chunk = tail
    words = chunk.split()
    suffix: list[str] = []
    while words and SUFFIX.match(words[-1].strip(",")) and len(words) > 1:
        suffix.insert(0, words.pop())
    name: list[str] = []
    counted = 0
    while words and counted < LONGEST_NAME:
        word = words[-1]
        before = words[-2] if len(words) > 1 else ""
        is_initial = (len(word) == 1 or "." in word) and INITIAL.fullmatch(word) is not None
        is_particle = word.lower() in PARTICLES
        is_nickname = bool(name and before[:1].isupper()) and NICKNAME.fullmatch(word) is not None
        is_nickname = is_nickname and not _is_title(word)
        is_surname = not name and word.upper().strip(".,") in ALSO_SURNAMES
        is_surname = is_surname and before[:1].isupper() and not _is_title(before)
        if not (is_surname or is_nickname or (is_initial and name)) and (
            _is_title(word) or not (word[0].isupper() or is_particle or ZERO_FOR_O.match(word))
        ):
            break
        name.insert(0, words.pop())
        counted += not (is_particle or is_nickname)
    # A whole chunk of names may hold one more.
    if len(words) == 1 and words[0][0].isupper() and not _is_title(words[0]):
        name = words + name if counted == LONGEST_NAME else name
    if words and words[-1].upper() in ("OF", "FOR", "AND", "&") and counted >= 3:
        # `Director of Zymurgy Anna Quill`, `of Energy and Salt …`: one word is the office's.
        name = name if INITIALS.fullmatch(name[1]) and len(name) == 3 else name[1:]
    name = _without_office(name)
    if not name or not any(len(word.strip(".")) >= 2 for word in name):
        return None
    text = " ".join(name).strip(" ,")
    return f"{text}{', ' if ',' in chunk else ' '}{' '.join(suffix)}" if suffix else text


def _without_office(name: list[str]) -> list[str]:
    """Leave out an office before the name: `FPO Anna Quill`, `EXO E. Paul Quill`."""
    rest = name[1:]
    # Capitals before a whole name in mixed case are an office.
    mixed = [word for word in rest if re.search("[a-z]", word)]
    is_name = len(rest) >= 2 and len(mixed) >= (1 if rest[0] in mixed else 2)
    is_name &= all(word in mixed or "." in word or word.lower() in PARTICLES for word in rest)
    return rest if is_name and re.fullmatch(r"[A-Z]{3,}", name[0]) else name


def is_office(name: str, *, as_printed: bool = False) -> bool:
    """Whether all words are titles or offices: `EUR`, `THE ACTING SECRETARY`.

    `as_printed`: no misprints of titles, which initial and surname run together often look like.
    """
    words = name.split()
    if as_printed and all(word.isalpha() and word.upper() not in TITLES for word in words):
        return False
    return all(_is_title(word) for word in words) and name.upper() not in ALSO_SURNAMES


def surname_of(name: str) -> str | None:
    """Give the surname of a name as printed: `Richard L. Baltimore, III` → BALTIMORE."""
    if is_office(name, as_printed=True):
        return None
    parts = [part.strip() for part in name.upper().split(",")]
    if len(parts) > 1 and parts[1] and not SUFFIX.match(parts[1]):  # PELLWORTH, ANNA
        parts = parts[:1]
    words = [word for part in parts for word in part.split() if not SUFFIX.match(word)]
    if words:  # `P.JOHNSON`
        words[-1] = re.sub(r"^(?:[A-Z]\.){1,3}(?=[A-Z]{3})", "", words[-1])
    at = -2 if words[-2:-1] == ["MC"] else -1  # `MC ANDREW`
    return " ".join(words[at:]).strip(".") or None
