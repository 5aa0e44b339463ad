"""Cable Warehouse: U.S. diplomatic telegrams in, a DuckDB star schema out.

Follow one telegram through the house by opening the files in this order:

1. `etl.extract`    raw files, containers and dialects → one frame of documents
2. `etl.parse`      documents → lines with one kind each → header, TAGS, references, paragraphs …
3. `etl.conform`    spellings → canonical posts, MRNs, TAGS, people (tables in `seeds/reference`)
4. `etl.sections`, `etl.star`   sections put together; which document a telegram is loaded from;
   parsed frames of all documents → dimensions, facts, bridges
5. `etl.contracts`  what each frame and table holds: the one source for types and descriptions;
   `lineage` there says which column is made from which
6. `etl.intake`, `etl.published`, `etl.parts`, `etl.store`, `etl.files`   what is new, what is
   published, what is kept beside it, each file whole or not at all; `etl.compaction` puts the
   small parts of many nights together
7. `etl.parsing`, `etl.parallel`   what is new is parsed, some batches at once, others still read;
   `etl.foresight` has few files read and parsed before the run comes to them, `etl.imports` keeps
   what nobody needs from being loaded
8. `etl.increment`  which telegrams a run changes: only their rows are written anew
9. `etl.publish`    star → staged DuckDB file → checks → swap; readers never wait; before the checks
   `etl.derived` makes what comes out of the star, views and lists, and `etl.near_duplicates` finds
   telegrams that say nearly the same
10. `etl.invariants`, `etl.fill_rates`   those checks: what must hold, and no field read less often
11. `etl.assets`, `etl.checks`, `etl.definitions`   the same walk as a Dagster graph
12. `etl.cli`, `etl.runs`   the same graph for a terminal: `cables ingest`, `cables query` …
13. `etl.event_log`, `etl.run_records` what Dagster remembers of its runs
14. `etl.restrict`  out of the warehouse a file for an audience that may not have all of it
"""
