"""Accounting of a bulk CSV: one bad row costs one row, and each has its number and its place."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.extract.bulk_csv import bulk_csv
from etl.extract.csv_rows import is_bulk_csv
from etl.extract.documents import Document, Limits, Origin
from tests.extract.conftest import BODY, HEADER, make_row

ORIGIN = Origin("file:///data/cables.csv")
NAMES = "id,date,refid,origin,classification,references,header,body\n"
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
Row = Callable[..., str]


def _read(data: bytes, block_bytes: int = 1 << 20, max_row_bytes: int = 1 << 20) -> list[Document]:
    limits = Limits(max_document_bytes=max_row_bytes)
    return list(bulk_csv(io.BytesIO(data), ORIGIN, limits, block_bytes=block_bytes))


def _bodies(documents: list[Document]) -> list[str | None]:
    return [document.reading.body_text if document.reading else None for document in documents]


def _piece(data: bytes, document: Document) -> bytes:
    """Give what lies in the file where the row is said to lie."""
    begin = document.origin.byte_offset
    assert begin is not None
    return data[begin : begin + document.size_bytes]


# --- column names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        NAMES,
        NAMES.replace("\n", "\r\n"),
        "\n" + NAMES,
        '"id","date","reference_id","origin","classification","references","header","body"\n\n',
        "row id,created,reference id,origin,classification\n",
    ],
)
@pytest.mark.parametrize("first", [None, '"x","2/14/2007 12:04","07EX2","a","b","c","d","e"\n'])
def test_column_names_are_no_row(row: Row, names: str, first: str | None) -> None:
    data = (names + (first or row(1)) + row(2)).encode()
    one, two = _read(data)
    assert (one.origin.member, one.origin.byte_offset) == ("1", len(names.encode()))
    assert one.reading is not None
    assert _piece(data, two) == row(2).encode()[:-1]


def test_column_names_behind_a_mark_are_no_row(row: Row) -> None:
    for encoding in ("utf-8-sig", *WIDE):
        data = (NAMES + row(1)).encode(encoding)
        (one,) = _read(data)
        assert one.reading is not None
        assert _piece(data, one).decode(encoding.removesuffix("-sig")).startswith('"1"')


def test_column_names_in_the_middle_are_a_row(row: Row) -> None:
    """Of files put together: a line more than the rows must not pass unseen."""
    documents = _read((row(1) + NAMES + row(2)).encode())
    assert [document.reading is None for document in documents] == [False, True, False]


def test_file_of_column_names_alone_is_one_rejected_document() -> None:
    assert not is_bulk_csv(NAMES.encode())


# --- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", *WIDE])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("block_bytes", [64, 1 << 20])
def test_each_row_lies_where_it_is_said_to_lie(
    row: Row, encoding: str, newline: str, block_bytes: int
) -> None:
    sign = "é" if encoding == "cp1252" else "é€😀"
    rows = [
        row(1, body="a harbor " * 40 + sign),
        "half a row " + sign + "\n",
        "\n",
        row(3, body="x" + sign),
    ]
    text = (NAMES + "".join(rows)).replace("\n", newline)
    data = text.encode(encoding)
    documents = _read(data, block_bytes)
    expected = [rows[index].rstrip("\n").replace("\n", newline) for index in (0, 1, 3)]
    plain = encoding.removesuffix("-sig") if encoding != "utf-16" else "utf-16-le"
    plain = "utf-32-le" if plain == "utf-32" else plain
    assert [_piece(data, each).decode(plain) for each in documents] == expected
    assert [each.reading is None for each in documents] == [False, True, False]
    place = documents[1].origin.byte_offset
    assert (documents[1].reject_reason or "").startswith(f"row 2 at byte {place:,}: ")
    assert {each.encoding for each in documents} <= {plain, "utf-8"}


@pytest.mark.parametrize("encoding", ["utf-8", *WIDE])
def test_row_over_the_limit_and_what_follows_lie_where_they_are_said_to_lie(
    row: Row, encoding: str
) -> None:
    texts = [row(1), row(2, body=HEADER * 50 + "é😀" * 900), row(3)]
    data = "".join(texts).encode(encoding)
    documents = _read(data, block_bytes=100, max_row_bytes=9_000)
    assert [each.reading is None for each in documents] == [False, True, False]
    assert "(--max-document-mib raises it)" in (documents[1].reject_reason or "")
    mark = len(data) - len("".join(texts).encode(encoding + "-le")) if encoding in WIDE[::3] else 0
    plain = encoding + "-le" if mark else encoding
    for each, text in zip(documents, texts, strict=True):
        assert _piece(data, each).decode(plain) == text.removesuffix("\n")


# --- odd files -----------------------------------------------------------------------------------


def test_mark_in_the_middle_of_files_put_together(row: Row, body: str) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        data = b"".join(row(number).encode(encoding) for number in (1, 2, 3))
        assert _bodies(_read(data)) == [body] * 3


def test_line_ends_of_every_kind_in_one_file(row: Row, body: str) -> None:
    text = row(1) + row(2).replace("\n", "\r\n") + row(3)[:-1] + "\r" + row(4)[:-1]
    assert _bodies(_read(text.encode())) == [body] * 4


def test_zeros_in_a_row_are_dropped(row: Row, body: str) -> None:
    text = row(1) + row(2).replace("stays", "st\0ays") + row(3)
    assert _bodies(_read(text.encode())) == [body] * 3


def test_row_of_10_000_columns_is_one_rejected_row(row: Row, body: str) -> None:
    wide = '"2","2/14/2007 12:04","07EX2"' + ',"x"' * 9_997 + "\n"
    documents = _read((row(1) + wide + row(3)).encode())
    assert _bodies(documents) == [body, None, body]
    assert "10000 fields instead of 8" in (documents[1].reject_reason or "")


# --- one bad row costs one row -------------------------------------------------------------------

ROWS = [make_row(number, mrn=f"07EXAMPLEVILLE{number}") for number in range(1, 8)]


@settings(max_examples=150, deadline=None)
@given(
    which=st.integers(0, 6),
    place=st.floats(0, 1),
    removed=st.integers(0, 30),
    put=st.sampled_from(['"', "\\", ",", "\n", '","', '"\n', '\n"', "\0", "\r", '\\"', "x", ""]),
    block_bytes=st.sampled_from([50, 1000, 1 << 20]),
)
def test_damage_within_a_row_costs_at_most_that_row(
    which: int, place: float, removed: int, put: str, block_bytes: int
) -> None:
    """A quote, a backslash, a newline put anywhere in a row; anything up to its end taken away."""
    row = ROWS[which][:-1]
    at = int(place * len(row))
    damaged = row[:at] + put + row[at + removed :] + "\n"
    data = "".join([*ROWS[:which], damaged, *ROWS[which + 1 :]]).encode()
    documents = _read(data, block_bytes)
    read = {each.reading.published_id: each.reading.body_text for each in documents if each.reading}
    for other in {*range(1, 8)} - {which + 1}:
        # A quote on a line of its own before a row could as well be the end of the row above.
        assert read[f"07EXAMPLEVILLE{other}"].rstrip('"\r\n') == BODY
    assert len(documents) in (7, 8)  # a newline that was put in makes two of it


@pytest.mark.parametrize("count", [2, 3, 6])
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_newline_lost_between_rows_costs_nothing(count: int, end: str) -> None:
    rows = [make_row(number, body=BODY + end) for number in range(1, 8)]
    data = "".join(text[:-1] for text in rows[:count]).encode()
    documents = _read(data + b"\n" + rows[6].encode())
    assert [each.reading is not None for each in documents] == [True] * (count + 1)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_quote_too_many_at_the_start_of_a_row_costs_that_row(line_end: str) -> None:
    rows = [make_row(number, body=BODY + "\n").replace("\n", line_end) for number in range(1, 4)]
    documents = _read(f'{rows[0]}"{rows[1]}{rows[2]}'.encode())
    first, *_, last = documents
    assert first.reading is not None
    assert first.reading.body_text.rstrip('"\n') == BODY
    assert last.reading is not None
    assert len(documents) in (2, 3)
