"""Draw docs/star-schema.svg from the contracts: `python docs/star_schema.py`.

The tables' places are chosen by hand; names, grains and columns come from `etl.contracts.tables`,
and a test fails when the picture is not what this would draw today.
"""

import inspect
import sys
from html import escape
from pathlib import Path

from etl.contracts.tables import DERIVED, TABLES

SCHEMAS = TABLES | DERIVED
NOT_DRAWN = {
    "cable_list",  # what the bridges say once more, as lists
    "cable_sketch",  # for the job's own use
}
TARGET = Path(__file__).with_name("star-schema.svg")

# Columns of the picture, from left to right: each table with the columns that it names.
PLACES: list[list[tuple[str, list[str]]]] = [
    [
        ("dim_date", ["date_key", "date", "president"]),
        ("dim_post", ["post_key", "post_code", "country_name", "latitude"]),
        ("dim_classification", ["classification_key", "level", "level_rank"]),
        ("dim_document", ["document_key", "uri", "member", "sha256", "dialect"]),
        ("fact_ingest", ["run_id", "document_key", "outcome", "reason"]),
        ("cable_version", ["document_key", "cable_key", "version_rank", "relation", "adds"]),
        ("version_paragraph", ["document_key", "position", "difference", "text"]),
        ("quality_fill_rate", ["dialect", "decade", "field", "cable_count", "fill_rate"]),
    ],
    [
        (
            "fact_cable",
            [
                "cable_key",
                "mrn",
                "sent_at",
                "sent_date_key",
                "origin_post_key",
                "classification_key",
                "declassify_date_key",
                "document_key",
                "precedence",
                "subject",
                "summary",
                "word_count",
            ],
        ),
        (
            "fact_paragraph",
            [
                "cable_key",
                "position",
                "classification_key",
                "portion_marking",
                "portion_caveats",
                "kind",
                "text",
                "redactions",
            ],
        ),
        (
            "fact_reference",
            [
                "cable_key",
                "position",
                "kind",
                "referenced_mrn",
                "referenced_post_key",
                "referenced_cable_key",
            ],
        ),
        ("cable_review", ["cable_key", "position", "field", "raw_text", "reason"]),
        ("cable_filled", ["cable_key", "subject", "tags", "summary"]),
    ],
    [
        ("fact_addressee", ["cable_key", "position", "role", "addressee_key"]),
        ("bridge_cable_tag", ["cable_key", "tag_key", "position"]),
        ("bridge_cable_caveat", ["cable_key", "caveat_key"]),
        ("bridge_cable_reason", ["cable_key", "reason_key"]),
        ("bridge_cable_person", ["cable_key", "person_key", "role", "title"]),
        (
            "fact_field_agreement",
            ["cable_key", "field", "body_value", "attribute_value", "agreement"],
        ),
        ("cable_attribute", ["cable_key", "position", "name", "value"]),
    ],
    [
        ("dim_addressee", ["addressee_key", "name", "routing_indicator", "post_key"]),
        ("dim_tag", ["tag_key", "tag", "tag_kind", "tag_name"]),
        ("dim_caveat", ["caveat_key", "caveat", "meaning"]),
        ("dim_reason", ["reason_key", "executive_order", "reason"]),
        ("dim_person", ["person_key", "full_name", "surname"]),
        ("near_duplicate", ["cable_key", "first_cable_key", "similarity"]),
    ],
]
# (table, key, table it leads to): drawn as lines; the other foreign keys are only named.
LINES = [
    ("fact_cable", "sent_date_key", "dim_date"),
    ("fact_cable", "origin_post_key", "dim_post"),
    ("fact_cable", "classification_key", "dim_classification"),
    ("fact_cable", "document_key", "dim_document"),
    ("fact_ingest", "document_key", "dim_document"),
    ("fact_paragraph", "cable_key", "fact_cable"),
    ("fact_reference", "cable_key", "fact_cable"),
    ("fact_addressee", "cable_key", "fact_cable"),
    ("bridge_cable_tag", "cable_key", "fact_cable"),
    ("bridge_cable_caveat", "cable_key", "fact_cable"),
    ("bridge_cable_reason", "cable_key", "fact_cable"),
    ("bridge_cable_person", "cable_key", "fact_cable"),
    ("fact_field_agreement", "cable_key", "fact_cable"),
    ("cable_attribute", "cable_key", "fact_cable"),
    ("cable_review", "cable_key", "fact_cable"),
    ("cable_filled", "cable_key", "fact_cable"),
    ("quality_fill_rate", "field", "cable_filled"),
    ("cable_version", "document_key", "dim_document"),
    ("version_paragraph", "document_key", "cable_version"),
    ("fact_addressee", "addressee_key", "dim_addressee"),
    ("bridge_cable_tag", "tag_key", "dim_tag"),
    ("bridge_cable_caveat", "caveat_key", "dim_caveat"),
    ("bridge_cable_reason", "reason_key", "dim_reason"),
    ("bridge_cable_person", "person_key", "dim_person"),
]
BESIDE = "#6b4c7d"
COLOURS = {
    "fact": "#1f5f8b",
    "bridge": "#7a5c1e",
    "dim": "#3c6e47",
    "cable": BESIDE,
    "quality": BESIDE,
    "version": BESIDE,
    "near": BESIDE,
}
LEFT, TOP, WIDTH, GAP_X, GAP_Y, ROW, HEAD = 34, 66, 206, 66, 22, 17, 40


def _grain(table: str) -> str:
    """Give the first line of the contract's docstring, cut to what fits under the name."""
    line = (inspect.getdoc(SCHEMAS[table]) or "").partition("\n")[0].rstrip(".")
    line = line.removeprefix("One row per ").partition(":")[0]
    return f"one {line}" if len(line) <= 32 else f"one {line[:31].rsplit(' ', 1)[0]} …"


def _layout() -> dict[str, tuple[int, int, int, list[str]]]:
    """Give x, y, height and named columns of each table."""
    boxes = {}
    for place, column in enumerate(PLACES):
        y = TOP
        for table, names in column:
            height = HEAD + ROW * len(names) + 8
            boxes[table] = (LEFT + place * (WIDTH + GAP_X), y, height, names)
            y += height + GAP_Y
    return boxes


def draw() -> str:
    """Give the picture as SVG."""
    boxes = _layout()
    if forgotten := set(SCHEMAS) - set(boxes) - NOT_DRAWN:
        raise ValueError(f"no place is chosen for {', '.join(sorted(forgotten))}")
    width = LEFT + 20 + len(PLACES) * WIDTH + (len(PLACES) - 1) * GAP_X
    height = max(y + tall for _, y, tall, _ in boxes.values()) + 20
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="Helvetica, Arial, sans-serif">',
        "<title>Star schema of the cable warehouse</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="30" font-size="18" font-weight="bold" fill="#222">'
        "Cable Warehouse: the star</text>",
        f'<text x="{LEFT}" y="50" font-size="12" fill="#555">fact_: one row per event · dim_: one '
        "row per member, -1 is Unknown · bridge_: many to many · violet: beside the star, of the "
        "archive's attributes, of versions and quality · main columns only</text>",
    ]
    out += [_line(boxes, *line) for line in LINES]
    for table, (x, y, tall, names) in boxes.items():
        out += _box(table, x, y, tall, names)
    return "\n".join([*out, "</svg>", ""])


def _line(
    boxes: dict[str, tuple[int, int, int, list[str]]], table: str, key: str, target: str
) -> str:
    """Draw from a key to the table it leads to, around the boxes where they share a column."""
    x, y, _, names = boxes[table]
    to_x, to_y, _, _ = boxes[target]
    y += HEAD + ROW * names.index(key) + 9
    to_y += HEAD + 9
    style = 'fill="none" stroke="#8a8f98" stroke-width="1.3"'
    if x == to_x:
        left = x - 18
        return f'<path d="M{x} {y} H{left} V{to_y} H{to_x}" {style}/>'
    start, end = (x + WIDTH, to_x) if x < to_x else (x, to_x + WIDTH)
    middle = (start + end) // 2
    return f'<path d="M{start} {y} C{middle} {y} {middle} {to_y} {end} {to_y}" {style}/>'


def _box(table: str, x: int, y: int, tall: int, names: list[str]) -> list[str]:
    colour = COLOURS[table.partition("_")[0]]
    missing = set(names) - set(SCHEMAS[table].columns())
    if missing:
        raise ValueError(f"{table} has no {', '.join(sorted(missing))}")
    out = [
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{tall}" rx="5" fill="#fff" '
        f'stroke="{colour}" stroke-width="1.4"/>',
        f'<path d="M{x} {y + HEAD - 4} v-{HEAD - 9} q0 -5 5 -5 h{WIDTH - 10} q5 0 5 5 '
        f'v{HEAD - 9} z" fill="{colour}"/>',
        f'<text x="{x + 9}" y="{y + 16}" font-size="13" font-weight="bold" fill="#fff">'
        f"{table}</text>",
        f'<text x="{x + 9}" y="{y + 30}" font-size="10" fill="#fff">{escape(_grain(table))}</text>',
    ]
    for place, name in enumerate(names):
        weight = ' font-weight="bold"' if name.endswith("_key") else ""
        out.append(
            f'<text x="{x + 9}" y="{y + HEAD + ROW * place + 13}" font-size="12" fill="#222"'
            f"{weight}>{name}</text>"
        )
    return out


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
