"""The walk of a telegram as Dagster assets, in order: raw, parsed, star, published.

Assets hand each other nothing in memory: each reads what the store keeps of its run and writes
there what it made, so a run's memory is bounded by a batch, and a table that is not asked for is
not read.

Not here: any rule about telegrams (`etl.parse`, `etl.conform`, `etl.star`), checks of the whole
warehouse (`etl.checks`), what starts a run (`etl.triggers`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg
import polars as pl
from pydantic import Field

from etl import increment, star
from etl.checks import expected_rows
from etl.contracts import lineage
from etl.contracts.documents import VersionIndex
from etl.contracts.frames import PARSED, Documents
from etl.contracts.tables import DERIVED, TABLES, VIEWS
from etl.extract import BATCH_BYTES
from etl.extract.documents import MIB, Limits
from etl.fill_rates import rates
from etl.intake import take_in
from etl.metadata import Metadata, definition_metadata, description, run_metadata
from etl.parse import PARSER_VERSION
from etl.paths import inbox
from etl.publish import ContractBroken, publish
from etl.resources import Workspace, report

REFERENCES = sorted(
    {name for table in TABLES for name in star.inputs(table) if name.startswith("reference_")}
)
"""Reference tables that dimensions are built from, named as in `etl.star.inputs`."""


OF_EVERY_RUN = (
    "documents",
    "version_index",
    *sorted(star.PER_RUN),
    "staged_warehouse",
    "published_warehouse",
)
"""Assets that a run makes when no document has changed; the other tables stay as they are."""


class Intake(dg.Config):
    """What a run reads."""

    sources: list[str] = Field(
        default_factory=lambda: [str(inbox())],
        description="Files, folders, globs, archives. By default the inbox.",
    )
    rebuild: bool = Field(
        default=False, description="Forget what the warehouse holds and these sources do not."
    )
    prune: bool = Field(
        default=False,
        description="Remove documents that came from these sources and are no longer there.",
    )
    verify: bool = Field(
        default=False,
        description="Read files again that have the size and time of the last run.",
    )
    batch_mib: int = Field(
        default=BATCH_BYTES // MIB,
        ge=1,
        le=1024,
        description="MiB of telegrams that are parsed in one batch; memory grows with it.",
    )
    expect_rows: int | None = Field(
        default=None,
        ge=0,
        description="Rows that the bulk CSVs must have, unreadable ones counted; else nothing is "
        "published.",
    )
    max_document_mib: int = Field(
        default=Limits().max_document_bytes // MIB,
        ge=1,
        le=1024,
        description="MiB of the largest document or CSV row that is read.",
    )
    max_ratio: int = Field(
        default=Limits().max_unpack_ratio,
        ge=1,
        description="How many times its packed size an archive or an entry may unpack to.",
    )
    max_entries: int = Field(
        default=Limits().max_container_entries, ge=1, description="Entries of one archive."
    )
    follow_symlinks: bool = Field(
        default=False,
        description="Read what lies behind symbolic links that lead out of a folder.",
    )

    @property
    def limits(self) -> Limits:
        """Give the limits as the readers take them."""
        return Limits(self.max_document_mib * MIB, self.max_ratio, self.max_entries)


# --- raw -----------------------------------------------------------------------------------------

references = [
    dg.AssetSpec(
        name,
        group_name="reference",
        kinds={"csv"},
        description=f"`seeds/reference/{name.removeprefix('reference_')}.csv`",
    )
    for name in REFERENCES
]


@dg.asset(
    group_name="raw",
    kinds={"python", "parquet"},
    description=description(Documents),
    metadata=definition_metadata(Documents),
    check_specs=[
        dg.AssetCheckSpec(
            "expected_rows",
            asset="documents",
            blocking=True,
            description="The bulk CSVs of the run have as many rows as the run was told to expect.",
        )
    ],
)
def documents(
    context: dg.AssetExecutionContext, config: Intake, workspace: Workspace
) -> dg.MaterializeResult:
    """Read the sources; keep what is new or changed, as received."""
    index = take_in(
        workspace.store,
        context.run_id,
        config.sources,
        rebuild=config.rebuild,
        prune=config.prune,
        verify=config.verify,
        batch_bytes=config.batch_mib * MIB,
        limits=config.limits,
        follow_symlinks=config.follow_symlinks,
        report=lambda done: report("reading documents", done),
        expect=workspace.ahead.expect,
        kept=workspace.ahead.begin,
    )
    met = index.filter(pl.col("run_id").is_not_null())
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": index.height,
            "met in this run": met.height,
            "new or changed": met["previous_status"].null_count(),
            "rejected": met["reject_reason"].count(),
            "sources": config.sources,
        },
        check_results=[expected_rows(met, config.expect_rows)],
    )


# --- parsed --------------------------------------------------------------------------------------


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            name,
            deps=["documents"],
            group_name="parsed",
            kinds={"polars", "parquet"},
            description=description(contract),
            metadata=definition_metadata(contract, lineage.of_parsed(name)),
        )
        for name, contract in PARSED.items()
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "contract", asset=name, blocking=True, description="Rows keep the rules of the schema."
        )
        for name in PARSED
    ],
)
def parsed(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult]:
    """Parse the parts that this version of the parser has not read yet.

    Most of a large load has been begun while `documents` read it.
    """
    store = workspace.store_of(context.run_id)
    parts, parsing = workspace.ahead.finish(context.run_id)
    again = sum(not part.startswith(context.run_id) for part in parts)
    if again:
        context.log.info(
            "the parser has changed (now %s): %d batches of earlier runs are parsed again, "
            "from the texts that were kept",
            PARSER_VERSION,
            again,
        )
    report("parsing", 0, len(parts))
    for done in parsing:
        report("parsing", done, len(parts))
    broken = store.broken_rows(context.run_id)
    counts = pl.collect_all([store.scan(context.run_id, name).select(pl.len()) for name in PARSED])
    for name, rows in zip(PARSED, counts, strict=True):
        yield dg.MaterializeResult(
            asset_key=name,
            metadata=run_metadata(rows.item(), lineage.of_parsed(name))
            | {"parser": PARSER_VERSION, "batches parsed": len(parts), "parsed again": again},
            check_results=[
                dg.AssetCheckResult(
                    asset_key=name,
                    passed=not broken[name],
                    description=", ".join(f"{rule} ({n} rows)" for rule, n in broken[name].items())
                    or None,
                )
            ],
        )


# --- star ----------------------------------------------------------------------------------------


VERSION_INPUTS = ["headers", "document_index"]
"""What the columns of `version_index` come from, as in `etl.star.inputs`."""


@dg.asset(
    group_name="star",
    kinds={"polars", "parquet"},
    deps=["documents", *PARSED],
    description=description(VersionIndex),
    metadata=definition_metadata(VersionIndex, lineage.of_table("version_index", VERSION_INPUTS)),
)
def version_index(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """Choose the document that each telegram is loaded from, and find which telegrams change."""
    store = workspace.store_of(context.run_id)
    every = {dg.AssetKey(name) for name in [*PARSED, *TABLES]}
    left_out = not every <= (context.run.asset_selection or every)
    if left_out and store.unparsed_parts(context.run_id):
        raise increment.Incomplete("there are new documents; start the whole job")
    found = increment.find_versions(store, context.run_id, _parse)
    changed = increment.begin(store, context.run_id, found)
    if left_out and (changed is None or not store.changed_versions(context.run_id).is_empty()):
        raise increment.Incomplete("tables have to be written that this run leaves out")
    workspace.dimensions.begin(store, context.run_id)
    sources = lineage.of_table("version_index", VERSION_INPUTS)
    return dg.MaterializeResult(
        metadata=run_metadata(found.versions.height, sources)
        | {"telegrams written": "all" if changed is None else changed.height}
    )


def _parse(documents: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    from etl.parse import parse  # imported late: most runs of a night parse nothing

    return parse(documents)


def star_table(table: str) -> dg.AssetsDefinition:
    """Make the asset of one table: the function of `etl.star` that has its name, staged."""
    inputs = star.inputs(table)
    sources = lineage.of_table(table, inputs)

    @dg.asset(
        name=table,
        group_name="star",
        kinds={"polars", "duckdb"},
        # All wait for `version_index`, which begins the stage that they are written into.
        deps=sorted({"version_index", *map(lineage.asset_of, inputs)}),
        description=description(TABLES[table]),
        metadata=definition_metadata(TABLES[table], sources),
        check_specs=[
            dg.AssetCheckSpec(
                "contract", asset=table, blocking=True, description="Rows keep the schema's rules."
            )
        ],
    )
    def build(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
        store = workspace.store_of(context.run_id)
        report("building tables", list(TABLES).index(table), len(TABLES))
        rows, problem = 0, ""
        try:
            stay = increment.writes_little(store, context.run_id)
            with workspace.stage.opened(store.stage(context.run_id), stay=stay) as connection:
                rows = increment.build(
                    store, context.run_id, table, connection, workspace.dimensions
                )
        except ContractBroken as broken:
            problem = str(broken)
        return dg.MaterializeResult(
            metadata=run_metadata(rows, sources, table=table, warehouse=store.warehouse),
            check_results=[dg.AssetCheckResult(passed=not problem, description=problem or None)],
        )

    return build


tables = [star_table(table) for table in TABLES]


# --- published -----------------------------------------------------------------------------------


@dg.asset(
    group_name="published",
    kinds={"duckdb", "sql"},
    deps=list(TABLES),
    description="The whole warehouse beside the published one: star, views, comments. The checks "
    "run on it; it is not published before they pass.",
)
def staged_warehouse(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> dg.MaterializeResult:
    """Add to the tables what is made inside the database."""
    stage = workspace.store_of(context.run_id).stage(context.run_id)
    report("checking", 0, 1)
    with workspace.stage.opened(stage, stay=False) as connection:
        increment.finish(workspace.store_of(context.run_id), context.run_id, connection)
        filled = {f"fill rate of {field}": rate for field, rate in rates(connection).items()}
    return dg.MaterializeResult(
        metadata={"bytes": stage.stat().st_size, "views": [*DERIVED, *VIEWS], **filled}
    )


@dg.asset(
    group_name="published",
    kinds={"duckdb"},
    deps=[staged_warehouse],
    description="The file that people and BI tools read, replaced in one step. Who is reading "
    "keeps what they have; whoever connects anew sees this run's.",
)
def published_warehouse(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> dg.MaterializeResult:
    """Swap the staged warehouse in."""
    store = workspace.store_of(context.run_id)
    report("publishing", 0, 1)
    rows = publish(store, context.run_id)
    return dg.MaterializeResult(metadata=_published(store.warehouse) | rows)


def _published(warehouse: Path) -> Metadata:
    """Say where the published file is and how large."""
    return {
        "dagster/uri": warehouse.as_uri(),
        "bytes": warehouse.stat().st_size,
        "query": dg.MetadataValue.md('`cables query "FROM cable LIMIT 10"`'),
    }
