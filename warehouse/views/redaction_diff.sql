-- Text that one version of a telegram hides and another has: names removed (runs of four or more
-- X), parts of a paragraph or whole paragraphs left out. Held against each other are the current
-- version and each of the others.
CREATE OR REPLACE VIEW redaction_diff AS
WITH found AS (
    SELECT
        version_paragraph.cable_key,
        version_paragraph.document_key,
        current_position,
        version_paragraph.position AS version_position,
        coalesce(fact_paragraph.number, version_paragraph.number) AS number,
        CASE WHEN difference IN ('hides', 'shows') THEN 'names removed' ELSE 'part left out' END AS how,
        difference IN ('hides', 'shortened') AS current_shows,
        version_paragraph.text AS version_text,
        fact_paragraph.text AS current_text
    FROM version_paragraph
    JOIN fact_paragraph
        ON fact_paragraph.cable_key = version_paragraph.cable_key
        AND fact_paragraph.position = current_position
    WHERE difference IN ('hides', 'shows', 'shortened', 'lengthened')
    UNION ALL
    SELECT cable_key, document_key, NULL, position, number, 'absent', false, text, NULL
    FROM version_paragraph
    WHERE difference = 'added'
    UNION ALL
    SELECT cable_key, lacking.document_key, fact_paragraph.position, NULL, number, 'absent', true, NULL, text
    FROM (
        SELECT cable_key, document_key, unnest(paragraphs_lacking) AS position
        FROM cable_version
    ) AS lacking
    JOIN fact_paragraph USING (cable_key, position)
),
told AS (
    SELECT
        *,
        CASE WHEN current_shows THEN version_text ELSE current_text END AS hidden_text,
        CASE WHEN current_shows THEN current_text ELSE version_text END AS shown_text
    FROM found
),
cut AS (
    SELECT
        *,
        len(regexp_extract_all(hidden_text, '[Xx]{4,}')) AS removed,
        -- The hidden text as a pattern: where it has Xs, anything may stand.
        '^(?s:' || regexp_replace(regexp_escape(hidden_text), '[Xx]{4,}', '(.*?)', 'g') || ')$' AS pattern
    FROM told
)
SELECT
    fact_cable.mrn,
    coalesce(cut.current_position, cut.version_position) AS position,
    cut.number,
    cut.how,
    cable_version.relation,
    CASE WHEN how = 'absent' THEN NULL
        -- RE2 hands on nine groups at the most.
        WHEN removed BETWEEN 1 AND 9 AND regexp_matches(shown_text, pattern)
            THEN string_split(
                regexp_replace(
                    shown_text,
                    pattern,
                    array_to_string(['\' || n FOR n IN range(1, removed + 1)], chr(31))
                ),
                chr(31)
            )
        ELSE list_filter(
            regexp_extract_all(shown_text, '[\w''’-]+'),
            lambda word : NOT list_contains(regexp_extract_all(hidden_text, '[\w''’-]+'), word)
        )
    END AS hidden_words,
    cut.hidden_text,
    cut.shown_text,
    CASE WHEN current_shows THEN other.uri ELSE current.uri END AS hidden_in,
    CASE WHEN current_shows THEN current.uri ELSE other.uri END AS shown_in
FROM cut
JOIN fact_cable USING (cable_key)
JOIN cable_version ON cable_version.document_key = cut.document_key
JOIN dim_document AS other ON other.document_key = cut.document_key
JOIN dim_document AS current ON current.document_key = fact_cable.document_key
-- A section does not hide what stands in the others.
WHERE cable_version.relation <> 'section';
