-- Telegrams with nearly the same text under different numbers, side by side, the first sent on top.
CREATE OR REPLACE VIEW near_duplicates AS
SELECT
    first_one.mrn AS first_mrn,
    fact_cable.mrn,
    near_duplicate.similarity,
    near_duplicate.group_size,
    fact_cable.sent_at,
    CASE WHEN dim_post.post_key >= 0 THEN dim_post.post_name END AS post_name,
    fact_cable.subject,
    fact_cable.word_count,
    fact_cable.operating_signal
FROM near_duplicate
JOIN fact_cable USING (cable_key)
JOIN fact_cable AS first_one ON first_one.cable_key = near_duplicate.first_cable_key
LEFT JOIN dim_post ON dim_post.post_key = fact_cable.origin_post_key
ORDER BY first_mrn, fact_cable.sent_at, fact_cable.mrn;
