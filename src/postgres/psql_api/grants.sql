-- Who may call what: nobody, but the owner and the two roles of the schema.

CREATE OR REPLACE FUNCTION backstop.close_functions(of_schema text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    f record;
    s backstop.psql_schemas;
    caller text;
BEGIN
    FOR f IN
        SELECT DISTINCT p.oid::regprocedure::text AS name,
               CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END AS grantee
          FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace,
               aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS g
         WHERE g.grantee <> p.proowner
           AND (n.nspname = of_schema AND p.proname = ANY (backstop.callable())
                OR n.nspname = 'backstop' AND NOT EXISTS (SELECT FROM backstop.psql_schemas AS x WHERE g.grantee IN (
                       to_regrole(quote_ident(x.execute_role))::oid, to_regrole(quote_ident(x.admin_role))::oid)))
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', f.name, f.grantee);
    END LOOP;
    SELECT * INTO s FROM backstop.psql_schemas AS x WHERE x.schema_name = of_schema;
    FOREACH caller IN ARRAY array_remove(ARRAY[s.execute_role, s.admin_role], NULL) LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I, backstop TO %I', of_schema, caller);
        EXECUTE format('GRANT EXECUTE ON FUNCTION backstop.migration_begins(text, text), backstop.migration_ends(bigint) TO %I', caller);
        FOR f IN SELECT p.oid::regprocedure::text AS name FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
                  WHERE n.nspname = of_schema AND p.proname = ANY (backstop.callable()) LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f.name, caller);
        END LOOP;
    END LOOP;
    IF s.admin_role IS NOT NULL THEN
        EXECUTE format('GRANT ALL ON SCHEMA %I TO %I', of_schema, s.admin_role);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA backstop TO %I', s.admin_role);
    END IF;
    PERFORM backstop.open_copies(of_schema);
END
$$;

CREATE OR REPLACE FUNCTION backstop.callable() RETURNS name[]
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '{create_table_backups,restore_from_backup,validate_pre_migration,validate_post_migration,list_backups,cleanup_old_backups,execute_safe_migration}'::name[]
$$;

-- Copies hold all rows, whatever row-level security hides: only the administrative role may read them.
CREATE OR REPLACE FUNCTION backstop.open_copies(of_schema text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    copy text;
    admin text := (SELECT s.admin_role FROM backstop.psql_schemas AS s WHERE s.schema_name = of_schema);
BEGIN
    FOR copy IN SELECT format('%I.%I', b.schema_name, t.copy_name)
                  FROM backstop.backups AS b JOIN backstop.backup_tables AS t ON t.backup = b.id
                 WHERE b.schema_name = of_schema AND admin IS NOT NULL LOOP
        IF to_regclass(copy) IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON %s TO %I', copy, admin);
        END IF;
    END LOOP;
END
$$;
