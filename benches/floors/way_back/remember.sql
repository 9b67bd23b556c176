-- How to drop, and how to make again, what stands in the way of a reload of these tables of `public` or makes it slow, in the
-- order of dropping.
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)),
       CASE WHEN c.contype = 'f' THEN 1 ELSE 2 END AS turn
FROM pg_constraint c
WHERE (c.contype IN ('f', 'p', 'u', 'x') OR c.contype = 'c' AND NOT c.convalidated)
  AND (c.conrelid = ANY (SELECT ('public.' || t)::regclass FROM unnest($1::text[]) t)
       OR c.confrelid = ANY (SELECT ('public.' || t)::regclass FROM unnest($1::text[]) t))
UNION ALL
SELECT format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid), 3
FROM pg_index i
WHERE i.indrelid = ANY (SELECT ('public.' || t)::regclass FROM unnest($1::text[]) t)
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
ORDER BY turn
