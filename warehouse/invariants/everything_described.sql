-- Every table, view and column has a comment, and every column names the raw element it comes from.
SELECT table_name, column_name
FROM data_dictionary
WHERE comment IS NULL OR comment = '' OR source IS NULL;
