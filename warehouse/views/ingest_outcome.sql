-- One row per source document and run: what became of it.
CREATE OR REPLACE VIEW ingest_outcome AS
SELECT
    fact_ingest.run_id,
    fact_ingest.ingested_at,
    fact_ingest.ingested_at = (SELECT max(ingested_at) FROM fact_ingest) AS is_latest_run,
    dim_document.uri,
    dim_document.member,
    dim_document.dialect,
    fact_ingest.outcome,
    fact_ingest.reason,
    fact_cable.mrn
FROM fact_ingest
JOIN dim_document USING (document_key)
LEFT JOIN fact_cable ON fact_cable.cable_key = dim_document.cable_key;
