"""`python -m etl.cli`: the command `cables` for when it is not installed."""

from etl.cli import main

main()
