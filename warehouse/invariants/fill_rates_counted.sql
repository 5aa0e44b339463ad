-- Every telegram is counted once in the fill rates of each field, and the rates are what they say.
WITH counted AS (
    SELECT field, sum(cable_count) AS cables, sum(filled_count) AS filled
    FROM quality_fill_rate
    GROUP BY field
)
SELECT field, cables, filled, NULL AS fill_rate
FROM counted
WHERE cables <> (SELECT count(*) FROM cable_filled) OR cables <> (SELECT count(*) FROM fact_cable)
UNION ALL
SELECT field, cable_count, filled_count, fill_rate
FROM quality_fill_rate
WHERE filled_count > cable_count OR abs(fill_rate * cable_count - filled_count) > 1e-6;
