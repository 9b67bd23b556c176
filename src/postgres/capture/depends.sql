-- What depends on what, among everything that is not the system's own: numbers below 16384 are given at initdb. The schema
-- "public" is, too, but people drop it. Told apart are the edges that people set by ALTER ... DEPENDS ON EXTENSION.
SELECT DISTINCT d.classid::bigint AS class, d.objid::bigint AS oid, d.refclassid::bigint AS ref_class, d.refobjid::bigint AS ref_oid,
       d.deptype = 'x' AS on_extension
FROM pg_depend d
WHERE d.objid >= 16384 AND d.deptype <> 'e' AND (d.refobjid >= 16384 OR d.refclassid = 'pg_namespace'::regclass OR d.deptype = 'x')
  AND d.classid = ANY ($2) AND d.objid = ANY ($1) -- of some
