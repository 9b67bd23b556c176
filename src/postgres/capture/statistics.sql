-- Extended statistics: what is to be counted, not what was.
SELECT s.tableoid AS class, s.oid, 'statistics' AS kind, n.nspname AS schema, s.stxname AS name, NULL AS "of",
       pg_get_userbyid(s.stxowner) AS owner, '[]'::json AS grants,
       obj_description(s.oid, 'pg_statistic_ext') AS comment,
       CASE WHEN has_table_privilege(s.stxrelid, 'SELECT') IS NOT NULL THEN -- is still there
       json_build_object('statistics', json_build_object(
         'on', json_build_object('kind', CASE c.relkind WHEN 'm' THEN 'materialized_view' ELSE 'table' END,
                                 'schema', cn.nspname, 'name', c.relname, 'of', NULL),
         'create', pg_get_statisticsobjdef(s.oid),
         'target', nullif(s.stxstattarget, -1))) END AS definition
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_class c ON c.oid = s.stxrelid
JOIN pg_namespace cn ON cn.oid = c.relnamespace
WHERE c.relpersistence <> 't'
  AND s.oid = ANY ($2) -- of some
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_statistic_ext'::regclass AND e.objid = s.oid AND e.deptype = 'e')
