-- Which fields of each telegram were read. A column per field, true or false, never null: the
-- fill rates are counted from it, and it tells which telegrams lack a field.
CREATE OR REPLACE TABLE cable_filled AS
WITH person AS (
    SELECT
        cable_key,
        bool_or(role = 'drafter') AS drafters,
        bool_or(role = 'approver') AS approvers,
        bool_or(role = 'clearer') AS clearers
    FROM bridge_cable_person
    GROUP BY cable_key
),
paragraph AS (
    SELECT
        cable_key,
        bool_or(number IS NOT NULL) AS paragraph_numbers,
        bool_or(portion_marking IS NOT NULL) AS portion_marking,
        bool_or(len(portion_caveats) > 0) AS portion_caveats,
        bool_or(section IS NOT NULL) AS section,
        bool_or(kind = 'comment') AS comments,
        bool_or(kind = 'note') AS notes,
        bool_or(kind = 'action_request') AS action_requests,
        bool_or(redaction_count > 0) AS redactions
    FROM fact_paragraph
    GROUP BY cable_key
)
SELECT
    fact_cable.cable_key,
    NOT is_mrn_invented AS mrn,
    sent_at IS NOT NULL AS sent_at,
    date_time_group IS NOT NULL AS date_time_group,
    origin_post_key >= 0 AS post_code,
    originator IS NOT NULL AS originator,
    classification_key >= 0 AS classification,
    len(caveats) > 0 AS caveats,
    precedence IS NOT NULL AS precedence,
    transmission_id IS NOT NULL AS transmission_id,
    operating_signal IS NOT NULL AS operating_signal,
    section_count IS NOT NULL AS section_count,
    executive_order IS NOT NULL AS executive_order,
    declassify_on IS NOT NULL AS declassify_on,
    declassify_instruction IS NOT NULL AS declassify_instruction,
    subject IS NOT NULL AS subject,
    subject_marking IS NOT NULL AS subject_marking,
    summary IS NOT NULL AS summary,
    len(tags) > 0 AS tags,
    len("references") > 0 AS "references",
    len(other_references) > 0 AS other_references,
    len(action_addressees) > 0 AS action_addressees,
    len(info_addressees) > 0 AS info_addressees,
    len(exempt_addressees) > 0 AS exempt_addressees,
    classified_by IS NOT NULL AS classified_by,
    classified_by_title IS NOT NULL AS classified_by_title,
    len(reasons) > 0 AS reasons,
    len(signers) > 0 AS signers,
    coalesce(drafters, false) AS drafters,
    coalesce(approvers, false) AS approvers,
    coalesce(clearers, false) AS clearers,
    paragraph_count > 0 AS paragraphs,
    coalesce(paragraph_numbers, false) AS paragraph_numbers,
    coalesce(portion_marking, false) AS portion_marking,
    coalesce(portion_caveats, false) AS portion_caveats,
    coalesce(section, false) AS section,
    coalesce(comments, false) AS comments,
    coalesce(notes, false) AS notes,
    coalesce(action_requests, false) AS action_requests,
    coalesce(redactions, false) AS redactions,
    cable_key IN (SELECT cable_key FROM cable_attribute) AS attributes
FROM fact_cable
JOIN cable_list USING (cable_key)
LEFT JOIN person USING (cable_key)
LEFT JOIN paragraph USING (cable_key);
