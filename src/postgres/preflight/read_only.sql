-- Whether sessions of this role in this database begin read-only: the setting of both counts before that of the role, and that
-- before the database's (ALTER ROLE ... IN DATABASE ... SET). What the server's own files say can't be told from here.
SELECT coalesce((
    SELECT split_part(c.setting, '=', 2)::boolean
    FROM pg_catalog.pg_db_role_setting AS s
    CROSS JOIN unnest(s.setconfig) AS c (setting)
    WHERE s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()))
      AND s.setrole IN (0, (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = session_user))
      AND split_part(c.setting, '=', 1) = 'default_transaction_read_only'
    ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC
    LIMIT 1), false)
