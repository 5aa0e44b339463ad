-- In how many telegrams each field was read, by form of the document and decade of sending.
CREATE OR REPLACE TABLE quality_fill_rate AS
WITH filled AS (
    SELECT
        dialect,
        coalesce(year(fact_cable.sent_at) // 10 * 10, -1)::SMALLINT AS decade,
        cable_filled.* EXCLUDE (cable_key)
    FROM cable_filled
    JOIN fact_cable USING (cable_key)
    JOIN dim_document USING (document_key)
),
counted AS (
    -- Each count keeps its column's name, \0, which becomes the field's name below.
    SELECT
        dialect,
        decade,
        count(*)::INTEGER AS cable_count,
        count_if(COLUMNS(* EXCLUDE (dialect, decade)))::INTEGER AS "\0"
    FROM filled
    GROUP BY dialect, decade
),
field AS (
    UNPIVOT counted ON COLUMNS(* EXCLUDE (dialect, decade, cable_count))
    INTO NAME field VALUE filled_count
)
SELECT dialect, decade, field, cable_count, filled_count, filled_count / cable_count AS fill_rate
FROM field
ORDER BY dialect, decade, field;
