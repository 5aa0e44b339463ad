"""Parsed frames of all documents in force → the tables of the star.

One function per table; its name is the table's. The names of its parameters say what it needs:

- a parsed frame (`etl.contracts.frames.PARSED`), as a lazy frame over all documents in force
- `document_index`, `version_index` (`etl.contracts.documents`)
- `reference_<name>`: a reference table of `seeds/reference`

so `inputs("dim_tag")` is `("tags", "version_index", "reference_tags")`, and a Dagster graph, a
test or `build` can wire them without a second list.
"""

import inspect
from collections.abc import Callable

import polars as pl

from etl.star import bridges, dimensions, documents, facts, version_tables

BUILDERS: dict[str, Callable[..., pl.DataFrame | pl.LazyFrame]] = {
    "dim_date": dimensions.dim_date,
    "dim_post": dimensions.dim_post,
    "dim_classification": dimensions.dim_classification,
    "dim_reason": dimensions.dim_reason,
    "dim_caveat": dimensions.dim_caveat,
    "dim_tag": dimensions.dim_tag,
    "dim_person": dimensions.dim_person,
    "dim_addressee": dimensions.dim_addressee,
    "dim_document": documents.dim_document,
    "fact_cable": facts.fact_cable,
    "fact_paragraph": facts.fact_paragraph,
    "fact_reference": facts.fact_reference,
    "fact_addressee": facts.fact_addressee,
    "fact_field_agreement": facts.fact_field_agreement,
    "fact_ingest": documents.fact_ingest,
    "bridge_cable_tag": bridges.bridge_cable_tag,
    "bridge_cable_caveat": bridges.bridge_cable_caveat,
    "bridge_cable_reason": bridges.bridge_cable_reason,
    "bridge_cable_person": bridges.bridge_cable_person,
    "cable_attribute": facts.cable_attribute,
    "cable_review": facts.cable_review,
    "cable_version": version_tables.cable_version,
    "version_paragraph": version_tables.version_paragraph,
}
"""Function of each table of `etl.contracts.tables.TABLES`, in the same order."""


PER_CABLE = frozenset(
    {
        "fact_cable",
        "fact_paragraph",
        "fact_addressee",
        "fact_field_agreement",
        "bridge_cable_tag",
        "bridge_cable_caveat",
        "bridge_cable_reason",
        "bridge_cable_person",
        "cable_attribute",
        "cable_review",
    }
)
"""Tables whose rows of one telegram come from the document it is loaded from and nothing else."""

PER_VERSION = frozenset({"cable_version", "version_paragraph"})
"""Tables whose rows of one telegram come from all its documents and nothing else."""

LARGE = frozenset({"fact_paragraph"})
"""Tables of PER_CABLE that hold texts: written some thousand documents at a time."""

PER_RUN = frozenset({"dim_document", "fact_ingest"})
"""Tables that every run changes, even one that meets nothing new."""


def inputs(table: str) -> tuple[str, ...]:
    """Give the names of what the function of `table` needs, in the order of its parameters."""
    return tuple(inspect.signature(BUILDERS[table]).parameters)


def build(
    table: str,
    frame: Callable[[str], pl.DataFrame | pl.LazyFrame],
    reference: Callable[[str], pl.DataFrame],
) -> pl.DataFrame | pl.LazyFrame:
    """Build one table.

    `frame` gives a frame by name (`Store.frame` of a run), `reference` a reference table by name
    (`etl.conform.reference.table`).
    """
    arguments = {
        name: reference(name.removeprefix("reference_"))
        if name.startswith("reference_")
        else frame(name)
        for name in inputs(table)
    }
    return BUILDERS[table](**arguments)
