"""Sample documents of the tests' own writing: invented posts, people and events."""

import html
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HEADER = """\
VZCZCXRO1234
RR RUEHXX
DE RUEHEX #0042 0451204
ZNR UUUUU ZZH
R 141204Z FEB 07
FM AMEMBASSY EXAMPLEVILLE
TO RUEHC/SECSTATE WASHDC 0815
BT"""

BODY = """\
UNCLAS EXAMPLEVILLE 000042

SIPDIS

E.O. 12958: N/A
TAGS: PREL ECON XX
SUBJECT: MINISTER BLUE & THE "HARBOR" QUESTION

¶1. (U) Minister Ada Blue <a.blue@example.org> said the harbor
stays open.

¶2. (U) Comment: we doubt it. End comment.

ROE"""

PARTIAL = (
    "This record is a partial extract of the original cable. "
    "The full text of the original cable is not available."
)


def make_page(
    header: str | None = HEADER,
    body: str = BODY,
    *,
    table: bool = True,
    title: str | None = "MINISTER BLUE &amp; THE HARBOR",
    mrn: str = "07EXAMPLEVILLE42",
) -> str:
    """Give a release page in the form of the published ones."""
    cells = [mrn, "2007-02-14 12:12", "2010-12-01 23:11", "UNCLASSIFIED", "Embassy Exampleville"]
    labels = ["Reference ID", "Created", "Released", "Classification", "Origin"]
    parts = ["<?xml version='1.0' encoding='utf-8' ?>\n<html lang='en'>\n<body>\n<div>menu</div>\n"]
    if title is not None:
        parts.append(f"<h3>Viewing cable {mrn}, {title}</h3>\n<div>\n")
    if table:
        heads = "".join(f"<th>{label}</th>\n" for label in labels)
        values = "".join(f"<td>\n<a href='/x_0.html'>{cell}</a>\n</td>\n" for cell in cells)
        parts.append(f"<table class='cable'>\n<tr>\n{heads}</tr>\n<tr>\n{values}</tr>\n</table>\n")
    for block in (header, body):
        if block is not None:
            parts.append(f"<code><pre>{_markup(block)}</pre></code>\n")
    parts.append("</div>\n<script src='/js.js'></script>\n</body>\n</html>\n")
    return "".join(parts)


def _markup(text: str) -> str:
    marked = html.escape(text, quote=False).replace("¶1", "<a id='par1' href='#par1'>¶</a>1")
    marked = marked.replace("PREL ECON", "<a href='/tag/PREL_0.html'>PREL</a> <a href='#'>ECON</a>")
    return marked.replace("\n", "&#x000A;")


def make_row(
    number: int = 1,
    *,
    created: str = "2/14/2007 12:04",
    mrn: str = "07EXAMPLEVILLE42",
    references: str = "06STATE1|06STATE22",
    header: str = HEADER,
    body: str = BODY,
) -> str:
    """Give a row of the bulk CSV, with a newline at its end."""
    fields = [str(number), created, mrn, "Embassy Exampleville", "UNCLASSIFIED", references]
    escaped = [text.replace("\\", "\\\\").replace('"', '\\"') for text in (*fields, header, body)]
    return ",".join(f'"{text}"' for text in escaped) + "\n"


@pytest.fixture
def header() -> str:
    """Transmission header of the invented telegram."""
    return HEADER


@pytest.fixture
def body() -> str:
    """Text of the invented telegram."""
    return BODY


@pytest.fixture
def telegram() -> str:
    """Raw telegram: header and text."""
    return f"{HEADER}\n{BODY}\n\n\nNNNN\n"


@pytest.fixture
def web_cover() -> str:
    """Page words before the telegram, in the form in which browsers copy them."""
    return (
        "Identifier\nCreated\nClassification\nOrigin\n07EXAMPLEVILLE42\n2007-02-14 12:04:00\n"
        "UNCLASSIFIED//FOR OFFICIAL USE ONLY\nEmbassy Exampleville\nCable title:\xa0\xa0\n\n"
        "MINISTER BLUE AND THE HARBOR\n\nTags:\xa0\xa0PREL\xa0ECON\xa0\n"
        f"pdf\xa0how-to read a cable\n{PARTIAL}"
    )


@pytest.fixture
def page() -> Callable[..., str]:
    """Maker of release pages."""
    return make_page


@pytest.fixture
def row() -> Callable[..., str]:
    """Maker of CSV rows."""
    return make_row


@contextmanager
def as_nobody() -> Iterator[None]:
    """Take the rights of a user who owns nothing: root reads everything."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.seteuid(65534)
    except OSError as problem:
        pytest.skip(f"no user nobody here: {problem}")
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that everybody can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)
