-- The tables that this transaction may have written to, or locked more strongly, with the tables that they are parts of. Rows of
-- a partitioned table lie in its partitions, those of a view in its tables.
SELECT c.oid,
       n.nspname::text,
       c.relname::text,
       l.mode,
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
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.pid = pg_catalog.pg_backend_pid()
  AND l.locktype = 'relation'
  AND l.granted
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
  AND (c.relkind IN ('r', 'm', 'f') OR l.mode <> 'RowExclusiveLock')
  AND (n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') OR c.oid = 'pg_catalog.pg_largeobject'::regclass)
  AND n.nspname !~ '^pg_(toast_)?temp_'
