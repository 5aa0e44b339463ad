-- One row per telegram, nothing left to join. The member Unknown shows as null.
CREATE OR REPLACE VIEW cable AS
SELECT
    fact_cable.mrn,
    fact_cable.sent_at,
    CASE WHEN dim_post.post_key >= 0 THEN dim_post.post_name END AS post_name,
    CASE WHEN dim_post.post_key >= 0 THEN dim_post.post_code END AS post_code,
    dim_post.country_name,
    dim_post.country_code,
    CASE WHEN fact_cable.classification_key >= 0 THEN dim_classification.level END AS classification,
    cable_list.caveats,
    fact_cable.precedence,
    fact_cable.transmission_id,
    fact_cable.executive_order,
    fact_cable.declassify_on,
    fact_cable.declassify_instruction,
    fact_cable.subject,
    fact_cable.summary,
    cable_list.tags,
    cable_list."references",
    cable_list.other_references,
    cable_list.action_addressees,
    cable_list.info_addressees,
    cable_list.exempt_addressees,
    cable_list.classified_by,
    cable_list.classified_by_title,
    cable_list.reasons,
    cable_list.signers,
    fact_cable.operating_signal,
    fact_cable.is_partial_extract,
    fact_cable.paragraph_count,
    fact_cable.word_count,
    fact_cable.redaction_count,
    fact_cable.unrecognised_line_count,
    dim_document.dialect,
    dim_document.uri,
    dim_document.member
FROM fact_cable
LEFT JOIN cable_list USING (cable_key)
LEFT JOIN dim_post ON dim_post.post_key = fact_cable.origin_post_key
LEFT JOIN dim_classification USING (classification_key)
LEFT JOIN dim_document USING (document_key);
