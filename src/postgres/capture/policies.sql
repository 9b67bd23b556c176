-- Policies of row-level security.
SELECT p.tableoid AS class, p.oid, 'policy' AS kind, n.nspname AS schema, p.polname AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(p.oid, 'pg_policy') AS comment,
       CASE WHEN has_table_privilege(p.polrelid, 'SELECT') IS NOT NULL THEN -- is still there
       json_build_object('policy', json_build_object(
         'permissive', p.polpermissive,
         'command', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                                  ELSE 'ALL' END,
         'roles', coalesce((SELECT json_agg(pg_get_userbyid(r.role) ORDER BY r.place)
            FROM unnest(p.polroles) WITH ORDINALITY AS r (role, place) WHERE r.role <> 0), '[]'),
         'using', pg_get_expr(p.polqual, p.polrelid),
         'check', pg_get_expr(p.polwithcheck, p.polrelid))) END AS definition
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND p.oid = ANY ($2) -- of some
