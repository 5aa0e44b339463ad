"""What the commands print: rows as a table, CSV or JSON; messages on standard error.

Not here: where the rows come from.
"""

import csv
import datetime as dt
import decimal
import json
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

MAX_TABLE_ROWS = 200
"""Rows of a table for a terminal; more are for `--format csv`, which prints all."""


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


def console(*, stderr: bool = False) -> "Console":
    """Give the console for standard output or standard error."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def print_page(*renderables: "RenderableType", width: int | None = None) -> None:
    """Print on standard output.

    On a terminal lines are as long as it is wide. Into a file or pipe they are `width` long, by
    default as long as need be, so that no value is cut or folded; and nothing ends in blanks.
    """
    from rich.console import Group

    page, out = Group(*renderables), console()
    if out.is_terminal:
        out.print(page)
        return
    if width is None:
        width = out.measure(page, options=out.options.update(max_width=100_000)).maximum
    out.width = max(width, 1)
    with out.capture() as captured:
        out.print(page)
    lines = captured.get().splitlines()
    sys.stdout.write("\n".join(line.rstrip() for line in lines) + "\n")


def error(message: str) -> None:
    """Print one message for the person on standard error."""
    from rich.markup import escape

    console(stderr=True).print(f"[bold red]cables:[/] {escape(message)}", soft_wrap=True)


def text(value: Any) -> str:
    """Give a value of a row as text: null is empty, lists and structs are in brackets."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _plain(value: Any) -> Any:
    """Give what `json` cannot write itself."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def print_rows(
    columns: Sequence[str], rows: Sequence[tuple[Any, ...]], output_format: Format
) -> None:
    """Print rows on standard output.

    `csv` and `json` print every row (JSON: a list of objects, one a line); `table` at most
    `MAX_TABLE_ROWS`, and says how many it left out.
    """
    if output_format is Format.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([text(value) for value in row] for row in rows)
    elif output_format is Format.json:
        lines = (
            json.dumps(dict(zip(columns, row, strict=True)), default=_plain, ensure_ascii=False)
            for row in rows
        )
        sys.stdout.write("[" + ",\n ".join(lines) + "]\n")
    else:
        _print_table(columns, rows)


def _print_table(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    from rich.markup import escape

    shown = rows[:MAX_TABLE_ROWS]
    print_page(
        table(
            columns,
            ([escape(text(value)) for value in row] for row in shown),
            right=[_all_numbers(shown, place) for place in range(len(columns))],
        )
    )
    if len(rows) > len(shown):
        left_out = len(rows) - len(shown)
        console(stderr=True).print(f"… and {left_out:,} more rows (--format csv prints all)")


def _all_numbers(rows: Sequence[tuple[Any, ...]], place: int) -> bool:
    values = [row[place] for row in rows if row[place] is not None]
    return bool(values) and all(
        isinstance(value, int | float | decimal.Decimal) and not isinstance(value, bool)
        for value in values
    )


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[bool] = ()
) -> "RenderableType":
    """Make a table with a line under the column names; `right` says which columns hold numbers."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for place, name in enumerate(columns):
        is_right = place < len(right) and right[place]
        made.add_column(name, justify="right" if is_right else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made
