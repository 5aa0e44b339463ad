r"""Text of a saved page → where the page's own text begins.

Whoever saves a page of a leak's site as text gets what the site prints on all its pages first:

    Key fingerprint 9EF0 C41A …
    -----BEGIN PGP PUBLIC KEY BLOCK-----
    …                                        some 200 lines
    Currently released so far... 12477 / 251,287
    Browse latest releases
    2010/12/01
    …                                        hundreds of lines
    Viewing cable 07EXAMPLEVILLE42, MINISTER BLUE AND THE HARBOR

Not here: what the page's own lines mean (`etl.extract.web_extract`).
"""

import re

from etl.extract.raw_telegram import SEARCHED_LINES, first_line

_TITLE = re.compile(r"^[ \t>*#]*Viewing cable[ \t]+\d{2,4}[A-Z]", re.MULTILINE)
_KEY_ENDS = re.compile(r"^-+END PGP PUBLIC KEY BLOCK-+[ \t]*\n", re.MULTILINE)


def page_begins(text: str) -> int:
    """Give the offset at which a page's own text begins: 0 where nothing stands before it."""
    begin = 0
    if "Viewing cable" in text and (title := _TITLE.search(text)):
        begin = title.start()
    elif "PGP PUBLIC KEY" in text and (key := _KEY_ENDS.search(text)):
        begin = key.end()
    if not begin:
        return 0
    # Below a telegram such words are the page's last lines.
    before = first_line(text[:begin].split("\n", SEARCHED_LINES)[:SEARCHED_LINES])
    return begin if before is None else 0
