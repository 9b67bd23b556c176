-- Indexes that belong to no constraint.
SELECT x.tableoid AS class, x.oid, 'index' AS kind, n.nspname AS schema, x.relname AS name, NULL AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(x.oid, 'pg_class') AS comment,
       CASE WHEN has_table_privilege(x.oid, 'SELECT') IS NOT NULL THEN -- is still there
       json_build_object('index', json_build_object(
         'table', c.relname,
         'create', pg_get_indexdef(x.oid),
         'valid', i.indisvalid,
         'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = x.reltablespace),
         'clustered', i.indisclustered,
         'replica_identity', i.indisreplident,
         'statistics', coalesce((SELECT json_agg(json_build_array(a.attnum, a.attstattarget) ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = x.oid AND a.attstattarget >= 0 AND i.indexprs IS NOT NULL), '[]'),
         'has_expressions', i.indexprs IS NOT NULL OR i.indpred IS NOT NULL,
         'parent', CASE WHEN x.relispartition THEN (SELECT json_build_object(
            'kind', 'index', 'schema', pn.nspname, 'name', p.relname, 'of', NULL)
            FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
            WHERE h.inhrelid = x.oid) END,
         'partitioned', x.relkind = 'I')) END AS definition
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x'))
  AND x.oid >= 16384 AND x.relpersistence <> 't'
  AND x.oid = ANY ($2) AND i.indexrelid = ANY ($2) -- of some
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
