-- Views.
SELECT c.tableoid AS class, c.oid, 'view' AS kind, n.nspname AS schema, c.relname AS name, NULL AS "of",
       pg_get_userbyid(c.relowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(c.oid, 'pg_class') AS comment,
       CASE WHEN has_table_privilege(c.oid, 'SELECT') IS NOT NULL THEN -- is still there
       json_build_object('view', json_build_object(
         'columns', coalesce((SELECT json_agg(a.attname ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
         'query', rtrim(pg_get_viewdef(c.oid), ';'),
         'options', coalesce(to_json(c.reloptions), '[]'),
         'column_facts', coalesce((SELECT json_agg(json_build_object('column', a.attname, 'grants',
           coalesce(CASE WHEN a.attacl IS NOT NULL THEN
             (SELECT json_agg(json_build_object(
                'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
              FROM aclexplode(a.attacl) WITH ORDINALITY AS g (grantor, grantee, privilege_type, is_grantable, place))
             END, '[]'),
             'comment', m.description) ORDER BY a.attnum)
            FROM pg_attribute a
            LEFT JOIN pg_description m ON m.classoid = 'pg_class'::regclass AND m.objoid = a.attrelid AND m.objsubid = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND (a.attacl IS NOT NULL OR m.description IS NOT NULL)), '[]'),
         'defaults', coalesce((SELECT json_agg(json_build_array(a.attname, pg_get_expr(d.adbin, 0)) ORDER BY a.attnum)
            FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = c.oid), '[]')
       )::jsonb || coalesce((
         -- Every view depends on itself as a whole before version 16; one that reads itself depends on columns of its own.
         SELECT jsonb_build_object('own_types', jsonb_agg(format_type(a.atttypid, a.atttypmod) || coalesce(
                (SELECT format(' COLLATE %I.%I', l.nspname, o.collname) FROM pg_collation o JOIN pg_namespace l ON l.oid = o.collnamespace
                 WHERE o.oid = a.attcollation AND a.attcollation <> t.typcollation), '') ORDER BY a.attnum))
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND EXISTS (
              SELECT FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
              WHERE r.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0)
         HAVING count(*) > 0), '{}')
       ) END AS definition
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND c.relkind = 'v' AND c.relpersistence <> 't'
  AND c.oid = ANY ($2) -- of some
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
