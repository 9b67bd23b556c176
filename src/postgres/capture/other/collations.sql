SELECT c.tableoid, c.oid, c.collowner, NULL, NULL, (to_jsonb(c) - '{oid,collnamespace,collowner}'::text[])::text
FROM pg_collation c WHERE c.oid >= 16384
