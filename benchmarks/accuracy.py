"""How much the parser gets right, field by field, and what a change of it won and lost.

    python -m benchmarks.accuracy [--cases FILE] [--write]

Scored are the documents labelled by hand in `tests/golden` and, where a file of them is given (or
named by CABLES_HEADER_CASES), header cases: one JSON per line with id, field, input (the lines),
year, mrn (of the telegram; null) and expected. The figures are compared with the last committed
ones, `benchmarks/accuracy.json`; the exit code is 1 when something is lost.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from etl.conform.mrn import canonical_mrn
from etl.contracts.frames import Documents
from etl.extract import read_sources
from etl.parse import parse
from etl.paths import REPOSITORY

FIGURES = Path(__file__).with_name("accuracy.json")
GOLDEN = REPOSITORY / "tests" / "golden"
SAMPLES = REPOSITORY / "seeds" / "cables"
CASES_VARIABLE = "CABLES_HEADER_CASES"

OF_THE_STAR = frozenset({"country_name"})
"""Fields of the golden documents that no parser says."""

CASE_KINDS = {"email": "mail", "telephone": "tel", "other": "book"}
"""Kinds of reference as the header cases call them, where not alike."""

ADDRESS = ("routing_indicator", "name", "precedence", "message_continuity_number")
CASE_ADDRESS = ("routing", "name", "precedence", "mcn")


@dataclass(frozen=True)
class Answer:
    """One value that was asked for: which, in what field, whether it is right."""

    item: str
    field: str
    is_right: bool


@dataclass(frozen=True)
class Score:
    """Right answers of a field, all answers, and the items with a wrong one."""

    correct: int
    total: int
    wrong: tuple[str, ...]


Scores = dict[str, Score]
Figures = dict[str, Scores]
"""Suite (golden, cases) → field → score."""


class Parsed:
    """What `parse` gave for some documents, to be asked document by document."""

    def __init__(self, documents: pl.DataFrame) -> None:
        """Parse the documents (contract Documents) in one batch."""
        self.documents = {row["document_key"]: row for row in documents.iter_rows(named=True)}
        frames = parse(documents)
        self._rows: dict[str, dict[int, list[dict[str, Any]]]] = {}
        for name, frame in frames.items():
            by_key: dict[int, list[dict[str, Any]]] = defaultdict(list)
            for row in [] if name == "lines" else frame.iter_rows(named=True):
                by_key[row["document_key"]].append(row)
            self._rows[name] = by_key

    def rows(self, frame: str, key: int) -> list[dict[str, Any]]:
        """Give the rows of one document in a parsed frame, in order."""
        return self._rows[frame].get(key, [])

    def header(self, key: int) -> dict[str, Any]:
        """Give what the telegram says once."""
        return self.rows("headers", key)[0]

    def keys_of(self, mrn: str) -> list[int]:
        """Give the documents that were read as this telegram."""
        return [key for key, rows in self._rows["headers"].items() if rows[0]["mrn"] == mrn]

    def people(self, key: int, role: str) -> list[dict[str, Any]]:
        """Give the people of one role."""
        return [person for person in self.rows("people", key) if person["role"] == role]

    def addressees(self, key: int, role: str) -> list[dict[str, Any]]:
        """Give the addressees of one role, without the exempt."""
        return [
            {name: row[name] for name in ADDRESS}
            for row in self.rows("addressees", key)
            if row["role"] == role and not row["is_exempt"]
        ]


def _joined(people: list[dict[str, Any]], name: str) -> str | None:
    """Give what is said of the people, as the view `cable` does; null where nothing is."""
    return "; ".join(person[name] for person in people if person[name]) or None


def _cables(parsed: Parsed, key: int) -> list[str]:
    """Give the telegrams referred to, each once, as the view `cable` does."""
    rows = parsed.rows("references", key)
    return list(dict.fromkeys(row["referenced_mrn"] for row in rows if row["referenced_mrn"]))


FIELDS: dict[str, Callable[[Parsed, int], Any]] = {
    "caveats": lambda p, k: sorted(row["caveat"] for row in p.rows("caveats", k)),
    "classification": lambda p, k: p.header(k)["level"],
    "tags": lambda p, k: [row["tag"] for row in p.rows("tags", k)],
    "references": _cables,
    "other_references": lambda p, k: [
        row["raw_text"] for row in p.rows("references", k) if row["kind"] != "cable"
    ],
    "action_addressees": lambda p, k: p.addressees(k, "action"),
    "info_addressees": lambda p, k: p.addressees(k, "info"),
    "classified_by": lambda p, k: _joined(p.people(k, "classifier"), "full_name"),
    "classified_by_title": lambda p, k: _joined(p.people(k, "classifier"), "title"),
    "reasons": lambda p, k: [row["reason"] for row in p.rows("reasons", k)],
    "signers": lambda p, k: [row["surname"] for row in p.people(k, "signer")],
    "dialect": lambda p, k: p.documents[k]["dialect"],
}
"""Fields of a golden document that are not a column of `headers`."""


# --- documents labelled by hand ------------------------------------------------------------------


def golden_answers(folder: Path = GOLDEN, samples: Path = SAMPLES) -> list[Answer]:
    """Parse the samples and compare with each golden document: field, paragraph, reference.

    Paragraphs and references are compared part by part: `paragraph.text` of each position. One
    that is missing is wrong in all its parts, one too many in each part, too.
    """
    documents = pl.concat(list(read_sources([str(samples)])))
    parsed = Parsed(documents.filter(pl.col("reject_reason").is_null()))
    answers: list[Answer] = []
    for path in sorted(folder.glob("*.json")):
        golden = json.loads(path.read_text("utf-8"))
        keys = parsed.keys_of(golden["mrn"])
        answers.append(Answer(golden["mrn"], "mrn", len(keys) == 1))
        answers += _golden_document(golden, parsed, keys[0] if len(keys) == 1 else None)
    return answers


def _golden_document(golden: dict[str, Any], parsed: Parsed, key: int | None) -> Iterator[Answer]:
    """Compare one document; all is wrong when it was not found."""
    mrn = golden["mrn"]
    for field, expected in golden["cable"].items():
        if field not in OF_THE_STAR:
            yield Answer(mrn, field, key is not None and _said(parsed, key, field) == expected)
    for field, verdict in golden.get("agreements", {}).items():
        rows = [] if key is None else parsed.rows("agreements", key)
        said = {row["field"]: row["agreement"] for row in rows}
        yield Answer(f"{mrn} {field}", "agreement", said.get(field) == verdict)
    if "people" in golden:
        names = [(person["role"], person["full_name"]) for person in golden["people"]]
        roles = {role for role, _ in names}
        rows = [] if key is None else parsed.rows("people", key)
        met = [(row["role"], row["full_name"]) for row in rows if row["role"] in roles]
        yield Answer(mrn, "people", met == names)
    for frame in ("paragraphs", "references"):
        expected_rows = golden[frame]
        found = [] if key is None else parsed.rows(frame, key)
        for number in range(max(len(expected_rows), len(found))):
            item, field = f"{mrn} {number + 1}", frame.removesuffix("s")
            if number < len(expected_rows):
                given = found[number] if number < len(found) else None
                for name, value in expected_rows[number].items():
                    right = given is not None and given.get(name) == value
                    yield Answer(item, f"{field}.{name}", right)
            elif expected_rows:
                for name in expected_rows[0]:
                    yield Answer(item, f"{field}.{name}", False)
            else:
                yield Answer(item, f"{field}.position", False)


def _said(parsed: Parsed, key: int, field: str) -> Any:
    """Give what was read for a field, in the shape of the golden documents."""
    if field in FIELDS:
        return FIELDS[field](parsed, key)
    value = parsed.header(key)[field]
    return value.isoformat() if hasattr(value, "isoformat") else value


# --- header cases --------------------------------------------------------------------------------


def case_answers(path: Path) -> list[Answer]:
    """Parse the lines of each case as a document of its own and compare its one field."""
    lines = path.read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    types = {name: column.dtype for name, column in Documents.columns().items()}
    rows = [
        {
            "document_key": number,
            "dialect": "raw_telegram",
            "published_id": case["mrn"],
            "created_at": datetime(case["year"], 6, 1),
            "body_text": case["input"],
        }
        for number, case in enumerate(cases)
    ]
    documents = pl.DataFrame([{name: row.get(name) for name in types} for row in rows], types)
    parsed = Parsed(documents)
    answers = []
    for key, case in enumerate(cases):
        found, expected = _case(parsed, key, case)
        answers.append(Answer(case["id"], case["field"], found == expected))
    return answers


def _case(parsed: Parsed, key: int, case: dict[str, Any]) -> tuple[Any, Any]:
    """Give what was read for a case and what was expected, both in one shape."""
    field, expected = case["field"], case["expected"]
    if field == "canonical_mrn":
        number = canonical_mrn(case["input"])
        return number and number.text, expected
    if field in ("subject", "summary"):  # over lines or not is not asked
        return _words(parsed.header(key)[field]), _words(expected)
    if field == "reference_kinds":
        return (
            [
                (
                    CASE_KINDS.get(row["kind"], row["kind"]),
                    row["referenced_mrn"] or row["raw_text"],
                    row["letter"],
                )
                for row in parsed.rows("references", key)
            ],
            [(row["kind"], row["value"], row["letter"]) for row in expected],
        )
    if field == "classified_by":  # one name, or a list of several
        names = [person["full_name"] for person in parsed.people(key, "classifier")]
        return (names if len(names) > 1 else next(iter(names), None)), expected
    if field.endswith("_addressees"):
        found = parsed.addressees(key, field.removesuffix("_addressees"))
        return (
            [tuple(row[name] for name in ADDRESS) for row in found],
            [tuple(row[name] for name in CASE_ADDRESS) for row in expected],
        )
    return _said(parsed, key, field), expected


def _words(text: str | None) -> str:
    """Fold white space; nothing is an empty text."""
    return " ".join((text or "").split())


# --- figures -------------------------------------------------------------------------------------


def scored(answers: Iterable[Answer]) -> Scores:
    """Count the answers of each field, in the order in which fields first appear."""
    by_field: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_field[answer.field].append(answer)
    return {
        field: Score(
            sum(answer.is_right for answer in found),
            len(found),
            tuple(sorted({answer.item for answer in found if not answer.is_right})),
        )
        for field, found in by_field.items()
    }


def load(path: Path = FIGURES) -> Figures:
    """Read figures; none where there is no file yet."""
    if not path.exists():
        return {}
    return {
        suite: {
            field: Score(score["correct"], score["total"], tuple(score["wrong"]))
            for field, score in fields.items()
        }
        for suite, fields in json.loads(path.read_text("utf-8")).items()
    }


def write(figures: Figures, path: Path = FIGURES) -> None:
    """Write figures, a line per field so that a change is easy to read in a diff."""
    suites = []
    for suite, fields in sorted(figures.items()):
        lines = [
            f"  {json.dumps(field)}: "
            + json.dumps({"correct": s.correct, "total": s.total, "wrong": list(s.wrong)})
            for field, s in fields.items()
        ]
        suites.append(f" {json.dumps(suite)}: {{\n" + ",\n".join(lines) + "\n }")
    path.write_text("{\n" + ",\n".join(suites) + "\n}\n", "utf-8")


def is_loss(before: Score | None, now: Score) -> bool:
    """Tell whether a field lost something.

    With the same items as before, that is any one that was right and is wrong now, whatever was
    won elsewhere; with others, a smaller share of right ones.
    """
    if before is None:
        return False
    if before.total == now.total:
        return now.correct < before.correct or bool(set(now.wrong) - set(before.wrong))
    return now.correct * before.total < before.correct * now.total


def compare(suite: str, before: Scores, now: Scores) -> tuple[list[str], bool]:
    """Give the lines to print for a suite, and whether something was lost."""
    lines, lost = [f"{suite}:"], False
    for field, score in now.items():
        old = before.get(field)
        words = (
            f"  {field:<28}{score.correct:>6}/{score.total:<6}{score.correct / score.total:>7.1%}"
        )
        gained = sorted(set(old.wrong) - set(score.wrong)) if old else []
        dropped = sorted(set(score.wrong) - set(old.wrong)) if old else []
        if is_loss(old, score):
            lost = True
            words += "  LOSS"
        words += "".join([f"  +{item}" for item in gained] + [f"  -{item}" for item in dropped])
        lines.append(words)
    for field in before.keys() - now.keys():
        lost = True
        lines.append(f"  {field:<28}no longer asked  LOSS")
    correct, total = sum(s.correct for s in now.values()), sum(s.total for s in now.values())
    lines.append(f"  {'all':<28}{correct:>6}/{total:<6}{correct / total if total else 1:>7.1%}")
    return lines, lost


def main(arguments: list[str] | None = None) -> int:
    """Score, print, compare; give the exit code."""
    parser = argparse.ArgumentParser(prog="accuracy", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--cases",
        type=Path,
        default=os.environ.get(CASES_VARIABLE) or None,
        help=f"header cases, one JSON per line (default: what {CASES_VARIABLE} names)",
    )
    parser.add_argument("--write", action="store_true", help="make these the figures to beat")
    parser.add_argument("--figures", type=Path, default=FIGURES, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    before = load(given.figures)
    now = {"golden": scored(golden_answers())}
    if given.cases:
        if not Path(given.cases).is_file():
            print(f"there is no file {given.cases}", file=sys.stderr)
            return 2
        now["cases"] = scored(case_answers(Path(given.cases)))
    lost = False
    for suite, scores in now.items():
        lines, is_lost = compare(suite, before.get(suite, {}), scores)
        lost |= is_lost
        print("\n".join(lines))
    for suite in before.keys() - now.keys():
        print(f"{suite}: not scored, no file given; the committed figures stay")
    if given.write:
        write(before | now, given.figures)
    return 1 if lost and not given.write else 0


if __name__ == "__main__":
    sys.exit(main())
