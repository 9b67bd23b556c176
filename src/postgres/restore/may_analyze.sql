-- Whether the role may count the statistics of a relation: owners may, and whoever owns the database; from PostgreSQL 17 on also
-- those with MAINTAIN. $1: its name, quoted.
SELECT pg_catalog.pg_has_role(c.relowner, 'USAGE')
    OR pg_catalog.pg_has_role(d.datdba, 'USAGE')
    OR EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) AS g
               WHERE g.privilege_type OPERATOR(pg_catalog.=) 'MAINTAIN'
                 AND (g.grantee OPERATOR(pg_catalog.=) 0 OR pg_catalog.pg_has_role(g.grantee, 'USAGE')))
FROM pg_catalog.pg_class AS c, pg_catalog.pg_database AS d
WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1::pg_catalog.text)
  AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
