-- The subscriptions that bring changes to targets, whose oids are $1, and are disabled at the first error.
SELECT DISTINCT quote_ident(s.subname)
FROM pg_catalog.pg_subscription_rel AS r
JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid AND s.subdisableonerr
JOIN unnest($1::pg_catalog.oid[]) AS t (oid)
  ON t.oid = r.srrelid OR EXISTS (SELECT FROM pg_catalog.pg_partition_ancestors(t.oid) AS a WHERE a.relid = r.srrelid)
ORDER BY 1
