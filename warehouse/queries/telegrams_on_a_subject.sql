-- Telegrams on human rights (TAGS PHUM), newest first: what they say in their summary.
SELECT mrn, sent_at, post_name, classification, subject, summary
FROM cable
WHERE list_contains(tags, 'PHUM')
ORDER BY sent_at DESC
LIMIT 20;
