-- One row per item on a REF line; is_held tells whether that telegram is in this warehouse.
CREATE OR REPLACE VIEW reference AS
SELECT
    fact_cable.mrn,
    fact_reference.position,
    fact_reference.letter,
    fact_reference.kind,
    fact_reference.referenced_mrn,
    CASE WHEN dim_post.post_key >= 0 THEN dim_post.post_name END AS referenced_post_name,
    fact_reference.raw_text,
    fact_reference.referenced_cable_key >= 0 AS is_held
FROM fact_reference
JOIN fact_cable USING (cable_key)
LEFT JOIN dim_post ON dim_post.post_key = fact_reference.referenced_post_key;
