-- Temporary objects of all sessions with their parts: what is in their schemas, and what goes with that (columns, defaults, constraints,
-- triggers, indexes, policies, rules). Each with the relation that it is a part of, or 0. $1: all of them, or those that need something of
-- this database alone.
WITH RECURSIVE held (class, oid, relation) AS (
  SELECT d.classid, d.objid, 0::oid
  FROM pg_catalog.pg_namespace AS n
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = n.oid
  WHERE n.nspname ~ '^pg_temp_'
  UNION
  SELECT d.classid, d.objid,
         CASE WHEN h.relation <> 0 THEN h.relation WHEN h.class = 'pg_catalog.pg_class'::regclass THEN h.oid ELSE 0::oid END
  FROM held AS h JOIN pg_catalog.pg_depend AS d ON d.refclassid = h.class AND d.refobjid = h.oid
  WHERE d.deptype IN ('a', 'i', 'P', 'S')
), places (class, oid, part, relation) AS (
  -- The rule that makes a view takes the view along.
  SELECT CASE WHEN r.oid IS NULL THEN h.class ELSE 'pg_catalog.pg_class'::regclass::oid END, coalesce(r.ev_class, h.oid), p.part,
         CASE WHEN p.part <> 0 THEN h.oid WHEN r.oid IS NULL THEN h.relation ELSE 0::oid END
  FROM held AS h
  LEFT JOIN pg_catalog.pg_rewrite AS r ON h.class = 'pg_catalog.pg_rewrite'::regclass AND r.oid = h.oid AND r.ev_type = '1'
  CROSS JOIN LATERAL (
    SELECT 0 AS part WHERE $1
    UNION ALL
    SELECT a.attnum::int FROM pg_catalog.pg_attribute AS a
    WHERE $1 AND h.class = 'pg_catalog.pg_class'::regclass AND a.attrelid = h.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT d.objsubid FROM pg_catalog.pg_depend AS d
    WHERE NOT $1 AND d.classid = h.class AND d.objid = h.oid
      AND d.refobjid >= 16384 AND d.refclassid <> 'pg_catalog.pg_namespace'::regclass
      AND NOT EXISTS (SELECT FROM held AS o WHERE o.class = d.refclassid AND o.oid = d.refobjid)
  ) AS p
)
SELECT DISTINCT p.class, p.oid, p.part, p.relation, pg_catalog.pg_describe_object(p.class, p.oid, p.part)
FROM places AS p
WHERE pg_catalog.pg_describe_object(p.class, p.oid, p.part) IS NOT NULL
