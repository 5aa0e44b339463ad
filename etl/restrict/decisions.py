"""For every table and column of the star: what becomes of it in a file for an audience.

`DECISIONS` has the tables in the order in which they are written. Of each table it says which rows
are let through (SQL: the table is `t`, what was selected is in the temporary tables of
`etl.restrict.selection` and `etl.restrict.protection`; names without `source.` are of the new file,
as far as it is written) and, column by column, with what value.

A new table or column needs a line here: `undecided` names it, the command refuses to write, and a
test fails. Tables of `etl.contracts.tables.DERIVED` and views are made inside the new file, from
what is in it, so they need none.

Not here: which rows an audience may have (`etl.restrict.selection`).
"""

from etl.contracts.tables import DERIVED, TABLES, literal, quoted
from etl.restrict.masking import MASK
from etl.restrict.rules import (
    COUNT_IF_WHOLE,
    EMPTIED,
    HIDDEN_KEY,
    IF_WHOLE,
    KEPT,
    MASKED,
    OF_TELEGRAMS,
    OF_WHOLE,
    RUN,
    WITHHELD,
    Column,
    Table,
    counted,
    kept,
    members,
    of_telegrams,
    used,
)
from etl.star.dimensions import FIRST_DAY, LAST_DAY

_AUTHORITY = "Unknown, those of the reference table, and those that what is kept uses"
_USED = "Unknown, and those that what is kept uses"

DECISIONS: dict[str, Table] = {
    "fact_paragraph": Table(
        "portions at or below the level, without an excluded caveat, of telegrams that are kept",
        of_telegrams(
            "fact_paragraph",
            "JOIN portion AS p ON p.cable_key = t.cable_key AND p.position = t.position",
            "LEFT JOIN mask AS m ON m.cable_key = t.cable_key AND m.before = t.text",
            "WHERE NOT p.is_withheld",
        ),
        kept("cable_key", "number", "portion_marking", "classification_key", "portion_caveats")
        | {
            "position": Column("counted anew, without a gap", "p.new_position"),
            "section": Column(
                "null where it is marked above or stands over a withheld portion; names masked",
                "CASE WHEN p.keeps_section THEN masked(t.cable_key, t.section) END",
            ),
            "section_marking": Column(
                "null where the heading is", "CASE WHEN p.keeps_section THEN t.section_marking END"
            ),
            "kind": KEPT,
            "text": MASKED,
            "word_count": counted(
                "masked names are one word", "coalesce(m.word_count, t.word_count)"
            ),
            "redaction_count": counted(
                "with masked names", "coalesce(len(m.redactions), t.redaction_count)"
            ),
            "redactions": Column("with masked names", "coalesce(m.redactions, t.redactions)"),
        },
    ),
    "fact_reference": Table(
        OF_TELEGRAMS,
        of_telegrams(
            "fact_reference",
            "LEFT JOIN kept AS held ON held.cable_key = t.referenced_cable_key",
            "LEFT JOIN quiet AS q ON q.mrn = t.referenced_mrn",
            "LEFT JOIN withheld_reference AS w "
            "ON w.cable_key = t.cable_key AND w.position = t.position",
        ),
        kept("cable_key", "position", "letter", "kind")
        | {
            "raw_text": Column(
                "of a telegram that the file does not hold, or whose subject is withheld or "
                "masked, its MRN alone (a subject may stand there), "
                f"{WITHHELD} if that is unknown or the item is marked above; names masked",
                f"""CASE
                    WHEN w.cable_key IS NOT NULL THEN '{WITHHELD}'
                    WHEN q.mrn IS NOT NULL
                        OR (t.kind = 'cable' AND held.cable_key IS NULL AND is_limited())
                        THEN coalesce(t.referenced_mrn, '{WITHHELD}')
                    ELSE masked(t.cable_key, t.raw_text)
                END""",
            ),
            "referenced_mrn": Column(
                "null if the item is marked above",
                "CASE WHEN w.cable_key IS NULL THEN t.referenced_mrn END",
            ),
            "referenced_post_key": Column(
                "-1 if the item is marked above",
                "CASE WHEN w.cable_key IS NULL THEN t.referenced_post_key ELSE -1 END",
            ),
            "referenced_cable_key": Column(
                "-1 unless the file holds that telegram",
                "CASE WHEN w.cable_key IS NULL THEN coalesce(held.cable_key, -1) ELSE -1 END",
            ),
            "year_rule": Column(
                "null if the item is marked above",
                "CASE WHEN w.cable_key IS NULL THEN t.year_rule END",
            ),
        },
    ),
    "fact_addressee": Table(
        OF_TELEGRAMS,
        of_telegrams(
            "fact_addressee",
            "LEFT JOIN hidden_addressee AS h "
            "ON h.cable_key = t.cable_key AND h.position = t.position",
        ),
        kept("cable_key", "position", "role", "precedence", "message_continuity_number")
        | {
            "addressee_key": Column(
                "Unknown if the address has a protected name",
                "CASE WHEN h.cable_key IS NULL THEN t.addressee_key ELSE -1 END",
            ),
            "is_exempt": KEPT,
            "raw_text": MASKED,
        },
    ),
    "fact_field_agreement": Table(
        OF_WHOLE,
        of_telegrams("fact_field_agreement", "WHERE NOT k.is_cut"),
        kept("cable_key", "field", "body_value", "attribute_value", "agreement"),
    ),
    "bridge_cable_tag": Table(
        f"{OF_TELEGRAMS}, without protected names",
        of_telegrams("bridge_cable_tag", "ANTI JOIN hidden_tag USING (cable_key, tag_key)"),
        kept("cable_key", "tag_key")
        | {
            "position": Column(
                "counted anew, without a gap",
                "row_number() OVER (PARTITION BY t.cable_key ORDER BY t.position)",
            ),
            "raw_tag": MASKED,
        },
    ),
    "bridge_cable_caveat": Table(
        OF_TELEGRAMS, of_telegrams("bridge_cable_caveat"), kept("cable_key", "caveat_key")
    ),
    "bridge_cable_reason": Table(
        OF_TELEGRAMS,
        of_telegrams("bridge_cable_reason"),
        kept("cable_key", "reason_key", "position"),
    ),
    "bridge_cable_person": Table(
        f"{OF_TELEGRAMS}; of several protected people in one role only the first",
        of_telegrams(
            "bridge_cable_person",
            "LEFT JOIN hidden_person AS h USING (cable_key, person_key)",
            "QUALIFY h.cable_key IS NULL OR row_number() OVER ("
            "PARTITION BY t.cable_key, t.role, h.cable_key ORDER BY t.position, t.person_key) = 1",
        ),
        kept("cable_key", "role", "position")
        | {
            "person_key": Column(
                f"that of {MASK} for a protected name",
                f"CASE WHEN h.cable_key IS NULL THEN t.person_key ELSE {HIDDEN_KEY} END",
            ),
            "title": Column(
                "null beside a protected name; names masked",
                "CASE WHEN h.cable_key IS NULL THEN masked(t.cable_key, t.title) END",
            ),
            "printed_name": Column(
                f"{MASK} for a protected name",
                f"CASE WHEN h.cable_key IS NULL THEN t.printed_name ELSE '{MASK}' END",
            ),
        },
    ),
    "cable_attribute": Table(
        OF_WHOLE,
        of_telegrams("cable_attribute", "WHERE NOT k.is_cut"),
        kept("cable_key", "position", "name")
        | {
            "value": Column(
                "null for Reference, which may give subjects of other telegrams",
                "CASE WHEN t.name <> 'Reference' OR NOT (is_limited() OR EXISTS (FROM quiet)) "
                "THEN t.value END",
            )
        },
    ),
    "cable_review": Table(
        OF_WHOLE,
        of_telegrams("cable_review", "WHERE NOT k.is_cut"),
        kept("cable_key", "position", "field", "raw_text", "reason"),
    ),
    "fact_cable": Table(
        "at or below the level, without an excluded caveat; unknown level counts as above",
        of_telegrams(
            "fact_cable",
            "LEFT JOIN withheld_subject AS w USING (cable_key)",
            "LEFT JOIN withheld_slug AS ws USING (cable_key)",
            "LEFT JOIN new_summary AS s USING (cable_key)",
            "LEFT JOIN (SELECT cable_key, count(*) AS n, sum(word_count) AS words, "
            "sum(redaction_count) AS redactions FROM warehouse.fact_paragraph GROUP BY ALL) AS p "
            "USING (cable_key)",
            "LEFT JOIN (SELECT cable_key, count(*) AS n FROM warehouse.bridge_cable_tag "
            "GROUP BY ALL) AS g USING (cable_key)",
        ),
        kept("cable_key", "mrn", "document_key", "sent_at", "sent_date_key", "sent_at_source")
        | kept("origin_post_key", "classification_key", "published_classification_key")
        | kept("precedence", "date_time_group", "operating_signal", "transmission_id")
        | {"originator": MASKED}
        | kept("executive_order", "executive_order_printed")
        | kept("declassify_on", "declassify_date_key")
        | {
            "declassify_instruction": MASKED,
            "subject": Column(
                "null where it is marked above; names masked",
                "CASE WHEN w.cable_key IS NULL THEN masked(t.cable_key, t.subject) END",
            ),
            "slug": Column(
                "null where it is marked above; names masked",
                "CASE WHEN ws.cable_key IS NULL THEN masked(t.cable_key, t.slug) END",
            ),
            "subject_marking": Column(
                "null where the subject is withheld",
                "CASE WHEN w.cable_key IS NULL THEN t.subject_marking END",
            ),
            "summary": Column(
                "put together anew from the summary paragraphs that are kept; names masked",
                "CASE WHEN s.cable_key IS NULL THEN masked(t.cable_key, t.summary) "
                "ELSE masked(t.cable_key, s.summary) END",
            ),
        }
        | kept("printed_mrn", "is_mrn_invented", "is_partial_extract", "section_count")
        | {
            "paragraph_count": counted("those kept", "p.n"),
            "word_count": counted("those of the paragraphs kept", "p.words"),
            "tag_count": counted("those kept", "g.n"),
            "reference_count": KEPT,
            "action_addressee_count": KEPT,
            "info_addressee_count": KEPT,
            "redaction_count": counted(
                "those of what is kept, with masked names",
                "CASE WHEN NOT k.is_cut THEN t.redaction_count ELSE coalesce(p.redactions, 0) + "
                "coalesce(CASE WHEN w.cable_key IS NULL THEN len(regexp_extract_all("
                "masked(t.cable_key, t.subject), '[Xx]{4,}')) END, 0) END",
            ),
            "line_count": COUNT_IF_WHOLE,
            "unrecognised_line_count": COUNT_IF_WHOLE,
        },
    ),
    "cable_version": Table(
        "of the documents that telegrams kept are loaded from",
        of_telegrams(
            "cable_version", "JOIN warehouse.fact_cable AS f USING (cable_key, document_key)"
        ),
        kept("document_key", "cable_key", "mrn", "version_rank", "is_current", "relation")
        | {"sha256": IF_WHOLE}
        | kept("dialect", "published_id", "operating_signal", "section_number", "section_count")
        | {
            name: Column("that of the telegram in this file", "f.{c}")
            for name in (
                *("paragraph_count", "word_count", "redaction_count"),
                *("classification_key", "subject", "subject_marking"),
            )
        }
        | kept("caveats")
        # Of what is loaded nothing is added to itself: all of these are 0, empty or null.
        | kept("shared_share", "paragraphs_added", "paragraphs_changed", "paragraphs_lacking")
        | kept("names_shown", "names_hidden")
        | kept("fields_added", "fields_changed", "fields_lacking")
        | {"adds": EMPTIED},
    ),
    "version_paragraph": Table(
        "none: they are texts of documents that no telegram is loaded from",
        "FROM source.version_paragraph AS t WHERE false",
        dict.fromkeys(TABLES["version_paragraph"].column_names(), EMPTIED),
    ),
    "fact_ingest": Table(
        f"one run, {RUN}: the documents that telegrams kept are loaded from",
        "FROM warehouse.fact_cable AS t",
        {
            "run_id": Column(RUN, literal(RUN)),
            "document_key": KEPT,
            "ingested_at": Column(
                "when the last run began", "(SELECT max(ingested_at) FROM source.fact_ingest)"
            ),
            "outcome": Column("loaded", "'loaded'"),
            "reason": EMPTIED,
        },
    ),
    "dim_document": Table(
        "Unknown, and those that telegrams kept are loaded from; none that was rejected, removed, "
        "a duplicate or superseded",
        "FROM source.dim_document AS t LEFT JOIN kept AS k USING (cable_key) "
        "WHERE t.document_key = -1 OR t.document_key IN "
        "(SELECT document_key FROM warehouse.fact_cable)",
        kept("document_key", "uri", "member")
        | {"byte_offset": EMPTIED}  # it would tell how long the rows between are
        | dict.fromkeys(("sha256", "size_bytes", "modified_at"), IF_WHOLE)
        | kept("encoding", "dialect", "published_id", "published_classification")
        | kept("published_origin", "created_at", "first_seen_at", "status")
        | {"status_reason": EMPTIED, "cable_key": KEPT, "part": EMPTIED},
    ),
    "dim_addressee": Table(
        _USED,
        members("dim_addressee", "addressee_key"),
        kept("addressee_key", "name", "routing_indicator", "post_key", "is_collective"),
    ),
    "dim_person": Table(
        f"{_USED}; {MASK} for protected names",
        f"FROM (SELECT person_key, full_name, surname FROM source.dim_person "
        f"WHERE person_key <> {HIDDEN_KEY} "
        f"UNION ALL SELECT {HIDDEN_KEY}, '{MASK}', NULL) AS t "
        f"WHERE t.person_key = -1 OR t.person_key IN ({used('dim_person')})",
        kept("person_key", "full_name", "surname"),
    ),
    "dim_date": Table(
        f"Unknown, every day from {FIRST_DAY.year} to {LAST_DAY.year}, and others that what is "
        "kept uses",
        members(
            "dim_date",
            "date_key",
            also=f"t.date BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'",
        ),
        kept("date_key", "date", "year", "quarter", "month", "month_name", "day", "iso_year")
        | kept("iso_week", "weekday_name", "president", "secretary_of_state"),
    ),
    "dim_post": Table(
        _AUTHORITY,
        members("dim_post", "post_key", also="NOT t.is_inferred"),
        kept("post_key", "post_code", "post_name", "post_type", "country_code", "country_name")
        | kept("bureau", "latitude", "longitude", "note", "is_inferred"),
    ),
    "dim_classification": Table(
        "all levels",
        "FROM source.dim_classification AS t",
        kept("classification_key", "level", "level_rank"),
    ),
    "dim_reason": Table(
        _AUTHORITY,
        members("dim_reason", "reason_key", also="NOT t.is_inferred"),
        kept("reason_key", "executive_order", "reason", "meaning", "is_inferred"),
    ),
    "dim_caveat": Table(
        _AUTHORITY,
        members("dim_caveat", "caveat_key", also="NOT t.is_inferred"),
        kept("caveat_key", "caveat", "caveat_kind", "meaning", "is_inferred"),
    ),
    "dim_tag": Table(
        _AUTHORITY,
        members("dim_tag", "tag_key", also="NOT t.is_inferred"),
        kept("tag_key", "tag", "tag_kind", "subject_group", "tag_name", "country_code")
        | kept("is_inferred"),
    ),
}


class Undecided(ValueError):
    """A table or column that nobody has decided on; the message names it."""


def undecided() -> list[str]:
    """Give the tables and columns without a decision, and decisions without a table or column."""
    names = {
        f"{table}.{column}" for table, schema in TABLES.items() for column in schema.column_names()
    }
    decided = {
        f"{table}.{column}" for table, decision in DECISIONS.items() for column in decision.columns
    }
    return sorted((TABLES.keys() ^ DECISIONS.keys()) | (names ^ decided))


def masked_columns() -> list[tuple[str, str]]:
    """Give the texts that are masked, as (table, column); all tables have a cable_key."""
    return [
        (table, column)
        for table, decision in DECISIONS.items()
        for column, what in decision.columns.items()
        if f"masked(t.cable_key, t.{column})" in what.sql.replace("{c}", column)
    ]


def insert_statement(table: str) -> str:
    """Give the statement that writes what is let through of a table."""
    decision = DECISIONS[table]
    columns = ", ".join(quoted(name) for name in TABLES[table].column_names())
    values = ",\n  ".join(
        decision.columns[name].sql.replace("{c}", quoted(name))
        for name in TABLES[table].column_names()
    )
    return f"INSERT INTO warehouse.{table} ({columns})\nSELECT\n  {values}\n{decision.rows}"


def as_markdown() -> str:
    """Give the decisions as they stand in docs/restricted.md."""
    lines = []
    for table in TABLES:
        decision = DECISIONS[table]
        lines += [
            f"### {table}",
            "",
            f"Rows: {decision.words}.",
            "",
            "| column | value |",
            "|---|---|",
        ]
        lines += [
            f"| `{name}` | {decision.columns[name].words} |"
            for name in TABLES[table].column_names()
        ]
        lines.append("")
    lines.append(
        f"Made anew inside the file: {', '.join(f'`{name}`' for name in DERIVED)}, and all views."
    )
    return "\n".join(lines)
