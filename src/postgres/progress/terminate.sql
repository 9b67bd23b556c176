-- Ends those who keep a session of the run waiting, and records each one.
-- $1: its process; $2, $3: the run and its fence, which must still stand; $4: the program's part of the actor's name;
-- $5, $6: what each process runs, as it may be shown.
-- Only sessions of clients: an autovacuum worker goes by itself, unless it must not; replication is not a run's to end. Nor are
-- sessions of superusers, where the role is none. Who waits as well is in the way only of those behind, unless all wait.
WITH blocking AS MATERIALIZED (
    SELECT a.pid, a.usename, a.application_name, a.client_addr, a.state, a.query_start,
           (SELECT s.query FROM unnest($5::int4[], $6::text[]) AS s (pid, query) WHERE s.pid = a.pid LIMIT 1) AS query,
           cardinality(pg_catalog.pg_blocking_pids(a.pid)) > 0 AS waits
    FROM unnest(pg_catalog.pg_blocking_pids($1)) AS b (pid)
    JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid
    JOIN pg_catalog.pg_roles AS r ON r.oid = a.usesysid
    WHERE a.backend_type = 'client backend'
      AND (NOT r.rolsuper OR (SELECT m.rolsuper FROM pg_catalog.pg_roles AS m WHERE m.rolname = current_user))
), chosen AS (
    SELECT DISTINCT ON (c.pid) c.*
    FROM blocking AS c
    WHERE (NOT c.waits OR NOT EXISTS (SELECT FROM blocking AS o WHERE NOT o.waits))
      AND EXISTS (SELECT FROM backstop.owner AS o WHERE o.run = $2 AND o.fence = $3)
), recorded AS (
    INSERT INTO backstop.terminations (run, actor, pid, role, application, address, query_start, query)
    SELECT $2, session_user || $4, c.pid, c.usename, c.application_name, host(c.client_addr), c.query_start, c.query
    FROM chosen AS c
    RETURNING pid
)
SELECT c.pid,
       c.usename::text,
       c.application_name,
       host(c.client_addr),
       c.state,
       extract(epoch FROM clock_timestamp() - c.query_start)::bigint,
       c.query
FROM chosen AS c
JOIN recorded AS r ON r.pid = c.pid
WHERE pg_catalog.pg_terminate_backend(c.pid)
