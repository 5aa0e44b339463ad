-- Every row of every table has a key of its own (of fact_ingest, those of the latest run: the others were held to it then).
SELECT 'dim_date' AS table_name, count(*) AS row_count, count(DISTINCT date_key) AS key_count FROM dim_date HAVING row_count <> key_count
UNION ALL SELECT 'dim_post', count(*) AS r, count(DISTINCT post_key) AS k FROM dim_post HAVING r <> k
UNION ALL SELECT 'dim_classification', count(*) AS r, count(DISTINCT classification_key) AS k FROM dim_classification HAVING r <> k
UNION ALL SELECT 'dim_reason', count(*) AS r, count(DISTINCT reason_key) AS k FROM dim_reason HAVING r <> k
UNION ALL SELECT 'dim_caveat', count(*) AS r, count(DISTINCT caveat_key) AS k FROM dim_caveat HAVING r <> k
UNION ALL SELECT 'dim_tag', count(*) AS r, count(DISTINCT tag_key) AS k FROM dim_tag HAVING r <> k
UNION ALL SELECT 'dim_person', count(*) AS r, count(DISTINCT person_key) AS k FROM dim_person HAVING r <> k
UNION ALL SELECT 'dim_addressee', count(*) AS r, count(DISTINCT addressee_key) AS k FROM dim_addressee HAVING r <> k
UNION ALL SELECT 'dim_document', count(*) AS r, count(DISTINCT document_key) AS k FROM dim_document HAVING r <> k
UNION ALL SELECT 'fact_cable', count(*) AS r, count(DISTINCT cable_key) AS k FROM fact_cable HAVING r <> k
UNION ALL SELECT 'fact_paragraph', count(*) AS r, count(DISTINCT (cable_key, position)) AS k FROM fact_paragraph HAVING r <> k
UNION ALL SELECT 'fact_reference', count(*) AS r, count(DISTINCT (cable_key, position)) AS k FROM fact_reference HAVING r <> k
UNION ALL SELECT 'fact_addressee', count(*) AS r, count(DISTINCT (cable_key, position)) AS k FROM fact_addressee HAVING r <> k
UNION ALL SELECT 'fact_field_agreement', count(*) AS r, count(DISTINCT (cable_key, field)) AS k FROM fact_field_agreement HAVING r <> k
UNION ALL SELECT 'fact_ingest', count(*) AS r, count(DISTINCT (run_id, document_key)) AS k FROM fact_ingest WHERE ingested_at = (SELECT max(ingested_at) FROM fact_ingest) HAVING r <> k
UNION ALL SELECT 'bridge_cable_tag', count(*) AS r, count(DISTINCT (cable_key, tag_key)) AS k FROM bridge_cable_tag HAVING r <> k
UNION ALL SELECT 'bridge_cable_caveat', count(*) AS r, count(DISTINCT (cable_key, caveat_key)) AS k FROM bridge_cable_caveat HAVING r <> k
UNION ALL SELECT 'bridge_cable_reason', count(*) AS r, count(DISTINCT (cable_key, reason_key)) AS k FROM bridge_cable_reason HAVING r <> k
UNION ALL SELECT 'bridge_cable_person', count(*) AS r, count(DISTINCT (cable_key, person_key, role)) AS k FROM bridge_cable_person HAVING r <> k
UNION ALL SELECT 'cable_review', count(*) AS r, count(DISTINCT (cable_key, position)) AS k FROM cable_review HAVING r <> k
UNION ALL SELECT 'cable_attribute', count(*) AS r, count(DISTINCT (cable_key, position)) AS k FROM cable_attribute HAVING r <> k
UNION ALL SELECT 'cable_version', count(*) AS r, count(DISTINCT document_key) AS k FROM cable_version HAVING r <> k
UNION ALL SELECT 'version_paragraph', count(*) AS r, count(DISTINCT (document_key, position)) AS k FROM version_paragraph HAVING r <> k
UNION ALL SELECT 'cable_list', count(*) AS r, count(DISTINCT cable_key) AS k FROM cable_list HAVING r <> k
UNION ALL SELECT 'cable_filled', count(*) AS r, count(DISTINCT cable_key) AS k FROM cable_filled HAVING r <> k
UNION ALL SELECT 'cable_sketch', count(*) AS r, count(DISTINCT cable_key) AS k FROM cable_sketch HAVING r <> k
UNION ALL SELECT 'near_duplicate', count(*) AS r, count(DISTINCT cable_key) AS k FROM near_duplicate HAVING r <> k
UNION ALL SELECT 'quality_fill_rate', count(*) AS r, count(DISTINCT (dialect, decade, field)) AS k FROM quality_fill_rate HAVING r <> k;
