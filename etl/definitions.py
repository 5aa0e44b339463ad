"""The Dagster graph as the UI and the command load it: one job, a schedule, a sensor.

Small and lazy: assets and checks are imported when the graph is asked for.

Not here: what an asset does (`etl.assets`), what is checked (`etl.checks`).
"""

import dagster as dg

from etl.resources import Workspace
from etl.triggers import JOB, inbox_sensor, nightly


@dg.definitions
def defs() -> dg.Definitions:
    """Put the graph together.

    Steps run in one process unless a run asks for another executor: three trivial assets took
    6 s so and 19 s with a process each, and Polars uses all cores anyway.
    """
    from etl import assets, checks

    return dg.Definitions(
        assets=dg.load_assets_from_modules([assets], include_specs=True),
        asset_checks=dg.load_asset_checks_from_modules([checks]),
        jobs=[JOB],
        schedules=[nightly],
        sensors=[inbox_sensor],
        resources={"workspace": Workspace()},
        executor=dg.in_process_executor,
    )
