-- The uppermost tables that a table has a column from, as they stand at this moment: none where the column is text, and no such table is
-- there. $1: the table; $2: the column.
WITH RECURSIVE holding AS (
  SELECT a.attrelid, a.atttypid FROM pg_catalog.pg_attribute AS a
  WHERE a.attname OPERATOR(pg_catalog.=) $2::pg_catalog.text AND NOT a.attisdropped
), tree (oid) AS (
  SELECT h.attrelid FROM holding AS h
  WHERE h.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1::pg_catalog.text)
    AND h.atttypid OPERATOR(pg_catalog.<>) 'pg_catalog.text'::pg_catalog.regtype
  UNION
  SELECT i.inhparent FROM tree AS t
  JOIN pg_catalog.pg_inherits AS i ON i.inhrelid OPERATOR(pg_catalog.=) t.oid
  JOIN holding AS h ON h.attrelid OPERATOR(pg_catalog.=) i.inhparent
)
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM tree AS t
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_inherits AS i
  JOIN holding AS h ON h.attrelid OPERATOR(pg_catalog.=) i.inhparent
  WHERE i.inhrelid OPERATOR(pg_catalog.=) t.oid
)
