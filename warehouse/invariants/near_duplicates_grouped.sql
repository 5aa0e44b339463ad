-- A group of near duplicates has at least two telegrams that are held, and its first one is in it.
SELECT first_cable_key, count(*) AS found, min(group_size) AS group_size
FROM near_duplicate
LEFT JOIN fact_cable USING (cable_key)
GROUP BY first_cable_key
HAVING count(*) < 2
    OR count(*) <> min(group_size)
    OR count(*) <> max(group_size)
    OR count(fact_cable.cable_key) <> count(*)
    OR count(*) FILTER (WHERE cable_key = first_cable_key AND similarity = 1) <> 1;
