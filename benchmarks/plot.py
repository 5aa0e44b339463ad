"""Draw how time and memory grow with the number of telegrams, from `results.jsonl`.

    python -m benchmarks.plot [--results FILE] [--out FILE]

Both axes are logarithmic, so growth with N to the power of b is a straight line; b, fitted by
least squares, stands beside it. Of several measurements of one size the newest counts. The
picture is SVG that this module writes itself: a plotting library would be the largest thing here.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.job import RESULTS

OUT = Path(__file__).with_name("growth.svg")
WIDTH, HEIGHT = 860, 432
PANEL_WIDTH, PANEL_HEIGHT, TOP = 310, 270, 74
JOB, FLOOR, MEMORY = "#1f5fa8", "#b3541e", "#3f7d3a"

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """A measured quantity: its name, colour, and (telegrams, value) points in order."""

    name: str
    colour: str
    points: Points

    @property
    def label(self) -> str:
        """Name with the exponent of its growth."""
        power = exponent(self.points)
        return self.name if power is None else f"{self.name}: N^{power:.2f}"


def load(path: Path, dialect: str = "csv") -> list[dict[str, Any]]:
    """Give the newest measurement of each size, smallest first."""
    newest: dict[int, dict[str, Any]] = {}
    for line in path.read_text("utf-8").splitlines():
        found = json.loads(line)
        size = found["telegrams"]
        if found["dialect"] == dialect and (
            size not in newest or found["date"] >= newest[size]["date"]
        ):
            newest[size] = found
    return [newest[size] for size in sorted(newest)]


def exponent(points: Points) -> float | None:
    """Fit value = a · N^b and give b; null where fewer than two sizes are known."""
    if len({size for size, _ in points}) < 2:
        return None
    logs = [(math.log(size), math.log(value)) for size, value in points]
    middle_x = sum(x for x, _ in logs) / len(logs)
    middle_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - middle_x) ** 2 for x, _ in logs)
    return sum((x - middle_x) * (y - middle_y) for x, y in logs) / spread


def draw(results: Sequence[dict[str, Any]]) -> str:
    """Give the picture: time on the left, memory on the right."""
    times = [Line("main job", JOB, _points(results, "job_seconds"))]
    floor = _points(results, "floor_seconds")
    if floor:
        times.append(Line("floor (DuckDB alone)", FLOOR, floor))
    memory = [Line("main job", MEMORY, _points(results, "peak_megabytes"))]
    last = results[-1]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            _text(WIDTH / 2, 24, "Growth with the number of telegrams", size=16, anchor="middle"),
            _text(
                WIDTH / 2, 44,
                f"{last['machine']}; newest of {last['date'][:10]}, commit {last['commit']}",
                anchor="middle", colour="#555",
            ),
            *_panel(80, "Time, seconds", times),
            *_panel(80 + PANEL_WIDTH + 110, "Peak memory, MB", memory),
            "</svg>",
            "",
        ]
    )  # fmt: skip


def _points(results: Sequence[dict[str, Any]], key: str) -> Points:
    return [(float(found["telegrams"]), float(found[key])) for found in results if found.get(key)]


def _panel(left: float, title: str, lines: Sequence[Line]) -> list[str]:
    sizes = [size for line in lines for size, _ in line.points]
    values = [value for line in lines for _, value in line.points]
    columns, rows = _ticks(min(sizes), max(sizes)), _ticks(min(values), max(values))
    bottom = TOP + PANEL_HEIGHT

    def x(size: float) -> float:
        return left + PANEL_WIDTH * _share(size, columns)

    def y(value: float) -> float:
        return bottom - PANEL_HEIGHT * _share(value, rows)

    def side(size: float) -> str:
        """Keep the figures of the first and last point inside the panel."""
        share = _share(size, columns)
        return "start" if share < 0.1 else "end" if share > 0.9 else "middle"

    drawn = [_text(left, TOP - 10, title, size=13)]
    for tick in columns:
        drawn += [
            _rule(x(tick), TOP, x(tick), bottom),
            _text(x(tick), bottom + 18, _short(tick), anchor="middle", colour="#555"),
        ]
    for tick in rows:
        drawn += [
            _rule(left, y(tick), left + PANEL_WIDTH, y(tick)),
            _text(left - 8, y(tick) + 4, _short(tick), anchor="end", colour="#555"),
        ]
    drawn.append(_text(left + PANEL_WIDTH / 2, bottom + 38, "telegrams", anchor="middle"))
    for number, line in enumerate(lines):
        corners = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in line.points)
        drawn.append(
            f'<polyline points="{corners}" fill="none" stroke="{line.colour}" stroke-width="2"/>'
        )
        drawn += [
            f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3.5" fill="{line.colour}"/>'
            + _text(x(size), y(value) - 8, f"{value:,.4g}", anchor=side(size), colour=line.colour)
            for size, value in line.points
        ]
        drawn.append(_text(left, bottom + 58 + 16 * number, line.label, colour=line.colour))
    return drawn


def _ticks(least: float, most: float) -> list[float]:
    """Give round numbers (1, 2, 5 and their tenfolds) from below the least to above the most."""
    steps = [m * 10.0**e for e in range(-4, 13) for m in (1, 2, 5)]
    below = max(step for step in steps if step <= least)
    above = min(step for step in steps if step >= most and step > below)
    found = [step for step in steps if below <= step <= above]
    if len(found) < 10:
        return found
    tens = [step for step in found if math.isclose(math.log10(step) % 1, 0, abs_tol=1e-9)]
    return sorted({below, *tens, above})


def _share(value: float, ticks: Sequence[float]) -> float:
    return (math.log(value) - math.log(ticks[0])) / (math.log(ticks[-1]) - math.log(ticks[0]))


def _short(number: float) -> str:
    return f"{number / 1000:g}k" if number >= 1000 else f"{number:g}"


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(
    x: float, y: float, words: str, *, size: int = 12, anchor: str = "start", colour: str = "#111"
) -> str:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{colour}">{escaped}</text>'
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the picture; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.plot", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="measurements (JSON lines)")
    parser.add_argument("--out", type=Path, default=OUT, help="picture to write")
    given = parser.parse_args(arguments)
    results = load(given.results) if given.results.exists() else []
    if not results:
        print(f"{given.results} holds no measurement of a CSV", file=sys.stderr)
        return 1
    given.out.write_text(draw(results), encoding="utf-8")
    print(f"{len(results)} sizes: {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
