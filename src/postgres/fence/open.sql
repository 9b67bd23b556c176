-- The tables where the run's fence is not, or not any more, up. $1: the trigger's name; $2, $3: schemas and names of the
-- tables that should have it. A table that has it keeps it, whatever it is called now.
SELECT n.nspname::text, c.relname::text, t.oid IS NOT NULL
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = c.oid AND t.tgname = $1 AND NOT t.tgisinternal
WHERE c.relkind IN ('r', 'p')
  AND (t.oid IS NOT NULL OR (n.nspname::text, c.relname::text) IN (SELECT * FROM unnest($2::text[], $3::text[])))
  AND t.tgenabled IS DISTINCT FROM 'A'
ORDER BY 1, 2
