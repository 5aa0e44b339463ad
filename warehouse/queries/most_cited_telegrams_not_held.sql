-- The telegrams that others refer to most and that are missing here.
SELECT referenced_mrn, referenced_post_name, count(DISTINCT mrn) AS cited_by
FROM reference
WHERE kind = 'cable' AND NOT is_held
GROUP BY ALL
ORDER BY cited_by DESC, referenced_mrn
LIMIT 20;
