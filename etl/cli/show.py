"""The command `cables show`: one telegram, laid out for a person.

Reads the views only, so it shows what every analyst sees. Not here: how a telegram is parsed.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from etl.cli.output import console, error, print_page, visible
from etl.cli.read import PROBLEMS, connect, explain, fetch

Row = dict[str, Any]
_NEEDS = ("cable", "paragraph", "reference")
_WIDTH = 80
"""Columns of a telegram in a file or pipe; on a terminal it takes what there is."""


def _rows(con: duckdb.DuckDBPyConnection, sql: str, mrn: str) -> list[Row]:
    columns, rows = fetch(con, sql, [mrn])
    return [dict(zip(columns, row, strict=True)) for row in rows]


def show(mrn: str, warehouse: Path | None) -> int:
    """Print a telegram; exit code 1 when the warehouse does not hold it."""
    try:
        with closing(connect(warehouse, needs=_NEEDS)) as con:
            found = _find(con, mrn)
            if found is None:
                _not_held(con, mrn)
                return 1
            references = _rows(
                con, 'FROM "reference" WHERE mrn = ? ORDER BY position', found["mrn"]
            )
            paragraphs = _rows(con, "FROM paragraph WHERE mrn = ? ORDER BY position", found["mrn"])
    except PROBLEMS as problem:
        return explain(problem, warehouse)
    page = _page(
        _visible(found),
        [_visible(reference) for reference in references],
        [
            {**_visible(each), "text": visible(each["text"] or "", keep="\n\t")}
            for each in paragraphs
        ],
    )
    print_page(*page, width=_WIDTH)
    place = "#".join(part for part in (found["uri"], found["member"]) if part)
    console().print(Text(visible(place), style="dim"), soft_wrap=True)  # whole, to copy it
    return 0


def _visible(value: Any) -> Any:
    """Give a row, and what is in it, without control characters."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {name: _visible(item) for name, item in value.items()}
    return [_visible(item) for item in value] if isinstance(value, list) else value


def _find(con: duckdb.DuckDBPyConnection, mrn: str) -> Row | None:
    """Find the telegram by the id as typed, else by its canonical form."""
    select = "FROM cable WHERE mrn = upper(?)"
    held = _rows(con, select, "".join(mrn.split()))
    if not held:
        from etl.conform.mrn import canonical_mrn

        canonical = canonical_mrn(mrn)
        held = _rows(con, select, canonical.text) if canonical else []
    return held[0] if held else None


def _not_held(con: duckdb.DuckDBPyConnection, mrn: str) -> None:
    """Say that the telegram is not held, and which ids come near."""
    _, near = fetch(
        con,
        "SELECT mrn FROM cable WHERE jaro_winkler_similarity(mrn, upper($1)) > 0.85 "
        "ORDER BY jaro_winkler_similarity(mrn, upper($1)) DESC, mrn LIMIT 3",
        [mrn],
    )
    hint = f"; held: {', '.join(row[0] for row in near)}" if near else ""
    error(f"the warehouse does not hold {mrn}{hint}")


def _page(cable: Row, references: list[Row], paragraphs: list[Row]) -> Iterator[RenderableType]:
    """Yield the telegram from its marking down to where it lies."""
    marking = " // ".join([cable["classification"] or "", *(cable["caveats"] or [])])
    yield Text.assemble((cable["mrn"], "bold"), "  ", marking)
    yield Text(cable["subject"] or "(no subject)", style="bold")
    yield ""
    block = Table.grid(padding=(0, 2))
    block.add_column(style="dim", no_wrap=True)
    block.add_column(overflow="fold")
    for name, value in _header(cable, references):
        if value:
            block.add_row(name, Text(value))
    yield block
    section = None
    for paragraph in paragraphs:
        yield ""
        if paragraph["section"] != section:
            section = paragraph["section"]
            if section:
                yield Text(section, style="underline")
                yield ""
        yield from _paragraph(paragraph)
    yield ""
    if cable["signers"]:
        yield Text(", ".join(cable["signers"]))
    if cable["is_partial_extract"]:
        yield Text("The source says that it holds only a part of this telegram.", style="dim")


def _header(cable: Row, references: list[Row]) -> Iterator[tuple[str, str]]:
    """Yield the lines of the header block: name and value, only what the telegram says."""
    sent = cable["sent_at"]
    yield "sent", f"{sent:%Y-%m-%d %H:%M} UTC" if sent else ""
    yield "from", _joined(cable["post_name"], cable["country_name"])
    yield "to", _addressees(cable["action_addressees"])
    yield "info", _addressees(cable["info_addressees"])
    yield "precedence", cable["precedence"] or ""
    yield "transmission", cable["transmission_id"] or ""
    day = cable["declassify_on"]
    yield "E.O.", _joined(cable["executive_order"], f"declassify on {day}" if day else "")
    yield "tags", " ".join(cable["tags"] or [])
    yield "references", "\n".join(_reference(reference) for reference in references)
    yield "classified by", _joined(cable["classified_by"], cable["classified_by_title"])
    yield "reasons", " ".join(cable["reasons"] or [])


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _reference(reference: Row) -> str:
    letter = f"{reference['letter']}. " if reference["letter"] else ""
    words = reference["referenced_mrn"] or reference["raw_text"]
    return f"{letter}{words}{' (held)' if reference['is_held'] else ''}"


def _addressees(addressees: list[Row] | None) -> str:
    """Give one addressee a line, with what is printed behind the name."""
    return "\n".join(
        " ".join(
            part
            for part in (
                addressee["name"],
                addressee["message_continuity_number"],
                f"({addressee['precedence']})" if addressee["precedence"] else None,
            )
            if part
        )
        for addressee in addressees or []
    )


def _paragraph(paragraph: Row) -> Iterator[RenderableType]:
    number = f"{paragraph['number']}." if paragraph["number"] is not None else ""
    marking = f"({paragraph['portion_marking']})" if paragraph["portion_marking"] else ""
    kind = f"[{paragraph['kind']}]" if paragraph["kind"] not in (None, "body") else ""
    head = " ".join(part for part in (number, marking, kind) if part)
    if head:
        yield Text(head, style="bold")
    yield Padding(Text(paragraph["text"]), (0, 0, 0, 2))
