"""Which telegrams a run changes, so that only their rows are written.

A nightly drop changes few telegrams. Its stage then begins as a copy of the published file, and
the tables that hold rows per telegram (`etl.star.PER_CABLE`) get only the rows of those: what they
say of a telegram depends on its document alone; so do those with rows per version of a telegram
(`etl.star.PER_VERSION`), which depend on all its documents. Dimensions are small and built anew,
and written where that changes them, as is `fact_reference`, whose rows change when a telegram
arrives that they point to. `fact_ingest` gets the rows of the run.

The result is that of building everything; a property test holds one against the other. So
everything is built where that is in doubt: no published file, another version of the code or the
reference tables, or so many changes that writing everything is faster.

    find_versions(store, run, parse)             the run's VersionIndex
    begin(store, run, found)                     after it, `store.changed(run)` says what changes
    dimensions.begin(store, run)
    with open_stage(store.stage(run)) as connection:
        for table in TABLES:
            build(store, run, table, connection, dimensions)
        finish(store, run, connection)

Not here: which documents are new (`etl.intake`), what the tables hold (`etl.star`).
"""

import logging
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from typing import NamedTuple

import duckdb
import polars as pl

from etl import derived, star
from etl.conform import reference
from etl.contracts.documents import VersionIndex
from etl.contracts.tables import TABLES
from etl.files import digest_of, make_file, sync_soon
from etl.paths import REPOSITORY
from etl.publish import Connection, append, attached, create_table, remove, write_table
from etl.published import Arrow, NotAWarehouse
from etl.sections import Parse, assemble
from etl.star.versions import number_of, numbers, version_index
from etl.store import GROUP_DOCUMENTS, StateLost, Store

_log = logging.getLogger(__name__)

HISTORY = "fact_ingest"
"""The table to which each run adds its rows; those of earlier runs are never read, only copied."""

MOST_CHANGED = 0.2
"""Share of telegrams above which all rows are written: replaced rows leave holes in the file."""


@cache
def build_version() -> str:
    """Name everything but the documents that decides what the published file holds."""
    files = [
        *sorted((REPOSITORY / "etl").rglob("*.py")),
        *sorted((REPOSITORY / "warehouse").glob("*/*.sql")),
        *sorted((REPOSITORY / "seeds" / "reference").glob("*.csv")),
    ]
    return f"{digest_of(files)}-duckdb-{duckdb.__version__}"


class Incomplete(RuntimeError):
    """More has changed than the run, which was started for some assets only, is to make."""


def is_same_build(store: Store) -> bool:
    """Whether this code and these tables have made the published file."""
    return store.build() == _build(store)


def _build(store: Store) -> str:
    return f"{build_version()}-{store.parser_version}"


class Found(NamedTuple):
    """The telegram of each readable document."""

    versions: pl.DataFrame
    """The run's VersionIndex."""
    is_as_it_was: bool
    """No document is new, has changed or gone since the published file was made."""


def find_versions(store: Store, run_id: str, parse: Parse) -> Found:
    """Find the telegram of each readable document, kept for later steps.

    Sections that were saved apart are put together first, and `parse` reads the whole. Documents
    are compared within their number only, so those of numbers that no new, changed or removed
    document has keep what the published file was made from; where there are none, all do.
    """
    index = store.index(run_id).filter(
        pl.col("part").is_not_null(), pl.col("reject_reason").is_null()
    )
    # A part never changes, so whatever else is known of its documents does not either.
    identity = ["document_key", "part", "modified_at"]
    now = index.select(identity)
    known = store.known_versions() if is_same_build(store) else store.known_versions().clear()
    new = now.join(known, on=identity, how="anti", nulls_equal=True).select("document_key")
    gone = known.join(now, on=identity, how="anti", nulls_equal=True)
    if new.is_empty() and gone.is_empty() and not known.is_empty():
        store.drop_assembled(run_id)
        return _keep(store, run_id, Found(known.select(VersionIndex.column_names()), True), known)
    sections = assemble(store, run_id, parse)
    known = known.with_columns(number_of(pl.col("mrn")).alias("number"))
    stay = known.clear()
    if new.height <= MOST_CHANGED * now.height:
        added = numbers(partial(store.scan, run_id, documents=new), index)
        touched = pl.concat([gone.select(number_of(pl.col("mrn"))).to_series(), added]).unique()
        stay = known.join(now, on=identity, how="semi", nulls_equal=True)
        stay = stay.filter(~pl.col("number").is_in(touched.implode()))
    rest = index.join(stay, on="document_key", how="anti")
    versions = stay.select(VersionIndex.column_names())
    if not rest.is_empty():
        frame = partial(store.scan, run_id, documents=rest.select("document_key"))
        versions = pl.concat([versions, version_index(frame, rest, sections)]).sort("document_key")
    versions = VersionIndex.validate(versions)
    return _keep(store, run_id, Found(versions, False), versions.join(now, on="document_key"))


def _keep(store: Store, run_id: str, found: Found, known: pl.DataFrame) -> Found:
    """Keep the versions for later steps, and for the next run; give what was found."""
    store.write_frame(run_id, "version_index", found.versions)
    store.write_frame(run_id, "known_versions", known)
    return found


def begin(store: Store, run_id: str, found: Found) -> pl.DataFrame | None:
    """Decide what the run writes, note it, and begin its stage.

    `found` is what `find_versions` has found. Gives `cable_key` and `document_key` of each telegram
    whose rows change (document null: it goes), and the stage is a copy of the published file. Gives
    None where everything is built, into an empty stage.
    """
    stage = store.stage(run_id)
    stage.unlink(missing_ok=True)
    changes = _changes(store, run_id, found) if is_same_build(store) else None
    store.note_build(run_id, _build(store))
    current = store.current()
    if changes is None or current is None:
        store.drop_frame(run_id, "changed")
        return None
    shutil.copyfile(current, make_file(stage))
    # Else the first checkpoint waits until the whole copy is on the disk.
    sync_soon(stage)
    changed, changed_versions = changes
    store.write_frame(run_id, "changed_versions", changed_versions)
    store.write_frame(run_id, "changed", changed)
    return changed


def _changes(store: Store, run_id: str, found: Found) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Hold documents and their telegrams now against those that the published file was made from.

    Gives the telegrams that are loaded from other documents than before, and those of which any
    document has changed: a poorer copy changes `cable_version` and nothing else.
    """
    versions = found.versions
    if found.is_as_it_was:
        nothing = versions.select("cable_key", "document_key").clear()
        return nothing, nothing.select("cable_key")
    try:
        known = store.known_documents()
    except (NotAWarehouse, StateLost):  # a rebuild goes on from neither
        return None
    identity = ["cable_key", "document_key", "part"]
    before = known.filter(pl.col("part").is_not_null(), pl.col("cable_key") >= 0)
    now = versions.join(
        store.index(run_id).select("document_key", "part", "modified_at"),
        on="document_key",
        how="inner",
    )

    def others(now: pl.DataFrame, before: pl.DataFrame, by: list[str]) -> pl.DataFrame:
        both = (
            now.join(before, on=by, how="anti", nulls_equal=True),
            before.join(now, on=by, how="anti", nulls_equal=True),
        )
        return pl.concat([frame.select("cable_key") for frame in both]).unique().sort("cable_key")

    # Sections that were put together are loaded from several documents: their set counts.
    loaded = before.filter(status="loaded")
    changed = others(now.filter(status="loaded"), loaded, identity)
    current = now.filter(version_rank=1).select("cable_key", "document_key")
    changed = changed.join(current, on="cable_key", how="left").sort("cable_key")
    if changed.height > MOST_CHANGED * max(loaded.height, 1):
        return None
    # Of versions that are equally full the newest counts: their files' times order them.
    several = now.filter(pl.len().over("cable_key") > 1)
    were = before.join(several, on="cable_key", how="semi")
    reordered = others(several, were, ["document_key", "modified_at"])
    return changed, pl.concat([others(now, before, identity), reordered]).unique().sort("cable_key")


class Dimensions:
    """Rows of the dimensions of a run that changes few telegrams, made while tables are written.

    They come from all documents, and most of them are as they were: to make them takes Polars
    longer than DuckDB to hold them against those that are there.
    """

    def __init__(self) -> None:
        """Begin nothing yet."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dimensions")
        self._made: dict[str, Future[pl.DataFrame]] = {}

    def begin(self, store: Store, run_id: str) -> None:
        """Begin to make those that the run will ask for, in the order of the tables."""
        changed = store.changed(run_id)
        if changed is None or changed.is_empty():
            return
        for table in TABLES:
            if table.startswith("dim_") and table not in star.PER_RUN:
                self._made[table] = self._thread.submit(_rows_of, store, run_id, table)

    def rows(self, store: Store, run_id: str, table: str) -> pl.DataFrame:
        """Give the rows of a dimension; raises what making them raised."""
        made = self._made.pop(table, None)
        return _rows_of(store, run_id, table) if made is None else made.result()

    def __enter__(self) -> "Dimensions":
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give up what has not begun."""
        self._thread.shutdown(cancel_futures=True)


def _rows_of(store: Store, run_id: str, table: str) -> pl.DataFrame:
    return _frame(store, run_id, table, None).lazy().collect()


def _frame(
    store: Store, run_id: str, table: str, documents: pl.DataFrame | None
) -> pl.DataFrame | pl.LazyFrame:
    return star.build(table, lambda name: store.frame(run_id, name, documents), reference.table)


def build(
    store: Store, run_id: str, table: str, connection: Connection, dimensions: Dimensions
) -> int:
    """Bring a table of the stage to what the run's documents say, and give its number of rows.

    `dimensions` gives those of a dimension, made already or now. Raises ContractBroken.
    """
    changed = store.changed(run_id)
    documents = None
    if changed is not None:
        if table in star.PER_VERSION:
            changed = store.changed_versions(run_id)
        if changed.is_empty() and table not in star.PER_RUN:
            return _rows(connection, table)
        if table in star.PER_CABLE:
            documents = changed.select("document_key").drop_nulls()
        if table in star.PER_VERSION:
            versions = store.versions(run_id)
            documents = versions.join(changed, on="cable_key", how="semi").select("document_key")

    frame = partial(_frame, store, run_id, table)
    if table == HISTORY:
        _begin_history(store, run_id, connection)
        append(connection, table, frame(None))
        return _rows(connection, table)
    if changed is not None and documents is not None:
        remove(connection, table, changed)
        append(connection, table, frame(documents))
        return _rows(connection, table)
    if changed is not None and table.startswith("dim_"):
        rows = dimensions.rows(store, run_id, table)
        if not _holds(connection, table, rows):
            write_table(connection, table, rows)
        return rows.height
    if table not in star.LARGE:
        return write_table(connection, table, frame(None))
    # Polars reads ahead of DuckDB: text by text, memory would grow with the corpus.
    create_table(connection, table)
    return sum(append(connection, table, frame(some)) for some in store.groups(run_id))


def _holds(connection: Connection, table: str, rows: pl.DataFrame) -> bool:
    """Tell whether a table of the stage has these rows in this order: most dimensions stay."""
    types = [pl.col(name).cast(c.dtype) for name, c in TABLES[table].columns().items()]
    held = pl.DataFrame(Arrow(connection.sql(f"FROM {table}")))
    return held.select(types).equals(rows.select(types))


def _begin_history(store: Store, run_id: str, connection: Connection) -> None:
    """Bring what earlier runs said of their documents into the stage, from file to file.

    There is a row for each document and run: the longest table of a warehouse that is some months
    old, and nothing of it ever changes.
    """
    if store.changed(run_id) is not None:  # it came with the copy
        connection.execute(f"DELETE FROM {HISTORY} WHERE run_id = ?", [run_id])
        return
    create_table(connection, HISTORY)
    columns = ", ".join(TABLES[HISTORY].column_names())
    with attached(connection, store.current(), "published") as is_there:
        if not is_there:
            return
        connection.register("known", Arrow(store.index(run_id).select("document_key")))
        try:
            connection.execute(
                f"INSERT INTO {HISTORY} BY NAME SELECT {columns} FROM published.{HISTORY} "
                "SEMI JOIN known USING (document_key) WHERE run_id <> ?",
                [run_id],
            )
        except duckdb.Error as problem:
            _log.warning("the history of earlier runs is lost: %s", problem)
        finally:
            connection.unregister("known")


def written(store: Store, run_id: str) -> frozenset[str] | None:
    """Give the tables that a run writes in which no telegram changes; None: it may write all."""
    changed = store.changed(run_id)
    if changed is None or not changed.is_empty() or not store.changed_versions(run_id).is_empty():
        return None
    return star.PER_RUN


def writes_little(store: Store, run_id: str) -> bool:
    """Whether memory can hold what the run writes: a few rows, or all of not too many documents."""
    if store.changed(run_id) is not None:
        return True
    return store.document_count(run_id) <= GROUP_DOCUMENTS


def finish(store: Store, run_id: str, connection: Connection) -> None:
    """Make what is derived from the star, of the telegrams that the run changes or of all."""
    changed = store.changed(run_id)
    if changed is None:
        derived.make_all(connection)
        return
    if not changed.is_empty():
        keys = changed.select("cable_key")
        with attached(connection, store.current(), "published"):
            renamed = pl.DataFrame(Arrow(connection.sql(_RENAMED)))
        derived.renew(connection, pl.concat([keys, renamed]).unique())
    derived.describe(connection)  # a table that was made anew has lost its comments


_RENAMED = """
    SELECT DISTINCT cable_key
    FROM dim_person AS now
    JOIN published.dim_person AS before USING (person_key)
    JOIN bridge_cable_person USING (person_key)
    WHERE now.surname IS DISTINCT FROM before.surname
"""
"""Telegrams that name a person whose surname another document has changed."""


def _rows(connection: Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
