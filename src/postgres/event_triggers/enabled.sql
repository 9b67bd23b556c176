-- The event triggers that fire for DDL of a session with the usual role, whether the current role may switch each, and the
-- commands that it fires for; none is all.
SELECT t.evtname::pg_catalog.text, t.evtenabled::pg_catalog.text, pg_catalog.pg_has_role(t.evtowner, 'USAGE'),
       pg_catalog.pg_get_userbyid(t.evtowner)::pg_catalog.text, t.evttags, t.oid
FROM pg_catalog.pg_event_trigger AS t
WHERE t.evtenabled IN ('O', 'A') AND t.evtevent IN ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite')
ORDER BY t.evtname
