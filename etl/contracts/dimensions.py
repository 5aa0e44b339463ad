"""The dimensions of the warehouse: one schema each, in the order of the contract.

Every dimension has the member -1 "Unknown", so that a fact never has a null foreign key. Members
of the reference tables are there whether a telegram uses them or not; what telegrams use and no
reference table knows is added with `is_inferred` true.

Not here: how the members are found (`etl.star.dimensions`).
"""

import dataframely as dy

from etl.contracts import columns as c
from etl.contracts.frames import DIALECTS

TAG_KINDS = ("subject", "program", "geopolitical", "organization", "person", "unknown")
DOCUMENT_STATUSES = ("loaded", "duplicate", "superseded", "rejected", "removed")
POSTS = "reference table posts"
TAGS = "reference table tags"
_UNKNOWN = "Unknown"
_INFERRED = "True when telegrams use it and no reference table has it."
_FILE = "file or container"


class DimDate(dy.Schema):
    """One row per day from 1960 to 2100 and any day beyond that a telegram names.

    Source: calendar
    """

    date_key = dy.Int32(
        primary_key=True, min=-1, description="Day as yyyymmdd.", metadata={"source": "calendar"}
    )
    date = c.day("The day; null for Unknown.", "calendar")
    year = c.small("Year.", "calendar")
    quarter = c.small("Quarter, 1 to 4.", "calendar")
    month = c.small("Month, 1 to 12.", "calendar")
    month_name = c.text("Month in words, e.g. November.", "calendar", nullable=False)
    day = c.small("Day of the month.", "calendar")
    iso_year = c.small("Year that the ISO week belongs to.", "calendar")
    iso_week = c.small("ISO week, 1 to 53.", "calendar")
    weekday_name = c.text("Day of the week in words, e.g. Monday.", "calendar", nullable=False)
    president = c.text(
        "President in office (from the day of entry on); null where the table does not say.",
        "reference table officials",
    )
    secretary_of_state = c.text(
        "Secretary of State in office, acting ones too; null where the table does not say.",
        "reference table officials",
    )


class DimPost(dy.Schema):
    """One row per station that sends or receives telegrams.

    Source: MRN, REF line, address lines
    """

    post_key = c.own_key("Station.")
    post_code = dy.String(
        unique=True,
        description="Station as in an MRN, e.g. ALMATY.",
        metadata={"source": "MRN"},
    )
    post_name = c.text(
        "Name of the station, e.g. Almaty; the code where the table has none.",
        POSTS,
        nullable=False,
    )
    post_type = c.text("Kind of station: Embassy, Consulate General, Mission …", POSTS)
    country_code = c.text("Country as of today, ISO 3166-1 alpha-2.", POSTS)
    country_name = c.text("Name of the country as of today.", POSTS)
    bureau = c.text("Bureau of the 2000s: AF, EAP, EUR, NEA, SCA, WHA, IO, HQ.", POSTS)
    latitude = c.degrees(90, "Latitude of the city in degrees.", POSTS)
    longitude = c.degrees(180, "Longitude of the city in degrees.", POSTS)
    note = c.text("Changes of status or name.", POSTS)
    is_inferred = c.flag(_INFERRED)


class DimClassification(dy.Schema):
    """One row per classification level.

    Source: classification line
    """

    classification_key = dy.Int16(
        primary_key=True,
        min=-1,
        max=4,
        description="Level; the key is the rank.",
        metadata={"source": c.JOB},
    )
    level = c.one_of((*c.LEVEL_RANKS, _UNKNOWN), "Level in words.", "classification line")
    level_rank = c.small("0 unclassified … 4 top secret; null for Unknown.", c.JOB)


class DimReason(dy.Schema):
    """One row per reason for classification that an executive order lists.

    Source: Classified By line
    """

    reason_key = c.own_key("Reason.")
    executive_order = c.text("Executive order that lists the reason.", "E.O. line")
    reason = c.text("Reason, e.g. 1.4(b).", "Classified By line", nullable=False)
    meaning = c.text("What the order says in short.", "reference table declassification_reasons")
    is_inferred = c.flag(_INFERRED)


class DimCaveat(dy.Schema):
    """One row per caveat, caption or handling word.

    Source: captions and classification line
    """

    caveat_key = c.own_key("Caveat.")
    caveat = dy.String(
        unique=True,
        description="Caveat, e.g. NOFORN.",
        metadata={"source": "captions and classification line"},
    )
    caveat_kind = c.text(
        "Distribution caption, dissemination control, handling, sensitivity.",
        "reference table caveats",
    )
    meaning = c.text("What it asks for.", "reference table caveats")
    is_inferred = c.flag(_INFERRED)


class DimTag(dy.Schema):
    """One row per TAGS code (traffic analysis by geography and subject).

    Source: TAGS line
    """

    tag_key = c.own_key("TAGS code.")
    tag = dy.String(unique=True, description="Code, e.g. PREL.", metadata={"source": "TAGS line"})
    tag_kind = c.one_of(TAG_KINDS, "What the code stands for.", TAGS)
    subject_group = c.text("Group of a subject tag, e.g. Political.", TAGS)
    tag_name = c.text("Name of the code, e.g. External Political Relations.", TAGS)
    country_code = c.text("Country of a geopolitical tag, ISO 3166-1 alpha-2.", TAGS)
    is_inferred = c.flag(_INFERRED)


class DimPerson(dy.Schema):
    """One row per name of a person who classified, signed, drafted, approved or cleared.

    Source: Classified By, drafting lines, signature
    """

    person_key = c.own_key("Person.")
    full_name = dy.String(
        unique=True,
        description="Name in capitals, spaces folded; two people of one name are one row.",
        metadata={"source": "Classified By, drafting lines, signature"},
    )
    surname = c.text("Surname in capitals.", "Classified By, drafting lines, signature")


class DimAddressee(dy.Schema):
    """One row per addressee: a plain language address with its routing indicator.

    Source: TO and INFO lines
    """

    addressee_key = c.own_key("Addressee.")
    name = c.text(
        "Plain language address, e.g. SECSTATE WASHDC.", "TO and INFO lines", nullable=False
    )
    routing_indicator = c.text("Routing indicator, e.g. RUEHC.", "TO and INFO lines")
    post_key = c.foreign_key("dim_post", "Station that the address names.", "TO and INFO lines")
    is_collective = c.flag("Stands for several addressees.", "TO and INFO lines")


class DimDocument(dy.Schema):
    """One row per source document: a file, an entry of a container or a row of a bulk CSV.

    Source: file or container
    """

    document_key = c.own_key("Source document.")
    uri = c.text("Absolute address of the file or container.", _FILE, nullable=False)
    member = c.text(
        "Row or entry inside the container; 2, 3 … for the telegrams behind the first where one "
        "file or entry holds several; null for a file.",
        _FILE,
    )
    byte_offset = dy.Int64(
        nullable=True,
        min=0,
        description="Bytes before a row of a bulk CSV in its file, unpacked; null for others.",
        metadata={"source": _FILE},
    )
    sha256 = c.text("SHA-256 of the document's bytes.", _FILE)
    size_bytes = dy.Int64(
        nullable=True, min=0, description="Size in bytes.", metadata={"source": _FILE}
    )
    modified_at = c.time("Modification time of the file, UTC.", _FILE)
    encoding = c.text("Text encoding found.", _FILE)
    dialect = c.one_of(DIALECTS, "Form of the document; null if rejected.", _FILE, nullable=True)
    published_id = c.text("Reference id as the page, row or cover prints it.", "page or row")
    published_classification = c.text(
        "Classification as the page, row or cover prints it.", "page or row"
    )
    published_origin = c.text("Origin as the page, row or cover prints it.", "page or row")
    created_at = c.time("Created time on the page, row or cover, UTC.", "page or row")
    first_seen_at = c.time("When a run first read it, UTC.", c.JOB)
    status = c.one_of(
        (*DOCUMENT_STATUSES, _UNKNOWN),
        "What it is to the warehouse now: its telegram is loaded from it, or why not.",
        c.JOB,
    )
    status_reason = c.text("Why it is not loaded; null when it is.", c.JOB)
    cable_key = c.foreign_key("fact_cable", "Telegram that it holds; -1 when it was rejected.")
    part = c.text("Batch of received documents that keeps its text; for the job's own use.", c.JOB)
