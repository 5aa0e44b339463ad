"""Containers: every kind, damaged ones, hostile ones."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from etl.contracts.frames import Documents
from etl.extract import Limits, read_sources

Row = Callable[..., str]
Entries = list[tuple[str, bytes]]


def _read(path: Path, limits: Limits | None = None) -> list[dict[str, object]]:
    frame = pl.concat(list(read_sources([str(path)], limits=limits)))
    Documents.validate(frame)
    return frame.to_dicts()


def _zip(entries: Entries, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def _tar(entries: Entries, mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


ARCHIVES: dict[str, Callable[[Entries], bytes]] = {
    "zip": _zip,
    "tar": _tar,
    "tar.gz": lambda entries: _tar(entries, "w:gz"),
    "tar.bz2": lambda entries: _tar(entries, "w:bz2"),
    "tar.xz": lambda entries: _tar(entries, "w:xz"),
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("kind", PACKERS)
def test_packed_file_is_its_content(tmp_path: Path, telegram: str, kind: str) -> None:
    path = tmp_path / "no-suffix-needed"
    path.write_bytes(PACKERS[kind](telegram.encode()))
    (document,) = _read(path)
    assert (document["member"], document["body_text"]) == (None, telegram)
    assert document["size_bytes"] == len(telegram.encode())


@pytest.mark.parametrize("kind", PACKERS)
def test_packed_bulk_csv_has_rows(tmp_path: Path, row: Row, kind: str) -> None:
    path = tmp_path / f"cables.csv.{kind}"
    path.write_bytes(PACKERS[kind]((row(1) + row(2)).encode()))
    documents = _read(path)
    assert [(d["member"], d["dialect"]) for d in documents] == [
        ("1", "bulk_csv"),
        ("2", "bulk_csv"),
    ]


@pytest.mark.parametrize("kind", ARCHIVES)
def test_archive_gives_each_entry(tmp_path: Path, telegram: str, row: Row, kind: str) -> None:
    entries = [
        ("b/telegram.txt", telegram.encode()),
        ("../../etc/evil.txt", telegram.encode()),
        ("/abs.txt", telegram.encode()),
        ("empty", b""),
        ("cables.csv", (row(1) + row(2)).encode()),
        ("packed.gz", gzip.compress(telegram.encode())),
        ("inner.zip", _zip([("x.txt", telegram.encode())])),
        ("inner.tar", _tar([("x.txt", telegram.encode())])),
        ("inner.tgz", _tar([("x.txt", telegram.encode())], "w:gz")),
        ("twice.gz", gzip.compress(gzip.compress(telegram.encode()))),
        ("last.txt", telegram.encode()),
    ]
    path = tmp_path / "archive"
    path.write_bytes(ARCHIVES[kind](entries))
    documents = {d["member"]: d for d in _read(path)}
    assert {member for member, d in documents.items() if d["dialect"]} == {
        "b/telegram.txt",
        "../../etc/evil.txt",
        "/abs.txt",
        "cables.csv#1",
        "cables.csv#2",
        "packed.gz",
        "last.txt",
    }
    assert documents["empty"]["reject_reason"] == "empty file"
    for member in ("inner.zip", "inner.tar", "inner.tgz", "twice.gz"):
        assert "unpack the outer one first" in str(documents[member]["reject_reason"])
    assert [path.name for path in tmp_path.rglob("*")] == ["archive"]


def test_repeated_names_stay_apart(tmp_path: Path, telegram: str) -> None:
    names = ["a", "a", "a (2)", "a"]
    path = tmp_path / "x.tar"
    path.write_bytes(_tar([(name, telegram.encode()) for name in names]))
    assert len({d["member"] for d in _read(path)}) == 4


def test_encrypted_zip_entry_is_rejected_alone(tmp_path: Path, telegram: str) -> None:
    data = bytearray(_zip([("secret", telegram.encode()), ("open", telegram.encode())]))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + at] |= 1
    path = tmp_path / "x.zip"
    path.write_bytes(bytes(data))
    secret, readable = _read(path)
    assert "zip entry is encrypted" in str(secret["reject_reason"])
    assert readable["dialect"] == "raw_telegram"


def test_damaged_zip_entry_is_rejected_alone(tmp_path: Path, telegram: str) -> None:
    data = _zip([("a", telegram.encode()), ("b", telegram.encode())], zipfile.ZIP_STORED)
    path = tmp_path / "x.zip"
    path.write_bytes(data.replace(b"VZCZC", b"VZCZX", 1))
    damaged, whole = _read(path)
    assert "CRC" in str(damaged["reject_reason"])
    assert whole["dialect"] == "raw_telegram"


LINKS = {
    "b/beside.txt": "a.txt",
    "b/up.txt": "../c.txt",
    "to-link": "b/up.txt",
    "to-folder": "b",
    "./here": "./b/../c.txt",
    "passwd": "/etc/passwd",
    "b/out": "../../c.txt",
    "gone": "no-such",
}
LEAD_OUT = {"passwd": "/etc/passwd", "b/out": "../c.txt", "gone": "no-such"}


def _tar_with_links(telegram: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, target in LINKS.items():  # before what they lead to
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
        for name in ("b/a.txt", "c.txt"):
            info = tarfile.TarInfo(name)
            info.size = len(telegram.encode())
            archive.addfile(info, io.BytesIO(telegram.encode()))
        hard = tarfile.TarInfo("b/hard.txt")
        hard.type, hard.linkname = tarfile.LNKTYPE, "c.txt"
        archive.addfile(hard)
    return out.getvalue()


def _zip_with_links(telegram: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, target in LINKS.items():
            link = zipfile.ZipInfo(name)
            link.external_attr = 0o120777 << 16
            archive.writestr(link, target)
        for name in ("b/a.txt", "c.txt"):
            archive.writestr(name, telegram)
    return out.getvalue()


@pytest.mark.parametrize("kind", ARCHIVES)
def test_entry_named_like_a_row_of_another_has_a_name_of_its_own(
    tmp_path: Path, telegram: str, row: Row, kind: str
) -> None:
    csv, text = row(1).encode(), telegram.encode()
    path = tmp_path / "archive"
    names = ["a", "a#1", "b#1", "b#2", "b", "c#1", "c#x"]
    path.write_bytes(ARCHIVES[kind]([(name, csv if len(name) == 1 else text) for name in names]))
    assert [document["member"] for document in _read(path)] == [
        *("a#1", "a#1 (2)", "b#1", "b#2", "b (2)#1", "c#1", "c#x"),
    ]


@pytest.mark.parametrize("make", [_tar_with_links, _zip_with_links])
def test_links_to_what_an_archive_holds_are_no_documents(
    tmp_path: Path, telegram: str, make: Callable[[str], bytes]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(make(telegram))
    documents = {str(d["member"]): d["reject_reason"] for d in _read(path)}
    assert documents == {
        "b/a.txt": None,
        "c.txt": None,
        **{
            name: f"link to {target}, which the archive does not hold; nothing is read"
            for name, target in LEAD_OUT.items()
        },
    }


def test_device_in_a_tar_is_rejected(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        device = tarfile.TarInfo("null")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    (tmp_path / "x.tar").write_bytes(out.getvalue())
    (document,) = _read(tmp_path / "x.tar")
    assert "device" in str(document["reject_reason"])


@pytest.mark.parametrize("kind", [*ARCHIVES, *PACKERS])
def test_container_cut_anywhere_never_raises_and_is_never_silent(
    tmp_path: Path, telegram: str, kind: str
) -> None:
    if kind in PACKERS:
        data = PACKERS[kind](telegram.encode())
    else:
        data = ARCHIVES[kind]([(str(number), telegram.encode()) for number in range(3)])
    path = tmp_path / "x"
    for end in [*range(1, len(data), max(len(data) // 40, 1)), len(data) - 1]:
        path.write_bytes(data[:end])
        documents = _read(path)
        assert documents
        read = [d for d in documents if d["dialect"]]
        assert all(d["body_text"] == telegram for d in read)
        # The padding after a tar's end mark may be missing without loss.
        assert len(read) < len(documents) or (kind.startswith("tar") and len(read) == 3)


def test_bulk_csv_in_a_broken_gzip_keeps_the_rows_before(tmp_path: Path, row: Row) -> None:
    bodies = [f"UNCLAS EXAMPLEVILLE {number:06d} " + str(number**20) for number in range(300)]
    data = gzip.compress("".join(row(n, body=body) for n, body in enumerate(bodies)).encode())
    path = tmp_path / "x.csv.gz"
    path.write_bytes(data[: len(data) // 2])
    documents = _read(path)
    read = [d["body_text"] for d in documents if d["dialect"]]
    assert 10 < len(read) < 300
    assert read == bodies[: len(read)]
    assert documents[-1]["member"] is None
    assert "damaged" in str(documents[-1]["reject_reason"])


def test_limits_have_clear_messages(tmp_path: Path, telegram: str) -> None:
    path = tmp_path / "x"
    long = telegram.encode() * 100
    limits = Limits(max_document_bytes=len(telegram.encode()))
    for data in (long, gzip.compress(long)):
        path.write_bytes(data)
        (document,) = _read(path, limits)
        assert f"{len(long):,} bytes in one document; the limit" in str(document["reject_reason"])
        assert document["size_bytes"] == len(long)
    path.write_bytes(_tar([("a", telegram.encode()), ("b", long)]))
    assert [d["dialect"] for d in _read(path, limits)] == ["raw_telegram", None]
    path.write_bytes(_zip([(str(n), telegram.encode()) for n in range(4)]))
    (rejected,) = _read(path, Limits(max_container_entries=3))
    assert "more than 3 entries" in str(rejected["reject_reason"])
    path.write_bytes(_tar([(str(n), telegram.encode()) for n in range(4)]))
    documents = _read(path, Limits(max_container_entries=3))
    assert [d["dialect"] is None for d in documents] == [False, False, False, True]


def test_what_unpacks_to_far_too_much_is_stopped(tmp_path: Path, telegram: str) -> None:
    bomb = b" " * (40 << 20)
    path = tmp_path / "x"
    for data in (gzip.compress(bomb), bz2.compress(bomb), lzma.compress(bomb)):
        path.write_bytes(data)
        (document,) = _read(path)
        assert "unpacks to more than 200 times its packed size (--max-ratio" in str(
            document["reject_reason"]
        )
    path.write_bytes(_zip([("a", telegram.encode()), ("bomb", bomb)]))
    good, stopped = _read(path)
    assert good["dialect"] == "raw_telegram"
    assert "41,943,040 bytes, more than 200 times" in str(stopped["reject_reason"])


def test_endless_names_are_cut_and_stay_apart(tmp_path: Path, telegram: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "a/" * 500_000 + "c"
        archive.addfile(link)
        for last in "ab":
            info = tarfile.TarInfo("a/" * 500_000 + last)
            info.size = len(telegram.encode())
            archive.addfile(info, io.BytesIO(telegram.encode()))
    (tmp_path / "x.tar").write_bytes(out.getvalue())
    documents = _read(tmp_path / "x.tar")
    assert [d["dialect"] for d in documents] == ["raw_telegram"] * 2
    assert [str(d["member"])[4090:] for d in documents] == [
        "a/a/a/… (995,905 more)",
        "a/a/a/… (995,905 more) (2)",
    ]


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_packed_entry_is_held_against_its_own_size(
    tmp_path: Path, telegram: str, kind: str
) -> None:
    """Not against that of the archive, which may be a hundred times as large."""
    entries = [
        ("padding", os.urandom(1 << 20)),
        ("bomb.gz", gzip.compress(bytes(40 << 20))),
        ("good.gz", gzip.compress(telegram.encode())),
    ]
    (tmp_path / "x").write_bytes(ARCHIVES[kind](entries))
    _, bomb, good = _read(tmp_path / "x")
    assert "unpacks to more than 200 times its packed size" in str(bomb["reject_reason"])
    assert good["dialect"] == "raw_telegram"


def test_entries_that_add_up_to_far_too_much_are_stopped(tmp_path: Path, telegram: str) -> None:
    piece = telegram.encode() + b" " * (15 << 20)  # each of them is under what is free
    path = tmp_path / "x"
    path.write_bytes(_zip([(str(number), piece) for number in range(4)]))
    documents = _read(path)
    assert [d["dialect"] is None for d in documents] == [False, True, True, True]
    assert "more than 200 times its packed size (--max-ratio raises it)" in str(
        documents[-1]["reject_reason"]
    )


def test_empty_archives_and_office_documents(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(_zip([]))
    assert "empty zip archive" in str(_read(path)[0]["reject_reason"])
    path.write_bytes(_zip([("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]))
    (document,) = _read(path)
    assert "Office document" in str(document["reject_reason"])
