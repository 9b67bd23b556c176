-- Temporary objects of all sessions: relations, their columns and defaults, functions and types. $1: all of them, or those that need something
-- of this database alone.
WITH kept AS (
  SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname ~ '^pg_temp_'
), held (class, oid, part, asks_class, asks_oid) AS (
  SELECT 'pg_catalog.pg_class'::regclass::oid, c.oid, 0,
         CASE WHEN r.oid IS NULL THEN 'pg_catalog.pg_class'::regclass::oid ELSE 'pg_catalog.pg_rewrite'::regclass::oid END,
         coalesce(r.oid, c.oid)
  FROM pg_catalog.pg_class AS c LEFT JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid
  WHERE c.relnamespace IN (SELECT oid FROM kept) AND c.relkind IN ('r', 'p', 'v', 'S', 'f')
  UNION ALL
  SELECT 'pg_catalog.pg_class'::regclass::oid, a.attrelid, a.attnum::int, 'pg_catalog.pg_class'::regclass::oid, a.attrelid
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace IN (SELECT oid FROM kept) AND c.relkind IN ('r', 'p', 'f')
  UNION ALL
  SELECT 'pg_catalog.pg_attrdef'::regclass::oid, d.oid, 0, 'pg_catalog.pg_attrdef'::regclass::oid, d.oid
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = c.oid
  WHERE c.relnamespace IN (SELECT oid FROM kept)
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::regclass::oid, p.oid, 0, 'pg_catalog.pg_proc'::regclass::oid, p.oid
  FROM pg_catalog.pg_proc AS p WHERE p.pronamespace IN (SELECT oid FROM kept)
  UNION ALL
  SELECT 'pg_catalog.pg_type'::regclass::oid, t.oid, 0, 'pg_catalog.pg_type'::regclass::oid, t.oid
  FROM pg_catalog.pg_type AS t WHERE t.typnamespace IN (SELECT oid FROM kept) AND t.typtype IN ('d', 'e', 'r')
)
SELECT DISTINCT h.class, h.oid, h.part, pg_catalog.pg_describe_object(h.class, h.oid, h.part)
FROM held AS h
WHERE pg_catalog.pg_describe_object(h.class, h.oid, h.part) IS NOT NULL
  AND ($1 OR EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = h.asks_class AND d.objid = h.asks_oid AND (h.part = 0 OR d.objsubid = h.part)
      AND d.refobjid >= 16384 AND d.refclassid <> 'pg_catalog.pg_namespace'::regclass
      AND NOT (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = h.oid)))
