-- Triggers that people made, and their clones on partitions, which are internal ones before PostgreSQL 15; those inside of
-- constraints are left out, and so are those of a run's fence.
SELECT t.tableoid AS class, t.oid, 'trigger' AS kind, n.nspname AS schema, t.tgname AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(t.oid, 'pg_trigger') AS comment,
       CASE WHEN has_table_privilege(t.tgrelid, 'SELECT') IS NOT NULL THEN -- is still there
       json_build_object('trigger', json_build_object(
         'create', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled::text,
         'parent', CASE WHEN t.tgparentid <> 0 THEN (SELECT json_build_object(
            'kind', 'trigger', 'schema', pn.nspname, 'name', p.tgname, 'of', pc.relname)
            FROM pg_trigger p JOIN pg_class pc ON pc.oid = p.tgrelid JOIN pg_namespace pn ON pn.oid = pc.relnamespace
            WHERE p.oid = t.tgparentid) END,
         'constraint', (SELECT nullif(k.conname, t.tgname) FROM pg_constraint k WHERE k.oid = t.tgconstraint),
         'constraint_comment', obj_description(t.tgconstraint, 'pg_constraint'))) END AS definition
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc f ON f.oid = t.tgfoid
WHERE (NOT t.tgisinternal OR t.tgparentid <> 0
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.oid = t.tgconstraint AND k.contype <> 't'))
  AND f.pronamespace <> ALL (SELECT oid FROM pg_namespace WHERE nspname = 'backstop')
  AND t.oid = ANY ($2) -- of some
  AND c.relpersistence <> 't'
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
