"""Frames between the sources and the star: files read, documents that count, their telegrams.

Not here: the documents' texts (`etl.contracts.frames.Documents`), the published table
(`etl.contracts.dimensions.DimDocument`).
"""

import dataframely as dy

VERSION_STATUSES = ("loaded", "duplicate", "superseded")


class DocumentIndex(dy.Schema):
    """One row per document that the warehouse has or had, as this run found it."""

    document_key = dy.Int64(primary_key=True, description="Key made from uri and member.")
    uri = dy.String(description="Absolute address of the file or container.")
    member = dy.String(nullable=True, description="Entry, row or telegram inside; null for a file.")
    byte_offset = dy.Int64(nullable=True, description="Bytes before the CSV row in its file.")
    sha256 = dy.String(description="SHA-256 of the document's bytes.")
    size_bytes = dy.Int64(description="Size in bytes.")
    modified_at = dy.Datetime(nullable=True, time_unit="us", description="File's time, UTC.")
    encoding = dy.String(nullable=True, description="Text encoding found.")
    dialect = dy.String(nullable=True, description="Form; null when it was rejected.")
    reject_reason = dy.String(nullable=True, description="Why it was rejected; null when read.")
    published_id = dy.String(nullable=True, description="Reference id as printed.")
    published_classification = dy.String(nullable=True, description="Classification as printed.")
    published_origin = dy.String(nullable=True, description="Origin as printed.")
    created_at = dy.Datetime(nullable=True, time_unit="us", description="Created time, UTC.")
    first_seen_at = dy.Datetime(time_unit="us", description="When a run first read it, UTC.")
    part = dy.String(
        nullable=True,
        description="Part that holds its text; null when it is no longer in force (removed).",
    )
    run_id = dy.String(nullable=True, description="This run; null when the run did not meet it.")
    ingested_at = dy.Datetime(
        nullable=True, time_unit="us", description="When this run began, UTC; null with run_id."
    )
    previous_status = dy.String(
        nullable=True,
        description="Its status before this run; null when it is new or its bytes have changed.",
    )
    unread_reason = dy.String(
        nullable=True,
        description="Why its file could not be read in this run, where an earlier one had read it: "
        "what that read stays in force.",
    )


class SourceFiles(dy.Schema):
    """One row per file that documents in force came from, as it was when it was read."""

    uri = dy.String(primary_key=True, description="Absolute address of the file.")
    size_bytes = dy.Int64(description="Size in bytes.")
    modified_ns = dy.Int64(description="File's time, nanoseconds since 1970.")
    looked_ns = dy.Int64(description="When the run looked at it, nanoseconds since 1970.")
    reader = dy.String(
        description="Version of the code that read it; the limits, where it held more than they "
        "allow; and whether documents in force are no longer in it."
    )


class Sections(dy.Schema):
    """One row per document that holds a section of a telegram which was put together."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    lead_key = dy.Int64(description="Document of the lowest section: it stands for the whole.")
    section_number = dy.Int16(min=1, description="n of SECTION n OF m.")


class VersionIndex(dy.Schema):
    """One row per readable document in force: its telegram, and whether that is loaded from it."""

    document_key = dy.Int64(primary_key=True, description="Document.")
    cable_key = dy.Int64(min=0, description="Telegram: stable key of mrn.")
    mrn = dy.String(
        description="Canonical MRN, or UNKNOWN and 8 hex digits where it has none; with #2, #3 … "
        "where other telegrams have the same number."
    )
    is_mrn_invented = dy.Bool(description="The document has no MRN.")
    version_rank = dy.Int32(min=1, description="1 for the current version of the telegram.")
    status = dy.String(
        check=lambda column: column.is_in(list(VERSION_STATUSES)),
        description="loaded, duplicate (same header and text as the loaded one) or superseded.",
    )
    reason = dy.String(nullable=True, description="Why it is not loaded; null when it is.")
    is_part = dy.Bool(description="One of the sections that the loaded text was put together of.")
    section_number = dy.Int16(
        nullable=True, description="Its section, if it was put together with others; else null."
    )
    is_same_text = dy.Bool(description="Its paragraphs are those of the current version.")
    fields_added = dy.List(
        dy.String(), description="Fields that the current version does not have."
    )
    fields_changed = dy.List(dy.String(), description="Fields of which both say something else.")
    fields_lacking = dy.List(dy.String(), description="Fields that only the current version has.")


class KnownVersions(VersionIndex):
    """The VersionIndex that the published file was made from, with what it was found by."""

    part = dy.String(description="Part that held the document's text.")
    modified_at = dy.Datetime(nullable=True, time_unit="us", description="File's time, UTC.")
