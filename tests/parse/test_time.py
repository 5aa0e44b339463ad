"""Time to parse a document grows with its size, not with the square of it, whatever it holds."""

import time
from collections.abc import Callable

import polars as pl
import pytest

from etl.contracts import frames
from etl.parse import parse
from tests.hostile import telegram

COLUMNS = frames.Documents.create_empty().schema
SIZES = (40_000, 160_000)
"""Characters of what is repeated, give or take."""


def _repeated(piece: str, before: str = "", *, at: str = "\n\n1. (U)") -> Callable[[int], str]:
    """Put a piece, as often as there is room, before a place of a good telegram."""

    def make(size: int) -> str:
        return telegram(1).replace(at, before + piece * (size // len(piece)) + at, 1)

    return make


DOCUMENTS: dict[str, Callable[[int], str]] = {
    "TAGS": _repeated("PREL ECON EN ", at="PREL ECON EN"),
    "TAGS run together": _repeated("PRELECON", at="PREL ECON EN"),
    "odd TAGS": lambda size: telegram(1).replace(
        "PREL ECON EN", ", ".join(f"X{n:X}" for n in range(size // 6))
    ),
    "REF items": _repeated(" A. 06 TALLINN 12", "\nREF:"),
    "REF without serials": _repeated("A) (B. ", "\nREF: "),
    "REF of words": _repeated("AND EARLIER ", "\nREF: 06 STATE 1 "),
    "REF of digits": _repeated("1 ", "\nREF: 06 STATE "),
    "REF in brackets": _repeated("(", "\nREF: A. 06 STATE 1 "),
    "E.O. line": _repeated("DECL: ", "\nE.O. 12958: "),
    "dates": _repeated("13/45/2099 ", "\nE.O. 12958: DECL: "),
    "subject": _repeated("HARBOR ", "\nSUBJECT: "),
    "subject of one word": _repeated("X", "\nSUBJECT: "),
    "classifier": _repeated("Ada Blue, ", "\nClassified By: "),
    "classifier in brackets": _repeated("(", "\nClassified By: Ambassador "),
    "classifier of commas": _repeated(",", "\nClassified By: Ambassador "),
    "reasons in brackets": _repeated("(", "\nClassified By: For reasons 1.4 "),
    "classifier in capitals": _repeated("A. B. C ", "\nCLASSIFIED BY: "),
    "reasons": _repeated("1.4 (b) ", "\nClassified By: Ada Blue, DCM. Reason: "),
    "addressees": _repeated("RUEHC/SECSTATE WASHDC 0815\n", at="BT\n"),
    "addressees on a line": _repeated("RUEHC/SECSTATE WASHDC ", at="\nBT\n"),
    "exemptions": _repeated("OSLO ", "\nXMT ", at="\nBT\n"),
    "labels": _repeated("TAGS: PREL\n", "\n"),
    "header labels": _repeated("FM AMEMBASSY OSLO\n", at="BT\n"),
    "paragraphs": _repeated("\n\n3. (U) x", at="\n\nROE"),
    "paragraph numbers": _repeated("3. 4. (U) ", at="Comment:"),
    "markings": _repeated("(S//NF) ", at="Comment:"),
    "brackets": _repeated("(", at="Comment:"),
    "one word": _repeated("x", at="Comment:"),
    "one line of words": _repeated("lorem ipsum ", at="Comment:"),
    "redactions": _repeated("XXXXXXXX ", at="Comment:"),
    "hyphens": _repeated("lor-\nem ", at="Comment:"),
    "blank lines": _repeated("\n \t", at="\n\nROE"),
    "page marks": _repeated("\nTALLINN 00000001 002 OF 003\n", at="\n\nROE"),
    "page heads": _repeated("\nPAGE 02 TALLIN 00001 01 OF 03 111533Z\n", at="\n\nROE"),
    "headings": _repeated("\n\nWEATHER AND TIDES\n", at="\n\nROE"),
    "underlined headings": _repeated("\n\nTides\n-----\n", at="\n\nROE"),
    "rules": _repeated("-----\n", at="\n\nROE"),
    "signers": _repeated("\nROE", at="\n\nNNNN"),
    "banners": _repeated("\nC O N F I D E N T I A L\n", at="\n\nROE"),
    "classification line": _repeated("UNCLAS ", at="TALLINN 0"),
    "telegrams": lambda size: telegram(1) * (size // len(telegram(1))),
}


def _seconds(text: str) -> float:
    row: dict[str, object] = dict.fromkeys(COLUMNS)
    row |= {"document_key": 1, "uri": "file:///x", "sha256": "0" * 64, "size_bytes": 1}
    row |= {"dialect": "raw_telegram", "body_text": text}
    frame = pl.DataFrame([row], schema=COLUMNS)
    started = time.process_time()  # whatever else the machine is doing
    parse(frame)
    return time.process_time() - started


@pytest.mark.slow
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_four_times_the_telegram_takes_at_most_four_times_as_long(kind: str) -> None:
    before, after = (_seconds(DOCUMENTS[kind](size)) for size in SIZES)
    assert after < 0.5 + 7 * before
