-- Rules of tables and views, but for those that make a view.
SELECT r.tableoid AS class, r.oid, 'rule' AS kind, n.nspname AS schema, r.rulename AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(r.oid, 'pg_rewrite') AS comment,
       CASE WHEN has_table_privilege(r.ev_class, 'SELECT') IS NOT NULL THEN -- is still there
       json_build_object('rule', json_build_object(
         'create', rtrim(pg_get_ruledef(r.oid), ';'), 'enabled', r.ev_enabled::text)) END AS definition
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND c.relpersistence <> 't'
  AND r.oid = ANY ($2) -- of some
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_rewrite'::regclass AND e.objid = r.oid AND e.deptype = 'e')
