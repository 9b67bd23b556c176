-- Of each relation, whether the role has all of some privileges on it. To look a name up would be an error where the role may not use its
-- schema. $1: the schemas; $2: the names; $3: the privileges.
SELECT coalesce((SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                        AND (SELECT pg_catalog.bool_and(pg_catalog.has_table_privilege(c.oid, p.wanted)) FROM pg_catalog.unnest($3::pg_catalog.text[]) AS p (wanted))
                 FROM pg_catalog.pg_namespace AS n
                 JOIN pg_catalog.pg_class AS c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
                 WHERE n.nspname OPERATOR(pg_catalog.=) s.schema_name AND c.relname OPERATOR(pg_catalog.=) s.relation), false)
FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))
     WITH ORDINALITY AS s (schema_name, relation, place)
ORDER BY s.place
