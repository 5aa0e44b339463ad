"""Time to read a document grows with its size, not with the square of it, whatever it holds."""

import io
import time
from collections.abc import Callable

import pytest

from etl.extract.bulk_csv import bulk_csv
from etl.extract.dialect import read_document
from etl.extract.documents import Limits, Origin

ORIGIN = Origin("file:///x")
TELEGRAM = "UNCLAS EXAMPLEVILLE 000042\nTAGS: XX\n"
ROW = '"1","2/14/2007 12:04","07X1","a","b","c","d","e"\n'

DOCUMENTS: dict[str, Callable[[int], str]] = {
    "blanks": lambda n: " " * n + "x",
    "blank lines": lambda n: " \n" * n + "x",
    "commas": lambda n: "a," * n,
    "quotes": lambda n: '"' * n,
    "cells without end": lambda n: "<table>" + "<td a" * n + "<pre>" + TELEGRAM,
    "cells without name": lambda n: "<html><table" + "<td" * n + "<pre>x",
    "cells": lambda n: "<table>" + "<td>" * n + "<pre>" + TELEGRAM,
    "blocks without end": lambda n: "<html>" + "<pre " * n,
    "blocks": lambda n: "<html>" + "<pre>" * n,
    "tags without end": lambda n: "<pre>" + TELEGRAM + "<a " * n,
    "entities without end": lambda n: "<pre>" + TELEGRAM + "&#" * n,
    "line break without end": lambda n: "<pre>" + TELEGRAM + "<br" + " " * n,
    "titles": lambda n: "<html>" + "Viewing cable " * n + "<pre>" + TELEGRAM,
    "post of many words": lambda n: "UNCLAS " + "A " * n,
    "lines of many words": lambda n: ("SECRET " + "A " * (n // 200) + "\n") * 200,
    "caveats": lambda n: "SECRET //" + " " * n + "!",
    "order without number": lambda n: "E.O." + " " * n,
    "reference without colon": lambda n: "REF" + " " * n,
    "headings of the archive": lambda n: "Message Text\nMessage Attributes\n" * n,
    "attributes": lambda n: "Message Attributes\nFrom: x\nTo: y\nType: z\n" * n,
    "blanks in a stamp": lambda n: (
        f"Message Text\n{TELEGRAM}Declassified/Released" + "\n" * n + "Message Attributes\nTo: x\n"
    ),
    "cells of a web page": lambda n: "Identifier\nCreated\n" + "x\t" * n,
}
ROWS: dict[str, Callable[[int], str]] = {
    "rows": lambda n: ROW * n,
    "rows without a time": lambda n: ROW + '"x","x","x","a","b","c","d","e"\n' * n,
    "rows without quotes": lambda n: (ROW + "a,b,c,d,e,f,g,h\n") * n,
    "rows of nothing": lambda n: ROW + ",,,,,,,\n" * n,
    "lines that are no rows": lambda n: ROW + "junk\n" * n,
    "quotes in a row": lambda n: ROW.replace('e"\n', '"x' * n + "\n"),
    "backslashes in a row": lambda n: ROW.replace('e"\n', "\\" * n + "\n"),
    "delimiters in a row": lambda n: ROW.replace('e"\n', '\\","' * n + "\n"),
}


def seconds(make: Callable[[], object]) -> float:
    started = time.perf_counter()
    make()
    return time.perf_counter() - started


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_four_times_the_document_takes_four_times_as_long(kind: str) -> None:
    small, large = (DOCUMENTS[kind](n).encode() for n in (20_000, 80_000))
    before = seconds(lambda: read_document(small, ORIGIN))
    assert seconds(lambda: read_document(large, ORIGIN)) < 0.5 + 8 * before


@pytest.mark.parametrize("kind", ROWS)
def test_four_times_the_csv_takes_four_times_as_long(kind: str) -> None:
    small, large = (ROWS[kind](n).encode() for n in (10_000, 40_000))
    before = seconds(lambda: list(bulk_csv(io.BytesIO(small), ORIGIN, Limits())))
    assert seconds(lambda: list(bulk_csv(io.BytesIO(large), ORIGIN, Limits()))) < 0.5 + 8 * before
