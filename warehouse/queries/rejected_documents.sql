-- Documents that the last run could not read, and why.
SELECT uri, member, reason
FROM ingest_outcome
WHERE is_latest_run AND outcome = 'rejected'
ORDER BY uri, member;
