"""Paths, folders and patterns → files, in the same order on every machine.

Every file gets its row, hidden ones, `.DS_Store` and all: what is not a telegram is rejected
with a reason further on, and nothing is skipped unseen. Folders are walked by name (code points),
depth first. Symbolic links that lead out of the folder given are not followed unless asked:
a link in a drop folder must not pull in what lies elsewhere on the machine.
"""

import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, quote_from_bytes, unquote, urlsplit

import polars as pl

from etl.extract.documents import UNREAD, Origin

_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_MOST_NS = 2**63 - 1


class SourceNotFound(ValueError):
    """A source that was given does not exist or matches nothing."""


class SourceFile(NamedTuple):
    """A file to read; `problem` says why it cannot be."""

    path: str
    size_bytes: int
    problem: str | None = None
    modified_ns: int = 0
    """File's time, nanoseconds since 1970."""

    @property
    def uri(self) -> str:
        """Give the file's address as `file:///…`; bytes that are no UTF-8 are escaped (%FF)."""
        # As Path.as_uri, in an eighth of its time: it is asked of each file of a source.
        return "file://" + quote_from_bytes(os.fsencode(self.path))

    def origin(self, modified_at: int | None = None) -> Origin:
        """Give the file's address and time for its documents."""
        return Origin(self.uri, None, modified_at)


def check_sources(sources: Sequence[str]) -> list[str]:
    """Give the sources as absolute paths and patterns.

    Raises `SourceNotFound` for each at once that is missing. An empty folder is no mistake.
    """
    absolute = [_absolute(source) for source in sources]
    missing = [
        source
        for source, path in zip(sources, absolute, strict=True)
        if not os.path.lexists(path) and next(_glob(path), None) is None
    ]
    if missing:
        names = ", ".join(repr(source) for source in missing)
        raise SourceNotFound(f"no such file or folder, and no pattern that matches: {names}")
    return absolute


def find_files(paths: Sequence[str], *, follow_symlinks: bool = False) -> Iterator[SourceFile]:
    """Give each file once, in the order of `paths` (from `check_sources`), folders in depth."""
    seen: set[str] = set()
    may_repeat = len(paths) > 1 or any(not os.path.lexists(path) for path in paths)
    for path in paths:
        for file in _files(path, follow_symlinks):
            if may_repeat:
                if file.path in seen:
                    continue
                seen.add(file.path)
            yield file


def covers(paths: Sequence[str]) -> pl.Expr:
    """Tell of a column `uri` whether the document's file is or was one of `paths` (or below one).

    `paths` come from `check_sources`. A file that has gone is covered like one that is there.
    """
    covered: list[pl.Expr] = [pl.lit(value=False)]
    for path in paths:
        uri = Path(path).as_uri()
        if os.path.lexists(path) or not glob.has_magic(path):
            below = uri.rstrip("/") + "/"
            covered += [pl.col("uri") == uri, pl.col("uri").str.starts_with(below)]
        else:
            covered.append(pl.col("uri").str.contains(_pattern(path)))
    return pl.any_horizontal(covered)


def _pattern(path: str) -> str:
    """Write a shell pattern of paths as a regular expression of addresses."""
    expression = ""
    for piece in re.split(r"(\*\*/?|[*?]|\[!?[^]/]+\])", path):
        if piece in _WILD:
            expression += _WILD[piece]
        elif piece.startswith("[") and piece.endswith("]"):
            inside = re.escape(piece[1:-1].removeprefix("!")).replace(r"\-", "-")
            expression += f"[{'^' if piece[1] == '!' else ''}{inside}]"
        else:
            expression += re.escape(quote(os.fsencode(piece)))
    # What the pattern matches may be a folder, which stands for all below it.
    return f"^file://{expression}(?:/|$)"


def _absolute(source: str) -> str:
    address = urlsplit(source) if source.startswith("file:") else None
    if address is not None and address.netloc in ("", "localhost"):
        source = unquote(address.path, errors="surrogateescape")
    elif address is not None or "://" in source:
        # The address may hold a password, and the message may go into a log.
        kind = source.partition("://")[0]
        raise SourceNotFound(f"only files of this machine can be read, nothing of {kind}://…")
    return os.path.abspath(os.path.expanduser(source))


def _glob(pattern: str) -> Iterator[str]:
    if not glob.has_magic(pattern):
        return iter(())
    return glob.iglob(pattern, recursive=True, include_hidden=True)


def _files(path: str, follow_symlinks: bool) -> Iterator[SourceFile]:
    if os.path.lexists(path):
        # What the user names is followed, link or not: only links found on the way are not.
        visited = {os.path.realpath(path)}
        yield from _walk(path, os.path.realpath(path), follow_symlinks, visited)
        return
    given = path
    while glob.has_magic(given):
        given = os.path.dirname(given)
    root, visited = os.path.realpath(given), set()
    for match in sorted(_glob(path)):
        real = os.path.realpath(match)
        if "**" in path and os.path.isdir(match):
            continue  # `**` gives the files of its folders too
        if not follow_symlinks and not _lies_in(real, root):
            yield SourceFile(match, 0, _leads_out(match))
        elif os.path.isdir(match):
            visited.add(real)
            yield from _walk(match, root, follow_symlinks, visited)
        elif os.path.realpath(os.path.dirname(match)) == _real_name(match, given, root):
            yield from _walk(match, root, follow_symlinks, visited)
        elif follow_symlinks and real not in visited:
            visited.add(real)  # `**` goes through links, and round and round where they loop
            yield from _walk(match, root, follow_symlinks, visited)


def _real_name(match: str, given: str, root: str) -> str:
    """Give the real name that the match's folder has if no link lies on the way to it."""
    return os.path.normpath(root + os.path.dirname(match)[len(given.rstrip(os.sep)) :])


def _walk(path: str, root: str, follow: bool, visited: set[str]) -> Iterator[SourceFile]:
    """Give the file, or the files of the folder; `root` is the real folder that was given."""
    # A stack, not a recursion: folders can be deeper than Python's calls.
    waiting: list[Iterator[SourceFile | _Found]] = [iter([_Found(path, is_given=True)])]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
        elif isinstance(found, SourceFile):
            yield found
        elif found.is_link:
            waiting.append(_link(found.path, root, follow, visited))
        else:
            waiting.append(_entries(found))


class _Found(NamedTuple):
    """Something met on the walk that has not been looked at yet."""

    path: str
    is_link: bool = False
    is_given: bool = False
    """It was named by the user or by a link that is followed: what it leads to is meant."""


def _entries(found: _Found) -> "Iterator[SourceFile | _Found]":
    """Give the file, or what the folder holds, by name."""
    try:
        status = os.stat(found.path, follow_symlinks=found.is_given)
        if not stat.S_ISDIR(status.st_mode):
            yield SourceFile(found.path, status.st_size, None, modified_ns(status))
            return
        with os.scandir(found.path) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        yield SourceFile(found.path, 0, os_problem(found.path, error))
        return
    for entry in entries:
        if entry.is_symlink():
            yield _Found(entry.path, is_link=True)
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            yield SourceFile(entry.path, 0, os_problem(entry.path, error))
            continue
        if stat.S_ISDIR(status.st_mode):
            yield _Found(entry.path)
        else:
            yield SourceFile(entry.path, status.st_size, None, modified_ns(status))


def _link(path: str, root: str, follow: bool, visited: set[str]) -> "Iterator[SourceFile | _Found]":
    """Give what the symbolic link leads to, or the reason why it is not followed."""
    target = os.path.realpath(path)
    if not os.path.exists(target):
        yield SourceFile(path, 0, f"symbolic link to {_printable(target)}, which is missing")
    elif not follow and not _lies_in(target, root):
        yield SourceFile(path, 0, _leads_out(path))
    elif not os.path.isdir(target):
        yield _Found(path, is_given=True)
    elif target in visited or _lies_in(target, root):
        yield SourceFile(path, 0, "symbolic link to a folder that is read under its own name")
    else:
        visited.add(target)
        yield _Found(path, is_given=True)


def _lies_in(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _leads_out(path: str) -> str:
    target = _printable(os.path.realpath(path))
    return (
        f"symbolic link out of the folder, to {target}; not followed unless asked to "
        "(--follow-symlinks)"
    )


def modified_ns(status: os.stat_result) -> int:
    """Give a file's time, held within the years 1677 to 2262: what 64 bits of nanoseconds hold."""
    return max(-_MOST_NS, min(status.st_mtime_ns, _MOST_NS))


def os_problem(path: str, error: OSError) -> str:
    """Say why the file or folder cannot be read."""
    return f"{UNREAD}{error.strerror or error} ({_printable(path)})"


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
