"""The telegrams that ask to protect a name: their texts masked, their people found.

The marks are looked for in all texts of the telegrams kept, also in portions that are withheld:
a name that one of them protects may stand in another without the mark. Temporary tables:

mask                cable_key, before, after, word_count, redactions: each text that changes
hidden_person       cable_key, person_key
hidden_tag          cable_key, tag_key
hidden_addressee    cable_key, position

and the macro `masked(cable_key, words)`, which gives the text after.

Not here: how a name is found in a text (`etl.restrict.names`).
"""

from collections.abc import Iterable
from urllib.parse import unquote

import polars as pl

from etl.contracts.columns import spans
from etl.contracts.tables import literal
from etl.parse.paragraphs import removed_names
from etl.publish import Connection
from etl.restrict.masking import Masking
from etl.restrict.names import WORD, Protected, hidden_words, protected, removed_elsewhere
from etl.restrict.selection import keep

_SCANNED = (
    ("fact_paragraph", "text"),
    ("fact_paragraph", "section"),
    ("version_paragraph", "text"),
    ("fact_cable", "subject"),
    ("cable_version", "subject"),
    ("fact_cable", "slug"),
    ("fact_reference", "raw_text"),
    ("bridge_cable_person", "printed_name || ' (' || title || ')'"),
    ("cable_review", "raw_text"),
    ("cable_attribute", "value"),
)
"""Texts that may hold a mark."""

_SPOTS = spans("", "").dtype
_MASK_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "cable_key": pl.Int64,
    "before": pl.String,
    "after": pl.String,
    "word_count": pl.Int32,
    "redactions": _SPOTS,
}


def unprotected(connection: Connection) -> None:
    """Make the same tables empty, for an audience that may have the names."""
    _keep_masks(connection, [])
    _keep_hidden(connection, {})
    connection.execute("CREATE OR REPLACE TEMP MACRO masked(key, words) AS words")


def protect(connection: Connection, columns: Iterable[tuple[str, str]]) -> int:
    """Make the tables, and give the number of marks found.

    `columns` are (table, column) of the texts to mask, all of tables with a cable_key. Telegrams
    that ask for people whom they do not name there, or whose file is named like one whom they
    protect, are taken out of `kept`.
    """
    found = _found(connection)
    general = [key for key, what in found.items() if what.is_general]
    masks = {
        key: Masking(what) for key, what in found.items() if not (what.is_general or what.is_empty)
    }
    keep(connection, "protected", pl.DataFrame({"cable_key": [*masks]}, {"cable_key": pl.Int64}))
    named = [
        key
        for key, *address in connection.execute(
            "SELECT cable_key, uri, member, published_id FROM source.dim_document "
            "SEMI JOIN protected USING (cable_key)"
        ).fetchall()
        if any(_is_named(masks[key], part) for part in address)
    ]
    gone = pl.DataFrame({"cable_key": [*general, *named]}, {"cable_key": pl.Int64})
    keep(connection, "unmaskable", gone)
    connection.execute("DELETE FROM kept WHERE cable_key IN (FROM unmaskable)")
    connection.execute(
        "UPDATE kept SET is_cut = true WHERE cable_key IN (SELECT cable_key FROM protected)"
    )
    texts = " UNION ".join(
        f"SELECT cable_key, {column} AS words FROM source.{table} "
        "SEMI JOIN protected USING (cable_key)"
        for table, column in columns
    )
    texts += (
        " UNION SELECT cable_key, summary FROM new_summary SEMI JOIN protected USING (cable_key)"
    )
    rows = connection.execute(f"SELECT * FROM ({texts}) WHERE words IS NOT NULL").fetchall()
    changed = [(key, words, masks[key].masked(words)) for key, words in rows]
    _keep_masks(connection, [row for row in changed if row[1] != row[2]])
    _keep_hidden(connection, masks)
    connection.execute(
        "CREATE OR REPLACE TEMP MACRO masked(key, words) AS coalesce("
        "(SELECT after FROM mask WHERE mask.cable_key = key AND mask.before = words), words)"
    )
    return sum(what.marks for what in found.values())


def _found(connection: Connection) -> dict[int, Protected]:
    """Find what each telegram asks to protect; only telegrams with a mark.

    A name that another version of the telegram hides is one that somebody asked to protect.
    """
    has_word = literal(rf"(?i)\b{WORD}\b")
    scanned = " UNION ALL ".join(
        f"SELECT cable_key, {column} AS words FROM source.{table} SEMI JOIN kept USING (cable_key) "
        f"WHERE regexp_matches({column}, {has_word})"
        for table, column in _SCANNED
    )
    rows = connection.execute(
        f"SELECT cable_key, list(DISTINCT words) FROM ({scanned}) GROUP BY cable_key"
    ).fetchall()
    found = {int(key): protected(words) for key, words in rows}
    hidden = connection.execute(
        "SELECT cable_key, flatten(list(hidden_words)) "
        "FROM source.redaction_diff JOIN source.fact_cable USING (mrn) "
        "SEMI JOIN kept USING (cable_key) WHERE how = 'names removed' GROUP BY cable_key"
    ).fetchall()
    subjects = connection.execute(
        "SELECT cable_key, f.subject, v.subject "
        "FROM source.fact_cable AS f JOIN source.cable_version AS v USING (cable_key) "
        "SEMI JOIN kept USING (cable_key) WHERE regexp_matches(v.subject, '[Xx]{4}')"
    ).fetchall()
    hidden += [(key, hidden_words(shown, hides)) for key, shown, hides in subjects]
    for key, words in hidden:
        removed_elsewhere(words, found.setdefault(int(key), Protected()))
    return {key: what for key, what in found.items() if what.marks}


def _is_named(mask: Masking, address: str | None) -> bool:
    """Whether a file's name or address has a protected name, however it is spelt there."""
    if not address:
        return False
    plain = unquote(address)
    return mask.touches(plain) or mask.touches("".join(c if c.isalpha() else " " for c in plain))


def _keep_masks(connection: Connection, changed: list[tuple[int, str, str]]) -> None:
    """Keep texts before and after, with the counts of the new ones."""
    frame = pl.DataFrame(
        changed,
        schema={"cable_key": pl.Int64, "before": pl.String, "after": pl.String},
        orient="row",
    ).with_columns(
        pl.col("after").str.count_matches(r"\S+").cast(pl.Int32).alias("word_count"),
        removed_names(pl.col("after")).cast(_SPOTS).alias("redactions"),
    )
    keep(connection, "mask", frame.select(pl.col(name).cast(t) for name, t in _MASK_TYPES.items()))


def _keep_hidden(connection: Connection, masks: dict[int, Masking]) -> None:
    """Find people, TAGS and addressees that are protected in a telegram."""
    for table, key, sql in (
        (
            "hidden_person",
            "person_key",
            "SELECT cable_key, person_key, [full_name, surname, printed_name] "
            "FROM source.bridge_cable_person JOIN source.dim_person USING (person_key)",
        ),
        (
            "hidden_tag",
            "tag_key",
            "SELECT cable_key, tag_key, [tag, raw_tag] "
            "FROM source.bridge_cable_tag JOIN source.dim_tag USING (tag_key)",
        ),
        (
            "hidden_addressee",
            "position",
            "SELECT cable_key, position, [name, raw_text] "
            "FROM source.fact_addressee JOIN source.dim_addressee USING (addressee_key)",
        ),
    ):
        rows = (
            connection.execute(f"{sql} SEMI JOIN protected USING (cable_key)").fetchall()
            if masks
            else []
        )
        hidden = {
            (cable, member)
            for cable, member, names in rows
            if any(masks[cable].touches(name) for name in names)
        }
        schema = {"cable_key": pl.Int64, key: pl.Int64}
        keep(connection, table, pl.DataFrame(sorted(hidden), schema=schema, orient="row"))
