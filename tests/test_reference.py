"""The reference tables keep their promises.

A wrong row here does not crash the job: it sends telegrams to the wrong post or country without a
sound. So each rule that `seeds/reference/README.md` states is proved against the files themselves,
and the hand-labelled telegrams must not use a code that the tables do not know.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "seeds" / "reference"
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.json"))

KEYS = {
    "caveats": ("caveat",),
    "corrections": ("table_name", "key", "column_name"),
    "declassification_reasons": ("executive_order", "reason"),
    "executive_orders": ("number",),
    "malformed_mrns": ("published_id",),
    "officials": ("office", "from_date"),
    "person_tags": ("printed",),
    "post_aliases": ("alias",),
    "posts": ("post_code",),
    "routing_indicators": ("routing_indicator", "name"),
    "tag_aliases": ("alias",),
    "tag_phrases": ("phrase",),
    "tags": ("tag",),
    "title_words": ("word",),
}

MRN = re.compile(r"(?P<year>\d{2})(?P<post>[A-Z]+)(?P<serial>[1-9]\d*)")
"""Canonical message reference number, e.g. `05ALMATY2439`."""

PERSON_TAG = re.compile(r"[A-Z'-]+, [A-Z][A-Z. ]*")
"""A person among the TAGS, e.g. `TINDERBOX, AMBROSE Q.`; persons are in no table."""

VACANT = {(date(1997, 1, 17), date(1997, 1, 23))}
"""The one gap in the line of secretaries of state: Christopher had left, Albright not begun."""

Row = dict[str, str]


def rows(table: str) -> list[Row]:
    """Return the rows of one reference table as text, so that `NA` stays Namibia."""
    with (REFERENCE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def members(table: str, column: str) -> set[str]:
    """Return the distinct values of one column."""
    return {row[column] for row in rows(table)}


def golden(path: Path) -> dict[str, Any]:
    """Return the labels that a human reader gave to one sample telegram."""
    return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))


def resolved_post(code: str) -> str | None:
    """Return the post behind a code or a spelling of it; null when the tables know neither.

    `truncated` aliases are left out: they are only safe inside the 1973-79 archive.
    """
    if code in members("posts", "post_code"):
        return code
    aliases = {
        row["alias"]: row["post_code"]
        for row in rows("post_aliases")
        if row["reason"] != "truncated"
    }
    return aliases.get(code)


def test_every_table_is_tested() -> None:
    """A new file must declare its key here, or nothing guards it."""
    assert {path.stem for path in REFERENCE.glob("*.csv")} == set(KEYS)


@pytest.mark.parametrize("table", sorted(KEYS))
def test_keys_are_unique_and_filled(table: str) -> None:
    """A doubled key would multiply telegrams in a join."""
    keys = [tuple(row[column] for column in KEYS[table]) for row in rows(table)]
    assert [key for key, times in Counter(keys).items() if times > 1] == []
    assert all(all(key) for key in keys)


@pytest.mark.parametrize("table", sorted(KEYS))
def test_every_row_has_the_width_of_the_header(table: str) -> None:
    """A comma that nobody quoted shifts every cell behind it."""
    with (REFERENCE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        header, *body = list(csv.reader(file))
    assert set(KEYS[table]) <= set(header)
    assert {len(row) for row in body} <= {len(header)}


@pytest.mark.parametrize(
    ("aliases", "target", "table"),
    [("post_aliases", "post_code", "posts"), ("tag_aliases", "tag", "tags")],
)
def test_an_alias_reaches_a_member_and_is_none(aliases: str, target: str, table: str) -> None:
    """One hop must be enough: an alias of an alias would depend on the order of the joins."""
    known = members(table, target)
    assert {row["alias"]: row[target] for row in rows(aliases) if row[target] not in known} == {}
    assert members(aliases, "alias") & known == set()


@pytest.mark.parametrize("table", ["posts", "tags"])
def test_country_codes_are_two_capitals(table: str) -> None:
    """Maps in BI tools join on ISO 3166-1 alpha-2; anything else silently drops off the map."""
    codes = members(table, "iso2") - {""}
    assert {code for code in codes if not re.fullmatch(r"[A-Z]{2}", code)} == set()


def test_a_post_has_a_country_name_when_it_has_a_code() -> None:
    """The star shows both, side by side."""
    assert [
        row["post_code"] for row in rows("posts") if row["iso2"] and not row["country_name"]
    ] == []


def test_post_codes_have_the_form_they_have_in_an_mrn() -> None:
    """Capitals without spaces, else no MRN can ever resolve to them."""
    assert {
        code for code in members("posts", "post_code") if not re.fullmatch("[A-Z]+", code)
    } == set()


def test_coordinates_are_on_the_globe_and_come_in_pairs() -> None:
    """Half a coordinate or a swapped pair puts a post into the sea."""
    for row in rows("posts"):
        latitude, longitude = row["latitude"], row["longitude"]
        assert bool(latitude) == bool(longitude), row["post_code"]
        if latitude:
            assert -90 <= float(latitude) <= 90, row["post_code"]
            assert -180 <= float(longitude) <= 180, row["post_code"]


def test_tag_kinds_are_known() -> None:
    """An unknown kind would be a silent new category in every chart."""
    assert members("tags", "kind") == {"subject", "program", "geopolitical", "organization"}


def test_only_subject_tags_have_a_subject_group() -> None:
    """The nine groups divide subject tags and nothing else."""
    grouped = {row["kind"] for row in rows("tags") if row["subject_group"]}
    ungrouped = {row["kind"] for row in rows("tags") if not row["subject_group"]}
    assert grouped == {"subject"}
    assert "subject" not in ungrouped


@pytest.mark.parametrize("office", ["president", "secretary_of_state"])
def test_officials_follow_each_other_without_gap_or_overlap(office: str) -> None:
    """Every day must have exactly one holder, except the known vacancy."""
    terms = sorted((row for row in rows("officials") if row["office"] == office), key=_from_date)
    ends = [(term["to_date"], following["from_date"]) for term, following in pairwise(terms)]
    assert terms[-1]["to_date"] == ""
    assert all(term["to_date"] == "" or term["from_date"] < term["to_date"] for term in terms)
    breaks = {
        (date.fromisoformat(end), date.fromisoformat(start)) for end, start in ends if end != start
    }
    assert breaks == (VACANT if office == "secretary_of_state" else set())


def _from_date(row: Row) -> str:
    return row["from_date"]


def test_executive_orders_are_superseded_by_orders() -> None:
    """The chain of orders is followed to tell which one was in force on a day."""
    orders = members("executive_orders", "number")
    assert members("executive_orders", "superseded_by") - {""} <= orders
    assert members("declassification_reasons", "executive_order") <= orders


def test_a_misprint_is_not_an_order() -> None:
    """A misprinted number that is itself an order could not be told from it."""
    misprints = [
        number
        for row in rows("executive_orders")
        for number in row["common_misprints"].split(";")
        if number
    ]
    assert len(misprints) == len(set(misprints))
    assert not set(misprints) & members("executive_orders", "number")


def test_each_routing_indicator_has_one_primary_name() -> None:
    """Without a name in the telegram the primary one is used, so there must be just one."""
    primary = Counter(
        row["routing_indicator"] for row in rows("routing_indicators") if row["is_primary"] == "1"
    )
    assert set(primary) == members("routing_indicators", "routing_indicator")
    assert set(primary.values()) == {1}


@pytest.mark.parametrize("row", rows("malformed_mrns"), ids=lambda row: row["published_id"])
def test_a_malformed_id_maps_to_a_resolvable_mrn(row: Row) -> None:
    """The repair must end at an MRN whose post is known, or the telegram stays lost."""
    mrn = MRN.fullmatch(row["mrn"])
    assert mrn is not None
    assert resolved_post(mrn["post"]) is not None
    assert row["published_id"] != row["mrn"]
    assert row["kind"] in {"has_twin", "no_twin"}


def test_corrections_name_a_table_and_give_a_reason() -> None:
    """A correction without evidence is an opinion."""
    for row in rows("corrections"):
        assert row["table_name"]
        assert row["corrected"] != row["printed"]
        assert row["reason"]


def test_there_are_golden_telegrams() -> None:
    """The parametrised tests below pass in silence when the folder is empty."""
    assert len(GOLDEN) >= 28


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_posts_resolve(path: Path) -> None:
    """Labels use canonical posts, for the telegram itself and for those that it cites."""
    labels = golden(path)
    posts = {row["post_code"]: row for row in rows("posts")}
    own = MRN.fullmatch(labels["mrn"])
    assert own is not None
    assert own["post"] == labels["cable"]["post_code"]
    assert labels["cable"]["country_name"] == posts[own["post"]]["country_name"]
    for reference in labels["cable"]["references"]:
        cited = MRN.fullmatch(reference)
        assert cited is not None, reference
        assert cited["post"] in posts


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_tags_resolve(path: Path) -> None:
    """Labels hold normalised TAGS: members of the table or persons, never an alias."""
    tags = golden(path)["cable"]["tags"]
    known = members("tags", "tag")
    assert [tag for tag in tags if tag not in known and not PERSON_TAG.fullmatch(tag)] == []
    assert len(tags) == len(set(tags))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_markings_resolve(path: Path) -> None:
    """Caveats, executive orders and reasons in the labels are members of their tables."""
    cable = golden(path)["cable"]
    reasons = {(row["executive_order"], row["reason"]) for row in rows("declassification_reasons")}
    assert set(cable["caveats"]) <= members("caveats", "caveat")
    assert cable["caveats"] == sorted(cable["caveats"])
    assert cable["executive_order"] in members("executive_orders", "number") | {None}
    assert {(cable["executive_order"], reason) for reason in cable["reasons"]} <= reasons


def test_the_samples_show_every_trap() -> None:
    """Each of the fourteen things that trip a parser must be met by at least one sample."""
    shown = {trap for path in GOLDEN for trap in golden(path)["traps"]}
    assert shown == set(range(1, 15))


def test_the_samples_cover_every_dialect() -> None:
    """A dialect without a sample could break without a test noticing."""
    dialects = {golden(path)["cable"]["dialect"] for path in GOLDEN}
    assert dialects == {"release_page", "bulk_csv", "raw_telegram", "web_extract", "archive_text"}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_counts_agree_with_their_lists(path: Path) -> None:
    """A label file is written by hand, so its redundant parts are checked against each other."""
    labels = golden(path)
    cable, paragraphs, references = labels["cable"], labels["paragraphs"], labels["references"]
    assert path.stem == labels["mrn"]
    assert (ROOT / labels["document"]).is_file()
    assert cable["paragraph_count"] == len(paragraphs)
    assert [p["position"] for p in paragraphs] == list(range(1, len(paragraphs) + 1))
    assert [r["position"] for r in references] == list(range(1, len(references) + 1))
    cited = [r["referenced_mrn"] for r in references if r["kind"] == "cable"]
    assert cable["references"] == cited
    assert len(cable["references"]) + len(cable["other_references"]) == len(references)
