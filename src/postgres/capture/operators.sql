-- Operators. The key's name is what the server identifies one by.
SELECT o.tableoid AS class, o.oid, 'other' AS kind, i.type AS schema, i.identity AS name, NULL AS "of",
       pg_get_userbyid(o.oprowner) AS owner, '[]'::json AS grants, obj_description(o.oid, 'pg_operator') AS comment,
       json_build_object('operator', json_build_object(
         'name', format('%I.%s', n.nspname, o.oprname),
         'left', format_type(nullif(o.oprleft, 0), NULL), 'right', format_type(nullif(o.oprright, 0), NULL),
         'result', format_type(nullif(o.oprresult, 0), NULL),
         'function', CASE WHEN o.oprcode <> 0 THEN o.oprcode::text END,
         'commutator', (SELECT format('%I.%s', cn.nspname, c.oprname)
                        FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprcom),
         'negator', (SELECT format('%I.%s', cn.nspname, c.oprname)
                     FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprnegate),
         'restrict', CASE WHEN o.oprrest <> 0 THEN o.oprrest::text END, 'join', CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::text END,
         'merges', o.oprcanmerge, 'hashes', o.oprcanhash)) AS definition
FROM pg_operator o
JOIN pg_namespace n ON n.oid = o.oprnamespace
CROSS JOIN LATERAL pg_identify_object(o.tableoid, o.oid, 0) i
WHERE o.oid >= 16384 AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = o.tableoid AND e.objid = o.oid AND e.deptype = 'e')
