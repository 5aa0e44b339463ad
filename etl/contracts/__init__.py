"""What each frame and table holds: the one source for types, checks and descriptions.

`documents` and `frames` are on the way; `dimensions`, `facts`, `quality` and `views` are in the
published file, listed in `tables`; `columns` are the kinds of column, `lineage` says which column
is made from which.

Not here: how anything is made.
"""

import sys


def _load_dataframely() -> None:
    """Load dataframely without SQLAlchemy, which it uses where it is there, and we never with it.

    With it each process that parses would take half as long again to start.
    """
    if sys.modules.keys() & {"dataframely", "sqlalchemy"}:
        return
    sys.modules["sqlalchemy"] = None  # type: ignore[assignment]  # as if it were not installed
    try:
        import dataframely  # noqa: F401
    finally:
        del sys.modules["sqlalchemy"]


_load_dataframely()
