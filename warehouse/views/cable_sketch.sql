-- The eight smallest hashes of the longer sentences of each telegram. Two telegrams with nearly the
-- same text have most of them in common: a cheap look for near_duplicate, at which only those that
-- share some are compared. DuckDB's hash is fixed by its version, and another version builds all anew.
CREATE OR REPLACE TABLE cable_sketch AS
SELECT cable_key, min(hash(sentence), 8) AS sketch
FROM (SELECT cable_key, unnest(string_split(text, '. ')) AS sentence FROM fact_paragraph)
WHERE length(sentence) >= 40
GROUP BY cable_key;
