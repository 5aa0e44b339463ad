"""The command `cables publish`: a warehouse file for an audience, and what was withheld in counts.

Not here: what an audience may have (`etl.restrict`).
"""

import time
from pathlib import Path

import duckdb

from etl.cli.full import is_full
from etl.cli.output import console, error
from etl.contracts.columns import LEVEL_RANKS
from etl.paths import default_warehouse
from etl.published import NotAWarehouse, Published
from etl.restrict.audience import Audience, NotUnderstood, level_rank
from etl.restrict.build import NotWhole, NotWritable, Withheld, publish_restricted
from etl.restrict.decisions import Undecided


def publish(
    out: Path,
    warehouse: Path | None,
    *,
    max_classification: str | None,
    exclude_caveats: list[str],
    mask_protected: bool,
    unknown_classification: str | None,
) -> int:
    """Write the file and print what was withheld.

    Gives the exit code: 0 written, 1 not written, 2 a level or caveat that there is not.
    """
    path = warehouse or default_warehouse()
    started = time.monotonic()
    try:
        audience = Audience(
            None if max_classification is None else level_rank(max_classification),
            mask_protected=mask_protected,
            unknown_level=None
            if unknown_classification is None
            else level_rank(unknown_classification),
        )
        store = Published(path)
        published = store.current()
        if published is None:
            error(f"there is no warehouse at {path}; make one: cables ingest SOURCE…")
            return 1
        found = publish_restricted(
            published.resolve(), audience, exclude_caveats, out.absolute(), beside=store.state_dir
        )
    except NotUnderstood as problem:
        error(str(problem))
        return 2
    except (NotAWarehouse, NotWhole, NotWritable, Undecided, OSError, duckdb.Error) as problem:
        if is_full(problem):
            error(
                f"{out} was not written: the disk of {out.absolute().parent} is full; "
                "free some space, or give a path on a larger disk"
            )
            return 1
        error(f"{out} was not written: {str(problem).splitlines()[0]}")
        return 1
    _print(out, audience, found, time.monotonic() - started)
    return 0


def _print(out: Path, audience: Audience, found: Withheld, seconds: float) -> None:
    """Say what is in the file and what is not, in counts."""
    show = console().print
    show(f"Written: {found.telegrams:,} telegrams, {found.portions:,} paragraphs", soft_wrap=True)
    show(
        f"Withheld: {found.telegrams_withheld:,} telegrams; of those written "
        f"{found.portions_withheld:,} paragraphs and {found.subjects_withheld:,} subjects; "
        f"{found.references_unlinked:,} references lead to withheld telegrams",
        soft_wrap=True,
    )
    if found.marks is None:
        show("Names that telegrams ask to protect: not masked (--mask-protected)", soft_wrap=True)
    else:
        show(
            f"Names masked in {found.telegrams_masked:,} telegrams "
            f"({found.marks:,} requests to protect one)",
            soft_wrap=True,
        )
    if audience.max_level is not None and audience.unknown_level is None:
        lowest = next(level.lower() for level in LEVEL_RANKS)
        show(
            "Telegrams of unknown level count as above "
            f"(--unknown-classification {lowest} lets them in)",
            soft_wrap=True,
        )
    show(f"Published {out} in {seconds:.1f} s", soft_wrap=True)
