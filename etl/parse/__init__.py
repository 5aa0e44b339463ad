"""Documents → what they say: pure Polars, a function of one batch of documents.

Read the modules in this order: `patterns` (what a line looks like), `lines` (cut and mark),
`starts` (where paragraphs begin, by their `numbers`), `repeats`, `labels` and `fields` (of the
opening, by `label_patterns`), `wraps`, `layout` and `endings` (the text), `reading` (all of these,
put together), then what takes fields out: `heading`, `marking`, `opening`, `orders`, `references`
(with `lettered`, `cited`), `paragraphs` (with `hyphens`, `kinds`), `people` (with `names`),
`attributes`; and `telegram`, which makes the frames of a batch of them. `text` holds small tools of
all, `version` names the rules.

Not here: Dagster, DuckDB, files (a lint rule bans the imports).
"""

from typing import TYPE_CHECKING

from etl.parse.version import PARSER_VERSION

if TYPE_CHECKING:
    from etl.parse.telegram import parse

__all__ = ["PARSER_VERSION", "parse"]


def __getattr__(name: str) -> object:
    """Load the rules when they are first asked for: most runs of a night parse nothing."""
    if name == "parse":
        from etl.parse.telegram import parse

        return parse
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
