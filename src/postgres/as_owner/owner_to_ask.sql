-- The owner of a relation, if this session's role is a superuser and the owner is none and may read it, and the setting `role`. $1: the
-- relation, quoted.
SELECT o.rolname::pg_catalog.text, pg_catalog.current_setting('role')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_roles AS o ON o.oid OPERATOR(pg_catalog.=) c.relowner
JOIN pg_catalog.pg_roles AS me ON me.rolname OPERATOR(pg_catalog.=) current_user
WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1) AND me.rolsuper AND NOT o.rolsuper AND NOT c.relforcerowsecurity
  AND pg_catalog.has_schema_privilege(o.oid, c.relnamespace, 'USAGE') AND pg_catalog.has_table_privilege(o.oid, c.oid, 'SELECT')
