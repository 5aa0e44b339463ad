-- How long after a telegram others refer to it, by the station that sent it.
SELECT
    dim_post.post_name,
    count(*) AS citations,
    median(date_diff('hour', cited.sent_at, citing.sent_at)) / 24 AS median_days
FROM fact_reference
JOIN fact_cable AS citing ON citing.cable_key = fact_reference.cable_key
JOIN fact_cable AS cited ON cited.cable_key = fact_reference.referenced_cable_key
JOIN dim_post ON dim_post.post_key = cited.origin_post_key
GROUP BY ALL
ORDER BY citations DESC, dim_post.post_name
LIMIT 20;
