-- $1, $2: schemas and names. Nothing here waits for a lock on the tables. Row security is looked at as if row_security were on: where it is active, a copy would either
-- hold fewer rows or fail.
SELECT t.schema_name,
       t.table_name,
       c.oid IS NOT NULL,
       coalesce(c.relkind IN ('r', 'p') AND c.relpersistence <> 't', false),
       coalesce(pg_catalog.has_table_privilege(c.oid, 'SELECT')
                AND pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false),
       coalesce(pg_catalog.row_security_active(c.oid), false)
FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS t(schema_name, table_name)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema_name
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.table_name
ORDER BY 1, 2
