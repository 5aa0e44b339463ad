"""Release pages, held against an HTML parser's answer."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from etl.extract.documents import NotATelegram, Reading
from etl.extract.encoding import decode
from etl.extract.release_page import is_release_page, release_page

PARTIAL = (
    "This record is a partial extract of the original cable. "
    "The full text of the original cable is not available."
)
SEED_PAGES = Path(__file__).parents[2] / "seeds" / "cables" / "pages"
Page = Callable[..., str]


def test_page_gives_table_title_header_and_body(page: Page, header: str, body: str) -> None:
    assert release_page(page()) == Reading(
        "release_page",
        body_text=body,
        header_text=header,
        published_id="07EXAMPLEVILLE42",
        created="2007-02-14 12:12",
        published_classification="UNCLASSIFIED",
        published_origin="Embassy Exampleville",
        published_subject="MINISTER BLUE & THE HARBOR",
    )


def test_partial_extract_sentence_is_the_header_as_received(page: Page, body: str) -> None:
    reading = release_page(page(header=PARTIAL))
    assert (reading.header_text, reading.body_text) == (PARTIAL, body)


def test_single_block_is_the_body(page: Page, body: str) -> None:
    reading = release_page(page(header=None))
    assert (reading.header_text, reading.body_text) == (None, body)


def test_upper_case_tags_and_double_quotes(page: Page) -> None:
    text = page().replace("'", '"')
    for tag in ("pre", "code", "table", "th", "td", "tr", "a", "h3"):
        text = text.replace(f"<{tag}", f"<{tag.upper()}").replace(f"</{tag}>", f"</{tag.upper()}>")
    assert release_page(text) == release_page(page())


def test_without_table_the_title_names_the_cable(page: Page, body: str) -> None:
    reading = release_page(page(table=False))
    assert (reading.published_id, reading.created) == ("07EXAMPLEVILLE42", None)
    assert reading.published_subject == "MINISTER BLUE & THE HARBOR"
    assert reading.body_text == body


def test_without_table_and_title_the_telegram_is_still_read(page: Page, body: str) -> None:
    reading = release_page(page(table=False, title=None))
    assert (reading.published_id, reading.published_subject) == (None, None)
    assert reading.body_text == body


def test_empty_title_is_null(page: Page) -> None:
    assert release_page(page(title="")).published_subject is None


def test_title_may_hold_markup_signs_and_newlines(page: Page) -> None:
    assert release_page(page(title=" A &lt;B&gt;\n C ")).published_subject == "A <B> C"


def test_only_the_newlines_of_the_formatting_are_taken_off() -> None:
    text = "<pre>\n&#x000A;UNCLAS EXAMPLEVILLE 000042 &#x000A;x  &#10;\n</pre>"
    assert release_page(text).body_text == "\nUNCLAS EXAMPLEVILLE 000042 \nx  \n"


def test_entities_need_their_semicolon_and_unknown_tags_are_text() -> None:
    text = (
        "<pre>UNCLAS EXAMPLEVILLE 000042&#x0a;AT&GTE R&D &para;2 &#8220;x&#8221; &#150; &nosuch; "
        "<b>bold</b> <i>i</i><br/>a <j.roe@example.org> 3 < 4 > 2</pre>"
    )
    assert release_page(text).body_text == (
        "UNCLAS EXAMPLEVILLE 000042\nAT&GTE R&D ¶2 “x” – &nosuch; bold i\n"
        "a <j.roe@example.org> 3 < 4 > 2"
    )


def test_crlf_page_has_lf_text(page: Page, body: str) -> None:
    text = decode(page().replace("\n", "\r\n").encode()).text
    assert release_page(text).body_text == body


@pytest.mark.parametrize(
    "text",
    [
        "<html><body><p>UNCLAS EXAMPLEVILLE 000042</p></body></html>",
        "<html><pre></pre><pre> </pre></html>",
        "<html><pre>apt-get install harbor</pre></html>",
        f"<html><pre>{PARTIAL}</pre></html>",
    ],
)
def test_page_without_telegram_says_so(text: str) -> None:
    assert is_release_page(text)
    with pytest.raises(NotATelegram, match="<pre> block"):
        release_page(text)


def test_page_cut_anywhere_gives_a_beginning_of_the_text_or_a_reason(
    page: Page, header: str, body: str
) -> None:
    whole = page().encode()
    lengths: list[int] = []
    for end in range(len(whole)):
        text = decode(whole[:end]).text
        try:
            reading = release_page(text) if is_release_page(text) else None
        except NotATelegram:
            reading = None
        if reading is None:
            assert not lengths, f"read when cut earlier, but not when cut at {end}"
            continue
        if reading.header_text:
            lengths.append(len(header) + len(reading.body_text))
            assert body.startswith(reading.body_text.removesuffix("Â"))
        else:
            lengths.append(len(reading.body_text))
            assert header.startswith(reading.body_text)
    assert lengths[-1] == len(header) + len(body)
    assert len(lengths) > len(body)


def _expected(data: bytes) -> dict[str, str | None]:
    """Read the page with an HTML parser."""
    tree = LexborHTMLParser(data)
    blocks = [node.text() for node in tree.css("pre")]
    cells = [node.text(strip=True) for node in tree.css("table.cable td")]
    titles = [node.text() for node in tree.css("h1, h2, h3")]
    title = next((text for text in titles if text.startswith("Viewing cable")), "")
    title = title.partition(",")[2]
    return {
        "header_text": blocks[0] if len(blocks) > 1 else None,
        "body_text": blocks[-1],
        "published_id": cells[0],
        "created": cells[1],
        "published_classification": cells[3],
        "published_origin": cells[4],
        "published_subject": " ".join(title.split()) or None,
    }


def _given(data: bytes) -> dict[str, str | None]:
    reading = release_page(decode(data).text)
    return {name: getattr(reading, name) for name in _expected(data)}


def test_made_page_agrees_with_html_parser(page: Page) -> None:
    data = page().encode()
    assert _given(data) == _expected(data)


def _pages(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.html") if path.is_file())


def test_seed_pages_agree_with_html_parser() -> None:
    pages = _pages(SEED_PAGES)
    if not pages:
        pytest.skip(f"no sample pages in {SEED_PAGES}")
    for path in pages:
        data = path.read_bytes()
        assert _given(data) == _expected(data), path


def test_real_pages_agree_with_html_parser() -> None:
    corpus = os.environ.get("CABLES_CORPUS")
    if not corpus:
        pytest.skip("set CABLES_CORPUS to a folder with pages of the public release")
    pages = _pages(Path(corpus))
    assert pages, f"no *.html below CABLES_CORPUS={corpus}"
    for path in pages:
        data = path.read_bytes()
        assert _given(data) == _expected(data), path
