"""A folder of what people may drop: broken, hostile and strange files among good telegrams.

Not here: what must become of them (`tests.test_hostile`).
"""

import bz2
import gzip
import io
import lzma
import os
import socket
import sys
import tarfile
import warnings
import zipfile
from pathlib import Path

from tests.extract.conftest import BODY, make_page, make_row

LOADED = None
"""Expected of a document that must be loaded; the others name words of their reason."""

Expected = dict[tuple[str, str | None], str | None]
"""Path below the folder and member of a document → `LOADED`, or words of the reject reason."""

NAMES = (
    b"caf\xe9 \xff.txt",
    b"new\nline.txt",
    b"'single' \"double\" `back`.txt",
    b"; DROP TABLE fact_cable; --.txt",
    b"\x1b[31mred\x1b[0m\x07.txt",
    "\u202etxt.elbac\u202c.txt".encode(),
    b"%2e%2e%2f#member?query.txt",
    b"[bold]markup[/bold] *?.txt",
    b"-rf",
    b"\\windows\\path.txt",
    b" ",
    b"n" * 255,
)
"""Names of files that each hold a good telegram."""


def telegram(number: int, subject: str = "A QUIET DAY AT THE HARBOR", extra: str = "") -> str:
    """Give a good telegram with a number of its own; `extra` stands in its second paragraph."""
    return (
        f"VZCZCXRO{number:04d}\nRR RUEHXX\nDE RUEHTL #{number:04d} 0451204\nZNR UUUUU ZZH\n"
        "R 141204Z FEB 07\nFM AMEMBASSY TALLINN\nTO RUEHC/SECSTATE WASHDC 0815\nBT\n"
        f"UNCLAS TALLINN {number:06d}\n\nSIPDIS\n\nE.O. 12958: N/A\nTAGS: PREL ECON EN\n"
        f"SUBJECT: {subject}\n\n"
        "1. (U) Minister Ada Blue said the harbor stays open.\n\n"
        f"2. (U) Comment: we doubt it. {extra} End comment.\n\nROE\n\nNNNN\n"
    )


class Drop:
    """Puts files into a folder and notes what must become of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.expected: Expected = {}
        self._number = 9000

    def good(self, subject: str = "A QUIET DAY AT THE HARBOR", extra: str = "") -> str:
        """Give the next telegram; no two have one number."""
        self._number += 1
        return telegram(self._number, subject, extra)

    def put(self, name: str, data: bytes | str, reason: str | None = LOADED) -> None:
        """Put one file that is one document."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        self.expected[name, None] = reason

    def put_members(self, name: str, data: bytes, members: dict[str, str | None]) -> None:
        """Put a file that holds documents."""
        self.put(name, data)
        del self.expected[name, None]
        self.expected.update({(name, member): reason for member, reason in members.items()})


def fill(folder: Path, *, size: int = 1) -> Expected:
    """Fill the folder; `size` 100 is what the heavy test asks for, 1 is for every day."""
    drop = Drop(folder)
    folder.mkdir(parents=True)
    _nothing_to_read(drop)
    _encodings(drop)
    _pages(drop, 2_000 * size)
    _long_lines(drop, 300_000 * size, 4_000 * size)
    _odd_fields(drop)
    _csv(drop)
    _names(drop)
    _no_plain_files(drop)
    _archives(drop)
    _damaged_archives(drop)
    _deep(drop)
    return drop.expected


def _nothing_to_read(drop: Drop) -> None:
    noise = bytes((n * n * 31 + n // 7) % 256 for n in range(20_000))
    drop.put("empty", b"", "empty file")
    drop.put("blank.txt", b" \r\n\t\n", "nothing but spaces")
    drop.put("noise.txt", noise, "binary file")
    drop.put("zeros.txt", bytes(10_000), "binary file")
    drop.put("picture.html", b"\x89PNG\r\n\x1a\n" + noise, "PNG picture")
    drop.put("scan.txt", b"%PDF-1.4\n" + noise, "PDF")
    drop.put("shopping.txt", "two loaves, a herring\n", "not a telegram")


def _encodings(drop: Drop) -> None:
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"):
        drop.put(f"{name}.txt", drop.good("CAFÉ OWNERS MEET").encode(name))
    drop.put("latin-1.txt", drop.good("CAFÉ OWNERS MEET").encode("latin-1"))
    drop.put("crlf.txt", drop.good().replace("\n", "\r\n"))
    drop.put("cr.txt", drop.good().replace("\n", "\r"))
    drop.put("few-zeros.txt", drop.good().replace("harbor", "har\0bor"))
    drop.put("controls.txt", drop.good("A \x1b[2J\u202eBELL\x07 RINGS"))


def _pages(drop: Drop, depth: int) -> None:
    page = make_page(
        mrn="07TALLINN9801", body=BODY.replace("EXAMPLEVILLE 000042", "TALLINN 009801")
    )
    middle = page.index("stays open") + 20
    drop.put("cut-in-text.html", page[:middle])
    again = make_page(mrn="07TALLINN9802").replace("EXAMPLEVILLE 000042", "TALLINN 009802")
    drop.put("nested.html", again.replace("menu", "<div>" * depth + "menu"))
    third = make_page(mrn="07TALLINN9803").replace("EXAMPLEVILLE 000042", "TALLINN 009803")
    drop.put("nested-in-text.html", third.replace("stays open", "<b>" * depth + "stays open"))
    fourth = make_page(mrn="07TALLINN9804").replace("EXAMPLEVILLE 000042", "TALLINN 009804")
    drop.put("unclosed.html", fourth.replace("stays open", "<" * depth + " &#" * depth))
    drop.put("cut-before-text.html", page[: page.index("<code>")], "without a filled <pre>")
    drop.put("only-tags.html", "<html>" + "<div>" * depth, "without a filled <pre>")
    drop.put("only-pre.html", "<pre>" * depth, "HTML page")
    drop.put("only-tables.html", "<table><tr><td>" * depth, "without a filled <pre>")


def _long_lines(drop: Drop, length: int, words: int) -> None:
    drop.put("one-line.txt", "lorem ipsum " * (length // 12), "not a telegram")
    drop.put("one-word.txt", "x" * length, "not a telegram")
    drop.put("long-paragraph.txt", drop.good(extra="lorem ipsum " * (length // 12)))
    drop.put("long-word.txt", drop.good(extra="x" * length))
    tags = drop.good().replace("PREL ECON EN", " ".join(["PREL ECON EN"] * words))
    drop.put("long-tags.txt", tags)
    odd = drop.good().replace("PREL ECON EN", ", ".join(f"X{n:X}" for n in range(words)))
    drop.put("many-tags.txt", odd)
    cited = "".join(f" {chr(65 + n % 26)}. 06 TALLINN {n % 90_000 + 1}" for n in range(words))
    drop.put("long-ref.txt", drop.good().replace("\n\n1.", f"\nREF:{cited}\n\n1.", 1))
    nothing = drop.good().replace("\n\n1.", "\nREF: " + "A) (B. " * 30_000 + "\n\n1.", 1)
    drop.put("odd-ref.txt", nothing)
    drop.put("long-subject.txt", drop.good("HARBOR " * words))
    drop.put("many-lines.txt", drop.good(extra="\n\n3. (U) x" * words))
    drop.put("blank-lines.txt", drop.good(extra="\n \t" * words))


def _odd_fields(drop: Drop) -> None:
    dated = drop.good().replace("141204Z FEB 07", "992599Z XXX 07")
    drop.put("no-such-day.txt", dated.replace("12958: N/A", "12958: DECL: 13/45/2099"))
    drop.put("no-such-month.txt", drop.good().replace("12958: N/A", "12958: DECL: 02/31/0000"))
    drop.put("sql.txt", drop.good('\'); DROP TABLE fact_cable; -- "x" $1 {} %s'))
    drop.put("markup.txt", drop.good("<script>alert(1)</script> [red]& </td> ${x}"))


def _csv(drop: Drop) -> None:
    def row(number: int, subject: str = "A") -> str:
        body = BODY.replace("EXAMPLEVILLE 000042", f"TALLINN {9700 + number:06d}")
        return make_row(number, mrn=f"07TALLINN{9700 + number}", body=body + subject)

    rows = (
        row(1)
        + '"2","2/14/2007 12:04","07TALLINN9702","Embassy Tallinn","SECRET","a"b"\n'
        + row(3)
        + "not a row at all\n"
        + row(5)
        + '"6","2/14/2007 12:04","07TALLINN9706","a","b","c","d","never closed\n'
        + row(7, 'a 24" pipe')
    )
    reasons: dict[str, str | None] = dict.fromkeys("1357")
    reasons |= {
        "2": "row 2 at byte",
        "4": "row 4 at byte",
        "6": "row 6 at byte",
    }
    drop.put_members("cables.csv", rows.encode(), reasons)
    odd = (
        b"id,date,refid,origin,classification,references,header,body\r\n"
        + row(8).encode()
        + b"\xef\xbb\xbf"
        + row(9).replace("stays", "st\0ays").encode()
        + row(10).replace("\n", "\r\n").encode()
        + (row(11)[:-1] + "\r").encode()
        + row(12)[:-1].encode()
        + row(13).encode()
        + b'"7","2/14/2007 12:04","07TALLINN9714"'
        + b',"x"' * 9_997
        + b"\n"
    )
    columns: dict[str, str | None] = dict.fromkeys("123456") | {"7": "10000 fields instead of 8"}
    drop.put_members("odd.csv", odd, columns)
    wide = row(15) + "no row\n" + row(16)
    place = 2 * len(row(15)) + 2
    drop.put_members(
        "wide.csv",
        wide.encode("utf-16"),
        {"1": LOADED, "2": f"row 2 at byte {place:,}", "3": LOADED},
    )
    drop.put(
        "only-names.csv", "id,date,refid,origin,classification,references,header,body\n", "a C"
    )
    drop.put("columns.csv", ",".join(f"column{n}" for n in range(10_000)) + "\n", "a CSV, but")
    drop.put("other.csv", "name,age,town,street,house,flat\nAda,3,a,b,c,d\n", "a CSV, but")


def _names(drop: Drop) -> None:
    for name in NAMES:
        drop.put(f"names/{os.fsdecode(name)}", drop.good())
    drop.put("folder.html/telegram.txt", drop.good())
    drop.put("folder.zip/telegram.txt", drop.good())


def _no_plain_files(drop: Drop) -> None:
    os.mkfifo(drop.folder / "pipe.txt")
    drop.expected["pipe.txt", None] = "not a regular file"
    place = os.getcwd()
    with socket.socket(socket.AF_UNIX) as listening:
        try:
            os.chdir(drop.folder)  # the name of a socket has a limit that folders of tests exceed
            listening.bind("socket.txt")
        finally:
            os.chdir(place)
    drop.expected["socket.txt", None] = "cannot be read"
    if os.geteuid() != 0:  # root reads everything
        drop.put("closed.txt", drop.good(), "cannot be read")
        (drop.folder / "closed.txt").chmod(0)
    drop.put("sparse.txt", "", "binary file")
    os.truncate(drop.folder / "sparse.txt", 1 << 40)
    long = drop.good(extra="lorem ipsum " * 2_000)
    drop.put("sparse-telegram.txt", long, "bytes in one document; the limit is")
    os.truncate(drop.folder / "sparse-telegram.txt", 1 << 40)
    outside = drop.folder.with_name("outside")
    outside.mkdir()
    (outside / "secret.txt").write_text(telegram(8001))
    links = {
        "out.txt": (outside / "secret.txt", "symbolic link out of the folder"),
        "out": (outside, "symbolic link out of the folder"),
        "passwd": (Path("/etc/passwd"), "symbolic link out of the folder"),
        "zero": (Path("/dev/zero"), "symbolic link out of the folder"),
        "gone.txt": (drop.folder / "no-such-file", "which is missing"),
        "loop": (Path("loop"), "symbolic link"),
        "self": (Path("."), "read under its own name"),
    }
    for name, (target, reason) in links.items():
        (drop.folder / name).symlink_to(target)
        drop.expected[name, None] = reason


def zipped(entries: list[tuple[str, bytes]]) -> bytes:
    """Give a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def _archives(drop: Drop) -> None:
    names = ["../../escape.txt", "/etc/absolute.txt", "C:\\evil.txt", "\x1b[31m.txt", "a\nb.txt"]
    entries = [(name, drop.good().encode()) for name in names]
    drop.put_members("names.zip", zipped(entries), dict.fromkeys(names))
    bomb = bytes(40 << 20)
    bombs = [("bomb", bomb), ("good.txt", drop.good().encode())]
    drop.put_members(
        "bomb.zip", zipped(bombs), {"bomb": "would unpack to 41,943,040", "good.txt": LOADED}
    )
    drop.put("bomb.gz", gzip.compress(bomb), "(--max-ratio raises it)")
    drop.put("bomb.bz2", bz2.compress(bomb), "(--max-ratio raises it)")
    inner = zipped([("x.txt", drop.good().encode())])
    drop.put_members("matryoshka.zip", zipped([("x.zip", inner)]), {"x.zip": "unpack the outer"})
    lying = bytearray(zipped([("bomb", bomb), ("good.txt", drop.good().encode())]))
    for magic, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = lying.index(magic) + at
        lying[place : place + 4] = (1000).to_bytes(4, "little")
    drop.put_members("lying.zip", bytes(lying), {"bomb": "", "good.txt": LOADED})
    drop.put("cut.zip", zipped(entries)[:300], "zip archive cannot be read")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("../../escape.txt", "/etc/absolute.txt"):
            info = tarfile.TarInfo(name)
            data = drop.good().encode()
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    drop.put_members(
        "names.tar", out.getvalue(), {"../../escape.txt": LOADED, "/etc/absolute.txt": LOADED}
    )


def _damaged_archives(drop: Drop) -> None:
    def text() -> bytes:
        return drop.good().encode()

    drop.put("good.txt.gz", gzip.compress(text()))
    drop.put("good.bz2", bz2.compress(text()))
    drop.put("good.xz", lzma.compress(text()))
    drop.put("in-parts.bz2", b"".join(bz2.compress(part) for part in (text()[:90], b"\n" + text())))
    for name, packed in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)):
        drop.put(f"rubbish-behind.{name}", packed(text()) + b"rubbish", "what follows the end")
        drop.put(f"cut.{name}", packed(text())[:-9], "content damaged")
    sums = bytearray(gzip.compress(text()))
    sums[-8] ^= 1
    drop.put("sum.gz", bytes(sums), "CRC check failed")
    stored = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stored, "w") as archive:
        warnings.simplefilter("ignore")  # of two entries with one name
        for name in ("twice", "twice", "sum", "locked"):
            archive.writestr(name, text())
    data = bytearray(stored.getvalue())
    data[data.index(b"VZCZC", data.index(b"sum"))] ^= 1
    place = -1
    for _ in range(4):
        place = data.index(b"PK\x01\x02", place + 1)
    for flags in (archive.infolist()[3].header_offset + 6, place + 8):
        data[flags] |= 1  # encrypted
    drop.put_members(
        "damaged.zip",
        bytes(data),
        {"twice": LOADED, "twice (2)": LOADED, "sum": "Bad CRC-32", "locked": "is encrypted"},
    )
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        info = tarfile.TarInfo("good")
        good = text()
        info.size = len(good)
        tar.addfile(info, io.BytesIO(good))
    whole = out.getvalue()
    # A file of a terabyte without a single byte, as GNU tar writes sparse ones.
    sparse = tarfile.TarInfo("sparse")
    sparse.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(sparse.tobuf(tarfile.GNU_FORMAT))
    head[386:398], head[398:410] = b"%011o\0" % (1 << 30), b"%011o\0" % 0
    head[483:495] = b"%011o\0" % (1 << 32)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    drop.put_members(
        "sparse.tar", bytes(head) + whole, {"sparse": "would unpack to more than", "good": LOADED}
    )


def _deep(drop: Drop) -> None:
    """Folders deeper than Python's calls, and a file in the deepest that a path can name."""
    place = os.getcwd()
    try:
        os.chdir(drop.folder)
        depth = 0
        while len(str(drop.folder)) + 2 * depth < 4_000 - 2:
            os.mkdir("d")
            os.chdir("d")
            depth += 1
        Path("t").write_text(drop.good())
        drop.expected["/".join(["d"] * depth) + "/t", None] = LOADED
    finally:
        os.chdir(place)


if __name__ == "__main__":  # python -m tests.hostile FOLDER [SIZE]
    fill(Path(sys.argv[1]).absolute(), size=int(sys.argv[2]) if len(sys.argv) > 2 else 1)
