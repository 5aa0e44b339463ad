"""Paragraphs, sections and kinds, kind of trap by kind of trap; all fragments are our own."""

import pytest

from tests.parse.fragments import OPENING, read


def paragraphs(text: str) -> list[tuple[int | None, str | None, str | None, str, str]]:
    """Give number, marking, section, kind and text of each paragraph."""
    return [
        (row["number"], row["portion_marking"], row["section"], row["kind"], row["text"])
        for row in read(OPENING + text)["paragraphs"]
    ]


def test_a_date_cut_by_a_wrap_starts_no_paragraph() -> None:
    found = paragraphs(
        "1. (C) Snow fell in May\n2003. It fell again on June\n6. and on July\n2. No more.\n"
    )
    assert [row[0] for row in found] == [1]


def test_a_numbered_list_stays_in_its_paragraph() -> None:
    found = paragraphs(
        "1. (C) Snow.\n\n2. (C) Three wishes:\n\n1. Less snow.\n\n2. More sun.\n\n3. (C) End.\n"
    )
    assert [(row[0], row[4]) for row in found] == [
        (1, "Snow."),
        (2, "Three wishes:\n1. Less snow.\n2. More sun."),
        (3, "End."),
    ]


def test_page_markers_and_banners_do_not_break_a_sentence() -> None:
    found = paragraphs(
        "1. (C) The snow lay on\n\nOSLO 00000012 002 OF 003\n\nSIPDIS\n\nthe roof.\n"
    )
    assert [row[4] for row in found] == ["The snow lay on the roof."]


@pytest.mark.parametrize(
    "heading",
    ["SNOW\n----\n", "----\nSNOW\n----\n", "//SNOW//\n\n", "Snow -------\n\n", "-- Snow --\n",
     "SNOW\n\n", "SNOW.\n-----\n",
     "THE\nSNOW\n---- ----\n", "=====\nSNOW\n=====\n\n", "(C) SNOW\n- - - - -\n\n"],
)  # fmt: skip
def test_headings_in_every_shape(heading: str) -> None:
    found = paragraphs(f"1. (C) Before.\n\n{heading}2. (C) After.\n")
    assert [row[4] for row in found] == ["Before.", "After."]
    assert str(found[1][2]).upper().removeprefix("THE ") == "SNOW"


def test_summary_runs_to_its_end() -> None:
    parsed = read(
        f"{OPENING}1. (C) SUMMARY: One.\n\n2. (C) Two. END SUMMARY.\n\n3. (C) Comment: Three.\n"
    )
    assert [row["kind"] for row in parsed["paragraphs"]] == ["summary", "summary", "comment"]
    assert parsed["headers"][0]["summary"] == "One.\nTwo."
    marked = read(
        f"{OPENING}1. (S/NF) Summary. (C) One. (S/NF) Two. End Summary.\n\n2. (C) Three.\n"
    )
    assert marked["headers"][0]["summary"] == "One. (S/NF) Two."


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("This is an action request; see below.", "action_request"),
        ("ACTION REQUESTED: Send shovels.", "action_request"),
        ("The party made a class action request to the court.", "body"),
        ("He said no action required his vote.", "body"),
        ("SUMMARY AND ACTION REQUESTED: Snow.", "summary"),
    ],
)
def test_kinds_of_paragraphs(text: str, kind: str) -> None:
    parsed = read(f"{OPENING}1. (C) {text}\n\n2. (C) It snowed.\n")
    assert parsed["paragraphs"][0]["kind"] == kind


def test_a_repeated_header_is_no_text() -> None:
    found = paragraphs(
        "1. (C) The snow lay on\n\n"
        "C O N F I D E N T I A L SECTION 02 OF 02 OSLO 000012\n\nSIPDIS\n\n"
        "E.O. 12958: N/A\nTAGS: PREL\nSUBJECT: SNOW\n\nthe roof.\n\n2. (C) It melted.\nSNOODLE\n"
    )
    assert [row[4] for row in found] == ["The snow lay on the roof.", "It melted."]


def test_words_cut_by_a_line_end_are_joined_where_it_is_known_how() -> None:
    found = paragraphs(
        "1. (C) The counter-\nterrorism office and the snow-\nplough met. The snow-plough\n"
        "came late, as did the lighthouse. A light-\nhouse keeper, pre-\nand post-war, left the "
        "three-\nmile zone.\n"
    )
    assert found[0][4] == (
        "The counter-terrorism office and the snow-plough met. The snow-plough came late, as did "
        "the lighthouse. A lighthouse keeper, pre- and post-war, left the three- mile zone."
    )


def test_redactions_are_counted() -> None:
    parsed = read(f"{OPENING}1. (C) XXXXXXXXXXXX and xxxxxxx met; XXX is no name.\n")
    assert parsed["headers"][0]["redaction_count"] == 2
    assert parsed["paragraphs"][0]["redactions"] == [
        {"start": 0, "length": 12},
        {"start": 17, "length": 7},
    ]


@pytest.mark.parametrize(
    ("marking", "printed", "level", "caveats"),
    [
        ("(C)", "C", "CONFIDENTIAL", []),
        ("(SBU)", "SBU", "UNCLASSIFIED", ["SENSITIVE BUT UNCLASSIFIED"]),
        ("(S/NF)", "S/NF", "SECRET", ["NOFORN"]),
        ("(S//NF)", "S//NF", "SECRET", ["NOFORN"]),
        ("(C NF)", "C/NF", "CONFIDENTIAL", ["NOFORN"]),
        ("(U//FOUO)", "U//FOUO", "UNCLASSIFIED", ["FOR OFFICIAL USE ONLY"]),
        ("(C//REL TO USA, GBR)", "C//RELTOUSA,GBR", "CONFIDENTIAL", ["REL TO USA, GBR"]),
    ],
)
def test_portion_markings(marking: str, printed: str, level: str, caveats: list[str]) -> None:
    row = read(f"{OPENING}1. {marking} Snow.\n")["paragraphs"][0]
    assert (row["portion_marking"], row["level"], row["portion_caveats"]) == (
        printed, level, caveats,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "markings"),
    [
        ("1. C Snow fell.\n\n2. C Rain fell.\n\n3. U It is gone.\n", ["C", "C", "U"]),
        ("1. SBU Snow fell.\n\n2. SBU Rain fell.\n\n3. SBU It is gone.\n", ["SBU"] * 3),
        ("1. C. Snow fell.\n\n2. C. Rain fell.\n\n3. S/NF. It is gone.\n", ["C", "C", "S/NF"]),
        ("1. (C) Snow fell.\n\n2. (C Rain fell.\n\n3. U) It is gone.\n", ["C", "C", "U"]),
        ("1. (C) Snow fell.\n\n2. S Rain fell.\n\n3. C: It is gone.\n", ["C", "S", "C"]),
    ],
)
def test_markings_that_lost_their_brackets(body: str, markings: list[str]) -> None:
    parsed = read(f"{OPENING}{body}")["paragraphs"]
    assert [row["portion_marking"] for row in parsed] == markings
    assert [row["text"] for row in parsed] == ["Snow fell.", "Rain fell.", "It is gone."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("U Thant said so.", "U Nu left."),
        ("C Company came.", "C Company left."),
        ("C Snow came.", "He left."),
        ("(C) Snow.", "C. Rain said so."),
        ("(U) Snow.", "U Thant said so."),
        ("(C) Snow.", "U. S. men said so."),
    ],
)
def test_a_letter_that_may_be_a_name_is_no_marking(first: str, second: str) -> None:
    parsed = read(f"{OPENING}1. {first}\n\n2. {second}\n")["paragraphs"]
    assert (parsed[1]["portion_marking"], parsed[1]["text"]) == (None, second)
