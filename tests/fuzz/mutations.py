"""Where bytes for the targets come from: the sample telegrams, and what happens to them.

Coverage tells atheris which branch of a reader is new, but a telegram or an archive is too much
to be found by flipping bits: these strategies break samples in the ways that files do get broken.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from tests.extract.conftest import make_page, make_row

SAMPLES = Path(__file__).parents[2] / "seeds" / "cables"

SCRAPS = [
    *(b"\n", b"\r", b"\r\n", b"\n\n\n", b"\0", b"\t", b"\f", b" " * 40, b"\xff", b"\x80"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\xa8", b"\xc2\xb6", b"\xf0\x9f\x98\x80", b"\xc3"),
    *(b'"', b"\\", b'","', b'\\"', b",", b'"\n', b'"\n"7","1/2/2007 3:04","07X1","'),
    *(b"<pre>", b"</pre>", b"<code>", b"<table>", b"</td>", b"<!--", b"&#", b"&#x110000;", b"<br"),
    *(b"1. (C) ", b"2. (SBU) SUMMARY: ", b"99. ", b"(S//NF)", b"A. ", b"B) ", b"\xc2\xb63. (U) "),
    *(b"TAGS: ", b"SUBJECT: ", b"REF: A. 06 STATE 1 B. ", b"REFS: ", b"E.O. 12958: DECL: "),
    *(b"13/45/2099", b"992599Z XXX 07", b"310299Z FEB 00", b"0/0/0000", b"99999999999999999999"),
    *(b"Classified By: ", b"Reason: 1.4 (b) and (d)", b"FM ", b"TO ", b"INFO ", b"XMT ", b"BT\n"),
    *(b"C O N F I D E N T I A L PARIS 001234", b"SECTION 02 OF 03 ", b"UNCLAS ", b"SIPDIS"),
    *(b"PAGE 02 HARARE 06677 01 OF 03 111533Z", b"PARIS 00001234 002 OF 003", b"NNNN", b"ZDK"),
    *(b"Message Text\n", b"Message Attributes\n", b"Draft Date: 31 FEB 1975\n", b"To: X\n"),
    *(b"Identifier\nCreated\n", b"Cable title: ", b"Tags: ", b"partial extract", b"XXXXXXXX"),
    *(
        b"\nBT\n#0123\nNNNN\n\nVZCZCXRO9897\nRR RUEHC\n",
        b"\nDE RUEHTA #3154/02 3231310\n",
        b"\nNNNN\n",
    ),
    *(b"//", b"--", b"-----", b"=====", b"(", b")", b"[", b"]", b"{", b"$1", b"%s", b"\x1b[31m"),
]
"""Words that decide what a line, field or file is taken for."""


@cache
def samples() -> list[bytes]:
    """Give the sample documents and files, smallest first."""
    files = [path.read_bytes() for path in sorted(SAMPLES.rglob("*")) if path.is_file()]
    rows = "".join(make_row(number) for number in range(1, 4))
    return sorted([*files, make_page().encode(), rows.encode()], key=len)


@cache
def texts() -> list[bytes]:
    """Give the samples that are telegrams by themselves."""
    return [path.read_bytes() for path in sorted((SAMPLES / "raw").glob("*.txt"))]


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    """Break bytes a few times: cut, repeat, move, drop, insert, flip, glue."""
    for _ in range(draw(st.integers(1, 5))):
        length = len(data)
        begin = draw(st.integers(0, length))
        end = min(begin + draw(st.sampled_from([1, 2, 8, 60, 400, 4000])), length)
        piece = data[begin:end]
        kind = draw(st.sampled_from(["put", "put", "cut", "drop", "again", "move", "flip", "glue"]))
        if kind == "put":
            data = data[:begin] + draw(st.sampled_from(SCRAPS)) + data[begin:]
        elif kind == "cut":
            data = data[:begin]
        elif kind == "drop":
            data = data[:begin] + data[end:]
        elif kind == "again":
            data = data[:end] + piece * draw(st.sampled_from([1, 2, 20])) + data[end:]
        elif kind == "move":
            to = draw(st.integers(0, length))
            rest = data[:begin] + data[end:]
            data = rest[:to] + piece + rest[to:]
        elif kind == "flip":
            data = data[:begin] + draw(st.binary(max_size=4)) + data[end:]
        else:
            data += draw(st.sampled_from(texts()))[begin:]
    return data[: 1 << 18]


def _zip(names: list[str], pieces: list[bytes]) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of two entries with one name
        for name, data in zip(names, pieces, strict=False):
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def _tar(names: list[str], pieces: list[bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in zip(names, pieces, strict=False):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


_NAMES = st.lists(
    st.sampled_from(["a", "a", "a (2)", "a/b", "../a", "/a", "é", "a\nb", "x.csv", "C:\\a"]),
    min_size=1,
    max_size=4,
)
_ARCHIVES: list[Callable[[list[str], list[bytes]], bytes]] = [
    _zip,
    _tar,
    lambda names, pieces: _tar(names, pieces, "w:gz"),
    lambda _, pieces: gzip.compress(pieces[0]),
    lambda _, pieces: bz2.compress(pieces[0]),
    lambda _, pieces: lzma.compress(pieces[0]),
]

BROKEN_SAMPLES = st.sampled_from(samples()).flatmap(broken)
BROKEN_TEXTS = st.sampled_from(texts()).flatmap(broken)
BROKEN_ROWS = st.builds(
    lambda rows: "".join(make_row(number) for number in range(1, rows + 1)).encode(),
    st.integers(1, 5),
).flatmap(broken)
ARCHIVES = st.builds(
    lambda make, names, pieces: make(names, pieces),
    st.sampled_from(_ARCHIVES),
    _NAMES,
    st.lists(BROKEN_SAMPLES | st.sampled_from(samples()), min_size=4, max_size=4),
)
BROKEN_ARCHIVES = ARCHIVES | ARCHIVES.flatmap(broken)

STRATEGIES: dict[str, st.SearchStrategy[bytes]] = {
    "document": BROKEN_SAMPLES,
    "container": BROKEN_ARCHIVES,
    "csv": BROKEN_ROWS,
    "telegram": BROKEN_TEXTS,
}
"""What each target is given."""
