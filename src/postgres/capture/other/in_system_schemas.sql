SELECT o.class, o.oid, NULL, NULL, NULL, o.version
FROM (
  SELECT p.tableoid, p.oid, p.pronamespace, p.xmin::text FROM pg_proc p
  UNION ALL
  SELECT c.tableoid, c.oid, c.relnamespace, c.xmin::text FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'c')
  UNION ALL
  SELECT t.tableoid, t.oid, t.typnamespace, t.xmin::text FROM pg_type t WHERE t.typtype IN ('d', 'e', 'r')
  UNION ALL
  SELECT o.tableoid, o.oid, o.oprnamespace, o.xmin::text FROM pg_operator o
) o (class, oid, namespace, version)
WHERE o.oid >= 16384 AND o.namespace IN (SELECT n.oid FROM pg_namespace n WHERE n.nspname IN ('pg_catalog', 'information_schema'))
