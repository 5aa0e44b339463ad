"""The file for an audience: allowed rows into a new database, checked, put in place in one step.

Rows go from the warehouse, opened for reading, into a database file that never held anything else:
deleting from a copy would leave what was deleted in free blocks. What is needed on the way
(which rows, masked texts) is in memory, or spilt into a folder of mode 0700 that goes at the end.

Not here: what becomes of tables and columns (`etl.restrict.decisions`).
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from etl.contracts.tables import (
    TABLES,
    VIEWS,
    create_statement,
    literal,
    table_comment,
)
from etl.derived import make_all
from etl.files import FILE_MODE, Held, lock_file, make_file, remove, sync_file, sync_folder
from etl.invariants import run_invariants
from etl.publish import Connection, attached, open_stage, verify
from etl.published import RESTRICTED, is_restricted
from etl.restrict.audience import Audience, canonical_caveat
from etl.restrict.decisions import (
    DECISIONS,
    Undecided,
    insert_statement,
    masked_columns,
    undecided,
)
from etl.restrict.protection import protect, unprotected
from etl.restrict.selection import drop_uncuttable, quiet, select

_OURS = {"fact_cable", "dim_document"}


class NotWritable(ValueError):
    """The file cannot be written there; the message says why and what to do."""


class NotWhole(RuntimeError):
    """The warehouse lacks something, or what was made of it breaks an invariant."""


@dataclass(frozen=True)
class Withheld:
    """What went into the file, and what did not, in counts.

    `marks` are requests to protect a name; null where names were not asked to be masked.
    """

    telegrams: int
    telegrams_withheld: int
    telegrams_cut: int
    portions: int
    portions_withheld: int
    subjects_withheld: int
    references_unlinked: int
    marks: int | None
    telegrams_masked: int


def publish_restricted(
    warehouse: Path,
    audience: Audience,
    caveats: list[str],
    out: Path,
    *,
    beside: Path | None = None,
) -> Withheld:
    """Write what an audience may have of a warehouse into the file `out`.

    `warehouse` is the published file, links resolved, `beside` the folder of what it keeps beside
    itself. `caveats` are those to exclude, as typed.
    The file replaces only one that was made by this function. Raises NotUnderstood, NotWritable,
    NotWhole, Undecided; then `out` is as it was.
    """
    if missing := undecided():
        raise Undecided(f"nobody has decided what an audience may have of {', '.join(missing)}")
    refuse(warehouse, out, beside)
    with _workshop(out) as folder:
        stage = folder / "stage.duckdb"
        with (
            open_stage(stage) as connection,
            attached(connection, warehouse, "source") as is_there,
        ):
            if not is_there:
                raise NotWhole(f"{warehouse} is no warehouse that can be opened")
            _lacks(connection, warehouse)
            excluded = frozenset(canonical_caveat(each, _used(connection)) for each in caveats)
            audience = Audience(
                audience.max_level, excluded, audience.mask_protected, audience.unknown_level
            )
            counts = _write(connection, audience)
        # Only now, when nothing but the new file is open: what is derived is derived from it.
        with open_stage(stage) as connection:
            make_all(connection)
            _sign(connection, audience)
        with open_stage(stage, read_only=True) as connection:
            if failures := run_invariants(connection):
                raise NotWhole(f"the file would not be right, nothing was written: {failures[0]}")
        verify(stage)
        # As an empty file is made with the umask of the day, so is this one.
        stage.chmod(make_file(folder / "mode").stat().st_mode & FILE_MODE)
        sync_file(stage)
        refuse(warehouse, out, beside)
        stage.replace(out)
        sync_folder(out.parent)
    return counts


def refuse(warehouse: Path, out: Path, beside: Path | None = None) -> None:
    """Raise NotWritable where the file must not be written.

    That is the warehouse, what it keeps beside itself, and any file that was not made here.
    """
    folder = out.parent.resolve()
    if not folder.is_dir():
        raise NotWritable(f"there is no folder {out.parent}")
    if warehouse.exists() and out.exists() and out.samefile(warehouse):
        raise NotWritable(f"{out} is the warehouse itself; give another path")
    if beside is not None and beside.resolve() in (folder, *folder.parents):
        raise NotWritable(f"{folder} is the warehouse's own folder; give another path")
    if out.is_dir():
        raise NotWritable(f"{out} is a folder; give the path of a file")
    if out.is_symlink():
        raise NotWritable(f"{out} is a link and is left alone; remove it, or give another path")
    if out.exists() and not _is_ours(out):
        raise NotWritable(
            f"{out} was not made by cables publish and is left alone; "
            "remove it, or give another path"
        )
    if out.with_name(f"{out.name}.wal").exists():
        raise NotWritable(f"{out}.wal lies there, which a reader would add to the file; remove it")


def _is_ours(path: Path) -> bool:
    try:
        with duckdb.connect(path, read_only=True) as connection:
            return is_restricted(connection)
    except duckdb.Error:
        return False


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    """Give a folder beside the file, for the owner only; remove those of dead commands."""
    prefix, suffix = f".{out.name}.", ".publishing"
    for left in out.parent.glob(f"{_escaped(prefix)}*{suffix}"):
        with suppress(Held, OSError), lock_file(left / "lock"):
            remove(left)
    folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=out.parent))
    try:
        with lock_file(folder / "lock"):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _lacks(connection: Connection, warehouse: Path) -> None:
    """Raise NotWhole where the warehouse lacks a table or column that there is today."""
    held = {
        f"{table}.{column}"
        for table, column in connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'source'"
        ).fetchall()
    }
    wanted = {
        f"{table}.{name}" for table, schema in TABLES.items() for name in schema.column_names()
    }
    if lacks := sorted(wanted - held):
        made, hint = "was made by another version of cables", "; load into it once more"
        if not {name.partition(".")[0] for name in held} >= _OURS:
            made, hint = "is a database that cables did not make", ""
        raise NotWhole(f"{warehouse} {made}: it has no {', '.join(lacks[:3])}{hint}")


def _used(connection: Connection) -> set[str]:
    """Give the caveats that telegrams and portions of the warehouse have."""
    rows = connection.execute(
        "SELECT caveat FROM source.dim_caveat UNION "
        "SELECT unnest(portion_caveats) FROM source.fact_paragraph"
    ).fetchall()
    return {str(row[0]) for row in rows}


def _write(connection: Connection, audience: Audience) -> Withheld:
    """Write all tables of the star; give the counts."""
    select(connection, audience)
    marks = None
    if audience.mask_protected:
        marks = protect(connection, masked_columns())
    else:
        unprotected(connection)
    drop_uncuttable(connection)
    quiet(connection)
    limited = str(audience.is_limited).lower()
    connection.execute(f"CREATE TEMP MACRO is_limited() AS {limited}")
    for table in TABLES:
        connection.execute(create_statement(table))
    for table in DECISIONS:
        connection.execute(insert_statement(table))
    return Withheld(
        telegrams=_one(connection, "SELECT count(*) FROM warehouse.fact_cable"),
        telegrams_withheld=_one(
            connection,
            "SELECT (SELECT count(*) FROM source.fact_cable) "
            "- (SELECT count(*) FROM warehouse.fact_cable)",
        ),
        telegrams_cut=_one(connection, "SELECT count(*) FROM kept WHERE is_cut"),
        portions=_one(connection, "SELECT count(*) FROM warehouse.fact_paragraph"),
        portions_withheld=_one(
            connection,
            "SELECT count(*) FROM portion SEMI JOIN kept USING (cable_key) WHERE is_withheld",
        ),
        subjects_withheld=_one(
            connection, "SELECT count(*) FROM withheld_subject SEMI JOIN kept USING (cable_key)"
        ),
        references_unlinked=_one(
            connection,
            "SELECT count(*) FROM warehouse.fact_reference AS n JOIN source.fact_reference AS o "
            "USING (cable_key, position) "
            "WHERE n.referenced_cable_key = -1 AND o.referenced_cable_key >= 0",
        ),
        marks=marks,
        telegrams_masked=_one(
            connection,
            "SELECT count(DISTINCT cable_key) FROM mask SEMI JOIN kept USING (cable_key)",
        ),
    )


def _one(connection: Connection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _sign(connection: Connection, audience: Audience) -> None:
    """Say in the comments of the telegrams' table and view what the file is."""
    for kind, name, schema in (
        ("TABLE", "fact_cable", TABLES["fact_cable"]),
        ("VIEW", "cable", VIEWS["cable"]),
    ):
        comment = f"{RESTRICTED} ({audience.words()}). {table_comment(schema)}"
        connection.execute(f"COMMENT ON {kind} {name} IS {literal(comment)}")
