-- Every relation that has rows, other sessions' temporary ones left out.
SELECT c.oid,
       n.nspname::text,
       c.relname::text,
       c.relkind,
       n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname <> 'pg_toast'
  AND (n.nspname !~ '^pg_temp_' OR n.oid = pg_catalog.pg_my_temp_schema())
ORDER BY n.nspname, c.relname
