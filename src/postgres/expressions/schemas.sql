-- Of schemas ($1), those where somebody may make objects who is none of: a superuser, this session's role, and whoever can become the
-- owner ($2) of what is evaluated. With the roles, a few of them.
SELECT n.nspname::text,
       (pg_catalog.array_agg(r.name ORDER BY r.name))[1:3]
FROM pg_catalog.pg_namespace AS n
CROSS JOIN LATERAL (
    SELECT DISTINCT a.grantee
    FROM pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) AS a
    WHERE a.privilege_type = 'CREATE'
    UNION
    SELECT n.nspowner
) AS g (grantee)
CROSS JOIN LATERAL (
    SELECT 'PUBLIC' AS name WHERE g.grantee = 0
    UNION ALL
    SELECT q.rolname::text
    FROM pg_catalog.pg_roles AS q
    WHERE g.grantee <> 0 AND pg_catalog.pg_has_role(q.oid, g.grantee, 'MEMBER')
      AND NOT q.rolsuper AND q.rolname <> current_user AND q.rolname <> 'pg_database_owner'
      AND NOT coalesce(pg_catalog.pg_has_role(q.oid, (SELECT o.oid FROM pg_catalog.pg_roles AS o WHERE o.rolname = $2::text), 'MEMBER'), false)
) AS r
WHERE n.nspname = ANY ($1::text[])
GROUP BY n.nspname
ORDER BY 1
