-- Every removed name of a paragraph has its place: counted, in order, none over another.
WITH spot AS (
    SELECT
        cable_key,
        position,
        redaction_count,
        len(redactions) AS places,
        [x.start FOR x IN redactions] AS starts,
        [x.start + x.length FOR x IN redactions] AS ends
    FROM fact_paragraph
    WHERE redaction_count > 0 OR len(redactions) > 0
)
SELECT *
FROM spot
WHERE redaction_count <> places
    OR list_min(starts) < 0
    OR len([x FOR x, i IN ends IF x <= starts[i] OR x > starts[i + 1]]) > 0;
