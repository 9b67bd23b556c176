-- Where the log ends, how much of it the slowest replica has replayed, the longest lag that the server has measured in seconds,
-- and whether this role is not shown any of it.
SELECT (pg_catalog.pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint,
       (min(r.replay_lsn) FILTER (WHERE r.state IN ('streaming', 'catchup')) - '0/0'::pg_lsn)::bigint,
       extract(epoch FROM max(r.replay_lag) FILTER (WHERE r.state IN ('streaming', 'catchup')))::float8,
       coalesce(bool_or(r.state IS NULL), false)
FROM pg_catalog.pg_stat_replication AS r
