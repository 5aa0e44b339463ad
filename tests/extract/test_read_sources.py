"""The package as a whole: one row per document, in a fixed order, in frames of the contract."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl import extract
from etl.contracts.frames import Documents
from etl.extract import (
    Limits,
    SourceNotFound,
    holds_files,
    read_listed,
    read_sources,
    reading,
    to_read,
)
from etl.extract.bulk_csv import bulk_csv
from etl.extract.documents import TORN, Document, Origin, Reading, frame
from etl.keys import stable_key
from tests.extract.conftest import as_nobody

Maker = Callable[..., str]


@pytest.fixture
def drop(tmp_path: Path, page: Maker, row: Maker, telegram: str, web_cover: str) -> Path:
    """Folder with one document of each dialect and one of none."""
    files = {
        "a/page.html": page(),
        "a/telegram": telegram,
        "b.csv": row(1) + "broken\n" + row(3),
        "c.txt": f"{web_cover}\n{telegram}",
        "d.md": "# Notes\n",
    }
    for name, text in files.items():
        path = tmp_path / "drop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "drop"


def test_every_document_gets_one_row(drop: Path) -> None:
    documents = pl.concat(list(read_sources([str(drop)])))
    Documents.validate(documents)
    assert documents.columns == Documents.column_names()
    names = [uri.removeprefix(drop.as_uri() + "/") for uri in documents["uri"]]
    assert list(zip(names, documents["member"], documents["dialect"], strict=True)) == [
        ("a/page.html", None, "release_page"),
        ("a/telegram", None, "raw_telegram"),
        ("b.csv", "1", "bulk_csv"),
        ("b.csv", "2", None),
        ("b.csv", "3", "bulk_csv"),
        ("c.txt", None, "web_extract"),
        ("d.md", None, None),
    ]
    rejected = documents.filter(pl.col("reject_reason").is_not_null())
    assert rejected.height == 2
    texts = rejected.select("dialect", "cover_text", "header_text", "body_text")
    assert texts.null_count().sum_horizontal().item() == 8
    assert documents["created_at"].to_list() == [
        datetime(2007, 2, 14, 12, 12),
        None,
        datetime(2007, 2, 14, 12, 4),
        None,
        datetime(2007, 2, 14, 12, 4),
        datetime(2007, 2, 14, 12, 4),
        None,
    ]


def test_keys_digests_sizes_and_times(drop: Path, telegram: str) -> None:
    path = drop / "a" / "telegram"
    os.utime(path, (1_000_000_000, 1_000_000_000.5))
    (document,) = next(read_sources([str(path)])).to_dicts()
    assert document["document_key"] == stable_key(path.as_uri(), None)
    assert document["sha256"] == sha256(telegram.encode()).hexdigest()
    assert document["size_bytes"] == len(telegram.encode())
    moment = datetime.fromtimestamp(1_000_000_000.5, UTC).replace(tzinfo=None)
    assert document["modified_at"] == moment


def test_same_sources_give_the_same_rows(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pl.concat(list(read_sources([str(drop)])))
    monkeypatch.setattr(reading, "BATCH_FILES", 1)
    monkeypatch.setattr(reading, "_SMALL_BYTES", 1)
    again = list(read_sources([str(drop)], batch_documents=2))
    assert [batch.height for batch in again] == [2, 2, 2, 1]
    assert pl.concat(again).equals(first)


def test_frames_are_bounded_in_bytes(tmp_path: Path, telegram: str) -> None:
    for number in range(10):
        (tmp_path / f"{number}.txt").write_text(telegram, encoding="utf-8")
    frames = list(read_sources([str(tmp_path)], batch_bytes=3 * len(telegram)))
    assert [batch.height for batch in frames] == [3, 3, 3, 1]


def test_missing_source_raises_before_anything_is_read(drop: Path) -> None:
    with pytest.raises(SourceNotFound, match="nowhere"):
        read_sources([str(drop), str(drop / "nowhere")])
    with pytest.raises(SourceNotFound, match="nowhere"):
        holds_files([str(drop / "nowhere")])


def test_what_is_to_be_read_is_counted_without_opening_it(drop: Path) -> None:
    files = [path for path in drop.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    assert to_read([str(drop)], enough_bytes=size + 1)[:2] == (size, len(files))
    assert to_read([str(drop)], enough_bytes=1).new_count < len(files)
    assert to_read([str(drop)], skip=lambda _: True, enough_bytes=1) == (0, 0, [])
    assert to_read([str(drop)], is_new=lambda _: False, enough_bytes=size + 1)[:2] == (size, 0)
    assert to_read([str(drop)], is_new=lambda _: False, enough_bytes=1).new_count == 1
    (drop / "none").mkdir()
    assert holds_files([str(drop)])
    assert not holds_files([str(drop / "none")])


def test_few_files_are_listed_by_the_look_and_read_without_another(
    drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = to_read([str(drop)], enough_bytes=10**9).files
    assert listed is not None
    documents = pl.concat(read_listed(listed))
    assert documents.equals(pl.concat(read_sources([str(drop)])))
    monkeypatch.setattr(extract, "MOST_LISTED", len(listed) - 1)
    assert to_read([str(drop)], enough_bytes=10**9).files is None


def test_unreadable_things_get_rows_and_stop_nothing(drop: Path) -> None:
    os.mkfifo(drop / "pipe")
    (drop / "zlink").symlink_to("/nowhere")
    documents = pl.concat(list(read_sources([str(drop)])))
    Documents.validate(documents)
    last = documents.tail(2)["reject_reason"].to_list()
    assert "pipe, socket or device" in last[0]
    assert "missing" in last[1]
    assert documents["dialect"].count() == 5


def test_file_that_vanishes_gets_a_row(drop: Path) -> None:
    documents = read_sources([str(drop)], batch_documents=1)
    (drop / "a" / "telegram").unlink()
    reasons = pl.concat(list(documents))["reject_reason"].to_list()
    # The folder is listed while it is read: the file is gone, or it is reported.
    assert len(reasons) in (6, 7)


def test_stopping_early_is_harmless(drop: Path) -> None:
    frames = read_sources([str(drop)], batch_documents=1)
    next(frames)
    frames.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("12/28/1966 18:48", datetime(1966, 12, 28, 18, 48)),
        ("1/2/2005 3:04", datetime(2005, 1, 2, 3, 4)),
        ("2005-06-30 09:28:00", datetime(2005, 6, 30, 9, 28)),
        ("2005-06-22 15:03", datetime(2005, 6, 22, 15, 3)),
        ("13/45/2005 1:00", None),
        (None, None),
    ],
)
def test_created_time_in_every_dialects_form(
    created: str | None, expected: datetime | None
) -> None:
    reading = Reading("bulk_csv", body_text="x", created=created)
    document = Document(Origin("file:///x"), "0" * 64, 1, "utf-8", reading)
    assert frame([document])["created_at"].to_list() == [expected]


def test_large_document_is_read_whole(tmp_path: Path, telegram: str) -> None:
    path = tmp_path / "long.txt"
    path.write_text(telegram + "x\n" * 4_000_000, encoding="utf-8")
    (document,) = next(read_sources([str(path)])).to_dicts()
    assert len(document["body_text"].encode()) == path.stat().st_size
    limited = read_sources([str(path)], limits=Limits(max_document_bytes=1000))
    assert next(limited)["size_bytes"].item() == path.stat().st_size


def test_real_corpus_is_read() -> None:
    corpus = os.environ.get("CABLES_CORPUS")
    if not corpus:
        pytest.skip("set CABLES_CORPUS to a folder with real documents")
    documents = pl.concat(list(read_sources([corpus])))
    Documents.validate(documents)
    rejected = documents.filter(pl.col("reject_reason").is_not_null())
    unexpected = rejected.filter(~pl.col("uri").str.ends_with(".md"))
    assert unexpected.is_empty(), unexpected.select("uri", "reject_reason").rows()


def test_a_warehouse_is_no_source_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("nothing\n")
    (tmp_path / ".cables").mkdir()
    (tmp_path / ".cables" / "lock").write_text("1\n")
    (tmp_path / "cables.duckdb").symlink_to(tmp_path / ".cables" / "lock")
    own = (tmp_path / "cables.duckdb", tmp_path / ".cables")
    [frame] = read_sources([str(tmp_path)], exclude=own)
    assert [uri.rsplit("/", 1)[1] for uri in frame["uri"]] == ["a.txt"]


def _reasons(folder: Path, **options: bool) -> dict[str, str | None]:
    documents = pl.concat(list(read_sources([str(folder)], **options)))  # type: ignore[arg-type]
    rows = documents.select("uri", "reject_reason").iter_rows()
    return {uri.rsplit("/", 1)[1]: reason for uri, reason in rows}


def test_file_that_may_not_be_read_gets_a_row(open_folder: Path, telegram: str) -> None:
    for name in ("closed.txt", "open.txt"):
        (open_folder / name).write_text(telegram)
    (open_folder / "closed.txt").chmod(0)
    with as_nobody():
        found = _reasons(open_folder)
    assert found["open.txt"] is None
    assert "cannot be read: Permission denied" in (found["closed.txt"] or "")


def test_device_behind_a_link_is_not_read_even_when_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "zero").symlink_to("/dev/zero")
    assert "out of the folder" in (_reasons(tmp_path)["zero"] or "")
    assert "not a regular file" in (_reasons(tmp_path, follow_symlinks=True)["zero"] or "")


def test_file_that_grows_is_read_no_further_than_it_was_and_does_not_count(
    tmp_path: Path, row: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cables.csv"
    path.write_text("".join(row(number) for number in range(10_000)))
    rows = path.read_bytes().count(b"Embassy")

    def growing(*arguments: Any) -> Iterator[Document]:
        for document in bulk_csv(*arguments):
            with path.open("a") as file:
                file.write(row(1))
            yield document

    monkeypatch.setattr(reading, "bulk_csv", growing)
    documents = pl.concat(list(read_sources([str(path)])))
    # The last row says that those before it do not count (tests/test_changing_sources.py).
    assert documents.height == rows + 1
    assert documents["reject_reason"].drop_nulls().to_list() == [TORN]
