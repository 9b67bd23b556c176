-- The schemas of the way back itself, given as $1, and their functions, each with the version of its row. Names are not quoted, which
-- would be a matter of the session's settings.
SELECT 'schema ' || n.nspname, n.oid::bigint, n.xmin::text
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname = ANY ($1)
UNION ALL
SELECT 'function ' || n.nspname || '.' || p.proname, p.oid::bigint, p.xmin::text
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = ANY ($1)
