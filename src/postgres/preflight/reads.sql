-- What owners of materialized views may not read, so that their views could not be filled again: neither whole nor a column of it.
-- $1 are the owners, $2 and $3 schema and name of what their views read.
SELECT format('role %s may not read %s.%s, which its materialized view is filled from', r.role, r.schema, r.name),
       format('GRANT SELECT ON %I.%I TO %I;', r.schema, r.name, r.role)
FROM unnest($1::text[], $2::text[], $3::text[]) AS r (role, schema, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = r.schema
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = r.name
WHERE NOT has_any_column_privilege(r.role, c.oid, 'SELECT')
ORDER BY 1
