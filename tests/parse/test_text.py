"""The text of a telegram: what is a paragraph, a heading, a list, and that no word is lost."""

import pytest

from tests.parse.fragments import read

OPENING = (
    "C O N F I D E N T I A L OSLO 000012\n\nSIPDIS\n\nE.O. 12958: DECL: 01/02/2019\n"
    "TAGS: PREL, NO\nSUBJECT: SNOW IN OSLO\n\nREF: OSLO 11\n\n"
    "Classified By: Ambassador Ann B. Snow for reasons 1.4 (b) and (d).\n\n"
)
CAPITALS = "UNCLASSIFIED OSLO 0012\n\nE.O. 11652: N/A\nTAGS: PFOR, NO\nSUBJECT: SNOW IN OSLO\n\n"


def numbered(body: str) -> list[tuple[int | None, str]]:
    """Give number and text of each paragraph."""
    return [(row["number"], row["text"]) for row in read(body)["paragraphs"]]


def texts(body: str) -> list[str]:
    """Give the text of each paragraph."""
    return [row["text"] for row in read(body)["paragraphs"]]


def sections(body: str) -> list[tuple[str | None, str]]:
    """Give heading and text of each paragraph."""
    return [(row["section"], row["text"]) for row in read(body)["paragraphs"]]


@pytest.mark.parametrize(
    ("form", "marking"),
    [
        ("{}. (C) {}", "C"), ("{}.(SBU){}", "SBU"), ("{}) (C) {}", "C"), ("{}/ (C) {}", "C"),
        ("({}) (C) {}", "C"), ("(C) {}. {}", "C"), ("#{}. (C) {}", "C"), ("{}. [C] {}", "C"),
        ("{}.  C - {}", "C"), ("{}. (C)(NF) {}", "C/NF"), ("{}: (C//NF//) {}", "C//NF"),
        ("{}. (LIMITED OFFICIAL USE) {}", "LIMITEDOFFICIALUSE"), ("PARA {}. (U) {}", "U"),
        ("{}. {}", None), ("{}) {}", None), ("{} - {}", None), ("({}) {}", None), ("{} {}", None),
        ("PARA {}. {}", None), ("{}.- {}", None),
    ],
)  # fmt: skip
def test_numbers_of_paragraphs_in_every_form(form: str, marking: str | None) -> None:
    lines = [form.format(n, word) for n, word in enumerate(("Snow.", "Rain.", "Sun."), 1)]
    rows = read(OPENING + "\n\n".join(lines) + "\n")["paragraphs"]
    assert [(row["number"], row["text"]) for row in rows] == [
        (1, "Snow."), (2, "Rain."), (3, "Sun."),
    ]  # fmt: skip
    assert {row["portion_marking"] for row in rows} == {marking}


def test_a_part_may_begin_with_any_marked_number() -> None:
    assert numbered("(7) (C) Snow.\n\n(8) (C) Rain.\n") == [(7, "Snow."), (8, "Rain.")]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        # The numbers go on behind the list from those before it.
        (
            "1. Snow.\n\n2. Wishes\n\n1. Less.\n\n2. More.\n\n3. None.\n\n3. Sun.\n\n4. End.\n",
            [(1, "Snow."), (2, "Wishes\n1. Less.\n2. More.\n3. None."), (3, "Sun."), (4, "End.")],
        ),
        # A colon leads to it, and it is the last thing said.
        (
            "1. Snow.\n\n2. Wishes:\n\n1. Less.\n\n2. More.\n",
            [(1, "Snow."), (2, "Wishes:\n1. Less.\n2. More.")],
        ),
        # Items without blanks, ended early by their writer.
        (
            "1. SNOW.\n2. WE NEED:\n1. A DRUM\n2. A FLUTE\n3. PRICES ROSE.\n4. END.\n",
            [(1, "SNOW."), (2, "WE NEED:\n1. A DRUM\n2. A FLUTE"), (3, "PRICES ROSE."),
             (4, "END.")],
        ),
        # Written in another form than the paragraphs.
        (
            "1. Snow:\n\n1) one\n\n2) two\n\n(3) three\n\n2. Rain.\n",
            [(1, "Snow:\n1) one\n2) two\n(3) three"), (2, "Rain.")],
        ),
        # Another text, numbered anew.
        (
            "1. Snow.\n\n2. Rain.\n\nANNEX\n\n1. Hail.\n\n2. Fog.\n\n3. Wind.\n",
            [(1, "Snow."), (2, "Rain."), (1, "Hail."), (2, "Fog."), (3, "Wind.")],
        ),
        # A number that the next marked one bears is of a list.
        (
            "1. (C) The sum was 3.\n2. It grew.\n\n2. (C) Rain.\n",
            [(1, "The sum was 3. 2. It grew."), (2, "Rain.")],
        ),
        # Skipped, said twice, out of order.
        ("1. A.\n\n3. B.\n\n4. C.\n", [(1, "A."), (3, "B."), (4, "C.")]),
        ("1. A.\n\n2. B.\n\n2. C.\n\n3. D.\n", [(1, "A."), (2, "B."), (2, "C."), (3, "D.")]),
        ("1. (C) A.\n\n3. (C) B.\n\n2. (C) C.\n", [(1, "A."), (3, "B."), (2, "C.")]),
        # Its stop forgotten between n - 1 and n + 1.
        ("1. (C) A.\n\n2 B.\n\n3. (C) C.\n", [(1, "A."), (2, "B."), (3, "C.")]),
        # A page that joined its lines.
        (
            "1. (C) A. 2. (C) B.\n3. (C) C. 4. (SBU) D.\n",
            [(1, "A."), (2, "B."), (3, "C."), (4, "D.")],
        ),
        # Years, dates and amounts at the head of a line.
        (
            "1. Snow of May\n2005. It lay, on July\n2. In all of $\n3. It was so.\n\n2. Rain.\n",
            [(1, "Snow of May 2005. It lay, on July 2. In all of $ 3. It was so."), (2, "Rain.")],
        ),
    ],
)  # fmt: skip
def test_numbers_of_lists_and_of_paragraphs(body: str, found: list[tuple[int | None, str]]) -> None:
    assert numbered(OPENING + body) == found


def test_a_number_behind_a_page_marker_starts_a_paragraph() -> None:
    page = "\n\nUNCLASSIFIED\n\nPAGE 02        OSLO  00012  041200Z\n\n"
    body = f"{CAPITALS}1. IT WAS SO MARKED{page}2. RAIN FELL ON JULY{page}3. AND ON JUNE 4.\n"
    assert numbered(body) == [(1, "IT WAS SO MARKED"), (2, "RAIN FELL ON JULY 3. AND ON JUNE 4.")]


def test_captions_that_are_words_of_a_sentence_stay() -> None:
    body = (
        f"{CAPITALS}1. THE TALKS WITH THE MINISTER WERE\nSENSITIVE.\n\n"
        "2. THE PAPERS WERE MARKED\nSECRET\nAND SOME WERE GIVEN AS\nLIMITED OFFICIAL USE\n"
        "UNDER THE\nOLD RULES OF\n\nCONFIDENTIAL\n\nPAGE 02        OSLO  00012  041200Z\n\nMAY.\n"
    )
    assert numbered(body) == [
        (1, "THE TALKS WITH THE MINISTER WERE SENSITIVE."),
        (2, "THE PAPERS WERE MARKED SECRET AND SOME WERE GIVEN AS LIMITED OFFICIAL USE UNDER THE "
            "OLD RULES OF MAY."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "He saw the\nPAGE 12 SHOWS 4500\nreport.",
        "He saw [the annex](text) and more.",
        "He saw the snow\n-- an old friend --\nagain, and\n//the old one//\ntoo.",
        "He went to the F.B.I. HEADQUARTERS",
        "He went to the U.N. AND NATO",
        "He met Dr. ORDWAY",
        "Norway      12     13\n-----       --     --\nSweden      14     15",
    ],
)
def test_words_that_look_like_something_else_stay(words: str) -> None:
    body = f"{OPENING}1. (C) Snow.\n\n2. (C) {words}\n"
    kept = [word for word in words.split() if set(word) != {"-"} or word == "--"]
    found = texts(body)[-1].split()
    assert [word for word in found if word in kept] == [word for word in kept if word in found]
    assert set(kept) - {"--"} <= set(found)
    assert [row for row in read(body)["people"] if row["role"] == "signer"] == []


def test_a_signature_run_on_to_the_text_is_found_still() -> None:
    parsed = read(f"{OPENING}1. (C) Snow.\n\n2. (C) He saw the rain. ORDWAY\n")
    assert [row["text"] for row in parsed["paragraphs"]] == ["Snow.", "He saw the rain."]
    assert [row["full_name"] for row in parsed["people"]][-1] == "ORDWAY"


@pytest.mark.parametrize(
    "line",
    [
        "Subject: the snow on the roof, he said, was old.",
        "Tags: were put on the sledges by the police.",
        "Decl: The party made one of them.",
        "References: three men who saw it.",
        "Ref. our last talk, he said that the snow was gone.",
        "Derived from the interviews, the picture is clear.",
        "Not for release to the press is the following figure.",
    ],
)
def test_lines_of_the_text_that_begin_like_labels(line: str) -> None:
    first, last = "The minister spoke to us of the snow in the north.", "It was the end of it."
    body = f"{OPENING}{first}\n\n{line}\n\n{last}\nORDWAY\n"
    assert texts(body) == [f"{first}\n{line}\n{last}"]
    parsed = read(body)
    assert parsed["headers"][0]["subject"] == "SNOW IN OSLO"
    assert [row["raw_text"] for row in parsed["references"]] == ["OSLO 11"]
    body = f"{OPENING}1. (C) {first}\n\n{line}\n\n2. (C) {last}\n"
    assert sections(body) == [(None, f"{first}\n{line}"), (None, last)]


@pytest.mark.parametrize(
    "line",
    [
        "Subject: the snow on the roof, he said, was old.",
        "Tags: were put on the sledges by the police.",
        "Ref. our last talk, he said that the snow was gone.",
    ],
)
def test_a_text_may_begin_like_a_label_that_was_said(line: str) -> None:
    parsed = read(f"{OPENING}{line}\n\nIt was the end of it.\nORDWAY\n")
    assert [row["text"] for row in parsed["paragraphs"]] == [f"{line}\nIt was the end of it."]
    assert [row["tag"] for row in parsed["tags"]] == ["PREL", "NO"]
    assert parsed["headers"][0]["subject"] == "SNOW IN OSLO"


def test_labels_behind_a_summary_are_labels() -> None:
    parsed = read(
        "UNCLAS OSLO 000012\n\nTAGS: PREL, NO\n\nSUBJECT: SNOW IN THE NORTH\n\n"
        "SUMMARY: The snow fell.\n\nREF: OSLO 11\n\nClassified by: Ann Snow. Reason: 1.4 (b)\n\n"
        "The snow fell.\n"
    )
    assert [row["raw_text"] for row in parsed["references"]] == ["OSLO 11"]
    assert [row["full_name"] for row in parsed["people"]] == ["Ann Snow"]
    parsed = read(
        "UNCLAS OSLO 000012\n\nTAGS: PREL, NO\n\nSUBJECT: SNOW IN THE NORTH\n\n"
        "SUMMARY: The snow fell.\n\nREF: Snow/Rain telcon\n\nThe snow fell.\n"
    )
    assert len(parsed["references"]) == 1


@pytest.mark.parametrize(
    ("between", "section"),
    [
        ("THE WORLD\n---------\n\nThe Snow\n--------\n\n", "THE WORLD / The Snow"),
        ("THE WORLD\n\nThe Snow\n\n", "THE WORLD / The Snow"),
        ("THE WORLD\nAND THE SNOW\n------------\n\n", "THE WORLD AND THE SNOW"),
    ],
)
def test_a_heading_right_under_a_heading(between: str, section: str) -> None:
    body = f"{OPENING}1. (C) One.\n\n{between}2. (C) Two.\n\nRAIN\n----\n\n3. (C) Three.\n"
    assert sections(body) == [(None, "One."), (section, "Two."), ("RAIN", "Three.")]


def test_a_heading_run_on_to_a_paragraph_heads_the_next_one() -> None:
    body = f"{OPENING}1. (C) One [text]. ---- Training ----\n\n2. (C) Two. -----\nSNOW\n-----\n\n"
    assert sections(f"{body}3. (C) Three.\n") == [
        (None, "One [text]."), ("Training", "Two."), ("SNOW", "Three."),
    ]  # fmt: skip


def test_rows_of_a_table_are_no_headings() -> None:
    table = (
        "----------------------\nYear   Imports   Exports\n----------------------\n"
        "2005   12.4      13.5\n2006   14.4      15.5\n----------------------\n"
    )
    assert sections(f"{OPENING}1. (C) Figures:\n\n{table}\n2. (C) Two.\n") == [
        (None, "Figures:\nYear Imports Exports\n2005 12.4 13.5\n2006 14.4 15.5"), (None, "Two."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        "The team:\n\nAnn Snow, Ambassador\n\nBen Rain, DCM\n\nThird Man",
        'He said "so."\n\n"It was cold."',
        "Prices fell.\n\n(SOURCE: BANK OF NORWAY)",
        "QTE: SNOW FELL.\n\nUNQTE",
    ],
)
def test_short_lines_that_are_no_headings(lines: str) -> None:
    found = sections(f"{OPENING}1. (C) {lines}\n\n2. (C) Two.\n")
    assert found == [(None, lines.replace("\n\n", "\n")), (None, "Two.")]


HEADER = "E.O. 12958: N/A\nTAGS: PREL, NO\nSUBJECT: SNOW IN OSLO\n"
WIRE = (
    "VZCZCXRO1234\nPP RUEHBC\nDE RUEHNY #0012/02 0641145\nZNY CCCCC ZZH\nP 041145Z MAR 05\n"
    "FM AMEMBASSY OSLO\nTO RUEHC/SECSTATE WASHDC 1234\n\n"
)
PAGE = (
    "CONFIDENTIAL\n\nNNNN\n\nPAGE 01        OSLO  00012  02 OF 02  041200Z\n\n11\nACTION EUR-12\n\n"
    "INFO  OCT-01  ISO-00 /028 W\n            --------------------- 012346\nR 041145Z MAR 75\n"
    "FM AMEMBASSY OSLO\nTO SECSTATE WASHDC 1235\n\n"
)


@pytest.mark.parametrize(
    "header",
    [
        f"C O N F I D E N T I A L SECTION 02 OF 02 OSLO 000012\n\nSIPDIS\n\n{HEADER}",
        f"C O N F I D E N T I A L FINAL SECTION OF 2 OSLO 0012\n\n{HEADER}\n",
        f"BT\n#0012\nNNNN\n\n{WIRE}UNCLAS SECTION 02 OF 02 OSLO 000012\n\n{HEADER}\n",
        f"{PAGE}C O N F I D E N T I A L FINAL SECTION OF 2 OSLO 0012\n\n",
    ],
)
@pytest.mark.parametrize("number", ["1. (C) ", ""])
def test_a_section_goes_on_behind_its_header(header: str, number: str) -> None:
    """Right under the subject, too; and in a telegram without numbers."""
    body = f"{OPENING}{number}The old snow lay on the ice of\n\n{header}the roof.\n\nORDWAY\n"
    assert texts(body) == ["The old snow lay on the ice of the roof."]


def test_hyphens_before_names() -> None:
    body = f"{OPENING}1. (C) The pro-\nWestern party and the trade-\nUnion men.\n"
    assert texts(body) == ["The pro-Western party and the trade- Union men."]


def test_what_ends_a_document_is_no_text() -> None:
    body = (
        f"{CAPITALS}1. SNOW.\n\n2. RAIN. HENDERSON\n\nNNNN\n\nNOTE BY OC/T: RETRANSMISSION.\n\n"
        "<< END OF DOCUMENT >>\n"
    )
    assert texts(body) == ["SNOW.", "RAIN."]


def test_text_below_a_header_printed_again_stays_though_it_ends_like_a_slug() -> None:
    body = (
        "C O N F I D E N T I A L SECTION 01 OF 02 OSLO 000012\n\nSUBJECT: SNOW\n\n"
        "1. THEY SPOKE FOR TWO HOURS ON BEARING\n\nCONFIDENTIAL\n\n"
        "PAGE 01 OSLO 00012 02 OF 02 241131Z\n"
        "FM AMEMBASSY OSLO\nTO SECSTATE WASHDC 1191\n\n"
        "C O N F I D E N T I A L SECTION 02 OF 02 OSLO 000012\n\n"
        "STRENGTH OF PILES. QUILL REPLIED FOR ONE\nHOUR.\n\n2. MORE.\n"
    )
    assert texts(body)[0].endswith("ON BEARING STRENGTH OF PILES. QUILL REPLIED FOR ONE HOUR.")


@pytest.mark.parametrize(
    ("run_on", "heading"),
    [
        ("---- Training ----", "Training"),
        ("--- Co-operation ---", "Co-operation"),
        ("-------Snow and Rain-------", "Snow and Rain"),
    ],
)
@pytest.mark.parametrize("number", ["2. (C) ", ""])
def test_a_heading_run_on_heads_text_without_a_number_too(
    run_on: str, heading: str, number: str
) -> None:
    body = f"{OPENING}1. (C) One\n[text]. {run_on}\n\n{number}Two of them.\n\n3. (C) Three.\n"
    found = [(None, "One [text]."), (heading, "Two of them."), (heading, "Three.")]
    assert sections(body) == found


def test_dashes_before_the_signature_are_no_heading() -> None:
    body = f"{OPENING}1. (C) One.\n\n2. (C) Two. ---- The Rest ----\n\nORDWAY\n"
    assert sections(body) == [(None, "One."), (None, "Two. ---- The Rest")]


RULE = "--------------------\n"


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (
            "Country   2004  2005",
            ["Norway    12    13", "Sweden    14    15", "Total     26    28"],
        ),
        ("Party     Leader", ["Snow      Anna Pellworth", "Rain      Paul Lanterne"]),
        ("Party | Seats", ["Snow | 12", "Rain | 14"]),
        ("Year Imports Exports", ["2005 12 13", "2006 14 15"]),
    ],
)
@pytest.mark.parametrize("between", ["", RULE])
def test_a_table_between_rules_is_text(names: str, rows: list[str], between: str) -> None:
    table = f"{RULE}{names}\n{RULE}" + between.join(f"{row}\n" for row in rows) + RULE
    found = sections(f"{OPENING}1. (C) Figures:\n\n{table}\n2. (C) Two.\n")
    words = " ".join(["Figures:", names, *rows]).split()
    assert [section for section, _ in found] == [None, None]
    assert found[0][1].split() == words


def test_a_heading_over_a_table_is_a_heading() -> None:
    table = f"{RULE}The Economy\n{RULE}Norway    12    13\nSweden    14    15\n"
    body = f"{OPENING}1. (C) One.\n\n{table}\n2. (C) Two.\n"
    section = "The Economy"
    found = [(None, "One."), (section, "Norway 12 13\nSweden 14 15"), (section, "Two.")]
    assert sections(body) == found


def test_rows_of_a_table_keep_their_lines() -> None:
    body = (
        f"{OPENING}1. (C) The figures of\nthe year:\nNorway      12     13\nSweden      14     15\n"
        "and so on, which was in the\nyear of 1998     a lot\nof snow.\n\n2. (C) Two.\n"
    )
    assert texts(body)[0] == (
        "The figures of the year:\nNorway 12 13\nSweden 14 15\n"
        "and so on, which was in the year of 1998 a lot of snow."
    )
