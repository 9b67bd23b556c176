SELECT p.tableoid, p.oid, NULL, NULL, NULL, (to_jsonb(p) - '{oid,prsnamespace}'::text[])::text
FROM pg_ts_parser p WHERE p.oid >= 16384
