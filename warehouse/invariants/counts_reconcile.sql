-- The counts in fact_cable are the numbers of rows in the tables that they count.
WITH
paragraph AS (SELECT cable_key, count(*) AS n, sum(word_count) AS words FROM fact_paragraph GROUP BY cable_key),
tag AS (SELECT cable_key, count(*) AS n FROM bridge_cable_tag GROUP BY cable_key),
reference AS (SELECT cable_key, count(*) AS n FROM fact_reference GROUP BY cable_key),
addressee AS (
    SELECT
        cable_key,
        count(*) FILTER (WHERE role = 'action' AND NOT is_exempt) AS actions,
        count(*) FILTER (WHERE role = 'info' AND NOT is_exempt) AS infos
    FROM fact_addressee
    GROUP BY cable_key
)
SELECT
    cable_key,
    paragraph_count, coalesce(paragraph.n, 0) AS paragraphs,
    word_count, coalesce(paragraph.words, 0) AS words,
    tag_count, coalesce(tag.n, 0) AS tags,
    reference_count, coalesce(reference.n, 0) AS references_found,
    action_addressee_count, coalesce(addressee.actions, 0) AS actions,
    info_addressee_count, coalesce(addressee.infos, 0) AS infos
FROM fact_cable
LEFT JOIN paragraph USING (cable_key)
LEFT JOIN tag USING (cable_key)
LEFT JOIN reference USING (cable_key)
LEFT JOIN addressee USING (cable_key)
WHERE paragraph_count <> paragraphs
    OR word_count <> coalesce(paragraph.words, 0)
    OR tag_count <> tags
    OR reference_count <> references_found
    OR action_addressee_count <> coalesce(addressee.actions, 0)
    OR info_addressee_count <> coalesce(addressee.infos, 0);
