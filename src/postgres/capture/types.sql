-- Enums, domains, and composite types that are no table's row type.
SELECT t.tableoid AS class, t.oid, 'type' AS kind, n.nspname AS schema, t.typname AS name, NULL AS "of",
       pg_get_userbyid(t.typowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(t.oid, 'pg_type') AS comment,
       CASE WHEN format_type(t.oid, NULL) <> '???' THEN -- is still there
       CASE t.typtype
         WHEN 'e' THEN json_build_object('enum', json_build_object(
           'labels', coalesce((SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = t.oid), '[]')))
         WHEN 'd' THEN json_build_object('domain', json_build_object(
           'base', format_type(t.typbasetype, t.typtypmod),
           'collation', (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
                         FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace, pg_type b
                         WHERE co.oid = t.typcollation AND b.oid = t.typbasetype AND b.typcollation <> t.typcollation),
           'default', coalesce(pg_get_expr(t.typdefaultbin, 'pg_type'::regclass), t.typdefault),
           'not_null', t.typnotnull,
           'not_null_name',
             NULL, -- before 170000
             (SELECT k.conname FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'n'), -- from 170000
           'not_null_comment',
             NULL, -- before 170000
             (SELECT obj_description(k.oid, 'pg_constraint') FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'n'), -- from 170000
           'checks', coalesce((SELECT json_agg(json_build_object(
               'name', k.conname, 'definition', pg_get_constraintdef(k.oid), 'comment', obj_description(k.oid, 'pg_constraint'))
               ORDER BY k.conname)
             FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '[]')))
         ELSE json_build_object('composite', json_build_object(
           'attributes', coalesce((SELECT json_agg(json_build_object(
               'name', a.attname, 'data_type', format_type(a.atttypid, a.atttypmod),
               'collation', (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
                             FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace, pg_type b
                             WHERE co.oid = a.attcollation AND b.oid = a.atttypid AND b.typcollation <> a.attcollation),
               'comment', col_description(a.attrelid, a.attnum)) ORDER BY a.attnum)
             FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '[]')))
       END END AS definition
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid >= 16384 AND (t.typtype IN ('e', 'd')
       OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_class r WHERE r.oid = t.typrelid AND r.relkind = 'c'))
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND t.oid = ANY ($2) -- of some
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
