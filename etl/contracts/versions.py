"""What is kept of every document of a telegram, not only of the one it is loaded from.

Not here: how versions are told apart and ranked (`etl.star.versions`), compared
(`etl.star.version_tables`), the views over these tables (`etl.contracts.views`).
"""

import dataframely as dy

from etl.contracts import columns as c
from etl.contracts.frames import DIALECTS, PARAGRAPH_KINDS

RELATIONS = (
    "current",
    "same_bytes",
    "same_text",
    "other_header",
    "section",
    "no_text",
    "cancelled",
    "suspected_duplicate",
    "corrected",
    "redacted",
    "unredacted",
    "partial",
    "fuller",
    "differs",
)
DIFFERENCES = ("added", "hides", "shows", "shortened", "lengthened", "marked", "reworded")
_FILE = "file or container"
_TEXT = "text of the telegram"


class CableVersion(dy.Schema):
    """One row per readable document: a version of its telegram, and what it adds to the first.

    Source: file or container
    """

    document_key = c.foreign_key("dim_document", "Document.", primary_key=True)
    cable_key = c.foreign_key("fact_cable", "Telegram that it holds.")
    mrn = c.text("That telegram.", "classification line or Reference ID", nullable=False)
    version_rank = c.position("1 for the version that is loaded.", c.JOB)
    is_current = c.flag("The telegram is loaded from it.")
    relation = c.one_of(
        RELATIONS,
        "What it is to the current version: current, same_bytes, same_text, other_header (the same "
        "paragraphs), section, no_text, cancelled (ZFR), suspected_duplicate (ZFD), corrected "
        "(the current one is a corrected copy), redacted (hides names that the current one shows), "
        "unredacted (shows such), partial "
        "(less of the same), fuller (more words), differs.",
        c.JOB,
    )
    sha256 = c.text(
        "SHA-256 of the document's bytes; null in a file for an audience where something of the "
        "telegram is withheld.",
        _FILE,
    )
    dialect = c.one_of(DIALECTS, "Form of the document.", _FILE)
    published_id = c.text("Reference id as the page, row or cover prints it.", "page or row")
    classification_key = c.level_key("Level that it gives.", "classification line")
    caveats = c.words("Caveats that it gives, sorted.", "captions and classification line")
    subject = c.text("Subject as it gives it.", "SUBJECT line")
    subject_marking = c.text("Portion marking of that subject.", "SUBJECT line")
    operating_signal = c.text("ZFR cancelled, ZOJ or ZDK corrected, ZFD, ZEL.", "date-time group")
    section_number = c.small("n of SECTION n OF m where it holds one section.", "section line")
    section_count = c.small("m of SECTION n OF m.", "section line")
    paragraph_count = c.count("Paragraphs.")
    word_count = c.count("Words of the paragraphs.")
    redaction_count = c.count("Removed names in subject and paragraphs.")
    shared_share = dy.Float64(
        nullable=True,
        min=0,
        max=1,
        description="Part of the shorter text's word triples that stand in the current version, "
        "too, 0 to 1; null where one has no text.",
        metadata={"source": c.JOB},
    )
    paragraphs_added = c.count("Paragraphs that the current version does not have.")
    paragraphs_changed = c.count("Paragraphs that the current version has in other words.")
    paragraphs_lacking = dy.List(
        dy.Int32(),
        description="Positions of the current version's paragraphs that it does not have.",
        metadata={"source": c.JOB},
    )
    names_shown = c.count("Removed names of the current version that it shows.")
    names_hidden = c.count("Names of the current version that it hides.")
    fields_added = c.words("Fields that the current version does not have.", c.JOB)
    fields_changed = c.words("Fields of which both say something else.", c.JOB)
    fields_lacking = c.words("Fields that only the current version has.", c.JOB)
    adds = c.text("What it adds, in words; null where it adds nothing.", c.JOB)


class VersionParagraph(dy.Schema):
    """One row per paragraph of another version than the current one that differs from it.

    Source: text of the telegram
    """

    document_key = c.foreign_key("dim_document", "Document.", primary_key=True)
    position = c.position("1 for the document's first paragraph.", _TEXT, primary_key=True)
    cable_key = c.foreign_key("fact_cable", "Telegram.")
    current_position = dy.Int32(
        nullable=True,
        min=1,
        description="Paragraph of the current version that says the same; null where none does.",
        metadata={"source": c.JOB},
    )
    difference = c.one_of(
        DIFFERENCES,
        "added (the current version lacks it), hides or shows names, shortened, lengthened, "
        "marked (the same words with another portion marking), reworded.",
        c.JOB,
    )
    number = c.number("Number as printed.", _TEXT)
    portion_marking = c.text("Marking, no brackets or spaces: SBU, C/NF.", _TEXT)
    classification_key = c.level_key("Level of the portion marking.", _TEXT)
    portion_caveats = c.words("Caveats of the portion marking, canonical.", _TEXT)
    section = c.text("Heading that it stands under.", _TEXT)
    kind = c.one_of(PARAGRAPH_KINDS, "What it is.", _TEXT)
    text = c.text("Text without number and marking.", _TEXT, nullable=False, compression="zstd")
    word_count = c.count("Words of the text.")
    redaction_count = c.count("Removed names in the text.")
    redactions = c.spans("Where names were removed: characters before it, its length.", _TEXT)


class MrnCollision(dy.Schema):
    """One row per telegram whose number another telegram has, too.

    Source: telegram
    """

    number = c.text("Message reference number that they share.", "classification line")
    place = dy.Int32(description="1 for the one sent first.", metadata={"source": c.JOB})
    mrn = c.text("Telegram: the number, from the second on with #2, #3 …", "classification line")
    sent_at = c.time("Time of sending, UTC.", "date-time group, else Created")
    subject = c.text("Subject on one line, without its marking.", "SUBJECT line")
    opening = c.text("First 200 characters of its first paragraph.", _TEXT)
    word_count = c.count("Words of the paragraphs.")
    word_share = dy.Float64(
        nullable=True,
        description="Part of the longer words of the shorter text that also stand in the first "
        "telegram, 0 to 1; null for the first.",
        metadata={"source": _TEXT},
    )
    document_count = dy.Int32(
        nullable=True, description="Documents that hold it.", metadata={"source": c.JOB}
    )
    uris = c.words("Addresses of these documents, the current one first.", _FILE)


class RedactionDiff(dy.Schema):
    """One row per paragraph of which one version of a telegram hides what another has.

    Source: text of the telegram
    """

    mrn = c.text("Telegram.", "classification line or Reference ID")
    position = c.position(
        "Paragraph in the current version; in the other where it lacks it.", _TEXT
    )
    number = c.number("Number as printed.", _TEXT)
    how = c.text("names removed, part left out, or absent (the whole paragraph).", c.JOB)
    relation = c.text("What the other version is to the current one; see cable_version.", c.JOB)
    hidden_words = c.words("What is hidden, in order; null where the whole paragraph is.", _TEXT)
    hidden_text = c.text("The paragraph as the one version has it; null where absent.", _TEXT)
    shown_text = c.text("The paragraph as the other version has it.", _TEXT)
    hidden_in = c.text("Address of the document that hides it.", _FILE)
    shown_in = c.text("Address of the document that has it.", _FILE)


class CableSketch(dy.Schema):
    """One row per telegram with a longer sentence: hashes to find near duplicates by.

    For the job's own use.

    Source: made by the job
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    sketch = dy.List(
        dy.UInt64(),
        description="The eight smallest hashes of its sentences.",
        metadata={"source": _TEXT},
    )


class NearDuplicate(dy.Schema):
    """One row per telegram whose text another telegram has nearly word by word.

    Source: made by the job
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    first_cable_key = c.foreign_key(
        "fact_cable", "Telegram of its group that was sent first: the key of the group."
    )
    group_size = c.count("Telegrams of the group.")
    similarity = c.share("Part of the word triples that it shares with the first, by MinHash.")


class NearDuplicates(dy.Schema):
    """One row per telegram whose text another telegram has nearly word by word, with its group.

    Source: telegram
    """

    first_mrn = c.text("Telegram of the group that was sent first.", "classification line")
    mrn = c.text("Telegram.", "classification line or Reference ID")
    similarity = c.share("Part of the word triples that it shares with the first, by MinHash.")
    group_size = c.count("Telegrams of the group.")
    sent_at = c.time("Time of sending, UTC.", "date-time group, else Created")
    post_name = c.text("Station that sent it.", "reference table posts")
    subject = c.text("Subject on one line, without its marking.", "SUBJECT line")
    word_count = c.count("Words of the paragraphs.")
    operating_signal = c.text("ZFR cancelled, ZOJ or ZDK corrected, ZFD, ZEL.", "date-time group")
