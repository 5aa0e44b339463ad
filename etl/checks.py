"""Checks of the whole warehouse, on the staged file, before anybody can read it.

Each file of `warehouse/invariants` is one check, but for those that contracts hold row by row: its
first comment says what it proves, and it must give no rows. One more holds the fill rates against
the published warehouse, and one on the documents counts the rows of bulk CSVs. All of them block:
with one failing, the published warehouse stays as it was.

Not here: the rules of single rows, which hold as each table is written (`contract` in
`etl.assets`).
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl
from pydantic import Field

from etl import fill_rates as fill
from etl import increment
from etl.invariants import about, checked, outcomes, statement
from etl.published import opened
from etl.resources import Workspace


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(name, asset="staged_warehouse", blocking=True, description=statement(sql))
        for name, sql in checked().items()
    ],
)
def warehouse_invariants(
    context: dg.AssetCheckExecutionContext, workspace: Workspace
) -> Iterator[dg.AssetCheckResult]:
    """Run each invariant on the staged warehouse; show rows that break it.

    Where a run writes few tables, the others are those of the published file, for which it held.
    """
    run_id = context.run.run_id
    store = workspace.store_of(run_id)
    written = increment.written(store, run_id)
    limited = {
        name: sql if written is None else about(sql, written) for name, sql in checked().items()
    }
    with opened(store.stage(run_id)) as connection:
        found = outcomes(connection, {name: sql for name, sql in limited.items() if sql})
    for name in limited:
        failure = found.get(name)
        said = str(failure) if failure else None
        if name not in found:
            said = "No table that it is about was written."
        yield dg.AssetCheckResult(
            check_name=name,
            passed=failure is None,
            description=said,
            metadata={"rows that break it": failure.row_count if failure else 0},
        )


def expected_rows(met: pl.DataFrame, expected: int | None) -> dg.AssetCheckResult:
    """Hold the rows of bulk CSVs among the documents of a run against the number that was named.

    Counted is each row that has become a document, read or rejected: half of a widely used copy of
    the release was lost by a reader that nobody watched. Null expects nothing and passes.
    """
    rows = met.filter(pl.col("byte_offset").is_not_null())
    rejected = rows["reject_reason"].count()
    read = rows.height - rejected
    found = f"{read + rejected:,} rows in bulk CSVs, {read:,} read and {rejected:,} rejected"
    wanted = found if expected is None else f"expected {expected:,} rows, found {found}"
    return dg.AssetCheckResult(
        check_name="expected_rows",
        passed=expected is None or expected == read + rejected,
        description=wanted,
        metadata={"rows read": read, "rows rejected": rejected, "rows expected": expected},
    )


class FillRates(dg.Config):
    """Whether lower fill rates are meant."""

    accept: bool = Field(
        default=False,
        description="Publish although a field is read in fewer telegrams than before.",
    )


@dg.asset_check(
    asset="staged_warehouse",
    blocking=True,
    description=f"No field is read in fewer telegrams than before, by more than "
    f"{fill.MAX_DROP:.0%}. Compared are telegrams that were read from the same bytes, by dialect "
    f"and decade, in groups of at least {fill.MIN_CABLES}.",
)
def fill_rates(
    context: dg.AssetCheckExecutionContext, config: FillRates, workspace: Workspace
) -> dg.AssetCheckResult:
    """Compare the staged warehouse with the published one; give the rates, for the UI to draw."""
    run_id = context.run.run_id
    store = workspace.store_of(run_id)
    changed = store.changed(run_id)
    is_copy = changed is not None and changed.is_empty()
    with opened(store.stage(run_id)) as connection:
        found = fill.compare(connection, store.current(), is_copy=is_copy)
        rates, table = fill.rates(connection), fill.rates_markdown(connection)
    return dg.AssetCheckResult(
        passed=not found.drops,
        severity=dg.AssetCheckSeverity.WARN if config.accept else dg.AssetCheckSeverity.ERROR,
        description=fill.verdict(found, accepted=config.accept),
        metadata={
            "telegrams compared": found.cable_count or 0,
            "drops": dg.MetadataValue.md("\n".join(f"- {drop}" for drop in found.drops) or "none"),
            "by dialect and decade": dg.MetadataValue.md(table),
            **rates,  # numbers, by field: the UI draws them over the runs
        },
    )
