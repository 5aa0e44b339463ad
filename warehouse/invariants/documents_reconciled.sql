-- Every document has one status, and is the document of a telegram (or a section of it) exactly when it is loaded.
SELECT document_key, status, dim_document.cable_key, fact_cable.cable_key AS loaded_cable_key
FROM dim_document
LEFT JOIN fact_cable USING (document_key)
LEFT JOIN cable_version USING (document_key)
WHERE document_key <> -1
    AND (
        status NOT IN ('loaded', 'duplicate', 'superseded', 'rejected', 'removed')
        OR (status <> 'loaded' AND fact_cable.cable_key IS NOT NULL)
        OR (status = 'loaded' AND fact_cable.cable_key IS NULL AND relation IS DISTINCT FROM 'section')
        OR (status = 'loaded' AND dim_document.cable_key <> fact_cable.cable_key)
        OR (status IN ('duplicate', 'superseded') AND dim_document.cable_key = -1)
        OR (status IN ('rejected', 'removed') AND dim_document.cable_key <> -1)
        OR (status <> 'loaded' AND status_reason IS NULL)
    );
