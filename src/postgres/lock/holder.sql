-- Who holds the run lock of this database. $1 is its key.
SELECT a.pid,
       a.usename::text,
       a.application_name,
       host(a.client_addr),
       to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       -- Where there is no journal yet, who could make one.
       coalesce(has_table_privilege(a.usesysid, to_regclass('backstop.owner'), 'UPDATE'),
                has_database_privilege(a.usesysid, a.datid, 'CREATE'))
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory'
  AND l.granted
  AND l.objsubid = 1
  AND l.classid = ($1::bigint >> 32)::oid
  AND l.objid = ($1::bigint & 4294967295)::oid
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
LIMIT 1
