"""Files, folders, patterns and links, in a fixed order."""

import os
import subprocess
from pathlib import Path

import pytest

from etl.extract.sources import SourceFile, SourceNotFound, check_sources, find_files
from tests.extract.conftest import as_nobody


def _find(*sources: str, follow_symlinks: bool = False) -> list[SourceFile]:
    return list(find_files(check_sources(sources), follow_symlinks=follow_symlinks))


def _names(files: list[SourceFile], folder: Path) -> list[str]:
    return [os.path.relpath(file.path, folder) for file in files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder with files at two depths, hidden ones among them."""
    root = tmp_path / "drop"
    for name in ("b.txt", "a/2.html", "a/10.html", "a/.hidden", ".DS_Store", "README.md"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (root / "empty").mkdir()
    return root


ALL = [".DS_Store", "README.md", "a/.hidden", "a/10.html", "a/2.html", "b.txt"]


def test_folder_gives_every_file_in_order(folder: Path) -> None:
    files = _find(str(folder))
    assert _names(files, folder) == ALL
    assert all(file.problem is None for file in files)
    assert files[-1].size_bytes == len("b.txt")


def test_each_file_once_in_the_order_given(folder: Path) -> None:
    files = _find(str(folder / "b.txt"), str(folder), str(folder / "a" / "2.html"))
    assert _names(files, folder) == ["b.txt", *ALL[:-1]]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("a/*.html", ["a/10.html", "a/2.html"]),
        ("**/*.html", ["a/10.html", "a/2.html"]),
        ("**", ALL),
        ("[ab]*", ["a/.hidden", "a/10.html", "a/2.html", "b.txt"]),
    ],
)
def test_patterns(folder: Path, pattern: str, names: list[str]) -> None:
    assert _names(_find(str(folder / pattern)), folder) == names


def test_name_that_looks_like_a_pattern_is_a_name_first(tmp_path: Path) -> None:
    (tmp_path / "[1].txt").write_text("x")
    (tmp_path / "1.txt").write_text("x")
    assert _names(_find(str(tmp_path / "[1].txt")), tmp_path) == ["[1].txt"]


def test_missing_sources_are_named_at_once(folder: Path) -> None:
    with pytest.raises(SourceNotFound, match=r"nowhere.*\*\.zip"):
        check_sources([str(folder), str(folder / "nowhere"), str(folder / "*.zip")])
    with pytest.raises(SourceNotFound, match="only files of this machine"):
        check_sources(["s3://bucket/x"])


def test_empty_folder_is_no_mistake(tmp_path: Path) -> None:
    assert _find(str(tmp_path)) == []


def test_file_addresses_are_sources_too(tmp_path: Path) -> None:
    path = tmp_path / "a b é.txt"
    path.write_text("x")
    for address in (path.as_uri(), path.as_uri().replace("///", "//localhost/")):
        (file,) = _find(address)
        assert (file.path, file.origin().uri) == (str(path), path.as_uri())
    with pytest.raises(SourceNotFound, match="only files of this machine"):
        check_sources([path.as_uri().replace("///", "//elsewhere/")])


def test_name_that_is_no_utf_8_has_an_address(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        with open(name, "wb") as file:
            file.write(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (found,) = _find(str(tmp_path))
    assert found.origin().uri.endswith("/caf%E9.txt")


def test_links_out_of_the_folder_are_followed_only_when_asked(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("x")
    (folder / "zfile").symlink_to(outside / "secret.txt")
    (folder / "zfolder").symlink_to(outside)
    for source in (folder, folder / "z*"):
        files = [file for file in _find(str(source)) if "/z" in file.path]
        assert _names(files, folder) == ["zfile", "zfolder"]
        assert all("symbolic link out of the folder" in (file.problem or "") for file in files)
        followed = _find(str(source), follow_symlinks=True)
        assert _names(followed, folder)[-2:] == ["zfile", "zfolder/secret.txt"]
        assert all(file.problem is None for file in followed)
    through = _find(str(folder / "**" / "secret.txt"))
    assert [file.problem is None for file in through] == [False]


def test_links_that_stay_loop_or_dangle(folder: Path) -> None:
    (folder / "z1").symlink_to(folder / "b.txt")
    (folder / "z2").symlink_to(folder)
    (folder / "z3").symlink_to(folder / "gone")
    for follow in (False, True):
        files = _find(str(folder), follow_symlinks=follow)
        assert _names(files, folder) == [*ALL, "z1", "z2", "z3"]
        assert [file.problem is None for file in files[-3:]] == [True, False, False]
        assert "under its own name" in (files[-2].problem or "")
        assert "missing" in (files[-1].problem or "")
    assert _names(_find(str(folder / "**" / "*.html")), folder) == ["a/10.html", "a/2.html"]


def test_link_that_is_given_itself_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert len(_find(str(tmp_path / "link"))) == len(ALL)


def test_folder_that_cannot_be_read_gets_a_row(open_folder: Path) -> None:
    (open_folder / "a.txt").write_text("x")
    closed = open_folder / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        with as_nobody():
            files = _find(str(open_folder))
    finally:
        closed.chmod(0o755)
    assert [file.problem is None for file in files] == [True, False]
    assert "cannot be read: Permission denied" in (files[1].problem or "")


def test_folders_deeper_than_calls_and_longer_than_paths(open_folder: Path) -> None:
    place = os.getcwd()
    try:
        os.chdir(open_folder)
        for _ in range(2_100):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(place)
    (file,) = _find(str(open_folder))
    subprocess.run(["rm", "-rf", open_folder / "d"], check=True)  # Python's own would not
    assert "cannot be read: File name too long" in (file.problem or "")
    assert file.path.count("/d") > 2_000
