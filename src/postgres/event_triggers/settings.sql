-- Which setting keeps event triggers from firing in this session: event_triggers (from PostgreSQL 17 on), or the role of a replica,
-- which wakes those that are enabled for it and leaves those that always are; none where the current role may set neither.
SELECT CASE
    WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 OPERATOR(pg_catalog.>=) 170000
     AND pg_catalog.has_parameter_privilege('event_triggers', 'SET') THEN 'event_triggers'
    WHEN pg_catalog.has_parameter_privilege('session_replication_role', 'SET')
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger AS t WHERE t.evtenabled IN ('R', 'A')) THEN 'session_replication_role'
END
