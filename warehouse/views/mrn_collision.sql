-- Different telegrams under one message reference number. The one sent first keeps the number, the
-- others have #2, #3 … behind it; word_share tells how much of the shorter one's longer words also
-- stand in the first.
CREATE OR REPLACE VIEW mrn_collision AS
WITH collided AS (
    SELECT
        cable_key,
        mrn,
        split_part(mrn, '#', 1) AS number,
        coalesce(try_cast(nullif(split_part(mrn, '#', 2), '') AS INTEGER), 1) AS place,
        sent_at,
        subject,
        word_count
    FROM fact_cable
    WHERE split_part(mrn, '#', 1) IN (SELECT split_part(mrn, '#', 1) FROM fact_cable WHERE contains(mrn, '#'))
),
spoken AS (
    SELECT
        cable_key,
        arg_min(text, position) AS opening,
        list_distinct(flatten(list(regexp_extract_all(upper(text), '\w{5,}')))) AS words
    FROM fact_paragraph
    WHERE cable_key IN (SELECT cable_key FROM collided)
    GROUP BY cable_key
),
document AS (
    SELECT cable_key, count(*)::INTEGER AS document_count, list(uri ORDER BY version_rank, uri) AS uris
    FROM cable_version
    JOIN dim_document USING (document_key, cable_key)
    WHERE cable_key IN (SELECT cable_key FROM collided)
    GROUP BY cable_key
)
SELECT
    collided.number,
    collided.place,
    collided.mrn,
    collided.sent_at,
    collided.subject,
    left(spoken.opening, 200) AS opening,
    collided.word_count,
    CASE WHEN collided.place > 1 AND len(spoken.words) > 0 AND len(first_words.words) > 0
        THEN len(list_intersect(spoken.words, first_words.words))
            / least(len(spoken.words), len(first_words.words))
    END AS word_share,
    document.document_count,
    document.uris
FROM collided
JOIN collided AS first_one ON first_one.number = collided.number AND first_one.place = 1
LEFT JOIN spoken ON spoken.cable_key = collided.cable_key
LEFT JOIN spoken AS first_words ON first_words.cable_key = first_one.cable_key
LEFT JOIN document ON document.cable_key = collided.cable_key
ORDER BY collided.number, collided.place;
