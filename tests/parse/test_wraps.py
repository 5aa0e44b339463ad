"""Lines that a wrap made share a row: a telegram reads as if each line had its own."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.extract import read_sources
from etl.parse import parse, reading
from tests.parse.test_properties import ROOT, document

LINES = st.sampled_from(
    [
        "1. (C) Summary. The embassy asks the Department for", "guidance before the talks open on",
        "2. (SBU) The deputy minister said that the", "harvest would be twice that of last year.",
        "government of Freedonia and its three-", "year plan, which nobody has read,", "",
        "-----", "COMMENT", "Background", "// Bearings //", "-- an old friend --", "-- one more",
        "(A) the first of them", "(B) the second of them", "(C) and the third, which goes on",
        "XXXXXXXXXXXX", "told poloff", "a. apples", "3. Oslo wants them, too.", "THE TALKS WERE",
        "SENSITIVE.", "OSLO 00000123 002 OF 003", "Imports    1.2    13.5", "three wishes:",
        "a word " * 16, "I do not know", "12 tons of it", "12) tons", "\"We shall see,\" she said",
        "SIPDIS", "END SUMMARY.", "ends in a rule ----", "¶", "3. (U) The end. ORDWAY", "ORDWAY",
        "1. Paris, which is far", "iv. the fourth", "o the item", "SUBJECT: HARVEST IN FREEDONIA",
        "C O N F I D E N T I A L SECTION 02 OF 03 OSLO 000123",
    ]
)  # fmt: skip


def each_by_itself(text: pl.DataFrame) -> pl.DataFrame:
    """Do as `unwrapped`, but leave each line in a row of its own."""
    return text.with_columns(
        last="clean",
        tail=pl.lit(None, dtype=pl.String),
        line_count=pl.lit(1, dtype=pl.Int64),
        length=pl.col("clean").str.len_chars(),
    )


def read_both_ways(documents: pl.DataFrame) -> None:
    """Parse with wrapped lines in shared rows, and again without: nothing may differ."""
    shared = parse(documents)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "unwrapped", each_by_itself)
        apart = parse(documents)
    for name, frame in apart.items():
        assert shared[name].equals(frame), name


@pytest.mark.parametrize("folder", ["seeds/cables", "tests/labelled"])
def test_rows_do_not_change_what_is_read(folder: str) -> None:
    read_both_ways(pl.concat(list(read_sources([str(Path(ROOT) / folder)]))))


@given(bodies=st.lists(st.lists(LINES, min_size=20, max_size=60), min_size=15, max_size=15))
@settings(max_examples=8, deadline=None)
def test_rows_do_not_change_what_is_read_of_any_text(bodies: list[list[str]]) -> None:
    opening = "UNCLAS OSLO 000012\n\nSUBJECT: HARVEST\n\n1. (U) The harvest of Freedonia\n"
    # Enough lines behind them: the last ones of a telegram keep their rows.
    closing = "\n" + "The minister went on and on about the\n" * 14 + "harvest.\nORDWAY"
    read_both_ways(
        pl.concat(
            document(opening + "\n".join(lines) + closing).with_columns(
                document_key=pl.lit(key, dtype=pl.Int64)
            )
            for key, lines in enumerate(bodies)
        )
    )
