-- The locks on relations that this session holds and that a reader would not need.
SELECT l.relation, l.mode
FROM pg_catalog.pg_locks AS l
WHERE l.pid = pg_catalog.pg_backend_pid()
  AND l.locktype = 'relation'
  AND l.granted
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
