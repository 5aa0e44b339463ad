"""Names that a text asks to protect, in the ways in which telegrams ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.restrict.masking import MASK, Masking, folded
from etl.restrict.names import protected

MASKED = {
    "MP Jovan Petrov (strictly protect) told poloff. Petrov's aide met PETROV; Jovan left.": (
        f"MP {MASK} (strictly protect) told poloff. {MASK}'s aide met {MASK}; {MASK} left."
    ),
    "Petrov (please protect) told poloff that Kim came.": (
        f"{MASK} (please protect) told poloff that Kim came."
    ),
    "Petrov [PROTECT] left.": f"{MASK} [PROTECT] left.",
    "Petrov (strictly protect throughout) left.": f"{MASK} (strictly protect throughout) left.",
    "Petrov (protect source) left.": f"{MASK} (protect source) left.",
    "Petrov (name and identity to be protected) left.": (
        f"{MASK} (name and identity to be protected) left."
    ),
    "Petrov - strictly protect - left.": f"{MASK} - strictly protect - left.",
    "STRICTLY PROTECT: Jovan Petrov and Ana Kovač. KOVAC left.": (
        f"STRICTLY PROTECT: {MASK} and {MASK}. {MASK} left."
    ),
    "Please protect Petrov's identity. Petrov left.": (
        f"Please protect {MASK}'s identity. {MASK} left."
    ),
    "Petrov's identity should be strictly protected.": (
        f"{MASK}'s identity should be strictly protected."
    ),
    "We met Petrov. Please protect.": f"We met {MASK}. Please protect.",
    "Petrov waited. He (protect) was alone.": f"{MASK} waited. He (protect) was alone.",
    "The MP (please protect) Jovan Petrov left.": f"The MP (please protect) {MASK} left.",
    "An MP (Jovan Petrov - strictly protect) left.": f"An MP ({MASK} - strictly protect) left.",
    "Petrov, Ivanov and Lee Kim (please protect all) left.": (
        f"{MASK}, {MASK} and {MASK} (please protect all) left."
    ),
    # The name need not stand right before the mark; what does is masked, too.
    "Jovan Petrov, MP for Lom (strictly protect), left.": (
        f"{MASK}, MP for {MASK} (strictly protect), left."
    ),
    "Jovan Petrov of the Harbor Guild (protect) left.": (f"{MASK} of the {MASK} (protect) left."),
    "EMBOFF MET WITH MR. JOVAN PETROV (STRICTLY PROTECT) ON MAY 3. PETROV LEFT.": (
        f"EMBOFF MET WITH MR. {MASK} (STRICTLY PROTECT) ON MAY 3. {MASK} LEFT."
    ),
    "Dr. Jovan B. Petrov (please strictly protect) and Dr. Petrov left.": (
        f"Dr. {MASK} (please strictly protect) and Dr. {MASK} left."
    ),
    "J. R. Ewing (protect) left; Ewing, too.": f"{MASK} (protect) left; {MASK}, too.",
    "Juan de la Cruz (protect) left; Cruz, too.": f"{MASK} (protect) left; {MASK}, too.",
    "Ahmed al-Mansur (protect) left; Mansur, too.": f"{MASK} (protect) left; {MASK}, too.",
    "Jean-Pierre O’Brien (protect) left; O'BRIEN, too.": f"{MASK} (protect) left; {MASK}, too.",
    "Li Wei (protect) left; Li, too. A lily.": f"{MASK} (protect) left; {MASK}, too. A lily.",
    # The request in other words, and misprinted.
    "Petrov (please protect as source) left.": f"{MASK} (please protect as source) left.",
    "Petrov (please protect this contact) left.": f"{MASK} (please protect this contact) left.",
    "Petrov (stricly protct) left.": f"{MASK} (stricly protct) left.",
    "Petrov (strictly pro- tect) left.": f"{MASK} (strictly pro- tect) left.",
    "Petrov (pls prot) left.": f"{MASK} (pls prot) left.",
    "Petrov (who should be protected) left.": f"{MASK} (who should be protected) left.",
    "Petrov (a protected source) left.": f"{MASK} (a protected source) left.",
    "PROTECT: Jovan Petrov left.": f"PROTECT: {MASK} left.",
    "We ask that the name of Jovan Petrov be protected.": (
        f"We ask that the name of {MASK} be protected."
    ),
    "Petrov asked that he be protected.": f"{MASK} asked that he be protected.",
    "Petrov must be protected as a source.": f"{MASK} must be protected as a source.",
    "STRICTLY PROTECT SOURCE: JOVAN PETROV. PETROV LEFT.": (
        f"STRICTLY PROTECT SOURCE: {MASK}. {MASK} LEFT."
    ),
    # Lists behind the mark.
    "ATTENDEES (STRICTLY PROTECT): JOVAN PETROV, ANA KOVAC": (
        f"ATTENDEES (STRICTLY PROTECT): {MASK}, {MASK}"
    ),
    "Attendees (please protect):\n- Jovan Petrov\n- Ana Kovac": (
        f"Attendees (please protect):\n- {MASK}\n- {MASK}"
    ),
    "The following (strictly protect) came:\nJovan Petrov\nAna Kovac": (
        f"The following (strictly protect) came:\n{MASK}\n{MASK}"
    ),
    # Spelt otherwise, cut at a line end, in an address.
    "jovan petrov (protect) left; petrov, too.": f"{MASK} (protect) left; {MASK}, too.",
    "Jovan (Joe) Petrov (protect) left; Joe, too.": (
        f"{MASK} ({MASK}) {MASK} (protect) left; {MASK}, too."
    ),
    "Łukasz Müller (protect) left; LUKASZ MUELLER, too.": (f"{MASK} (protect) left; {MASK}, too."),
    "O'Neill (protect) left; ONEILL and Neill, too.": (
        f"{MASK} (protect) left; {MASK} and {MASK}, too."
    ),
    "Petrov (protect) left; Pet\u00adrov, too.": f"{MASK} (protect) left; {MASK}, too.",
    "Petrov (protect) left; Pet- rov, PET-ROV, jpetrov@example.org, too.": (
        f"{MASK} (protect) left; {MASK}, {MASK}, {MASK}, too."
    ),
    # Words that are no names there stay.
    "Li May (protect) may come in May.": f"{MASK} (protect) may come in {MASK}.",
    "Jovan Petrov, head of the Harbor Guild (protect), left the harbor.": (
        f"{MASK}, head of the {MASK} (protect), left the harbor."
    ),
    # A description instead of a name.
    "A clerk of the port (protect) left. The port is open.": (
        f"{MASK} (protect) left. The port is open."
    ),
    # What has been removed already.
    f"{MASK} (strictly protect) left.": f"{MASK} (strictly protect) left.",
    f"A shipper from Greenville (please protect), {MASK}, left.": (
        f"A shipper from Greenville (please protect), {MASK}, left."
    ),
    "Jovan XXXXXX (protect) left. Jovan came.": f"{MASK} XXXXXX (protect) left. {MASK} came.",
}
NO_REQUESTS = [
    "SENSITIVE BUT UNCLASSIFIED - PLEASE PROTECT ACCORDINGLY. Petrov left.",
    "This cable is sensitive. Please protect accordingly. Petrov left.",
    "Petrov (Customs and Border Protection) left.",
    "Petrov spoke of the law (on protected areas). The army will protect him.",
    "Petrov (protected by guards) left.",
    "Petrov (Protection of Birds) left.",
    "Sensitive but unclassified. Please protect. Petrov left.",
    "This is SBU - please protect. Petrov left.",
    "Petrov (SBU - please protect) left.",
    "Petrov (to protect his family) left.",
    "Petrov (Protect America Act) left.",
    "Petrov (Note: the Fund did what it could to protect, and failed. End note.) left.",
    "Consular affairs (Protection). Petrov left.",
    "A contact (strictly protect) told us that it rained.",
]
GENERAL = [
    "Please protect all our sources.",
    "Please strictly protect all interlocutors named in this cable.",
    "He (strictly protect) was alone.",
    "Please protect.",
]


@pytest.mark.parametrize("text", MASKED)
def test_names_are_masked(text: str) -> None:
    found = protected([text])
    assert found.marks
    assert not found.is_general
    assert Masking(found).masked(text) == MASKED[text]


@pytest.mark.parametrize("text", NO_REQUESTS)
def test_what_asks_for_nobody(text: str) -> None:
    found = protected([text])
    assert found.is_empty
    assert Masking(found).masked(text) == text


@pytest.mark.parametrize("text", GENERAL)
def test_requests_that_name_nobody(text: str) -> None:
    assert protected([text]).is_general


def test_a_name_marked_in_one_text_is_masked_in_the_others() -> None:
    mask = Masking(protected(["Jovan Petrov (protect) left.", "Petrov left."]))
    assert mask.masked("LUNCH WITH PETROV") == f"LUNCH WITH {MASK}"
    assert mask.touches("J. Petrov")
    assert not mask.touches("Petrovsky")
    assert not mask.touches(None)


@given(st.text())
def test_folding_keeps_the_length(text: str) -> None:
    assert len(folded(text)) == len(text)


@given(st.text(alphabet="aA.( )xX'é\n,:-", max_size=60), st.text(alphabet="aA .\n", max_size=20))
def test_any_text_can_be_read(before: str, behind: str) -> None:
    text = f"{before} Petrov (strictly protect){behind}"
    found = protected([text])
    assert found.is_general or "Petrov" not in Masking(found).masked(text)


@pytest.mark.parametrize(
    "piece", ["(strictly ", "protect (", "identity ", "A. ", "Petrov, ", "[please protect", "X"]
)
def test_time_grows_no_worse_than_linearly_with_the_text(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    found = protected([text + " Petrov (protect) left."])
    assert found.marks
