-- The newest telegrams: when, from where, how classified, on what.
SELECT mrn, sent_at, post_name, classification, tags, subject
FROM cable
ORDER BY sent_at DESC NULLS LAST, mrn
LIMIT 10;
