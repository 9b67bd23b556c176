-- $1, $2: schemas and names of relations. Those that belong to one of our roles.
SELECT n.nspname::text, c.relname::text
FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS r(schema_name, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = r.schema_name
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = r.name
WHERE pg_catalog.pg_has_role(c.relowner, 'USAGE')
