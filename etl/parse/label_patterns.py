"""What a label looks like, and what goes on behind it: the patterns of `labels`."""

import re

from etl.parse import patterns

INLINE_LABEL = (
    r"(?i);?([\s.;])((?:t?ags\s*:|subj(?:ect)?\s*:"
    r"|ref(?:s|tels?|\(s\)|s\(s\))?\s*:|class?ified\s+by\s*:?))"
    # Not behind a bracket: `(U) E.O. 12958: N/A` is one label.
    r"|([^)\s][\s.;])(e\.?\s?o\.?\s*1\d{4}\s*(?::|n/a|decl))"
    r"|([A-Za-z)\d])((?-i:Classified By:|REF:|SUBJECT:|TAGS:))"
)
"""A second label on a line whose breaks a page has lost: `… FR SUBJECT: … REF: …`."""

HEADING_ON_ONE_LINE = (
    r"^([ZOPR](?: [ZOPR])? \d{6} ?Z [A-Z]{3} \d{2}) (FM (?:AM|US|SEC)\S* .{2,40}?)"
    r" (TO (?:AM|US|SEC|RU).*?)(?: (INFO [A-Z]{4}.*))?$"
)
"""`R 191204Z NOV 74 FM AMEMBASSY OSLO TO SECSTATE WASHDC INFO AMEMBASSY BERN`: four lines."""

LABELS: dict[str, str] = {
    "rule": patterns.RULE,
    # Heading, ACP 127 format lines 1 to 6.
    "transmission": r"""(?x)^(?:VZCZC | (?:ZZ|OO|PP|RR)\s+[A-Z]{4,8}\b | DE\s+R[A-Z]{3,7}\b
        | Z(?:NR|NY)\b | BT\s*$ | (?:\d+\s*)?\#\d{4}(?:/\d+)?\s+\d{7}\s*$)""",
    "date_time_group": (
        r"(?i)^"
        + (patterns.DTG_PREFIX + r"\s*[\dIOL]{2}[\s/]?[\dIOL]{2}\s?[\dIOL]{2}\s?")
        # Z misprinted or left out, where a month stands behind.
        + (r"(?:Z(?:[\s.,]|[A-Z0]{3}|$)|2?\s?" + patterns.DTG_MONTH + r"\b)")
    ),
    "originator": r"^(?:FM|FROM:?)\s",
    "distribution": r"""(?x)^(?:ACTION\s+[A-Z]{1,9}-\d\d | INFO\s+[A-Z]{1,5}-\d\d
        | (?:[A-Z0-9/]{1,9}-\d\d\b\s*){2,} | ORIGIN\s+[A-Z]{1,9}-\d\d | -{6,}.{0,30}\d{6}Z.*
        | (?:ADP|ADS|TEDE|INRE|SSO)-\d\d | DESIRED\ DISTRIBUTION\b | \s*/\d{3}[WRX]?\s*$
        | \d{1,2}(?:/\d{1,2})?$ | -{6,}\s*\d{5,6}$ | -{10,}[0-9A-F]{4,6}\s+\d{6}Z.*)""",
    "drafting": r"^(?:DRAFTED|APPROVED|CLEARED|CLEARANCES?)\s*(?:BY)?\s*:?\s",
    "to": r"^TO:?(?:\s|$)",
    "info": r"^INFO:?(?:\s|$)",
    "exempt": r"^XMT:?\s",
    # Opening, 5 FAH-2.
    "classification": patterns.CLASSIFICATION_LINE,
    "classification_run_on": r"""(?x)^(?:UNCLAS|C\ O\ N\ F\ I\ D\ E\ N\ T\ I\ A\ L|S\ E\ C\ R\ E\ T)
        \s[A-Z0-9\ .'-]{3,60}?\d{5,8}\s""",
    "classification_cut": patterns.CLASSIFICATION_CUT,
    "executive_order": r"(?i)^(?:\([ucs]\)\s*)?(?:decl(?:as(?:sify)?)?\s*[:;]|"
    + (patterns.ORDER_WORD + r"\s*:?\s*(?:" + patterns.ORDER_NUMBER + r"|:|n/?a\b|x?gds\b|ads\b)")
    + r"|o\.\s?1[0-3]\d{3}\b|(?:gp|group)[\s-]?[1-4]\W*$)",
    "tags": r"""(?xi)^(?:(?:tags?|tage|taggs|tgas|tgs|tabs|ags|tagss|atgs|rags)\s*[:;=]
        |(?-i:TAGE|TGAS|TAG|AGS)\s+(?-i:[A-Z]{4}[\ ,])|tags[\s.,–-]\s*|tags$
        |tags?/subjects?\s*[:;]|(?-i:T[A-Z]GS|TA[A-Z6]S)\s*:|t\ a\ g\ s\s*[:;])""",
    "subject": r"(?i:^" + patterns.SUBJECT_WORD + r"\s*(?:\((?:u|sbu|c|s)\)\s*)?[:;])"
    r"|^SUBJ(?:ECT)?(?:[.,=]?\s|$)",
    "reference": r"(?i:^(?:program\s+)?\(?ref(?:s|tels?|erences?|\(s\)|tel\(s\)|s\(s\))?\)?"
    r"\s*[:;.])|^REF(?:[Ss]|TELS?)?\s|^A[.)]\s+REF\s",
    "classified_by": r"(?i)^(?:\(\s*[ucs]\s*\)\s*)?(?:"
    + (patterns.CLASSIFIED_WORD + r"\s+by\b|class?\.?\s*by\s*:")
    # `Classified: DCM Anna Quill, reasons 1.4 (b)`; `Classified By` with a letter amiss.
    + ("|" + patterns.CLASSIFIED_WORD + r"(?:\s+(?:b|bt|bu|bv|buy))?\s*[:;].{3,80}\breas")
    + r"|derived\s+from\s*(?::|\.|(?-i:[A-Z0-9]{2,})|multiple\b))",
    "notice": patterns.NOTICE,
    "caption": patterns.CAPTION,
    "cover": patterns.DATE_LINE,
    "partial": r"(?i)^this record is a partial extract of the original cable",
    "slug": r"""(?x)^[A-Z][A-Za-z0-9\ ,/.&()'’;-]{1,60}?\s
        (?:FOR|PLEASE\ PASS|PLS\ PASS|PASS|ALSO\ FOR|ALSO\ PASS)\b""",
    "marked": patterns.UNNUMBERED_MARKING,
}
"""Label of a line, the first match counts; `marked` is an unnumbered paragraph with a marking."""

LATE_SLUG = r"""(?x)^(?:(?:DEPT|DEPARTMENT|STATE|EMBASSY|POSTS?|[A-Z]{4,12})\ )?
    (?:(?:FOR|(?:PLEASE\ |PLS\ )?PASS(?:\ TO)?)\ (?:THE\ )?
      (?:AMB(?:ASSADOR)?|CHARGE|DCM|PAO|RSO|POLAD|SECRETARY|(?:DEPUTY|UNDER|ASSISTANT)\ SECRETARY
        |CONSUL\ GENERAL|[A-Z]{1,3}ATT|US[A-Z]{2,5}|TREASURY|COMMERCE|AGRICULTURE|NSC
        |[A-Z]{1,5}/[A-Z]{1,5}|[A-Z][A-Z\ .,'/-]{1,40}\ FROM)\b)[^.:?!]{0,50}$
  | ^(?:THIS\ IS\ A\ )?JOINT\ [A-Z/,\ -]{3,60}\ (?:MESSAGE|CABLE|TELEGRAM)\.?$"""
"""A slug line behind subject and references: `FOR AMBASSADOR FROM DOBBINS`."""

ALSO_FOR = r"^(?:[A-Z][A-Z .]{2,24} )?ALSO FOR [A-Z]"
"""`ROME ALSO FOR FODAG` below a subject, whatever comes next."""

AGENCY_FOR = (
    r"^(?:STATE|DEPT|DEPARTMENT|TREASURY|COMMERCE|LABOR|AGRICULTURE|USDA|USIA|ICA|AID|DOD|DEFENSE"
    r"|CINC[A-Z]{2,6}|US[A-Z]{3,8}) FOR [A-Z][A-Z0-9/, ]{1,40}$"
)
"""`TREASURY FOR DIXON`."""

GOES_ON = r"(?:\b(?:OF|THE|AND|TO|FOR|IN|ON|WITH|BY|A|UNITED)|[,/(-])$"
"""A line that the next one goes on from: `… SECRETARY OF` / `STATE FOR …`."""

SLUG_BELOW = r"""(?x)^(?:[A-Z][A-Z\ .]{2,24}\ )?FOR\ (?:
    (?:EUR|EAP?|NEA|AF|ARA|WHA|S?CA|SA|IO|E?EB|PM|INR|OES|INL|DRL|PRM|CU|DS|SY|ACDA|USIA|AID
      |EMBASSY|TREASURY|COMMERCE|LABOR|AGRICULTURE)/[A-Z]
    | USDEL\b | (?:INS|POLAD|RSO|PAO)$)"""
"""The same right below the subject, without a blank: `ROME FOR EMBASSY/WISE`."""

OPENS_TEXT = (
    r"(?i)^(?:begin\s+)?(?:executive\s+)?summary(?:\s+and\s+[a-z ]{4,24})?\s?[:.]"
    r"|^following\s+(?:is|are)\s"
)
"""`SUMMARY: …` right below subject or references, without a number or a blank: the text."""

OPENS_QUOTE = r"^(?:(?:BEGIN )?(?:QUOTE|QTE)(?:[:. ]|$)|[ZOPR]{1,2} \d{6} ?Z\s+[A-Z]{3})"
"""`QUOTE:`, `R 161344Z MAY 74`: another telegram begins, as the text of this one."""

QUOTE_ALONE = r"^(?:BEGIN )?(?:QUOTE|QTE)\s?[:.]?$"

HEADING_FIELDS = (
    "transmission", "date_time_group", "originator", "distribution", "drafting",
    "to", "info", "exempt",
)  # fmt: skip
MAIN_FIELDS = ("executive_order", "tags", "subject")

CLEARANCE = r"^[A-Z][A-Z0-9/.]{0,14}\s?[-:]+\s?[A-Z].{1,40}$"
"""Clearing office and officer under Approved By: `S/S - MR. MARROWBY`."""

TAGS_GO_ON = r"^[A-Z0-9(),;/.&'’ -]+$"
"""A second line of TAGS holds capitals only: `NL, IS, SR`."""

REASON_ORDER = r"(?i)^e\.?o\.?\s*\d{5}\W{0,3}(?:reasons?|section|1\s?\.[2-7])\b"

NO_TAGS = (
    r"\b(?:THE|WAS|WERE|HAS|HAD|HAVE|HIS|WITH|FOR|THAT|FROM|WILL|NOT|ARE|BUT)\b"
    r"|^[^,;/(]*\b(?:[A-Z]{6,}|A|I)\b[^,;/(]*\s\S*[A-Z]{2}\.$"
)
"""A sentence in capitals below TAGS, where SUBJECT is missing: `SNOW FELL ON THE ROOF.`"""

REFERENCE_GOES_ON = r"""(?x)^(?:
    [(\[]?[A-Za-z]{1,2}[.)\]:]\s?.*
  | -\s*\(?[A-Z][.)].*
  | \d{2,7}[\s,;.)]*
  | \d{3,7}\s*(?:[(\[]?[A-Z][)\].]|[,;]).{0,120}
  | \(?\d{1,2}\s?[.)]\s*(?:\d{2,4}\s)?[A-Z][A-Za-z\ .'-]{1,24}\s\#?\d{1,7}\b.{0,80}
)$"""
"""References behind a blank line: `B. MADRID 899`, `36633`."""

FIRST_HEADING = r"(?i)^[ia]\.\s+(?:executive\s+)?(?:summary|introduction|overview|background)\W*$"
"""`I. SUMMARY` behind REF: the first heading of the text, no ninth reference."""

FIRST_HEADING_ALONE = (
    r"(?i)^(?:executive\s+)?(?:summary|introduction|overview|background|comment|action requ\w+)"
    r"(?:\s+and\s+\w+)?\W*$"
)
"""`Summary` behind a subject that ends in `… by It`: the first heading of the text."""

POST_AND_SERIAL = re.compile(
    r"^(?:['‘’]?\d{2,4}\s+)?([A-Z][A-Za-z .'’-]{2,24}?)\s#?\d{1,7}\b"
    r"(?:\s*[,;:(/&.-].{0,80}|\s+(?:AND|and|NOTAL|DTG|DATED|PARA|SEC|[A-Z][.)]).{0,80})?\s*$"
)
"""`MADRID 899, PARIS 12` behind a blank line: a reference, if it names a post; else the text of a
telegram without numbers: `MINISTER SAID IN 1974 …`. The rest of a name that a page cut in two
(`RIO`, `DE JANEIRO 1291`) stands behind a line that ends in letters."""

CUT_IN_TWO = r"(?:[A-Za-z,;&-])$"

FURTHER_REFERENCE = (
    r"^(?:[(\[]?[B-Z][.)\]:]\s*){1,2}['‘’]?(?:\d{2,4}\s+)?[A-Z][A-Za-z .'-]{1,24}\s\#?\d{1,7}\b"
)
"""`B. PARIS 13` between a page marker and a blank line is no heading."""

LETTERED_REFERENCE = (
    r"^\([A-Z]\)\s*(?:['‘’]?\d{2,4}\s+)?[A-Z][A-Za-z .'’-]{2,24}\s\#?\d{1,7}\b"
    # Cut by the end of the line: `(C) 99 Rio de`, `(C)`.
    r"|^\([A-Z]\)\s*(?:['‘’]?\d{2,4}(?:\s[A-Z][A-Za-z.'’-]*){0,3})?$"
)

REASON_GOES_ON = r"""(?xi)^(?:\(?[a-h]\) | for\s+reas | reas | rea\b | sons\b | 1[.,]\s?[2-7]
    | and\s+\(?[a-h]\) | .{0,20}1\.[45]\s?\()"""
"""Rest of a Classified By line behind a blank line: `(B) AND (D)`."""

CLASSIFIED_BARE = r"(?i)^\W*(?:" + patterns.CLASSIFIED_WORD + r"\s+by|class?\.?\s*by)\W*$"
REASON_GIVEN = r"(?i)\breas[a-z]*\W.{0,14}1\s?[.,]\s?[2-7]|\b1\s?[.,]\s?[45]\s?\("
"""The rest of a Classified By statement behind a blank, where its label has said no reason."""

SUBJECT_OPEN = r"""(?xi)(?:[-–:,/&]
    |\b(?:and|or|of|the|a|an|in|on|to|for|with|at|by|from|as|its?|his|their|new))$"""
"""A subject that stops in mid-phrase goes on behind a blank line."""


NOT_SUBJECT = (
    r"^(?:SUMMARY|COMMENT|INTRODUCTION|BACKGROUND|OVERVIEW|ACTION|BEGIN|NOTE|FOR|FROM)\b|[.:]$"
)
"""Capitals alone behind a subject that are a heading or a notice."""


PROSE = r"""(?x)^\W{0,3}\p{Lu}.*(?:
    [a-z]\S*\ .*[a-z]\S*\ .*[a-z]\S*\ .*[a-z]\S*\ .*[a-z]
  | (?:\S+\ +){7,}\S
  | (?:\S+\ +){3,}\S.*[.:?!][\"”]?$
)"""
"""First line of a block of text: words in sentence case, many words, or a whole sentence."""

SENTENCE_BEHIND_LABEL = (
    r"^(?i:subject|tags|refs?)\s?[:.]\s?(?:[a-z]{2,}|The|This|It|Our|He|His|They|We)\b"
    r" .*[a-z]{2}.*[.?!][\"”]?$"
)
"""`Subject: the snow, he said, was old.`: text, where the label has stood before."""

OWN_LABELS: dict[str, str] = {
    "executive_order": r"(?i)^(?:\([ucs]\)\s*)?e\.?\s?o\.?\s*:?\s*(?:\d{5}|n/a)",
    "tags": r"(?i:^t\w{2,4})\s*[:;=.]?\s*[A-Z]{2,5}(?:$|[\s,;(])",
    "reference": r"(?i:^(?:program\s+)?\(?ref\S*)\s.{0,40}(?-i:[A-Z])[A-Za-z .]*\s\#?\d{2,}",
    "classified_by": r"(?i)by\b.*\b1\.?[2-7]|reason|derived\s+from\s*:",
    "notice": r"(?i)unclassified|entire text|^(?:please )?(?:handle|protect|treat)",
}
"""What a label must show once the text has begun: `Ref: our last talk` is text then."""
