SELECT t.tableoid, t.oid, NULL, NULL, NULL, (to_jsonb(t) - '{oid,tmplnamespace}'::text[])::text
FROM pg_ts_template t WHERE t.oid >= 16384
