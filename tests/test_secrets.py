"""No password or key gets into a log, into what Dagster remembers, or into a tracked file."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, SAMPLES, run_cables
from tests.hostile import telegram

MARK = "hunter2-8d1f"
ENVIRONMENT = {
    "AWS_SECRET_ACCESS_KEY": MARK + "a",
    "PGPASSWORD": MARK + "b",
    "CABLES_PASSWORD": MARK + "c",
    "MOTHERDUCK_TOKEN": MARK + "d",
}
TEXT = "a marmalade embargo of nineteen days"
"""Words of a telegram: they belong into the warehouse and nowhere else."""

SECRETS = re.compile(
    r"""
    -----BEGIN [ A-Z]*PRIVATE[ ]KEY | \bAKIA[0-9A-Z]{16}\b | \bgh[pousr]_[0-9A-Za-z]{30,}
    | \bxox[abprs]-[0-9A-Za-z-]{10,} | ://[^/\s:@"'{}<$]+:[^/\s@"'{}<$]+@
    | (?i:password|passwd|secret|token|api_?key) ["']? \s* [:=] \s* ["']? [^\s"'{}()$,;<>*]{6,}
    """,
    re.VERBOSE,
)
CONFIG = (".yaml", ".yml", ".toml", ".cfg", ".ini", ".json", ".env", ".lock", ".md", "", ".sql")


@pytest.mark.slow
def test_secrets_of_the_environment_and_words_of_telegrams_stay_out_of_logs(
    tmp_path: Path,
) -> None:
    source, home = tmp_path / "drop", tmp_path / "home"
    for folder in (source, home):
        folder.mkdir()
    (home / "dagster.yaml").write_bytes((REPOSITORY / "dagster.yaml").read_bytes())
    (source / "a.txt").write_text(telegram(1, extra=TEXT))
    (source / "b.txt").write_text("no telegram: " + TEXT)
    command = [sys.executable, "-m", "etl.cli", "ingest", str(source), "--verbose"]
    done = subprocess.run(
        [*command, "-w", str(tmp_path / "w.duckdb")],
        cwd=REPOSITORY,
        env=os.environ | ENVIRONMENT | {"DAGSTER_HOME": str(home)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    kept = [done.stdout + done.stderr]
    kept += [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert b"published_warehouse" in b"".join(kept)  # the run is in there
    for data in kept:
        assert MARK.encode() not in data
        assert TEXT.encode() not in data
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or MARK.encode() not in path.read_bytes(), path


ELSEWHERE = ["https://ada:{}@example.org/cables.zip", "file://ada:{}@example.org/cables.zip"]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_password_in_an_address_is_not_repeated(address: str, tmp_path: Path) -> None:
    done = run_cables("ingest", address.format(MARK), "-w", tmp_path / "w.duckdb")
    assert done.exit_code == 2
    assert "only files of this machine" in done.stderr
    assert MARK not in done.output


@pytest.mark.parametrize("address", ELSEWHERE)
def test_address_elsewhere_names_no_warehouse_and_no_folder(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = address.format(MARK)
    for command in (["ingest", SAMPLES, "-w", out], ["publish", "--mask-protected", out]):
        done = run_cables(*command)
        assert done.exit_code == 2
        assert "a file of this machine" in done.stderr
        assert MARK not in done.output
    assert list(tmp_path.iterdir()) == []


def test_no_tracked_configuration_holds_a_secret() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git working tree")
    tracked = [name for name in listed.stdout.split("\0") if (REPOSITORY / name).is_file()]
    names = [name for name in tracked if Path(name).suffix in CONFIG]
    assert "dagster.yaml" in names
    for name in names:
        text = (REPOSITORY / name).read_text("utf-8", "replace")
        assert not (found := SECRETS.search(text)), f"{name}: {found and found[0][:60]}"


@pytest.mark.parametrize(
    "line",
    ["password: hunter2222", "url: postgres://ada:hunter2@db/x", "token = 'abcdef123456'"],
)
def test_what_counts_as_a_secret(line: str) -> None:
    assert SECRETS.search(line)


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
