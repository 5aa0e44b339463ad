"""Has the parser stopped reading a field? The staged warehouse against the published one.

Compared are only telegrams that both hold and that both were read from the same bytes: new
documents with poorer headers, or a telegram now loaded from another document, change the fill
rates of the warehouse and say nothing of the parser. So what differs is what the code reads.

Not here: the rates themselves (`warehouse/views/quality_fill_rate.sql`), the check that blocks
publication (`etl.checks`).
"""

from dataclasses import dataclass
from pathlib import Path

from etl.contracts.tables import quoted
from etl.publish import Connection, attached

MAX_DROP = 0.05
"""Largest drop of a fill rate that passes.

A parser that stops reading a form of a field loses far more than 5 of 100 telegrams of some
dialect and decade; a rule that is made stricter (a subject that was none, a signer that was a
place) takes 1 or 2.
"""

MIN_CABLES = 50
"""Telegrams that a group needs to be compared: below, 0.05 is one or two telegrams."""


MAX_NAMED = 5
"""Drops that the check's message names; its metadata has all."""


@dataclass(frozen=True)
class Drop:
    """A field that was read in fewer telegrams than before; `dialect` null: over all groups."""

    field: str
    dialect: str | None
    decade: int | None
    cable_count: int
    before: float
    after: float

    def __str__(self) -> str:
        """Give it in a few words."""
        where = "all" if self.dialect is None else f"{self.dialect} {decade_name(self.decade)}"
        return (
            f"{self.field} of {where}: {self.before:.1%} to {self.after:.1%} "
            f"of {self.cable_count:,} telegrams"
        )


@dataclass(frozen=True)
class Comparison:
    """What was compared and which fields fell too far, the worst and widest first.

    `cable_count` is null when there is nothing to compare with.
    """

    cable_count: int | None
    drops: list[Drop]


def verdict(found: Comparison, *, accepted: bool) -> str:
    """Say in words what was found, the worst drops first, and how to accept them."""
    if found.cable_count is None:
        return "nothing is published yet that fill rates could be compared with"
    if not found.drops:
        return f"{found.cable_count:,} telegrams compared, no field is read in fewer than before"
    worst = "; ".join(str(drop) for drop in found.drops[:MAX_NAMED])
    more = len(found.drops) - MAX_NAMED
    words = "fields are read in fewer telegrams than before: " + worst
    words += f"; and {more} more" if more > 0 else ""
    return words + (
        " (accepted)"
        if accepted
        else ". If that is meant, accept it: cables ingest --accept-fill-rates SOURCE…"
    )


def decade_name(decade: int | None) -> str:
    """Give a decade in words: 2000s, or that it is not known."""
    return "of unknown time" if decade is None or decade < 0 else f"{decade}s"


def rates(connection: Connection) -> dict[str, float]:
    """Give the fill rate of each field over all telegrams of the current database."""
    rows = connection.execute(
        "SELECT field, sum(filled_count) / sum(cable_count) FROM quality_fill_rate "
        "GROUP BY field ORDER BY field"
    ).fetchall()
    return {str(field): float(rate) for field, rate in rows}


def rates_markdown(connection: Connection) -> str:
    """Give the fill rates as a Markdown table: a line per field, a column per dialect and decade.

    Groups of fewer than MIN_CABLES telegrams are left out.
    """
    rows = connection.execute(
        "SELECT field, dialect, decade, cable_count, fill_rate FROM quality_fill_rate "
        "WHERE cable_count >= ? ORDER BY dialect, decade, field",
        [MIN_CABLES],
    ).fetchall()
    groups = list(dict.fromkeys((dialect, decade, count) for _, dialect, decade, count, _ in rows))
    found = {(field, dialect, decade): rate for field, dialect, decade, _, rate in rows}
    fields = sorted({row[0] for row in rows})
    heads = [f"{dialect} {decade_name(decade)} ({count:,})" for dialect, decade, count in groups]
    lines = [f"| field | {' | '.join(heads)} |", "|---|" + "--:|" * len(groups)]
    lines += [
        f"| {field} | {' | '.join(f'{found[field, d, y]:.1%}' for d, y, _ in groups)} |"
        for field in fields
    ]
    return "\n".join(lines) if groups else f"No group has {MIN_CABLES} telegrams."


def compare(connection: Connection, published: Path | None, *, is_copy: bool = False) -> Comparison:
    """Compare the current database with the file `published`, over what both read.

    `is_copy`: its telegrams are those of the published file, byte by byte.

    A group is a dialect and a decade as the published file has them, and all telegrams together;
    groups below MIN_CABLES are passed over, and so are fields that only one of the two knows.
    """
    if is_copy:
        [(count,)] = connection.execute("SELECT count(*) FROM fact_cable").fetchall()
        return Comparison(int(count), [])
    with attached(connection, published, "published") as is_there:
        # One that cannot be read is about to be replaced by `--rebuild`: nothing to compare with.
        return _compare(connection) if is_there else Comparison(None, [])


def _compare(connection: Connection) -> Comparison:
    """Compare the current database with the attached one."""
    fields = [
        str(row[0])
        for row in connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = 'cable_filled' "
            "AND database_name IN (current_database(), 'published') AND column_name <> 'cable_key' "
            "GROUP BY column_name HAVING count(*) = 2 ORDER BY column_name"
        ).fetchall()
    ]
    if not fields:  # published by a version that did not count fill rates yet
        return Comparison(None, [])
    sides = {"old": "published.", "new": ""}
    both = ", ".join(
        f"{side} AS (SELECT sha256, dialect, fact_cable.sent_at AS sent, cable_filled.* "
        f"FROM {place}cable_filled JOIN {place}fact_cable USING (cable_key) "
        f"JOIN {place}dim_document USING (document_key))"
        for side, place in sides.items()
    )
    counts = ", ".join(f"count_if({s}.{quoted(f)})" for f in fields for s in sides)
    rows = connection.execute(
        f"WITH {both} SELECT old.dialect, year(old.sent) // 10 * 10 AS decade, count(*), {counts} "
        "FROM old JOIN new USING (sha256) GROUP BY GROUPING SETS ((old.dialect, decade), ())"
    ).fetchall()
    drops, total = [], 0
    for dialect, decade, cables, *filled in rows:
        total = max(total, cables)
        if cables < MIN_CABLES:
            continue
        for number, field in enumerate(fields):
            before, after = filled[2 * number : 2 * number + 2]
            if before - after > MAX_DROP * cables:
                drops.append(Drop(field, dialect, decade, cables, before / cables, after / cables))
    return Comparison(total, sorted(drops, key=_worst_first))


def _worst_first(drop: Drop) -> tuple[float, int, str, str, int]:
    """Give the place of a drop: how far, in how many telegrams, then by name."""
    group = (drop.dialect or "", -1 if drop.decade is None else drop.decade)
    return drop.after - drop.before, -drop.cable_count, drop.field, *group
