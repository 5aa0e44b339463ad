"""The rules' version: a digest of the code and tables that decide what is read from a document.

A module of its own, so that who only asks for the version loads none of the rules.
"""

from pathlib import Path

from etl.files import digest_of


def _version() -> str:
    etl = Path(__file__).resolve().parent.parent
    return digest_of(
        [
            *sorted((etl / "parse").glob("*.py")),
            *sorted((etl / "conform").glob("*.py")),
            *sorted((etl.parent / "seeds" / "reference").glob("*.csv")),
            etl / "contracts" / "frames.py",
            etl / "series.py",
        ]
    )


PARSER_VERSION = _version()
"""Changes whenever code or tables of the parser change: parsed frames are kept under it."""
