"""Cable Warehouse: U.S. diplomatic telegrams in, a DuckDB star schema out.

Follow one telegram through the house by opening the files in this order:

1. `etl.extract`    raw files, containers and dialects → one frame of documents
2. `etl.parse`      documents → lines with one kind each → header, TAGS, references, paragraphs …
3. `etl.conform`    spellings → canonical posts, MRNs, TAGS, people (tables in `seeds/reference`)
4. `etl.star`       parsed frames of all documents → dimensions, facts, bridges
5. `etl.contracts`  what each frame and table holds: the one source for types and descriptions
6. `etl.store`      what a warehouse keeps beside its published file, and the lock
7. `etl.publish`    star → staged DuckDB file → checks → swap; readers never wait
8. `etl.assets`, `etl.checks`, `etl.definitions`   the same walk as a Dagster graph
9. `etl.cli`        the same graph for a terminal: `cables ingest`, `cables query` …
"""
