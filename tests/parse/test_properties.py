"""What must hold for any text at all, telegram or not."""

from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contracts import frames
from etl.extract import read_sources
from etl.parse import parse

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = frames.Documents.create_empty().schema


@cache
def samples() -> list[dict[str, object]]:
    """Give the sample documents as rows."""
    return pl.concat(list(read_sources([str(ROOT / "seeds" / "cables")]))).to_dicts()


def document(body: str, *, header: str | None = None, cover: str | None = None) -> pl.DataFrame:
    """Make a frame of one document."""
    row: dict[str, object] = dict.fromkeys(COLUMNS)
    row |= {
        "document_key": 1, "uri": "file:///x", "sha256": "0" * 64, "size_bytes": 1,
        "dialect": "raw_telegram", "body_text": body, "header_text": header, "cover_text": cover,
    }  # fmt: skip
    return pl.DataFrame([row], schema=COLUMNS)


def part_of(parsed: dict[str, pl.DataFrame], part: str) -> str:
    """Put the lines of a part together again."""
    lines = parsed["lines"].filter(pl.col("part") == part).sort("line_number")
    return "\n".join(lines["text"])


LABELS = st.sampled_from(
    [
        "1. (C) ", "2. (SBU) Summary.", "TAGS: ", "SUBJECT: ", "REF: A. ", "E.O. 12958: DECL: ",
        "Classified By: ", "C O N F I D E N T I A L PARIS 001234", "SIPDIS", "-----", "FM ", "TO ",
        "INFO ", "¶", "End Summary.", "PAGE 02 HARARE 06677 01 OF 03 111533Z", "NNNN", "XXXXXX",
        "PARIS 00001234 002 OF 003", "R 191204Z NOV 07", "ORDWAY", "//TITLE//", "99. ", "(U)",
    ]
)  # fmt: skip
PIECES = st.one_of(LABELS, st.text(max_size=30), st.just("\n"), st.just("\n\n"))
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@given(body=TEXTS, header=st.none() | TEXTS, cover=st.none() | TEXTS)
@settings(max_examples=30, deadline=None)
def test_lines_join_back(body: str, header: str | None, cover: str | None) -> None:
    """Nothing gets lost: the lines of a part are that part, and each has one known kind."""
    parsed = parse(document(body, header=header, cover=cover))
    assert part_of(parsed, "body") == body
    assert part_of(parsed, "header") == (header or "")
    assert part_of(parsed, "cover") == (cover or "")
    numbers = parsed["lines"]["line_number"].to_list()
    assert numbers == list(range(1, len(numbers) + 1))
    for name, schema in frames.PARSED.items():
        schema.validate(parsed[name])


@given(sample=st.integers(0, 30), cut=st.integers(0, 4000), glued=st.integers(0, 30))
@settings(max_examples=25, deadline=None)
def test_cut_and_glued_telegrams(sample: int, cut: int, glued: int) -> None:
    """A telegram cut off anywhere and run on to another is read without an error."""
    one = str(samples()[sample % len(samples())]["body_text"])
    two = str(samples()[glued % len(samples())]["body_text"])
    body = one[:cut] + two
    parsed = parse(document(body))
    assert part_of(parsed, "body") == body
    words = iter(body.replace("¶", " ").split())
    for paragraph in parsed["paragraphs"].sort("position")["text"]:
        for word in paragraph.split():
            bare = word.replace("¶", "").strip("()[]")
            assert any(bare in other for other in words), f"{word!r} is not in the document here"


@pytest.mark.parametrize("index", range(31))
def test_trailing_blank_lines_change_nothing(index: int) -> None:
    """Blank lines at the end are blank lines, not text."""
    row = samples()[index]
    frame = pl.DataFrame([row], schema=COLUMNS)
    longer = frame.with_columns(pl.col("body_text") + "\n\n  \n")
    before, after = parse(frame), parse(longer)
    for name in frames.PARSED:
        if name == "lines":
            continue
        drop = ["line_count"] if name == "headers" else []
        assert before[name].drop(drop).equals(after[name].drop(drop)), name


def test_a_batch_reads_as_its_documents_alone() -> None:
    """No document leaks into its neighbour: one batch gives what single documents give."""
    together = parse(pl.DataFrame(samples(), schema=COLUMNS))
    for row in samples():
        alone = parse(pl.DataFrame([row], schema=COLUMNS))
        for name, frame in together.items():
            mine = frame.filter(pl.col("document_key") == row["document_key"])
            assert mine.equals(alone[name]), f"{name} of {row['uri']}"


def test_parsing_twice_gives_the_same() -> None:
    """Same input, same frames, same order of rows."""
    frame = pl.DataFrame(samples(), schema=COLUMNS)
    one, two = parse(frame), parse(frame)
    for name, schema in frames.PARSED.items():
        schema.validate(one[name])
        assert one[name].equals(two[name]), name


def test_no_documents_give_empty_frames() -> None:
    """A batch without documents has the shape of every other batch."""
    parsed = parse(frames.Documents.create_empty())
    for name, schema in frames.PARSED.items():
        assert parsed[name].schema == schema.create_empty().schema, name
        assert parsed[name].height == 0, name
