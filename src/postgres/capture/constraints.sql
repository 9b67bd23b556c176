-- Constraints of tables: primary keys, unique, foreign keys, checks, exclusions. Not-null marks stand at their columns,
-- constraint triggers with the triggers; of the triggers inside of them only those in an unusual state; what a foreign key has for each partition that it points to is a part of it.
SELECT k.tableoid AS class, k.oid, 'constraint' AS kind, n.nspname AS schema, k.conname AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(k.oid, 'pg_constraint') AS comment,
       CASE WHEN has_table_privilege(k.conrelid, 'SELECT') IS NOT NULL AND (k.confrelid = 0 OR has_table_privilege(k.confrelid, 'SELECT') IS NOT NULL) THEN -- is still there
       json_build_object('constraint', json_build_object(
         'contype', k.contype::text,
         'definition', pg_get_constraintdef(k.oid),
         'validated', k.convalidated,
         'clustered', coalesce(i.indisclustered, false),
         'replica_identity', coalesce(i.indisreplident, false),
         'index', CASE WHEN i.indexrelid IS NOT NULL THEN json_build_object(
            'options', coalesce(to_json(x.reloptions), '[]'),
            'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = x.reltablespace),
            'comment', obj_description(x.oid, 'pg_class')) END,
         -- A foreign key has a constraint of its own for each partition that it leads to.
         'triggers', coalesce((
            WITH RECURSIVE led (oid, partition) AS (
               SELECT k.oid, NULL::oid
               UNION ALL
               SELECT b.oid, b.confrelid FROM led JOIN pg_constraint b ON b.conparentid = led.oid AND b.conrelid = k.conrelid
               WHERE k.contype = 'f')
            SELECT json_agg(json_build_object('function', t.function, 'state', t.state, 'partition', t.partition)
                            ORDER BY t.partition NULLS FIRST, t.function, t.state)
            FROM (SELECT DISTINCT p.proname AS function, t.tgenabled::text AS state,
                         quote_ident(pn.nspname) || '.' || quote_ident(pc.relname) AS partition
                  FROM led JOIN pg_trigger t ON t.tgconstraint = led.oid JOIN pg_proc p ON p.oid = t.tgfoid
                  LEFT JOIN pg_class pc ON pc.oid = led.partition LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
                  WHERE t.tgisinternal AND t.tgenabled <> 'O') t), '[]'),
         'descent', json_build_object('local', k.conislocal, 'above', k.coninhcount),
         'parent', CASE
            WHEN k.contype = 'f' AND k.conparentid <> 0 THEN (SELECT json_build_object(
               'kind', 'constraint', 'schema', pn.nspname, 'name', p.conname, 'of', t.relname)
               FROM pg_constraint p JOIN pg_class t ON t.oid = p.conrelid JOIN pg_namespace pn ON pn.oid = t.relnamespace
               WHERE p.oid = k.conparentid)
            -- An index may be attached to one that no constraint owns.
            WHEN x.relispartition THEN (SELECT json_build_object(
               'kind', CASE WHEN p.oid IS NULL THEN 'index' ELSE 'constraint' END,
               'schema', pn.nspname, 'name', coalesce(p.conname, px.relname), 'of', CASE WHEN p.oid IS NOT NULL THEN t.relname END)
               FROM pg_inherits h
               JOIN pg_index pi ON pi.indexrelid = h.inhparent
               JOIN pg_class px ON px.oid = pi.indexrelid
               JOIN pg_class t ON t.oid = pi.indrelid
               JOIN pg_namespace pn ON pn.oid = t.relnamespace
               LEFT JOIN pg_constraint p ON p.conindid = px.oid AND p.contype IN ('p', 'u', 'x')
               WHERE h.inhrelid = x.oid) END)) END AS definition
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class x ON x.oid = i.indexrelid
WHERE k.oid >= 16384 AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_constraint a WHERE a.oid = k.conparentid AND a.conrelid = k.conrelid)
  AND k.oid = ANY ($2) -- of some
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
