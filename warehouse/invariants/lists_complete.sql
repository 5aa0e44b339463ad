-- The lists that the view cable shows hold as many entries as the star has rows (a telegram cited twice counts once).
WITH item AS (
    SELECT
        cable_key,
        count(DISTINCT referenced_mrn) FILTER (WHERE kind = 'cable') AS cables,
        count(*) FILTER (WHERE kind <> 'cable' OR referenced_mrn IS NULL) AS others
    FROM fact_reference
    GROUP BY cable_key
)
SELECT cable_key, tag_count, len(tags) AS tags, cables, len("references") AS "references", others, len(other_references) AS other_references
FROM fact_cable
LEFT JOIN item USING (cable_key)
FULL JOIN cable_list USING (cable_key)
WHERE tag_count IS DISTINCT FROM len(tags)
    OR coalesce(cables, 0) IS DISTINCT FROM len("references")
    OR coalesce(others, 0) IS DISTINCT FROM len(other_references)
    OR action_addressee_count IS DISTINCT FROM len(action_addressees)
    OR info_addressee_count IS DISTINCT FROM len(info_addressees);
