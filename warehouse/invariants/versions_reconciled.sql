-- Every readable document is one version of its telegram, exactly one is current, and that is the one it is loaded from.
SELECT 'a document without its version' AS problem, document_key, cable_key
FROM dim_document ANTI JOIN cable_version USING (document_key, cable_key)
WHERE status IN ('loaded', 'duplicate', 'superseded')
UNION ALL
SELECT 'a version of no such document', document_key, cable_key
FROM cable_version ANTI JOIN dim_document
    ON dim_document.document_key = cable_version.document_key
    AND dim_document.cable_key = cable_version.cable_key
    AND dim_document.sha256 IS NOT DISTINCT FROM cable_version.sha256
UNION ALL
SELECT 'not loaded from its current version', fact_cable.document_key, fact_cable.cable_key
FROM fact_cable
LEFT JOIN cable_version ON cable_version.cable_key = fact_cable.cable_key AND version_rank = 1
WHERE cable_version.document_key IS DISTINCT FROM fact_cable.document_key
    OR cable_version.mrn <> fact_cable.mrn
UNION ALL
SELECT 'current is another than the first', document_key, cable_key
FROM cable_version
WHERE is_current <> (version_rank = 1) OR is_current <> (relation = 'current')
UNION ALL
SELECT 'ranks with a gap', NULL, cable_key
FROM cable_version
GROUP BY cable_key
HAVING max(version_rank) <> count(*) OR count(DISTINCT version_rank) <> count(*)
UNION ALL
SELECT 'a paragraph of no such version', document_key, cable_key
FROM version_paragraph ANTI JOIN cable_version USING (document_key, cable_key)
UNION ALL
SELECT 'a paragraph that the current version does not have', document_key, cable_key
FROM (
    SELECT document_key, cable_key, current_position AS position FROM version_paragraph
    WHERE current_position IS NOT NULL
    UNION ALL
    SELECT document_key, cable_key, unnest(paragraphs_lacking) FROM cable_version
)
ANTI JOIN fact_paragraph USING (cable_key, position)
UNION ALL
SELECT 'paragraphs that were counted otherwise', document_key, cable_version.cable_key
FROM cable_version
LEFT JOIN (
    SELECT document_key, count(*) AS found, count(*) FILTER (WHERE current_position IS NULL) AS added
    FROM version_paragraph GROUP BY document_key
) USING (document_key)
WHERE coalesce(found, 0) <> paragraphs_added + paragraphs_changed OR coalesce(added, 0) <> paragraphs_added;
