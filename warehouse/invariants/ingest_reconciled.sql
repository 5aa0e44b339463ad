-- In the latest run (earlier ones were held to it then): documents in = loaded + unchanged + duplicate + superseded + rejected, each with its reason.
WITH outcome AS (
    SELECT
        run_id,
        count(DISTINCT document_key) AS documents,
        count(*) FILTER (WHERE outcome = 'loaded') AS loaded,
        count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged,
        count(*) FILTER (WHERE outcome = 'duplicate') AS duplicate,
        count(*) FILTER (WHERE outcome = 'superseded') AS superseded,
        count(*) FILTER (WHERE outcome = 'rejected') AS rejected,
        count(*) FILTER (WHERE outcome <> 'loaded' AND reason IS NULL) AS without_reason,
        count(DISTINCT ingested_at) AS times
    FROM fact_ingest
    WHERE ingested_at = (SELECT max(ingested_at) FROM fact_ingest)
    GROUP BY run_id
)
SELECT *
FROM outcome
WHERE documents <> loaded + unchanged + duplicate + superseded + rejected
    OR without_reason > 0
    OR times <> 1;
