-- Of what kind relations, types and routines with these numbers are, as the catalogs' own letters: which queries to ask for them.
SELECT c.tableoid::bigint AS class, c.oid::bigint AS oid, c.relkind::text AS letter FROM pg_class c WHERE c.oid = ANY ($1::oid[])
UNION ALL
SELECT t.tableoid::bigint, t.oid::bigint, t.typtype::text FROM pg_type t WHERE t.oid = ANY ($1)
UNION ALL
SELECT p.tableoid::bigint, p.oid::bigint, p.prokind::text FROM pg_proc p WHERE p.oid = ANY ($1)
