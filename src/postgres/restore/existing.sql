-- $1, $2: schemas and names. A view of the same name is no table.
SELECT n.nspname::text, c.relname::text
FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS t(schema_name, table_name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema_name
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.table_name
WHERE c.relkind IN ('r', 'p')
