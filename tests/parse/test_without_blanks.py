"""Copies that have lost their blank lines: each field stands right below the one before."""

import pytest

from tests.parse.fragments import read

HEADING = (
    "PAGE 01 OSLO 00012 191204Z\n43\nACTION EUR-12\nINFO OCT-01 ISO-00 /075 W\n"
    "--------------------- 091015\nR 191204Z NOV 74\nFM AMEMBASSY OSLO\n"
    "TO SECSTATE WASHDC 4504\nC O N F I D E N T I A L OSLO 0012\nE.O. 11652: GDS\n"
    "TAGS: PFOR, NO\nSUBJECT: SNOW ON THE ROOF OF THE TOWN HALL\n"
)
SAID = "THE MAYOR TOLD US THAT THE SNOW WOULD STAY\nON THE ROOF UNTIL IT FELL.\n"


def parts(body: str) -> tuple[str | None, list[str], list[tuple[int | None, str]]]:
    """Subject, references and paragraphs (number, first word) of a telegram."""
    found = read(HEADING + body)
    return (
        found["headers"][0]["subject"],
        [row["raw_text"] for row in found["references"]],
        [(row["number"], row["text"].split()[0]) for row in found["paragraphs"]],
    )


@pytest.mark.parametrize(
    ("body", "references", "paragraphs"),
    [
        (f"REF: BERN 13\nSUMMARY: {SAID}END SUMMARY.\n1. {SAID}2. IT FELL.\n", ["BERN 13"],
         [(None, "SUMMARY:"), (1, "THE"), (2, "IT")]),
        (f"REF: (A) BERN 13; (B) ROME 14\nBEGIN SUMMARY: {SAID}END SUMMARY\n1. {SAID}",
         ["BERN 13", "ROME 14"], [(None, "BEGIN"), (1, "THE")]),
        (f"SUMMARY AND INTRODUCTION. {SAID}END SUMMARY.\n", [], [(None, "SUMMARY")]),
        (f"REF: BERN 13\n1. {SAID}", ["BERN 13"], [(1, "THE")]),
        (f"1. {SAID}", [], [(1, "THE")]),
    ],
)  # fmt: skip
def test_text_begins_right_below(
    body: str, references: list[str], paragraphs: list[tuple[int | None, str]]
) -> None:
    assert parts(body) == ("SNOW ON THE ROOF OF THE TOWN HALL", references, paragraphs)


@pytest.mark.parametrize(
    "slugs",
    [
        "FOR EUR/NE\n",
        "FOR EUR/NE, SCA/VO, ROME FOR INS\n",
        "ROME FOR EMBASSY/QUILL AND INS/LANTERNE\nVIENNA FOR USDEL MBFR\n",
    ],
)
def test_slug_lines_between_subject_and_references(slugs: str) -> None:
    found = read(f"{HEADING}{slugs}REF: BERN 13\n1. {SAID}2. IT FELL.\n")
    assert found["headers"][0]["subject"] == "SNOW ON THE ROOF OF THE TOWN HALL"
    assert found["headers"][0]["slug"] == slugs.strip()


@pytest.mark.parametrize("second", ["FOR THE WINTER", "AND TALKS FOR US/NORWEGIAN TREATY"])
def test_a_second_line_of_the_subject_is_no_slug(second: str) -> None:
    subject, references, _ = parts(f"{second}\nREF: BERN 13\n1. {SAID}2. IT FELL.\n")
    assert subject == f"SNOW ON THE ROOF OF THE TOWN HALL {second}"
    assert references == ["BERN 13"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("OSLO 00000012  001.12 OF 002", "OSLO 00000012  002.13 OF 002"),
        ("PAGE 02 OSLO 00012 191204 Z", "PAGE 03 OSLO 00012 191204 Z"),
    ],
)
def test_page_markers_in_subject_and_text(first: str, second: str) -> None:
    subject, _, paragraphs = parts(
        f"{first}\nREF: BERN 13\n1. {SAID}{second}\nIT STAYED FOR TEN DAYS.\n"
    )
    assert subject == "SNOW ON THE ROOF OF THE TOWN HALL"
    assert [number for number, _ in paragraphs] == [1]
    text = read(f"{HEADING}1. {SAID}{second}\nIT STAYED FOR TEN DAYS.\n")["paragraphs"][0]["text"]
    assert text == SAID.replace("\n", " ") + "IT STAYED FOR TEN DAYS."
