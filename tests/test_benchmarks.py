"""The benchmarks run; the committed accuracy is what the parser of today gets right."""

import json
from pathlib import Path

import pytest

from benchmarks import accuracy, parse_stages
from benchmarks.accuracy import Answer, Score


@pytest.fixture(scope="module")
def golden() -> accuracy.Scores:
    return accuracy.scored(accuracy.golden_answers())


def test_committed_figures_are_not_better_than_what_is_measured(golden: accuracy.Scores) -> None:
    committed = accuracy.load()["golden"]
    assert committed.keys() <= golden.keys()
    lost = [field for field, score in committed.items() if accuracy.is_loss(score, golden[field])]
    assert lost == []


def test_every_golden_document_is_scored_in_every_field(golden: accuracy.Scores) -> None:
    count = len(list(accuracy.GOLDEN.glob("*.json")))
    assert count >= 25
    for field in ("mrn", "subject", "tags", "action_addressees", "classified_by", "dialect"):
        assert golden[field].total == count
    assert golden["paragraph.text"].total > count


def test_a_missing_and_a_surplus_row_are_wrong() -> None:
    parsed = accuracy.Parsed(parse_stages.copies(0))
    path = accuracy.GOLDEN / "07ASTANA9919.json"
    document = json.loads(path.read_text("utf-8"))
    [key] = parsed.keys_of(document["mrn"])

    def wrong(changed: dict[str, object], found: int | None) -> set[tuple[str, str]]:
        answers = accuracy._golden_document(document | changed, parsed, found)
        return {(a.item, a.field) for a in answers if not a.is_right}

    before = wrong({}, key)
    assert ("07ASTANA9919 4", "paragraph.text") not in before
    assert ("07ASTANA9919 4", "paragraph.text") in wrong(
        {"paragraphs": document["paragraphs"][:3]}, key
    )
    assert ("07ASTANA9919 5", "paragraph.number") in wrong(
        {"paragraphs": [*document["paragraphs"], document["paragraphs"][0]]}, key
    )
    everything = wrong({}, None)
    assert {("07ASTANA9919", "subject"), ("07ASTANA9919 1", "reference.kind")} <= everything


CASES = [
    ("tags", "TAGS: PREL, PGOV", ["PREL", "PGOV"]),
    ("subject", "SUBJECT: A LONG\nSTORY\n\n1. Text of it.\n", "A LONG STORY"),
    ("signers", "SUBJECT: X\n\n1. Text of it.\nDOE\n", ["DOE"]),
    ("canonical_mrn", "07ASTANA003153", "07ASTANA3153"),
    ("declassify_on", "E.O. 12958: DECL: 11/17/2017", "2017-11-17"),
    ("tags", "TAGS: PREL", ["PGOV"]),
]


def test_header_cases_are_scored(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    rows = [
        {"id": str(n), "field": field, "input": text, "year": 2007, "mrn": None, "expected": want}
        for n, (field, text, want) in enumerate(CASES)
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    answers = accuracy.case_answers(path)
    assert [answer.is_right for answer in answers] == [True] * 5 + [False]
    assert accuracy.scored(answers)["tags"] == Score(1, 2, ("5",))


@pytest.mark.parametrize(
    ("before", "now", "is_loss"),
    [
        (Score(2, 3, ("a",)), Score(2, 3, ("a",)), False),
        (Score(2, 3, ("a",)), Score(3, 3, ()), False),
        (Score(3, 3, ()), Score(2, 3, ("a",)), True),
        (Score(2, 3, ("a",)), Score(2, 3, ("b",)), True),  # one won, one lost
        (Score(3, 3, ()), Score(4, 4, ()), False),  # a new document
        (Score(3, 3, ()), Score(3, 4, ("new",)), True),
        (None, Score(0, 3, ("a", "b", "c")), False),
    ],
)
def test_a_loss_is_told(before: Score | None, now: Score, is_loss: bool) -> None:
    assert accuracy.is_loss(before, now) is is_loss


def test_command_writes_compares_and_exits_with_1_on_a_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [Answer("a", "tags", True), Answer("b", "tags", False)]
    monkeypatch.setattr(accuracy, "golden_answers", lambda: answers)
    monkeypatch.delenv(accuracy.CASES_VARIABLE, raising=False)
    figures = tmp_path / "figures.json"
    arguments = ["--figures", str(figures)]
    assert accuracy.main([*arguments, "--write"]) == 0
    assert accuracy.load(figures) == {"golden": {"tags": Score(1, 2, ("b",))}}
    answers[0], answers[1] = Answer("a", "tags", False), Answer("b", "tags", True)
    capsys.readouterr()
    assert accuracy.main(arguments) == 1
    assert "LOSS  +b  -a" in capsys.readouterr().out
    assert accuracy.load(figures)["golden"]["tags"].wrong == ("b",), "written only when asked"
    assert accuracy.main([*arguments, "--cases", str(tmp_path / "none")]) == 2


def test_stages_of_the_parser_are_measured() -> None:
    documents = parse_stages.copies(0)
    found = parse_stages.measure(documents, 1)
    assert list(found) == [
        *parse_stages.STEPS,
        *parse_stages.MODULES,
        parse_stages.REST,
        parse_stages.WHOLE,
    ]
    assert all(seconds > 0 for seconds in found.values())
    assert sum(found.values()) == pytest.approx(2 * found[parse_stages.WHOLE])
    twice = parse_stages.copies(2 * parse_stages.size(documents))
    assert twice["document_key"].n_unique() == 2 * documents.height
