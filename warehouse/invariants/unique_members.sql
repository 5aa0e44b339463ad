-- Two members of a dimension never have the same natural key (else one thing has two keys).
SELECT 'dim_post' AS table_name, min(post_key) AS a_key, max(post_key) AS another_key FROM dim_post GROUP BY post_code HAVING count(*) > 1
UNION ALL SELECT 'dim_classification', min(classification_key), max(classification_key) FROM dim_classification GROUP BY level HAVING count(*) > 1
UNION ALL SELECT 'dim_reason', min(reason_key), max(reason_key) FROM dim_reason GROUP BY executive_order, reason HAVING count(*) > 1
UNION ALL SELECT 'dim_caveat', min(caveat_key), max(caveat_key) FROM dim_caveat GROUP BY caveat HAVING count(*) > 1
UNION ALL SELECT 'dim_tag', min(tag_key), max(tag_key) FROM dim_tag GROUP BY tag HAVING count(*) > 1
UNION ALL SELECT 'dim_person', min(person_key), max(person_key) FROM dim_person GROUP BY full_name HAVING count(*) > 1
UNION ALL SELECT 'dim_addressee', min(addressee_key), max(addressee_key) FROM dim_addressee GROUP BY name, routing_indicator HAVING count(*) > 1
UNION ALL SELECT 'dim_document', min(document_key), max(document_key) FROM dim_document GROUP BY uri, member HAVING count(*) > 1
UNION ALL SELECT 'fact_cable', min(cable_key), max(cable_key) FROM fact_cable GROUP BY mrn HAVING count(*) > 1;
