"""The command `cables`: the job and the warehouse for a terminal.

Only `typer` is imported here; each command imports what it needs when it runs, so that
`cables --help` answers in under half a second and `cables query` never loads Dagster.

Exit codes: 0 done (documents may have been rejected: they are listed), 1 it could not be done
(nothing published, warehouse busy or not there, wrong SQL, no such telegram or table, port taken),
2 wrong usage, 130 and 143 stopped by Ctrl-C and SIGTERM. Sources that hold nothing are said on
standard error; that is 0 where a warehouse stands and stays as it was, as with rsync or ruff (an
inbox is empty most nights), and 1 where there is none, or where --rebuild would empty it.

Not here: what a run does (`etl.assets`).
"""

import atexit
import os
import re
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from etl.cli.output import Format
from etl.version import __version__

app = typer.Typer(
    name="cables",
    help="U.S. diplomatic telegrams in, a DuckDB star schema out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _of_this_machine(path: Path | None) -> Path | None:
    """Refuse the address of something elsewhere: it would be made as folders here, `s3:` first."""
    address = re.match(r"([A-Za-z][\w+.-]+):/", str(path))
    if address:
        # The rest may hold a password.
        raise typer.BadParameter(f"give the path of a file of this machine, not {address[1]}://…")
    return path


Warehouse = Annotated[
    Path | None,
    typer.Option(
        "--warehouse",
        "-w",
        metavar="FILE",
        envvar="CABLES_WAREHOUSE",
        help="The warehouse file (default: warehouse/cables.duckdb here).",
        show_default=False,
        show_envvar=True,
        callback=_of_this_machine,
    ),
]
"""Option that every command has: which warehouse."""

_LIMITS = "What sources may ask of this machine"

OutputFormat = Annotated[Format, typer.Option("--format", "-f", help="How to print the rows.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cables {__version__}")
        raise typer.Exit


@app.callback()
def cables(
    version: Annotated[  # typer calls `_version` and needs the name here
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """U.S. diplomatic telegrams in, a DuckDB star schema out."""


@app.command()
def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders (with all below), globs in quotes, .zip, .gz, .tar.",
            show_default=False,
        ),
    ],
    warehouse: Warehouse = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Forget what the warehouse holds; load the sources only."),
    ] = False,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Remove what came from these sources and is gone from them."),
    ] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Read unchanged files, too; else size and time tell which they are."
        ),
    ] = False,
    batch_mib: Annotated[
        int,
        typer.Option(
            "--batch-mib",
            metavar="N",
            min=1,
            max=1024,
            help="MiB of telegrams parsed at a time; memory grows with it.",
        ),
    ] = 24,
    expect_rows: Annotated[
        int | None,
        typer.Option(
            "--expect-rows",
            metavar="N",
            min=0,
            help="Publish only if the bulk CSV has so many rows, unreadable ones counted.",
            show_default=False,
        ),
    ] = None,
    max_document_mib: Annotated[
        int,
        typer.Option(
            "--max-document-mib",
            metavar="N",
            min=1,
            max=1024,
            help="MiB of the largest document or CSV row that is read.",
            rich_help_panel=_LIMITS,
        ),
    ] = 64,
    max_ratio: Annotated[
        int,
        typer.Option(
            "--max-ratio",
            metavar="N",
            min=1,
            help="How many times its packed size an archive or entry may unpack to.",
            rich_help_panel=_LIMITS,
        ),
    ] = 200,
    max_entries: Annotated[
        int,
        typer.Option(
            "--max-entries",
            metavar="N",
            min=1,
            help="How many entries an archive may have.",
            rich_help_panel=_LIMITS,
        ),
    ] = 5_000_000,
    follow_symlinks: Annotated[
        bool,
        typer.Option(
            "--follow-symlinks",
            help="Read what links that lead out of a folder lead to.",
            rich_help_panel=_LIMITS,
        ),
    ] = False,
    accept_fill_rates: Annotated[
        bool,
        typer.Option(
            "--accept-fill-rates",
            help="Publish although a field is read in fewer telegrams than before.",
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show Dagster's own log, too.")
    ] = False,
) -> None:
    """Load telegrams and publish the warehouse.

    Documents that cannot be read are listed with the reason; the others are loaded all the same.
    """
    from etl.cli.output import error
    from etl.cli.stop import Stop, stoppable

    settings = {
        "rebuild": rebuild,
        "prune": prune,
        "verify": verify,
        "batch_mib": batch_mib,
        "expect_rows": expect_rows,
        "max_document_mib": max_document_mib,
        "max_ratio": max_ratio,
        "max_entries": max_entries,
        "follow_symlinks": follow_symlinks,
    }

    def run(stop: Stop) -> int:
        from etl.cli.early import loaded_early

        with loaded_early(
            sources,
            warehouse,
            read_all=rebuild or verify,
            batch_mib=batch_mib,
            max_document_mib=max_document_mib,
            max_ratio=max_ratio,
            max_entries=max_entries,
            follow_symlinks=follow_symlinks,
        ) as load:
            return load(
                sources,
                warehouse,
                {name: value for name, value in settings.items() if value is not None},
                accept_fill_rates=accept_fill_rates,
                verbose=verbose,
                stop=stop,
            )

    def stopped(stop: Stop) -> None:
        error(f"stopped by {stop.words}; nothing was published, nothing has changed")

    raise typer.Exit(stoppable(run, stopped))


@app.command(
    epilog="Example: cables publish --max-classification UNCLASSIFIED --exclude-caveat NOFORN "
    "--mask-protected public.duckdb"
)
def publish(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="The file to write.",
            show_default=False,
            callback=_of_this_machine,
        ),
    ],
    max_classification: Annotated[
        str | None,
        typer.Option(
            "--max-classification",
            metavar="LEVEL",
            help="Highest level that they may have: UNCLASSIFIED, LIMITED OFFICIAL USE, "
            "CONFIDENTIAL, SECRET, TOP SECRET.",
            show_default=False,
        ),
    ] = None,
    exclude_caveat: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude-caveat",
            metavar="CAVEAT",
            help="Leave out what has this caveat, e.g. NOFORN; may be given several times.",
            show_default=False,
        ),
    ] = None,
    mask_protected: Annotated[
        bool,
        typer.Option("--mask-protected", help="Mask names that the text asks to protect."),
    ] = False,
    unknown_classification: Annotated[
        str | None,
        typer.Option(
            "--unknown-classification",
            metavar="LEVEL",
            help="Take telegrams of unknown level to have this one (default: above any).",
            show_default=False,
        ),
    ] = None,
    warehouse: Warehouse = None,
) -> None:
    """Write a warehouse file that holds only what an audience may have.

    Telegrams and paragraphs above the level or with an excluded caveat are not in it, nor anything
    that only they used. docs/restricted.md says what becomes of each table and column.
    """
    from etl.cli.output import error
    from etl.cli.stop import Stop, stoppable

    if max_classification is None and not exclude_caveat and not mask_protected:
        raise typer.BadParameter(
            "say what they may have: --max-classification, --exclude-caveat or --mask-protected"
        )

    def run(stop: Stop) -> int:
        from etl.cli.publish import publish as write

        return write(
            out,
            warehouse,
            max_classification=max_classification,
            exclude_caveats=exclude_caveat or [],
            mask_protected=mask_protected,
            unknown_classification=unknown_classification,
        )

    def stopped(stop: Stop) -> None:
        error(f"stopped by {stop.words}; {out} is as it was")

    raise typer.Exit(stoppable(run, stopped))


@app.command()
def query(
    sql: Annotated[
        str | None, typer.Argument(metavar="SQL", help="A query, in quotes.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="Read the query from a file.", dir_okay=False),
    ] = None,
    warehouse: Warehouse = None,
    output_format: OutputFormat = Format.table,
) -> None:
    """Ask the warehouse something in SQL. It is opened for reading only."""
    from etl.cli.read import query as run

    if sql is not None and file is not None:
        raise typer.BadParameter("give either a query or --file", param_hint="SQL")
    if file is not None:
        if not file.is_file():
            raise typer.BadParameter(f"there is no file {file}", param_hint="--file")
        sql = file.read_text("utf-8")
    if sql is None:
        raise typer.BadParameter("give a query or --file", param_hint="SQL")
    raise typer.Exit(run(sql, warehouse, output_format))


@app.command()
def show(
    mrn: Annotated[
        str, typer.Argument(metavar="MRN", help="For example 05ALMATY2439.", show_default=False)
    ],
    warehouse: Warehouse = None,
) -> None:
    """Print one telegram so that a person can read it."""
    from etl.cli.show import show as run

    raise typer.Exit(run(mrn, warehouse))


@app.command()
def rejects(
    warehouse: Warehouse = None,
    every_run: Annotated[
        bool, typer.Option("--all", help="Of all runs, not only of the last one.")
    ] = False,
    output_format: OutputFormat = Format.table,
) -> None:
    """List the documents that could not be loaded, with the reason."""
    from etl.cli.read import rejects as run

    raise typer.Exit(run(warehouse, output_format, every_run=every_run))


@app.command()
def tables(
    table: Annotated[
        str | None,
        typer.Argument(help="Only this table, with its columns.", show_default=False),
    ] = None,
    warehouse: Warehouse = None,
    output_format: OutputFormat = Format.table,
) -> None:
    """List the tables and views, or one table's columns, and what they mean."""
    from etl.cli.read import tables as run

    raise typer.Exit(run(table, warehouse, output_format))


@app.command()
def ui(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 3000,
) -> None:
    """Open the job in Dagster's UI: graph, runs, checks. Stop it with Ctrl-C."""
    from etl.cli.ui import ui as run

    raise typer.Exit(run(host, port))


def main() -> None:
    """Run the command; what `[project.scripts]` calls."""
    try:
        app()
    except SystemExit as end:
        if isinstance(end.code, int) and _is_done():
            os._exit(end.code)
        raise


def _is_done() -> bool:
    """Whether nothing is left to do but to take down all that was imported, module by module.

    That takes 40 ms where Dagster was among it, and nobody gains by it. With threads or processes
    still there, or nobody to take what is printed, Python ends as it always does.
    """
    if "etl.files" in sys.modules:
        from etl.files import work_done

        work_done()
    main_thread = threading.main_thread()
    if any(not each.daemon and each is not main_thread for each in threading.enumerate()):
        return False
    if "multiprocessing" in sys.modules and sys.modules["multiprocessing"].active_children():
        return False
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return False
    atexit._run_exitfuncs()
    return True
