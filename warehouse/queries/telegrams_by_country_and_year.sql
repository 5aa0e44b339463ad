-- Telegrams per country and year, by classification.
SELECT
    country_name,
    year(sent_at) AS year,
    count(*) AS telegrams,
    count(*) FILTER (WHERE classification = 'SECRET') AS secret,
    count(*) FILTER (WHERE classification = 'CONFIDENTIAL') AS confidential,
    count(*) FILTER (WHERE classification = 'UNCLASSIFIED') AS unclassified
FROM cable
GROUP BY ALL
ORDER BY telegrams DESC, country_name, year
LIMIT 20;
