-- What the role may not do with what a restore may have to make anew. One row a finding: what is wrong, and the statement that
-- helps; none where no statement does. $1 and $2 are the roles as which it must act, and why it may not; $3 and $4 owners, and the schemas in which they get their objects
-- back; $5 to $7 the kinds, schemas and names of what is used; $8 the schemas of all that definitions name. Run under an empty search path.
WITH me AS (
    SELECT r.oid, r.rolname, r.rolsuper, r.rolinherit, quote_ident(r.rolname) AS quoted,
           current_setting('server_version_num')::int >= 160000 AS has_options
    FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user
),
-- From version 16 on a membership itself says whether it is inherited and whether one may act as the role.
wanted AS (
    SELECT r.rolname, r.rolsuper, w.why, quote_ident(r.rolname) AS quoted, pg_has_role(r.oid, 'MEMBER') AS is_member,
           pg_has_role(r.oid, 'USAGE') AS inherits,
           pg_has_role(r.oid, CASE WHEN me.has_options THEN 'SET' ELSE 'MEMBER' END) AS acts
    FROM me, unnest($1::text[], $2::text[]) AS w (role, why) JOIN pg_catalog.pg_roles AS r ON r.rolname = w.role
),
place AS (
    SELECT p.role, p.schema, n.oid AS schema_oid FROM unnest($3::text[], $4::text[]) AS p (role, schema)
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = p.schema
),
used AS (SELECT * FROM unnest($5::text[], $6::text[], $7::text[]) AS u (kind, schema, name))
SELECT format('role %s %s', me.rolname, w.why) AS message,
       CASE WHEN w.rolsuper THEN NULL
            WHEN me.has_options THEN format('GRANT %s TO %s WITH INHERIT TRUE, SET TRUE;', w.quoted, me.quoted)
            ELSE concat_ws(' ', CASE WHEN NOT w.is_member THEN format('GRANT %s TO %s;', w.quoted, me.quoted) END,
                           CASE WHEN NOT me.rolinherit THEN format('ALTER ROLE %s INHERIT;', me.quoted) END) END AS help
FROM me, wanted AS w
WHERE NOT (w.inherits AND w.acts)
UNION ALL
SELECT format('role %s, which gets its objects back in schema %s, may not have any made there', p.role, p.schema),
       format('GRANT CREATE ON SCHEMA %I TO %I;', p.schema, p.role)
FROM place AS p WHERE p.role <> current_user AND NOT has_schema_privilege(p.role, p.schema_oid, 'CREATE')
UNION ALL
SELECT DISTINCT format('role %s may not make objects in schema %s', me.rolname, p.schema),
       format('GRANT USAGE, CREATE ON SCHEMA %I TO %s;', p.schema, me.quoted)
FROM me, place AS p
WHERE NOT (has_schema_privilege(p.schema_oid, 'CREATE') AND has_schema_privilege(p.schema_oid, 'USAGE'))
UNION ALL
SELECT DISTINCT format('role %s may not use what is in schema %s', me.rolname, n.nspname),
       format('GRANT USAGE ON SCHEMA %I TO %s;', n.nspname, me.quoted)
FROM me, pg_catalog.pg_namespace AS n
WHERE n.nspname = ANY ($8::text[]) AND NOT has_schema_privilege(n.oid, 'USAGE')
UNION ALL
SELECT format('role %s may not call function %s.%s, as bringing back what calls it asks for', me.rolname, u.schema, u.name),
       format('GRANT EXECUTE ON FUNCTION %s TO %s;', p.oid::pg_catalog.regprocedure, me.quoted)
FROM me, used AS u JOIN pg_catalog.pg_namespace AS n ON n.nspname = u.schema
JOIN pg_catalog.pg_proc AS p ON p.pronamespace = n.oid AND u.name = p.proname || '(' || oidvectortypes(p.proargtypes) || ')'
WHERE u.kind = 'function' AND NOT has_function_privilege(p.oid, 'EXECUTE')
UNION ALL
SELECT format('role %s may not use type %s.%s, as making anew what has it asks for', me.rolname, u.schema, u.name),
       format('GRANT USAGE ON TYPE %I.%I TO %s;', u.schema, u.name, me.quoted)
FROM me, used AS u JOIN pg_catalog.pg_namespace AS n ON n.nspname = u.schema
JOIN pg_catalog.pg_type AS t ON t.typnamespace = n.oid AND t.typname = u.name
WHERE u.kind = 'type' AND NOT has_type_privilege(t.oid, 'USAGE')
UNION ALL
SELECT format('role %s may not refer to table %s.%s, to which a foreign key points', me.rolname, u.schema, u.name),
       format('GRANT REFERENCES ON %I.%I TO %s;', u.schema, u.name, me.quoted)
FROM me, used AS u JOIN pg_catalog.pg_namespace AS n ON n.nspname = u.schema
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = u.name
WHERE u.kind = 'table' AND NOT has_table_privilege(c.oid, 'REFERENCES')
ORDER BY 1
