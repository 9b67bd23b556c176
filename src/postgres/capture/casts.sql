-- Casts, but for those that came with a range. They stand in no schema: $1 is only there because all queries take it.
SELECT c.tableoid AS class, c.oid, 'other' AS kind, i.type AS schema, i.identity AS name, NULL AS "of",
       NULL AS owner, '[]'::json AS grants, obj_description(c.oid, 'pg_cast') AS comment,
       json_build_object('cast', json_build_object('method', c.castmethod::text, 'context', c.castcontext::text,
         'function', CASE WHEN c.castfunc <> 0 THEN c.castfunc::regprocedure::text END)) AS definition
FROM pg_cast c
CROSS JOIN LATERAL pg_identify_object(c.tableoid, c.oid, 0) i
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = c.tableoid AND e.objid = c.oid AND e.deptype IN ('e', 'i'))
