"""Several raw telegrams in one file: each is a document; what belongs together stays together."""

import io
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.contracts.frames import Documents
from etl.extract import Limits, read_sources
from etl.extract.dialect import read_documents
from etl.extract.documents import Document, Origin
from etl.extract.glued import telegrams_in
from etl.parse import parse
from tests.extract.test_time import seconds

ORIGIN = Origin("file:///x")
SUBJECTS = {1: "SNOW ON THE PIER", 2: "RAIN OVER ELMS", 3: "FOG BEHIND OAKS"}


def telegram(
    serial: int = 1,
    *,
    of: str = "",
    section: str = "",
    sent: str = "1231204",
    station: str = "RUEHTA",
    end: str = "\nBT\n#{serial:04d}\nNNNN\n",
) -> str:
    """Write a telegram of ASTANA."""
    return (
        f"VZCZCXRO98{serial:02d}\nRR RUEHC\nDE {station} #{serial:04d}{of} {sent}\nZNR UUUUU ZZH\n"
        f"R 031204Z MAY 07\nFM AMEMBASSY ASTANA\nTO RUEHC/SECSTATE WASHDC 1207\nBT\n"
        f"UNCLAS {section}ASTANA {serial:06d}\n\nTAGS: SENV, KZ\n"
        f"SUBJECT: {SUBJECTS.get(serial, 'CLOUDS')}\n\n1. Nobody minds number {serial}.\n\nQUILL\n"
        + end.format(serial=serial)
    )


def read(text: str | bytes) -> list[Document]:
    return list(read_documents(text if isinstance(text, bytes) else text.encode(), ORIGIN))


def bodies(text: str | bytes) -> list[str]:
    documents = read(text)
    assert all(document.reading for document in documents)
    return [document.reading.body_text for document in documents if document.reading]


def test_each_telegram_is_a_document_with_its_own_bytes() -> None:
    texts = [telegram(1) + "\n\n", telegram(2), telegram(3)]
    documents = read("".join(texts))
    assert [document.origin.member for document in documents] == [None, "2", "3"]
    assert bodies("".join(texts)) == texts
    for document, text in zip(documents, texts, strict=True):
        assert document.sha256 == sha256(text.encode()).hexdigest()
        assert document.size_bytes == len(text)
        assert document.origin.byte_offset is None


@pytest.mark.parametrize(
    "between",
    [
        "", "\n", "\n\n\n \t\n", "\x03\n\x01", "\f", "-----\n\n", "\ufeff", "> ", "\x00\x00\n",
        "\r\n\r\n", "\r", "***\n",
    ],
)  # fmt: skip
def test_dirt_between_belongs_to_the_first(between: str) -> None:
    first, second = bodies(telegram(1) + between + telegram(2))
    assert first.startswith("VZCZCXRO9801")
    assert "9802" not in first
    assert second.endswith(telegram(2))


@pytest.mark.parametrize("end", ["NNNN\n", " NNNN \n", "\x03NNNN\x03\n", "NNNNNN\n", "#0001\n"])
def test_ends_of_a_message(end: str) -> None:
    assert len(read(telegram(1, end=f"\nBT\n{end}\n") + telegram(2))) == 2


@pytest.mark.parametrize("drop", [0, 1, 2, 3])
def test_headings_begin_with_any_of_their_lines(drop: int) -> None:
    second = telegram(2).replace("VZCZC", "ZCZC") if drop == 3 else telegram(2)
    second = second.split("\n", drop % 3)[-1]
    assert bodies(telegram(1) + second) == [telegram(1), second]


def test_heading_to_all_posts_is_long() -> None:
    to_all = "".join(f"RUEH{number:03d}A " + "\n" * (number % 9 == 8) for number in range(280))
    second = telegram(2).replace("RR RUEHC", f"RR RUEHC {to_all}")
    assert bodies(telegram(1) + second) == [telegram(1), second]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([telegram(1)], id="one"),
        pytest.param([telegram(1), "\n", telegram(1)], id="twice"),
        pytest.param([telegram(1, of="/01"), telegram(1, of="/02")], id="sections"),
        pytest.param([telegram(1), telegram(1, sent="1242359")], id="repeated the next day"),
        pytest.param([telegram(1, sent="3652359"), telegram(1, sent="0010001")], id="new year"),
        pytest.param([telegram(1), telegram(2).replace("DE RU", "DE: RU")], id="no DE behind"),
        pytest.param([telegram(1).replace("DE RU", "DE: RU"), telegram(2)], id="no DE before"),
        pytest.param(
            [telegram(1).replace("QUILL\n", "NNNN\n\nWAS TYPED TWICE.")], id="quoted NNNN"
        ),
        pytest.param(
            [telegram(1).replace("QUILL\n", f"QUOTE\n{telegram(2)}UNQUOTE\n")], id="quoted telegram"
        ),
        pytest.param([telegram(1, end="\n"), telegram(2)], id="no end before"),
        pytest.param(
            [telegram(1, of="/01"), telegram(1, of="/02"), telegram(1, of="/03")], id="three"
        ),
    ],
)
def test_what_is_one_document_stays_one(parts: list[str]) -> None:
    text = "".join(parts)
    assert telegrams_in(text.encode()) == [text.encode()]
    assert bodies(text) == [text]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(telegram(1, station="RUEHOS"), id="station"),
        pytest.param(telegram(1, sent="3001204"), id="day"),
        pytest.param(telegram(12), id="serial that begins alike"),
    ],
)
def test_another_station_serial_or_day_is_another_telegram(second: str) -> None:
    assert bodies(telegram(1) + second) == [telegram(1), second]


def test_sections_stay_together_beside_others() -> None:
    long = telegram(1, of="/01") + telegram(1, of="/02")
    assert bodies(telegram(3) + long + telegram(2)) == [telegram(3), long, telegram(2)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\v"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be"])
def test_newlines_and_encodings(newline: str, encoding: str) -> None:
    texts = [telegram(n).replace("QUILL", "CAFÉ") for n in (1, 2)]
    data = "".join(texts).replace("\n", newline).encode(encoding)
    documents = read(data)
    assert bodies(data) == texts
    of_file = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
    assert {document.encoding for document in documents} == {of_file}
    if "16" in encoding:
        assert [document.size_bytes for document in documents] == [len(t.encode()) for t in texts]
    else:
        assert sum(document.size_bytes for document in documents) == len(data)
        whole = [sha256(piece).hexdigest() for piece in telegrams_in(data)]
        assert [document.sha256 for document in documents] == whole


def test_telegrams_glued_in_two_encodings_are_each_read_in_their_own() -> None:
    texts = [telegram(n).replace("QUILL", "CAFÉ") for n in (1, 2)]
    data = texts[0].encode("cp1252") + texts[1].encode()
    assert bodies(data) == texts
    assert [document.encoding for document in read(data)] == ["cp1252", "utf-8"]


@given(
    st.lists(
        st.one_of(
            st.builds(telegram, st.integers(1, 4), of=st.sampled_from(["", "/01", "/02"])),
            st.sampled_from(
                ["\n", "NNNN\n", "BT\n", "#0001\n", "DE RUEHTA #0002\n", "ZCZC\n", "x"]
            ),
        ),
        max_size=8,
    )
)
def test_pieces_are_the_file_again_and_none_holds_two(parts: list[str]) -> None:
    data = "".join(parts).encode()
    pieces = telegrams_in(data)
    assert b"".join(pieces) == data
    # A telegram that is alone the next time is the same document: a rebuild finds what a drop left.
    assert [telegrams_in(piece) for piece in pieces] == [[piece] for piece in pieces]


def _files(text: str) -> Iterator[tuple[str, bytes]]:
    packed, tiny = io.BytesIO(), text.encode()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", tiny)
        archive.writestr("a.txt#2", telegram(4))
    yield "plain.txt", tiny
    yield "packed.zip", packed.getvalue()


def test_from_files_and_archives_with_the_right_numbers_and_words(tmp_path: Path) -> None:
    for name, data in _files("".join(telegram(n) for n in (1, 2, 3))):
        (tmp_path / name).write_bytes(data)
    documents = pl.concat(list(read_sources([str(tmp_path)])))
    Documents.validate(documents)
    parsed = parse(documents)
    found = (
        documents.select("document_key", "uri", "member")
        .join(parsed["headers"].select("document_key", "mrn", "subject"), on="document_key")
        .join(parsed["paragraphs"].select("document_key", "text"), on="document_key")
    )
    assert [(uri.rsplit("/", 1)[1], *row) for _, uri, *row in found.rows()] == [
        (name, member, f"07ASTANA{n}", SUBJECTS.get(n, "CLOUDS"), f"Nobody minds number {n}.")
        for name, members in (
            ("packed.zip", {"a.txt": 1, "a.txt#2": 2, "a.txt#3": 3, "a.txt#2 (2)": 4}),
            ("plain.txt", {None: 1, "2": 2, "3": 3}),
        )
        for member, n in members.items()
    ]


def test_small_and_large_files_are_cut_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("".join(telegram(n) for n in (1, 2, 3)))
    first = pl.concat(list(read_sources([str(tmp_path)])))
    assert first["member"].to_list() == [None, "2", "3"]
    monkeypatch.setattr("etl.extract.reading._SMALL_BYTES", 1)
    assert pl.concat(list(read_sources([str(tmp_path)]))).equals(first)
    size = (tmp_path / "a.txt").stat().st_size
    [over] = pl.concat(list(read_sources([str(tmp_path)], limits=Limits(size - 1)))).to_dicts()
    assert "--max-document-mib" in over["reject_reason"]


GLUED: dict[str, Callable[[int], str]] = {
    "telegrams": lambda n: "".join(telegram(number) for number in range(n // 20)),
    "sections": lambda n: telegram(1) * (n // 20),
    "tiny telegrams": lambda n: "".join(f"NNNN\nDE RUA #{k % 9000}\n" for k in range(n)),
    "ends": lambda n: telegram(1) + "NNNN\n" * n + telegram(2),
    "blank lines": lambda n: telegram(1) + "\n \r" * n + telegram(2),
    "blanks": lambda n: telegram(1) + " " * n + telegram(2),
    "rules": lambda n: telegram(1) + ("-" * 60 + "\n") * n + "x" + telegram(2),
    "headings without DE": lambda n: telegram(1) + "NNNN\nZCZC\n" * n + telegram(2),
    "numbers without DE": lambda n: telegram(1) + "#001\nZCZC\n" * n + telegram(2),
    "headings without end": lambda n: telegram(1) + "NNNN\n" + "ZCZC\n" * n + telegram(2),
    "no DE before": lambda n: "NNNN\nZCZC\n" * n + "NNNN\nDE RUA x\n" * n,
    "DE without serial": lambda n: telegram(1) + "NNNN\nDE RUA \n" * n,
    "DE and blanks": lambda n: telegram(1) + ("NNNN\nDE" + " " * 100) * (n // 10) + "DE R",
    "DE and blanks before": lambda n: "DE RUA" + " " * n + telegram(1) + telegram(2),
    "serials": lambda n: telegram(1) + "NNNN\nDE RUA #" + "0" * n + telegram(2),
}


@pytest.mark.parametrize("kind", GLUED)
def test_four_times_the_file_takes_four_times_as_long(kind: str) -> None:
    small, large = (GLUED[kind](n).encode() for n in (10_000, 40_000))
    before = seconds(lambda: read(small))
    assert seconds(lambda: read(large)) < 0.5 + 8 * before
