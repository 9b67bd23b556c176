-- Schemas. $1: names of schemas to leave out, as in every query here.
SELECT n.tableoid AS class, n.oid, 'schema' AS kind, n.nspname AS schema, n.nspname AS name, NULL AS "of",
       pg_get_userbyid(n.nspowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(n.oid, 'pg_namespace') AS comment,
       to_json('schema'::text) AS definition
FROM pg_namespace n
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.oid = ANY ($2) -- of some
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')
