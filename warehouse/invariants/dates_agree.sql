-- The day keys of a telegram are the days of its times.
SELECT cable_key, sent_at, sent_date_key, declassify_on, declassify_date_key
FROM fact_cable
WHERE sent_date_key <> coalesce(strftime(sent_at, '%Y%m%d')::INTEGER, -1)
    OR declassify_date_key <> coalesce(strftime(declassify_on, '%Y%m%d')::INTEGER, -1);
