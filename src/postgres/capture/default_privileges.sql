-- Default privileges.
SELECT d.tableoid AS class, d.oid, 'other' AS kind, i.type AS schema, i.identity AS name, NULL AS "of", NULL AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(d.defaclacl) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       NULL AS comment,
       json_build_object('default_privileges', json_build_object(
         'role', pg_get_userbyid(d.defaclrole), 'schema', n.nspname,
         'objects', CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                         WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END)) AS definition
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
CROSS JOIN LATERAL pg_identify_object(d.tableoid, d.oid, 0) i
WHERE n.nspname IS NULL OR n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
