"""What starts a run: the job itself, every night, or new files in the inbox.

Both triggers are off until somebody turns them on in the UI. Not here: what a run does.
"""

import hashlib
import os
from pathlib import Path

import dagster as dg

from etl.paths import inbox

JOB = dg.define_asset_job(
    "cables",
    selection=dg.AssetSelection.all(),
    description="Read the sources, rebuild the star, check it and publish the warehouse.",
)


WAIT_SECONDS = 3600
"""How long a run that nobody watches waits for another that holds the warehouse."""


def _run_config() -> dict[str, object]:
    return {
        "ops": {"documents": {"config": {"sources": [str(inbox())]}}},
        "resources": {"workspace": {"config": {"wait_seconds": WAIT_SECONDS}}},
    }


@dg.schedule(
    job=JOB,
    cron_schedule="0 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
def nightly() -> dg.RunRequest:
    """Load what lies in the inbox, every night at 02:00 UTC; only what is new is read."""
    return dg.RunRequest(run_config=_run_config())


def fingerprint(folder: Path) -> str | None:
    """Give a digest of names, sizes and times of all files below a folder; null when empty.

    Hidden files and unfinished copies (`.part`, `.tmp`) do not count: whoever copies a large file
    into the inbox can give it such a name until it is whole.
    """
    entries = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.startswith(".") or name.endswith((".part", ".tmp")):
                continue
            path = Path(parent, name)
            try:
                status = path.stat()
            except OSError:  # went away between listing and looking
                continue
            entries.append(f"{path.relative_to(folder)}\0{status.st_size}\0{status.st_mtime_ns}")
    if not entries:
        return None
    return hashlib.sha256("\n".join(sorted(entries)).encode("utf-8", "surrogatepass")).hexdigest()


@dg.sensor(
    job=JOB,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.STOPPED,
)
def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Start a run when the files in the inbox have changed and then stood still for one look.

    The cursor holds the digest seen at the last look and the one last acted on, so a copy that is
    still growing starts nothing, and one set of files starts one run. No run key: files that are
    put back as they once were are new again.
    """
    seen = fingerprint(inbox())
    last_seen, _, last_run = (context.cursor or " ").partition(" ")
    if seen is None:
        return dg.SkipReason(f"nothing in {inbox()}")
    if seen == last_run:
        return dg.SkipReason("nothing new")
    if seen != last_seen:
        context.update_cursor(f"{seen} {last_run}")
        return dg.SkipReason("files changed; waiting until they stand still")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_config=_run_config())],
        cursor=f"{seen} {seen}",
    )
