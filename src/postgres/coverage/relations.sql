-- Every relation that holds rows, with what this transaction wrote to it so far. Of the system's own only large objects.
SELECT c.oid,
       n.nspname::text,
       c.relname::text,
       c.relkind = 'f',
       c.relfilenode,
       pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid),
       pg_catalog.pg_stat_get_xact_tuples_updated(c.oid),
       pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid),
       ARRAY(
           WITH RECURSIVE above (oid) AS (
               SELECT i.inhparent FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid
               UNION
               SELECT i.inhparent FROM above JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = above.oid
           )
           SELECT above.oid FROM above
       ),
       c.relkind <> 'f' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_depend AS e
           WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'f')
  AND (n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') OR c.oid = 'pg_catalog.pg_largeobject'::regclass)
  AND n.nspname !~ '^pg_(toast_)?temp_'
