"""No secret and no text of a telegram is in a log, in Dagster's history or in a tracked file."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from etl.paths import REPOSITORY
from tests.conftest import run_cables
from tests.hostile import telegram

SECRET = "quillfeather-7731"
WORDS = "marmaladebarometer"
NOT_TRACKED = re.compile(
    rb"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|(?i:password|secret|token)\s*[=:]\s*\S{8,}"
)


@pytest.mark.filterwarnings("ignore")  # Dagster's own, which --verbose lets through
@pytest.mark.parametrize("verbose", [True, False])
def test_nothing_secret_is_logged_or_kept_by_dagster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verbose: bool
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    drop = tmp_path / "in"
    drop.mkdir()
    (drop / "good.txt").write_text(telegram(1, subject=WORDS.upper(), extra=WORDS))
    (drop / "bad.txt").write_text(f"{WORDS} and two loaves")
    (drop / "broken.csv").write_text(f'"1","1/1/2007 10:00","07OSLO1","Embassy","{WORDS}\n')
    options = ["--verbose"] if verbose else []
    done = run_cables("ingest", drop, "-w", tmp_path / "w.duckdb", *options)
    assert done.exit_code == 0, done.output
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"good.txt" in kept or b"telegrams written" in kept, "there is a history"
    for words in (SECRET, WORDS, WORDS.upper()):
        assert words.encode() not in kept
        assert words not in done.output


def test_no_tracked_settings_hold_a_secret() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.yaml", "*.yml", "*.toml", "*.cfg", "*.ini", "*.env", "*.json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode:
        pytest.skip("not a git repository")
    for name in tracked.stdout.split():
        found = NOT_TRACKED.search((REPOSITORY / name).read_bytes())
        assert found is None, f"{name}: {found}"


@pytest.mark.parametrize("host", [None, "0.0.0.0"])
def test_the_ui_listens_on_loopback_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, host: str | None
) -> None:
    command = import_module("etl.cli.ui")  # `etl.cli.ui` is the function of that name, too
    begun: list[list[str]] = []

    def execute(_: str, arguments: list[str]) -> None:
        begun.append(arguments)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", execute)
    monkeypatch.setattr(os, "chdir", lambda _: None)
    monkeypatch.setattr(command, "_problem", lambda *_: None)
    monkeypatch.setattr(command, "_end_dead_runs", lambda: None)
    monkeypatch.setenv("PYTHONWARNINGS", os.environ.get("PYTHONWARNINGS", ""))
    run_cables("ui", *(["--host", host] if host else []))
    [arguments] = begun
    assert arguments[:4] == [sys.executable, "-m", "dagster", "dev"]
    assert arguments[arguments.index("--host") + 1] == (host or "127.0.0.1")
