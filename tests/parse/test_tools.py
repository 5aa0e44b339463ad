"""The shortcuts of the parser give what the plain way gives."""

from difflib import SequenceMatcher
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.parse import names, paragraphs
from etl.parse.text import each_distinct, where

WORDS = st.sampled_from(["snow", "XXXX", "xxxxx", "a", "NÚÑEZ", "é", "\u2003", "\u00a0", "\v", "¶"])
TEXTS = st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=20)
ITEMS = st.lists(
    st.fixed_dictionaries({"name": st.none() | st.text(max_size=5), "count": st.integers(0, 9)}),
    max_size=3,
)
SHAPE = pl.Struct({"name": pl.String, "count": pl.Int32})


@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_where_gives_what_the_expression_gives_in_the_rows_chosen(texts: list[str]) -> None:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    chosen, found = pl.col("text").str.contains("XX"), pl.col("text").str.extract(r"(X+)", 1)
    plain = frame.with_columns(found=pl.when(chosen).then(found))
    assert where(frame, chosen, found=found).equals(plain)
    unknown = pl.when(pl.col("text") == "").then(chosen)
    assert where(frame, unknown, found=found)["found"].null_count() == len(texts)


@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_words_are_runs_of_what_is_no_white_space(texts: list[str]) -> None:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    folded = paragraphs._with_clean_text(frame)
    counted = paragraphs._with_word_count(folded)
    plain = folded.select(pl.col("text").str.count_matches(r"\S+").cast(pl.Int32))
    assert counted["word_count"].to_list() == plain["text"].to_list()


@given(answers=st.lists(st.none() | ITEMS, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_lists_of_structs_come_back_as_given(answers: list[list[dict[str, Any]] | None]) -> None:
    frame = pl.DataFrame({"row": range(len(answers))})
    found = each_distinct(frame, ["row"], answers.__getitem__, "found", pl.List(SHAPE))
    assert found["found"].dtype == pl.List(SHAPE)
    assert found["found"].to_list() == answers


@given(answers=st.lists(st.none() | ITEMS.filter(bool).map(lambda items: items[0]), min_size=1))
@settings(max_examples=60, deadline=None)
def test_structs_come_back_as_given(answers: list[dict[str, Any] | None]) -> None:
    frame = pl.DataFrame({"row": range(len(answers))})
    found = each_distinct(frame, ["row"], answers.__getitem__, "found", SHAPE)
    assert found["found"].to_list() == answers


@pytest.mark.parametrize("title", ["COUNSELOR", "AMBASSADOR", "SECRETARY", "PRINCIPAL"])
@given(
    cut=st.integers(0, 9),
    letter=st.sampled_from("AEOX'Ñ"),
    swap=st.integers(0, 7),
    kind=st.integers(0, 3),
)
@settings(max_examples=40, deadline=None)
def test_a_misprinted_title_is_what_the_whole_comparison_says(
    title: str, cut: int, letter: str, swap: int, kind: int
) -> None:
    word = [
        title[:cut] + title[cut + 1 :],
        title[:cut] + letter + title[cut:],
        title[:cut] + letter + title[cut + 1 :],
        title[:swap] + title[swap + 1 : swap + 2] + title[swap : swap + 1] + title[swap + 2 :],
    ][kind]
    least = 0.8 if len(word) >= 8 else 0.85
    alike = any(
        abs(len(other) - len(word)) <= 2
        and SequenceMatcher(None, other, word).ratio() >= (least if other[0] == word[0] else 0.88)
        for other in names.TITLES - names.THEMES
        if len(other) >= 7
    )
    if word not in names.NOT_MISPRINTS and len(word) >= 6:
        assert names._is_title(word) == (alike or word in names.TITLES)
