"""Python values → a Polars series; lists and structs of them, too, at the speed of plain values.

Polars makes a series of each list, and of the dicts of each list a frame: 30 µs a list.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl


def series(values: Sequence[Any], dtype: Any) -> pl.Series:
    """Give values as a series of `dtype`; None is null, an empty list an empty list.

    Structs are given as mappings with all their fields.
    """
    if isinstance(dtype, pl.Struct):
        fields = {
            field.name: series(
                [None if value is None else value[field.name] for value in values], field.dtype
            )
            for field in dtype.fields
        }
        known = pl.Series([value is not None for value in values], dtype=pl.Boolean)
        return pl.DataFrame(fields).select(pl.when(known).then(pl.struct(pl.all())).alias(""))[""]
    if isinstance(dtype, pl.List):
        counts = [None if value is None else len(value) for value in values]
        row = pl.Series([i for i, value in enumerate(values) for _ in value or ()], dtype=pl.Int64)
        items = series([item for value in values for item in value or ()], dtype.inner)
        found = (
            pl.DataFrame({"row": row.set_sorted(), "": items})
            .group_by("row", maintain_order=True)
            .agg("")
        )
        return (
            pl.DataFrame({"count": pl.Series(counts, dtype=pl.Int64)})
            .with_row_index("row")
            .with_columns(pl.col("row").cast(pl.Int64))
            .join(found, on="row", how="left", maintain_order="left")
            .select(pl.when(pl.col("count") == 0).then(pl.lit([], dtype=dtype)).otherwise(""))
            .to_series()
        )
    return pl.Series(values, dtype=dtype)
