-- Who holds, or waits before us for, a lock on one of the tables that keeps ours away.
-- $1: quoted names of the tables; $2: the modes that conflict with ours.
-- A prepared transaction has no process, but still locks its own number.
SELECT format('%s holds %s on %s%s%s',
              CASE WHEN l.pid IS NULL THEN coalesce(
                  (SELECT format('prepared transaction %L (%s)', p.gid, p.owner)
                   FROM pg_catalog.pg_prepared_xacts AS p JOIN pg_catalog.pg_locks AS o ON o.transactionid = p.transaction
                   WHERE o.pid IS NULL AND o.virtualtransaction = l.virtualtransaction LIMIT 1), 'a prepared transaction')
              ELSE format('pid %s (%s%s)', l.pid, coalesce(a.usename::text, 'unknown role'),
                          coalesce(', ' || nullif(a.application_name, ''), '')) END,
              l.mode,
              l.relation::regclass,
              coalesce(', ' || a.state || ' since ' || to_char(a.state_change, 'HH24:MI:SS'), ''),
              coalesce(': ' || left(regexp_replace(nullif(a.query, ''), '\s+', ' ', 'g'), 80), ''))
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
  AND l.relation IN (SELECT to_regclass(t.name) FROM unnest($1::text[]) AS t(name))
  AND l.mode = ANY ($2::text[])
  AND l.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY l.granted DESC, a.xact_start
LIMIT 10
