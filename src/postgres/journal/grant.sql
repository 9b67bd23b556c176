-- The statement that lets the role have the journal: it may make it where there is none yet; else it becomes a member of the role that
-- owns it, unless that is a superuser, of which nobody should be a member.
SELECT CASE
    WHEN n.oid IS NULL THEN format('GRANT CREATE ON DATABASE %I TO %I;', current_database(), current_user)
    WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = 'meta')
        THEN format('GRANT USAGE, CREATE ON SCHEMA backstop TO %I;', current_user)
    WHEN o.rolsuper THEN format('GRANT USAGE ON SCHEMA backstop TO %1$I; GRANT ALL ON ALL TABLES IN SCHEMA backstop TO %1$I; '
                                'GRANT ALL ON ALL SEQUENCES IN SCHEMA backstop TO %1$I; GRANT ALL ON ALL FUNCTIONS IN SCHEMA backstop TO %1$I;', current_user)
    WHEN current_setting('server_version_num')::int >= 160000
        THEN format('GRANT %I TO %I WITH INHERIT TRUE, SET TRUE;', o.rolname, current_user)
    ELSE concat_ws(' ', CASE WHEN NOT pg_has_role(o.oid, 'MEMBER') THEN format('GRANT %I TO %I;', o.rolname, current_user) END,
                   CASE WHEN NOT me.rolinherit THEN format('ALTER ROLE %I INHERIT;', current_user) END)
END
FROM pg_catalog.pg_roles AS me
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'backstop'
LEFT JOIN pg_catalog.pg_roles AS o ON o.oid = n.nspowner
WHERE me.rolname = current_user
