-- A reference points to its telegram whenever that telegram is held, and to nothing else.
SELECT fact_reference.cable_key, position, referenced_cable_key, held.cable_key AS held_cable_key
FROM fact_reference
LEFT JOIN fact_cable AS held ON held.mrn = fact_reference.referenced_mrn
WHERE referenced_cable_key <> coalesce(held.cable_key, -1);
