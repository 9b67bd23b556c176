-- Who holds locks on tables. $1: their quoted names. A prepared transaction has no process.
SELECT t.name,
       l.mode,
       l.pid,
       a.usename::text,
       nullif(a.application_name, ''),
       a.state,
       extract(epoch FROM clock_timestamp() - a.xact_start)::bigint,
       left(regexp_replace(nullif(a.query, ''), '\s+', ' ', 'g'), 120)
FROM unnest($1::text[]) AS t (name)
JOIN pg_catalog.pg_locks AS l ON l.relation = to_regclass(t.name)
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
  AND l.granted
  AND l.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY t.name, a.xact_start, l.pid, l.mode
LIMIT 200
