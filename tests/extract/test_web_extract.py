"""Web extracts: labels in every order, and no character lost."""

from datetime import datetime

import pytest

from etl.extract.dialect import read_document, read_text
from etl.extract.documents import NotATelegram, Origin, frame
from etl.extract.web_extract import is_web_extract, web_extract


def test_labels_then_values(web_cover: str, body: str) -> None:
    text = f"{web_cover}\n{body}"
    reading = read_text(text)
    assert reading.dialect == "web_extract"
    assert reading.cover_text == web_cover
    assert reading.body_text == body
    assert reading.header_text is None
    assert reading.published_id == "07EXAMPLEVILLE42"
    assert reading.created == "2007-02-14 12:04:00"
    assert reading.published_classification == "UNCLASSIFIED//FOR OFFICIAL USE ONLY"
    assert reading.published_origin == "Embassy Exampleville"
    assert reading.published_subject == "MINISTER BLUE AND THE HARBOR"


@pytest.mark.parametrize(
    "cover",
    [
        "Identifier: 07EXAMPLEVILLE42\nCreated: 2007-02-14 12:04:00\n"
        "Classification: UNCLASSIFIED\nOrigin: Embassy Exampleville\n",
        "Identifier\n07EXAMPLEVILLE42\n\nCreated\n2007-02-14 12:04:00\n\n"
        "Classification\nUNCLASSIFIED\nOrigin\nEmbassy Exampleville\n",
        "Some Site\n\nReference ID\tCreated\tReleased\tClassification\tOrigin\n"
        "07EXAMPLEVILLE42\t2007-02-14 12:04:00\t2010-12-01 23:11\tUNCLASSIFIED\t"
        "Embassy Exampleville\n",
    ],
)
def test_labels_in_other_orders(cover: str, body: str) -> None:
    text = f"{cover}A TITLE\n\n{body}"
    reading = read_text(text)
    assert reading.published_id == "07EXAMPLEVILLE42"
    assert reading.created == "2007-02-14 12:04:00"
    assert reading.published_classification == "UNCLASSIFIED"
    assert reading.published_origin == "Embassy Exampleville"
    assert reading.published_subject == "A TITLE"
    assert reading.body_text == body
    assert f"{reading.cover_text}\n{reading.body_text}" == text


def test_value_of_the_wrong_shape_is_null(body: str) -> None:
    text = f"Identifier\nCreated\nunknown\n2007-02-14 12:04:00\nTitle: X\n{body}"
    reading = web_extract(text)
    assert (reading.published_id, reading.created) == (None, "2007-02-14 12:04:00")


def test_header_that_stands_twice_is_left_in_the_body(web_cover: str, body: str) -> None:
    twice = body[: body.index("¶1")] + body
    assert read_text(f"{web_cover}\n{twice}").body_text == twice


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_cover_and_body_joined_are_the_document(web_cover: str, body: str, newline: str) -> None:
    text = f"\n{web_cover}\n\n \n{body}\n\n\nNNNN\n"
    document = read_document(text.replace("\n", newline).encode(), Origin("file:///x"))
    assert document.reading is not None
    assert f"{document.reading.cover_text}\n{document.reading.body_text}" == text
    assert frame([document])["created_at"].item() == datetime(2007, 2, 14, 12, 4)


def test_title_that_looks_like_a_classification_line_stays_in_the_cover(body: str) -> None:
    text = (
        "Identifier: 07EXAMPLEVILLE42\nCreated: 2007-02-14 12:04:00\n"
        f"Cable title:\nSECRET TALKS ON RESOLUTION 15590\nTags: PREL\n{body}"
    )
    reading = web_extract(text)
    assert reading.body_text == body
    assert reading.published_subject == "SECRET TALKS ON RESOLUTION 15590"


def test_cover_without_telegram_says_so(web_cover: str) -> None:
    cover = web_cover.rpartition("\n")[0]
    with pytest.raises(NotATelegram, match="web extract without a telegram"):
        web_extract(cover + "\nnothing to see here\n")


def test_telegram_with_a_label_in_its_text_is_no_web_extract(telegram: str) -> None:
    assert not is_web_extract(f"{telegram}Identifier\nCreated: 2007-02-14 12:04\n".split("\n"))
