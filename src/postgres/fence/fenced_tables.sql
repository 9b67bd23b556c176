-- The tables that are to be fenced, and those that have a part of the run's fence, whatever they are called now.
-- $1: the names of the run's triggers; $2, $3: schemas and names of the tables.
SELECT n.nspname::text,
       c.relname::text,
       c.relkind = 'p',
       -- Workers that apply what a subscription brings, and those of extensions for replication, fire triggers for rows only.
       EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid)
       OR EXISTS (SELECT FROM pg_catalog.pg_subscription_rel)
       OR EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extname IN ('pglogical', 'spock', 'bdr')),
       ARRAY(SELECT t.tgname::text FROM pg_catalog.pg_trigger AS t
             WHERE t.tgrelid = c.oid AND t.tgname = ANY ($1::text[]) AND NOT t.tgisinternal AND t.tgenabled = 'A'),
       ARRAY(SELECT t.tgname::text FROM pg_catalog.pg_trigger AS t
             WHERE t.tgrelid = c.oid AND t.tgname = ANY ($1::text[]) AND NOT t.tgisinternal AND t.tgenabled <> 'A')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
  AND ((n.nspname::text, c.relname::text) IN (SELECT * FROM unnest($2::text[], $3::text[]))
       OR c.oid IN (SELECT t.tgrelid FROM pg_catalog.pg_trigger AS t WHERE t.tgname = ANY ($1::text[])))
ORDER BY 1, 2
