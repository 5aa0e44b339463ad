"""Which column is made from which: the one mapping, for Dagster and for whoever asks a dashboard.

A column that has a name-sake in a frame its table is built from (`etl.star.inputs`) comes from
there. What `RENAMED` lists has another name there, or is computed; what `MADE` lists is made by
the job out of no column. A test holds that each column of each table is in exactly one of the
three, so a new column cannot be left out.

Not here: the raw element behind a column (`metadata["source"]` of the contracts).
"""

from collections.abc import Iterable, Mapping

from etl.contracts.documents import DocumentIndex, VersionIndex
from etl.contracts.frames import PARSED, Documents
from etl.contracts.tables import TABLES

Lineage = Mapping[str, tuple[str, ...]]
"""Column → the columns it is made from, each as `asset.column`."""

_TEXTS = ("documents.cover_text", "documents.header_text", "documents.body_text")

_COMPARED = (
    "headers.subject",
    "headers.sent_at",
    "headers.date_time_group",
    "paragraphs.text",
    "documents.sha256",
)
"""What tells two telegrams of one number apart."""

_FIELDS = (
    "headers.subject",
    "headers.date_time_group",
    "headers.precedence",
    "headers.transmission_id",
    "headers.operating_signal",
    "headers.originator",
    "headers.level",
    "headers.executive_order",
    "headers.declassify_on",
    "headers.declassify_instruction",
    "headers.slug",
    "tags.tag",
    "references.raw_text",
    "addressees.name",
    "caveats.caveat",
    "reasons.reason",
    "people.full_name",
)
"""What versions are compared by, beside their paragraphs."""

RENAMED: dict[str, Lineage] = {
    "headers": {
        "mrn": (*_TEXTS, "documents.published_id"),
        "printed_mrn": (*_TEXTS, "documents.published_id"),
        "post_code": (*_TEXTS, "documents.published_id", "documents.published_origin"),
        "sent_at": (*_TEXTS, "documents.created_at"),
        "level": (*_TEXTS, "documents.published_classification"),
        "published_level": ("documents.published_classification",),
        "subject": (*_TEXTS, "documents.published_subject"),
    },
    "caveats": {"caveat": (*_TEXTS, "documents.published_classification")},
    "attributes": {
        "position": ("documents.attributes",),
        "name": ("documents.attributes",),
        "value": ("documents.attributes",),
    },
    "agreements": {
        "field": ("documents.attributes",),
        "attribute_value": ("documents.attributes",),
        "agreement": ("agreements.body_value", "agreements.attribute_value"),
    },
    "cable_review": {"position": ("reviews.field", "reviews.raw_text")},
    "version_index": {
        "cable_key": ("version_index.mrn",),
        "mrn": ("headers.mrn", *_COMPARED),
        "is_mrn_invented": ("headers.mrn",),
        "version_rank": (
            "headers.is_partial_extract",
            "headers.operating_signal",
            "headers.word_count",
            "paragraphs.redaction_count",
            "caveats.caveat",
            "documents.created_at",
            "documents.modified_at",
            "documents.sha256",
        ),
        "status": ("version_index.version_rank", "paragraphs.text", *_FIELDS),
        "reason": ("version_index.status", "documents.uri", "documents.member"),
        "is_part": ("headers.section_number", "headers.section_count"),
        "is_same_text": ("paragraphs.text",),
        "fields_added": _FIELDS,
        "fields_changed": _FIELDS,
        "fields_lacking": _FIELDS,
    },
    "cable_version": {
        "is_current": ("version_index.version_rank",),
        "classification_key": ("headers.level",),
        "caveats": ("caveats.caveat",),
        "relation": (
            "cable_version.shared_share",
            "cable_version.names_shown",
            "cable_version.names_hidden",
            "headers.operating_signal",
            "headers.is_partial_extract",
            "documents.sha256",
            "caveats.caveat",
        ),
        "shared_share": ("paragraphs.text",),
        "paragraphs_added": ("paragraphs.text",),
        "paragraphs_changed": ("paragraphs.text",),
        "paragraphs_lacking": ("paragraphs.text",),
        "names_shown": ("paragraphs.redaction_count",),
        "names_hidden": ("paragraphs.redaction_count",),
        "adds": (
            "cable_version.paragraphs_added",
            "cable_version.names_shown",
            "cable_version.fields_added",
        ),
    },
    "version_paragraph": {
        "current_position": ("paragraphs.text", "paragraphs.number"),
        "difference": (
            "paragraphs.text",
            "paragraphs.portion_marking",
            "paragraphs.redaction_count",
        ),
        "classification_key": ("paragraphs.level",),
    },
    "dim_date": dict.fromkeys(
        (
            "date_key",
            "date",
            "year",
            "quarter",
            "month",
            "month_name",
            "day",
            "iso_year",
            "iso_week",
            "weekday_name",
        ),
        ("headers.sent_at", "headers.declassify_on"),
    )
    | {
        "president": ("reference_officials.name",),
        "secretary_of_state": ("reference_officials.name",),
    },
    "dim_post": {
        "post_key": ("dim_post.post_code",),
        "post_code": (
            "reference_posts.post_code",
            "headers.post_code",
            "references.referenced_post_code",
            "addressees.post_code",
        ),
        "post_name": ("reference_posts.post_name",),
        "post_type": ("reference_posts.post_type",),
        "country_code": ("reference_posts.iso2",),
        "country_name": ("reference_posts.country_name",),
        "bureau": ("reference_posts.bureau",),
        "latitude": ("reference_posts.latitude",),
        "longitude": ("reference_posts.longitude",),
        "note": ("reference_posts.note",),
        "is_inferred": ("reference_posts.post_code",),
    },
    "dim_reason": {
        "reason_key": ("dim_reason.executive_order", "dim_reason.reason"),
        "meaning": ("reference_declassification_reasons.meaning",),
        "is_inferred": ("reference_declassification_reasons.reason",),
    },
    "dim_caveat": {
        "caveat_key": ("dim_caveat.caveat",),
        "caveat_kind": ("reference_caveats.kind",),
        "meaning": ("reference_caveats.meaning",),
        "is_inferred": ("reference_caveats.caveat",),
    },
    "dim_tag": {
        "tag_key": ("dim_tag.tag",),
        "tag_kind": ("reference_tags.kind", "tags.tag"),
        "subject_group": ("reference_tags.subject_group",),
        "tag_name": ("reference_tags.name",),
        "country_code": ("reference_tags.iso2",),
        "is_inferred": ("reference_tags.tag",),
    },
    "dim_person": {"person_key": ("dim_person.full_name",)},
    "dim_addressee": {
        "addressee_key": ("dim_addressee.name", "dim_addressee.routing_indicator"),
        "post_key": ("addressees.post_code",),
    },
    "dim_document": {
        "status": ("version_index.status", "documents.reject_reason"),
        "status_reason": ("version_index.reason", "documents.reject_reason"),
    },
    "fact_cable": {
        "mrn": ("version_index.mrn",),
        "document_key": ("version_index.document_key",),
        "sent_date_key": ("headers.sent_at",),
        "origin_post_key": ("headers.post_code",),
        "classification_key": ("headers.level",),
        "published_classification_key": ("headers.published_level",),
        "declassify_date_key": ("headers.declassify_on",),
        "tag_count": ("tags.tag",),
        "reference_count": ("references.raw_text",),
        "action_addressee_count": ("addressees.role", "addressees.is_exempt"),
        "info_addressee_count": ("addressees.role", "addressees.is_exempt"),
    },
    "fact_paragraph": {"classification_key": ("paragraphs.level",)},
    "fact_reference": {
        "referenced_post_key": ("references.referenced_post_code",),
        "referenced_cable_key": ("references.referenced_mrn", "version_index.mrn"),
    },
    "fact_addressee": {"addressee_key": ("addressees.name", "addressees.routing_indicator")},
    "fact_ingest": {
        "outcome": ("version_index.status", "documents.reject_reason", "documents.sha256"),
        "reason": ("version_index.reason", "documents.reject_reason"),
    },
    "bridge_cable_tag": {"tag_key": ("tags.tag",)},
    "bridge_cable_caveat": {"caveat_key": ("caveats.caveat",)},
    "bridge_cable_reason": {"reason_key": ("reasons.executive_order", "reasons.reason")},
    "bridge_cable_person": {
        "person_key": ("people.full_name",),
        "printed_name": ("people.full_name",),
    },
}

MADE: dict[str, frozenset[str]] = {
    "dim_classification": frozenset({"classification_key", "level", "level_rank"}),
    "dim_document": frozenset({"first_seen_at", "part"}),
    "fact_ingest": frozenset({"run_id", "ingested_at"}),
}


def asset_of(name: str) -> str:
    """Give the asset that an input of a star function comes from."""
    return {"document_index": "documents"}.get(name, name)


def columns_of(name: str) -> frozenset[str]:
    """Give the columns of an input of a star function; none for reference tables."""
    if name == "document_index":
        return frozenset(DocumentIndex.column_names()) & frozenset(Documents.column_names())
    if name == "version_index":
        return frozenset(VersionIndex.column_names())
    return frozenset(PARSED[name].column_names()) if name in PARSED else frozenset()


def of_parsed(frame: str) -> Lineage:
    """Give the lineage of a parsed frame: its text comes from the document's."""
    named = RENAMED.get(frame, {})
    return {
        column: ("documents.document_key",)
        if column == "document_key"
        else tuple(named.get(column, _TEXTS))
        for column in PARSED[frame].column_names()
    }


def of_table(table: str, inputs: Iterable[str]) -> Lineage:
    """Give the lineage of a table of the star (or `version_index`) with these inputs."""
    schema = VersionIndex if table == "version_index" else TABLES[table]
    named, frames = RENAMED.get(table, {}), list(inputs)
    lineage = {}
    for column in schema.column_names():
        if column in named:
            lineage[column] = named[column]
        elif column not in MADE.get(table, frozenset()):
            namesakes = tuple(
                f"{asset_of(name)}.{column}" for name in frames if column in columns_of(name)
            )
            # A key that version_index has is made there, whatever else carries it along.
            own = f"version_index.{column}"
            lineage[column] = (own,) if own in namesakes else namesakes
    return lineage
