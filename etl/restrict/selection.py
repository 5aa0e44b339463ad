"""Which telegrams, portions, subjects and references of a warehouse an audience may have.

The warehouse is attached as `source`. What is found goes into temporary tables, in memory only:

kept                cable_key, is_cut: something of the telegram is withheld or masked
portion             cable_key, position, is_withheld, keeps_section, new_position
withheld_subject    cable_key
withheld_slug       cable_key
withheld_reference  cable_key, position
new_summary         cable_key, summary: where a summary paragraph is withheld

Markings are judged in Python, each distinct one once (`etl.restrict.audience`).

Not here: protected names (`etl.restrict.protection`), what becomes of columns
(`etl.restrict.decisions`).
"""

from collections.abc import Callable

import polars as pl

from etl.contracts.tables import literal
from etl.parse.kinds import summaries
from etl.publish import Connection
from etl.published import Arrow
from etl.restrict.audience import Audience

_LEVEL = (
    "TOP ?SECRET|SECRET|CONFIDENTIAL|LIMITED OFFICIAL USE|UNCLASSIFIED|UNCLAS|TS|SBU|FOUO|OUO|LOU"
    "|S|C|U"
)
_CONTROL = r"NF|NOFORN|FOUO|LES|SBU|OC|ORCON|PR|PROPIN|EXDIS|NODIS|LIMDIS|REL"
INLINE = (
    rf"(?:^|[^\p{{L}}\p{{N}}])[(\[{{]\s*((?:{_LEVEL})"
    rf"(?:\s*[/–-]+\s*[A-Z][A-Z, /–-]*|\s+(?:{_CONTROL})\b[A-Z, /–-]*)?"
    rf"(?:\s*\)\s?\(\s*(?:{_CONTROL})\b[A-Z, /–-]*)?)\s*/{{0,2}}\s*[)\]}}]"
)
"""A marking within a text: `- (C) The second point`, `… end. (S/NF) Comment`. Capitals only: (c) is
an item of a list. (C) may be one, too, and is taken for a marking all the same."""

BEGUN = rf"\b[Bb](?:EGIN|egin)\s+((?:{_LEVEL})(?:/+(?:{_CONTROL}))*)\b"
"""`BEGIN SECRET … END SECRET`."""

ENTIRE = rf"(?i)\b({_LEVEL})\b\W{{0,5}}ENTIRE TEXT"
"""`CONFIDENTIAL - ENTIRE TEXT` at the head of a paragraph is said of the telegram."""

_HANDLING = ("Handling Restrictions", "Original Handling Restrictions")


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


def _kept(connection: Connection, audience: Audience) -> None:
    """Find the telegrams of which they may have anything at all.

    The highest level that is stated counts: the telegram's own line, its page, the page of any
    other document that holds it.
    """
    may = ", ".join(str(rank) for rank in range(-1, 5) if audience.may_have_level(rank)) or "NULL"
    published = "SELECT DISTINCT published_classification AS words FROM source.dim_document"
    _judge(connection, "above_published", published, audience.may_have_published)
    caveats = "SELECT caveat AS words FROM source.dim_caveat"
    _judge(connection, "excluded", caveats, lambda words: not audience.is_excluded(words))
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
          )
    """)
    entire = f"""
        SELECT cable_key, regexp_extract(left(text, 120), {literal(ENTIRE)}, 1) AS words
        FROM source.fact_paragraph SEMI JOIN kept USING (cable_key)
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
    within = " UNION ALL ".join(
        f"SELECT '{part}' AS part, t.cable_key, {position} AS position, "
        f"unnest(regexp_extract_all({column}, {literal(INLINE)}, 1) || "
        f"regexp_extract_all({column}, {literal(BEGUN)}, 1)) AS words "
        f"FROM source.{table} AS t SEMI JOIN kept USING (cable_key) "
        f"WHERE {position} IS NOT NULL AND regexp_matches({column}, '[(\\[{{]|(?i)begin ')"
        for part, table, column, position in (
            ("paragraph", "fact_paragraph", "text", "position"),
            ("paragraph", "version_paragraph", "text", "current_position"),
            ("section", "fact_paragraph", "section", "position"),
            ("subject", "fact_cable", "subject", "0"),
            ("slug", "fact_cable", "slug", "0"),
            ("reference", "fact_reference", "raw_text", "position"),
            ("review", "cable_review", "raw_text", "position"),
            ("attribute", "cable_attribute", "value", "position"),
        )
    )
    own = """
        SELECT 'subject' AS part, cable_key, 0 AS position, subject_marking AS words
        FROM source.fact_cable SEMI JOIN kept USING (cable_key) WHERE subject_marking IS NOT NULL
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


def _portions(connection: Connection, audience: Audience) -> None:
    """Find the portions that are withheld.

    One without number and marking goes on with the one before it, and shares its fate; one without
    marking has that of its heading. A heading over a withheld portion tells of it.
    """
    may = ", ".join(str(rank) for rank in range(5) if audience.may_have_level(rank)) or "NULL"
    connection.execute(f"""
        CREATE TEMP TABLE portion AS
        WITH judged AS (
            SELECT
                p.cable_key, p.position, p.number, p.portion_marking, p.section,
                a.cable_key IS NOT NULL OR (h.cable_key IS NOT NULL AND portion_marking IS NULL)
                OR (classification_key >= 0 AND coalesce(classification_key NOT IN ({may}), true))
                    AS is_above,
                h.cable_key IS NOT NULL AS is_headed_above
            FROM source.fact_paragraph AS p
            SEMI JOIN kept USING (cable_key)
            LEFT JOIN above_text AS a
                ON a.part = 'paragraph' AND a.cable_key = p.cable_key AND a.position = p.position
            LEFT JOIN above_text AS h
                ON h.part = 'section' AND h.cable_key = p.cable_key AND h.position = p.position
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
