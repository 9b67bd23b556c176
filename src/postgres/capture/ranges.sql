-- Range types with what comes with them: a multirange type and the functions that make values.
SELECT t.tableoid AS class, t.oid, 'type' AS kind, n.nspname AS schema, t.typname AS name, NULL AS "of",
       pg_get_userbyid(t.typowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(t.oid, 'pg_type') AS comment,
       json_build_object('range', json_build_object(
         'subtype', format_type(r.rngsubtype, NULL),
         'operator_class', (SELECT quote_ident(x.nspname) || '.' || quote_ident(o.opcname)
                            FROM pg_opclass o JOIN pg_namespace x ON x.oid = o.opcnamespace WHERE o.oid = r.rngsubopc),
         'collation', (SELECT quote_ident(x.nspname) || '.' || quote_ident(c.collname)
                       FROM pg_collation c JOIN pg_namespace x ON x.oid = c.collnamespace WHERE c.oid = r.rngcollation),
         'canonical', CASE WHEN r.rngcanonical::oid <> 0 THEN r.rngcanonical::text END,
         'subtype_diff', CASE WHEN r.rngsubdiff::oid <> 0 THEN r.rngsubdiff::text END,
         'multirange',
           NULL, -- before 140000
           (SELECT quote_ident(x.nspname) || '.' || quote_ident(m.typname) -- from 140000
            FROM pg_type m JOIN pg_namespace x ON x.oid = m.typnamespace WHERE m.oid = r.rngmultitypid), -- from 140000
         'multirange_comment',
           NULL, -- before 140000
           obj_description(r.rngmultitypid, 'pg_type'), -- from 140000
         'constructors', coalesce((SELECT json_agg(json_build_object(
             'name', p.oid::regprocedure::text, 'owner', pg_get_userbyid(p.proowner),
             'grants', (SELECT json_agg(json_build_object(
                'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
              FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WITH ORDINALITY
                   AS g (grantor, grantee, privilege_type, is_grantable, place))) ORDER BY p.oid::regprocedure::text)
           FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
           WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass
             AND d.refobjid IN (t.oid
               , r.rngmultitypid -- from 140000
             )), '[]'))) AS definition
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND r.rngtypid = ANY ($2) AND t.oid = ANY ($2) -- of some
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
