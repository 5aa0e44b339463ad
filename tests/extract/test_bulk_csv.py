"""Bulk CSV: rows found by their start, each split by itself, across every block border."""

import csv
import io
from collections.abc import Callable
from hashlib import sha256
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.extract import bulk_csv as module
from etl.extract.bulk_csv import bulk_csv
from etl.extract.csv_rows import is_bulk_csv
from etl.extract.documents import Document, Limits, Origin, Reading

ORIGIN = Origin("file:///data/cables.csv")
Row = Callable[..., str]


def _read(data: bytes, block_bytes: int = 1 << 20, max_row_bytes: int = 1 << 20) -> list[Document]:
    stream = io.BytesIO(data)
    limits = Limits(max_document_bytes=max_row_bytes)
    return list(bulk_csv(stream, ORIGIN, limits, block_bytes=block_bytes))


def _bodies(documents: list[Document]) -> list[str | None]:
    return [document.reading.body_text if document.reading else None for document in documents]


def _reasons(documents: list[Document]) -> list[str | None]:
    return [document.reject_reason for document in documents]


def test_row_gives_its_fields(row: Row, header: str, body: str) -> None:
    text = row()
    (document,) = _read(text.encode())
    assert document.reading == Reading(
        "bulk_csv",
        body_text=body,
        header_text=header,
        published_id="07EXAMPLEVILLE42",
        created="2/14/2007 12:04",
        published_origin="Embassy Exampleville",
        published_classification="UNCLASSIFIED",
        published_references=["06STATE1", "06STATE22"],
    )
    data = text.removesuffix("\n").encode()
    assert (document.origin.member, document.size_bytes) == ("1", len(data))
    assert document.sha256 == sha256(data).hexdigest()


def test_empty_references_and_header(row: Row) -> None:
    (document,) = _read(row(references="", header="").encode())
    assert document.reading is not None
    assert document.reading.published_references == []
    assert document.reading.header_text is None


@pytest.mark.parametrize(
    "body",
    [
        'he said "yes"',
        'ends in a quote "',
        "ends in a backslash \\",
        'backslash and quote \\"',
        'looks like a delimiter "," it does',
        'ends like one ",',
        '","',
        "line ends in \\\nand goes on",
        "C:\\new\\dir and \\\\server",
        "\n\nnewlines around\n\n",
        '"1","2/14/2007 12:04","07X1","a row in a row"',
        '\n"1","2/14/2007 12:04","07X1","a row in a row"',
        "1,2/14/2007 12:04,07X1 is not quoted",
        "a,b,,c\n,,\n",
        "¶1. “é” €",
    ],
)
def test_text_comes_back_as_it_went_in(row: Row, body: str) -> None:
    data = (row(1, body=body, header=body) + row(2)).encode()
    first, second = _read(data)
    assert first.reading is not None, first.reject_reason
    assert (first.reading.header_text, first.reading.body_text) == (body, body)
    assert second.reading is not None


@pytest.mark.parametrize("body", ['said "yes"', '"', "a \\ b", '","', 'x",'])
def test_doubled_quotes(body: str) -> None:
    out = io.StringIO()
    fields = [1, "2/14/2007 12:04", "07EXAMPLEVILLE42", "a", "b", "", "header", body]
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(fields)
    assert _bodies(_read(out.getvalue().encode())) == [body]


def test_unquoted_fields() -> None:
    data = (
        b'1,2/14/2007 12:04,07EX1,Embassy,SECRET,,"head","body"\n2,2/15/2007 1:04,07EX2,a,b,c,d,e\n'
    )
    assert _bodies(_read(data)) == ["body", "e"]


def test_lone_backslash_stays(row: Row) -> None:
    text = row(body="BODY").replace("BODY", "a \\n b \\ c\\\nd")
    assert _bodies(_read(text.encode())) == ["a \\n b \\ c\\\nd"]


def test_forgotten_escapes_of_a_last_backslash(row: Row) -> None:
    text = row(1, header="HEAD", body="BODY").replace("HEAD", "head\\").replace("BODY", "body\\")
    first, second = _read((text + row(2)).encode())
    assert first.reading is not None, first.reject_reason
    assert (first.reading.header_text, first.reading.body_text) == ("head\\", "body\\")
    assert second.reading is not None


def test_quotes_that_were_not_escaped(row: Row, body: str) -> None:
    stray = 'a 24" pipe, "new"\nand a 12"\npipe'
    text = row(2, body="BODY").replace("BODY", stray)
    documents = _read((row(1) + text + row(3)).encode())
    assert _bodies(documents) == [body, stray, body]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('"2","2/14/2007 12:04","07EX2","a","b","c","body"', "7 fields instead of 8"),
        ('"2","2/14/2007 12:04","07EX2","a","b","c","d","e","f"', "9 fields instead of 8"),
        ('"2","2/14/2007 12:04","07EX2","a","b","c","d",""', "no body text"),
        ('"2","2/14/2007 12:04","07EX2","a","b","c","d"," \n "', "no body text"),
        ('"2","2/14/2007 12:04","07EX2","a","b","c","d","never closed', "neither closed nor"),
        ('"2","2/14/2007 12:04","07EX2","a","b","c","d, e', "neither closed nor escaped"),
        ('"2","2/14/2007 12:04","07EX2","a"', "4 fields instead of 8"),
        ('"2","2/14/2007 12:04","07EX2"', "3 fields instead of 8"),
        ('"a","b","c"', "3 fields instead of 8"),
        ('2,2/14/2007 12:04,07EX2,a,b"c,d,e,f', "in the middle of unquoted text"),
        ('"two","2/14/2007 12:04","07EX2","a","b","c","d","e"', None),
        ('"2","yesterday","07EX2","a","b","c","d","e"', "does not begin with a row id"),
        ('"2","2/14/2007 12:04","","a","b","c","d","e"', "does not begin with a row id"),
        ("what is this", "does not begin with a row id"),
    ],
)
@pytest.mark.parametrize("block_bytes", [7, 64, 1 << 20])
def test_broken_row_leaves_its_neighbours_alone(
    row: Row, body: str, broken: str, reason: str | None, block_bytes: int
) -> None:
    before = row(1)
    documents = _read(f"{before}{broken}\n{row(3)}".encode(), block_bytes)
    assert [document.origin.member for document in documents] == ["1", "2", "3"]
    assert _bodies(documents)[::2] == [body, body]
    assert documents[1].sha256 == sha256(broken.rstrip().encode()).hexdigest()
    if reason:
        start = f"row 2 at byte {len(before.encode()):,}: "
        assert (documents[1].reject_reason or "").startswith(start)
        assert reason in (documents[1].reject_reason or "")


def test_first_line_that_is_no_row_counts_as_one(row: Row, body: str) -> None:
    documents = _read(("what, is, this, line\n" + row(1)).encode())
    assert _bodies(documents) == [None, body]
    assert "does not begin with a row id" in (documents[0].reject_reason or "")


def test_blank_lines_are_no_rows(row: Row) -> None:
    documents = _read(("\n\r\n" + row(1) + "\n\n" + row(2) + "\n\n").encode())
    assert _reasons(documents) == [None, None]


@pytest.mark.parametrize("block_bytes", [5, 4096])
def test_crlf_mark_and_windows_encoding(row: Row, block_bytes: int) -> None:
    text = row(1, body="café\nline") + row(2, body="x")
    crlf = text.replace("\n", "\r\n")
    assert _bodies(_read(crlf.encode(), block_bytes)) == ["café\nline", "x"]
    marked = _read(b"\xef\xbb\xbf" + (text + "junk\n" + row(4)).encode(), block_bytes)
    assert _bodies(marked) == ["café\nline", "x", None, row_body(row)]
    assert f"byte {3 + len(text.encode()):,}" in (marked[2].reject_reason or "")
    windows = _read(text.encode("cp1252"), block_bytes)
    assert [document.encoding for document in windows] == ["cp1252", "utf-8"]
    assert _bodies(windows) == ["café\nline", "x"]
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        assert is_bulk_csv(text.encode(encoding))
        assert _bodies(_read(text.encode(encoding), block_bytes)) == ["café\nline", "x"]


def row_body(row: Row) -> str | None:
    """Give the body of a plain sample row."""
    return _bodies(_read(row().encode()))[0]


def test_gaps_and_repeated_row_ids_are_fine(row: Row) -> None:
    documents = _read((row(7) + row(7) + row(100_000)).encode())
    assert [document.origin.member for document in documents] == ["1", "2", "3"]
    assert _reasons(documents) == [None, None, None]


@pytest.mark.parametrize("block_bytes", [50, 1000, 1 << 20])
def test_row_over_the_limit_is_rejected_alone(row: Row, block_bytes: int) -> None:
    long = row(2, body="x" * 60_000)
    text = row(1) + long + row(3)
    documents = _read(text.encode(), block_bytes, max_row_bytes=20_000)
    if block_bytes > len(text):
        assert _reasons(documents) == [None, None, None]  # a block is in memory anyway
        return
    assert [reason is None for reason in _reasons(documents)] == [True, False, True]
    assert f"row 2 at byte {len(row(1).encode()):,}:" in (documents[1].reject_reason or "")
    assert documents[1].size_bytes == len(long) - 1
    assert documents[1].sha256 == sha256(long.removesuffix("\n").encode()).hexdigest()
    last = _read((row(1) + long).encode(), block_bytes, max_row_bytes=20_000)[-1]
    assert last.reject_reason is not None
    assert last.size_bytes == len(long)


def test_only_rows_make_a_bulk_csv(row: Row, telegram: str) -> None:
    assert is_bulk_csv(row().encode())
    assert is_bulk_csv(("\ufeff" + row()).encode())
    assert not is_bulk_csv(telegram.encode())
    assert not is_bulk_csv(b"id,date,refid\n1,2007,x\n")


FIELDS = st.text(alphabet='ab"\\,\n\r|é¶ 1/', max_size=12)


@settings(max_examples=300)
@given(
    rows=st.lists(st.tuples(FIELDS, FIELDS.filter(lambda text: text.strip() != "")), max_size=5),
    block_bytes=st.sampled_from([1, 3, 17, 64, 4096]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_any_rows_survive_writing_and_reading(
    rows: list[tuple[str, str]], block_bytes: int, newline: str
) -> None:
    def quoted(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    written = "".join(
        ",".join(map(quoted, (str(number), "1/2/2007 3:04", "07EX1", "o", "c", "", *fields)))
        + newline
        for number, fields in enumerate(rows)
    )
    documents = _read(written.encode(), block_bytes)
    read = [(d.reading.header_text, d.reading.body_text) for d in documents if d.reading]
    expected = [
        tuple(text.replace("\r\n", "\n").replace("\r", "\n") for text in fields) for fields in rows
    ]
    assert read == [(header or None, body) for header, body in expected]
    assert len(documents) == len(rows)


@settings(max_examples=500)
@given(
    fields=st.tuples(
        *[st.text(alphabet='a"\\,', max_size=3)] * 2,
        st.lists(
            st.sampled_from(['"', '\\"', '""', "\\\\", "\\", '","', '\\",', ",", "\n", "x"]),
            max_size=8,
        ).map("".join),
    )
)
def test_the_fast_way_reads_what_the_exact_grammar_reads(fields: tuple[str, str, str]) -> None:
    head, header, body = fields
    data = f'"1","1/2/2007 3:04","07EX1","o","c{head}","","{header}","x{body}"\n'.encode()
    fast = _read(data)
    plainly = module._plainly_split

    def only_as_a_last_resort(text: str, *, strict: bool = True) -> list[str] | None:
        return None if strict else plainly(text, strict=False)

    with patch.object(module, "_plainly_split", only_as_a_last_resort):
        exact = _read(data)
    assert fast == exact


@given(
    scraps=st.lists(
        st.sampled_from(
            ['"', "\\", ",", "\n", '","', '\n"1","1/2/2007 3:04","07EX1","', "x", '"\n', "¶", "\r"]
        ),
        max_size=40,
    ),
    block_bytes=st.sampled_from([1, 16, 4096]),
)
def test_any_scraps_give_rows_or_reasons_and_lose_no_start(
    scraps: list[str], block_bytes: int
) -> None:
    data = "".join(scraps).encode()
    documents = _read(data, block_bytes)
    assert documents == _read(data, 1 << 20)
    assert len(documents) >= data.count(b'\n"1","1/2/2007 3:04","07EX1",')
    assert sum(document.size_bytes for document in documents) <= len(data)
