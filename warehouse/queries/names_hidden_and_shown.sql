-- Names that one version of a telegram hides and another shows.
SELECT mrn, position, array_to_string(hidden_words, '; ') AS names, hidden_in, shown_in
FROM redaction_diff
WHERE how = 'names removed'
ORDER BY mrn, position, hidden_in
LIMIT 50;
