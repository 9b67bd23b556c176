-- Who keeps a session waiting. $1 is its process.
SELECT a.pid,
       a.usename::text,
       a.application_name,
       host(a.client_addr),
       a.state,
       extract(epoch FROM clock_timestamp() - a.query_start)::bigint,
       left(a.query, 200)
FROM unnest(pg_catalog.pg_blocking_pids($1)) AS b (pid)
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid
ORDER BY a.query_start
