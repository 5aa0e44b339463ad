-- Paragraphs marked above the level of their telegram: a marking error, or one of ours.
SELECT cable.mrn, cable.classification, paragraph.position, paragraph.portion_marking, paragraph.section
FROM paragraph
JOIN cable USING (mrn)
JOIN dim_classification AS portion ON portion.level = paragraph.classification
JOIN dim_classification AS whole ON whole.level = cable.classification
WHERE portion.level_rank > whole.level_rank
ORDER BY cable.mrn, paragraph.position
LIMIT 20;
