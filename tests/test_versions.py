"""Several documents of one telegram, and several telegrams of one number, from files to views.

The samples are in `seeds/versions`, a folder for each kind.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from etl import increment, near_duplicates, sections
from etl.store import Store
from tests.test_increment import Folder, differences, run

SAMPLES = Path(__file__).parent.parent / "seeds" / "versions"
PILOTS, BELLS = "07ASTANA9951", "07ASTANA9951#2"


def load(place: Path, *sources: Path) -> Store:
    """Put samples into a folder and load them."""
    folder = place / "in"
    folder.mkdir()
    for source in sources:
        shutil.copyfile(source, folder / f"{source.parent.name}-{source.name}")
    store = Store(place / "w.duckdb")
    run(store, 0, folder)
    return store


def ask(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(store.warehouse, read_only=True) as connection:
        return connection.execute(sql).fetchall()


VERSIONS = """
    SELECT regexp_extract(uri, '([^/-]+)$', 1) AS file, mrn, relation, status, adds
    FROM cable_version JOIN dim_document USING (document_key)
    ORDER BY mrn, version_rank
"""

KINDS: dict[str, list[tuple[str | None, ...]]] = {
    "same_bytes": [
        ("first.txt", PILOTS, "current", "loaded", None),
        ("second.txt", PILOTS, "same_bytes", "duplicate", None),
    ],
    "other_dialect": [
        ("page.html", PILOTS, "current", "loaded", None),
        ("telegram.txt", PILOTS, "same_text", "duplicate", None),
    ],
    "other_header": [
        ("second.txt", PILOTS, "current", "loaded", None),
        ("first.txt", PILOTS, "other_header", "superseded", None),
    ],
    "corrected": [
        ("copy.txt", PILOTS, "current", "loaded", None),
        ("faulty.txt", PILOTS, "corrected", "superseded", None),
    ],
    "cancelled": [
        ("again.txt", PILOTS, "current", "loaded", None),
        ("void.txt", PILOTS, "cancelled", "superseded", "operating_signal"),
    ],
    "suspected": [
        ("first.txt", PILOTS, "current", "loaded", None),
        ("again.txt", PILOTS, "suspected_duplicate", "superseded", "operating_signal"),
    ],
    "sections": [
        ("one.txt", PILOTS, "current", "loaded", None),
        ("two.txt", PILOTS, "section", "loaded", None),
    ],
    "redacted": [
        ("full.txt", PILOTS, "current", "loaded", None),
        ("page.html", PILOTS, "redacted", "superseded", None),
    ],
    "partial": [
        ("full.txt", PILOTS, "current", "loaded", None),
        ("page.html", PILOTS, "partial", "superseded", None),
    ],
    "malformed": [
        ("well_formed.html", "09SANJOSE9952", "current", "loaded", None),
        ("malformed.html", "09SANJOSE9952", "same_text", "duplicate", None),
    ],
    "collision": [
        ("pilots.txt", PILOTS, "current", "loaded", None),
        ("bells.txt", BELLS, "current", "loaded", None),
    ],
    "near_duplicate": [
        ("first.txt", PILOTS, "current", "loaded", None),
        ("resent.txt", "07ASTANA9960", "current", "loaded", None),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_document_is_told_what_it_is(kind: str, tmp_path: Path) -> None:
    files = sorted((SAMPLES / kind).iterdir(), reverse=kind == "same_bytes")
    store = load(tmp_path, *files)
    found = ask(store, VERSIONS)
    if kind == "same_bytes":  # which of them is current, their names do not tell
        found = [("first.txt", *found[0][1:]), ("second.txt", *found[1][1:])]
    if kind == "other_header":  # nor here: the newer file
        found = [("second.txt", *found[0][1:4], None), ("first.txt", *found[1][1:4], None)]
    assert found == KINDS[kind]


def test_every_kind_has_its_samples() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == KINDS.keys()


def test_other_headers_are_named(tmp_path: Path) -> None:
    store = load(tmp_path, *sorted((SAMPLES / "other_header").iterdir()))
    [(changed, reason)] = ask(
        store,
        "SELECT fields_changed, status_reason FROM cable_version JOIN dim_document "
        "USING (document_key) WHERE NOT is_current",
    )
    assert changed == ["tags"]
    assert reason.endswith("the header differs: tags")


def test_sections_sent_apart_are_one_text(tmp_path: Path) -> None:
    (tmp_path / "apart").mkdir()
    apart = load(tmp_path / "apart", *sorted((SAMPLES / "sections").iterdir()))
    (tmp_path / "whole").mkdir()
    whole = load(tmp_path / "whole", SAMPLES / "same_bytes" / "first.txt")
    texts = "SELECT position, number, portion_marking, text FROM paragraph ORDER BY position"
    assert ask(apart, texts) == ask(whole, texts), "also the paragraph that the cut went through"
    header = "SELECT mrn, subject, tags, reasons, signers, unrecognised_line_count FROM cable"
    assert ask(apart, header) == ask(whole, header)
    parts = "SELECT section_number, section_count FROM cable_version ORDER BY section_number"
    assert ask(apart, parts) == [(1, 2), (2, 2)]


def test_the_whole_in_one_document_wins_over_its_sections(tmp_path: Path) -> None:
    full = SAMPLES / "same_bytes" / "first.txt"
    store = load(tmp_path, full, *sorted((SAMPLES / "sections").iterdir()))
    assert ask(store, VERSIONS.replace(", adds", "")) == [
        ("first.txt", PILOTS, "current", "loaded"),
        ("one.txt", PILOTS, "section", "superseded"),
        ("two.txt", PILOTS, "section", "superseded"),
    ]
    assert ask(store, "SELECT count(*) FROM redaction_diff") == [(0,)]


def test_a_section_that_a_page_already_holds_is_not_added_to_it() -> None:
    body = "UNCLAS SECTION 01 OF 02 OSLO 000012\n\n" + "\n".join(
        f"This is line {number} of the telegram." for number in range(20)
    )
    later = "UNCLAS SECTION 02 OF 02 OSLO 000012\n\n" + body.split("\n", 12)[12]
    chosen = pl.DataFrame(
        {"document_key": [1, 2], "lead_key": [1, 1], "section_number": [1, 2]},
        schema_overrides={"section_number": pl.Int16},
    )
    texts = pl.DataFrame(
        {"document_key": [1, 2], "header_text": [None, None], "body_text": [body, later]},
        schema_overrides={"header_text": pl.String},
    )
    parts, wholes = sections.put_together(chosen, texts)
    assert parts.is_empty()
    assert wholes.is_empty()
    apart = texts.with_columns(body_text=pl.col("body_text").str.replace_all("line", "part"))
    apart = pl.concat([texts.head(1), apart.tail(1)])
    parts, wholes = sections.put_together(chosen, apart)
    assert parts["document_key"].to_list() == [1, 2]
    assert wholes["body_text"].item() == "\n".join(apart["body_text"])


def test_what_one_version_hides_and_another_has_stands_side_by_side(tmp_path: Path) -> None:
    store = load(tmp_path, *sorted((SAMPLES / "redacted").iterdir()))
    found = ask(
        store,
        "SELECT mrn, position, how, hidden_words, hidden_text, left(shown_text, 22), "
        "regexp_extract(hidden_in, '[^-]+$'), regexp_extract(shown_in, '[^-]+$') "
        "FROM redaction_diff ORDER BY position",
    )
    hidden = found[0][4]
    assert hidden.startswith("Pilot XXXXXXXXXXXX told Econoff")
    files = ("page.html", "full.txt")
    names = ["Ignatius Thistlewood", "Barnaby Thistlewood"]
    assert found == [
        (PILOTS, 2, "names removed", names, hidden, "Pilot Ignatius Thistle", *files),
        (PILOTS, 4, "absent", None, None, "Comment: A tow is chea", *files),
    ]


def test_a_version_that_shows_what_the_current_one_hides_says_so(tmp_path: Path) -> None:
    page = (SAMPLES / "redacted" / "page.html").read_text("utf-8")
    # Longer by words that only it has, but with the names removed; the other shows them.
    (tmp_path / "new").mkdir()
    longer = tmp_path / "new" / "longer.html"
    more = "&#x000A;&#x000A;5. (C) The port has since bought two pumps, a bell and a stove."
    longer.write_text(page.replace("own rowing boats.", "own rowing boats." + more * 4), "utf-8")
    partial = SAMPLES / "partial" / "page.html"
    store = load(tmp_path, longer, partial)
    assert ask(store, VERSIONS) == [
        ("longer.html", PILOTS, "current", "loaded", None),
        ("page.html", PILOTS, "unredacted", "superseded", "2 removed names"),
    ]
    names = ask(store, "SELECT hidden_words FROM redaction_diff WHERE how = 'names removed'")
    assert names == [(["Ignatius Thistlewood", "Barnaby Thistlewood"],)]


def test_two_telegrams_of_one_number_are_both_kept_and_listed(tmp_path: Path) -> None:
    store = load(tmp_path, *sorted((SAMPLES / "collision").iterdir()))
    found = ask(
        store,
        "SELECT number, place, mrn, subject, word_share < 0.2, document_count FROM mrn_collision",
    )
    assert found == [
        (PILOTS, 1, PILOTS, "PILOTS SHARE A LAUNCH, AND AN ENGINE", None, 1),
        (PILOTS, 2, BELLS, "BELL RINGERS ASK FOR A QUIETER CLOCK", True, 1),
    ]
    assert ask(store, "SELECT mrn, paragraph_count FROM cable ORDER BY mrn") == [
        (PILOTS, 4),
        (BELLS, 2),
    ]


def test_copies_go_to_the_telegram_of_the_number_that_they_are_of(tmp_path: Path) -> None:
    bells = SAMPLES / "collision" / "bells.txt"
    shorter = tmp_path / "short"
    shorter.mkdir()
    text = bells.read_text("utf-8")
    (shorter / "bells.txt").write_text(text.partition("\n2. (U)")[0] + "\nQUILL\n", "utf-8")
    store = load(
        tmp_path,
        bells,
        shorter / "bells.txt",
        SAMPLES / "collision" / "pilots.txt",
        SAMPLES / "redacted" / "page.html",
        SAMPLES / "partial" / "page.html",
    )
    counts = ask(store, "SELECT mrn, count(*), list(relation ORDER BY version_rank) "
                        "FROM cable_version GROUP BY mrn ORDER BY mrn")  # fmt: skip
    assert counts == [
        (PILOTS, 3, ["current", "redacted", "partial"]),
        (BELLS, 2, ["current", "partial"]),
    ]


def test_near_duplicates_are_grouped(tmp_path: Path) -> None:
    other = SAMPLES / "malformed" / "well_formed.html"
    store = load(tmp_path, *sorted((SAMPLES / "near_duplicate").iterdir()), other)
    found = ask(store, "SELECT first_mrn, mrn, group_size, similarity FROM near_duplicates")
    assert found == [
        (PILOTS, PILOTS, 2, 1.0),
        (PILOTS, "07ASTANA9960", 2, pytest.approx(0.95, abs=0.05)),
    ]


def test_groups_of_near_duplicates_do_not_depend_on_the_order() -> None:
    words = [f"word{number}" for number in range(400)]
    texts = {
        1: words,
        2: [*words[:390], "another"],
        3: [*words[8:398], "end"],
        4: [f"other{number}" for number in range(400)],
        5: [f"other{number}" for number in range(400)],
        6: words[:150],
        7: ["no", "objection"],
        8: ["no", "objection"],
    }
    telegrams = pl.DataFrame(
        [
            {"cable_key": key, "mrn": f"07OSLO{key}", "sent_at": None, "text": " ".join(text)}
            for key, text in texts.items()
        ],
        schema_overrides={"sent_at": pl.Datetime("us")},
    )
    found = near_duplicates.groups(telegrams)
    grouped = dict(found.select("cable_key", "first_cable_key").iter_rows())
    assert grouped == {1: 1, 2: 1, 3: 1, 4: 4, 5: 4}
    assert found.filter(cable_key=5)["similarity"].item() == 1
    for seed in range(3):
        again = near_duplicates.groups(telegrams.sample(fraction=1, shuffle=True, seed=seed))
        assert again.equals(found)
    assert near_duplicates.groups(telegrams.head(0)).is_empty()


@pytest.mark.slow
def test_each_drop_of_versions_leaves_what_a_rebuild_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(increment, "MOST_CHANGED", 100)
    folder, store = Folder(tmp_path / "in"), Store(tmp_path / "w.duckdb")

    def put(kind: str, name: str) -> Callable[[], None]:
        return lambda: _copy(SAMPLES / kind / name, folder.path)

    def take(kind: str, name: str) -> Callable[[], None]:
        return lambda: (folder.path / f"{kind}-{name}").unlink()

    put("partial", "page.html")()
    put("malformed", "malformed.html")()
    run(store, 0, folder.path)
    drops = [
        ("the well-formed twin", put("malformed", "well_formed.html")),
        ("one section", put("sections", "one.txt")),
        ("the other section", put("sections", "two.txt")),
        ("another telegram of that number", put("collision", "bells.txt")),
        ("a redacted copy", put("redacted", "page.html")),
        ("the full text", put("redacted", "full.txt")),
        ("a section goes", take("sections", "one.txt")),
        ("the full text goes: a part of it counts", take("redacted", "full.txt")),
        ("the section comes back, and the same body under another number", lambda: (
            put("sections", "one.txt")(), put("near_duplicate", "resent.txt")())),
        ("a corrected copy", put("corrected", "copy.txt")),
        ("the other telegram goes", take("collision", "bells.txt")),
        ("the same body goes", take("near_duplicate", "resent.txt")),
    ]  # fmt: skip
    for number, (what, drop) in enumerate(drops, start=1):
        drop()
        assert run(store, number, folder.path) is not None, what
        fresh = Store(tmp_path / f"fresh-{number}.duckdb")
        run(fresh, 0, folder.path)
        assert differences(store, fresh) == {}, what


def _copy(source: Path, folder: Path) -> None:
    target = folder / f"{source.parent.name}-{source.name}"
    shutil.copy2(source, target)
