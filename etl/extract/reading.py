"""Files → documents: containers opened, CSVs streamed, small files read in batches.

Most corpora are hundreds of thousands of small files, so threads get 500 at a time (one file a
task is the slowest way of all), and whatever is large or holds many documents is left to the
walk itself, which streams it in its place: the order of the documents is that of the files.
"""

import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from typing import IO, NamedTuple

from etl.extract.bulk_csv import bulk_csv
from etl.extract.containers import (
    ARCHIVES,
    PACKED,
    READ_ERRORS,
    Guarded,
    container_kind,
    distinct,
    tar_entries,
    unpacked,
    zip_entries,
)
from etl.extract.csv_rows import HEAD_BYTES, Stream, is_bulk_csv
from etl.extract.dialect import binary_kind, read_documents
from etl.extract.documents import MIB, TORN, Document, Limits, Origin, rejected
from etl.extract.sources import SourceFile, modified_ns, os_problem

BATCH_FILES = 500
BATCH_BYTES = 32 * MIB
_SMALL_BYTES = 4 * MIB
_WORKERS = min(4, os.cpu_count() or 1)
_TRIES = 3


def read_files(files: Iterable[SourceFile], limits: Limits) -> Iterator[Document]:
    """Give the documents of all files, in the files' order."""
    waiting: deque[tuple[list[SourceFile], Future[list[Document | None]]]] = deque()

    def finished() -> Iterator[Document]:
        batch, future = waiting.popleft()
        for file, document in zip(batch, future.result(), strict=True):
            if document is None:
                yield from read_file(file, limits)
            else:
                yield document

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="extract") as pool:
        try:
            for batch in _batches(files):
                waiting.append((batch, pool.submit(_read_small, batch, limits)))
                if len(waiting) > _WORKERS:
                    yield from finished()
            while waiting:
                yield from finished()
        finally:
            pool.shutdown(cancel_futures=True)


def read_file(file: SourceFile, limits: Limits) -> Iterator[Document]:
    """Give the documents of one file, whatever its size and kind.

    Where the file changed meanwhile or its disk failed, the last of them is the file itself, with
    a reason that begins with UNREAD: those before it may be of two states of the file, or a part of
    it, and do not count.
    """
    if file.problem:
        yield rejected(file.origin(), file.problem)
        return
    origin = file.origin()
    try:
        with _open(file.path) as opened:
            status = os.fstat(opened.fileno())
            origin = file.origin(modified_ns(status) // 1000)
            watched = _Watched(opened)
            # What it holds now: a file that grows as fast as it is read would never end.
            stream = Guarded(_UpTo(watched, status.st_size))
            yield from _documents(stream, origin, limits, status.st_size, watched)
            if watched.failed:
                yield rejected(origin, os_problem(file.path, watched.failed))
            elif _state(os.fstat(opened.fileno())) != _state(status):
                yield rejected(origin, TORN)
    except OSError as error:
        yield rejected(origin, os_problem(file.path, error))


def _documents(
    stream: Guarded,
    origin: Origin,
    limits: Limits,
    packed_bytes: int,
    file: "_Watched | None" = None,
    chain: tuple[str, ...] = (),
) -> Iterator[Document]:
    """Give the documents of a stream; `chain` names the containers that it lies in."""
    head = stream.peek(HEAD_BYTES)
    kind = container_kind(head)
    if kind is None and is_bulk_csv(head):
        yield from bulk_csv(stream, origin, limits)
        if stream.problem:
            yield rejected(origin, f"{_inner(chain)} {stream.problem}; the rows before were read")
    elif kind is None and file and packed_bytes > limits.max_document_bytes:
        # Not read to its end: a sparse file may be larger than any disk.
        what = binary_kind(head)
        reason = f"binary file ({what})" if what else _too_long(packed_bytes, limits)
        yield rejected(origin, reason, size_bytes=packed_bytes)
    elif kind is None:
        yield from _whole(stream, origin, limits, chain)
    elif kind in PACKED and (not chain or chain[-1] in ARCHIVES):
        inner = unpacked(kind, stream, packed_bytes, limits)
        yield from _documents(inner, origin, limits, packed_bytes, None, (*chain, kind))
    elif (kind == "tar" and not set(chain) & set(ARCHIVES)) or (kind == "zip" and file):
        yield from _entries(kind, stream, origin, limits, packed_bytes, file, chain)
    else:
        whole = _read(stream, limits, chain)
        reason = f"{kind} inside {' inside '.join(reversed(chain))}; unpack the outer one first"
        yield rejected(origin, reason, digest=whole.sha256, size_bytes=whole.size_bytes)


def _entries(
    kind: str,
    stream: Guarded,
    origin: Origin,
    limits: Limits,
    packed_bytes: int,
    file: "_Watched | None",
    chain: tuple[str, ...],
) -> Iterator[Document]:
    """Give the documents of an archive's entries; what breaks the archive gets a row itself."""
    count = 0
    try:
        if kind == "zip" and file is not None:
            file.seek(0)
            contents = zip_entries(file, packed_bytes, limits)
        else:
            contents = tar_entries(stream, packed_bytes, limits)
        for content in distinct(contents):
            count += 1
            inside = origin.inside(content.name)
            if content.stream is None:
                yield rejected(inside, content.problem or "cannot be read")
            else:
                size = content.size_bytes
                yield from _documents(content.stream, inside, limits, size, None, (*chain, kind))
    except READ_ERRORS as error:
        reason = f"{kind} archive cannot be read after entry {count}: {error}"
        yield rejected(origin, reason, size_bytes=packed_bytes)
        return
    if not count:
        yield rejected(origin, f"empty {kind} archive", size_bytes=packed_bytes)


def _whole(
    stream: Guarded, origin: Origin, limits: Limits, chain: tuple[str, ...]
) -> Iterator[Document]:
    """Read a stream that is no container."""
    whole = _read(stream, limits, chain)
    if whole.problem:
        digest, size = whole.sha256, whole.size_bytes
        yield rejected(origin, whole.problem, digest=digest, size_bytes=size)
    else:
        yield from read_documents(whole.data, origin)


class _Bytes(NamedTuple):
    """All bytes of a stream, or the reason why they are not all there."""

    data: bytes
    sha256: str
    size_bytes: int
    problem: str | None


def _read(stream: Guarded, limits: Limits, chain: tuple[str, ...]) -> _Bytes:
    """Read a stream to its end; one over the limit is only counted and hashed."""
    blocks: list[bytes] = []
    digest, size = sha256(), 0
    while block := stream.read(MIB):
        size += len(block)
        digest.update(block)
        if size <= limits.max_document_bytes:
            blocks.append(block)
        else:
            blocks.clear()
    problem = None
    if stream.problem:
        problem = f"{_inner(chain)} {stream.problem}"
    elif size > limits.max_document_bytes:
        problem = _too_long(size, limits)
    return _Bytes(b"".join(blocks), digest.hexdigest(), size, problem)


def _too_long(size: int, limits: Limits) -> str:
    return f"{size:,} bytes in one document; {limits.document}"


class _Watched:
    """A file that keeps the error with which the system answered, whoever had asked.

    To the readers of archives a disk that fails looks like an archive that is damaged.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.failed: OSError | None = None

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            self.failed = error
            raise

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


class _UpTo:
    """The first so many bytes of a file."""

    def __init__(self, file: Stream, size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int, /) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


def _read_small(files: list[SourceFile], limits: Limits) -> list[Document | None]:
    """Read files that are one small document each; null where a file has to be streamed.

    So has one that holds several telegrams: a few bytes each are enough for very many of them.
    """
    return [_read_one(file, limits) for file in files]


def _read_one(file: SourceFile, limits: Limits) -> Document | None:
    if file.problem or file.size_bytes > min(_SMALL_BYTES, limits.max_document_bytes):
        return None
    try:
        with _open(file.path) as opened:
            for _ in range(_TRIES):
                opened.seek(0)
                status = os.fstat(opened.fileno())
                data = opened.read(_SMALL_BYTES + 1)
                if _state(os.fstat(opened.fileno())) == _state(status):
                    break
            else:
                return rejected(file.origin(), TORN)
    except OSError:
        return None  # read_file meets the same error and reports it
    if len(data) > _SMALL_BYTES or container_kind(data) or is_bulk_csv(data[:HEAD_BYTES]):
        return None
    documents = read_documents(data, file.origin(modified_ns(status) // 1000))
    first, second = next(documents), next(documents, None)
    return None if second else first


def _state(status: os.stat_result) -> tuple[int, int]:
    """Give what changes when a file is written to."""
    return status.st_size, status.st_mtime_ns


def _open(path: str) -> IO[bytes]:
    """Open a regular file; a pipe or device, which might wait for ever, raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "not a regular file but a pipe, socket or device")
    return os.fdopen(descriptor, "rb", buffering=0)


def _batches(files: Iterable[SourceFile]) -> Iterator[list[SourceFile]]:
    batch: list[SourceFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += min(file.size_bytes, _SMALL_BYTES)
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _inner(chain: tuple[str, ...]) -> str:
    return f"{chain[-1]} content" if chain else "file"
