-- Tables with their columns, and in words what is modelled no further. Foreign tables stand with the other objects.
-- A plain default names no column. Where pg_get_expr is told the table all the same, it looks at every column of it each time.
WITH chosen AS (
  SELECT c.*, c.tableoid AS class, n.nspname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND c.oid = ANY ($2) -- of some
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
), described AS (
  SELECT a.attrelid, json_agg(json_build_object(
      'name', a.attname,
      'data_type', format_type(a.atttypid, a.atttypmod),
      'builtin', coalesce(e.oid, t.oid) < 16384 AND coalesce(e.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace,
      'collation', CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation THEN
         (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
          FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END,
      'not_null', CASE WHEN a.attnotnull THEN
         json_build_object('name', NULL, 'validated', true, 'no_inherit', false, 'comment', NULL, -- before 180000
           'descent', json_build_object('local', true, 'above', 0)) -- before 180000
         json_build_object('name', k.conname, 'validated', coalesce(k.convalidated, true), -- from 180000
           'no_inherit', coalesce(k.connoinherit, false), 'comment', obj_description(k.oid, 'pg_constraint'), -- from 180000
           'descent', json_build_object('local', coalesce(k.conislocal, true), 'above', coalesce(k.coninhcount, 0))) -- from 180000
         END,
      'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END,
      'default_needs', '[]'::json,
      'identity', nullif(a.attidentity::text, ''),
      'generated', CASE WHEN a.attgenerated <> '' THEN
         json_build_array(a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid)) END,
      'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
      'compression',
         NULL, -- before 140000
         nullif(a.attcompression::text, ''), -- from 140000
      'statistics', nullif(a.attstattarget, -1),
      'options', coalesce(to_json(a.attoptions), '[]'),
      'descent', json_build_object('local', a.attislocal, 'above', a.attinhcount),
      'facts', json_build_object('column', a.attname, 'grants',
         coalesce(CASE WHEN a.attacl IS NOT NULL THEN
             (SELECT json_agg(json_build_object(
                'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
              FROM aclexplode(a.attacl) WITH ORDINALITY AS g (grantor, grantee, privilege_type, is_grantable, place))
             END, '[]'),
         'comment', m.description)
    ) ORDER BY a.attnum) AS columns
  FROM chosen c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_description m ON m.classoid = 'pg_class'::regclass AND m.objoid = a.attrelid AND m.objsubid = a.attnum
  LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey[1] = a.attnum -- from 180000
  GROUP BY a.attrelid
)
SELECT c.class, c.oid, 'table' AS kind, c.nspname AS schema, c.relname AS name, NULL AS "of",
       pg_get_userbyid(c.relowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(c.oid, 'pg_class') AS comment,
       CASE WHEN has_table_privilege(c.oid, 'SELECT') IS NOT NULL THEN -- is still there
       json_build_object('table', json_build_object(
         'columns', coalesce(f.columns, '[]'),
         'system_columns', (SELECT json_agg(json_build_object('column', a.attname, 'grants',
              coalesce((SELECT json_agg(json_build_object(
                 'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                 'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
               FROM aclexplode(a.attacl) WITH ORDINALITY AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]'),
              'comment', m.description) ORDER BY a.attnum DESC)
            FROM pg_attribute a
            LEFT JOIN pg_description m ON m.classoid = 'pg_class'::regclass AND m.objoid = a.attrelid AND m.objsubid = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum < 0 AND (a.attacl IS NOT NULL OR m.description IS NOT NULL)),
         'unlogged', c.relpersistence = 'u',
         'row_security', c.relrowsecurity,
         'force_row_security', c.relforcerowsecurity,
         'replica_identity', c.relreplident::text,
         'options', to_json(coalesce(c.reloptions, '{}')
            || ARRAY(SELECT 'toast.' || o FROM pg_class x, unnest(x.reloptions) o WHERE x.oid = c.reltoastrelid)),
         'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace),
         'access_method', (SELECT amname FROM pg_am WHERE oid = c.relam AND amname <> 'heap'),
         'of_type', CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
         'lineage', json_build_object(
            'partition_key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
            'partition_of', CASE WHEN c.relispartition THEN (SELECT json_build_object(
               'parent', json_build_object('kind', 'table', 'schema', pn.nspname, 'name', p.relname, 'of', NULL),
               'bound', pg_get_expr(c.relpartbound, c.oid),
               'detaching',
                  false -- before 140000
                  i.inhdetachpending -- from 140000
               )
               FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
               WHERE i.inhrelid = c.oid) END,
            'inherits', CASE WHEN c.relispartition THEN '[]' ELSE coalesce((SELECT json_agg(
               json_build_object('kind', 'table', 'schema', pn.nspname, 'name', p.relname, 'of', NULL) ORDER BY i.inhseqno)
               FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
               WHERE i.inhrelid = c.oid), '[]') END),
         'unmodelled', to_json(w.unloadable),
         'unloadable', to_json(w.unloadable))) END AS definition
FROM chosen c
LEFT JOIN described f ON f.attrelid = c.oid
CROSS JOIN LATERAL (SELECT
  ARRAY(SELECT 'has the foreign table ' || i.child || CASE c.relkind WHEN 'p' THEN ' among its partitions' ELSE ' among its heirs' END
      FROM (SELECT inhrelid::regclass::text AS child FROM pg_inherits JOIN pg_class f ON f.oid = inhrelid AND f.relkind = 'f'
            WHERE inhparent = c.oid ORDER BY 1) i
  ) AS unloadable) w
