"""Which telegrams, portions, subjects and references of a warehouse an audience may have.

The warehouse is attached as `source`. What is found goes into temporary tables, in memory only:

kept                cable_key, is_cut: something of the telegram is withheld or masked
portion             cable_key, position, is_withheld, keeps_section, new_position
withheld_subject    cable_key
withheld_slug       cable_key
withheld_reference  cable_key, position
new_summary         cable_key, summary: where a summary paragraph is withheld
quiet               mrn: numbers of telegrams whose subject nobody may quote

Markings are judged in Python, each distinct one once (`etl.restrict.audience`).

Not here: how a marking stands in a text (`etl.restrict.marks`), protected names
(`etl.restrict.protection`), what becomes of columns (`etl.restrict.decisions`).
"""

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from etl.contracts.tables import literal
from etl.parse.kinds import summaries
from etl.publish import Connection
from etl.published import Arrow
from etl.restrict.audience import Audience
from etl.restrict.marks import (
    ALONE,
    BEGUN,
    ENDED,
    ENTIRE,
    IN_TEXT,
    IN_TITLE,
    LAST,
    LETTER,
    LOOK,
    OF_ALL,
    SMALL,
    plain,
)

_SAYING = (
    ("fact_paragraph", "text"),
    ("fact_paragraph", "section"),
    ("fact_cable", "slug"),
    ("cable_review", "raw_text"),
)
"""Where it may be said of what level all of it is."""
_HANDLING = tuple(
    f"{when}{what}"
    for when in ("", "Original ", "Previous ", "Original Previous ")
    for what in ("Classification", "Handling Restrictions")
)
"""Attributes of the archive; not Current Classification: since its review all are unclassified."""


class _Look(NamedTuple):
    """A text to be looked at for markings: where it is, and what its markings say something of.

    `looked_at` are the paragraphs that may have any. Of parts, `open` is a `BEGIN SECRET` that its
    text does not end, `last` a marking at the end.
    """

    part: str
    table: str
    words: str
    patterns: tuple[str, ...]
    position: str = "position"
    where: str = "true"


_NO_POINT_B = r"NOT regexp_matches(text, '(?i)\bb\s?[.)]')"
_LOOKS = (
    _Look("paragraph", "looked_at", "text", (*IN_TEXT, BEGUN)),
    _Look("paragraph", "looked_at", "text", SMALL, where=_NO_POINT_B),
    _Look("paragraph", "looked_at", "text", LETTER, where="number IS NOT NULL"),
    _Look("open", "looked_at", f"regexp_replace(text, {literal(ENDED)}, '')", (BEGUN,)),
    _Look("last", "looked_at", "text", (LAST,)),
    _Look(
        "paragraph",
        "version_paragraph",
        "text",
        (*IN_TEXT, BEGUN),
        "current_position",
        "current_position IS NOT NULL",
    ),
    _Look("section", "fact_paragraph", "section", IN_TITLE, where="section IS NOT NULL"),
    _Look("subject", "fact_cable", "subject", IN_TITLE, "0"),
    _Look("subject", "cable_version", "subject", IN_TITLE, "0"),
    _Look("slug", "fact_cable", "slug", IN_TITLE, "0"),
    _Look("reference", "fact_reference", "raw_text", IN_TITLE),
    _Look("review", "cable_review", "raw_text", IN_TITLE),
    _Look("attribute", "cable_attribute", "value", IN_TEXT),
)


def select(connection: Connection, audience: Audience) -> None:
    """Make the temporary tables for an audience, but for what names need."""
    _kept(connection, audience)
    _judged_texts(connection, audience)
    _portions(connection, audience)
    execute = connection.execute
    execute(
        "CREATE TEMP TABLE withheld_subject AS SELECT DISTINCT cable_key FROM above_text "
        "WHERE part = 'subject'"
    )
    execute(
        "CREATE TEMP TABLE withheld_slug AS SELECT DISTINCT cable_key FROM above_text "
        "WHERE part = 'slug'"
    )
    execute(
        "CREATE TEMP TABLE withheld_reference AS SELECT DISTINCT cable_key, position "
        "FROM above_text WHERE part = 'reference'"
    )
    # `REF: (S) A. … B. …`: the marking before the first letter is an item of its own.
    execute(f"""
        INSERT INTO withheld_reference
        SELECT cable_key, position FROM source.fact_reference
        WHERE cable_key IN (
            SELECT cable_key FROM source.fact_reference SEMI JOIN withheld_reference
            USING (cable_key, position) WHERE regexp_matches(raw_text, {literal(ALONE)})
        )
        EXCEPT FROM withheld_reference
    """)
    execute(
        "UPDATE kept SET is_cut = true WHERE cable_key IN (SELECT cable_key FROM above_text "
        "UNION ALL SELECT cable_key FROM portion WHERE is_withheld)"
    )
    _summaries(connection)


def drop_uncuttable(connection: Connection) -> None:
    """Take away telegrams that are cut and whose number was made of their bytes.

    Whoever guesses what was cut out could see in the number that the guess is right.
    """
    connection.execute(
        "DELETE FROM kept WHERE is_cut AND cable_key IN "
        "(SELECT cable_key FROM source.fact_cable WHERE is_mrn_invented)"
    )


def quiet(connection: Connection) -> None:
    """Find the numbers of telegrams that are absent or lost words of their subject: `quiet`.

    Who refers to them may quote the subject. A number stands for all that have it (#2).
    """
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE quiet AS
        SELECT DISTINCT regexp_replace(mrn, '#\\d+$', '') AS mrn
        FROM source.fact_cable AS t LEFT JOIN kept AS k USING (cable_key)
        WHERE k.cable_key IS NULL
            OR cable_key IN (SELECT cable_key FROM withheld_subject)
            OR masked(t.cable_key, t.subject) <> t.subject
    """)


def _kept(connection: Connection, audience: Audience) -> None:
    """Find the telegrams of which they may have anything at all.

    The highest level that is stated counts: the telegram's own line, any other of its lines, its
    page, the page or line of any other document that holds it, what a paragraph says of the
    entire text.
    """
    may = ", ".join(str(rank) for rank in range(-1, 5) if audience.may_have_level(rank)) or "NULL"
    published = "SELECT DISTINCT published_classification AS words FROM source.dim_document"
    _judge(connection, "above_published", published, audience.may_have_published)
    versions = "SELECT cable_key, unnest(caveats) AS words FROM source.cable_version"
    caveats = "SELECT caveat AS words FROM source.dim_caveat"
    both = f"{caveats} UNION ALL SELECT words FROM ({versions})"
    _judge(connection, "excluded", both, lambda words: not audience.is_excluded(words))
    handling = ", ".join(map(literal, _HANDLING))
    named = f"SELECT DISTINCT value AS words FROM source.cable_attribute WHERE name IN ({handling})"
    _judge(connection, "above_handling", named, audience.may_have_published)
    connection.execute(f"""
        CREATE TEMP TABLE kept AS
        SELECT cable_key, false AS is_cut FROM source.fact_cable
        WHERE classification_key IN ({may})
          AND (published_classification_key = -1 OR published_classification_key IN ({may}))
          AND cable_key NOT IN (
            SELECT cable_key FROM source.dim_document
            JOIN above_published ON published_classification = words
            UNION ALL
            SELECT cable_key FROM source.bridge_cable_caveat
            JOIN source.dim_caveat USING (caveat_key) JOIN excluded ON caveat = words
            UNION ALL
            SELECT cable_key FROM source.cable_attribute JOIN above_handling ON value = words
            WHERE name IN ({handling})
            UNION ALL
            SELECT cable_key FROM source.cable_version
            WHERE classification_key >= 0 AND classification_key NOT IN ({may})
            UNION ALL
            SELECT cable_key FROM ({versions}) JOIN excluded USING (words)
          )
    """)
    lines = (
        "SELECT cable_key, raw_text AS words FROM source.cable_review "
        "WHERE field IN ('classification', 'caveats')"
    )
    _judge(connection, "above_line", lines, audience.may_have_line)
    connection.execute(
        "DELETE FROM kept WHERE cable_key IN "
        f"(SELECT cable_key FROM ({lines}) JOIN above_line USING (words))"
    )
    heads = " UNION ALL ".join(
        f"SELECT cable_key, {plain(f'left({column}, 160)')} AS text FROM source.{table} "
        f"SEMI JOIN kept USING (cable_key) "
        f"WHERE regexp_matches(left({column}, 160), '(?i)entire|all (?:por|par)')"
        for table, column in _SAYING
    )
    connection.execute(f"CREATE TEMP TABLE saying AS {heads}")
    said = " UNION ALL ".join(
        f"SELECT cable_key, regexp_extract(text, {literal(pattern)}, 1) AS words FROM saying"
        for pattern in ENTIRE
    )
    entire = f"""
        {said} UNION ALL
        SELECT cable_key, portion_marking
        FROM source.fact_paragraph SEMI JOIN kept USING (cable_key)
        WHERE portion_marking IS NOT NULL AND regexp_matches(text, {literal(OF_ALL)})
    """
    connection.execute(f"CREATE TEMP TABLE entire AS SELECT * FROM ({entire}) WHERE words <> ''")
    _judge(connection, "above_entire", "FROM entire", audience.may_have_portion)
    connection.execute(
        "DELETE FROM kept WHERE cable_key IN "
        "(SELECT cable_key FROM entire JOIN above_entire USING (words))"
    )


def _judged_texts(connection: Connection, audience: Audience) -> None:
    """Make `above_text`: what is marked above, by its own marking or by one within it.

    The marking of the same paragraph in another version of the telegram counts, too.
    """
    connection.execute(
        "CREATE TEMP TABLE looked_at AS SELECT cable_key, position, number, text "
        "FROM source.fact_paragraph SEMI JOIN kept USING (cable_key) "
        f"WHERE regexp_matches(text, {literal(LOOK)})"
    )
    within = " UNION ALL ".join(
        f"SELECT '{look.part}' AS part, cable_key, position, unnest("
        + " || ".join(map(_extracted, look.patterns))
        + f") AS words FROM (SELECT t.cable_key, {look.position} AS position, "
        f"{plain(look.words)} AS words FROM {_named(look.table)} AS t "
        f"SEMI JOIN kept USING (cable_key) WHERE {look.where} "
        f"AND regexp_matches({look.words}, {literal(LOOK)}))"
        for look in _LOOKS
    )
    own = """
        SELECT 'subject' AS part, cable_key, 0 AS position, subject_marking AS words
        FROM source.fact_cable SEMI JOIN kept USING (cable_key) WHERE subject_marking IS NOT NULL
        UNION ALL
        SELECT 'subject', cable_key, 0, subject_marking
        FROM source.cable_version SEMI JOIN kept USING (cable_key)
        WHERE subject_marking IS NOT NULL
        UNION ALL
        SELECT 'section', cable_key, position, unnest(string_split(section_marking, ' / '))
        FROM source.fact_paragraph SEMI JOIN kept USING (cable_key)
        WHERE section_marking IS NOT NULL
        UNION ALL
        SELECT 'paragraph', cable_key, position,
            array_to_string(list_prepend(coalesce(portion_marking, '?'), portion_caveats), '|')
        FROM source.fact_paragraph SEMI JOIN kept USING (cable_key)
        WHERE portion_marking IS NOT NULL OR len(portion_caveats) > 0
        UNION ALL
        SELECT 'paragraph', cable_key, current_position,
            array_to_string(list_prepend(coalesce(portion_marking, '?'), portion_caveats), '|')
        FROM source.version_paragraph SEMI JOIN kept USING (cable_key)
        WHERE current_position IS NOT NULL
            AND (portion_marking IS NOT NULL OR len(portion_caveats) > 0)
    """
    connection.execute(f"CREATE TEMP TABLE marked AS {own} UNION ALL {within}")

    def may_have(words: str) -> bool:
        marking, *caveats = words.split("|")
        return audience.may_have_portion(marking, caveats)

    _judge(connection, "above_marking", "FROM marked", may_have)
    connection.execute(
        "CREATE TEMP TABLE above_text AS SELECT DISTINCT part, cable_key, position "
        "FROM marked SEMI JOIN above_marking USING (words)"
    )


def _named(table: str) -> str:
    return table if table == "looked_at" else f"source.{table}"


def _extracted(pattern: str) -> str:
    """Give SQL of what a pattern's group finds in `words`; most texts have nothing of it."""
    regex = literal(pattern)
    found = f"regexp_extract_all(words, {regex}, 1)"
    return f"CASE WHEN regexp_matches(words, {regex}) THEN {found} ELSE []::VARCHAR[] END"


def _portions(connection: Connection, audience: Audience) -> None:
    """Find the portions that are withheld.

    One without number and marking goes on with the one before it, and shares its fate; one without
    marking has that of its heading, of a marking that stands alone above it, and of a
    `BEGIN SECRET` that nothing has ended. A heading over a withheld portion tells of it.
    """
    may = ", ".join(str(rank) for rank in range(5) if audience.may_have_level(rank)) or "NULL"
    ended = literal(ENDED)
    connection.execute(f"""
        CREATE TEMP TABLE portion AS
        WITH judged AS (
            SELECT
                p.cable_key, p.position, p.number, p.portion_marking, p.section,
                a.cable_key IS NOT NULL OR (h.cable_key IS NOT NULL AND portion_marking IS NULL)
                OR (portion_marking IS NULL AND n.cable_key IS NULL AND coalesce(lag(
                    l.cable_key IS NOT NULL OR (a.cable_key IS NOT NULL AND p.text = '')
                ) OVER of_telegram, false))
                OR coalesce(last_value(CASE
                    WHEN o.cable_key IS NOT NULL THEN true
                    WHEN p.cable_key IN (SELECT cable_key FROM above_text WHERE part = 'open')
                        AND regexp_matches(text, {ended}) THEN false
                END IGNORE NULLS) OVER (of_telegram ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW),
                    false)
                OR (classification_key >= 0 AND coalesce(classification_key NOT IN ({may}), true))
                    AS is_above,
                h.cable_key IS NOT NULL AS is_headed_above
            FROM source.fact_paragraph AS p
            SEMI JOIN kept USING (cable_key)
            LEFT JOIN above_text AS a
                ON a.part = 'paragraph' AND a.cable_key = p.cable_key AND a.position = p.position
            LEFT JOIN above_text AS h
                ON h.part = 'section' AND h.cable_key = p.cable_key AND h.position = p.position
            LEFT JOIN above_text AS l
                ON l.part = 'last' AND l.cable_key = p.cable_key AND l.position = p.position
            LEFT JOIN (SELECT DISTINCT cable_key, position FROM marked WHERE part = 'last') AS n
                ON n.cable_key = p.cable_key AND n.position = p.position
            LEFT JOIN above_text AS o
                ON o.part = 'open' AND o.cable_key = p.cable_key AND o.position = p.position
            WINDOW of_telegram AS (PARTITION BY p.cable_key ORDER BY p.position)
        ),
        carried AS (
            SELECT *, coalesce(last_value(
                CASE
                    WHEN is_above THEN true
                    WHEN number IS NOT NULL OR portion_marking IS NOT NULL THEN false
                END IGNORE NULLS
            ) OVER (PARTITION BY cable_key ORDER BY position), false) AS is_withheld
            FROM judged
        ),
        headed AS (
            SELECT cable_key, flatten(list(string_split(section, ' / '))) AS pieces
            FROM carried WHERE is_withheld AND section IS NOT NULL GROUP BY cable_key
        )
        SELECT
            cable_key, position, is_withheld,
            NOT coalesce(list_has_any(string_split(section, ' / '), pieces), false)
                AND NOT is_headed_above AS keeps_section,
            row_number() OVER (PARTITION BY cable_key, is_withheld ORDER BY position)::INTEGER
                AS new_position
        FROM carried LEFT JOIN headed USING (cable_key)
    """)


def _summaries(connection: Connection) -> None:
    """Put summaries together anew where a part of them is withheld; null where nothing is left."""
    rows = pl.DataFrame(
        Arrow(
            connection.sql("""
        SELECT cable_key AS document_key, is_withheld, kind, text
        FROM source.fact_paragraph JOIN portion USING (cable_key, position)
        WHERE kind = 'summary' AND cable_key IN (
            SELECT cable_key FROM source.fact_paragraph JOIN portion USING (cable_key, position)
            WHERE kind = 'summary' AND is_withheld
        )
        ORDER BY cable_key, position
    """)
        )
    )
    telegrams = rows.select("document_key").unique(maintain_order=True)
    left = summaries(rows.filter(~pl.col("is_withheld")))
    new = telegrams.join(left, on="document_key", how="left").rename({"document_key": "cable_key"})
    keep(connection, "new_summary", new.select("cable_key", pl.col("summary").cast(pl.String)))


def _judge(connection: Connection, table: str, sql: str, may_have: Callable[[str], bool]) -> None:
    """Make a temporary table of the distinct `words` that a query gives and they may not have."""
    found = connection.execute(f"SELECT DISTINCT words FROM ({sql}) WHERE words IS NOT NULL")
    words = [str(row[0]) for row in found.fetchall() if not may_have(str(row[0]))]
    keep(connection, table, pl.DataFrame({"words": words}, schema={"words": pl.String}))


def keep(connection: Connection, table: str, frame: pl.DataFrame) -> None:
    """Make a temporary table of a frame."""
    connection.register("incoming", Arrow(frame))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM incoming")
    connection.unregister("incoming")
