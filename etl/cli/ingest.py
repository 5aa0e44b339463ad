"""The command `cables ingest`: one run of the Dagster job in this process, and what came of it.

The run is recorded in the same instance as those of the UI. Not here: what a run does
(`etl.assets`).
"""

import errno
import logging
import os
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import unquote_to_bytes
from uuid import uuid4

import dagster as dg
import polars as pl
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager

from etl.assets import OF_EVERY_RUN
from etl.cli.full import explain_full, is_full
from etl.cli.output import console, error, print_page, table, visible
from etl.cli.read import fetch
from etl.cli.stop import Stop, end_processes, undisturbed
from etl.definitions import defs
from etl.extract import SourceNotFound, holds_files
from etl.files import NoLocks
from etl.imports import imports_only, without_alembic
from etl.increment import Incomplete, is_same_build
from etl.intake import NothingFound
from etl.paths import dagster_home, default_warehouse, home_problem
from etl.published import NotAWarehouse, opened
from etl.resources import listening
from etl.runs import PROCESS_TAG, end_dead_runs, this_process
from etl.store import StateLost, Store, WarehouseBusy

MAX_REJECTS = 20
"""Rejected documents that are listed; `cables rejects` lists all."""

_TOLD = (WarehouseBusy, NoLocks, StateLost, NotAWarehouse, NothingFound)
"""What says by itself what is wrong and what to do."""

_MAY_NOT = (errno.EACCES, errno.EPERM, errno.EROFS)
"""What the system says of a place where this user, or nobody, may write."""

OUTCOMES = ("loaded", "unchanged", "duplicate", "superseded", "rejected")
CONTENTS = {
    "telegrams": "fact_cable",
    "paragraphs": "fact_paragraph",
    "references": "fact_reference",
    "addressees": "fact_addressee",
    "tags": "bridge_cable_tag",
    "people": "bridge_cable_person",
}
"""What is counted after a run: name for a person → table."""


_ASK_FOR_MORE = ("rebuild", "prune", "verify", "expect_rows")
"""Settings that make more of a run, though no file has changed."""


def ingest(
    sources: list[str],
    warehouse: Path | None,
    settings: Mapping[str, bool | int],
    *,
    accept_fill_rates: bool,
    verbose: bool,
    stop: Stop,
    all_as_it_was: bool = False,
) -> int:
    """Load sources, publish, print what came of it.

    `settings` are those of `etl.assets.Intake`, without the sources. `stop` knows whether somebody
    asks to stop (`etl.cli.stop.stoppable`). `all_as_it_was`: a look at the files found none that
    the last run has not read; if nothing else can have changed, only what every run writes is made.
    Gives the exit code: 0 published, 1 nothing published, 2 a source is not there.
    """
    path = (warehouse or default_warehouse()).absolute()
    absolute = [
        source if source.startswith("file:") or "://" in source else os.path.abspath(source)
        for source in sources
    ]
    try:
        follow = bool(settings.get("follow_symlinks"))
        is_empty = not holds_files(absolute, follow_symlinks=follow)
    except SourceNotFound as problem:
        error(str(problem))
        return 2
    if is_empty and not settings.get("prune"):
        return _nothing_found(sources, path, rebuild=bool(settings.get("rebuild")))
    if unusable := home_problem():
        error(f"{unusable}; nothing was published")
        return 1
    started = time.monotonic()
    run_id = str(uuid4())
    before = _identity(path)

    def became() -> str:
        if _identity(path) != before:
            return f"{path} has been published and is whole"
        is_there = os.path.lexists(path)  # one that may not be looked at is there, too
        return f"nothing was published, {path} {'is as it was' if is_there else 'was not made'}"

    try:
        with _progress():
            intake = {"sources": absolute, **settings}
            run = partial(_run, intake, path, accept_fill_rates, verbose=verbose)
            asks = any(settings.get(name) for name in _ASK_FOR_MORE)
            if all_as_it_was and not asks and is_same_build(Store(path)):
                try:
                    run(run_id, OF_EVERY_RUN)
                except Exception as problem:
                    if not _is_incomplete(problem):
                        raise
                    run_id = str(uuid4())  # a file has changed since the look
                    run(run_id)
            else:
                run(run_id)
        _print_summary(path, run_id, sources, time.monotonic() - started)
    except BaseException as problem:
        # Dagster raises something of its own; what is at work may make anything of it.
        if stop.is_asked or isinstance(problem, KeyboardInterrupt):
            _stopped(stop, run_id, became)
            return stop.exit_code
        if not isinstance(problem, Exception):
            raise
        if is_full(problem):
            error(f"{explain_full(problem, absolute, Store(path))}; {became()}")
            return 1
        return _explain(problem, run_id, Store(path), became, verbose=verbose)
    return 0


def _identity(warehouse: Path) -> tuple[int, int] | None:
    """Tell one published file from the next."""
    try:
        status = warehouse.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _nothing_found(sources: list[str], warehouse: Path, *, rebuild: bool) -> int:
    """Say that the sources hold no file; give the exit code.

    An empty folder is no mistake: an inbox that was emptied looks like that. But nothing can be
    made of it, and a folder that is not mounted looks like that, too.
    """
    found = f"nothing found in {', '.join(sources)}"
    if not warehouse.exists():
        error(f"{found}; {warehouse} was not made")
        return 1
    if rebuild:
        error(f"{found}; --rebuild would empty {warehouse}, which is as it was")
        return 1
    error(f"{found}; {warehouse} is as it was")
    return 0


def _stopped(stop: Stop, run_id: str, became: Callable[[], str]) -> None:
    """Leave no process and no run at work, and say what became of the warehouse."""
    with undisturbed():
        end_processes()
        with dg.DagsterInstance.get() as instance:
            run = instance.get_run_by_id(run_id)
            if run is not None and not run.is_finished:
                instance.report_run_canceled(run, message=f"Stopped by {stop.words}.")
        error(f"stopped by {stop.words}; {became()}")


def _is_incomplete(problem: BaseException | None) -> bool:
    """Whether a run failed because more has changed than it was to make."""
    while problem is not None and not isinstance(problem, Incomplete):
        problem = problem.__cause__
    return problem is not None


def _run(
    intake: Mapping[str, object],
    warehouse: Path,
    accept_fill_rates: bool,
    run_id: str,
    assets: Sequence[str] = (),
    *,
    verbose: bool,
) -> None:
    """Run the job in this process, all of it or the assets named. Raises what an asset raised."""
    dagster_home()
    if not verbose:
        warnings.simplefilter("ignore")
        logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with imports_only(), without_alembic():
        instance = dg.DagsterInstance.get()
    with instance:
        # Dagster would send what is printed through files and four processes, which Ctrl-C makes
        # print tracebacks. Here a terminal shows it, and a run prints next to nothing.
        instance._compute_log_manager = NoOpComputeLogManager()
        end_dead_runs(instance)
        with imports_only():
            job = defs().resolve_job_def("cables")
        job.execute_in_process(
            instance=instance,
            tags={PROCESS_TAG: this_process()},
            run_id=run_id,
            asset_selection=[dg.AssetKey(name) for name in assets],
            run_config={
                "ops": {
                    "documents": {"config": dict(intake)},
                    "staged_warehouse_fill_rates": {"config": {"accept": accept_fill_rates}},
                },
                "resources": {"workspace": {"config": {"warehouse": str(warehouse)}}},
                "loggers": {
                    "console": {"config": {"log_level": "INFO" if verbose else "CRITICAL"}}
                },
            },
        )


def _failed_checks(run_id: str) -> str:
    """Give the checks that failed in a run, with what they found."""
    with dg.DagsterInstance.get() as instance:
        entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        checks = [
            entry.dagster_event.asset_check_evaluation_data
            for entry in entries
            if entry.dagster_event
        ]
    return "".join(
        f"\n  {check.asset_key.to_user_string()}: {check.check_name}: {check.description}"
        for check in checks
        if not check.passed
    )


def _explain(
    problem: BaseException,
    run_id: str,
    store: Store,
    became: Callable[[], str],
    *,
    verbose: bool,
) -> int:
    """Say what went wrong in words, without a traceback unless asked; give the exit code."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, SourceNotFound):
            error(str(cause))
            return 2
        if isinstance(cause, _TOLD):
            error(str(cause))
            return 1
        if isinstance(cause, OSError) and cause.errno in _MAY_NOT:
            error(f"{became()}: {cause.filename}: {cause.strerror}")
            return 1
        if isinstance(cause, pl.exceptions.ComputeError) and str(cause).startswith("parquet: "):
            # No source is a Parquet file: it is one that an earlier run has kept.
            error(
                f"{became()}: what is kept in {store.state_dir} is damaged "
                f"({str(cause).splitlines()[0]}). To go on, begin again from the sources: "
                "cables ingest --rebuild SOURCE…"
            )
            return 1
        problem, cause = cause, cause.__cause__
    failed = _failed_checks(run_id)
    words = f"checks failed{failed}" if failed else f"{type(problem).__name__}: {problem}"
    error(f"{became()}: {words}\n(run {run_id}; cables ui shows it, --verbose shows the log)")
    if verbose:
        traceback.print_exc()  # coloured by rich, Dagster's chain of causes takes a minute
    return 1


@contextmanager
def _progress() -> Iterator[None]:
    """Show on a terminal how far the run is; print nothing into files and pipes."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield
        return
    from rich import progress as bars

    with bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        console=out,
        transient=True,
    ) as progress:
        stages: dict[str, bars.TaskID] = {"starting": progress.add_task("starting", total=None)}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in stages:
                for task in stages.values():
                    progress.stop_task(task)
                stages[stage] = progress.add_task(stage, total=total)
            progress.update(stages[stage], completed=done, total=total)

        with listening(show):
            yield


def _print_summary(warehouse: Path, run_id: str, sources: list[str], seconds: float) -> None:
    with opened(warehouse) as con:
        _, outcomes = fetch(
            con, "SELECT outcome, count(*) FROM fact_ingest WHERE run_id = ? GROUP BY 1", [run_id]
        )
        held = {
            name: fetch(con, f"SELECT count(*) FROM {source}")[1][0][0]
            for name, source in CONTENTS.items()
        }
        _, rejected = fetch(
            con,
            "SELECT uri || coalesce('#' || member, ''), reason FROM fact_ingest "
            "JOIN dim_document USING (document_key) "
            "WHERE run_id = ? AND outcome = 'rejected' ORDER BY 1",
            [run_id],
        )
    counts = dict(outcomes)
    out = console()
    print_page(
        table(
            ["documents", "this run"],
            [[name, f"{counts.get(name, 0):,}"] for name in OUTCOMES],
            right=[False, True],
        ),
        "",
        table(
            ["warehouse", "holds"],
            [[name, f"{count:,}"] for name, count in held.items()],
            right=[False, True],
        ),
        "",
    )
    if rejected:
        out.print("Rejected:")
        for document, reason in rejected[:MAX_REJECTS]:
            line = f"{visible(_local(document))}: {visible(reason)}"
            out.print(f"  {line}", soft_wrap=True, markup=False)
        if len(rejected) > MAX_REJECTS:
            out.print(f"  … and {len(rejected) - MAX_REJECTS:,} more: cables rejects")
    where = visible(_near(warehouse))
    out.print(f"Published {where} in {seconds:.1f} s", soft_wrap=True, markup=False)
    if not counts:
        error(f"nothing found in {', '.join(sources)}")


def _local(uri: str) -> str:
    """Give a document's address as a person in this folder would type it."""
    if not uri.startswith("file://"):
        return uri
    file, hash_sign, member = uri.partition("#")
    path = Path(os.fsdecode(unquote_to_bytes(file.removeprefix("file://"))))
    return _near(path) + hash_sign + member


def _near(path: Path) -> str:
    """Give a path as a person in this folder would type it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
