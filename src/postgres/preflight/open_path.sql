-- Schemas of a plan's search path ($1), existing or not, in which roles may make things that this session has no reason to trust,
-- each with some of these roles. Trusted are those whose journal would be: this session's roles, those that one of them was
-- explicitly made a member of, superusers, and the database's owner.
WITH RECURSIVE mine (oid) AS (
    SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname IN (current_user, session_user)
    UNION
    SELECT m.roleid FROM mine JOIN pg_catalog.pg_auth_members AS m ON m.member = mine.oid
    WHERE coalesce((to_jsonb(m) ->> 'inherit_option')::boolean OR (to_jsonb(m) ->> 'set_option')::boolean, true)
), trusted (oid) AS (
    SELECT mine.oid FROM mine
    UNION
    SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolsuper OR r.rolname = 'pg_database_owner'
    UNION
    SELECT d.datdba FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()
), makers (schema, role) AS (
    SELECT p.name, a.grantee
    FROM pg_catalog.unnest($1::text[]) AS p (name)
    JOIN pg_catalog.pg_database AS d ON d.datname = current_database()
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = p.name
    -- Who may make schemas can make one that is missing.
    CROSS JOIN LATERAL pg_catalog.aclexplode(CASE WHEN n.oid IS NULL THEN coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))
                                                  ELSE coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)) END) AS a
    WHERE a.privilege_type = 'CREATE'
    UNION
    -- An owner can grant himself what was taken from him.
    SELECT n.nspname, n.nspowner FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1::text[])
)
SELECT m.schema, (pg_catalog.array_agg(coalesce(r.rolname::text, 'PUBLIC') ORDER BY r.rolname))[1:3]
FROM makers AS m LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = m.role
WHERE m.role NOT IN (SELECT t.oid FROM trusted AS t) AND m.schema NOT LIKE 'pg\_%'
GROUP BY m.schema
ORDER BY 1
