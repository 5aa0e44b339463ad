"""Dagster's runs and schedules in SQLite, opened as they are; `dagster.yaml` names them.

Dagster's own hold each database against 90 migrations whenever they are opened, and leave one that
has been made as it is all the same: what a newer version changes comes in by `dagster instance
migrate`. To ask for one row instead is 70 ms less of the 1.4 s of a run with nothing new, with
Alembic not loaded (`etl.imports`). Files and tables are the same; either can read what the other
wrote.

Not here: events (`etl.event_log`), runs that were killed (`etl.runs`).
"""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import dagster as dg
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.sqlite import create_db_conn_string
from dagster._serdes import ConfigurableClassData

_CONFIG = {"base_dir": dg.Field(dg.StringSource, is_required=False)}


class RunStorage(SqliteRunStorage):
    """Runs; config: `base_dir`, by default `history` in DAGSTER_HOME, as Dagster's own."""

    @classmethod
    def config_type(cls) -> Any:
        """Give what `dagster.yaml` may set."""
        return _CONFIG

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "RunStorage":
        """Make it from the settings of an instance. Raises ValueError without DAGSTER_HOME."""
        return cls.from_local(_folder(config_value, "history"), inst_data)

    @classmethod
    def from_local(
        cls, base_dir: str, inst_data: ConfigurableClassData | None = None
    ) -> "RunStorage":
        """Open the database in a folder, made when missing."""
        if _is_made(Path(base_dir) / "runs.db", "runs", "instance_info"):
            return cls(create_db_conn_string(base_dir, "runs"), inst_data)
        return super().from_local(base_dir, inst_data)


class ScheduleStorage(SqliteScheduleStorage):
    """Schedules and sensors; config: `base_dir`, by default `schedules` in DAGSTER_HOME."""

    @classmethod
    def config_type(cls) -> Any:
        """Give what `dagster.yaml` may set."""
        return _CONFIG

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "ScheduleStorage":
        """Make it from the settings of an instance. Raises ValueError without DAGSTER_HOME."""
        return cls.from_local(_folder(config_value, "schedules"), inst_data)

    @classmethod
    def from_local(
        cls, base_dir: str, inst_data: ConfigurableClassData | None = None
    ) -> "ScheduleStorage":
        """Open the database in a folder, made when missing."""
        if _is_made(Path(base_dir) / "schedules.db", "job_ticks"):
            return cls(create_db_conn_string(base_dir, "schedules"), inst_data)
        return cast("ScheduleStorage", super().from_local(base_dir, inst_data))


def _folder(config: Mapping[str, Any], name: str) -> str:
    home = os.environ.get("DAGSTER_HOME")
    folder = config.get("base_dir") or (home and str(Path(home) / name))
    if not folder:
        raise ValueError("DAGSTER_HOME is not set; set it, or base_dir of the storage")
    return str(folder)


def _is_made(path: Path, *tables: str) -> bool:
    """Tell whether a database has its tables and says which version of Dagster's they are."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            for table in tables:
                connection.execute(f"SELECT 1 FROM {table} LIMIT 1")
            return connection.execute("SELECT 1 FROM alembic_version").fetchone() is not None
    except sqlite3.Error:
        return False  # what is wrong is for Dagster to say
