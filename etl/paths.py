"""Where things are: the repository, the warehouse, the inbox, Dagster's home.

Environment variables decide first, so that a service can put everything elsewhere; otherwise
all of it is inside the repository, in folders that git ignores. Standard library only: the
command imports it before it knows what it needs.
"""

import errno
import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
"""The folder with `seeds/`, `warehouse/` and `dagster.yaml`."""


def default_warehouse() -> Path:
    """Give the warehouse file: CABLES_WAREHOUSE, else warehouse/cables.duckdb."""
    named = os.environ.get("CABLES_WAREHOUSE")
    return Path(named).absolute() if named else REPOSITORY / "warehouse" / "cables.duckdb"


def inbox() -> Path:
    """Give the folder that the sensor watches: CABLES_INBOX, else inbox/; make it if need be."""
    folder = Path(os.environ.get("CABLES_INBOX") or REPOSITORY / "inbox").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def dagster_home() -> Path:
    """Give Dagster's home and set DAGSTER_HOME to it: what it names, else .dagster/ here.

    The command, the UI and its daemon all take this path, so they share runs and events. The
    repository's `dagster.yaml` is copied into its own home at each start: Dagster reads the
    settings only from the home, and its storage lies beside them. Settings in a home of the
    user's own are left as they are; without any, it gets ours, or telemetry would be on.
    """
    named = os.environ.get("DAGSTER_HOME")
    home = Path(named).absolute() if named else REPOSITORY / ".dagster"
    os.environ["DAGSTER_HOME"] = str(home)  # Dagster takes no relative one
    if named and (home / "dagster.yaml").exists():
        return home
    home.mkdir(parents=True, exist_ok=True)
    settings = (REPOSITORY / "dagster.yaml").read_bytes()
    copy = home / "dagster.yaml"
    if not copy.exists() or copy.read_bytes() != settings:
        fresh = home / f"dagster.yaml.{os.getpid()}"
        fresh.write_bytes(settings)
        fresh.replace(copy)
    return home


def home_problem() -> str | None:
    """Say why Dagster could not keep its history in its home; null where it can.

    A full disk is none: it is told with what a load needs.
    """
    problem = None
    try:
        home = dagster_home()
        kept = [home, home / "history", home / "history" / "runs", home / "history" / "runs.db"]
        if not all(os.access(path, os.W_OK) for path in kept if path.exists()):
            problem = "you may not write there"
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            problem = error.strerror
    return problem and (
        f"Dagster cannot keep its history in {os.environ['DAGSTER_HOME']}: {problem}; "
        "have DAGSTER_HOME name a folder of your own"
    )
