"""What the assets share: the warehouse that a run feeds, and a way to say how far it is.

Not here: what is kept beside a warehouse and how (`etl.store`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from etl.increment import Dimensions
from etl.parsing import Ahead
from etl.paths import default_warehouse
from etl.publish import Stage, refuse_foreign
from etl.runs import forget_old_runs, name_process
from etl.store import Store

Listener = Callable[[str, int, int | None], None]
"""Gets the stage, how many are done, and how many there are (null: not known)."""

_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Send the progress of runs in this process to a listener, while the block lasts."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def report(stage: str, done: int, total: int | None = None) -> None:
    """Tell whoever listens how far a stage is."""
    for listener in _listeners:
        listener(stage, done, total)


class Workspace(dg.ConfigurableResource["Workspace"]):
    """The warehouse that a run feeds. One run at a time holds its lock, from start to end."""

    warehouse: str = Field(
        default="",
        description="The warehouse file; empty: CABLES_WAREHOUSE, else warehouse/cables.duckdb.",
    )
    wait_seconds: float = Field(
        default=0, ge=0, description="How long to wait for another run that holds the warehouse."
    )

    _ahead: Ahead = PrivateAttr()
    _stage: Stage = PrivateAttr()
    _dimensions: Dimensions = PrivateAttr()

    @property
    def ahead(self) -> Ahead:
        """Give what parses while the run reads."""
        return self._ahead

    @property
    def stage(self) -> Stage:
        """Give what holds the staged database open."""
        return self._stage

    @property
    def dimensions(self) -> Dimensions:
        """Give what makes dimensions while other tables are written."""
        return self._dimensions

    @property
    def store(self) -> Store:
        """Give what the warehouse keeps beside its file."""
        return Store(Path(self.warehouse).absolute() if self.warehouse else default_warehouse())

    def store_of(self, run_id: str) -> Store:
        """Give the store when this run has read its documents.

        Raises:
            dagster.Failure: it has not, because only a part of the graph was started.
        """
        store = self.store
        if not (store.run_dir(run_id) / "document_index.parquet").exists():
            raise dg.Failure(
                "This run has no documents. Tables are built from the documents of their own run: "
                "start the job `cables`, or materialize all assets together."
            )
        return store

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Workspace"]:
        """Hold the lock while the run lasts; first clear away what a dead run left behind.

        A run that ends without having published clears away what it leaves itself: it may be on a
        full disk. Runs of long ago are forgotten here, too: the UI's have no other place for it.

        Raises:
            etl.store.NotAWarehouse: the file is someone's own; nothing is made beside it.
        """
        store = self.store
        refuse_foreign(store)
        if context.run is not None and context.instance is not None:
            name_process(context.instance, context.run)
        with store.lock(wait_seconds=self.wait_seconds):
            store.sweep()
            if context.instance is not None:
                forget_old_runs(context.instance)
            try:
                with (
                    Ahead(store) as self._ahead,
                    Stage() as self._stage,
                    Dimensions() as self._dimensions,
                ):
                    yield self
            finally:
                if store.has_runs():
                    store.sweep()
