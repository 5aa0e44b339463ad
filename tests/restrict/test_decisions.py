"""Every table and column has a decision; what has none is not written.

`python -m tests.restrict.test_decisions` (or `make docs`) writes them into docs/restricted.md.
"""

from pathlib import Path

import dataframely as dy
import pytest

from etl.contracts.facts import CableReview
from etl.contracts.tables import TABLES
from etl.restrict.audience import Audience, NotUnderstood, canonical_caveat, level_rank
from etl.restrict.build import publish_restricted
from etl.restrict.decisions import (
    DECISIONS,
    Undecided,
    as_markdown,
    insert_statement,
    masked_columns,
    undecided,
)
from tests.conftest import REPOSITORY


def test_every_column_is_decided_on() -> None:
    assert undecided() == []


def test_what_nobody_decided_on_stops_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Wider(CableReview):
        """One row more."""

        note = dy.String(nullable=True)

    monkeypatch.setitem(TABLES, "cable_review", Wider)
    monkeypatch.setitem(TABLES, "cable_note", CableReview)
    assert undecided()[:2] == ["cable_note", "cable_note.cable_key"]
    assert "cable_review.note" in undecided()
    with pytest.raises(Undecided, match=r"of cable_note, .*cable_review\.note"):
        publish_restricted(tmp_path / "w.duckdb", Audience(0), [], tmp_path / "o.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_texts_are_masked_or_there_is_a_reason() -> None:
    """A new text that is kept as it is must be put here, with the reason why it names nobody."""
    masked = {f"{table}.{column}" for table, column in masked_columns()}
    texts = {
        f"{table}.{name}"
        for table, schema in TABLES.items()
        for name, column in schema.columns().items()
        if isinstance(column, dy.String) and not name.endswith("_key")
    }
    kept = {
        f"{table}.{name}"
        for table, decision in DECISIONS.items()
        for name, column in decision.columns.items()
        if column.words == "as it is"
    }
    members = {name for name in texts if name.startswith("dim_")}  # of what is kept, or authority
    whole = {
        name
        for name in texts
        if name.startswith(("cable_review.", "cable_attribute.", "fact_field_agreement."))
    }
    codes = {
        "fact_paragraph.portion_marking",
        "fact_paragraph.kind",
        "fact_reference.letter",
        "fact_reference.kind",
        "fact_addressee.role",
        "fact_addressee.precedence",
        "fact_addressee.message_continuity_number",
        "bridge_cable_person.role",
        "fact_cable.mrn",
        "fact_cable.printed_mrn",
        "fact_cable.sent_at_source",
        "fact_cable.precedence",
        "fact_cable.date_time_group",
        "fact_cable.operating_signal",
        "fact_cable.transmission_id",
        "fact_cable.executive_order",
        "fact_cable.executive_order_printed",
        "cable_version.mrn",
        "cable_version.relation",
        "cable_version.dialect",
        "cable_version.published_id",
        "cable_version.operating_signal",
    }
    assert (texts & kept) - members - whole == codes
    assert not masked & codes


PAGE = REPOSITORY / "docs" / "restricted.md"
HEADING = "## Table by table\n\n"


def refreshed(page: str) -> str:
    """Give the page with the decisions as they are now."""
    return page.partition(HEADING)[0] + HEADING + as_markdown() + "\n"


def test_the_list_in_the_documentation_is_this_one() -> None:
    page = PAGE.read_text("utf-8")
    assert page == refreshed(page), "make docs writes it anew"


def test_a_statement_names_every_column() -> None:
    for table, schema in TABLES.items():
        assert insert_statement(table).count(",\n") == len(schema.column_names()) - 1


@pytest.mark.parametrize(
    ("marking", "caveats", "ranks"),
    [
        ("U", (), (0, 1, 2, 3, 4)),
        ("SBU", (), (0, 1, 2, 3, 4)),
        ("LIMITED OFFICIAL USE", (), (1, 2, 3, 4)),
        ("LOU", (), (1, 2, 3, 4)),
        ("C", (), (2, 3, 4)),
        ("C - ENTIRE TEXT", (), (2, 3, 4)),
        ("S//REL TO USA, ACGU", (), (3, 4)),
        ("TOP SECRET", (), (4,)),
        ("TS//SI", (), (4,)),
        ("S//NF", (), ()),
        ("C)(NF", (), ()),
        ("SBU", ("NOFORN",), ()),
        ("SNF", (), ()),
        ("CC", (), ()),
        ("?", ("NOFORN",), ()),
        ("", (), ()),
    ],
)
def test_markings(marking: str, caveats: tuple[str, ...], ranks: tuple[int, ...]) -> None:
    may = [
        rank
        for rank in range(5)
        if Audience(rank, frozenset({"NOFORN"})).may_have_portion(marking, caveats)
    ]
    assert tuple(may) == ranks
    assert Audience(mask_protected=True).may_have_portion(marking, caveats)


@pytest.mark.parametrize(
    ("words", "rank", "may"),
    [
        ("CONFIDENTIAL//NOFORN", 1, False),
        ("CONFIDENTIAL//NOFORN", 3, False),
        ("CONFIDENTIAL", 2, True),
        ("UNCLASSIFIED//FOR OFFICIAL USE ONLY", 0, True),
        ("Top Secret", 3, False),
        ("released", 0, True),
    ],
)
def test_what_a_page_says(words: str, rank: int, may: bool) -> None:
    assert Audience(rank, frozenset({"NOFORN"})).may_have_published(words) is may


@pytest.mark.parametrize(
    "marking", ["C//REL", "C/REL TO USA", "C//RELTOUSA,GBR", "S/NOCON", "C - REL TO USA, GBR"]
)
def test_release_lists_and_short_forms(marking: str) -> None:
    excluded = frozenset({"REL TO", "NOCONTRACT"})
    assert not Audience(4, excluded).may_have_portion(marking)
    assert Audience(4, excluded).may_have_portion("C//RELIDO")
    assert Audience(4, frozenset({"NOFORN"})).may_have_portion(marking)


def test_levels_and_caveats_as_typed() -> None:
    assert level_rank(" limited_official-use ") == 1
    with pytest.raises(NotUnderstood, match="SBU is no level; there are UNCLASSIFIED, "):
        level_rank("SBU")
    assert canonical_caveat("nf") == "NOFORN"
    assert canonical_caveat("rel  to") == "REL TO"
    assert canonical_caveat("rel to usa, gbr", {"REL TO USA, GBR"}) == "REL TO USA, GBR"
    with pytest.raises(NotUnderstood, match="there are NOFORN"):
        canonical_caveat("NOFRON")


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text("utf-8")), "utf-8")
