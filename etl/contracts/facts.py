"""The facts and bridges of the warehouse: one schema each, grain in the docstring's first line.

Foreign keys are never null: -1 is the Unknown member. Null elsewhere means that the document
does not say.

Not here: how the rows are made (`etl.star.facts`, `etl.star.bridges`).
"""

import dataframely as dy
import polars as pl

from etl.contracts import columns as c
from etl.contracts.frames import (
    AGREEMENTS,
    PARAGRAPH_KINDS,
    PERSON_ROLES,
    PRECEDENCES,
    REFERENCE_KINDS,
)

OUTCOMES = ("loaded", "unchanged", "superseded", "duplicate", "rejected")
_HEADER = "transmission header"
_DTG = "date-time group"
_ADDRESS = "TO and INFO lines"
_TEXT = "text of the telegram"
_PEOPLE = "Classified By, drafting lines, signature"
_ATTRIBUTES = "Message Attributes"


class FactCable(dy.Schema):
    """One row per telegram: the current version of one message reference number.

    Source: telegram
    """

    cable_key = c.own_key("Telegram.")
    mrn = dy.String(
        unique=True,
        description="Message reference number, canonical; UNKNOWN… where it has none.",
        metadata={"source": "classification line or Reference ID"},
    )
    document_key = c.foreign_key("dim_document", "Document that holds the current version.")
    sent_at = c.time("Time of sending, UTC.", "date-time group, else Created")
    sent_date_key = c.date_key("Day of sending, UTC.", "date-time group, else Created")
    sent_at_source = c.text("date_time_group or created: where sent_at comes from.", c.JOB)
    origin_post_key = c.foreign_key("dim_post", "Station that sent it.", "MRN")
    classification_key = c.level_key("Level of the telegram.", "classification line")
    published_classification_key = c.level_key(
        "Level that the page, row or cover gives.", "page or row"
    )
    precedence = c.one_of(PRECEDENCES, "Precedence.", _HEADER, nullable=True)
    date_time_group = c.text("Date-time group as printed.", _DTG)
    operating_signal = c.text("ZFR cancelled, ZOJ or ZDK corrected, ZFD, ZEL.", _DTG)
    transmission_id = c.text("Channel and number of the VZCZC line.", "VZCZC line")
    originator = c.text("Plain language address of the sender.", "FM line")
    executive_order = c.text("Executive order meant, misprints resolved.", "E.O. line")
    executive_order_printed = c.text("Executive order as printed.", "E.O. line")
    declassify_on = c.day("Day of declassification.", "E.O. line")
    declassify_date_key = c.date_key("Day of declassification.", "E.O. line")
    declassify_instruction = c.text(
        "Words instead of a date: OADR, X1, GDS, an event.", "E.O. line"
    )
    subject = c.text("Subject on one line, without its marking.", "SUBJECT line")
    slug = c.text(
        "Slug lines, one per line: whom a post asks to pass the telegram to.", "slug lines"
    )
    subject_marking = c.text("Portion marking of the subject.", "SUBJECT line")
    summary = c.text("Text of the summary paragraphs.", _TEXT, compression="zstd")
    printed_mrn = c.text("Message reference number as printed.", "classification line")
    is_mrn_invented = c.flag("The document has no MRN; the one here was made from its bytes.")
    is_partial_extract = c.flag("The source says that it holds only a part.", _HEADER)
    section_count = c.small("m of SECTION n OF m.", "section line")
    paragraph_count = c.count("Paragraphs.")
    word_count = c.count("Words of the paragraphs.")
    tag_count = c.count("TAGS.")
    reference_count = c.count("Items on the REF line.")
    action_addressee_count = c.count("Action addressees, without the exempt.")
    info_addressee_count = c.count("Info addressees, without the exempt.")
    redaction_count = c.count("Removed names (runs of four or more X) in subject and paragraphs.")
    line_count = c.count("Lines of the document.")
    unrecognised_line_count = c.count("Lines that the parser could not place.")


class FactParagraph(dy.Schema):
    """One row per paragraph of a telegram.

    Source: text of the telegram
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    position = c.position("1 for the first paragraph.", _TEXT, primary_key=True)
    number = c.number("Number as printed.", _TEXT)
    portion_marking = c.text("Marking, no brackets or spaces: SBU, C/NF.", _TEXT)
    classification_key = c.level_key("Level of the portion marking.", _TEXT)
    portion_caveats = c.words(
        "Caveats of the portion marking, canonical: NOFORN, REL TO USA, GBR.", _TEXT
    )
    section = c.text("Heading that it stands under.", _TEXT)
    section_marking = c.text("Marking of the heading; several with / between.", _TEXT)
    kind = c.one_of(PARAGRAPH_KINDS, "What it is.", _TEXT)
    # zstd: half the size of DuckDB's own choice at 1.15 times the time (figures in etl.publish).
    text = c.text(
        "Text without number and marking; lists on lines of their own.",
        _TEXT,
        nullable=False,
        compression="zstd",
    )
    word_count = c.count("Words of the text.")
    redaction_count = c.count("Removed names in the text.")
    redactions = c.spans(
        "Where names were removed: start is the characters of text before it, length its own.",
        _TEXT,
    )

    @dy.rule()
    def redactions_inside(cls) -> pl.Expr:
        """Hold the places of removed names to the text; `warehouse/invariants` has it in SQL."""
        place = pl.element().struct
        ends = pl.col("redactions").list.eval(place.field("start") + place.field("length"))
        return ends.list.max() <= pl.col("text").str.len_chars()


class FactReference(dy.Schema):
    """One row per item on a telegram's REF line.

    Source: REF line
    """

    cable_key = c.foreign_key("fact_cable", "Telegram that refers.", primary_key=True)
    position = c.position("1 for the first item.", "REF line", primary_key=True)
    letter = c.text("Letter of the item, capital.", "REF line")
    kind = c.one_of(REFERENCE_KINDS, "What is referred to.", "REF line")
    raw_text = c.text("Item as printed, without its letter.", "REF line", nullable=False)
    referenced_mrn = c.text("MRN referred to, canonical; null unless a cable.", "REF line")
    referenced_post_key = c.foreign_key("dim_post", "Station of that MRN.", "REF line")
    referenced_cable_key = c.foreign_key(
        "fact_cable", "That telegram; -1 when it is not held.", "REF line"
    )
    year_rule = c.text("printed, own_year or year_before: how the year was found.", c.JOB)


class FactAddressee(dy.Schema):
    """One row per addressee of a telegram.

    Source: TO and INFO lines
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    position = c.position("1 for the first addressee.", _ADDRESS, primary_key=True)
    role = c.one_of(("action", "info"), "TO line or INFO line.", _ADDRESS)
    addressee_key = c.foreign_key("dim_addressee", "Addressee.", _ADDRESS)
    precedence = c.one_of(PRECEDENCES, "Precedence behind the name.", _ADDRESS, nullable=True)
    message_continuity_number = c.text("Number behind the name, zeros kept.", _ADDRESS)
    is_exempt = c.flag("Stands after XMT: left out of a collective.", _ADDRESS)
    raw_text = c.text("Address as printed.", _ADDRESS)


class FactFieldAgreement(dy.Schema):
    """One row per telegram of the 1973-79 archive and field that attributes and body may both say.

    Source: Message Attributes and text of the telegram
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    field = c.text("Field, e.g. subject.", c.JOB, nullable=False).with_primary_key(True)
    body_value = c.text("What the body says.", _TEXT)
    attribute_value = c.text("What the attributes say.", _ATTRIBUTES)
    agreement = c.one_of(AGREEMENTS, "Whether both say the same, or which one says it.", c.JOB)


class FactIngest(dy.Schema):
    """One row per source document and run that met it.

    Source: file or container
    """

    run_id = c.text("Run.", c.JOB, nullable=False).with_primary_key(True)
    document_key = c.foreign_key("dim_document", "Document.", primary_key=True)
    ingested_at = c.time("When the run began, UTC.", c.JOB, nullable=False)
    outcome = c.one_of(OUTCOMES, "What became of the document.", c.JOB)
    reason = c.text("Why; null only for loaded.", c.JOB)


class BridgeCableTag(dy.Schema):
    """One row per telegram and TAGS code.

    Source: TAGS line
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    tag_key = c.foreign_key("dim_tag", "TAGS code.", "TAGS line", primary_key=True)
    position = c.position("1 for the first tag.", "TAGS line")
    raw_tag = c.text("Tag as printed.", "TAGS line", nullable=False)


class BridgeCableCaveat(dy.Schema):
    """One row per telegram and caveat.

    Source: captions and classification line
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    caveat_key = c.foreign_key("dim_caveat", "Caveat.", "captions", primary_key=True)


class BridgeCableReason(dy.Schema):
    """One row per telegram and reason for classification.

    Source: Classified By line
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    reason_key = c.foreign_key("dim_reason", "Reason.", "Classified By line", primary_key=True)
    position = c.position("1 for the first reason.", "Classified By line")


class BridgeCablePerson(dy.Schema):
    """One row per telegram, person and role.

    Source: Classified By, drafting lines, signature
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    person_key = c.foreign_key("dim_person", "Person.", _PEOPLE, primary_key=True)
    role = c.one_of(PERSON_ROLES, "What the person did.", _PEOPLE).with_primary_key(True)
    position = c.position("1 for the first person of the role.", _PEOPLE)
    title = c.text("Title as printed.", _PEOPLE)
    printed_name = c.text("Name as printed.", _PEOPLE, nullable=False)


class CableAttribute(dy.Schema):
    """One row per attribute of a telegram of the 1973-79 archive, by the attribute's own name.

    Source: Message Attributes
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    position = c.position("1 for the first attribute.", _ATTRIBUTES, primary_key=True)
    name = c.text("Name as printed, e.g. Handling Restrictions.", _ATTRIBUTES, nullable=False)
    value = c.text(
        "Value as printed; null for n/a and for 01 JAN 1960, which stands for none.", _ATTRIBUTES
    )


class CableReview(dy.Schema):
    """One row per thing that a telegram says and that nobody could read or place.

    A date-time group that names no moment, an E.O. number that no order has, a line that belongs
    to no known part.

    Source: the telegram
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    position = c.position("1 for the first thing.", c.JOB, primary_key=True)
    field = c.text("Field that the value belongs to, e.g. date_time_group.", c.JOB, nullable=False)
    raw_text = c.text("The value as printed.", "the telegram", nullable=False)
    reason = c.text("What is wrong, in words.", c.JOB, nullable=False)
