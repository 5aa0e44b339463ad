"""What `cables ingest` does before Dagster is loaded, which takes a second or two.

Not here: the run itself (`etl.cli.ingest`), the processes that parse (`etl.parsing`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from etl.imports import imports_only


@contextmanager
def loaded_early(
    sources: Sequence[str],
    warehouse: Path | None,
    *,
    read_all: bool,
    batch_mib: int,
    max_document_mib: int,
    max_ratio: int,
    max_entries: int,
    follow_symlinks: bool,
) -> Iterator[Callable[..., int]]:
    """Import `etl.cli.ingest.ingest` and give it; it is told whether all files are as they were.

    Loads that will want processes get them first. The arguments are those of the command.
    """
    with imports_only():
        from etl.extract import Limits, ToRead, check_sources
        from etl.extract.documents import MIB
        from etl.intake import Files, handed_on, look, subject
        from etl.parsing import started_early
        from etl.paths import default_warehouse
        from etl.store import Store

    store = Store(warehouse or default_warehouse())
    limits = Limits(max_document_mib * MIB, max_ratio, max_entries)
    with ExitStack() as stack:
        try:
            looked_at = subject(
                store,
                check_sources(sources),
                read_all=read_all,
                limits=limits,
                follow_symlinks=follow_symlinks,
            )
            files = Files(store.source_files(), read_all=read_all, limits=limits)
            found = look(store, sources, files, batch_mib * MIB, follow_symlinks=follow_symlinks)
            stack.enter_context(handed_on(looked_at, files, found))
        except (ValueError, OSError):  # what is wrong is for the run to say
            found = ToRead(0, 1)
        stack.enter_context(started_early(found, limits))
        with imports_only():
            from etl import assets, checks  # noqa: F401  the graph needs them
            from etl.cli.ingest import ingest
        yield partial(ingest, all_as_it_was=not found.new_count)
