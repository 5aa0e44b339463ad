"""How a marking stands in a text: patterns for DuckDB, with the marking as their only group.

    - (C) The second point          a bracket anywhere, if what it holds can be nothing else
    2. (CONF) He said               one at the start of a text, line or sentence
    2. (C He said                   one that nobody closed
    BEGIN SECRET … END SECRET       words
    CONFIDENTIAL - ENTIRE TEXT      said of the whole telegram

In doubt it is a marking: (C) may be an item of a list. What it means to an audience, unreadable
ones included, `etl.restrict.audience` says.
"""

from etl.parse.patterns import LEVEL_WORDS

_LEVEL = (
    "TOP ?SECRET|SECRET|CONFIDENTIAL|LIMITED OFFICIAL USE|UNCLASSIFIED|UNCLAS|TS|SBU|FOUO|OUO|LOU"
    "|S|C|U"
)
_CONTROL = (
    "NF|NOFORN|FOUO|LES|SBU|OC|ORCON|PR|PROPIN|EXDIS|NODIS|LIMDIS|NC|NOCON|NOCONTRACT|SI|TK|HCS|FGI"
    "|REL[A-Z]*"
)
_OPEN, _CLOSE = r"[(\[{<]\s*", r"\s*/{0,2}\s*[)\]}>]"
_REST = r"[A-Z,;.\s/–—-]*"

_CLEAR = (
    # (C//NF), (S-), (U/C), (C, NF), (C.NF), (C)(NF), (s//nf)
    rf"(?:{_LEVEL})(?:\s*[/–—-][\s/–—-]*(?:[A-Z]{_REST})?|[\s,;:.&+]+(?:{_CONTROL})\b{_REST})?"
    rf"(?:\s*\)\s?/?\s?\(\s*(?:{_CONTROL})\b{_REST})?"
    rf"|(?i:(?:{_LEVEL})\s*[/–—-][\s/–—-]*(?:{_CONTROL})\b{_REST})"
    # Without a separator, without a level, of others: (SNF), (NF), (NATO SECRET), (//GBR S)
    r"|(?:TS|S|C|SBU)(?:NF|NOFORN|REL)|NF|NOFORN"
    r"|(?:NATO|COSMIC)\s+(?:TOP SECRET|SECRET|CONFIDENTIAL|RESTRICTED|[SCR])"
    rf"|//\s*[A-Z]{{2,4}}\s+(?:TOP SECRET|SECRET|CONFIDENTIAL|RESTRICTED|TS|[SCR])\b{_REST}"
)
_ANYWHERE = rf"(?:^|[^\p{{L}}\p{{N}}]){_OPEN}({_CLEAR}){_CLOSE}"
_WORDS = r"(?i:TOP SECRET|CONF[A-Z]{0,10}|SECR[A-Z]{0,3}|CLASSIFIED|RESTRICTED)|SEC|CTS|N[CSR]"
_STARTS = r"(?:^|\n|[.!?:;][\"”')\]]?\s|[-*•–]\s)\s*"

IN_TEXT = (
    _ANYWHERE,
    rf"{_STARTS}{_OPEN}({_WORDS}|(?:ts|s)){_CLOSE}",
    rf"^\W*[(\[{{<]((?:TS|S|C)(?:\s*/+\s*(?:{_CONTROL}))*)\s+[\p{{L}}\d]+[\s,.]",
    rf"^/((?:TS|S|C)(?:/+(?:{_CONTROL}))*)/\s",
    rf"^((?:TS|S|C)(?:/+(?:{_CONTROL}))*):\s",
    rf"^((?i:(?:TOP SECRET|SECRET|CONFIDENTIAL)(?:\s*/+\s*(?:{_CONTROL}))*))\s*(?:[:–—/.]|-+\s)",
    r"^(NOFORN)\b\W",
)
"""Of a paragraph. Small letters only at the start of something: `the (secret) ballot` is none."""

SMALL = (rf"{_STARTS}{_OPEN}(c){_CLOSE}",)
"""Of a paragraph without a point b: there (c) is the next item of a list."""

LETTER = (r"^[(\[]\s*([B-HJ-Z])\s*[)\]]", r"^(TS|S|C)\)\s")
"""Of a numbered paragraph, at its start: `2. (L) He said`, `2. C) He said`."""

IN_TITLE = (_ANYWHERE, rf"{_OPEN}({_WORDS}|(?:ts|s|c)){_CLOSE}", *IN_TEXT[2:])
"""Of a subject, heading, slug line or REF item."""

_BEGINS = (
    rf"(?:{_LEVEL}|Top Secret|Secret|Confidential|(?i:classified)|NOFORN)"
    rf"(?:\s*/+\s*(?:{_CONTROL}))*"
)
BEGUN = rf"\b(?:BEGIN|Begin|begin|START|Start)\s+({_BEGINS})\b"
ENDED = rf"(?s)^.*\b(?i:END|STOP)\s+{_BEGINS}\b"
"""`BEGIN SECRET … END SECRET`: up to its end in the same text or a later one."""

LAST = rf"(?:^|[\s.!?\"”]){_OPEN}({_CLEAR}|{_WORDS}){_CLOSE}\s*$"
"""At the end of a paragraph: it may stand over the next one, alone on its line."""

_ANY = (
    rf"(?:{LEVEL_WORDS}|NOFORN|(?-i:TS|SBU|S|C|U)(?:\s*/+\s*(?:{_CONTROL}))*)"
    rf"(?:\s*/+\s*(?:{_CONTROL}))*"
)
_TEXT = r"(?:TEXT|MESSAGE|CABLE|TELEGRAM|DOCUMENT|CONTENTS?)"
ENTIRE = (
    rf"(?i)(?:^|\W)({_ANY})\W{{0,5}}(?:ENTIRE {_TEXT}|IN ITS ENTIRETY)",
    rf"(?i)\bENTIRE {_TEXT}\s*[:–-]*\s*(?:(?:IS|ARE)\s+)?(?:CLASSIFIED\W{{1,3}})?({_ANY})(?:\W|$)",
    rf"(?i)\bALL (?:PORTIONS|PARAGRAPHS|PARAS)\s+(?:ARE\s+)?(?:CLASSIFIED\s+)?({_ANY})(?:\W|$)",
)
OF_ALL = rf"(?i)^\W*ENTIRE {_TEXT}\b"
"""`CONFIDENTIAL - ENTIRE TEXT`, `(C) Entire text` at the head of a paragraph, said of the whole."""

ALONE = r"^\s*[(\[{<][^)\]}>]{1,40}[)\]}>]\W*$"
"""An item that is nothing but its marking."""

LOOK = (
    r"[(\[{<（［｛]|^/|(?i:\b(?:begin|start) )|(?i:^\W*(?:top |secret|confid|noforn))"
    r"|^(?:TS|S|C)[:)/]"
)
"""What a text must have to be looked at; the rest is passed over in a fraction of the time."""


def plain(column: str) -> str:
    """Give SQL of a text with brackets, letters and blanks that look like ours turned into them.

    What has no width is left out.
    """
    return f"translate({column}, '（）［］｛｝СЅ\u00a0\u202f\u200b\u00ad\ufeff', '()[]{{}}CS  ')"
