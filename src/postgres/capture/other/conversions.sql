SELECT c.tableoid, c.oid, c.conowner, NULL, NULL, (to_jsonb(c) - '{oid,connamespace,conowner}'::text[])::text
FROM pg_conversion c WHERE c.oid >= 16384
