"""What each frame and table holds: the one source for types, checks and descriptions.

`documents` and `frames` are on the way; `dimensions`, `facts`, `quality` and `views` are in the
published file, listed in `tables`; `columns` are the kinds of column, `lineage` says which column
is made from which.

Not here: how anything is made.
"""

from etl.imports import load_dataframely

load_dataframely()
