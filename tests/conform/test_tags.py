"""TAGS lines come apart the way their writers meant them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.conform.tags import known, segments, split_tags


@pytest.mark.parametrize(
    ("printed", "tags"),
    [
        ("TAGS: PREL, ECON, FR", ["PREL", "ECON", "FR"]),
        ("TAGS PREL ECON\nFR", ["PREL", "ECON", "FR"]),
        ("TAGE PTER ASEC", ["PTER", "ASEC"]),
        ("TAGS: PREL SIPDIS PGOV", ["PREL", "PGOV"]),
        ("TAGS: EINDETRD KIPR", ["EIND", "ETRD", "KIPR"]),
        ("TAGS: PGOV PREL PGOV", ["PGOV", "PREL"]),
        ("TAGS: OVIP (QUILLFEATHER, ANNA B.), PREL", ["OVIP", "QUILLFEATHER, ANNA B.", "PREL"]),
        ("TAGS: OVIP LANTERNE PAUL PREL", ["OVIP", "LANTERNE, PAUL", "PREL"]),
        ("TAGS: PGOV, SNOW CLEARANCE", ["PGOV", "SNOW CLEARANCE"]),
        ("TAGS: PREL KZ POLITICAL", ["PREL", "KZ", "POLITICAL"]),
        ("TAGS:", []),
        ("TAGS/SUBJECTS: PREL-PGOV-NO", ["PREL", "PGOV", "NO"]),
        ("TAGS- PREL:PGOV & NO.", ["PREL", "PGOV", "NO"]),
        ("T A G S: AFL-CIO, UNGA/C-1", ["AFL-CIO", "UNGA/C-1"]),
        ("TAGS: (U) 1. PREL 2. NO (SBU)", ["PREL", "NO"]),
        ("TAGS: 0TRA, EC0N, <NO>", ["OTRA", "ECON", "NO"]),
        ("TAGS: PREL, PG\nOV, KN\nKS", ["PREL", "PGOV", "KN", "KS"]),
        ("TAGS: OVIP LANTERNE, PAUL B., PREL", ["OVIP", "LANTERNE, PAUL B.", "PREL"]),
        ("TAGS: OVIP PREL, PGOV", ["OVIP", "PREL", "PGOV"]),
        ("TAGS: OVIP (LANTERNE PAUL) NO", ["OVIP", "LANTERNE, PAUL", "NO"]),
        ("TAGS: PINR (LANTERNE, PAUL AND ORDWAY, ANN)",
         ["PINR", "LANTERNE, PAUL", "ORDWAY, ANN"]),
        ("TAGS: BEXP (SNOWPLOW CO), NO", ["BEXP", "SNOWPLOW CO", "NO"]),
        ("TAGS: OVIP (SECRETARY LANTERNE), OVIP (VP ORDWAY)",
         ["OVIP", "SECRETARY LANTERNE", "VP ORDWAY"]),
        ("TAGS: PREL//NO, G/TIP, 2009 TALKS", ["PREL", "NO", "G/TIP", "2009 TALKS"]),
        ("TAGS: NONE", []),
    ],
)  # fmt: skip
def test_split_tags(printed: str, tags: list[str]) -> None:
    assert [tag.tag for tag in split_tags(printed)] == tags


def test_words_are_not_codes_run_together() -> None:
    for word in ("POLITICS", "FREEDOM", "COUNTRY", "ECONOMY", "INTOAS"):
        assert segments(word) == ()


@given(
    st.lists(
        st.sampled_from(["PREL", "PGOV", "ECON", "KDEM", "PHUM", "ETRD"]), min_size=2, max_size=9
    )
)
def test_segments_find_what_was_run_together(codes: list[str]) -> None:
    assert list(segments("".join(codes))) == codes


@given(st.text(max_size=80))
def test_any_text_splits(printed: str) -> None:
    tags = split_tags(printed)
    assert len({tag.tag for tag in tags}) == len(tags)
    assert all(tag.tag and tag.raw for tag in tags)


def test_codes_of_four_letters_come_before_two() -> None:
    assert known()["PREL"] == "subject"
    assert segments("PRELFR") == ("PREL", "FR")


@given(st.lists(st.sampled_from(sorted(known())) | st.sampled_from(["SIPDIS", "POL", "XYZ"])))
def test_the_short_way_of_plain_lists_ends_where_the_long_one_does(words: list[str]) -> None:
    assert split_tags("TAGS: " + ", ".join(words)) == split_tags("TAGS: " + "; ".join(words))
