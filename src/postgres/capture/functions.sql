-- Functions and procedures; aggregates stand with the other objects, and the constructors of a range type with it.
SELECT p.tableoid AS class, p.oid, 'function' AS kind, n.nspname AS schema,
       p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name, NULL AS "of",
       pg_get_userbyid(p.proowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(p.oid, 'pg_proc') AS comment,
       json_build_object('function', json_build_object(
         'routine', CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
         'name', p.proname, 'arguments', oidvectortypes(p.proargtypes),
         'create', pg_get_functiondef(p.oid),
         'signature', concat_ws(' ', p.prokind, pg_get_function_identity_arguments(p.oid), '->',
                                pg_get_function_result(p.oid), p.pronargdefaults))) AS definition
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid >= 16384 AND p.prokind IN ('f', 'p', 'w')
  AND p.oid = ANY ($2) -- of some
  AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
