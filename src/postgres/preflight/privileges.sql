-- What the role may not do with the targets. $1 are their oids, $2 the backup's schema. One row a finding: what is wrong, and
-- the statement that helps.
WITH me AS (
    SELECT r.rolname, r.rolsuper, r.rolbypassrls, quote_ident(r.rolname) AS quoted
    FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user
),
target AS (
    SELECT c.oid, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
           n.nspname || '.' || c.relname AS title, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS quoted
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = ANY ($1::oid[])
)
SELECT 'backstop::preflight::missing_privilege' AS code,
       format('role %s may not make schema %s', me.rolname, $2::text) AS message,
       format('GRANT CREATE ON DATABASE %I TO %s;', current_database(), me.quoted) AS help
FROM me
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $2::text)
  AND NOT has_database_privilege(current_database(), 'CREATE')
UNION ALL
SELECT 'backstop::preflight::missing_privilege',
       format('role %s may not make tables in schema %s', me.rolname, n.nspname),
       format('GRANT USAGE, CREATE ON SCHEMA %I TO %s;', n.nspname, me.quoted)
FROM me, pg_catalog.pg_namespace AS n
WHERE n.nspname = $2::text
  AND NOT (has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE'))
UNION ALL
SELECT 'backstop::preflight::missing_privilege',
       format('role %s has no %s on table %s, which an owner can take from himself', me.rolname, string_agg(p.name, ', ' ORDER BY p.place), t.title),
       format('GRANT %s ON %s TO %s;', string_agg(p.name, ', ' ORDER BY p.place), t.quoted, me.quoted)
FROM me, target AS t,
     unnest(ARRAY['SELECT', 'INSERT', 'DELETE', 'TRUNCATE', 'TRIGGER']) WITH ORDINALITY AS p (name, place)
WHERE pg_has_role(t.relowner, 'USAGE') AND NOT has_table_privilege(t.oid, p.name)
GROUP BY me.rolname, me.quoted, t.title, t.quoted
UNION ALL
SELECT 'backstop::preflight::hidden_rows',
       format('row-level security hides rows of table %s from role %s', t.title, me.rolname),
       format('ALTER ROLE %s BYPASSRLS;', me.quoted)
FROM me, target AS t
-- Without FORCE an owner sees all rows; who has not his rights is told elsewhere what gives them.
WHERE t.relrowsecurity AND t.relforcerowsecurity AND NOT me.rolsuper AND NOT me.rolbypassrls
ORDER BY 1, 2
