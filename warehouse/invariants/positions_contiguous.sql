-- Paragraphs, references, addressees, attributes and TAGS of a telegram are numbered 1, 2, 3 … without a gap.
SELECT 'fact_paragraph' AS table_name, cable_key, count(*) AS row_count, min(position) AS first_position, max(position) AS last_position
FROM fact_paragraph GROUP BY cable_key HAVING first_position <> 1 OR last_position <> row_count
UNION ALL SELECT 'fact_reference', cable_key, count(*) AS n, min(position) AS a, max(position) AS b
FROM fact_reference GROUP BY cable_key HAVING a <> 1 OR b <> n
UNION ALL SELECT 'fact_addressee', cable_key, count(*) AS n, min(position) AS a, max(position) AS b
FROM fact_addressee GROUP BY cable_key HAVING a <> 1 OR b <> n
UNION ALL SELECT 'cable_attribute', cable_key, count(*) AS n, min(position) AS a, max(position) AS b
FROM cable_attribute GROUP BY cable_key HAVING a <> 1 OR b <> n
UNION ALL SELECT 'bridge_cable_tag', cable_key, count(DISTINCT position) AS n, min(position) AS a, max(position) AS b
FROM bridge_cable_tag GROUP BY cable_key HAVING a <> 1 OR b <> count(*) OR n <> count(*);
