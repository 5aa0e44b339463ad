"""Patterns for single lines: what a line of a telegram looks like, each with an example.

All are written for the regex engine of Polars (no look-around) and for lines without white space
at their edges (`etl.parse.text.EDGE`) and without a leading pilcrow.

Sources: ACP 127 (format lines), 5 FAH-2 (telegram format), and what 1,295 pages of the public
release show (frequencies in the comments).
"""

import re


def _spaced(word: str) -> str:
    return r" {0,2}".join(word)


LEVEL_WORDS = (
    "(?:"
    + (_spaced("UNCLAS") + "(?: {0,2}" + _spaced("SIFIED") + ")?|")
    + " +".join(map(_spaced, ("LIMITED", "OFFICIAL", "USE")))
    + ("|" + _spaced("CONFIDENTIAL") + "|" + _spaced("TOP") + " +" + _spaced("SECRET"))
    + ("|" + _spaced("SECRET") + ")")
)
"""A level, its letters spaced or not: `C O N F I D E N T I A L`, `UNCLAS`."""

_COUNT = r"(?:[\dO]{1,2}|ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE|TEN)"
COUNTS = {
    word: str(number)
    for number, word in enumerate(
        ("ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN"), start=1
    )
}
"""Numbers of sections in words."""

CLASSIFICATION_LINE = (
    r"^(?P<level>" + LEVEL_WORDS + r")"
    r"""(?x:
    (?P<handling>(?:\s*(?://?|-)?\s*(?:
        E\ ?F\ ?T\ ?O | N\ ?O\ ?F\ ?O\ ?R\ ?N | NOFORN | FOR\ OFFICIAL\ USE\ ONLY | FOUO
      | SENSITIVE | SIPDIS | EXDIS | NODIS | LIMDIS | STADIS | NOT\ FOR\ INTERNET\ DISTRIBUTION
    ))*)
    (?:\s+(?:FINAL\ +)?SEC(?:TION|T)?\.?\s*(?:"""
    + _COUNT
    + r"""\s*(?:[O0]F|/)|[O0]F)
        \s*(?P<sections>"""
    + _COUNT
    + r""")\b)?
    (?:\s+FINAL\ SECTION(?:\ OF)?\b)?
    (?:\s+(?P<post>[A-Z][A-Z\ .,'’/-]{1,30}?)\s*\#?(?P<serial>\d{3,8})
      |\s+(?P<post_short>[A-Z][A-Z'’.-]+(?:\ [A-Z][A-Z'’.-]+){0,2})\s+\#?(?P<serial_short>\d{1,2}))?
    (?:\s+(?:FINAL\s+)?SEC(?:TION|T)?\s*(?:"""
    + _COUNT
    + r"""\s*(?:[O0]F|/)|[O0]F)
        \s*(?P<sections_after>"""
    + _COUNT
    + r""")\b)?
    (?P<tail>(?:\s*/{0,2}\s*(?:[CS]\ O\ R\ R\ E\ C\ T\ E\ D.*|CORRECTED.*|SIPDIS|EXDIS|NODIS|NOFORN
        |LIMDIS|STADIS|SENSITIVE|NODIS\ CHEROKEE|E\.?O\.?\ .*|TAGS:.*
        |/\d{1,2}\b|\(NOTAL\)|(?:TOSEC|SECTO)\ \d{1,6}))*)
    \s*)$"""
)
"""`C O N F I D E N T I A L SECTION 01 OF 03 ASTANA 003153`; also a bare banner `CONFIDENTIAL`."""

SECTION_WORDS = (
    r"\bSEC(?:TION|T)?\.?\s*(?P<n>" + _COUNT + r")\s*(?:[O0]F|/)\s*(?P<m>" + _COUNT + r")\b"
)
"""`SECTION 01 OF 03` on a classification line."""

SECTION_BEHIND = r"\d{3,8}\s+(?P<n>\d{1,3})(?:\.\d{1,2})?\s+[oO][fF]\s+(?P<m>\d{1,3})\b"
"""`KABUL 00002782 002 OF 003`, `PAGE 02 HARARE 06677 01 OF 03` on a page marker."""

LEVEL_BEGINS = r"^(?:U {0,2}N|C {0,2}O|S {0,2}E|L {0,2}I|T {0,2}O)"
"""Every level begins so: a cheap look before CLASSIFICATION_LINE."""

CLASSIFICATION_CUT = (
    r"(?x)^(?:UNCLAS | C\ O\ N\ F\ I\ D\ E\ N\ T\ I\ A\ L | S\ E\ C\ R\ E\ T"
    r" | LIMITED\ OFFICIAL\ USE | CONFIDENTIAL | SECRET)"
    r"(?:\ SECTION\ \d{1,2}\ OF\ \d{1,2})?(?:\ +[A-Z]{2,}){1,3}$"
)
MRN_ALONE = r"^(?:[A-Z]{2,}(?: [A-Z]{2,}){0,2} +)?\d{3,8}$"
"""The rest of a classification line that a line end cut: `UNCLAS OSLO` / `000012`."""

PAGE_MARKER = r"""(?xi)^(?:
    [a-z][a-z\ .'’/-]{1,30}?\s+\d{5,8}\s+\d{2,3}(?:\.\d{1,2})?\s+of\s+\d{2,3}
  | (?:(?:unclassified|confidential|secret|limited\ official\ use)\s*)*
    page\s+\d{1,2}(?:\s+of\s+\d{1,2})?\s+[a-z][a-z\ .'’/-]{1,24}?\s+\d{3,8}
      \s+(?:\d{1,2}\ +OF|\d{6}\ ?Z|U\ ?N\ ?C|L\ ?I\ ?M|C\ ?O\ ?N|S\ ?E\ ?C\ ?R|T\ ?O\ ?P).{0,60}
  | (?:(?:unclassified|confidential|secret|limited\ official\ use)\s*)+
    page\s+\d{1,2}(?:\s+of\s+\d{1,2})?\s+[a-z][a-z\ .'’/-]{1,24}?\s+\d{3,8}
  | (?-i:PAGE\s+0?\d{1,2}(?:\s+(?:OF|of)\s+\d{1,2})?\s+[A-Z][A-Za-z\ .'’/-]{1,24}?\s+0\d{3,7})
  | (?-i:PAGE\s+0\d(?:\s+(?:OF|of)\s+\d{1,2})?\s+[A-Z][A-Za-z\ .'’/-]{1,24}?\s+\d{3,8}
      (?:\s+(?:TOSEC|SECTO|TOCED|CEDTO|TODEP|DEPTO)\s+\d{2,6})?)
  | (?-i:PAGE\s+0\d\s+[A-Z]{3,12})
  | (?:[a-z][a-z\ .'’-]{1,40}\ )?declassified/released\ us\ department\ of\ state
      \ eo\ systematic\ review\ .{8,12}
  | (?:unclassified\ +)?u\.?\ ?s\.?\ department\ of\ state\ +case\ no\b.{0,80}
  | review\ authority:.{0,60} | released?\ in\ (?:full|part)\b.{0,40}
  | (?:declassified\ in\ part\ -\ )?(?:sanitized\ copy\ )?approved\ for\ release\ .{0,12}
      \ ?:\ ?cia-.{10,30}
  | date\ printed:\ .{6,20} | doc\.number:\ \S{6,20} | channel:\ n/a | page\ ?-\ ?\d{1,3}
)$"""
"""`ASTANA 00003153  001.2 OF 003`, `PAGE 02 HARARE 06677 01 OF 03 111533Z` (631 of 1,295).

So are the stamps of reviews and releases, and what their prints say on every page.
"""

PAGE_ALONE = r"^PAGE\s+\d{2}$"
UNDER_PAGE = (
    r"^[A-Z][A-Z .'’/-]{1,24}? \d{3,8}(?: (?:TOSEC|SECTO|TOCED|CEDTO) \d{2,6})?"
    r"(?: \d{2} OF \d{2})?(?: \d{6} ?Z)?$"
)
"""The same on two lines, of 1977 to 1979: `PAGE 02` / `HARARE 06677 01 OF 03 111533Z`."""

PAGE_MARKER_BEGINS = (
    r"(?i)^(?:page|unclas|confid|secret|limited|review auth|released? in|approved for|sanitized"
    r"|declassified|date printed|doc\.n|channel:)"
)
"""What a page marker begins with that does not end in a digit; ten times as fast."""

INLINE_PAGE_MARKER = (
    r"(?:^|\s)[A-Z][A-Z .'’/-]{1,24}? 0\d{5,7} {1,2}\d{3}(?:\.\d{1,2})? OF \d{3}(?:\s|$)"
)
"""The same marker left inside a line by a page that joined the lines of a paragraph."""

RULE = r"^(?:[-_=*~–—]\s*){3,}$"
"""`-------`, `- - - - -`, `=====`."""

RUN_ON_HEADING = r"^(?:[-=]{3,}[\s\-=]*)?(?P<heading>[^-=\s].{1,118}?)\s+[-=]{3,}[\s\-=]*$"
"""`Comment ------------`, `---- Training -----`: heading and dashes on one line."""

SLASHED_HEADING = r"^//\s*(.{2,100}?)\s*//\.?$"
"""`//SPAIN LABOR ISSUES//`."""

DASHED_HEADING = r"^-{2,}\s*([^-\s][^-]{1,78}?)\s*-{2,}$"
"""`-- Bearings --`."""

MARKING = r"""(?xi:\(\s*(
    (?:TS|SBU|LOU|LIMITED\ OFFICIAL\ USE|FOUO|OUO|UNCLAS(?:SIFIED)?|CONFIDENTIAL|SECRET|U|C|S)
    (?:\s*(?:/{1,2}|-|–|\ )\s*(?:NF|NOFORN|FOUO|LES|SBU|OC|ORCON|NOCON|PR|PROPIN|SI|TK|HCS|G|NC
        |EXDIS|NODIS|LIMDIS|FGI|REL[A-Z\ ,/]*|[A-Z]{3}(?:\ GOV)?)){0,4}
    (?:\s*\)\s?\(\s*(?:NF|NOFORN|SBU|FOUO|LES|OC|ORCON|EXDIS|NODIS|LIMDIS))?
)\s*/{0,2}\s*[)}\]])"""
"""Portion marking in brackets: `(SBU)`, `(S//NF)`, `(C//REL TO USA, GBR)`, `(C)(NF)`."""

MARKING_PYTHON = MARKING.removeprefix("(?xi:").removesuffix(")")
MARKING_PYTHON = re.sub(r"(?<!\\)\s", "", MARKING_PYTHON).replace("\\ ", " ")
MARKING_PYTHON = MARKING_PYTHON.replace("/]*", "/]{0,60}")
"""The same for patterns of Python's own, which set flags for a whole pattern only, and which
backtrack: bounded."""

PARAGRAPH_START = (
    r"^(?P<start>(?:" + MARKING + r"\s*)?(?P<lead>[(#]|(?i:para(?:graph)?)\ )?\s?"
    r"(?P<number>\d{1,3})\s?(?P<stop>[.):,\]/]+-?|[-–]\s)?\s*"
    r"(?:" + MARKING + r"|\[\s?(?i:(SBU|LOU|C|S|U))\s?\](?:\s|$)|(SBU|LOU|C|S|U)\s?[-–]\s)?\s*)"
)
"""`2. (SBU) Tokayev said`, `1.(U) Summary`, `3 (C) x`, `(C) 1. x`, `(7) (C) x`, `6/ (C) x`,
`1. [C] x`, `1. C - x`; without a marking also `1 - x`, `(1) x`, `PARA 2. x`.

What stands behind `start` is not part of it: groups over whole lines took six times as long."""

PORTION_GROUPS = ("2", "6", "7", "8")
"""Groups of `PARAGRAPH_START` that may hold the marking."""

UNNUMBERED_MARKING = r"^" + MARKING + r"\s*(?P<rest>.*)$"
"""`(SBU) This is the second of three telegrams`."""

LIST_ITEM = r"""(?x)^(?:--|-|–|—|\*|•|·|o\s|\(?[a-z0-9ivx]{1,3}\)\s|\([A-Z]\)\s|[A-Z]\)\s+["“A-Z\d]
    |(?:[a-zA-Z]|[ivx]{2,4})\.\s|\d{1,2}\)\s
    |(?:Q|A|QUESTION|ANSWER|Question|Answer)\d{0,2}\s?:\s)"""
"""Start of a list item, which keeps its own line: `-- points`, `a) goals`, `* item`, `Q: why`."""

CAPTION = r"""(?x)^(?:
    (?:(?:SIPDIS|SENSITIVE|NOFORN|EXDIS|NODIS|LIMDIS|STADIS|TERREP|AIDAC|FODAG|ALDAC|LOU|EFTO
      |E\ F\ T\ O|FOR\ OFFICIAL\ USE\ ONLY|SENSITIVE\ BUT\ UNCLASSIFIED|CHEROKEE|NOCONTRACT|ORCON
      |NOT\ FOR\ INTERNET(?:\ DISTRIBUTION)?|DEA\ SENSITIVE|LAW\ ENFORCEMENT\ SENSITIVE|NOWNINTEL
      |INFORM\ CONSULS?|OFFICIAL[\ -]INFORMAL|MED\ CHANNEL|ROGER\ CHANNEL|DISSENT\ CHANNEL
      |DS\ CHANNEL|PROG|VISAS?\ [A-Z]{4,9}|CODEL(?:\ [A-Z]+)?|STAFFDEL(?:\ [A-Z]+)?|C\ R\ I\ T\ I\ C
      |EYES\ ONLY|NODIS[\ -](?:CHEROKEE|SAHARA|PADLOCK)|S\ I\ P\ D\ I\ S|N\ O\ F\ O\ R\ N
      |E\ X\ D\ I\ S|N\ O\ D\ I\ S|L\ I\ M\ D\ I\ S|S\ E\ N\ S\ I\ T\ I\ V\ E|STATE\ ONLY
      |LIMITED\ OFFICIAL\ USE)
      \.?(?:\s*(?:[/,;-]{0,2}|/{3,40})\s*|$))+
    |-?\s*-?\s*C\ ?O\ ?R\ ?R\ ?E\ ?C\ ?T\ ?E\ ?D\ +C\ ?O\ ?P\ ?Y.*
)$"""
"""Captions, alone or several: `SIPDIS`, `SENSITIVE // NOFORN`, `C O R R E C T E D COPY`."""

DATE_LINE = (
    r"(?i)^(?:mon|tues|wednes|thurs|fri|satur|sun)day,\s+\d{1,2}\s+[a-z]+\s+\d{4},?"
    r"\s+\d{1,2}:\d{2}$"
)
"""`Friday, 07 September 2007, 10:49`: line put before the telegram by newspapers."""

DTG_PREFIX = (
    r"(?:-{1,3}\s*|(?:dtg|date[- ]time group)\s*:?\s*)?"
    r"(?P<letters>(?:(?:niact\s+)?(?:flash|immediate|priority|routine)\s+|[zopry]\s*){0,4}?)"
)
DTG_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|[o0]ct|n[o0]v|dec)[a-z]{0,6}"
"""Parts of a date-time group, for patterns that ignore case; OCR reads O as 0."""

DTG_REST = r"(?i)^(?:" + DTG_MONTH + r"[\s.,'’]*)?(?:19|20)?\d\d$"
"""What a line end cut off a date-time group: `NOV 07`, `07`."""

SUBJECT_WORD = (
    r"(?:subject\(s\)|subjectt|subjects?|subjec|subjct|subjet|subejct|sujbect|subect|suject|sbject"
    r"|(?:[a-z]ubj|s[a-z]bj|su[a-z0]j|sub[a-z])ect|subj(?:[a-z]ct|e[a-z]t|ec[a-z])"
    r"|s u b j e c t|subj|sbj|ubject)"
)
"""The label of the subject, and its misprints (one letter wrong, too: `SUOJECT`), for patterns that
ignore case; longest first."""

CLASSIFIED_WORD = r"c ?las{1,3}i?fi{0,2}e?d"
"""`Classified`, `Clasified`, `Classifed`, for patterns that ignore case."""

ORDER_WORD = r"(?:e\s?[.,/]{0,2}\s?[o0]\s?[.,]{0,2}|exec(?:utive|\.)\s+order)"
"""`E.O.`, `EO`, `E/O.`, `E,O.`, `E.0.`, for patterns that ignore case."""

ORDER_NUMBER = r"(?:\d{4,6}|\d{1,2}[,.]\s?\d{3,4})"
"""`12958`, `12,958`."""

NOTICE = r"""(?xi)^(?:\(\s*(?:u|c|s|sbu)\s*\)\s*)?(?:
    (?:this\ (?:cable|message|document|telegram)\ (?:is|contains)\ )?
      sensitive,?\ but\ unclassified(?:\W.{0,120}|\ and\ .{0,120})?
  | (?:unclassified|confidential|secret|sbu)\s*[-–:]*\s*entire\ text\W*.{0,60}
  | entire\ text\ .{0,60}
  | (?:please\ )?(?:handle|protect|treat)\ (?:as\ sensitive|accordingly)\W*.{0,40}
  | not\ for\ (?:release|distribution|internet)(?:[\s,;/–-]+(?:outside|to|on|or|and|over|in|via|the
      |of|by|any|use|public|publication|distribution|release|dissemination|posting|internet|usg
      |intranet|u\.?s\.?g?|government|channels?|press|media|foreign|nationals?|without|prior|only
      |approval|host|official|please|protect|handle|accordingly|sensitive|sbu|fouo|contractors?
      |state|department|dept|originator|post|embassy))*\W*
)$"""
"""Handling notice before the first paragraph: `SENSITIVE BUT UNCLASSIFIED - PLEASE PROTECT …`."""

FOOTER = r"""(?xi)^(?:
    n{3,} | bt | \#\d{1,6} | \#+ | \*+end.* | =*\s*cable\ ends\s*=*
  | (?:end\ (?:of\ )?(?:cable|message)\W*) | xxxx+end
  | <+\s*end\ of\ document\s*>*
  | (?:please\ )?(?:visit|see|for\ more\ reporting|to\ view)\b.{0,120}
      (?:web\s?site|web\s?page|home\s?page|portal|siprnet|intelink|http).{0,160}
  | (?:please\ )?visit\b.{0,60}: | for\ more\ reporting\b.{0,80},\ visit:?
  | or\ access\ the\ site\ through\b.{0,80} | home\ page\.?
  | (?:https?://|www\.)\S+(?:\s\S{1,12})?
  | note:?\ (?:by\ oc/t|not\ passed).{0,80}
  | (?:[a-z.]+\ ){0,3}minimized?\ (?:was\ )?considered\.?
  | \d{4}[a-z]{4,10}\d{5}\ -\ .*
  | latest\ source\ of\ this\ page\ is\ .{0,60}
  | track\ impresi.* | id:\s*\d+
  | end\ cable\ text.*
)$"""
"""Lines after the text that are not the telegram's: `NNNN`, web site lines, print tracks."""

REDACTION = r"[Xx]{4,}"
"""A removed name: four or more X, in either case, also glued to words."""
