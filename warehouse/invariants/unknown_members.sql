-- Every dimension has the member -1, and fact_cable has none.
SELECT 'dim_date' AS table_name, count(*) AS row_count FROM dim_date WHERE date_key = -1 HAVING row_count <> 1
UNION ALL SELECT 'dim_post', count(*) AS n FROM dim_post WHERE post_key = -1 HAVING n <> 1
UNION ALL SELECT 'dim_classification', count(*) AS n FROM dim_classification WHERE classification_key = -1 HAVING n <> 1
UNION ALL SELECT 'dim_reason', count(*) AS n FROM dim_reason WHERE reason_key = -1 HAVING n <> 1
UNION ALL SELECT 'dim_caveat', count(*) AS n FROM dim_caveat WHERE caveat_key = -1 HAVING n <> 1
UNION ALL SELECT 'dim_tag', count(*) AS n FROM dim_tag WHERE tag_key = -1 HAVING n <> 1
UNION ALL SELECT 'dim_person', count(*) AS n FROM dim_person WHERE person_key = -1 HAVING n <> 1
UNION ALL SELECT 'dim_addressee', count(*) AS n FROM dim_addressee WHERE addressee_key = -1 HAVING n <> 1
UNION ALL SELECT 'dim_document', count(*) AS n FROM dim_document WHERE document_key = -1 HAVING n <> 1
UNION ALL SELECT 'fact_cable', count(*) AS n FROM fact_cable WHERE cable_key < 0 HAVING n <> 0;
