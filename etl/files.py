"""Files that are there whole or not at all, also after a power cut, and one holder at a time.

Written beside their place, synced, renamed into it, and the folder synced. For the owner and
their group only: what the warehouse keeps holds texts of all levels.

Not here: what is kept and where (`etl.store`).
"""

import errno
import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Thread

import polars as pl

FOLDER_MODE = 0o750
FILE_MODE = 0o640
"""Modes of what is made; the umask may take more away."""

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
"""What file systems answer that cannot lock: some network mounts, FUSE, shared folders."""

_SAFE_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
_POLL_SECONDS = 0.1


class Held(RuntimeError):
    """Another process holds the lock; the message says which and since when, if it is known."""


class NoLocks(RuntimeError):
    """The file system cannot lock files; the message says where and what to do."""


@contextmanager
def lock_file(path: Path, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold a lock file; the system frees it however the process ends, so it is never stale.

    Raises Held when another holds it for longer than `wait_seconds`, and NoLocks where nothing can
    be locked. The file stays: removing it would let two processes hold a lock of one name.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        until = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
                    raise Held(holder or "it has just begun") from None
                time.sleep(_POLL_SECONDS)
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
                raise NoLocks(
                    f"{path.parent} lies on a file system that cannot lock files "
                    f"({error.strerror}), so two jobs could write at once; "
                    "give the warehouse a path on a local disk"
                ) from error
        os.ftruncate(descriptor, 0)
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        with suppress(OSError):  # on a full disk: what comes next may be to make room
            os.pwrite(descriptor, f"process {os.getpid()}, since {since} UTC\n".encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> Path:
    """Make a folder where it is missing, and those above it."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        sync_folder(folder.parent)
    return folder


def make_file(path: Path) -> Path:
    """Make an empty file for the owner and their group, or empty the one that is there."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE))
    return path


def file_mode(folder: Path) -> int:
    """Give the mode that a new file gets: 0640, less what the umask takes away.

    Asked of a file that is made in `folder` and goes again: the umask itself can be read only by
    changing it, for all threads.
    """
    probe = make_file(folder / ".mode")
    mode = probe.stat().st_mode & 0o777
    probe.unlink()
    return mode


def write_parquet(frame: pl.DataFrame, path: Path, *, lasting: bool = True) -> None:
    """Write a frame as one Parquet file (zstd).

    `lasting` false writes it at its place and syncs nothing: for what dies with the run, or lies in
    a folder that does not have its name yet.
    """
    make_folder(path.parent)
    if not lasting:
        frame.write_parquet(make_file(path), compression="zstd", compression_level=1)
        return
    beside = make_file(path.with_name(f".{path.name}.tmp"))
    frame.write_parquet(beside, compression="zstd", compression_level=1)
    sync_file(beside)
    beside.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Have the file's content on disk before going on.

    Raises OSError, also what a sync raised that was begun before (`sync_soon`): the system tells of
    a lost write once.
    """
    begun = _begun.pop(path, None)
    if begun is not None:
        begun.result()
    _sync(path)


_begun: dict[Path, Future[None]] = {}


def sync_soon(path: Path) -> None:
    """Begin to bring the file's content to the disk, beside what comes next."""
    begun: Future[None] = Future()

    def work() -> None:
        try:
            _sync(path)
        except OSError as problem:
            begun.set_exception(problem)
        else:
            begun.set_result(None)

    _begun[path] = begun
    _start(work)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Have the folder's entries on disk before going on; some file systems cannot do that."""
    with suppress(OSError):
        sync_file(path)


def digest_of(files: Iterable[Path]) -> str:
    """Name the content of files in 16 hex digits: other names or bytes give another."""
    digest = sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def safe_name(name: str) -> str:
    """Give the name back; raises ValueError for one that could lead out of its folder."""
    if not _SAFE_NAME.match(name):
        raise ValueError(f"not a usable name: {name!r}")
    return name


def entries(folder: Path) -> list[Path]:
    """Give what is in a folder, sorted; nothing where there is no folder."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def remove_soon(path: Path) -> None:
    """Remove a file beside what comes next; the process ends after it. One that stays is fine."""

    def work() -> None:
        with suppress(OSError):
            remove(path)

    _start(work)


_threads: list[Thread] = []


def _start(work: Callable[[], None]) -> None:
    thread = Thread(target=work, name="files")
    _threads.append(thread)
    thread.start()


def work_done() -> None:
    """Wait for what was begun beside the rest (`sync_soon`, `remove_soon`)."""
    while _threads:
        _threads.pop().join()


def remove(path: Path) -> None:
    """Remove a file, link or folder; one that has gone already is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
