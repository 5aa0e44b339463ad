"""What is installed is what was locked, and the audit tells a closed door from a clean house."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

LOCKS = ("requirements.lock", "requirements-tools.lock")
HOLE = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"]}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_one_version_and_hashes(name: str) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", (REPOSITORY / name).read_text()))
    for entry in filter(str.strip, entries):
        assert re.match(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==\S+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
        assert "://" not in entry, "a lock names no registry"


def test_nothing_is_installed_without_its_hash() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    installs = re.findall(r"pip install [^&;\\]*", makefile)
    assert len(installs) == 3
    for install in installs:
        assert "--no-deps" in install
        own = "--no-build-isolation --no-deps --editable ." in install
        assert own or "--require-hashes" in install, install


def test_whatever_the_project_names_is_locked() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    for named, lock in (
        ([*project["project"]["dependencies"], *groups["dev"]], LOCKS[0]),
        (groups["tools"], LOCKS[1]),
    ):
        text = (REPOSITORY / lock).read_text()
        for requirement in named:
            name, version = re.fullmatch(r"([a-z-]+)==([0-9.]+)(?:\.\*)?", requirement).groups()  # type: ignore[union-attr]
            assert re.search(rf"(?m)^{name}(\[.*\])?=={re.escape(version)}[.\s]", text), requirement


def _audit(tmp_path: Path, dependencies: list[dict[str, object]]) -> tuple[int, str]:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"dependencies": dependencies}))
    command = [sys.executable, str(REPOSITORY / ".ci" / "audit.py"), str(report)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("dependencies", "code", "words"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0, "1 of 1 locked versions looked up, 0 h"),
        ([{"name": "a", "version": "1", "vulns": [HOLE]}], 1, "a 1: PYSEC-1, mended in 2.0"),
        ([{"name": "a", "skip_reason": "not found"}], 0, "audit skipped: the database"),
        ([], 0, "audit skipped"),
    ],
)
def test_audit_fails_only_for_holes(
    tmp_path: Path, dependencies: list[dict[str, object]], code: int, words: str
) -> None:
    assert _audit(tmp_path, dependencies)[0] == code
    assert words in _audit(tmp_path, dependencies)[1]


def test_every_promise_of_the_security_page_names_tests_that_exist() -> None:
    page = (REPOSITORY / "SECURITY.md").read_text("utf-8")
    promises = [
        line for line in page.splitlines() if line.startswith("| ") and "held by" not in line
    ]
    assert len(promises) > 10
    for promise in promises:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
        assert named, promise
        for file, test in named:
            assert f"def {test}(" in (REPOSITORY / file).read_text("utf-8"), f"{file}::{test}"
