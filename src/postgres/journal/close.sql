-- Takes away what default privileges gave to others on what was just made in the journal's schema: everything, for everybody but
-- its owner. What was there before keeps what people granted on it; its oids are in the setting backstop.there.
DO $close$
DECLARE
    there CONSTANT oid[] := current_setting('backstop.there')::oid[];
    one record;
BEGIN
    FOR one IN
        SELECT DISTINCT o.kind, o.name, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END AS grantee
        FROM (
            SELECT n.oid, 'SCHEMA' AS kind, quote_ident(n.nspname) AS name, n.nspowner AS owner, n.nspacl AS acl
            FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'backstop'
            UNION ALL
            SELECT c.oid, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, format('backstop.%I', c.relname), c.relowner,
                   c.relacl
            FROM pg_catalog.pg_class AS c
            WHERE c.relnamespace = 'backstop'::regnamespace AND c.relkind IN ('r', 'v', 'S')
            UNION ALL
            SELECT p.oid, 'FUNCTION', p.oid::regprocedure::text, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
            FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'backstop'::regnamespace
        ) AS o
        CROSS JOIN LATERAL aclexplode(o.acl) AS g
        LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee
        WHERE o.oid <> ALL (there) AND g.grantee <> o.owner
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s CASCADE', one.kind, one.name, one.grantee);
    END LOOP;
END
$close$;
