"""What is kept of documents beside a warehouse, part by part: texts as received, parsed frames.

A part is a batch of documents that one run read. Its files never change; parsed frames of another
version of the parser lie beside each other.

Not here: which parts are in force (`etl.store`), how a file gets there whole (`etl.files`).
"""

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import dataframely as dy
import polars as pl

from etl.contracts.frames import PARSED, Documents
from etl.files import make_file, make_folder, safe_name, sync_file, sync_folder, write_parquet
from etl.foresight import Broken
from etl.published import Published

_KEPT_ELSEWHERE = {"lines": ["text"]}
"""Columns of parsed frames that the documents hold already: half of what would be kept."""

_BROKEN = "broken.json"
"""Beside the frames of a part, where rows of them break a rule; no such run is published."""


class Parts(Published):
    """The parts beside one warehouse. Touches nothing until it is asked to."""

    def __init__(self, warehouse: Path, *, parser_version: str | None = None) -> None:
        """Take the path of the published file, existing or not.

        `parser_version` names the parsed frames that count; by default `etl.parse.PARSER_VERSION`.
        """
        super().__init__(warehouse)
        self._parser_version = parser_version

    @property
    def parser_version(self) -> str:
        """Version of the parser whose frames count."""
        if self._parser_version is None:
            from etl.parse import PARSER_VERSION  # imported late: `cables query` needs no parser

            self._parser_version = PARSER_VERSION
        return self._parser_version

    def write_documents(self, run_id: str, number: int, documents: pl.DataFrame) -> str:
        """Keep a batch of documents (contract Documents) and give the name of its part."""
        part = safe_name(f"{run_id}-{number:05d}")
        write_parquet(documents.select(Documents.column_names()), self._documents_path(part))
        return part

    def write_parsed(
        self, part: str, frames: Mapping[str, pl.DataFrame], broken: Broken | None = None
    ) -> None:
        """Keep the parsed frames of a part; they appear together or not at all.

        `broken` counts their rows that break a rule; it is kept with them, for `broken_rows`.
        The text of `lines` is not kept twice: it is null when they are read again.
        """
        missing = PARSED.keys() - frames.keys()
        if missing:
            raise ValueError(f"parsed frames of {part} lack {', '.join(sorted(missing))}")
        final = self._parsed_dir(part)
        if final.exists():
            return
        beside = final.with_name(f".{final.name}.tmp")
        shutil.rmtree(beside, ignore_errors=True)
        make_folder(beside)
        for name in PARSED:
            kept = frames[name].drop(_KEPT_ELSEWHERE.get(name, []))
            path = beside / f"{name}.parquet"
            write_parquet(kept, path, lasting=False)
            sync_file(path)
        if any((broken or {}).values()):
            path = make_file(beside / _BROKEN)
            path.write_text(json.dumps(broken), "utf-8")
            sync_file(path)
        sync_folder(beside)
        beside.rename(final)
        sync_folder(final.parent)

    def _broken(self, part: str) -> Broken:
        noted = self._parsed_dir(part) / _BROKEN
        return json.loads(noted.read_text("utf-8")) if noted.exists() else {}

    def _documents_path(self, part: str) -> Path:
        return self.state_dir / "documents" / f"{safe_name(part)}.parquet"

    def _height(self, part: str) -> int:
        path = self._documents_path(part)
        return _height(path, path.stat().st_mtime_ns)

    def _parsed_dir(self, part: str) -> Path:
        return self.state_dir / "parsed" / safe_name(part) / safe_name(self.parser_version)


@cache
def _height(path: Path, modified_ns: int) -> int:
    """Give the rows of a file: asked for each frame of each step, and it takes a millisecond."""
    return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())


@cache
def _types(schema: type[dy.Schema]) -> pl.Schema:
    """Give the columns of a contract and their types: asked for with each scan."""
    return schema.create_empty().schema


def scan_files(schema: type[dy.Schema], *paths: Path) -> pl.LazyFrame:
    """Scan files of one contract; a column that is younger than a file is null in its rows."""
    return pl.scan_parquet(
        list(paths),
        glob=False,
        schema=_types(schema),
        missing_columns="insert",
        extra_columns="ignore",
    )
