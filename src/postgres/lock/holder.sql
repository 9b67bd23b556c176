-- Who holds the run lock of this database: a session that shows it by its lock, and whose role may write the journal. Any role may take
-- an advisory lock; those of others count for nothing. Programs of before hold one with a fixed key.
SELECT a.pid,
       a.usename::text,
       a.application_name,
       host(a.client_addr),
       to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory'
  AND l.granted
  AND l.classid = 1650549611
  AND (l.objsubid = 2 OR l.objsubid = 1 AND l.objid = 1937010544)
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
  AND l.pid <> pg_backend_pid()
  AND EXISTS (SELECT FROM pg_catalog.pg_roles AS r, pg_catalog.pg_class AS o JOIN pg_catalog.pg_namespace AS n ON n.oid = o.relnamespace
              WHERE n.nspname = 'backstop' AND o.relname = 'owner'
                AND pg_has_role(a.usesysid, r.oid, 'MEMBER') AND has_table_privilege(r.oid, o.oid, 'UPDATE'))
LIMIT 1
