"""One canonicaliser for own and cited message reference numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.conform.mrn import canonical_mrn
from etl.conform.posts import addressed_post, canonical_post, codes


@pytest.mark.parametrize(
    ("printed", "canonical"),
    [
        ("05ALMATY2439", "05ALMATY2439"),
        ("2005ALMATY002439", "05ALMATY2439"),
        ("05 RIO DE JANEIRO 00012", "05RIODEJANEIRO12"),
        ("1975STATE195297", "75STATE195297"),
        ("06KIEV4411", "06KYIV4411"),  # renamed: both spellings are one post
        ("03SECSTATE40", "03STATE40"),
        ("09SECTION01OF03SANJOSE525", "09SANJOSE525"),
        ("04EMBASSYPARIS7", "04PARIS7"),
        ("66USUNNY12", "66USUNNEWYORK12"),
        ("2007-OSLO-00123", "07OSLO123"),
        ("07/OSLO/12", "07OSLO12"),
        ("07OSLO#12", "07OSLO12"),
        ("(07OSLO12)", "07OSLO12"),
        ("07OSLO12.html", "07OSLO12"),
        ("O7OSLO12", "07OSLO12"),
        ("07 0SLO 12", "07OSLO12"),
        ("07OSLO12SECTION01OF02", "07OSLO12"),
        ("07 OSLO 12 SECTION 01", "07OSLO12"),
        ("2009SECTION1OF3SANJOSE525", "09SANJOSE525"),
        ("07OSLO012ZFR013", "07OSLO12"),
        ("07OSLO 12 (NOTAL)", "07OSLO12"),
        ("07EFTOOSLO12", "07OSLO12"),
        ("07CONFIDENTIALOSLO12", "07OSLO12"),
        ("1975ADDISA01234", "75ADDISABABA1234"),
        ("08ECTION01OF03OSLO54", "08OSLO54"),
        ("08SECTIN01F03OSLO54", "08OSLO54"),
        ("94STATE183000TOSEC140000", "94STATE183000"),
        ("1976TOSEC110233", "76TOSEC110233"),
    ],
)
def test_canonical_mrn(printed: str, canonical: str) -> None:
    found = canonical_mrn(printed)
    assert found is not None
    assert found.text == canonical
    assert canonical_mrn(found.text) == found, "canonical form is its own canonical form"


@pytest.mark.parametrize(
    "printed",
    ["", None, "PARIS", "12345", "05PARIS", "07OSLO0", "07 OSLO 12 / 13", "08WINTER01OF03SNOW54"],
)
def test_what_is_no_mrn(printed: str | None) -> None:
    assert canonical_mrn(printed) is None


def test_posts_that_look_alike_stay_apart() -> None:
    codes = {canonical_post(name) for name in ("BRUSSELS", "USEU BRUSSELS", "USNATO")}
    assert codes == {"BRUSSELS", "USEUBRUSSELS", "USNATO"}
    assert canonical_post("USUN ROME") == "UNROME"
    assert canonical_post("USMISSION NATO") == "USNATO"
    assert canonical_post("UNVIE") != canonical_post("VIENNA")
    assert canonical_post("SECDEF") != canonical_post("SECSTATE")


def test_truncated_stations_only_in_the_archive_years() -> None:
    assert canonical_post("PHNOM P", 1975) == canonical_post("PHNOMP", 1975)
    assert canonical_post("PORTO", 1975) == "PORTOFSPAIN"
    assert canonical_post("PORTO", 2005) == "PORTO"


@pytest.mark.parametrize(
    ("name", "post"),
    [
        ("SECSTATE WASHDC", "STATE"),
        ("AMEMBASSY PORT AU PRINCE", "PORTAUPRINCE"),
        ("AMCONSUL HONG KONG", "HONGKONG"),
        ("USMISSION USUN NEW YORK", "USUNNEWYORK"),
        ("CIS COLLECTIVE", None),
        ("CIA WASHDC", None),
    ],
)
def test_addressed_post(name: str, post: str | None) -> None:
    assert addressed_post(name) == post


@given(
    year=st.from_regex(r"(19|20)?[0-9]{2}", fullmatch=True),
    post=st.sampled_from(sorted(codes())) | st.from_regex(r"[A-Z]{2,12}", fullmatch=True),
    serial=st.from_regex(r"0{0,4}[0-9]{1,8}", fullmatch=True),
    blanks=st.tuples(st.sampled_from(["", " "]), st.sampled_from(["", " "])),
)
@settings(max_examples=300, deadline=None)
def test_the_short_way_of_what_is_plain_ends_where_the_long_one_does(
    year: str, post: str, serial: str, blanks: tuple[str, str]
) -> None:
    printed = f"{year}{blanks[0]}{post}{blanks[1]}{serial}"
    assert canonical_mrn(printed) == canonical_mrn(f"({printed})"), "brackets take the long way"
