-- Who keeps a session waiting. $1 is its process. A prepared transaction has no process; the server says 0.
SELECT b.pid,
       a.usename::text,
       coalesce(nullif(a.application_name, ''), nullif(a.backend_type, 'client backend')),
       host(a.client_addr),
       a.state,
       extract(epoch FROM clock_timestamp() - a.query_start)::bigint,
       CASE WHEN b.pid = 0 THEN (
           SELECT string_agg(format('PREPARE TRANSACTION %L', p.gid), ', ')
           FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database = current_database())
       ELSE left(a.query, 200) END
FROM (SELECT DISTINCT u.pid FROM unnest(pg_catalog.pg_blocking_pids($1)) AS u (pid)) AS b
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid
WHERE b.pid = 0 OR a.pid IS NOT NULL
ORDER BY a.query_start
