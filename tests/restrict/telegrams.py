"""Telegrams of all levels, of own writing: what begins with Shut is not for the public.

The audience is: at most UNCLASSIFIED, without NOFORN, protected names masked. Every word that
begins with Open must reach it. People and events are invented.
"""

import re
from pathlib import Path

HEAD = """VZCZCXRO{serial}
RR RUEHDBU
DE RUEHTA #{serial} 3460733
ZNY CCCCC ZZH
R 120733Z DEC 07
FM AMEMBASSY {post}
TO RUEHC/SECSTATE WASHDC 1319
INFO RUCNCIS/CIS COLLECTIVE 0355
{info}
BT
{level} {post} {number}

SIPDIS
{caption}

{slug}

E.O. 12958: DECL: 12/10/2017
TAGS: {tags}
SUBJECT: {subject}

REF: {ref}

{body}

{signer}
BT
#{serial}

NNNN
"""


def telegram(number: int, body: str, **said: str) -> str:
    """Write a raw telegram; its MRN is 07<post><number>."""
    words = {
        "serial": f"{number % 10000:04}",
        "post": "ASTANA",
        "level": "UNCLAS",
        "caption": "",
        "slug": "SCA/CEN FOR B. SNOODLE",
        "tags": "SCUL, KZ",
        "subject": "OPENSUBJECT OF THE DAY",
        "ref": "ALMATY 2977",
        "signer": "THISTLEDOWN",
        "info": "RUCNDT/USMISSION USUN NEW YORK 1940",
    } | said
    return HEAD.format(number=f"{number:06}", body=body.strip(), **words)


TELEGRAMS = {
    "portions.txt": telegram(
        9801,
        """
1. (U) SUMMARY: Openalpha is well and has asked for a lamp in
the yard of the old school.

2. (C) Shutbeta asked for another lamp and gave no reason. END SUMMARY.

3. (SBU) Openbeta wrote to the mayor about the bridge.

4. (S//NF) Shutgamma paid for the bridge with his own money.

Shutdelta is said to have seen the money, in a bag.

5. Opengamma is not marked and counts as the telegram does.

6. (U) Shutinline made three points, he said later:

- (C) that Shutepsilon should sing;

- that the hall be warm.

SHUTHEADING OF THE ROOM
-----------------------

7. (C) Shutzeta left the room before the others did.

8. (U) Openzeta stayed in the room until the lamp went out.

SHUTYARD AND GARDEN
-------------------

9. (SBU/NF) Shuteta has a passport of two colours.

10. (U) Shutiota closed the door. (S) Shuttheta unlocked it.

OPENHEADING OF THE DOOR
-----------------------

11. (U) Openiota painted the door, in green.

(C) SHUTMARKED PRICES
---------------------

12. (U) Opendelta bought a loaf, and then another one.

13. Shutprice is what the whole street was told.
""",
        ref="A. 07 ASTANA 9802 (SHUTQUOTED TITLE) B. ALMATY 2977 (NOTAL)",
    ),
    "shutfile_secret.txt": telegram(
        9802,
        """
Classified By: Ambassador Shutclassifier Shutname for reasons 1.4 (b) and (d).

1. (S) Shutkappa builds a raft from the doors of the town.

2. (U) Shutlambda is unclassified in a secret telegram.
""",
        level="S E C R E T",
        subject="SHUTTITLE OF A RAFT",
        tags="SCUL, KZ, SHUTTAG, JOHN (SHUTSON)",
        signer="SHUTSIGNER",
        slug="SCA/CEN FOR SHUTSLUG",
        info="RUEHXX/AMEMBASSY SHUTPOST 1111",
        ref="SHUTWRITER-SHUTREADER EMAIL OF DECEMBER 3",
    ),
    "shutfile_noforn.txt": telegram(
        9803,
        "1. (U) Shutmu knows the tide tables by heart.",
        caption="NOFORN",
        subject="SHUTSUBJECT ON TIDES",
    ),
    "subject.txt": telegram(
        9804, "1. (U) Openkappa counted the geese.", subject="(C) SHUTGEESE OVER THE FORT"
    ),
    "shutfile_unmarked.txt": telegram(
        9805, "1. Shutnu says nothing of its level at all.", level="", subject="SHUTLEVEL UNKNOWN"
    ),
    "shutfile_entire.txt": telegram(
        9806,
        "1. (C) CONFIDENTIAL - ENTIRE TEXT.\n\n2. Shutxi is in a telegram that contradicts itself.",
        subject="SHUTENTIRE",
    ),
    "names.txt": telegram(
        9807,
        """
1. (U) SUMMARY: Openmu met MP Shutjovan Shutpetrov (strictly protect) at
the harbor. END SUMMARY.

2. (U) Over tea, Shutpetrov's brother sang. SHUTPETROV did not, and
Shutjovan's aide wept. Opennu listened to the song.

3. (C) A baker, Shutana Shutkovac (please protect), was there.

4. (U) Later SHUTKOVAČ, the baker, sold bread to Openxi.

5. (U) A clerk of the shutport (protect) said that Openomicron was late.
""",
        subject="LUNCH WITH SHUTPETROV AND OPENSUBJECTS",
        signer="SHUTPETROV",
        tags="SCUL, KZ, SHUTPETROV, JOVAN",
        ref="A. OPENPI-SHUTKOVAC EMAIL OF MAY 3",
        slug="SCA/CEN FOR SHUTPETROV",
    ),
    "shutfile_general.txt": telegram(
        9808,
        "1. (U) Please protect all our sources in this town.\n\n2. (U) Shutomicron lives here.",
        subject="SHUTGENERAL",
    ),
    "interview_shutnamed.txt": telegram(
        9809, "1. (U) Shutnamed (strictly protect) has a file of his name.", subject="SHUTFILES"
    ),
    "older_shutpath.txt": telegram(9810, "1. (U) Openpi was said."),
    "older.txt": telegram(9810, "1. (U) Openpi has the fuller text, of more words than before."),
    "clean.txt": telegram(
        9811,
        "1. (U) Openrho is whole.\n\n2. (U) Opensigma, too.",
        tags="SCUL, OPENTAG",
        signer="OPENSIGNER",
        ref="A. 07 ASTANA 9801 B. 07 ASTANA 9802 C. OPENWRITER EMAIL OF MAY 3",
    ),
    "shutreject.bin": "\x00\x01 Shutrejected bytes \x02",
}


def words(kind: str) -> set[str]:
    """Give the words that begin with Shut or Open, in small letters."""
    texts = [*TELEGRAMS, *TELEGRAMS.values()]
    found = {w.lower() for text in texts for w in re.findall(rf"(?i){kind}[^\W\d_]+", text)}
    return found


def write(folder: Path) -> Path:
    """Write the telegrams into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in TELEGRAMS.items():
        (folder / name).write_text(text, "utf-8")
    return folder
