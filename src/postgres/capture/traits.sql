-- Of what kind relations, types and routines with these numbers are, as the catalogs' own letters: which queries to ask for them. An s
-- stands for what somebody has put into the server's own schemas.
SELECT t.class, t.oid, CASE WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN 's' ELSE t.letter END AS letter
FROM (
  SELECT c.tableoid::bigint, c.oid::bigint, c.relkind::text, c.relnamespace FROM pg_class c WHERE c.oid = ANY ($1::oid[])
  UNION ALL
  SELECT t.tableoid::bigint, t.oid::bigint, t.typtype::text, t.typnamespace FROM pg_type t WHERE t.oid = ANY ($1)
  UNION ALL
  SELECT p.tableoid::bigint, p.oid::bigint, p.prokind::text, p.pronamespace FROM pg_proc p WHERE p.oid = ANY ($1)
) t (class, oid, letter, namespace)
LEFT JOIN pg_namespace n ON n.oid = t.namespace
