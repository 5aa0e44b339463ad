"""Every command in the README runs, and gives the output that the README shows.

`python -m tests.test_readme` (or `make docs`) runs them and writes the output into the README.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from etl.contracts.tables import TABLES

REPOSITORY = Path(__file__).parent.parent
README = REPOSITORY / "README.md"
TREE = ["etl", "seeds", "warehouse", "dagster.yaml", "pyproject.toml", "requirements.lock"]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ACCURACY = re.compile(
    r"(?<=^\| scored \| right \| of \| wrong \|\n\|---\|--:\|--:\|---\|\n)(?:\|.*\n)*", re.M
)
SUITES = {"golden": "sample telegrams", "cases": "pieces of headers"}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# What a newcomer's own run would print otherwise, and what would run this test within itself.
NOT_RUN = {"make test"}


@dataclass(frozen=True)
class Command:
    """A line after `$ `, and the lines that the README shows below it."""

    line: str
    output: str


def commands(block: str) -> list[Command]:
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [Command(*part.partition("\n")[::2]) for part in parts]


def copy_tree(target: Path) -> None:
    """Make the tree as a newcomer has it, with the environment that runs this test."""
    ignore = shutil.ignore_patterns("__pycache__", "*.duckdb", "*.wal", ".[!.]*")
    for name in [*TREE, "Makefile"]:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=ignore)
        else:
            shutil.copy2(source, target / name)
    (target / ".venv").symlink_to(sys.prefix)
    (target / "release").mkdir()
    (target / "release" / "cable").symlink_to(target / "seeds" / "cables" / "pages" / "cable")
    (target / "release" / "cables.csv").symlink_to(target / "seeds/cables/bulk/cables.csv")


def run(command: str, tree: Path) -> str:
    """Run a command in the tree; give its output without what differs from run to run."""
    words = shlex.split(command)
    if words[0] == "cables":
        words = [sys.executable, "-m", "etl.cli", *words[1:]]
    elif words[0] == "make":  # the environment is there already
        words = ["make", "--no-print-directory", "--old-file=.venv/.ready", *words[1:]]
    else:
        raise ValueError(f"the README may only use cables and make, not {words[0]}")
    hidden = ("DAGSTER_HOME", "CABLES_WAREHOUSE", "CABLES_INBOX", "MAKEFLAGS", "MAKELEVEL")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        words,
        cwd=tree,
        env=environment | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.replace(tree.as_uri(), "file:///…").replace(str(tree), "…")


def settled(output: str) -> str:
    """Leave out what differs from run to run: seconds, and blanks at the ends of lines."""
    lines = re.sub(r"in \d+\.\d s\b", "in … s", output.strip()).splitlines()
    return "\n".join(line.rstrip() for line in lines)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("newcomer")
    copy_tree(target)
    return target


@pytest.mark.slow
@pytest.mark.xdist_group("readme")
def test_every_command_gives_the_output_that_is_shown(tree: Path) -> None:
    shown = [command for block in BLOCK.findall(README.read_text()) for command in commands(block)]
    assert len(shown) >= 10
    for command in shown:
        if command.line in NOT_RUN:
            continue
        output = run(command.line, tree)
        if command.output.strip():
            assert settled(output) == settled(command.output), command.line


def test_make_test_runs_the_tests_but_the_slow_ones(tree: Path) -> None:
    assert "-m pytest" in run("make --dry-run test", tree)
    assert '-m "not slow"' in run("make --dry-run test", tree)


def test_every_make_target_that_is_named_exists() -> None:
    known = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", README.read_text()))
    assert named
    assert named <= known


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README.read_text()):
        if not target.startswith("http"):
            assert (REPOSITORY / target).exists(), target


def test_star_schema_is_drawn_from_the_contracts_of_today() -> None:
    drawn = subprocess.run(
        [
            sys.executable,
            "-c",
            "import runpy, sys; sys.stdout.write(runpy.run_path('docs/star_schema.py')['draw']())",
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert drawn.stdout == (REPOSITORY / "docs" / "star-schema.svg").read_text("utf-8")


def accuracy_rows() -> str:
    """Give the committed figures of the parser as rows of the README's table."""
    figures = json.loads((REPOSITORY / "benchmarks" / "accuracy.json").read_text("utf-8"))
    rows = []
    for suite, name in SUITES.items():
        scores = figures[suite]
        correct, total = (sum(s[key] for s in scores.values()) for key in ("correct", "total"))
        wrong = {field: s["total"] - s["correct"] for field, s in scores.items()}
        words = [f"`{field}` {n}" for field, n in sorted(wrong.items(), key=_most_first) if n]
        rows.append(f"| {name} | {correct:,} | {total:,} | {', '.join(words) or 'none'} |\n")
    return "".join(rows)


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def test_accuracy_is_what_the_committed_figures_say() -> None:
    found = ACCURACY.search(README.read_text())
    assert found
    assert found[0] == accuracy_rows(), "make docs writes it anew"


def test_golden_documents_and_tables_are_counted_right() -> None:
    text = README.read_text()
    golden = len(list((REPOSITORY / "tests" / "golden").glob("*.json")))
    assert f"{golden} sample telegrams, each with what a careful reader" in text
    for prefix, plural in (("dim", "dimensions"), ("fact", "facts"), ("bridge", "bridges")):
        count = sum(table.startswith(f"{prefix}_") for table in TABLES)
        assert f"{NUMBERS[count]} {plural}" in text.lower()


def rewritten(text: str, answer: Callable[[str], str]) -> str:
    """Give the README with fresh figures, and output below the commands that show some."""
    text = ACCURACY.sub(lambda _: accuracy_rows(), text, count=1)

    def block(match: re.Match[str]) -> str:
        return "```console\n" + "".join(_fresh(match[1], answer)) + "```"

    return BLOCK.sub(block, text)


def _fresh(block: str, answer: Callable[[str], str]) -> Iterator[str]:
    found = commands(block)
    for place, command in enumerate(found):
        yield f"$ {command.line}\n"
        if command.line in NOT_RUN:
            yield command.output
            continue
        output = answer(command.line)
        if place == len(found) - 1 and not command.line.startswith("cables ingest release"):
            yield "\n".join(line.rstrip() for line in output.strip().splitlines()) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        copy_tree(Path(folder))
        README.write_text(rewritten(README.read_text(), lambda line: run(line, Path(folder))))
