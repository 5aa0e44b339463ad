"""Zip, tar, gzip, bzip2, xz → streams of the documents in them.

Everything is read in memory and nothing is written, so a name such as `../../etc/passwd` is only
text: the entry is read under it. A gzip, bzip2 or xz file is its content, packed: it has no
member. A zip or tar has one member for each entry. One archive in a chain is read, packed or
holding packed files (`.tar.gz`, `.gz` in a zip); an archive within an archive is rejected. A link
to another entry is no document of its own. An entry that would unpack to far too much is rejected
alone.
"""

import bz2
import gzip
import io
import lzma
import posixpath
import re
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from etl.extract.csv_rows import Stream
from etl.extract.documents import MIB, Limits

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PACKED = ("gzip", "bzip2", "xz")
ARCHIVES = ("zip", "tar")
_TAR_MAGIC_AT = 257
_OFFICE_ENTRIES = {"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"}
_STEP_BYTES = 128 * 1024
_LINK_BYTES = 4096
"""More than the longest path that a link can lead to."""
_NAME_CHARACTERS = 4096
_FREE_BYTES = 16 * MIB
"""Size under which nothing harms, however well it was packed."""

_RUBBISH = "what follows the end of its packed part cannot be unpacked"
_TOO_MUCH = "with it the {} archive would unpack to more than {}; not read"

# All that the readers of damaged containers raise; RuntimeError is zipfile's for passwords.
READ_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
)


class Content(NamedTuple):
    """One entry: its name, and a stream or the reason why there is none, or where it leads."""

    name: str
    stream: "Guarded | None"
    problem: str | None = None
    leads_to: str | None = None
    """Name of the entry that a link leads to, as it is resolved."""
    size_bytes: int = 0
    """What the archive says of its size."""


class Guarded:
    """Stream that ends instead of raising, and says in `problem` why; ends at its limit too."""

    def __init__(self, stream: Stream, *, left: int | None = None, limits: Limits | None = None):
        """Wrap a stream that may give so many bytes (null: any number) by these limits."""
        self._stream = stream
        self._head = b""
        self._left = left
        self._limits = limits or Limits()
        self.problem: str | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Give `size` bytes, fewer only at the end; all that are left for -1."""
        blocks = []
        while size != 0:
            block = self._next(size if size > 0 else MIB)
            if not block:
                break
            blocks.append(block)
            size -= len(block) if size > 0 else 0
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    def _next(self, size: int) -> bytes:
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        if self.problem:
            return b""
        try:
            data = self._stream.read(size)
        except READ_ERRORS as error:
            self.problem = f"damaged: {error or type(error).__name__}"
            return b""
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self.problem = f"unpacks to more than {self._limits.ratio}; not read"
                return b""
        return data

    def peek(self, size: int) -> bytes:
        """Give the next `size` bytes (fewer at the end) without taking them."""
        if len(self._head) < size:
            head, self._head = self._head, b""
            self._head = head + self.read(size - len(head))
        return self._head[:size]


def container_kind(head: bytes) -> str | None:
    """Give the kind of container by its first bytes; null when it is none."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    if head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar":
        return "tar"
    return None


def unpacked(kind: str, stream: Guarded, packed_bytes: int, limits: Limits) -> Guarded:
    """Give the content of a gzip, bzip2 or xz stream."""
    opened = _UNPACKERS[kind](stream)
    return Guarded(opened, left=_allowed(packed_bytes, limits), limits=limits)


class Seekable(Protocol):
    """A file of which any part can be read, as `zipfile` asks for it."""

    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes; all that are left for -1."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place."""

    def tell(self) -> int:
        """Give the place."""

    def seekable(self) -> bool:
        """Tell that it can."""


def zip_entries(file: Seekable, packed_bytes: int, limits: Limits) -> Iterator[Content]:
    """Give the entries of a zip in the order of its directory; folders are no entries.

    Raises one of `READ_ERRORS` when the archive itself cannot be read.
    """
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        left = _allowed(packed_bytes, limits)
        if infos and infos[0].filename in _OFFICE_ENTRIES:
            raise ValueError("an Office document or program, not an archive; save it as text")
        _check_entries(len(infos), limits)
        for info in infos:
            name = _printable(info.filename)
            if info.flag_bits & 0x1:
                yield Content(name, None, "zip entry is encrypted; unpack it with its password")
                continue
            limit = _allowed(info.compress_size, limits)
            if info.file_size > limit:
                yield Content(
                    name,
                    None,
                    f"zip entry would unpack to {info.file_size:,} bytes, more than "
                    f"{limits.ratio}; not read",
                )
                continue
            if info.file_size > left:
                yield Content(name, None, _TOO_MUCH.format("zip", limits.ratio))
                continue
            left -= info.file_size
            try:
                with archive.open(info) as entry:
                    if stat.S_ISLNK(info.external_attr >> 16):
                        target = entry.read(_LINK_BYTES).decode("utf-8", "surrogateescape")
                        yield Content(name, None, leads_to=_beside(info.filename, target))
                    else:
                        opened = Guarded(entry, left=limit, limits=limits)
                        yield Content(name, opened, size_bytes=info.file_size)
            except READ_ERRORS as error:
                yield Content(name, None, f"zip entry cannot be read: {error}")


def tar_entries(stream: Guarded, packed_bytes: int, limits: Limits) -> Iterator[Content]:
    """Give the entries of a tar in order; folders are no entries.

    Raises one of `READ_ERRORS` where the archive breaks off.
    """
    last_block = b""

    class Recorded(tarfile.TarInfo):
        """Header that lets its block be seen: tarfile takes a damaged one for the end."""

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            nonlocal last_block
            last_block = bytes(buf)
            return super().frombuf(buf, encoding, errors)

    left = _allowed(packed_bytes, limits)
    source = io.BufferedReader(_Readable(stream))
    with tarfile.open(fileobj=source, mode="r|", tarinfo=Recorded) as archive:
        for number, info in enumerate(archive, 1):
            _check_entries(number, limits)
            archive.members = []  # type: ignore[attr-defined]  # it would keep every header
            name = _printable(info.name)
            if info.isdir():
                continue
            entry = archive.extractfile(info) if info.isfile() else None
            if entry is not None and info.size > left:  # sparse: a name and a length, no bytes
                yield Content(name, None, _TOO_MUCH.format("tar", limits.ratio))
            elif entry is not None:
                left -= info.size
                yield Content(name, Guarded(entry), size_bytes=info.size)
            elif info.issym():
                yield Content(name, None, leads_to=_beside(info.name, info.linkname))
            elif info.islnk():
                yield Content(name, None, leads_to=_beside("", info.linkname))
            else:
                yield Content(name, None, "not a file but a device or pipe, which holds no text")
    if stream.problem:
        raise tarfile.ReadError(stream.problem)
    if not last_block or last_block.strip(b"\0"):
        raise tarfile.ReadError("damaged or cut off: its end mark is missing")


def distinct(contents: Iterator[Content]) -> Iterator[Content]:
    """Give the entries with a number behind names that the archive uses more than once.

    So has an entry `a.csv#1` beside an entry `a.csv`, whose first row would be called like it. A
    link to what the archive holds is no document of its own: what it leads to is read under its
    own name. Any other link is given at the end with the reason why nothing is read there.
    """
    names = _Names()
    links: list[Content] = []
    try:
        for content in contents:
            if content.leads_to is None:
                yield content._replace(name=names.take(content.name))
            else:
                links.append(content)
    except READ_ERRORS:
        yield from _leading_out(links, names)
        raise
    yield from _leading_out(links, names)


_INSIDE = re.compile(r"(.*)#\d+", re.DOTALL)
"""What rows of an entry, and telegrams glued in it, are called."""


class _Names:
    """Names of an archive's entries, none of which is that of another or of a part of it."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self._wholes: set[str] = set()
        """What taken names are called parts of, whether or not it is there."""
        self._uses: Counter[str] = Counter()

    def take(self, wanted: str) -> str:
        """Give the name, with a number behind it where it is not free."""
        name = wanted
        while not self._is_free(name):
            self._uses[wanted] += 1
            name = f"{wanted} ({self._uses[wanted] + 1})"
        self.taken.add(name)
        if part := _INSIDE.fullmatch(name):
            self._wholes.add(part[1])
        return name

    def _is_free(self, name: str) -> bool:
        part = _INSIDE.fullmatch(name)
        return not (name in self.taken or name in self._wholes or (part and part[1] in self.taken))


def _leading_out(links: list[Content], names: _Names) -> Iterator[Content]:
    """Give the links that lead to nothing in the archive, as rejected entries."""
    if not links:
        return
    held = {posixpath.normpath(name) for name in [*names.taken, *(link.name for link in links)]}
    folders = {"."}
    for name in held:
        while (name := posixpath.dirname(name)) not in folders and name != "/":
            folders.add(name)
    for link in links:
        if link.leads_to not in held and link.leads_to not in folders:
            reason = f"link to {link.leads_to}, which the archive does not hold; nothing is read"
            yield Content(names.take(link.name), None, reason)


def _beside(name: str, target: str) -> str:
    """Give the name of the entry that a link in the folder of entry `name` leads to."""
    return _printable(posixpath.normpath(posixpath.join(posixpath.dirname(name), target)))


class _Readable(io.RawIOBase):
    """The stream as the standard library's readers ask for it: a file that cannot seek."""

    def __init__(self, stream: Guarded) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer)
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)


class _Gzip:
    """Reads step by step: a long read that meets the damage would lose what came before it."""

    def __init__(self, stream: Guarded) -> None:
        self._file = gzip.GzipFile(fileobj=io.BufferedReader(_Readable(stream)))
        self._has_given = False

    def read(self, size: int, /) -> bytes:
        try:
            data = self._file.read1(min(size, _STEP_BYTES))
        except gzip.BadGzipFile as problem:
            if self._has_given and "Not a gzipped file" in str(problem):
                raise ValueError(_RUBBISH) from problem
            raise
        self._has_given |= bool(data)
        return data


class _Streams:
    """One or more packed streams in a row.

    The standard library's files take what follows the first stream for rubbish when it cannot be
    read, and end without a word: half of a file that was packed in parts could be lost like that.
    """

    def __init__(
        self, stream: Guarded, make: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]
    ) -> None:
        self._stream = stream
        self._make = make
        self._unpacker = make()
        self._is_further = False
        """Of a stream behind the first nothing has been unpacked yet."""

    def read(self, size: int, /) -> bytes:
        while True:
            data = b""
            if self._unpacker.eof:
                # Zeros fill up the blocks of tapes and the parts of xz.
                data = self._unpacker.unused_data.lstrip(b"\0")
                while not data and (more := self._stream.read(_STEP_BYTES)):
                    data = more.lstrip(b"\0")
                if not data:
                    return b""
                self._unpacker, self._is_further = self._make(), True
            elif self._unpacker.needs_input:
                data = self._stream.read(_STEP_BYTES)
                if not data:
                    raise EOFError("it is cut off before its end mark")
            try:
                unpacked = self._unpacker.decompress(data, min(size, _STEP_BYTES))
            except (OSError, lzma.LZMAError) as problem:
                if self._is_further:
                    raise ValueError(_RUBBISH) from problem
                raise
            if unpacked:
                self._is_further = False
                return unpacked


_UNPACKERS: dict[str, Callable[[Guarded], Stream]] = {
    "gzip": _Gzip,
    "bzip2": lambda stream: _Streams(stream, bz2.BZ2Decompressor),
    "xz": lambda stream: _Streams(stream, lzma.LZMADecompressor),
}


def _allowed(packed_bytes: int, limits: Limits) -> int:
    return max(_FREE_BYTES, packed_bytes * limits.max_unpack_ratio)


def _check_entries(number: int, limits: Limits) -> None:
    if number > limits.max_container_entries:
        raise ValueError(f"more than {limits.entries}; the rest was not read")


def _printable(name: str) -> str:
    """Give the name as text; of one that no file system would take, its beginning."""
    shown = name[:_NAME_CHARACTERS].encode("utf-8", "surrogateescape")
    more = len(name) - _NAME_CHARACTERS
    return shown.decode("utf-8", "backslashreplace") + (f"… ({more:,} more)" if more > 0 else "")
