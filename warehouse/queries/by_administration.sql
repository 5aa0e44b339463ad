-- Telegrams and their length under each Secretary of State.
SELECT
    dim_date.president,
    dim_date.secretary_of_state,
    count(*) AS telegrams,
    median(fact_cable.word_count)::INTEGER AS median_words,
    round(100.0 * avg((fact_cable.classification_key >= 2)::INTEGER), 1) AS percent_classified
FROM fact_cable
JOIN dim_date ON dim_date.date_key = fact_cable.sent_date_key
GROUP BY ALL
ORDER BY min(fact_cable.sent_at);
