-- What the role may not do with the targets. $1 are their oids, $2 the backup's schema. One row a finding: what is wrong, and
-- the statement that helps.
WITH me AS (
    SELECT r.rolname, r.rolsuper, r.rolbypassrls, quote_ident(r.rolname) AS quoted
    FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user
),
target AS (
    SELECT c.oid, c.relowner, c.relrowsecurity, c.relforcerowsecurity, n.oid AS schema, n.nspname,
           n.nspname || '.' || c.relname AS title, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS quoted
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = ANY ($1::oid[])
),
-- What a restore may have to make anew with a target: foreign keys of other tables, and views.
neighbour AS (
    SELECT DISTINCT c.oid, c.relowner, c.relkind, n.nspname || '.' || c.relname AS title, t.title AS of_target,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS quoted
    FROM target AS t
    JOIN LATERAL (
        SELECT k.conrelid AS oid FROM pg_catalog.pg_constraint AS k WHERE k.confrelid = t.oid AND k.contype = 'f'
        UNION
        SELECT i.inhparent FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = t.oid
        UNION
        SELECT r.ev_class FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass
          AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = t.oid
    ) AS near ON near.oid <> t.oid AND near.oid <> ALL ($1::oid[])
    JOIN pg_catalog.pg_class AS c ON c.oid = near.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
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
WHERE (n.nspname = $2::text OR n.oid IN (SELECT target.schema FROM target))
  AND NOT (has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE'))
UNION ALL
SELECT 'backstop::preflight::missing_privilege',
       format('role %s does not own table %s, so that it could not bring it back', me.rolname, t.title),
       -- To become a member of a superuser's role is no way to own a table.
       CASE WHEN o.rolsuper THEN format('ALTER TABLE %s OWNER TO %s;', t.quoted, me.quoted)
            ELSE format('GRANT %I TO %s;', o.rolname, me.quoted) END
FROM me, target AS t JOIN pg_catalog.pg_roles AS o ON o.oid = t.relowner
WHERE NOT pg_has_role(t.relowner, 'USAGE')
UNION ALL
SELECT 'backstop::preflight::missing_privilege',
       format('role %s may not read table %s', me.rolname, t.title),
       format('GRANT SELECT ON %s TO %s;', t.quoted, me.quoted)
FROM me, target AS t
WHERE pg_has_role(t.relowner, 'USAGE') AND NOT has_table_privilege(t.oid, 'SELECT')
UNION ALL
SELECT 'backstop::preflight::hidden_rows',
       format('row-level security hides rows of table %s from role %s', t.title, me.rolname),
       format('ALTER ROLE %s BYPASSRLS;', me.quoted)
FROM me, target AS t
WHERE t.relrowsecurity AND NOT me.rolsuper AND NOT me.rolbypassrls
  AND (t.relforcerowsecurity OR NOT pg_has_role(t.relowner, 'USAGE'))
UNION ALL
SELECT 'backstop::preflight::missing_privilege',
       format('role %s does not own %s, which a restore of %s may have to change', me.rolname, b.title, b.of_target),
       CASE WHEN o.rolsuper THEN format('ALTER TABLE %s OWNER TO %s;', b.quoted, me.quoted)
            ELSE format('GRANT %I TO %s;', o.rolname, me.quoted) END
FROM me, neighbour AS b JOIN pg_catalog.pg_roles AS o ON o.oid = b.relowner
WHERE NOT pg_has_role(b.relowner, 'USAGE')
ORDER BY 1, 2
