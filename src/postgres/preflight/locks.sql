-- Sessions that hold locks on the targets which a run would have to wait for. $1 are their oids.
SELECT n.nspname || '.' || c.relname || ' is locked (' || string_agg(DISTINCT l.mode, ', ') || ') by pid ' || a.pid
       || coalesce(', role ' || a.usename, '')
       || coalesce(', application ' || nullif(a.application_name, ''), '')
       || coalesce(', ' || a.state || ' for ' || extract(epoch FROM clock_timestamp() - a.state_change)::bigint || 's', '')
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.locktype = 'relation'
  AND l.relation = ANY ($1::oid[])
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
  AND l.granted
  AND l.pid <> pg_catalog.pg_backend_pid()
  AND (l.mode NOT IN ('AccessShareLock', 'RowShareLock') OR a.state LIKE 'idle in transaction%')
GROUP BY n.nspname, c.relname, a.pid, a.usename, a.application_name, a.state, a.state_change
ORDER BY 1
LIMIT 10
