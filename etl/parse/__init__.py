"""Documents → what they say: pure Polars, a function of one batch of documents.

Read the modules in this order: `patterns` (what a line looks like), `lines` (cut and mark),
`starts` (where paragraphs begin, by their `numbers`), `repeats`, `labels` and `fields` (of the
opening, by `label_patterns`), `wraps`, `layout` and `endings` (the text), `reading` (all of these,
put together), then what takes fields out: `heading`, `marking`, `opening`, `orders`, `references`
(with `lettered`, `cited`), `paragraphs` (with `hyphens`, `kinds`), `people` (with `names`),
`attributes`; and `telegram`, which makes the frames of a batch of them. `text` holds small tools of
all.

Not here: Dagster, DuckDB, files (a lint rule bans the imports).
"""

from etl.parse.telegram import PARSER_VERSION, parse

__all__ = ["PARSER_VERSION", "parse"]
