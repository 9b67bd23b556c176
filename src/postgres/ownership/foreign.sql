-- What in the schemas $1 belongs to roles whose code must not run with this session's rights: the schema itself, what is in it,
-- and the functions of its triggers. Trusted are this session's roles, those that one of them was explicitly made a member of,
-- superusers, and the database's owner. That a superuser counts as a member of every role is no trust.
WITH RECURSIVE mine (oid) AS (
    SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname IN (current_user, session_user)
    UNION
    SELECT m.roleid FROM mine JOIN pg_catalog.pg_auth_members AS m ON m.member = mine.oid
    -- Who makes a role may grant it from 16 on, which is less than to be one of its members.
    WHERE coalesce((to_jsonb(m) ->> 'inherit_option')::boolean OR (to_jsonb(m) ->> 'set_option')::boolean, true)
), trusted (oid) AS (
    SELECT mine.oid FROM mine
    UNION
    SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolsuper OR r.rolname = 'pg_database_owner'
    UNION
    SELECT d.datdba FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()
), schemas AS (
    SELECT n.oid, n.nspname, n.nspowner FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1::name[])
), found (what, owner) AS (
    SELECT format('schema %I', s.nspname), s.nspowner FROM schemas AS s
    UNION ALL
    SELECT format('%s %I.%I', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END, s.nspname, c.relname),
           c.relowner
    FROM schemas AS s JOIN pg_catalog.pg_class AS c ON c.relnamespace = s.oid WHERE c.relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT format('function %I.%I', s.nspname, p.proname), p.proowner
    FROM schemas AS s JOIN pg_catalog.pg_proc AS p ON p.pronamespace = s.oid
    UNION ALL
    SELECT format('function %I.%I of trigger %I on %I.%I', f.nspname, p.proname, t.tgname, s.nspname, c.relname), p.proowner
    FROM schemas AS s
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = s.oid
    JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = c.oid AND NOT t.tgisinternal
    JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace AS f ON f.oid = p.pronamespace
)
SELECT found.what, coalesce(r.rolname::text, found.owner::text)
FROM found LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = found.owner
WHERE found.owner NOT IN (SELECT trusted.oid FROM trusted)
ORDER BY found.what LIKE 'schema %' DESC, found.what
LIMIT 20
