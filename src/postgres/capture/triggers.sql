-- Triggers that people made; those inside of foreign keys are left out, and so are those of a run's fence.
SELECT t.tableoid AS class, t.oid, 'trigger' AS kind, n.nspname AS schema, t.tgname AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(t.oid, 'pg_trigger') AS comment,
       json_build_object('trigger', json_build_object(
         'create', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled::text)) AS definition
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc f ON f.oid = t.tgfoid
WHERE NOT t.tgisinternal AND f.pronamespace <> ALL (SELECT oid FROM pg_namespace WHERE nspname = 'backstop')
  AND c.relpersistence <> 't'
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
