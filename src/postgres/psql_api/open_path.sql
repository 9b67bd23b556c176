-- Who of those that may call the functions of a schema, and is neither a superuser nor this session's role, may make things in a
-- schema of a plan's search path ($1), or make one that is missing. $2: the roles that may call; their members may, too.
SELECT m.rolname::text, p.name
FROM pg_catalog.unnest($1::text[]) AS p (name)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = p.name
JOIN pg_catalog.pg_roles AS caller ON caller.rolname = ANY ($2::name[])
JOIN pg_catalog.pg_roles AS m ON pg_has_role(m.oid, caller.oid, 'MEMBER') AND NOT m.rolsuper AND m.rolname NOT IN (current_user, session_user)
WHERE CASE WHEN n.oid IS NULL THEN has_database_privilege(m.oid, current_database(), 'CREATE') AND p.name NOT LIKE 'pg\_%'
           ELSE has_schema_privilege(m.oid, n.oid, 'CREATE') END
ORDER BY m.rolname = ANY ($2::name[]) DESC, 1, 2
LIMIT 1
