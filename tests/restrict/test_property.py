"""Whatever the levels and caveats, nothing above what an audience may have gets into its file."""

import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.contracts.columns import LEVEL_RANKS
from etl.restrict.audience import Audience
from etl.restrict.build import publish_restricted
from etl.store import Store
from tests.restrict.conftest import found_in
from tests.star.synthetic import PARSER, Frames, document, documents, framed, ingest

# Marking as printed → its rank and caveats, said here once more: None is for nobody.
MARKINGS: dict[str | None, tuple[int | None, list[str]]] = {
    "U": (0, []),
    "SBU": (0, ["SENSITIVE BUT UNCLASSIFIED"]),
    "SBU/NF": (0, ["SENSITIVE BUT UNCLASSIFIED", "NOFORN"]),
    "LOU": (1, []),
    "LIMITEDOFFICIALUSE": (1, []),
    "C": (2, []),
    "C//RELTOUSA,GBR": (2, ["REL TO USA, GBR"]),
    "S//NF": (3, ["NOFORN"]),
    "TS": (4, []),
    "QQ": (None, []),
}
LEVELS = [None, *LEVEL_RANKS]


class Portion(NamedTuple):
    """A paragraph: its marking, whether it has a number, a marking within its text."""

    marking: str | None
    is_numbered: bool
    within: str | None


class Telegram(NamedTuple):
    """A telegram of a level and its captions."""

    level: str | None
    caveats: list[str]
    subject_marking: str | None
    portions: list[Portion]


MARKING = st.sampled_from([None, *MARKINGS])
PORTION = st.builds(
    Portion, MARKING, st.booleans(), st.sampled_from([None, None, None, "U", "C", "S//NF"])
)
TELEGRAM = st.builds(
    Telegram,
    st.sampled_from(LEVELS),
    st.lists(st.sampled_from(["NOFORN", "SIPDIS", "REL TO USA, GBR"]), unique=True),
    MARKING,
    st.lists(PORTION, max_size=6),
)
EXCLUDED = st.lists(st.sampled_from(["NOFORN", "REL TO"]), unique=True)
MAX = st.sampled_from([None, 0, 0, 1, 2, 3, 4])


def frames_of(telegrams: list[Telegram], frames: Frames) -> Frames:
    """Make the parsed frames of the telegrams; each thing they say is a word of its own."""
    keys = frames["headers"].sort("sent_at", "mrn")["document_key"].to_list()
    rows: dict[str, list[dict[str, object]]] = {
        name: [] for name in ("paragraphs", "caveats", "people", "tags", "addressees", "references")
    }
    headers = []
    for number, (key, said) in enumerate(zip(keys, telegrams, strict=True)):
        own = frames["headers"].filter(document_key=key).to_dicts()[0]
        headers.append(
            own
            | {
                "mrn": f"07ASTANA{1000 + number}",
                "level": said.level,
                "subject": f"subject {word(number, 's')}",
                "subject_marking": said.subject_marking,
                "slug": f"for {word(number, 'g')}",
                "paragraph_count": len(said.portions),
                "word_count": sum(3 + bool(each.within) for each in said.portions),
            }
        )
        for place, portion in enumerate(said.portions, start=1):
            rank, caveats = MARKINGS.get(portion.marking, (None, []))
            within = f"({portion.within}) " if portion.within else ""
            rows["paragraphs"].append(
                {
                    "document_key": key,
                    "position": place,
                    "number": place if portion.is_numbered else None,
                    "portion_marking": portion.marking,
                    "level": None if rank is None else LEVELS[rank + 1],
                    "portion_caveats": caveats,
                    "kind": "body",
                    "text": f"text {within}of {word(number, f'p{place}')}",
                    "word_count": 3 + bool(within),
                    "redaction_count": 0,
                    "redactions": [],
                }
            )
        rows["caveats"] += [{"document_key": key, "caveat": each} for each in said.caveats]
        one = {"document_key": key, "position": 1}
        rows["people"].append(
            one | {"role": "signer", "full_name": word(number, "n"), "surname": word(number, "n")}
        )
        rows["tags"].append(one | {"raw_tag": word(number, "t"), "tag": word(number, "t").upper()})
        rows["addressees"].append(
            one
            | {"role": "action", "name": word(number, "a"), "raw_text": word(number, "a")}
            | {"is_exempt": False, "is_collective": False, "post_code": word(number, "o")}
        )
        rows["references"].append(
            one
            | {"kind": "cable", "raw_text": f"ASTANA {1000 + (number + 1) % len(telegrams)}"}
            | {"referenced_mrn": f"07ASTANA{1000 + (number + 1) % len(telegrams)}"}
        )
    return frames | {
        name: framed(name, found) for name, found in (rows | {"headers": headers}).items()
    }


def word(telegram: int, thing: str) -> str:
    """Give a word that pieces of others do not make: zstd puts what is left of texts together.

    (`zq11p5zq` and, of `zq12p1zq`, what differs: `zq11p5zq2p1zq`, and so `zq2p1zq`.)
    """
    letters = blake2b(f"{telegram} {thing}".encode(), digest_size=6).hexdigest()
    return f"zq{letters.translate(_LETTERS)}"


_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def expected(telegrams: list[Telegram], audience: Audience, excluded: list[str]) -> set[str]:
    """Give the words that they may have: the rules once more, telegram by telegram."""
    allowed: set[str] = set()
    is_limited = audience.max_level is not None or bool(excluded)

    def may(rank: int | None, caveats: list[str]) -> bool:
        too_high = audience.max_level is not None and (rank is None or rank > audience.max_level)
        return not too_high and not any(
            caveat == each or caveat.startswith(each + " ")
            for caveat in caveats
            for each in excluded
        )

    for number, said in enumerate(telegrams):
        rank = LEVEL_RANKS[said.level] if said.level else audience.unknown_level
        if not may(rank, said.caveats):
            continue
        allowed |= {word(number, thing) for thing in "gntao"}

        def read(marking: str) -> bool:
            rank, caveats = MARKINGS[marking]
            return not is_limited or (rank is not None and may(rank, caveats))

        if said.subject_marking is None or read(said.subject_marking):
            allowed.add(word(number, "s"))
        before = True
        for place, portion in enumerate(said.portions, start=1):
            if portion.marking is not None:
                before = read(portion.marking)
            elif portion.is_numbered:
                before = True
            before = before and (portion.within is None or read(portion.within))
            if before:
                allowed.add(word(number, f"p{place}"))
    return allowed


@pytest.mark.slow
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TELEGRAM, min_size=4, max_size=25), MAX, EXCLUDED, st.sampled_from([None, 0, 3]))
def test_only_what_they_may_have(
    telegrams: list[Telegram], max_level: int | None, excluded: list[str], unknown: int | None
) -> None:
    audience = Audience(max_level, frozenset(), mask_protected=False, unknown_level=unknown)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "w.duckdb", parser_version=PARSER)
        received = documents([document(number) for number in range(len(telegrams))])
        path = ingest(store, "run", received, alter=lambda frames: frames_of(telegrams, frames))
        out = Path(folder) / "out.duckdb"
        publish_restricted(path, audience, excluded, out)
        words = {
            word(number, thing)
            for number, said in enumerate(telegrams)
            for thing in [*"sgntao", *(f"p{n}" for n in range(1, len(said.portions) + 1))]
        }
        assert found_in(path, words) == words
        assert found_in(out, words) == expected(telegrams, audience, excluded)
