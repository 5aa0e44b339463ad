"""What a telegram says and what was read of it, field by field: the tables to watch a parser by.

The SQL is in `warehouse/views`. Not here: the comparison with the run before (`etl.fill_rates`).
"""

import dataframely as dy

from etl.contracts import columns as c
from etl.contracts.frames import DIALECTS

_ADDRESS = "TO and INFO lines"
_CLASSIFIED = "Classified By line"
_DRAFTING = "drafting lines"
_TEXT = "text of the telegram"


class CableFilled(dy.Schema):
    """One row per telegram: which of its fields were read, true or false.

    Source: made by the job
    """

    cable_key = c.foreign_key("fact_cable", "Telegram.", primary_key=True)
    mrn = c.flag("It has a number of its own.", "classification line or Reference ID")
    sent_at = c.flag("It has a time of sending.", "date-time group, else Created")
    date_time_group = c.flag("It has a date-time group.", "date-time group")
    post_code = c.flag("The station that sent it is known.", "MRN")
    originator = c.flag("It has a sender's address.", "FM line")
    classification = c.flag("It has a level.", "classification line")
    caveats = c.flag("It has a caveat.", "captions and classification line")
    precedence = c.flag("It has a precedence.", "transmission header")
    transmission_id = c.flag("It has channel and number.", "VZCZC line")
    operating_signal = c.flag("It has an operating signal.", "date-time group")
    section_count = c.flag("It says how many sections it has.", "section line")
    executive_order = c.flag("It has an executive order.", "E.O. line")
    declassify_on = c.flag("It has a day of declassification.", "E.O. line")
    declassify_instruction = c.flag("It has words instead of that day.", "E.O. line")
    subject = c.flag("It has a subject.", "SUBJECT line")
    subject_marking = c.flag("Its subject is marked.", "SUBJECT line")
    summary = c.flag("It has a summary.", _TEXT)
    tags = c.flag("It has a TAGS code.", "TAGS line")
    references = c.flag("It refers to a telegram.", "REF line")
    other_references = c.flag("It refers to something else.", "REF line")
    action_addressees = c.flag("It has an action addressee.", _ADDRESS)
    info_addressees = c.flag("It has an info addressee.", _ADDRESS)
    exempt_addressees = c.flag("It leaves an addressee out.", _ADDRESS)
    classified_by = c.flag("It names who classified it.", _CLASSIFIED)
    classified_by_title = c.flag("It gives the title of who classified it.", _CLASSIFIED)
    reasons = c.flag("It has a reason for classification.", _CLASSIFIED)
    signers = c.flag("It is signed.", "signature")
    drafters = c.flag("It names who drafted it.", _DRAFTING)
    approvers = c.flag("It names who approved it.", _DRAFTING)
    clearers = c.flag("It names who cleared it.", _DRAFTING)
    paragraphs = c.flag("It has text.", _TEXT)
    paragraph_numbers = c.flag("A paragraph is numbered.", _TEXT)
    portion_marking = c.flag("A paragraph is marked.", _TEXT)
    portion_caveats = c.flag("The marking of a paragraph has a caveat.", _TEXT)
    section = c.flag("A paragraph stands under a heading.", _TEXT)
    comments = c.flag("A paragraph is a comment.", _TEXT)
    notes = c.flag("A paragraph is a note.", _TEXT)
    action_requests = c.flag("A paragraph asks for action.", _TEXT)
    redactions = c.flag("A name was removed from a paragraph.", _TEXT)
    attributes = c.flag("It has attributes of the 1973-79 archive.", "Message Attributes")


class QualityFillRate(dy.Schema):
    """One row per dialect, decade and field: in how many telegrams the field was read.

    Source: made by the job
    """

    dialect = c.one_of(DIALECTS, "Form of the documents.", "file or container").with_primary_key(
        True
    )
    decade = dy.Int16(
        primary_key=True,
        min=-1,
        description="First year of the decade of sending; -1 where the time is not known.",
        metadata={"source": "date-time group, else Created"},
    )
    field = c.text("Field: a column of cable_filled.", c.JOB, nullable=False).with_primary_key(True)
    cable_count = c.count("Telegrams.")
    filled_count = c.count("Telegrams that have the field.")
    fill_rate = c.share("filled_count over cable_count.")
