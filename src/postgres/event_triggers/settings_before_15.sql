-- The same where the server can't tell who may set what: a superuser may.
SELECT CASE
    WHEN r.rolsuper
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger AS t WHERE t.evtenabled IN ('R', 'A')) THEN 'session_replication_role'
END
FROM pg_catalog.pg_roles AS r
WHERE r.rolname OPERATOR(pg_catalog.=) CURRENT_USER::pg_catalog.name
