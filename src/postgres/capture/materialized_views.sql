-- Materialized views. Their rows are not part of them: what their query gives is.
SELECT c.tableoid AS class, c.oid, 'materialized view' AS kind, n.nspname AS schema, c.relname AS name, NULL AS "of",
       pg_get_userbyid(c.relowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(c.oid, 'pg_class') AS comment,
       CASE WHEN has_table_privilege(c.oid, 'SELECT') IS NOT NULL THEN -- is still there
       json_build_object('materialized_view', json_build_object(
         'columns', coalesce((SELECT json_agg(json_build_object(
             'name', a.attname,
             'data_type', format_type(a.atttypid, a.atttypmod),
             'builtin', coalesce(e.oid, t.oid) < 16384 AND coalesce(e.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace,
             'collation', CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation THEN
                (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
                 FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END,
             'not_null', NULL, 'default', NULL, 'default_needs', '[]'::json, 'identity', NULL, 'generated', NULL,
             'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
             'compression',
                NULL, -- before 140000
                nullif(a.attcompression::text, ''), -- from 140000
             'statistics', nullif(a.attstattarget, -1),
             'options', coalesce(to_json(a.attoptions), '[]'),
             'descent', json_build_object('local', true, 'above', 0),
             'facts', json_build_object('column', a.attname, 'grants',
                coalesce(CASE WHEN a.attacl IS NOT NULL THEN
                    (SELECT json_agg(json_build_object(
                       'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                       'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
                     FROM aclexplode(a.attacl) WITH ORDINALITY AS g (grantor, grantee, privilege_type, is_grantable, place))
                    END, '[]'),
                'comment', col_description(c.oid, a.attnum))
           ) ORDER BY a.attnum)
           FROM pg_attribute a
           JOIN pg_type t ON t.oid = a.atttypid
           LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
         'system_columns', (SELECT json_agg(json_build_object('column', a.attname, 'grants',
              coalesce((SELECT json_agg(json_build_object(
                 'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                 'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
               FROM aclexplode(a.attacl) WITH ORDINALITY AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]'),
              'comment', m.description) ORDER BY a.attnum DESC)
            FROM pg_attribute a
            LEFT JOIN pg_description m ON m.classoid = 'pg_class'::regclass AND m.objoid = a.attrelid AND m.objsubid = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum < 0 AND (a.attacl IS NOT NULL OR m.description IS NOT NULL)),
         'replica_identity', nullif(c.relreplident, 'd'),
         'query', rtrim(pg_get_viewdef(c.oid), ';'),
         'options', to_json(coalesce(c.reloptions, '{}')
            || ARRAY(SELECT 'toast.' || o FROM pg_class x, unnest(x.reloptions) o WHERE x.oid = c.reltoastrelid)),
         'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace),
         'access_method', (SELECT amname FROM pg_am WHERE oid = c.relam AND amname <> 'heap'),
         'populated', c.relispopulated)) END AS definition
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm'
  AND c.oid = ANY ($2) -- of some
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
