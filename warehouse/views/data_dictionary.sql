-- Every table, view and column. A comment ends with the raw element: "… Source: TAGS line."
-- The file may be attached under any name, so it looks for the database that has this view.
CREATE OR REPLACE VIEW data_dictionary AS
WITH described AS (
    SELECT database_name, table_name, NULL AS column_name, 'TABLE' AS data_type, comment, 0 AS position
    FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal
    UNION ALL
    SELECT database_name, view_name, NULL, 'VIEW', comment, 0
    FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal
    UNION ALL
    SELECT database_name, table_name, column_name, data_type, comment, column_index
    FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal
)
SELECT
    table_name,
    column_name,
    data_type,
    regexp_replace(comment, ' Source: .*$', '') AS comment,
    nullif(regexp_extract(comment, ' Source: (.*)\.$', 1), '') AS source
FROM described
WHERE database_name IN (SELECT database_name FROM duckdb_views() WHERE view_name = 'data_dictionary')
ORDER BY table_name, position;
