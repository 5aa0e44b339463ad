"""The frames that walk from a raw file to the star: one schema each, in the order of the walk.

`Documents` is what `etl.extract` gives, whatever the container or dialect; the others are what
`etl.parse` reads out of it. All are keyed by `document_key`; telegrams get their own key only
in the star, when it is known which document holds the current version.

Null means "the document does not say". What it says but nobody could read is in `Reviews`.

Not here: the tables of the warehouse (`etl.contracts.tables`).
"""

import dataframely as dy

DIALECTS = ("release_page", "bulk_csv", "raw_telegram", "web_extract", "archive_text")
PARTS = ("cover", "header", "body")
PRECEDENCES = ("ROUTINE", "PRIORITY", "IMMEDIATE", "NIACT IMMEDIATE", "FLASH")
LEVELS = ("UNCLASSIFIED", "LIMITED OFFICIAL USE", "CONFIDENTIAL", "SECRET", "TOP SECRET")
PARAGRAPH_KINDS = ("summary", "comment", "note", "action_request", "body")
REFERENCE_KINDS = (
    "cable",
    "email",
    "telephone",
    "report",
    "memo",
    "meeting",
    "message",
    "web",
    "other",
)
PERSON_ROLES = ("classifier", "signer", "drafter", "approver", "clearer")
LINE_KINDS = (
    "blank",
    "cover",
    "page_marker",
    "transmission",
    "date_time_group",
    "originator",
    "addressee",
    "distribution",
    "drafting",
    "notice",
    "classification",
    "caption",
    "slug",
    "executive_order",
    "tags",
    "subject",
    "reference",
    "classified_by",
    "repeated_header",
    "heading",
    "rule",
    "paragraph",
    "signature",
    "footer",
    "unrecognised",
)


def _one_of(
    values: tuple[str, ...],
    description: str,
    *,
    nullable: bool = False,
    primary_key: bool = False,
) -> dy.String:
    """Column of text that may hold only the given words."""
    return dy.String(
        nullable=nullable,
        primary_key=primary_key,
        check=lambda column: column.is_in(list(values)),
        description=description,
    )


class Documents(dy.Schema):
    """One row per source document: a file, an entry of a container, a row of a bulk CSV.

    Where a file or entry holds several raw telegrams, each of them is one.
    """

    document_key = dy.Int64(primary_key=True, description="Key made from uri and member.")
    uri = dy.String(description="Absolute address of the file (file:///…) or container.")
    member = dy.String(
        nullable=True,
        description="Entry or row inside the container; 2, 3 … for the telegrams behind the first "
        "where one file or entry holds several; null for a file.",
    )
    byte_offset = dy.Int64(
        nullable=True,
        min=0,
        description="Bytes before the CSV row in its file; null for what is no row of a CSV.",
    )
    sha256 = dy.String(regex="^[0-9a-f]{64}$", description="SHA-256 of the document's bytes.")
    size_bytes = dy.Int64(min=0, description="Size of the document in bytes.")
    modified_at = dy.Datetime(
        nullable=True, time_unit="us", description="Modification time of the file, UTC."
    )
    encoding = dy.String(nullable=True, description="Text encoding found, in Python's name for it.")
    dialect = _one_of(DIALECTS, "Form of the document; null when it was rejected.", nullable=True)
    reject_reason = dy.String(
        nullable=True, description="Why the document was rejected; null when it could be read."
    )
    published_id = dy.String(
        nullable=True, description="Reference id on the page, CSV row or cover, as printed."
    )
    created_at = dy.Datetime(
        nullable=True,
        time_unit="us",
        description="Created time on the page, CSV row or cover, UTC.",
    )
    published_classification = dy.String(
        nullable=True, description="Classification on the page, CSV row or cover, as printed."
    )
    published_origin = dy.String(
        nullable=True, description="Origin on the page, CSV row or cover, as printed."
    )
    published_subject = dy.String(nullable=True, description="Title on the page or cover.")
    published_references = dy.List(
        dy.String(), nullable=True, description="References column of the bulk CSV."
    )
    attributes = dy.List(
        dy.Struct({"name": dy.String(), "value": dy.String(nullable=True)}),
        nullable=True,
        description="Message Attributes of the 1973-79 archive, in order; null elsewhere.",
    )
    cover_text = dy.String(
        nullable=True,
        description="Lines that the web page put before the telegram; null where there are none.",
    )
    header_text = dy.String(
        nullable=True,
        description="Transmission header, where the document holds it apart from the body.",
    )
    body_text = dy.String(
        nullable=True,
        description="The telegram, newlines as \\n; empty when its text is lost, null if rejected.",
    )


class Lines(dy.Schema):
    """One row per line of each document, in order, with exactly one kind.

    Joining `text` with newlines over a part gives that part of the document back.
    """

    document_key = dy.Int64(description="Document that holds the line.")
    line_number = dy.UInt32(min=1, description="1 for the first line of the document.")
    part = _one_of(PARTS, "Part of the document.")
    kind = _one_of(LINE_KINDS, "What the line is.")
    text = dy.String(description="The line as received, without its newline.")


class Headers(dy.Schema):
    """One row per readable document: everything a telegram says once."""

    document_key = dy.Int64(primary_key=True, description="Document the telegram was read from.")
    mrn = dy.String(nullable=True, description="Canonical message reference number.")
    printed_mrn = dy.String(nullable=True, description="Message reference number as printed.")
    post_code = dy.String(nullable=True, description="Sending post as in the MRN, canonical.")
    sent_at = dy.Datetime(nullable=True, time_unit="us", description="Time of sending, UTC.")
    sent_at_source = _one_of(
        ("date_time_group", "created"), "Where sent_at comes from.", nullable=True
    )
    date_time_group = dy.String(nullable=True, description="Date-time group as printed.")
    precedence = _one_of(
        PRECEDENCES, "Precedence; the action addressees' where two are given.", nullable=True
    )
    transmission_id = dy.String(nullable=True, description="VZCZC line: channel and number.")
    operating_signal = dy.String(
        nullable=True, description="Operating signal after the DTG (ZFR, ZOJ, ZDK, ZFD, ZEL)."
    )
    originator = dy.String(nullable=True, description="Plain language address on the FM line.")
    level = _one_of(LEVELS, "Classification level of the telegram.", nullable=True)
    published_level = _one_of(LEVELS, "Level on the page, CSV row or cover.", nullable=True)
    executive_order_printed = dy.String(nullable=True, description="Number on the E.O. line.")
    executive_order = dy.String(
        nullable=True, description="Executive order meant, misprints resolved."
    )
    declassify_on = dy.Date(nullable=True, description="Date of declassification.")
    declassify_instruction = dy.String(
        nullable=True, description="Words after the E.O. number: OADR, X1, N/A, GDS, an event."
    )
    slug = dy.String(
        nullable=True,
        description="Slug lines, one per line: whom a post asks to pass the telegram to.",
    )
    subject = dy.String(nullable=True, description="Subject on one line, without its marking.")
    subject_marking = dy.String(nullable=True, description="Portion marking of the subject.")
    summary = dy.String(nullable=True, description="Text of the summary paragraphs.")
    is_partial_extract = dy.Bool(description="The source says that it holds only a part.")
    section_count = dy.Int16(nullable=True, description="m of SECTION n OF m.")
    section_number = dy.Int16(
        nullable=True,
        description="n of SECTION n OF m where the document holds that section and no other.",
    )
    paragraph_count = dy.Int32(min=0, description="Paragraphs.")
    word_count = dy.Int32(min=0, description="Words of the paragraphs.")
    redaction_count = dy.Int32(min=0, description="Removed names in subject and paragraphs.")
    line_count = dy.Int32(min=0, description="Lines of the document.")
    unrecognised_line_count = dy.Int32(min=0, description="Lines that the parser could not place.")


class Caveats(dy.Schema):
    """One row per document and caveat: captions, handling words, page's caveats."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    caveat = dy.String(primary_key=True, description="Caveat, canonical.")


class Reasons(dy.Schema):
    """One row per document and reason for classification."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    position = dy.Int32(min=1, description="1 for the first reason printed.")
    executive_order = dy.String(nullable=True, description="Order that the reason belongs to.")
    reason = dy.String(primary_key=True, description="Reason, e.g. 1.4(b).")


class Addressees(dy.Schema):
    """One row per document and addressee, action addressees first, as printed."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    position = dy.Int32(primary_key=True, min=1, description="1 for the first addressee.")
    role = _one_of(("action", "info"), "TO line or INFO line.")
    routing_indicator = dy.String(nullable=True, description="Routing indicator, e.g. RUEHC.")
    name = dy.String(description="Plain language address, e.g. SECSTATE WASHDC.")
    precedence = _one_of(PRECEDENCES, "Precedence printed behind the name.", nullable=True)
    message_continuity_number = dy.String(nullable=True, description="Number, zeros kept.")
    is_exempt = dy.Bool(description="Stands after XMT: left out of a collective.")
    is_collective = dy.Bool(description="Stands for several addressees.")
    post_code = dy.String(nullable=True, description="Post that the address names.")
    raw_text = dy.String(description="The address as printed.")


class Tags(dy.Schema):
    """One row per document and TAGS code, in order, duplicates removed."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    position = dy.Int32(min=1, description="1 for the first tag.")
    raw_tag = dy.String(description="The tag as printed.")
    tag = dy.String(primary_key=True, description="The tag, normalised.")


class References(dy.Schema):
    """One row per document and item of its REF line."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    position = dy.Int32(primary_key=True, min=1, description="1 for the first item.")
    letter = dy.String(nullable=True, description="Letter of the item, capital; null where none.")
    kind = _one_of(REFERENCE_KINDS, "What is referred to.")
    raw_text = dy.String(description="The item as printed, without its letter.")
    referenced_mrn = dy.String(nullable=True, description="Canonical MRN; null unless a cable.")
    referenced_post_code = dy.String(nullable=True, description="Post of the MRN, canonical.")
    year_rule = _one_of(
        ("printed", "own_year", "year_before"), "How the year was found.", nullable=True
    )


class Paragraphs(dy.Schema):
    """One row per document and paragraph."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    position = dy.Int32(primary_key=True, min=1, description="1 for the first paragraph.")
    number = dy.Int32(nullable=True, description="Number as printed; null where none.")
    portion_marking = dy.String(nullable=True, description="Marking, no brackets or spaces.")
    level = _one_of(LEVELS, "Level of the portion marking.", nullable=True)
    portion_caveats = dy.List(
        dy.String(), description="Caveats of the portion marking, canonical; REL TO with its list."
    )
    section = dy.String(
        nullable=True, description="Heading that the paragraph stands under; `Upper / Nearer`."
    )
    section_marking = dy.String(
        nullable=True, description="Marking of that heading, no brackets; several with / between."
    )
    kind = _one_of(PARAGRAPH_KINDS, "What the paragraph is.")
    text = dy.String(description="Text without number and marking; lists on lines of their own.")
    word_count = dy.Int32(min=0, description="Words of text.")
    redaction_count = dy.Int32(min=0, description="Removed names in text.")
    redactions = dy.List(
        dy.Struct({"start": dy.Int32(), "length": dy.Int32()}),
        description="Where names were removed: characters before it, and how many.",
    )


class People(dy.Schema):
    """One row per document, role and person named in header or ending."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    position = dy.Int32(primary_key=True, min=1, description="1 for the first of the role.")
    role = _one_of(PERSON_ROLES, "What the person did.", primary_key=True)
    full_name = dy.String(description="Name as printed; a signer's in capitals.")
    surname = dy.String(nullable=True, description="Surname, capitals.")
    title = dy.String(nullable=True, description="Title as printed.")


AGREEMENTS = ("agree", "differ", "body_only", "attribute_only")


class Attributes(dy.Schema):
    """One row per document of the 1973-79 archive and attribute, by the attribute's own name."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    position = dy.Int32(primary_key=True, min=1, description="1 for the first attribute.")
    name = dy.String(description="Name as printed, e.g. Handling Restrictions.")
    value = dy.String(nullable=True, description="Value; null for n/a and for 01 JAN 1960.")


class Agreements(dy.Schema):
    """One row per document and field that both the attributes and the body may say."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    field = dy.String(primary_key=True, description="Field, e.g. subject.")
    body_value = dy.String(nullable=True, description="What the body says.")
    attribute_value = dy.String(nullable=True, description="What the attributes say.")
    agreement = _one_of(AGREEMENTS, "Whether both say the same.")


class Reviews(dy.Schema):
    """One row per value that a document holds and that could not be placed or read."""

    document_key = dy.Int64(description="Document.")
    field = dy.String(description="Field that the value belongs to.")
    raw_text = dy.String(description="The value as printed.")
    reason = dy.String(description="What is wrong, in words.")


PARSED: dict[str, type[dy.Schema]] = {
    "lines": Lines,
    "headers": Headers,
    "caveats": Caveats,
    "reasons": Reasons,
    "addressees": Addressees,
    "tags": Tags,
    "references": References,
    "paragraphs": Paragraphs,
    "people": People,
    "attributes": Attributes,
    "agreements": Agreements,
    "reviews": Reviews,
}
"""Frames that `etl.parse.parse` gives for a batch of documents, by name."""
