"""Dagster's runs and schedules in SQLite, opened as they are; `dagster.yaml` names them.

Dagster's own hold each database against 90 migrations whenever they are opened, and leave one that
has been made as it is all the same: what a newer version changes comes in by `dagster instance
migrate`. To ask for one row instead takes a run with nothing new from 10.4 to 9.9 billion
instructions, with Alembic not loaded (`etl.imports`). Files and tables are the same; either can
read what the other wrote.

Not here: events (`etl.event_log`), runs that were killed (`etl.runs`).
"""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import dagster as dg
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.sqlite import create_db_conn_string
from dagster._serdes import ConfigurableClassData

CONFIG = {"base_dir": dg.Field(dg.StringSource, is_required=False)}
"""What `dagster.yaml` may set of a storage."""


def base_dir(config: Mapping[str, Any], *below: str) -> str:
    """Give the folder of a storage: `base_dir`, by default the one so far below DAGSTER_HOME.

    Raises ValueError when neither says where.
    """
    home = os.environ.get("DAGSTER_HOME")
    folder = config.get("base_dir") or (home and str(Path(home, *below)))
    if not folder:
        raise ValueError("DAGSTER_HOME is not set; set it, or base_dir of the storage")
    return str(folder)


def is_made(path: Path, *tables: str) -> bool:
    """Tell whether a database has these tables, and a row that says of which version they are."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            for table in tables:
                connection.execute(f"SELECT 1 FROM {table} LIMIT 1")
            return connection.execute("SELECT 1 FROM alembic_version").fetchone() is not None
    except sqlite3.Error:
        return False  # what is wrong is for Dagster to say


class _OpenedAsItIs:
    """Goes before a storage of Dagster's: a database that has been made is opened, no more."""

    # Folder in DAGSTER_HOME, database in it, and tables that Dagster's own look for.
    _folder: ClassVar[str]
    _database: ClassVar[str]
    _tables: ClassVar[tuple[str, ...]]

    @classmethod
    def config_type(cls) -> Any:
        """Give what `dagster.yaml` may set."""
        return CONFIG

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Any:
        """Make it from the settings of an instance. Raises ValueError without DAGSTER_HOME."""
        return cls.from_local(base_dir(config_value, cls._folder), inst_data)

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Any:
        """Open the database in a folder, made when missing."""
        if is_made(Path(base_dir) / f"{cls._database}.db", *cls._tables):
            own: Any = cls
            return own(create_db_conn_string(base_dir, cls._database), inst_data)
        return super().from_local(base_dir, inst_data)  # type: ignore[misc]


class RunStorage(_OpenedAsItIs, SqliteRunStorage):
    """Runs; config: `base_dir`, by default `history` in DAGSTER_HOME, as Dagster's own."""

    _folder, _database, _tables = "history", "runs", ("runs", "instance_info")


class ScheduleStorage(_OpenedAsItIs, SqliteScheduleStorage):
    """Schedules and sensors; config: `base_dir`, by default `schedules` in DAGSTER_HOME."""

    _folder, _database, _tables = "schedules", "schedules", ("job_ticks",)
