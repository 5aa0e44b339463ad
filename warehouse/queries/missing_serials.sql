-- Serials restart each year at each station, so gaps estimate how much of the traffic is missing.
WITH numbered AS (
    SELECT post_name, left(mrn, 2) AS year, regexp_extract(mrn, '(\d+)$', 1)::BIGINT AS serial
    FROM cable
    WHERE post_code IS NOT NULL
)
SELECT
    post_name,
    year,
    count(*) AS held,
    max(serial) AS highest_serial,
    round(100.0 * count(*) / max(serial), 1) AS percent_held
FROM numbered
GROUP BY ALL
HAVING highest_serial > 0
ORDER BY held DESC, post_name, year
LIMIT 20;
