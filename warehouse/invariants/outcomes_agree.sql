-- What the latest run says of a document is the status that the document has, or its file could not be read.
SELECT document_key, outcome, status
FROM fact_ingest
JOIN dim_document USING (document_key)
WHERE ingested_at = (SELECT max(ingested_at) FROM fact_ingest)
    AND outcome <> status
    AND NOT (outcome = 'unchanged' AND status IN ('loaded', 'duplicate', 'superseded'))
    AND NOT (outcome = 'rejected' AND reason LIKE '%; what was loaded from it before stays');
