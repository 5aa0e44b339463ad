-- One row per paragraph, with what is needed to quote it.
CREATE OR REPLACE VIEW paragraph AS
SELECT
    fact_cable.mrn,
    fact_cable.sent_at,
    CASE WHEN dim_post.post_key >= 0 THEN dim_post.post_name END AS post_name,
    fact_paragraph.position,
    fact_paragraph.number,
    fact_paragraph.portion_marking,
    CASE WHEN fact_paragraph.classification_key >= 0 THEN dim_classification.level END AS classification,
    fact_paragraph.portion_caveats,
    fact_paragraph.section,
    fact_paragraph.kind,
    fact_paragraph.text,
    fact_paragraph.word_count,
    fact_paragraph.redaction_count,
    fact_paragraph.redactions
FROM fact_paragraph
JOIN fact_cable USING (cable_key)
LEFT JOIN dim_post ON dim_post.post_key = fact_cable.origin_post_key
LEFT JOIN dim_classification
    ON dim_classification.classification_key = fact_paragraph.classification_key;
