-- What attributes and body say fits the verdict: one is empty, the other is empty, or neither is.
SELECT cable_key, field, agreement, body_value IS NULL AS no_body, attribute_value IS NULL AS no_attribute
FROM fact_field_agreement
WHERE agreement <> CASE
    WHEN body_value IS NULL AND attribute_value IS NULL THEN 'neither'
    WHEN attribute_value IS NULL THEN 'body_only'
    WHEN body_value IS NULL THEN 'attribute_only'
    WHEN agreement = 'agree' THEN 'agree'
    ELSE 'differ'
END;
