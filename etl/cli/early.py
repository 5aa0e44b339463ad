"""What `cables ingest` does while Dagster is loaded, which takes a second or two.

Not here: the run itself (`etl.cli.ingest`), the processes that parse (`etl.parsing`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from etl.parallel import imports_only


@contextmanager
def loaded_early(
    sources: Sequence[str], warehouse: Path | None, *, read_all: bool, batch_mib: int
) -> Iterator[Callable[..., int]]:
    """Import `etl.cli.ingest.ingest` and give it; large loads get their processes before that.

    The arguments are those of the command.
    """
    with imports_only():
        from etl.extract.documents import MIB
        from etl.parsing import started_early
        from etl.paths import default_warehouse
        from etl.store import Store

    store = Store(warehouse or default_warehouse())
    with started_early(store, sources, read_all=read_all, batch_bytes=batch_mib * MIB):
        with imports_only():
            from etl import assets, checks  # noqa: F401  the graph needs them
            from etl.cli.ingest import ingest
        yield ingest
