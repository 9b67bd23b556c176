-- What all operations stand on: who, the lock, the log, which backup, which plan.

CREATE OR REPLACE FUNCTION backstop.actor() RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT session_user || CASE WHEN current_setting('role') IN ('none', session_user) THEN '' ELSE ' as ' || current_setting('role') END
           || ' with psql'
$$;
COMMENT ON FUNCTION backstop.actor() IS 'Who calls: the role that logged in, and the one that it has set.';

CREATE OR REPLACE FUNCTION backstop.log(operation text, schema_name text, plan text, backup text, outcome text, details text)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint;
BEGIN
    INSERT INTO backstop.operations (actor, operation, schema_name, plan, backup, outcome, details)
    VALUES (backstop.actor(), operation, schema_name, plan, backup, outcome, details)
    RETURNING id INTO number;
    RAISE LOG 'backstop: %.% by %: %', schema_name, operation, backstop.actor(), concat_ws(': ', outcome, details);
    RETURN number;
END
$$;
COMMENT ON FUNCTION backstop.log(text, text, text, text, text, text) IS
    'Writes an operation into the log and into that of the server, where it stays even if the transaction is rolled back.';

CREATE OR REPLACE FUNCTION backstop.enter() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holder record;
BEGIN
    BEGIN
        LOCK TABLE backstop.meta IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;
    EXCEPTION WHEN lock_not_available THEN
        RAISE EXCEPTION 'a run is going on: another session takes its lock, or holds it until its transaction ends'
            USING ERRCODE = 'lock_not_available', HINT = 'Try again in a moment; the view backstop.status shows where it stands.';
    END;
    SELECT h.* INTO holder FROM ({holder}) AS h (pid, role, application, address, since);
    IF holder.pid IS NOT NULL THEN
        RAISE EXCEPTION 'a run is going on: its lock is held by pid % as role %, application %', holder.pid, holder.role, holder.application
            USING ERRCODE = 'lock_not_available', HINT = 'Wait until it has ended; SELECT * FROM backstop.status shows where it stands.';
    END IF;
    PERFORM pg_try_advisory_xact_lock({lock}, (random() * 2147483647)::integer);
END
$$;
COMMENT ON FUNCTION backstop.enter() IS 'Takes the run lock until the transaction ends, or says who has it.';

CREATE OR REPLACE FUNCTION backstop.chosen(of_schema text, wanted text) RETURNS backstop.backups
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found backstop.backups;
BEGIN
    SELECT b.* INTO found FROM backstop.backups AS b
     WHERE b.schema_name = of_schema AND b.status = 'complete' AND (wanted IS NULL OR b.id = wanted)
     ORDER BY b.created_at DESC, b.id DESC LIMIT 1;
    IF found.id IS NULL THEN
        RAISE EXCEPTION '%', CASE WHEN wanted IS NULL THEN format('there is no complete backup in schema %I', of_schema)
                                  ELSE format('there is no complete backup %s in schema %I', wanted, of_schema) END
            USING ERRCODE = 'no_data_found', HINT = format('SELECT * FROM %I.list_backups();', of_schema);
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION backstop.chosen(text, text) IS 'The backup with this id, or the newest one of the schema.';

CREATE OR REPLACE FUNCTION backstop.registered(of_schema text, wanted text) RETURNS backstop.plans
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found backstop.plans;
BEGIN
    SELECT p.* INTO found FROM backstop.plans AS p
     WHERE p.schema_name = of_schema AND (wanted IS NULL OR p.plan = wanted)
     ORDER BY p.registered_at DESC LIMIT 1;
    IF found.plan IS NULL THEN
        RAISE EXCEPTION '%', CASE WHEN wanted IS NULL THEN format('no plan is registered for schema %I', of_schema)
                                  ELSE format('no plan %s is registered for schema %I', wanted, of_schema) END
            USING ERRCODE = 'no_data_found', HINT = 'backstop install PLAN registers one.';
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION backstop.registered(text, text) IS 'The plan with this name, or the one that was registered last for the schema.';

CREATE OR REPLACE FUNCTION backstop.refuse_open_path(path text, owner text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s record;
BEGIN
    FOR s IN SELECT o.name, o.roles FROM backstop.open_schemas(backstop.schemas_of(coalesce(path, '')), owner) AS o LOOP
        RAISE EXCEPTION 'functions would be looked up in schema %, where % may make objects by now', s.name, array_to_string(s.roles, ', ')
            USING ERRCODE = 'insufficient_privilege',
                  HINT = format('REVOKE CREATE ON SCHEMA %I FROM %s;', s.name,
                                (SELECT string_agg(CASE r WHEN 'PUBLIC' THEN r ELSE quote_ident(r) END, ', ') FROM unnest(s.roles) AS r));
    END LOOP;
END
$$;
COMMENT ON FUNCTION backstop.refuse_open_path(text, text) IS
    'A path that was safe when it was recorded may be none by now: nothing of strangers is to run with the rights of who restores.';

-- Runs a statement under a path that was found safe; the caller's own is back afterwards.
CREATE OR REPLACE FUNCTION backstop.run_under(path text, statement text) RETURNS void
    LANGUAGE plpgsql {pinned} AS $$
BEGIN
    PERFORM backstop.evaluate_under();
    PERFORM set_config('search_path', coalesce(path, ''), true);
    EXECUTE statement;
END
$$;
COMMENT ON FUNCTION backstop.run_under(text, text) IS 'Runs a statement under a search_path, and under the settings that a restore says.';

CREATE OR REPLACE FUNCTION backstop.digest_of(query text, path text, OUT row_count bigint, OUT digest text)
    LANGUAGE plpgsql {pinned} AS $$
DECLARE
    first text;
    second text;
    sums text[];
    half numeric;
BEGIN
    PERFORM pg_catalog.set_config('search_path', coalesce(path, ''), true);
    EXECUTE query INTO row_count, first, second;
    PERFORM pg_catalog.set_config('search_path', '', true);
    sums := ARRAY[first, second];
    digest := '';
    FOR place IN 1..2 LOOP
        half := mod(mod(sums[place]::numeric, 18446744073709551616) + 18446744073709551616, 18446744073709551616);
        digest := digest || lpad(to_hex(div(half, 4294967296)::bigint), 8, '0')
                         || lpad(to_hex(mod(half, 4294967296)::bigint), 8, '0');
    END LOOP;
END
$$;
COMMENT ON FUNCTION backstop.digest_of(text, text) IS 'Rows and digest of a table or copy, by its stored query, read under a search_path.';

CREATE OR REPLACE FUNCTION backstop.digest_along(query text, path text, others text[], OUT row_count bigint, OUT digest text)
    LANGUAGE plpgsql {pinned} AS $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY[coalesce(path, ''), ''] || coalesce(others, '{}') LOOP
        BEGIN
            SELECT d.row_count, d.digest INTO row_count, digest FROM backstop.digest_of(query, one) AS d;
            RETURN;
        EXCEPTION
            WHEN syntax_error_or_access_rule_violation OR undefined_function OR undefined_table OR undefined_object OR undefined_column
                 OR datatype_mismatch OR wrong_object_type OR ambiguous_function OR invalid_schema_name THEN
                row_count := NULL;
                digest := NULL;
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION backstop.digest_along(text, text, text[]) IS
    'The digest under the first path that the table can be read under; nothing where there is none.';
