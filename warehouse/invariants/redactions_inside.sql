-- Every removed name lies inside the text of its paragraph.
SELECT cable_key, position, length(text) AS characters, redactions
FROM fact_paragraph
WHERE len(redactions) > 0 AND list_max([x.start + x.length FOR x IN redactions]) > length(text);
