"""The views that people query, column by column, and the table that the view `cable` reads.

The SQL is in `warehouse/views`; a test holds each view to the columns and types given here.
"""

import dataframely as dy

from etl.contracts import columns as c

_ADDRESS = "TO and INFO lines"
_TEXT = "text of the telegram"
_FILE = "file or container"
_POSTS = "reference table posts"


def _addressees(description: str) -> dy.List:
    """List of addressees in order, empty where there is none."""
    one = dy.Struct(
        {
            "routing_indicator": dy.String(nullable=True),
            "name": dy.String(nullable=True),
            "precedence": dy.String(nullable=True),
            "message_continuity_number": dy.String(nullable=True),
        }
    )
    return dy.List(one, description=description, metadata={"source": _ADDRESS})


class CableList(dy.Schema):
    """One row per telegram: what the bridges say of it, as lists, so that the view cable is fast.

    Source: made by the job
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    caveats = c.words("Caveats, sorted.", "captions and classification line")
    tags = c.words("TAGS, normalised, in order.", "TAGS line")
    references = c.words("MRNs on the REF line, in order, each once.", "REF line")
    other_references = c.words("Other items of the REF line, as printed.", "REF line")
    action_addressees = _addressees("Action addressees in order, without the exempt.")
    info_addressees = _addressees("Info addressees in order, without the exempt.")
    exempt_addressees = _addressees("Addressees after XMT, left out of a collective.")
    classified_by = c.text(
        "Who classified it, as printed; several with ; between.", "Classified By line"
    )
    classified_by_title = c.text(
        "Title of who classified it; several with ; between.", "Classified By line"
    )
    reasons = c.words("Reasons for classification, e.g. 1.4(b).", "Classified By line")
    signers = c.words("Surnames of the signers, capitals.", "signature")


class Cable(dy.Schema):
    """One row per telegram, nothing left to join.

    Source: telegram
    """

    mrn = c.text("Message reference number, canonical.", "classification line or Reference ID")
    sent_at = c.time("Time of sending, UTC.", "date-time group, else Created")
    post_name = c.text("Station that sent it.", _POSTS)
    post_code = c.text("That station as in an MRN.", "MRN")
    country_name = c.text("Country of the station, as of today.", _POSTS)
    country_code = c.text("Country of the station, ISO 3166-1 alpha-2.", _POSTS)
    classification = c.text("Level alone, without caveats.", "classification line")
    caveats = c.words("Caveats, sorted.", "captions and classification line")
    precedence = c.text("Precedence.", "transmission header")
    transmission_id = c.text("Channel and number of the VZCZC line.", "VZCZC line")
    executive_order = c.text("Executive order meant, misprints resolved.", "E.O. line")
    declassify_on = c.day("Day of declassification.", "E.O. line")
    declassify_instruction = c.text("Words instead of a date: OADR, X1, an event.", "E.O. line")
    subject = c.text("Subject on one line, without its marking.", "SUBJECT line")
    summary = c.text("Text of the summary paragraphs.", _TEXT)
    tags = c.words("TAGS, normalised, in order.", "TAGS line")
    references = c.words("MRNs on the REF line, in order, each once.", "REF line")
    other_references = c.words("Other items of the REF line, as printed.", "REF line")
    action_addressees = _addressees("Action addressees in order, without the exempt.")
    info_addressees = _addressees("Info addressees in order, without the exempt.")
    exempt_addressees = _addressees("Addressees after XMT, left out of a collective.")
    classified_by = c.text(
        "Who classified it, as printed; several with ; between.", "Classified By line"
    )
    classified_by_title = c.text(
        "Title of who classified it; several with ; between.", "Classified By line"
    )
    reasons = c.words("Reasons for classification, e.g. 1.4(b).", "Classified By line")
    signers = c.words("Surnames of the signers, capitals.", "signature")
    operating_signal = c.text("ZFR cancelled, ZOJ or ZDK corrected, ZFD, ZEL.", "date-time group")
    is_partial_extract = c.flag("The source says that it holds only a part.", "transmission header")
    paragraph_count = c.count("Paragraphs.")
    word_count = c.count("Words of the paragraphs.")
    redaction_count = c.count("Removed names in subject and paragraphs.")
    unrecognised_line_count = c.count("Lines that the parser could not place.")
    dialect = c.text("Form of the document it was read from.", _FILE)
    uri = c.text("Address of the document it was read from.", _FILE)
    member = c.text("Row, entry or telegram inside that document; null for a file.", _FILE)


class Paragraph(dy.Schema):
    """One row per paragraph of a telegram, with the telegram's number, time and station.

    Source: text of the telegram
    """

    mrn = c.text("Telegram.", "classification line or Reference ID")
    sent_at = c.time("Time of sending, UTC.", "date-time group, else Created")
    post_name = c.text("Station that sent it.", _POSTS)
    position = c.position("1 for the first paragraph.", _TEXT)
    number = c.number("Number as printed.", _TEXT)
    portion_marking = c.text("Marking, no brackets or spaces: SBU, C/NF.", _TEXT)
    classification = c.text("Level of the portion marking.", _TEXT)
    portion_caveats = c.words("Caveats of the portion marking: NOFORN, REL TO USA, GBR.", _TEXT)
    section = c.text("Heading that it stands under.", _TEXT)
    kind = c.text("summary, comment, note, action_request, body.", _TEXT)
    text = c.text("Text without number and marking.", _TEXT)
    word_count = c.count("Words of the text.")
    redaction_count = c.count("Removed names in the text.")
    redactions = c.spans("Where names were removed: characters before it, its length.", _TEXT)


class Reference(dy.Schema):
    """One row per item on a telegram's REF line.

    Source: REF line
    """

    mrn = c.text("Telegram that refers.", "classification line or Reference ID")
    position = c.position("1 for the first item.", "REF line")
    letter = c.text("Letter of the item, capital.", "REF line")
    kind = c.text("cable, email, telephone, report, memo …", "REF line")
    referenced_mrn = c.text("MRN referred to, canonical; null unless a cable.", "REF line")
    referenced_post_name = c.text("Station of that MRN.", _POSTS)
    raw_text = c.text("Item as printed, without its letter.", "REF line")
    is_held = c.flag("That telegram is in this warehouse.")


class IngestOutcome(dy.Schema):
    """One row per source document and run: what became of it, and why.

    Source: file or container
    """

    run_id = c.text("Run.", c.JOB)
    ingested_at = c.time("When the run began, UTC.", c.JOB)
    is_latest_run = c.flag("The run is the last one.")
    uri = c.text("Address of the file or container.", _FILE)
    member = c.text("Row, entry or telegram inside the container; null for a file.", _FILE)
    dialect = c.text("Form of the document; null if rejected.", _FILE)
    outcome = c.text("loaded, unchanged, superseded, duplicate, rejected.", c.JOB)
    reason = c.text("Why; null only for loaded.", c.JOB)
    mrn = c.text("Telegram that the document holds now.", "classification line or Reference ID")


class DataDictionary(dy.Schema):
    """One row per table or view (column_name null) and per column of it.

    Source: made by the job
    """

    table_name = c.text("Table or view.", c.JOB)
    column_name = c.text("Column; null in the row that describes the table itself.", c.JOB)
    data_type = c.text("DuckDB type; TABLE or VIEW in the row of the table itself.", c.JOB)
    comment = c.text("What it holds.", c.JOB)
    source = c.text("Raw element that the values come from.", c.JOB)
