"""What the commands print: rows as a table, CSV or JSON; messages on standard error.

Whoever wrote a document chose its words and its file's name: what a person reads on a terminal has
no control characters in it (`visible`). CSV and JSON are for programs and exact.

Not here: where the rows come from.
"""

import csv
import datetime as dt
import decimal
import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

MAX_TABLE_ROWS = 200
"""Rows of a table for a terminal; more are for `--format csv`, which prints all."""

# Controls, what is invisible or turns the direction of text around, and bytes that are no UTF-8.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


def console(*, stderr: bool = False) -> "Console":
    """Give the console for standard output or standard error."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False, emoji=False)


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
    from rich.text import Text

    words = visible(message, keep="\n")
    console(stderr=True).print(Text.assemble(("cables:", "bold red"), " ", words), soft_wrap=True)


def visible(words: str, *, keep: str = "") -> str:
    r"""Give text that does nothing to a terminal: `\x1b` for an escape, `\n` for a newline.

    Characters in `keep` stay as they are.
    """
    return _INVISIBLE.sub(lambda match: match[0] if match[0] in keep else _written(match[0]), words)


def _written(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # how Python spells a byte that is no UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


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
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def plain(value: Any) -> Any:
    """Give a value as JSON has it.

    Infinity and NaN, which JSON does not have, are null; dates and times are in ISO 8601; a decimal
    is a number where a double holds it exactly, else its digits as text; bytes are hexadecimal.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        if value == value.to_integral_value():
            return int(value)
        return float(value) if decimal.Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, dict):
        return {text(plain(name)): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return text(value)


def _names(columns: Sequence[str]) -> list[str]:
    """Give each column a name of its own, in the way of DuckDB: a, a_1, a_2."""
    names: list[str] = []
    for column in columns:
        name, number = column, 0
        while name in names or (number and name in columns):
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names


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
        names = _names(columns)
        lines = (
            json.dumps(
                dict(zip(names, map(plain, row), strict=True)), ensure_ascii=False, allow_nan=False
            )
            for row in rows
        )
        sys.stdout.write("[" + ",\n ".join(lines) + "]\n")
    else:
        _print_table(columns, rows)


def _print_table(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    shown = rows[:MAX_TABLE_ROWS]
    print_page(
        table(
            [visible(column) for column in columns],
            ([visible(text(value)) for value in row] for row in shown),
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
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for place, name in enumerate(columns):
        is_right = place < len(right) and right[place]
        made.add_column(Text(name), justify="right" if is_right else "left", overflow="fold")
    for row in rows:
        made.add_row(*map(Text, row))  # a plain string would be read as Rich's markup
    return made
