-- Who informs whom: sending station and info addressee.
SELECT
    dim_post.post_name AS sender,
    dim_addressee.name AS addressee,
    count(*) AS telegrams
FROM fact_addressee
JOIN fact_cable USING (cable_key)
JOIN dim_post ON dim_post.post_key = fact_cable.origin_post_key
JOIN dim_addressee USING (addressee_key)
WHERE fact_addressee.role = 'info' AND NOT fact_addressee.is_exempt
GROUP BY ALL
ORDER BY telegrams DESC, sender, addressee
LIMIT 20;
