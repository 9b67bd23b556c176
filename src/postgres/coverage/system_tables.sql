-- Which of the names are tables of the server's own. $1 are their schemas, $2 the names.
SELECT DISTINCT c.oid, n.nspname || '.' || c.relname
FROM unnest($1::text[], $2::text[]) AS w (schema, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema AND n.nspname IN ('pg_catalog', 'information_schema')
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind = 'r'
WHERE c.oid <> 'pg_catalog.pg_largeobject'::regclass
ORDER BY 2
