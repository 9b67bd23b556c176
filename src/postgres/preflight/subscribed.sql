-- The tables to which subscriptions bring changes that end in targets, whose oids are $1.
SELECT DISTINCT r.srrelid::pg_catalog.regclass::text
FROM pg_catalog.pg_subscription_rel AS r
JOIN unnest($1::pg_catalog.oid[]) AS t (oid)
  ON t.oid = r.srrelid OR EXISTS (SELECT FROM pg_catalog.pg_partition_ancestors(t.oid) AS a WHERE a.relid = r.srrelid)
ORDER BY 1
