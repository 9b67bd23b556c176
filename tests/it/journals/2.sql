SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA backstop;
COMMENT ON SCHEMA backstop IS 'Journal of backstop: runs, their events, applied plans. Look at the views status and history.';
CREATE SCHEMA backup_pre_migration;
CREATE FUNCTION backstop.actor() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT session_user || CASE WHEN current_setting('role') IN ('none', session_user) THEN '' ELSE ' as ' || current_setting('role') END
           || ' with psql'
$$;
COMMENT ON FUNCTION backstop.actor() IS 'Who calls: the role that logged in, and the one that it has set.';
CREATE FUNCTION backstop.ask(q jsonb, OUT holds boolean, OUT message text, OUT rows bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    pattern jsonb;
    t record;
    found record;
    asked integer := 0;
    good text;
    bad text[] := '{}';
    total bigint;
    seen oid[] := '{}';
BEGIN
    IF q ? 'error' THEN
        RAISE EXCEPTION '%', q ->> 'error' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF q ->> 'kind' IN ('function', 'extension', 'sql') THEN
        SELECT * INTO holds, message, rows FROM backstop.ask_once(q);
        RETURN;
    END IF;
    FOR pattern IN SELECT e FROM pg_catalog.jsonb_array_elements(q -> 'tables') AS e LOOP
        BEGIN
            FOR t IN SELECT r.relation, r.title FROM backstop.relations(pattern) AS r LOOP
                CONTINUE WHEN t.relation = ANY (seen);
                seen := seen || t.relation;
                IF q ->> 'kind' = 'table_exists' THEN
                    PERFORM backstop.columns_there(t.relation, t.title, q -> 'columns');
                    SELECT true AS holds, t.title || ' exists' AS message, NULL::bigint AS rows INTO found;
                ELSIF q ->> 'head' IS NOT NULL THEN
                    SELECT * INTO found FROM backstop.ask_rows(q, t.relation, t.title);
                ELSE
                    SELECT c.holds, c.message, NULL::bigint AS rows INTO found FROM backstop.ask_catalog(q, t.relation, t.title) AS c;
                    IF found.holds IS NULL THEN
                        CONTINUE WHEN NOT (pattern ->> 'exact')::boolean;
                        RAISE EXCEPTION '% has no column %', t.title, q ->> 'column' USING ERRCODE = 'undefined_column';
                    END IF;
                END IF;
                asked := asked + 1;
                IF found.holds THEN
                    good := coalesce(good, found.message);
                ELSE
                    bad := bad || found.message;
                END IF;
                IF found.rows IS NOT NULL AND (NOT found.holds OR bad = '{}') THEN
                    total := CASE WHEN found.holds THEN coalesce(total, 0) + found.rows
                                  WHEN pg_catalog.cardinality(bad) = 1 THEN found.rows ELSE total + found.rows END;
                END IF;
            END LOOP;
        EXCEPTION WHEN undefined_table OR undefined_column THEN
            -- That something is missing is an answer to this question alone.
            IF q ->> 'kind' <> 'table_exists' THEN
                RAISE;
            END IF;
            bad := bad || SQLERRM;
            asked := asked + 1;
        END;
    END LOOP;
    IF asked = 0 THEN
        RAISE EXCEPTION 'no table is meant' USING ERRCODE = 'undefined_table';
    END IF;
    holds := bad = '{}';
    rows := total;
    message := CASE WHEN holds THEN good || CASE WHEN asked > 1 THEN pg_catalog.format('; and %s more', asked - 1) ELSE '' END
                    ELSE pg_catalog.array_to_string(bad[1:5], '; ') || CASE WHEN pg_catalog.cardinality(bad) > 5
                         THEN pg_catalog.format('; and %s more', pg_catalog.cardinality(bad) - 5) ELSE '' END END;
END
$$;
CREATE FUNCTION backstop.ask_catalog(q jsonb, relation oid, title text, OUT holds boolean, OUT message text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    asked text[] := ARRAY(SELECT pg_catalog.jsonb_array_elements_text(coalesce(q -> 'columns', '[]')));
    found record;
    wanted oid;
    modifier text;
BEGIN
    CASE q ->> 'kind'
    WHEN 'row_security' THEN
        SELECT c.relrowsecurity AS is_on, c.relforcerowsecurity AS is_forced INTO found FROM pg_catalog.pg_class AS c WHERE c.oid = relation;
        holds := found.is_on = (q ->> 'enabled')::boolean AND found.is_forced = coalesce((q ->> 'forced')::boolean, found.is_forced);
        message := pg_catalog.format('row-level security of %s is %s', title, CASE
            WHEN found.is_on AND found.is_forced THEN 'enabled and forced' WHEN found.is_on THEN 'enabled, not forced'
            WHEN found.is_forced THEN 'forced but not enabled' ELSE 'not enabled' END);
    WHEN 'policy' THEN
        SELECT pg_catalog.count(*) AS n, coalesce(pg_catalog.bool_or(p.polname IN (q ->> 'name', q ->> 'text')), false) AS named INTO found
          FROM pg_catalog.pg_policy AS p WHERE p.polrelid = relation;
        holds := CASE WHEN q ->> 'name' IS NULL THEN found.n >= (q ->> 'at_least')::bigint ELSE found.named END;
        message := CASE WHEN q ->> 'name' IS NULL THEN pg_catalog.format('%s has %s policies', title, found.n)
                             || CASE WHEN holds THEN '' ELSE pg_catalog.format(', at least %s asked for', q ->> 'at_least') END
                        ELSE pg_catalog.format('%s has %s policy %s', title, CASE WHEN holds THEN 'the' ELSE 'no' END, q ->> 'name') END;
    WHEN 'privilege' THEN
        SELECT pg_catalog.string_agg(p, ', ') INTO message
          FROM pg_catalog.jsonb_array_elements_text(q -> 'privileges') AS p
         WHERE pg_catalog.has_table_privilege((q ->> 'role')::name, relation, p) <> (q ->> 'granted')::boolean;
        holds := message IS NULL;
        message := CASE WHEN holds THEN pg_catalog.format('%s has the privileges on %s that it should have', q ->> 'role', title)
                        WHEN (q ->> 'granted')::boolean THEN pg_catalog.format('%s does not have %s on %s', q ->> 'role', message, title)
                        ELSE pg_catalog.format('%s has %s on %s', q ->> 'role', message, title) END;
    WHEN 'constraint', 'foreign_key' THEN
        PERFORM backstop.columns_there(relation, title, q -> 'columns');
        IF q ? 'to' THEN
            SELECT t.relation INTO STRICT wanted FROM backstop.relations(q -> 'to') AS t;
        END IF;
        SELECT pg_catalog.bool_or(k.convalidated AND coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, true)) INTO holds
          FROM pg_catalog.pg_constraint AS k
         WHERE k.conrelid = relation
           AND k.conname = coalesce(q ->> 'name', k.conname::text) AND k.contype::text = coalesce(q ->> 'contype', k.contype::text)
           AND k.confrelid = coalesce(wanted, k.confrelid)
           AND (asked = '{}' OR pg_catalog.cardinality(k.conkey) = pg_catalog.cardinality(asked) AND asked @>
                ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = relation AND a.attnum = ANY (k.conkey)));
        message := pg_catalog.format('%s %s of %s', CASE WHEN holds THEN 'there is a' WHEN holds IS NULL THEN 'there is no'
                                     ELSE 'there is only a not validated' END, q ->> 'what', title);
        holds := coalesce(holds, false);
    WHEN 'index' THEN
        PERFORM backstop.columns_there(relation, title, q -> 'columns');
        SELECT pg_catalog.count(*) AS n,
               pg_catalog.count(*) FILTER (WHERE i.valid AND (NOT i.partial OR q ->> 'name' IS NOT NULL) AND CASE (q ->> 'unique')::boolean
                   WHEN true THEN i.indisunique AND (asked = '{}' OR pg_catalog.cardinality(i.keys) = pg_catalog.cardinality(asked))
                   WHEN false THEN NOT i.indisunique ELSE true END) AS good
          INTO found
          FROM (SELECT x.indisunique, x.indisvalid AND x.indisready AND x.indislive AS valid, x.indpred IS NOT NULL AS partial, c.relname,
                       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(x.indkey) WITH ORDINALITY AS k (attnum, place)
                             LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.attnum AND k.attnum > 0
                             WHERE k.place <= x.indnkeyatts ORDER BY k.place) AS keys
                  FROM pg_catalog.pg_index AS x JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid WHERE x.indrelid = relation) AS i
         WHERE i.relname = coalesce(q ->> 'name', i.relname::text)
           AND i.keys[1:pg_catalog.cardinality(asked)] = asked;
        holds := found.good > 0;
        message := pg_catalog.format('%s %s of %s', CASE WHEN holds THEN 'there is an' WHEN found.n = 0 THEN 'there is no'
                                     ELSE 'there is no serviceable' END, q ->> 'what', title);
    WHEN 'column_type' THEN
        SELECT a.atttypid, pg_catalog.format_type(a.atttypid, a.atttypmod) AS is_now,
               (SELECT t.typtype = 'd' FROM pg_catalog.pg_type AS t WHERE t.oid = a.atttypid) AS is_domain
          INTO found FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = relation AND a.attname = q ->> 'column' AND a.attnum > 0 AND NOT a.attisdropped;
        IF found.atttypid IS NULL THEN
            RETURN;
        END IF;
        wanted := pg_catalog.to_regtype(q ->> 'type');
        IF wanted IS NULL THEN
            RAISE EXCEPTION 'type % does not exist', q ->> 'type' USING ERRCODE = 'undefined_object';
        END IF;
        modifier := pg_catalog.replace(coalesce(pg_catalog.substring(q ->> 'type', '\(([^)]*)\)'),
                                                CASE WHEN wanted = 'pg_catalog.bpchar'::pg_catalog.regtype THEN '1' END, ''), ' ', '');
        IF wanted = 'pg_catalog.numeric'::pg_catalog.regtype AND modifier ~ '^[0-9]+$' THEN
            modifier := modifier || ',0';
        END IF;
        holds := found.atttypid = wanted
            AND (found.is_domain OR coalesce(pg_catalog.substring(found.is_now, '\(([^)]*)\)'), '') = modifier);
        message := pg_catalog.format('%s.%s is %s', title, q ->> 'column', found.is_now)
                   || CASE WHEN holds THEN '' ELSE ', not ' || (q ->> 'type') END;
    END CASE;
END
$_$;
CREATE FUNCTION backstop.ask_once(q jsonb, OUT holds boolean, OUT message text, OUT rows bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    f jsonb;
    results text[];
    answer text;
    cells integer;
BEGIN
    CASE q ->> 'kind'
    WHEN 'function' THEN
        holds := true;
        FOR f IN SELECT e FROM pg_catalog.jsonb_array_elements(q -> 'functions') AS e LOOP
            SELECT pg_catalog.array_agg(coalesce(pg_catalog.pg_get_function_result(p.oid), 'nothing')) INTO results
              FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
             WHERE CASE WHEN f ? 'signature' THEN p.oid = pg_catalog.to_regprocedure(f ->> 'signature')
                        ELSE p.proname = f ->> 'name' AND CASE WHEN f ->> 'schema' IS NULL THEN pg_catalog.pg_function_is_visible(p.oid)
                                                               ELSE n.nspname = f ->> 'schema' END END;
            IF results IS NULL THEN
                holds := false;
                message := pg_catalog.concat_ws('; ', message, pg_catalog.format('function %s does not exist', f ->> 'shown'));
            ELSIF q ->> 'returns' IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_catalog.unnest(results) AS r
                 WHERE pg_catalog.lower(r) = pg_catalog.lower(q ->> 'returns')
                    OR pg_catalog.to_regtype(r) = pg_catalog.to_regtype(q ->> 'returns')) THEN
                holds := false;
                message := pg_catalog.concat_ws('; ', message, pg_catalog.format('function %s returns %s, not %s', f ->> 'shown',
                                                    pg_catalog.array_to_string(results, ' or '), q ->> 'returns'));
            END IF;
        END LOOP;
        message := coalesce(message, pg_catalog.format('all %s functions exist', pg_catalog.jsonb_array_length(q -> 'functions')));
    WHEN 'extension' THEN
        SELECT x.extversion INTO answer FROM pg_catalog.pg_extension AS x WHERE x.extname = q ->> 'name';
        holds := answer IS NOT NULL AND (q ->> 'at_least' IS NULL OR
            coalesce(pg_catalog.string_to_array(pg_catalog.regexp_replace(answer, '[^0-9.].*$', ''), '.')::integer[]
                     >= pg_catalog.string_to_array(pg_catalog.regexp_replace(q ->> 'at_least', '[^0-9.].*$', ''), '.')::integer[], false));
        message := CASE WHEN answer IS NULL THEN pg_catalog.format('extension %s is not installed', q ->> 'name')
                        ELSE pg_catalog.format('extension %s has version %s', q ->> 'name', answer)
                             || CASE WHEN holds THEN '' ELSE ', not at least ' || (q ->> 'at_least') END END;
    WHEN 'sql' THEN
        EXECUTE pg_catalog.format(E'SELECT pg_catalog.count(*) FROM (%s\n) AS q', q ->> 'sql') INTO rows;
        IF q ->> 'expect' = 'rows' THEN
            holds := rows >= coalesce((q ->> 'at_least')::bigint, 0) AND rows <= coalesce((q ->> 'at_most')::bigint, rows);
            message := pg_catalog.format('%s rows', rows) || CASE WHEN holds THEN '' ELSE ', not ' || (q ->> 'bounds') END;
            RETURN;
        END IF;
        EXECUTE pg_catalog.format(E'SELECT pg_catalog.count(*) FROM pg_catalog.jsonb_object_keys((SELECT pg_catalog.to_jsonb(q) FROM (%s\n) AS q LIMIT 1))',
                                  q ->> 'sql') INTO cells;
        IF rows <> 1 OR cells <> 1 THEN
            IF q ->> 'expect' = 'nothing' THEN
                holds := true;
                message := pg_catalog.format('%s rows', rows);
                RETURN;
            END IF;
            RAISE EXCEPTION 'one row with one column is expected, it answers % rows of %', rows, cells USING ERRCODE = 'cardinality_violation';
        END IF;
        EXECUTE pg_catalog.format(E'SELECT q.cell::pg_catalog.text FROM (%s\n) AS q (cell)', q ->> 'sql') INTO answer;
        rows := NULL;
        IF q ->> 'expect' = 'value' THEN
            holds := answer IS NOT DISTINCT FROM q ->> 'value';
        ELSIF q ->> 'expect' = 'number' THEN
            holds := coalesce(answer::numeric >= coalesce((q ->> 'at_least')::numeric, answer::numeric)
                          AND answer::numeric <= coalesce((q ->> 'at_most')::numeric, answer::numeric), false);
            rows := CASE WHEN answer ~ '^[0-9]{1,18}$' THEN answer::bigint END;
        ELSE
            holds := true;
        END IF;
        message := pg_catalog.format('the answer is %s', coalesce(pg_catalog.left(answer, 80), 'NULL'))
                   || CASE WHEN holds THEN '' ELSE ', not ' || coalesce(q ->> 'value', q ->> 'bounds') END;
    END CASE;
END
$_$;
CREATE FUNCTION backstop.ask_rows(q jsonb, relation oid, title text, OUT holds boolean, OUT message text, OUT rows bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    place text := (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class AS c
                     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = relation);
    other record;
    keys jsonb := q -> 'to_columns';
    equal text;
    tail text := q ->> 'tail';
BEGIN
    PERFORM backstop.columns_there(relation, title, q -> 'columns');
    IF q ? 'to' THEN
        SELECT * INTO STRICT other FROM backstop.relations(q -> 'to');
        IF pg_catalog.jsonb_array_length(keys) = 0 THEN
            keys := (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY pg_catalog.array_position(i.indkey::smallint[], a.attnum))
                       FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                      WHERE i.indrelid = other.relation AND i.indisprimary);
        END IF;
        IF pg_catalog.jsonb_array_length(coalesce(keys, '[]')) <> pg_catalog.jsonb_array_length(q -> 'columns') THEN
            RAISE EXCEPTION 'the columns can''t reference %: their number is another one', other.title USING ERRCODE = 'undefined_column';
        END IF;
        PERFORM backstop.columns_there(other.relation, other.title, keys);
        SELECT pg_catalog.string_agg(pg_catalog.format('r.%I = t.%I', k.name, o.name), ' AND ') INTO equal
          FROM pg_catalog.jsonb_array_elements_text(q -> 'columns') WITH ORDINALITY AS o (name, place)
          JOIN pg_catalog.jsonb_array_elements_text(keys) WITH ORDINALITY AS k (name, place) USING (place);
        tail := tail || pg_catalog.format(' AND NOT EXISTS (SELECT FROM %s AS r WHERE %s)',
            (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = other.relation), equal);
    END IF;
    EXECUTE (q ->> 'head') || place || tail INTO rows;
    IF q ->> 'kind' = 'row_count' THEN
        holds := rows >= coalesce((q ->> 'at_least')::bigint, 0) AND rows <= coalesce((q ->> 'at_most')::bigint, rows);
        message := pg_catalog.format('%s has %s rows', title, rows) || CASE WHEN holds THEN '' ELSE ', not ' || (q ->> 'bounds') END;
    ELSE
        holds := rows = 0;
        message := CASE WHEN holds THEN pg_catalog.format(q ->> 'good', title) ELSE pg_catalog.format(q ->> 'bad', rows, title) END;
    END IF;
END
$$;
CREATE FUNCTION backstop.at_fault(wanted uuid, moment pg_snapshot, own regclass, own_columns text[], other regclass, referred text[]) RETURNS SETOF bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    condition text := backstop.pointing_to_nothing(own, own_columns, other, referred);
    missing   jsonb[];
BEGIN
    IF condition IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT array_agg(DISTINCT jsonb_build_array(%s)) FROM %s AS row_ WHERE %s',
                   (SELECT string_agg(format('row_.%I::text', n), ', ') FROM unnest(own_columns) AS n), backstop.rows_of(own), condition)
        INTO missing;
    RETURN QUERY
        SELECT w.seq
        FROM backstop.later_writes AS w
        CROSS JOIN LATERAL (SELECT to_regclass(format('%I.%I', w.schema_name, w.table_name)) AS target) AS t
        CROSS JOIN LATERAL (SELECT CASE t.target WHEN own THEN own_columns ELSE referred END AS names) AS k
        CROSS JOIN LATERAL (SELECT backstop.held(w.columns, w.old_row, k.names) AS was,
                                   backstop.held(w.columns, w.new_row, k.names) AS is_now) AS h
        WHERE w.run = wanted AND w.columns IS NOT NULL AND t.target IN (own, other)
          AND (moment IS NULL OR NOT pg_visible_in_snapshot(w.transaction, moment))
          AND NOT EXISTS (SELECT FROM backstop.quarantine AS q WHERE q.run = w.run AND q.seq = w.seq)
          AND cardinality(missing) > 0
          AND CASE
                  WHEN h.was IS NOT DISTINCT FROM h.is_now THEN w.operation = 'TRUNCATE' AND t.target = other
                  ELSE coalesce(t.target = own AND h.is_now = ANY (missing), false)
                       OR coalesce(t.target = other AND h.was = ANY (missing), false)
              END;
END
$$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE backstop.backups (
    id text NOT NULL,
    schema_name text NOT NULL,
    plan text NOT NULL,
    run text,
    created_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone,
    status text NOT NULL,
    server_version integer NOT NULL,
    algorithm text NOT NULL,
    fingerprint text,
    catalog jsonb,
    moment pg_snapshot,
    CONSTRAINT backups_check CHECK (((status = 'partial'::text) OR ((completed_at IS NOT NULL) AND (fingerprint IS NOT NULL) AND (catalog IS NOT NULL)))),
    CONSTRAINT backups_status_check CHECK ((status = ANY (ARRAY['partial'::text, 'complete'::text])))
);
COMMENT ON TABLE backstop.backups IS 'One row a backup. Only a complete one is ever restored; a partial one is cleared away by the next run.';
COMMENT ON COLUMN backstop.backups.run IS 'The run that took it; none where a person did.';
COMMENT ON COLUMN backstop.backups.algorithm IS 'How the rows were digested.';
COMMENT ON COLUMN backstop.backups.catalog IS 'The structure of the whole database at the moment of the backup.';
COMMENT ON COLUMN backstop.backups.moment IS 'Which transactions the copies show: what another one wrote came later. None where nobody could write meanwhile.';
CREATE FUNCTION backstop.bring_back(b backstop.backups, was jsonb, scope text[], reload text[], positions jsonb, left_out text[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    SET check_function_bodies TO 'off'
    SET default_tablespace TO ''
    SET default_table_access_method TO 'heap'
    AS $$
DECLARE
    is_now jsonb := backstop.facts(left_out);
    missing text[] := (SELECT coalesce(array_agg(w.key), '{}') FROM jsonb_each(was) AS w WHERE NOT is_now ? w.key);
    done text[] := missing || reload;
    s record;
    at jsonb;
BEGIN
    -- Who grants on something needs its schema first.
    done := done || backstop.straighten_all(was, scope, ARRAY['schema'], missing, left_out);
    FOR s IN
        SELECT t.action, t.statement, t.schema_name, t.object_name, t.key
          FROM (SELECT q.*, backstop.key(q.kind, q.schema_name, q.part_of, q.object_name) AS key
                  FROM backstop.backup_statements AS q WHERE q.backup = b.id) AS t
         WHERE t.key = ANY (missing) OR t.action = 'position' OR t.action = 'load' AND t.key = ANY (reload)
         ORDER BY t.place
    LOOP
        IF s.action = 'position' THEN
            at := positions -> s.key;
            CONTINUE WHEN at IS NULL;
            PERFORM setval(format('%I.%I', s.schema_name, s.object_name)::regclass, (at ->> 0)::bigint, (at ->> 1)::boolean);
        ELSIF s.statement IS NOT NULL THEN
            EXECUTE s.statement;
        END IF;
    END LOOP;
    PERFORM backstop.wake(reload, was);
    RETURN done || backstop.straighten_all(was, scope, ARRAY['table', 'function', 'view', 'materialized view', 'sequence', 'type'], missing, left_out);
END
$$;
CREATE FUNCTION backstop.callable() RETURNS name[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT '{create_table_backups,restore_from_backup,validate_pre_migration,validate_post_migration,list_backups,cleanup_old_backups,execute_safe_migration}'::name[]
$$;
CREATE FUNCTION backstop.capture_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    AS $$
BEGIN
    INSERT INTO backstop.later_writes (run, transaction, schema_name, table_name, operation, columns, old_row, new_row)
    VALUES (TG_ARGV[0]::uuid, pg_current_xact_id(), TG_ARGV[1], TG_ARGV[2], TG_OP,
            ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                  WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
            CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN OLD::text END,
            CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN NEW::text END);
    RETURN NULL;
END
$$;
CREATE FUNCTION backstop.carry_one(wanted bigint, may_still_come boolean, INOUT fits jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
    change backstop.later_writes;
    known  text;
    reason text;
    target regclass;
    fit    jsonb;
BEGIN
    SELECT w.* INTO STRICT change FROM backstop.later_writes AS w WHERE w.seq = wanted;
    known := format('%I.%I %s', change.schema_name, change.table_name, change.columns);
    IF NOT fits ? known THEN
        target := to_regclass(format('%I.%I', change.schema_name, change.table_name));
        IF target IS NULL THEN
            RAISE undefined_table USING MESSAGE = format('there is no table %I.%I', change.schema_name, change.table_name);
        END IF;
        fit := backstop.fit(target, change.columns);
        fits := fits || jsonb_build_object(known, fit || jsonb_build_object(
            'finding', backstop.finding(fit, '$1'), 'insertion', backstop.insertion(fit)));
    END IF;
    reason := backstop.make_again(change, fits -> known, may_still_come);
    IF reason IS NOT NULL THEN
        PERFORM backstop.put_in_quarantine(change, '42703', reason, true);
    END IF;
END
$_$;
CREATE FUNCTION backstop.carry_over(wanted uuid, moment pg_snapshot, refused jsonb DEFAULT '{}'::jsonb, OUT carried_over bigint, OUT quarantined bigint, OUT curtailed bigint) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    changes bigint[];
    targets regclass[];
    fits    jsonb := '{}';
    hushed  record;
BEGIN
    SELECT array_agg(DISTINCT to_regclass(format('%I.%I', w.schema_name, w.table_name))) INTO targets
    FROM backstop.later_writes AS w WHERE w.run = wanted AND w.columns IS NOT NULL;
    SET CONSTRAINTS ALL IMMEDIATE;
    SELECT q.* INTO hushed FROM backstop.quieting(targets) AS q;
    IF hushed.quiet IS NOT NULL THEN
        EXECUTE hushed.quiet;
    END IF;
    PERFORM backstop.put_in_quarantine(w, '23503', r.value, false)
    FROM jsonb_each_text(refused) AS r JOIN backstop.later_writes AS w ON w.run = wanted AND w.seq = r.key::bigint;
    GET DIAGNOSTICS carried_over = ROW_COUNT;
    FOR changes IN
        SELECT array_agg(w.seq ORDER BY w.seq) FROM backstop.later_writes AS w
        WHERE w.run = wanted AND w.columns IS NOT NULL AND (moment IS NULL OR NOT pg_visible_in_snapshot(w.transaction, moment))
          AND NOT refused ? w.seq::text
        GROUP BY w.transaction ORDER BY max(w.seq)
    LOOP
        DECLARE
            change bigint;
        BEGIN
            SET CONSTRAINTS ALL DEFERRED;
            FOREACH change IN ARRAY changes LOOP
                fits := backstop.carry_one(change, false, fits);
            END LOOP;
            SET CONSTRAINTS ALL IMMEDIATE;
        EXCEPTION WHEN OTHERS THEN
            IF backstop.is_no_fault_of_the_change(SQLSTATE) THEN
                RAISE;
            END IF;
            fits := backstop.carry_singly(changes, fits);
        END;
        carried_over := carried_over + cardinality(changes);
    END LOOP;
    IF hushed.wake IS NOT NULL THEN
        EXECUTE hushed.wake;
    END IF;
    PERFORM backstop.move_sequences(targets);
    SELECT count(*) FILTER (WHERE NOT q.carried_over), count(*) FILTER (WHERE q.carried_over) INTO quarantined, curtailed
    FROM backstop.quarantine AS q WHERE q.run = wanted;
    carried_over := carried_over - quarantined - curtailed;
END
$$;
CREATE FUNCTION backstop.carry_singly(changes bigint[], INOUT fits jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    due     bigint[] := changes;
    failed  bigint[];
    states  text[];
    reasons text[];
    change  bigint;
BEGIN
    LOOP
        SELECT '{}', '{}', '{}' INTO failed, states, reasons;
        FOREACH change IN ARRAY due LOOP
            BEGIN
                fits := backstop.carry_one(change, failed <> '{}', fits);
            EXCEPTION WHEN OTHERS THEN
                IF backstop.is_no_fault_of_the_change(SQLSTATE) THEN
                    RAISE;
                END IF;
                failed := failed || change;
                states := states || SQLSTATE::text;
                reasons := reasons || SQLERRM;
            END;
        END LOOP;
        EXIT WHEN cardinality(failed) IN (0, cardinality(due));
        due := failed;
    END LOOP;
    PERFORM backstop.put_in_quarantine(w, f.state, f.reason, false)
    FROM unnest(failed, states, reasons) AS f (seq, state, reason) JOIN backstop.later_writes AS w ON w.seq = f.seq;
END
$$;
CREATE FUNCTION backstop.chosen(of_schema text, wanted text) RETURNS backstop.backups
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
COMMENT ON FUNCTION backstop.chosen(of_schema text, wanted text) IS 'The backup with this id, or the newest one of the schema.';
CREATE FUNCTION backstop.cleanup_old_backups(of_schema text, keep_count integer) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    old record;
    copy text;
    removed text[] := '{}';
    said text;
BEGIN
    IF keep_count IS NULL OR keep_count < 1 THEN
        RAISE EXCEPTION 'keep_count is %, and at least one backup has to stay', coalesce(keep_count::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM backstop.enter();
    FOR old IN
        SELECT n.id, n.run FROM (
            SELECT b.id, b.run, row_number() OVER (PARTITION BY b.plan ORDER BY b.created_at DESC, b.id DESC) AS age
              FROM backstop.backups AS b WHERE b.schema_name = of_schema AND b.status = 'complete') AS n
         WHERE n.age > keep_count ORDER BY n.id
    LOOP
        CONTINUE WHEN backstop.is_pinned(old.run, old.id);
        FOR copy IN SELECT t.copy_name FROM backstop.backup_tables AS t WHERE t.backup = old.id LOOP
            EXECUTE format('DROP TABLE IF EXISTS %I.%I', of_schema, copy);
        END LOOP;
        DELETE FROM backstop.backups WHERE id = old.id;
        removed := removed || old.id;
    END LOOP;
    said := CASE WHEN removed = '{}' THEN 'nothing to remove'
                 ELSE format('removed %s: %s', cardinality(removed), array_to_string(removed, ', ')) END;
    PERFORM backstop.log('cleanup_old_backups', of_schema, NULL, NULL, 'done', said);
    RETURN said;
END
$$;
COMMENT ON FUNCTION backstop.cleanup_old_backups(of_schema text, keep_count integer) IS 'Removes complete backups beyond the newest so many of each plan; one whose run has not ended stays.';
CREATE FUNCTION backstop.close_functions(of_schema text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    f record;
    s backstop.surfaces;
    caller text;
BEGIN
    FOR f IN
        SELECT DISTINCT p.oid::regprocedure::text AS name,
               CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END AS grantee
          FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace,
               aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS g
         WHERE g.grantee <> p.proowner
           AND (n.nspname = 'backstop' AND g.grantee = 0 OR n.nspname = of_schema AND p.proname = ANY (backstop.callable()))
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', f.name, f.grantee);
    END LOOP;
    SELECT * INTO s FROM backstop.surfaces AS x WHERE x.schema_name = of_schema;
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
CREATE FUNCTION backstop.columns_there(relation oid, title text, names jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    missing text;
BEGIN
    SELECT pg_catalog.string_agg(pg_catalog.format('%s has no column %s', title, n), '; ') INTO missing
      FROM pg_catalog.jsonb_array_elements_text(names) AS n
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                        WHERE a.attrelid = relation AND a.attname = n AND a.attnum > 0 AND NOT a.attisdropped);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION '%', missing USING ERRCODE = 'undefined_column';
    END IF;
END
$$;
CREATE FUNCTION backstop.copy_name(backup text, schema_name text, table_name text, shared boolean) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    plain text := table_name || '_' || backup;
    mark text := left(encode(sha256(convert_to(schema_name, 'UTF8') || '\x00'::bytea || convert_to(table_name, 'UTF8')), 'hex'), 8);
    short text := table_name;
BEGIN
    IF NOT shared AND octet_length(plain) <= 63 THEN
        RETURN plain;
    END IF;
    WHILE octet_length(short) > 63 - octet_length(backup) - 10 LOOP
        short := left(short, -1);
    END LOOP;
    RETURN concat_ws('_', short, mark, backup);
END
$$;
COMMENT ON FUNCTION backstop.copy_name(backup text, schema_name text, table_name text, shared boolean) IS 'The copy''s name: table and backup; with a mark where that is too long or shared with another table.';
CREATE TABLE backstop.plan_tables (
    plan text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    copied text NOT NULL,
    live_digest text NOT NULL,
    copy_digest_head text NOT NULL,
    copy_digest_tail text NOT NULL
);
COMMENT ON TABLE backstop.plan_tables IS 'The plan''s targets: the query that copies each, and those that digest table and copy.';
CREATE FUNCTION backstop.copy_table(backup text, t backstop.plan_tables, into_schema text, copy text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$
DECLARE
    place text := format('%I.%I', into_schema, copy);
    grantee text;
    live record;
    copied record;
    copy_digest text := t.copy_digest_head || place || t.copy_digest_tail;
BEGIN
    SELECT * INTO live FROM backstop.digest_of(t.live_digest);
    EXECUTE format('CREATE TABLE %s AS ', place) || t.copied;
    FOR grantee IN
        SELECT DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END
          FROM pg_class AS c, aclexplode(c.relacl) AS g WHERE c.oid = place::regclass AND g.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s CASCADE', place, grantee);
    END LOOP;
    SELECT * INTO copied FROM backstop.digest_of(copy_digest);
    IF copied IS DISTINCT FROM live THEN
        RAISE EXCEPTION 'the copy of %.% is not equal to the table', t.schema_name, t.table_name
            USING DETAIL = format('table: %s rows, digest %s; copy: %s rows, digest %s',
                                  live.row_count, live.digest, copied.row_count, copied.digest);
    END IF;
    INSERT INTO backstop.backup_tables
           (backup, schema_name, table_name, copy_name, row_count, bytes, digest, live_digest, copy_digest)
    VALUES (backup, t.schema_name, t.table_name, copy, live.row_count, pg_table_size(place::regclass), live.digest,
            t.live_digest, copy_digest);
    RETURN live.row_count;
END
$$;
CREATE FUNCTION backstop.covered(backup text) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $_$
    SELECT coalesce(array_agg(backstop.key('table', t.schema_name, NULL, t.table_name)), '{}')
      FROM backstop.backup_tables AS t WHERE t.backup = $1
$_$;
CREATE FUNCTION backstop.create_table_backups(of_schema text, of_plan text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$
DECLARE
    p backstop.plans := backstop.registered(of_schema, of_plan);
    left_out text[] := ARRAY['backstop', of_schema];
    t backstop.plan_tables;
    differences text[];
    new_id text;
    total bigint := 0;
    tables integer := 0;
    said text;
BEGIN
    PERFORM backstop.enter();
    FOR t IN SELECT * FROM backstop.plan_tables AS pt WHERE pt.plan = p.plan ORDER BY pt.schema_name, pt.table_name LOOP
        EXECUTE format('LOCK TABLE %I.%I IN SHARE ROW EXCLUSIVE MODE', t.schema_name, t.table_name);
    END LOOP;
    differences := backstop.different(backstop.recorded(p.catalog), backstop.facts(left_out));
    IF differences <> '{}' THEN
        RAISE EXCEPTION 'the structure has changed since plan % was registered: %', p.plan,
                        array_to_string(differences[1:5], '; ') || CASE WHEN cardinality(differences) > 5
                            THEN format('; and %s more', cardinality(differences) - 5) ELSE '' END
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = array_to_string(differences, E'\n'),
                  HINT = 'The stored way back does not fit it any more. Run `backstop install PLAN` again, or take the backup with `backstop backup create PLAN`.';
    END IF;
    new_id := backstop.reserve(p);
    PERFORM backstop.record_positions(new_id, p.catalog);
    FOR t IN SELECT * FROM backstop.plan_tables AS pt WHERE pt.plan = p.plan ORDER BY pt.schema_name, pt.table_name LOOP
        tables := tables + 1;
        total := total + backstop.copy_table(new_id, t, of_schema, backstop.copy_name(new_id, t.schema_name, t.table_name,
            (SELECT count(*) > 1 FROM backstop.plan_tables AS o WHERE o.plan = p.plan AND o.table_name = t.table_name)));
    END LOOP;
    INSERT INTO backstop.backup_statements (backup, place, action, kind, schema_name, part_of, object_name, statement)
    SELECT new_id, s.place, s.action, s.kind, s.schema_name, s.part_of, s.object_name,
           s.statement || CASE WHEN s.action = 'load' THEN format('%I.%I', of_schema, c.copy_name) ELSE '' END
      FROM backstop.plan_statements AS s
      LEFT JOIN backstop.backup_tables AS c ON s.action = 'load' AND c.backup = new_id
                                           AND c.schema_name = s.schema_name AND c.table_name = s.object_name
     WHERE s.plan = p.plan;
    UPDATE backstop.backups SET status = 'complete', completed_at = clock_timestamp(), fingerprint = p.structure, catalog = p.catalog
     WHERE id = new_id;
    said := format('backup %s: %s tables, %s rows, verified', new_id, tables, total);
    PERFORM backstop.open_copies(of_schema);
    PERFORM backstop.log('create_table_backups', of_schema, p.plan, new_id, 'done', said);
    RETURN said;
END
$$;
COMMENT ON FUNCTION backstop.create_table_backups(of_schema text, of_plan text) IS 'Takes a backup of a registered plan''s targets: complete and verified, or not there.';
CREATE FUNCTION backstop.different(was jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT coalesce(array_agg(backstop.title(key) || CASE WHEN w.value IS NULL THEN ' is new' WHEN n.value IS NULL THEN ' is gone'
                                                     ELSE ' is different' END ORDER BY key), '{}')
      FROM jsonb_each(was) AS w FULL JOIN jsonb_each(is_now) AS n USING (key)
     WHERE w.value IS DISTINCT FROM n.value
$$;
CREATE FUNCTION backstop.digest_of(query text, OUT row_count bigint, OUT digest text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$
DECLARE
    first text;
    second text;
    sums text[];
    half numeric;
BEGIN
    EXECUTE query INTO row_count, first, second;
    sums := ARRAY[first, second];
    digest := '';
    FOR place IN 1..2 LOOP
        half := mod(mod(sums[place]::numeric, 18446744073709551616) + 18446744073709551616, 18446744073709551616);
        digest := digest || lpad(to_hex(div(half, 4294967296)::bigint), 8, '0')
                         || lpad(to_hex(mod(half, 4294967296)::bigint), 8, '0');
    END LOOP;
END
$$;
COMMENT ON FUNCTION backstop.digest_of(query text, OUT row_count bigint, OUT digest text) IS 'Rows and digest of a table or copy, by its stored query.';
CREATE FUNCTION backstop.drop_statement(key text, class oid, object oid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT CASE
        WHEN class = 0 OR i.type IS NULL OR i.type IN ('default acl', 'publication namespace', 'user mapping', 'database') THEN NULL
        WHEN i.type = 'table constraint' THEN
            format('ALTER TABLE %I.%I DROP CONSTRAINT %I CASCADE', k ->> 1, k ->> 2, k ->> 3)
        WHEN i.type = 'publication relation' THEN format('ALTER PUBLICATION %I DROP TABLE %I.%I', k ->> 3, k ->> 1, k ->> 2)
        WHEN i.type = 'statistics object' THEN format('DROP STATISTICS %s', i.identity)
        ELSE format('DROP %s %s CASCADE', replace(upper(i.type), '-', ' '), i.identity)
    END
    FROM (SELECT key::jsonb) AS x (k) LEFT JOIN LATERAL pg_identify_object(class, object, 0) AS i ON class <> 0
$$;
CREATE FUNCTION backstop.empty(tables text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    t record;
    k record;
BEGIN
    FOR t IN SELECT e.key, format('%I.%I', e.key::jsonb ->> 1, e.key::jsonb ->> 3)::regclass AS relation FROM unnest(tables) AS e (key) LOOP
        FOR k IN SELECT c.conrelid::regclass AS place, c.conname FROM pg_constraint AS c
                  WHERE c.contype = 'f' AND t.relation IN (c.conrelid, c.confrelid) AND c.conparentid = 0
                     OR c.contype = 'c' AND c.conrelid = t.relation AND NOT c.convalidated LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', k.place, k.conname);
        END LOOP;
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER', t.relation);
    END LOOP;
    FOR t IN SELECT format('%I.%I', e.key::jsonb ->> 1, e.key::jsonb ->> 3) AS place FROM unnest(tables) AS e (key) LOOP
        EXECUTE format('TRUNCATE TABLE ONLY %s', t.place);
    END LOOP;
END
$$;
CREATE FUNCTION backstop.enter() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    holder text;
BEGIN
    IF pg_try_advisory_xact_lock(7089056601607532400) THEN
        RETURN;
    END IF;
    SELECT concat('pid ', a.pid, ' as role ', a.usename, ', application ', a.application_name) INTO holder
      FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
       AND (l.classid::bigint << 32) + l.objid::bigint = 7089056601607532400
       AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) LIMIT 1;
    RAISE EXCEPTION 'a run is going on: its lock is held by %', coalesce(holder, 'another session')
        USING ERRCODE = 'lock_not_available', HINT = 'Wait until it has ended; SELECT * FROM backstop.status shows where it stands.';
END
$$;
COMMENT ON FUNCTION backstop.enter() IS 'Takes the run lock until the transaction ends, or says who has it.';
CREATE FUNCTION backstop.equality(own regclass, own_column text, other regclass, other_column text) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
WITH RECURSIVE base AS (
    SELECT a.attrelid = own AND a.attname = own_column AS is_own, a.attrelid = other AND a.attname = other_column AS is_other, t.*
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
    WHERE a.attnum > 0 AND (a.attrelid = own AND a.attname = own_column OR a.attrelid = other AND a.attname = other_column)
    UNION ALL
    SELECT base.is_own, base.is_other, t.* FROM base JOIN pg_type AS t ON t.oid = base.typbasetype WHERE base.typtype = 'd'
), known AS (
    SELECT base.oid,
           CASE WHEN base.typnamespace = 'pg_catalog'::regnamespace OR base.typtype IN ('e', 'r', 'm', 'c') THEN '='
                ELSE (SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
                      FROM pg_opclass AS c
                      JOIN pg_am AS m ON m.oid = c.opcmethod AND m.amname = 'btree'
                      JOIN pg_amop AS p ON p.amopfamily = c.opcfamily AND p.amopstrategy = 3
                                       AND p.amoplefttype = c.opcintype AND p.amoprighttype = c.opcintype
                      JOIN pg_operator AS o ON o.oid = p.amopopr
                      JOIN pg_namespace AS n ON n.oid = o.oprnamespace
                      WHERE c.opcintype = base.oid AND c.opcdefault)
           END AS operator
    FROM base WHERE base.typtype <> 'd'
)
SELECT CASE WHEN count(DISTINCT known.operator) = 1 AND count(known.operator) = count(*)
                 AND (min(known.operator) = '=' OR count(DISTINCT known.oid) = 1)
            THEN min(known.operator) END
FROM known
$$;
CREATE FUNCTION backstop.facts(left_out text[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT coalesce(jsonb_object_agg(backstop.key(s.kind, s.schema, s.part_of, s.name),
                                     backstop.plain(s.definition, s.owner, s.grants, s.comment,
                                                    backstop.labels(s.class, s.object))), '{}')
      FROM backstop.structure(left_out) AS s
$$;
COMMENT ON FUNCTION backstop.facts(left_out text[]) IS 'The structure as it is now, by keys, but for these schemas.';
CREATE FUNCTION backstop.fields(row_text text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT array_agg(
           CASE
               WHEN f.part[1] = '' THEN NULL
               WHEN f.part[1] LIKE '"%'
                   THEN replace(replace(substr(f.part[1], 2, length(f.part[1]) - 2), '""', '"'), '\\', '\')
               ELSE f.part[1]
           END ORDER BY f.place)
FROM regexp_matches(substr(row_text, 2), '("(?:[^"\\]|""|\\\\)*"|[^",()]*)[,)]', 'g') WITH ORDINALITY AS f (part, place)
$$;
CREATE FUNCTION backstop.finding(fit jsonb, parameter text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
SELECT CASE
    WHEN fit -> 'key' <> '[]' THEN
        (SELECT string_agg(
                    format(CASE WHEN fit -> 'plain' ? k.name THEN 't.%1$I = (%2$s::%3$s).%1$I'
                                ELSE 'concat(t.%1$I) = concat((%2$s::%3$s).%1$I)' END, k.name, parameter, fit ->> 'table'),
                    ' AND ')
         FROM jsonb_array_elements_text(fit -> 'key') AS k (name))
    ELSE
        (SELECT format('t.ctid = (SELECT x.ctid FROM ONLY %1$s AS x WHERE ROW(%2$s)::text COLLATE "C" = '
                       '(SELECT ROW(%3$s)::text FROM (SELECT %4$s::%1$s AS r OFFSET 0) AS y) LIMIT 1)',
                       fit ->> 'table', string_agg(format('x.%I', s.name), ', '), string_agg(format('(y.r).%I', s.name), ', '),
                       parameter)
         FROM jsonb_array_elements_text(fit -> 'stored') AS s (name))
END
$_$;
CREATE FUNCTION backstop.fit(target regclass, columns text[]) RETURNS jsonb
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
WITH now AS (
    SELECT a.attnum, a.attname::text AS name, a.attgenerated <> '' AS is_generated, array_position(columns, a.attname::text) AS place,
           t.typtype <> 'b' OR t.typnamespace = 'pg_catalog'::regnamespace AS is_plain
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
), key AS (
    SELECT ARRAY(SELECT now.name FROM now WHERE now.attnum = ANY (k.columns)) AS names
    FROM pg_index AS i
    CROSS JOIN LATERAL (SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1] AS columns) AS k
    WHERE i.indrelid = target AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
      AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = target AND a.attnum = ANY (k.columns) AND NOT a.attnotnull)
      AND NOT EXISTS (SELECT FROM now WHERE now.attnum = ANY (k.columns) AND now.place IS NULL)
    ORDER BY i.indisprimary DESC, i.indisreplident DESC, i.indexrelid
    LIMIT 1
)
SELECT jsonb_build_object(
    'table', target::text,
    'places', (SELECT coalesce(jsonb_agg(now.place ORDER BY now.attnum), '[]') FROM now),
    'same', (SELECT array_agg(now.name ORDER BY now.attnum) FROM now) = columns,
    'stored', (SELECT coalesce(jsonb_agg(now.name ORDER BY now.attnum), '[]') FROM now WHERE NOT now.is_generated AND now.place > 0),
    'missing', (SELECT coalesce(jsonb_agg(now.name ORDER BY now.attnum), '[]') FROM now WHERE NOT now.is_generated AND now.place IS NULL),
    'extra', (SELECT coalesce(jsonb_agg(c.name ORDER BY c.place), '[]') FROM unnest(columns) WITH ORDINALITY AS c (name, place)
              WHERE c.name NOT IN (SELECT now.name FROM now)),
    'key', coalesce((SELECT to_jsonb(key.names) FROM key), '[]'),
    'plain', (SELECT coalesce(jsonb_agg(now.name), '[]') FROM now WHERE now.is_plain))
$$;
CREATE FUNCTION backstop.fitted(fit jsonb, row_text text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT CASE
    WHEN (fit ->> 'same')::boolean THEN row_text
    ELSE (SELECT backstop.row_text(array_agg(f.fields[p.place::integer] ORDER BY p.number))
          FROM (SELECT backstop.fields(row_text) AS fields OFFSET 0) AS f,
               jsonb_array_elements_text(fit -> 'places') WITH ORDINALITY AS p (place, number))
END
$$;
CREATE FUNCTION backstop.follow_event() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    ends text := CASE NEW.kind
        WHEN 'run_succeeded' THEN 'succeeded'
        WHEN 'run_aborted' THEN 'aborted'
        WHEN 'run_accepted' THEN 'accepted'
        WHEN 'restore_completed' THEN 'restored'
        WHEN 'undo_verified' THEN 'restored'
        WHEN 'transaction_rolled_back' THEN
            CASE WHEN (NEW.event ->> 'steps')::bigint = 0 THEN 'aborted' ELSE 'restored' END
    END;
    stands boolean := ends = 'succeeded';
    shape jsonb;
BEGIN
    IF NEW.kind = 'run_started' THEN
        INSERT INTO backstop.runs (run, plan, fingerprint, program, backup_schema, actor, started_at)
        VALUES (NEW.run, NEW.event ->> 'plan', NEW.event ->> 'fingerprint', NEW.event ->> 'program',
                NEW.event ->> 'backup_schema', NEW.actor, NEW.at);
    ELSIF NEW.kind = 'plan_amended' THEN
        UPDATE backstop.runs SET fingerprint = NEW.event ->> 'fingerprint' WHERE run = NEW.run;
    END IF;
    IF ends IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE backstop.runs SET ended_at = NEW.at, ending = ends WHERE run = NEW.run;
    DELETE FROM backstop.pauses WHERE run = NEW.run;
    SELECT e.event INTO shape
      FROM backstop.events AS e WHERE e.run = NEW.run AND (e.seq = 1 OR e.kind = 'plan_amended')
     ORDER BY e.seq DESC LIMIT 1;
    IF ends = 'accepted' THEN
        stands := jsonb_array_length(shape #> '{outline,steps}') = (
            SELECT count(DISTINCT step.event ->> 'index') FROM backstop.events AS step
             WHERE step.run = NEW.run
               AND (step.kind = 'step_committed' OR step.kind = 'step_settled' AND step.event ->> 'outcome' = 'applied')
        );
    END IF;
    IF stands THEN
        INSERT INTO backstop.applied (plan, fingerprint, run, at, rendered)
        SELECT r.plan, r.fingerprint, r.run, NEW.at, shape ->> 'rendered'
          FROM backstop.runs AS r WHERE r.run = NEW.run
        ON CONFLICT (plan) DO UPDATE
            SET fingerprint = excluded.fingerprint, run = excluded.run, at = excluded.at, rendered = excluded.rendered;
    ELSIF ends = 'restored' THEN
        -- A run that brings a backup back, and not only some of its tables, takes all plans back that were applied since.
        DELETE FROM backstop.applied AS a
         WHERE a.run = NEW.run
            OR a.at > (SELECT b.created_at
                         FROM backstop.events AS first JOIN backstop.backups AS b ON b.id = first.event #>> '{restores,backup}'
                        WHERE first.run = NEW.run AND first.seq = 1 AND first.event #> '{restores,tables}' IS NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION backstop.held(columns text[], row_text text, wanted text[]) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT jsonb_agg(f.fields[array_position(columns, w.name)] ORDER BY w.number)
FROM (SELECT backstop.fields(row_text) AS fields OFFSET 0) AS f, unnest(wanted) WITH ORDINALITY AS w (name, number)
$$;
CREATE FUNCTION backstop.insertion(fit jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
SELECT CASE
    WHEN fit -> 'stored' = '[]' THEN format('INSERT INTO %s DEFAULT VALUES', fit ->> 'table')
    ELSE (SELECT format('INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE SELECT %3$s FROM (SELECT $1::%1$s AS r OFFSET 0) AS w',
                        fit ->> 'table', string_agg(format('%I', s.name), ', ' ORDER BY s.number),
                        string_agg(format('(w.r).%I', s.name), ', ' ORDER BY s.number))
          FROM jsonb_array_elements_text(fit -> 'stored') WITH ORDINALITY AS s (name, number))
END
$_$;
CREATE FUNCTION backstop.is_loadable(facts jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT facts #> '{definition,table,lineage,partition_key}' IS NULL AND facts #> '{definition,table,lineage,partition_of}' IS NULL
       AND coalesce(jsonb_array_length(facts #> '{definition,table,lineage,inherits}'), 0) = 0
       AND facts #> '{definition,table,columns}' IS NOT NULL
       AND NOT EXISTS (SELECT FROM jsonb_array_elements(facts #> '{definition,table,columns}') AS c
                        WHERE c #>> '{not_null,validated}' = 'false')
$$;
CREATE FUNCTION backstop.is_no_fault_of_the_change(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT left(state, 2) IN ('08', '40', '53', '57', '58', 'XX') OR state = '55P03'
$$;
CREATE FUNCTION backstop.is_pinned(run text, backup text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $_$
    SELECT EXISTS (SELECT FROM (-- Runs whose backup may still be needed: those that have not ended. A run that is stuck has not. One that only brings a backup
SELECT r.run::text AS run, f.event #>> '{restores,backup}' AS backup
FROM backstop.runs AS r LEFT JOIN backstop.events AS f ON f.run = r.run AND f.seq = 1
WHERE r.ended_at IS NULL
) AS u WHERE u.run = $1 OR u.backup = $2)
$_$;
COMMENT ON FUNCTION backstop.is_pinned(run text, backup text) IS 'Whether a backup may still be needed, because the run that took it, or one that brings it back, has not ended.';
CREATE FUNCTION backstop.journal_restore(b backstop.backups, waiting uuid, steps jsonb, restored jsonb) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    of_run uuid := coalesce(waiting, gen_random_uuid());
    seq bigint := (SELECT coalesce(max(e.seq), 0) FROM backstop.events AS e WHERE e.run = waiting);
    attempt integer := 1;
    last record;
    story jsonb;
    event jsonb;
BEGIN
    IF waiting IS NULL THEN
        story := jsonb_build_array(jsonb_build_object('kind', 'run_started', 'run', of_run, 'plan', b.plan, 'fingerprint', '',
            'program', 'psql', 'backup_schema', b.schema_name, 'rendered', '', 'sequences', 'forward',
            'outline', '{"transaction": "step", "steps": [], "rollback": {"on_failure": "restore", "on_interrupt": "hold"}}'::jsonb,
            'restores', jsonb_build_object('backup', b.id, 'steps', steps)));
    ELSE
        story := '[{"kind": "restore_requested"}]';
        SELECT e.kind, (e.event ->> 'attempt')::integer AS attempt, e.event #>> '{failure,class}' AS class INTO last
          FROM backstop.events AS e WHERE e.run = waiting AND e.kind IN ('restore_started', 'restore_failed')
         ORDER BY e.seq DESC LIMIT 1;
        attempt := CASE WHEN last.kind = 'restore_started' THEN last.attempt
                        WHEN last.kind = 'restore_failed' AND last.class <> 'permanent' AND last.attempt < 5
                        THEN last.attempt + 1 ELSE 1 END;
    END IF;
    INSERT INTO backstop.owner AS o (run, fence, holder) VALUES (of_run, 1, backstop.actor())
        ON CONFLICT (single) DO UPDATE SET run = excluded.run, fence = o.fence + 1, holder = excluded.holder, since = clock_timestamp();
    story := story || jsonb_build_array(
        jsonb_build_object('kind', 'restore_started', 'attempt', attempt),
        jsonb_build_object('kind', 'restore_completed', 'backup', b.id, 'restored', restored));
    FOR event IN SELECT x FROM jsonb_array_elements(story) WITH ORDINALITY AS e (x, place) ORDER BY place LOOP
        seq := seq + 1;
        INSERT INTO backstop.events (run, seq, actor, kind, event) VALUES (of_run, seq, backstop.actor(), event ->> 'kind', event);
    END LOOP;
    RETURN of_run;
END
$$;
CREATE FUNCTION backstop.key(kind text, schema text, part_of text, name text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT jsonb_build_array(CASE kind WHEN 'publication member' THEN 'published' ELSE replace(kind, ' ', '_') END, schema, part_of, name)::text
$$;
COMMENT ON FUNCTION backstop.key(kind text, schema text, part_of text, name text) IS 'What identifies an object in comparisons.';
CREATE FUNCTION backstop.key_of(object jsonb) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT backstop.key(object ->> 'kind', object ->> 'schema', object ->> 'of', object ->> 'name')
$$;
COMMENT ON FUNCTION backstop.key_of(object jsonb) IS 'The same of an object''s key as the journal and the catalog of a backup have it.';
CREATE FUNCTION backstop.labels(class oid, object oid) RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('column', a.attname, 'provider', l.provider, 'label', l.label))
                     ORDER BY l.objsubid, l.provider)
      FROM pg_seclabel AS l
      LEFT JOIN pg_attribute AS a ON l.objsubid > 0 AND a.attrelid = l.objoid AND a.attnum = l.objsubid
     WHERE l.classoid = class AND l.objoid = object
$$;
CREATE FUNCTION backstop.lock_targets(b backstop.backups) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$
DECLARE
    t record;
BEGIN
    FOR t IN
        WITH RECURSIVE reading (oid, depth) AS (
            SELECT to_regclass(format('%I.%I', c.schema_name, c.table_name))::oid, 0
            FROM backstop.backup_tables AS c WHERE c.backup = b.id
            UNION
            SELECT r.ev_class, v.depth + 1
            FROM reading AS v
            JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid AND d.classid = 'pg_rewrite'::regclass
            JOIN pg_rewrite AS r ON r.oid = d.objid AND r.ev_class <> v.oid
            WHERE v.depth < 100
        )
        SELECT c.oid::regclass AS name, pg_get_userbyid(c.relowner) AS owner
        FROM reading AS v JOIN pg_class AS c ON c.oid = v.oid
        WHERE c.relkind IN ('v', 'm') AND pg_has_role(c.relowner, 'USAGE')
        GROUP BY c.oid, c.relowner
        ORDER BY max(v.depth) DESC, c.oid
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO %I', t.name, t.owner);
    END LOOP;
    FOR t IN
        SELECT c.oid::regclass AS name
        FROM backstop.backup_tables AS k
        JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', k.schema_name, k.table_name)) AND c.relkind IN ('r', 'p')
        WHERE k.backup = b.id
        ORDER BY k.schema_name, k.table_name
    LOOP
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', t.name);
    END LOOP;
END
$$;
CREATE FUNCTION backstop.log(operation text, schema_name text, plan text, backup text, outcome text, details text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
COMMENT ON FUNCTION backstop.log(operation text, schema_name text, plan text, backup text, outcome text, details text) IS 'Writes an operation into the log and into that of the server, where it stays even if the transaction is rolled back.';
CREATE FUNCTION backstop.lower_fence(run text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT n.nspname, c.relname, g.tgname
          FROM pg_trigger AS g JOIN pg_proc AS p ON p.oid = g.tgfoid JOIN pg_namespace AS f ON f.oid = p.pronamespace
          JOIN pg_class AS c ON c.oid = g.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE f.nspname = 'backstop' AND p.proname IN ('refuse_write', 'note_write', 'capture_write')
           AND (g.tgname = 'backstop_fence_' || run OR g.tgenabled = 'D') AND g.tgparentid = 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %I.%I', t.tgname, t.nspname, t.relname);
    END LOOP;
END
$$;
COMMENT ON FUNCTION backstop.lower_fence(run text) IS 'Takes the fence of a run down, and what is left of those of others.';
CREATE TABLE backstop.later_writes (
    seq bigint NOT NULL,
    run uuid NOT NULL,
    transaction xid8 NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    columns text[],
    old_row text,
    new_row text,
    written_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    role_name name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT later_writes_operation_check CHECK ((operation = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text, 'TRUNCATE'::text])))
);
COMMENT ON TABLE backstop.later_writes IS 'What others wrote to the targets of a run that has not ended: with writers: detect one row a transaction and table, with writers: capture one row a change. Written in the transaction of whoever wrote; gone when the run has ended.';
COMMENT ON COLUMN backstop.later_writes.transaction IS 'The writer''s transaction, the outermost one.';
COMMENT ON COLUMN backstop.later_writes.table_name IS 'The target, as it was called when the run began.';
COMMENT ON COLUMN backstop.later_writes.columns IS 'The columns that the table had; none where the write is only noted.';
COMMENT ON COLUMN backstop.later_writes.old_row IS 'The row as the type''s own output writes it, which loses nothing.';
CREATE FUNCTION backstop.make_again(change backstop.later_writes, fit jsonb, may_still_come boolean) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
    target text := fit ->> 'table';
    extra  text[];
    was    text[];
    is_now text[];
    names  text[];
    found_rows bigint;
BEGIN
    IF fit -> 'extra' <> '[]' AND fit -> 'missing' <> '[]' AND change.operation IN ('INSERT', 'UPDATE') THEN
        RAISE undefined_column USING MESSAGE = format(
            'the table had other columns when this was written: %s, and not %s',
            array_to_string(ARRAY(SELECT jsonb_array_elements_text(fit -> 'extra')), ', '),
            array_to_string(ARRAY(SELECT jsonb_array_elements_text(fit -> 'missing')), ', '));
    END IF;
    IF change.operation = 'UPDATE' OR fit -> 'extra' <> '[]' THEN
        was := backstop.fields(change.old_row);
        is_now := backstop.fields(change.new_row);
    END IF;
    CASE change.operation
        WHEN 'INSERT' THEN
            EXECUTE fit ->> 'insertion' USING CASE WHEN fit -> 'stored' <> '[]' THEN backstop.fitted(fit, change.new_row) END;
        WHEN 'UPDATE' THEN
            -- Of an old row only what the writer changed is written: the rest may be the run's.
            SELECT array_agg(s.name) INTO names FROM jsonb_array_elements_text(fit -> 'stored') AS s (name)
            WHERE was[array_position(change.columns, s.name)] IS DISTINCT FROM is_now[array_position(change.columns, s.name)];
            IF names IS NOT NULL THEN
                FOR i IN 1..2 LOOP
                    -- A foreign key may have changed the key already, when the row that it points to was changed.
                    CONTINUE WHEN i = 2 AND (found_rows > 0 OR fit -> 'key' = '[]');
                    EXECUTE format('UPDATE ONLY %1$s AS t SET %2$s FROM (SELECT $2::%1$s AS r OFFSET 0) AS w WHERE %3$s', target,
                                   (SELECT string_agg(format('%1$I = (w.r).%1$I', n), ', ') FROM unnest(names) AS n),
                                   CASE i WHEN 1 THEN fit ->> 'finding' ELSE backstop.finding(fit, '$2') END)
                        USING backstop.fitted(fit, change.old_row), backstop.fitted(fit, change.new_row);
                    GET DIAGNOSTICS found_rows = ROW_COUNT;
                END LOOP;
                IF found_rows = 0 THEN
                    RAISE no_data_found USING MESSAGE = 'the row that was changed is not in the restored table';
                END IF;
            END IF;
        WHEN 'DELETE' THEN
            EXECUTE format('DELETE FROM ONLY %s AS t WHERE %s', target, fit ->> 'finding')
                USING backstop.fitted(fit, change.old_row);
            GET DIAGNOSTICS found_rows = ROW_COUNT;
            -- With a key it is known that the row is gone, by a foreign key's cascade for instance.
            IF found_rows = 0 AND (may_still_come OR fit -> 'key' = '[]') THEN
                RAISE no_data_found USING MESSAGE = 'the row that was deleted is not in the restored table';
            END IF;
        ELSE
            EXECUTE format('DELETE FROM ONLY %s', target);
    END CASE;
    IF fit -> 'extra' = '[]' THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(e) INTO extra FROM jsonb_array_elements_text(fit -> 'extra') AS e
    WHERE is_now[array_position(change.columns, e)] IS NOT NULL
      AND (change.operation = 'INSERT'
           OR is_now[array_position(change.columns, e)] IS DISTINCT FROM was[array_position(change.columns, e)]);
    RETURN 'the restored table has no column ' || array_to_string(extra, ', ') || '; the rest was made again';
END
$_$;
CREATE FUNCTION backstop.make_way(wanted uuid, name text, own regclass, columns text[], other regclass, referred text[]) RETURNS bigint
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT coalesce(backstop.set_aside(
    wanted, own, backstop.pointing_to_nothing(own, columns, other, referred),
    format('the row of %s that it points to is not there, and foreign key %I is made again; it was taken out of the table', other, name), 0), 0)
$$;
CREATE FUNCTION backstop.migration_begins(of_schema text, migration_sql text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    number bigint;
    left_out text[] := ARRAY['backstop', of_schema];
BEGIN
    PERFORM backstop.enter();
    number := backstop.log('execute_safe_migration', of_schema, (SELECT p.plan FROM backstop.plans AS p WHERE p.schema_name = of_schema
                           ORDER BY p.registered_at DESC LIMIT 1), NULL, 'begun', migration_sql);
    UPDATE backstop.operations SET changes = jsonb_build_object('structure', backstop.facts(left_out), 'own', backstop.own(left_out))
     WHERE id = number;
    RETURN number;
END
$$;
COMMENT ON FUNCTION backstop.migration_begins(of_schema text, migration_sql text) IS 'Remembers the structure before a migration of this transaction.';
CREATE FUNCTION backstop.migration_ends(number bigint) RETURNS TABLE(step text, status text, details text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    o backstop.operations;
    left_out text[];
    is_now jsonb;
    changed text[];
    newest backstop.backups;
    lost text;
BEGIN
    SELECT p.* INTO o FROM backstop.operations AS p
     WHERE p.id = number AND p.outcome = 'begun' AND p.transaction = pg_current_xact_id()::text;
    IF o.id IS NULL THEN
        RAISE EXCEPTION 'no migration with number % was begun in this transaction', number;
    END IF;
    left_out := ARRAY['backstop', o.schema_name];
    IF backstop.own(left_out) IS DISTINCT FROM o.changes ->> 'own' THEN
        RAISE EXCEPTION 'the migration touches the way back itself' USING HINT = 'Leave the schemas of the journal and of the backup alone.';
    END IF;
    is_now := backstop.facts(left_out);
    SELECT coalesce(array_agg(key), '{}') INTO changed
      FROM jsonb_each(o.changes -> 'structure') AS w FULL JOIN jsonb_each(is_now) AS n USING (key)
     WHERE w.value IS DISTINCT FROM n.value;
    SELECT b.* INTO newest FROM backstop.backups AS b WHERE b.schema_name = o.schema_name AND b.status = 'complete'
     ORDER BY b.created_at DESC, b.id DESC LIMIT 1;
    SELECT string_agg(backstop.title(k), ', ' ORDER BY k) INTO lost
      FROM unnest(changed) AS k
     WHERE k LIKE '["table"%' AND NOT is_now ? k AND newest.id IS NOT NULL AND NOT k = ANY (backstop.covered(newest.id))
       AND backstop.recorded(newest.catalog) ? k;
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'the migration drops what backup % does not hold: %', newest.id, lost
            USING HINT = 'Add these tables to the targets of the plan, register it again and take another backup.';
    END IF;
    UPDATE backstop.operations SET outcome = 'done', changes = to_jsonb(changed) WHERE id = number;
    step := 'way back';
    status := CASE WHEN newest.id IS NULL THEN 'WARN' ELSE 'PASS' END;
    details := CASE WHEN newest.id IS NULL THEN 'there is no backup: once this is committed, nothing can take it back'
                    ELSE format('backup %s, with %I.restore_from_backup()', newest.id, o.schema_name) END;
    RETURN NEXT;
    step := 'changes';
    status := 'INFO';
    details := format('%s objects', cardinality(changed)) || coalesce(': ' || (SELECT string_agg(backstop.title(k), ', ' ORDER BY k)
                   FROM (SELECT k FROM unnest(changed) AS k ORDER BY k LIMIT 20) AS s), '')
               || CASE WHEN cardinality(changed) > 20 THEN ', …' ELSE '' END;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION backstop.migration_ends(number bigint) IS 'Writes down what a migration of this transaction changed, so that a restore can take it back.';
CREATE FUNCTION backstop.move_sequences(targets regclass[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
    source record;
    furthest bigint;
BEGIN
    FOR source IN
        SELECT DISTINCT s.seqrelid::regclass AS sequence, a.attrelid::regclass AS target, a.attname, s.seqincrement > 0 AS rises,
               s.seqmin, s.seqmax
        FROM pg_attribute AS a
        LEFT JOIN pg_attrdef AS e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
        JOIN pg_depend AS d
          ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
             AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
          OR d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid AND d.refclassid = 'pg_class'::regclass
        JOIN pg_sequence AS s ON s.seqrelid = CASE d.classid WHEN 'pg_class'::regclass THEN d.objid ELSE d.refobjid END
        WHERE a.attrelid = ANY (targets) AND a.attnum > 0 AND NOT a.attisdropped
          AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    LOOP
        EXECUTE format('SELECT %s(%I) FROM ONLY %s', CASE WHEN source.rises THEN 'max' ELSE 'min' END, source.attname, source.target)
            INTO furthest;
        CONTINUE WHEN furthest IS NULL OR furthest NOT BETWEEN source.seqmin AND source.seqmax;
        EXECUTE format('SELECT setval(%L, $1) FROM %s AS s WHERE CASE WHEN $2 THEN $1 > s.last_value ELSE $1 < s.last_value END '
                       'OR $1 = s.last_value AND NOT s.is_called', source.sequence, source.sequence)
            USING furthest, source.rises;
    END LOOP;
END
$_$;
CREATE FUNCTION backstop.needs(catalog jsonb) RETURNS TABLE(object text, need text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT backstop.key_of(o -> 0), backstop.key_of(n)
      FROM jsonb_array_elements(catalog -> 'objects') AS o,
           jsonb_array_elements(o #> '{1,depends_on}') AS n
    UNION
    SELECT backstop.key_of(o -> 0), backstop.key_of(n)
      FROM jsonb_array_elements(catalog -> 'objects') AS o,
           jsonb_array_elements(coalesce(o #> '{1,definition,table,columns}', '[]')) AS c,
           jsonb_array_elements(coalesce(c -> 'default_needs', '[]')) AS n
$$;
CREATE FUNCTION backstop.note_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    noted text := coalesce(current_setting('backstop.noted', true), '');
    mark  text := format(' %s/%s ', TG_ARGV[0], TG_RELID);
BEGIN
    -- Once a transaction and table. The setting goes with the (sub)transaction, and so does the row.
    IF strpos(noted, mark) = 0 THEN
        PERFORM set_config('backstop.noted', noted || mark, true);
        INSERT INTO backstop.later_writes (run, transaction, schema_name, table_name, operation)
        VALUES (TG_ARGV[0]::uuid, pg_current_xact_id(), TG_ARGV[1], TG_ARGV[2], TG_OP);
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION backstop.open_copies(of_schema text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    copy text;
    admin text := (SELECT s.admin_role FROM backstop.surfaces AS s WHERE s.schema_name = of_schema);
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
CREATE FUNCTION backstop.other_rows(b backstop.backups, was jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $_$
DECLARE
    t record;
    found record;
    keys text[] := '{}';
BEGIN
    FOR t IN SELECT backstop.key('table', c.schema_name, NULL, c.table_name) AS key, c.* FROM backstop.backup_tables AS c
              WHERE c.backup = b.id
    LOOP
        CONTINUE WHEN (was -> t.key) IS DISTINCT FROM (is_now -> t.key);
        IF t.live_digest IS NULL OR EXISTS (
            SELECT FROM jsonb_array_elements(was #> ARRAY[t.key, 'definition', 'table', 'columns']) AS c
             WHERE c ->> 'data_type' ~ '^reg[a-z]+(\[\])*$')
        THEN
            keys := keys || t.key;
            CONTINUE;
        END IF;
        SELECT * INTO found FROM backstop.digest_of(t.live_digest);
        IF (found.row_count, found.digest) IS DISTINCT FROM (t.row_count, t.digest) THEN
            keys := keys || t.key;
        END IF;
    END LOOP;
    RETURN keys;
END
$_$;
CREATE FUNCTION backstop.own(schemas text[]) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT md5(string_agg(o.mark, ',' ORDER BY o.mark)) FROM (
        SELECT concat_ws(':', 'relation', c.oid, c.relname, c.relfilenode, c.relacl, c.relowner) FROM pg_class AS c
         WHERE c.relnamespace = ANY (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = ANY (schemas)) AND c.relkind IN ('r', 'v')
        UNION ALL
        SELECT concat_ws(':', 'function', p.oid, p.xmin) FROM pg_proc AS p
         WHERE p.pronamespace = ANY (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = ANY (schemas))) AS o (mark)
$$;
CREATE FUNCTION backstop.parts(facts jsonb) RETURNS TABLE(holder text, part text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT h.key, p.key
      FROM jsonb_each(facts) AS p,
           LATERAL (SELECT p.key::jsonb AS k, p.value -> 'definition' AS d) AS x,
           LATERAL (VALUES
               (backstop.key('table', k ->> 1, NULL, coalesce(k ->> 2, CASE WHEN k ->> 0 = 'index' THEN d #>> '{index,table}' END))),
               (backstop.key('view', k ->> 1, NULL, k ->> 2)),
               (backstop.key('materialized_view', k ->> 1, NULL, CASE WHEN k ->> 0 = 'index' THEN d #>> '{index,table}' END)),
               (backstop.key_of(d #> '{statistics,on}')),
               (CASE WHEN k ->> 0 = 'sequence' AND d #> '{sequence,owned_by}' IS NOT NULL
                     THEN backstop.key_of(d #> '{sequence,owned_by,0}') END)) AS h (key)
     WHERE k ->> 0 IN ('constraint', 'trigger', 'policy', 'rule', 'index', 'sequence', 'statistics', 'published') AND facts ? h.key
$$;
CREATE FUNCTION backstop.plain(definition jsonb, owner text, grants jsonb, comment text, labels jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('owner', owner, 'grants', grants, 'comment', comment,
        'labels', nullif(labels, '[]'), 'definition',
        CASE WHEN jsonb_typeof(definition #> '{table,columns}') = 'array' THEN
            jsonb_set(definition, '{table,columns}', coalesce(
                (SELECT jsonb_agg(c - ARRAY(SELECT k FROM jsonb_object_keys(c) AS k WHERE k LIKE '%\_needs') ORDER BY place)
                   FROM jsonb_array_elements(definition #> '{table,columns}') WITH ORDINALITY AS e (c, place)), '[]'))
        ELSE definition END))
$$;
CREATE FUNCTION backstop.pointing_to_nothing(own regclass, columns text[], other regclass, referred text[]) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT CASE WHEN count(e.operator) = count(*) THEN
           string_agg(format('row_.%I IS NOT NULL', k.mine), ' AND ')
           || format(' AND NOT EXISTS (SELECT FROM %s AS found_ WHERE %s)', backstop.rows_of(other),
                     string_agg(format('found_.%I %s row_.%I', k.theirs, e.operator, k.mine), ' AND '))
       END
FROM unnest(columns, referred) AS k (mine, theirs)
CROSS JOIN LATERAL (SELECT backstop.equality(own, k.mine, other, k.theirs) AS operator) AS e
$$;
CREATE FUNCTION backstop.prove(b backstop.backups, was jsonb, before jsonb, is_now jsonb, scope text[], gone text[], made text[], OUT respelled text[], OUT differences text[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    t record;
    found record;
BEGIN
    WITH wanted AS (
        SELECT k.key, is_now -> k.key AS found,
               CASE WHEN k.key = ANY (scope) OR k.key = ANY (gone) THEN was -> k.key ELSE before -> k.key END AS expected
          FROM (SELECT jsonb_object_keys(was) UNION SELECT jsonb_object_keys(before) UNION SELECT jsonb_object_keys(is_now)) AS k (key)
    ), unequal AS (
        SELECT w.*, w.key = ANY (made) AND w.found IS NOT NULL AND w.expected IS NOT NULL
                    AND backstop.unspelled(w.found) = backstop.unspelled(w.expected) AS is_respelled
          FROM wanted AS w WHERE w.found IS DISTINCT FROM w.expected
    )
    SELECT coalesce(array_agg(backstop.title(u.key) ORDER BY u.key) FILTER (WHERE u.is_respelled), '{}'),
           coalesce(array_agg(backstop.title(u.key) || CASE WHEN u.found IS NULL THEN ' is missing' WHEN u.expected IS NULL
                              THEN ' was not there' ELSE ' is different' END ORDER BY u.key) FILTER (WHERE NOT u.is_respelled), '{}')
      INTO respelled, differences
      FROM unequal AS u;
    differences := differences || ARRAY(
        SELECT backstop.title(k) || ' would be lost: it was made since the backup, and hangs on what is brought back'
          FROM unnest(gone) AS k WHERE k LIKE '["table"%' AND NOT was ? k AND NOT k = ANY (scope));
    FOR t IN SELECT c.* FROM backstop.backup_tables AS c WHERE c.backup = b.id ORDER BY c.schema_name, c.table_name LOOP
        CONTINUE WHEN NOT is_now ? backstop.key('table', t.schema_name, NULL, t.table_name) OR t.live_digest IS NULL
                   OR differences <> '{}';
        SELECT * INTO found FROM backstop.digest_of(t.live_digest);
        IF (found.row_count, found.digest) IS DISTINCT FROM (t.row_count, t.digest) THEN
            differences := differences || format('%s.%s holds %s rows with digest %s, the backup recorded %s rows with digest %s',
                t.schema_name, t.table_name, found.row_count, found.digest, t.row_count, t.digest);
        END IF;
    END LOOP;
END
$$;
CREATE FUNCTION backstop.put_in_quarantine(change backstop.later_writes, state text, reason text, carried_over boolean) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
INSERT INTO backstop.quarantine VALUES (
    change.run, change.seq, change.schema_name, change.table_name, change.operation,
    CASE WHEN change.columns <> '{}' THEN jsonb_object(change.columns, backstop.fields(change.old_row)) END,
    CASE WHEN change.columns <> '{}' THEN jsonb_object(change.columns, backstop.fields(change.new_row)) END,
    state, reason, carried_over, change.written_at, change.role_name)
$$;
CREATE FUNCTION backstop.quieting(targets regclass[], OUT quiet text, OUT wake text) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
WITH actor AS (
    SELECT format('ALTER TABLE ONLY %s ', t.tgrelid::regclass) AS alter, 'TRIGGER ' || quote_ident(t.tgname) AS name, t.tgenabled AS enabled
    FROM pg_trigger AS t
    WHERE t.tgrelid = ANY (targets) AND t.tgenabled <> 'D' AND (NOT t.tgisinternal OR t.tgconstraint = 0)
    UNION ALL
    SELECT format('ALTER TABLE ONLY %s ', r.ev_class::regclass), 'RULE ' || quote_ident(r.rulename), r.ev_enabled
    FROM pg_rewrite AS r
    WHERE r.ev_class = ANY (targets) AND r.ev_enabled <> 'D'
)
SELECT string_agg(a.alter || 'DISABLE ' || a.name, ';'),
       string_agg(a.alter || CASE a.enabled WHEN 'A' THEN 'ENABLE ALWAYS ' WHEN 'R' THEN 'ENABLE REPLICA ' ELSE 'ENABLE ' END || a.name, ';')
FROM actor AS a
$$;
CREATE FUNCTION backstop.record_positions(backup text, catalog jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $_$
DECLARE
    s record;
BEGIN
    FOR s IN SELECT o #>> '{0,schema}' AS schema, o #>> '{0,name}' AS name FROM jsonb_array_elements(catalog -> 'objects') AS o
              WHERE o #>> '{0,kind}' = 'sequence'
    LOOP
        CONTINUE WHEN NOT coalesce(has_sequence_privilege(to_regclass(format('%I.%I', s.schema, s.name)), 'SELECT'), false);
        EXECUTE format('INSERT INTO backstop.backup_sequences (backup, schema_name, sequence_name, last_value, is_called)
                        SELECT $1, $2, $3, q.last_value, q.is_called FROM %I.%I AS q', s.schema, s.name)
          USING backup, s.schema, s.name;
    END LOOP;
END
$_$;
CREATE FUNCTION backstop.recorded(catalog jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT coalesce(jsonb_object_agg(backstop.key_of(o -> 0),
        backstop.plain(o #> '{1,definition}', o #>> '{1,owner}', o #> '{1,grants}', o #>> '{1,comment}', o #> '{1,labels}')), '{}')
      FROM jsonb_array_elements(catalog -> 'objects') AS o
$$;
COMMENT ON FUNCTION backstop.recorded(catalog jsonb) IS 'The same of the catalog of a backup.';
CREATE FUNCTION backstop.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on backstop.% is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE FUNCTION backstop.refuse_write() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF current_setting('backstop.run', true) IS DISTINCT FROM TG_ARGV[0] THEN
        RAISE EXCEPTION 'table %.% is frozen: % is refused while backstop applies plan %',
                        quote_ident(TG_TABLE_SCHEMA), quote_ident(TG_TABLE_NAME), TG_OP, TG_ARGV[1]
            USING ERRCODE = 'BSW01',
                  DETAIL = format('Run %s has taken a backup of this table, and a write now could be lost if it is restored.',
                                  TG_ARGV[0]),
                  HINT = 'Try again when the run has ended; the view backstop.status shows where it stands.',
                  SCHEMA = TG_TABLE_SCHEMA,
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE TABLE backstop.plans (
    plan text NOT NULL,
    schema_name text NOT NULL,
    program text NOT NULL,
    actor text NOT NULL,
    registered_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    search_path text NOT NULL,
    sequences text NOT NULL,
    server_version integer NOT NULL,
    algorithm text NOT NULL,
    structure text NOT NULL,
    catalog jsonb NOT NULL
);
COMMENT ON TABLE backstop.plans IS 'Plans whose backups can be taken, validated and restored with psql, by the functions in the schema of their backups.';
COMMENT ON COLUMN backstop.plans.structure IS 'Fingerprint of the structure that the statements were made for, which is in catalog.';
CREATE FUNCTION backstop.registered(of_schema text, wanted text) RETURNS backstop.plans
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
COMMENT ON FUNCTION backstop.registered(of_schema text, wanted text) IS 'The plan with this name, or the one that was registered last for the schema.';
CREATE FUNCTION backstop.relations(pattern jsonb) RETURNS TABLE(relation oid, title text)
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN QUERY
    SELECT c.oid, pg_catalog.concat(n.nspname, '.', c.relname)
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'pg_toast'
       AND c.relname ~ (pattern ->> 'name')
       AND CASE WHEN pattern ->> 'schema' IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname ~ (pattern ->> 'schema') END
       AND ((pattern ->> 'exact')::boolean OR n.nspname NOT IN ('pg_catalog', 'information_schema'))
     ORDER BY n.nspname, c.relname;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%', CASE WHEN (pattern ->> 'exact')::boolean
                                  THEN pg_catalog.format('table %s does not exist', pattern ->> 'shown')
                                  ELSE pg_catalog.format('no table matches %s', pattern ->> 'shown') END
            USING ERRCODE = 'undefined_table';
    END IF;
END
$$;
CREATE FUNCTION backstop.reserve(p backstop.plans) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    reserved text;
BEGIN
    FOR later IN 0..60 LOOP
        INSERT INTO backstop.backups (id, schema_name, plan, created_at, status, server_version, algorithm)
        SELECT to_char(m.moment AT TIME ZONE 'UTC', 'YYYY_MM_DD_HH24_MI_SS'), p.schema_name, p.plan, m.moment, 'partial',
               p.server_version, p.algorithm
          FROM (SELECT clock_timestamp() + make_interval(secs => later)) AS m (moment)
        ON CONFLICT (id) DO NOTHING RETURNING id INTO reserved;
        EXIT WHEN reserved IS NOT NULL;
    END LOOP;
    IF reserved IS NULL THEN
        RAISE EXCEPTION 'no id is free for the backup' USING HINT = 'Wait a minute; another program takes backups all the time.';
    END IF;
    RETURN reserved;
END
$$;
CREATE FUNCTION backstop.restoration(b backstop.backups, dropped jsonb, made text[], respelled text[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT jsonb_build_object('dropped', dropped, 'recreated', cardinality(made), 'respelled', to_jsonb(respelled), 'proven', count(*),
        'reloaded', coalesce(jsonb_agg(name ORDER BY name) FILTER (WHERE is_made), '[]'),
        'untouched', coalesce(jsonb_agg(name ORDER BY name) FILTER (WHERE NOT is_made), '[]'))
      FROM (SELECT t.schema_name || '.' || t.table_name, backstop.key('table', t.schema_name, NULL, t.table_name) = ANY (made)
              FROM backstop.backup_tables AS t WHERE t.backup = b.id) AS c (name, is_made)
$$;
CREATE FUNCTION backstop.restore_from_backup(of_schema text, wanted text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$
DECLARE
    b backstop.backups := backstop.chosen(of_schema, wanted);
    left_out text[] := ARRAY['backstop', of_schema];
    waiting uuid;
    t record;
    steps jsonb;
    was jsonb;
    before jsonb;
    is_now jsonb;
    scope text[];
    positions jsonb;
    dropped jsonb;
    stale text[];
    reload text[];
    gone text[];
    made text[];
    proof record;
    said text;
BEGIN
    PERFORM backstop.enter();
    waiting := backstop.waiting_run(b);
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR t IN SELECT c.schema_name, c.table_name, c.copy_name FROM backstop.backup_tables AS c WHERE c.backup = b.id ORDER BY 1, 2 LOOP
        IF to_regclass(format('%I.%I', b.schema_name, t.copy_name)) IS NULL THEN
            RAISE EXCEPTION '%.%, the copy of %.%, is gone', b.schema_name, t.copy_name, t.schema_name, t.table_name
                USING HINT = 'Choose another backup.';
        END IF;
    END LOOP;
    PERFORM backstop.lock_targets(b);
    PERFORM backstop.lower_fence(b.run);
    was := backstop.recorded(b.catalog);
    before := backstop.facts(left_out);
    steps := backstop.steps_since(b);
    scope := backstop.scope(b, steps, was, before);
    positions := backstop.target_positions(b, was, before);
    stale := backstop.other_rows(b, was, before);
    reload := ARRAY(SELECT k FROM unnest(stale) AS k WHERE backstop.is_loadable(was -> k) AND was -> k = before -> k);
    dropped := backstop.take_down(b, was, scope, ARRAY(SELECT unnest(stale) EXCEPT SELECT unnest(reload)), left_out);
    is_now := backstop.facts(left_out);
    reload := ARRAY(SELECT k FROM unnest(reload) AS k WHERE is_now ? k);
    PERFORM backstop.empty(reload);
    is_now := backstop.facts(left_out);
    gone := ARRAY(SELECT jsonb_object_keys(before) EXCEPT SELECT jsonb_object_keys(is_now));
    made := backstop.bring_back(b, was, scope || gone, reload, positions, left_out);
    SET CONSTRAINTS ALL IMMEDIATE;
    is_now := backstop.facts(left_out);
    SELECT * INTO proof FROM backstop.prove(b, was, before, is_now, scope, gone, made);
    IF proof.differences <> '{}' THEN
        RAISE EXCEPTION 'the restore would not be equal to the backup: %', array_to_string(proof.differences[1:5], '; ')
            USING ERRCODE = 'integrity_constraint_violation', DETAIL = array_to_string(proof.differences, E'\n'),
                  HINT = 'It is rolled back, and nothing was changed by it. `backstop restore` can change more while it stands.';
    END IF;
    PERFORM backstop.tell_restore(proof.respelled, ARRAY(SELECT k FROM unnest(gone) AS k WHERE NOT k = ANY (scope) AND NOT was ? k));
    PERFORM backstop.journal_restore(b, waiting, steps, backstop.restoration(b, dropped, made, proof.respelled));
    said := format('backup %s is restored: %s tables proven equal, %s of them loaded again', b.id, cardinality(backstop.covered(b.id)),
                   (SELECT count(*) FROM unnest(backstop.covered(b.id)) AS k WHERE k = ANY (made)));
    PERFORM backstop.log('restore_from_backup', of_schema, b.plan, b.id, 'done', said);
    RETURN said;
END
$$;
COMMENT ON FUNCTION backstop.restore_from_backup(of_schema text, wanted text) IS 'Brings a backup back, the newest of the schema if none is named, and proves it; or raises an exception and changes nothing.';
CREATE FUNCTION backstop.row_text(fields text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT '(' || coalesce(string_agg(
           CASE WHEN f.value IS NULL THEN '' ELSE '"' || replace(replace(f.value, '\', '\\'), '"', '""') || '"' END,
           ',' ORDER BY f.place), '') || ')'
FROM unnest(fields) WITH ORDINALITY AS f (value, place)
$$;
CREATE FUNCTION backstop.rows_of(target regclass) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || target FROM pg_class AS c WHERE c.oid = target
$$;
CREATE FUNCTION backstop.scope(b backstop.backups, steps jsonb, was jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    WITH RECURSIVE changed AS MATERIALIZED (
        SELECT backstop.key_of(c -> 'object') AS key FROM jsonb_array_elements(steps) AS s, jsonb_array_elements(s -> 'changes') AS c
        UNION
        SELECT c FROM backstop.operations AS o,
                      jsonb_array_elements_text(CASE WHEN o.outcome = 'done' THEN o.changes END) AS c
         WHERE o.at > b.created_at
    ), needs AS MATERIALIZED (
        SELECT * FROM backstop.needs(b.catalog)
    ), down AS MATERIALIZED (
        SELECT holder AS from_key, part AS to_key FROM backstop.parts(was)
        UNION SELECT holder, part FROM backstop.parts(is_now)
        UNION SELECT need, object FROM needs
    ), held AS (
        SELECT unnest(backstop.covered(b.id)) AS key
    ), beneath AS (
        SELECT key FROM held
        UNION
        SELECT part FROM backstop.parts(was) JOIN held ON holder = key
        UNION
        SELECT n.need FROM beneath JOIN needs AS n ON n.object = key
    ), found AS (
        SELECT key FROM held
        UNION
        SELECT key FROM changed
        UNION
        SELECT key FROM beneath
         WHERE NOT EXISTS (SELECT FROM changed) AND (was -> key) IS DISTINCT FROM (is_now -> key)
        UNION
        SELECT d.to_key FROM found JOIN down AS d ON d.from_key = key
         WHERE NOT (key LIKE '["schema"%' AND was ? key AND is_now ? key)
    )
    SELECT coalesce(array_agg(key), '{}') FROM found
$$;
CREATE FUNCTION backstop.set_aside(wanted uuid, target regclass, condition text, reason text, depth integer) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
    depth_max constant integer := 50;
    key     record;
    columns text[];
    taken   bigint;
    below   bigint := 0;
    hushed  record;
BEGIN
    EXECUTE format('SELECT count(*) FROM %s AS row_ WHERE %s', backstop.rows_of(target), condition) INTO taken;
    IF taken = 0 THEN
        RETURN 0;
    END IF;
    IF depth > depth_max THEN
        RAISE statement_too_complex USING MESSAGE = format('rows of %s point to each other without an end', target);
    END IF;
    FOR key IN
        SELECT c.conrelid::regclass AS own, quote_ident(c.conname) AS name,
               (SELECT string_agg(format('gone_.%I OPERATOR(%I.%s) row_.%I', theirs.attname, n.nspname, o.oprname, mine.attname), ' AND ')
                FROM unnest(c.conkey, c.confkey, c.conpfeqop) AS k (mine, theirs, operator)
                JOIN pg_attribute AS mine ON mine.attrelid = c.conrelid AND mine.attnum = k.mine
                JOIN pg_attribute AS theirs ON theirs.attrelid = c.confrelid AND theirs.attnum = k.theirs
                JOIN pg_operator AS o ON o.oid = k.operator JOIN pg_namespace AS n ON n.oid = o.oprnamespace) AS points
        FROM pg_constraint AS c
        WHERE c.confrelid = target AND c.contype = 'f' AND c.conparentid = 0
        ORDER BY c.oid
    LOOP
        below := below + backstop.set_aside(
            wanted, key.own,
            format('EXISTS (SELECT FROM (SELECT * FROM %s AS row_ WHERE %s) AS gone_ WHERE %s)%s', backstop.rows_of(target), condition,
                   key.points, CASE WHEN key.own = target THEN format(' AND NOT (%s)', condition) ELSE '' END),
            format('the row of %s that it points to (foreign key %s) was set aside', target, key.name), depth + 1);
    END LOOP;
    columns := ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                     WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum);
    EXECUTE format('INSERT INTO backstop.quarantine SELECT $1, nextval(%L), $2, $3, %L, NULL, jsonb_object($4, backstop.fields((row_.*)::text)), '
                   '%L, $5, false, clock_timestamp(), session_user FROM %s AS row_ WHERE %s',
                   pg_get_serial_sequence('backstop.later_writes', 'seq'), 'INSERT', '23503', backstop.rows_of(target), condition)
        USING wanted, (SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = target),
              (SELECT c.relname FROM pg_class AS c WHERE c.oid = target), columns, reason;
    SELECT q.* INTO hushed FROM backstop.quieting(target || ARRAY(SELECT p.relid FROM pg_partition_tree(target) AS p)) AS q;
    IF hushed.quiet IS NOT NULL THEN
        EXECUTE hushed.quiet;
    END IF;
    EXECUTE format('DELETE FROM %s AS row_ WHERE %s', backstop.rows_of(target), condition);
    SET CONSTRAINTS ALL IMMEDIATE;
    IF hushed.wake IS NOT NULL THEN
        EXECUTE hushed.wake;
    END IF;
    RETURN below + taken;
END
$_$;
CREATE FUNCTION backstop.stays(was jsonb, is_now jsonb, held boolean, key text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT was IS NOT NULL AND is_now IS NOT NULL AND NOT held AND (
        key LIKE '["schema"%' OR key LIKE '["table"%'
        OR was ? 'owner' AND was -> 'definition' = is_now -> 'definition'
        OR coalesce(was #>> '{definition,function,signature}' = is_now #>> '{definition,function,signature}', false))
$$;
CREATE FUNCTION backstop.steps_since(b backstop.backups) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
    SELECT coalesce(jsonb_agg(e.event - 'kind' ORDER BY r.started_at, e.run, e.seq), '[]')
      FROM backstop.runs AS r JOIN backstop.events AS e USING (run)
     WHERE e.kind = 'step_committed' AND (r.run::text = b.run OR r.started_at > b.created_at)
$$;
COMMENT ON FUNCTION backstop.steps_since(b backstop.backups) IS 'The steps that were committed since the backup.';
CREATE FUNCTION backstop.straighten(key text, title text, noun text, was jsonb, is_now jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    SET check_function_bodies TO 'off'
    AS $$
DECLARE
    d jsonb := was -> 'definition';
    n jsonb := is_now -> 'definition';
    word text := CASE WHEN noun IN ('VIEW', 'MATERIALIZED VIEW', 'FOREIGN TABLE') THEN 'TABLE' WHEN noun = 'DOMAIN' THEN 'TYPE' ELSE noun END;
    g record;
    c text;
BEGIN
    IF d ? 'function' AND d <> n THEN
        EXECUTE d #>> '{function,create}';
    END IF;
    IF d ? 'table' AND d <> n THEN
        FOR c IN SELECT x ->> 'name' FROM jsonb_array_elements(n #> '{table,columns}') AS x
                  WHERE NOT x ->> 'name' IN (SELECT y ->> 'name' FROM jsonb_array_elements(d #> '{table,columns}') AS y) LOOP
            EXECUTE format('ALTER TABLE %s DROP COLUMN %I', title, c);
        END LOOP;
        EXECUTE format('ALTER TABLE %s %s ROW LEVEL SECURITY, %s ROW LEVEL SECURITY', title,
            CASE WHEN (d #>> '{table,row_security}')::boolean THEN 'ENABLE' ELSE 'DISABLE' END,
            CASE WHEN (d #>> '{table,force_row_security}')::boolean THEN 'FORCE' ELSE 'NO FORCE' END);
    END IF;
    IF was -> 'owner' IS DISTINCT FROM is_now -> 'owner' THEN
        EXECUTE format('ALTER %s %s OWNER TO %I', noun, title, was ->> 'owner');
    END IF;
    IF was -> 'grants' IS DISTINCT FROM is_now -> 'grants' THEN
        FOR g IN SELECT DISTINCT coalesce(quote_ident(x ->> 'grantee'), 'PUBLIC') AS grantee
                   FROM jsonb_array_elements((was -> 'grants') || (is_now -> 'grants')) AS x LOOP
            EXECUTE format('REVOKE ALL ON %s %s FROM %s CASCADE', word, title, g.grantee);
        END LOOP;
        FOR g IN SELECT x ->> 'privilege' AS privilege, coalesce(quote_ident(x ->> 'grantee'), 'PUBLIC') AS grantee,
                        (x ->> 'grantable')::boolean AS grantable
                   FROM jsonb_array_elements(was -> 'grants') WITH ORDINALITY AS e (x, place) ORDER BY place LOOP
            EXECUTE format('GRANT %s ON %s %s TO %s', g.privilege, word, title, g.grantee)
                    || CASE WHEN g.grantable THEN ' WITH GRANT OPTION' ELSE '' END;
        END LOOP;
    END IF;
    IF was -> 'comment' IS DISTINCT FROM is_now -> 'comment' THEN
        EXECUTE format('COMMENT ON %s %s IS %L', noun, title, was ->> 'comment');
    END IF;
END
$$;
CREATE FUNCTION backstop.straighten_all(was jsonb, scope text[], kinds text[], missing text[], left_out text[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    s record;
    done text[] := '{}';
BEGIN
    FOR s IN
        SELECT k.key, was -> k.key AS was, backstop.plain(o.definition, o.owner, o.grants, o.comment, backstop.labels(o.class, o.object)) AS is_now,
               i.identity AS title, replace(upper(i.type), '-', ' ') AS noun
          FROM backstop.structure(left_out) AS o
          CROSS JOIN LATERAL (SELECT backstop.key(o.kind, o.schema, o.part_of, o.name)) AS k (key)
          CROSS JOIN LATERAL pg_identify_object(o.class, o.object, 0) AS i
         WHERE o.class <> 0 AND o.kind = ANY (kinds) AND k.key = ANY (scope) AND NOT k.key = ANY (missing) AND was ? k.key
    LOOP
        CONTINUE WHEN s.was = s.is_now;
        PERFORM backstop.straighten(s.key, s.title, s.noun, s.was, s.is_now);
        done := done || s.key;
    END LOOP;
    RETURN done;
END
$$;
CREATE FUNCTION backstop.structure(left_out text[]) RETURNS TABLE(class oid, object oid, kind text, schema text, name text, part_of text, owner text, grants jsonb, comment text, definition jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, MDY'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET quote_all_identifiers TO 'off'
    SET jit TO 'off'
    AS $_$
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT n.tableoid AS class, n.oid, 'schema' AS kind, n.nspname AS schema, n.nspname AS name, NULL AS "of",
       pg_get_userbyid(n.nspowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(n.oid, 'pg_namespace') AS comment,
       to_json('schema'::text) AS definition
FROM pg_namespace n
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT t.tableoid AS class, t.oid, 'type' AS kind, n.nspname AS schema, t.typname AS name, NULL AS "of",
       pg_get_userbyid(t.typowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(t.oid, 'pg_type') AS comment,
       CASE t.typtype
         WHEN 'e' THEN json_build_object('enum', json_build_object(
           'labels', coalesce((SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = t.oid), '[]')))
         WHEN 'd' THEN json_build_object('domain', json_build_object(
           'base', format_type(t.typbasetype, t.typtypmod),
           'collation', (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
                         FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace, pg_type b
                         WHERE co.oid = t.typcollation AND b.oid = t.typbasetype AND b.typcollation <> t.typcollation),
           'default', coalesce(pg_get_expr(t.typdefaultbin, 'pg_type'::regclass), t.typdefault),
           'not_null', t.typnotnull,
           'not_null_name',
             NULL, -- before 180000
           'checks', coalesce((SELECT json_agg(json_build_object(
               'name', k.conname, 'definition', pg_get_constraintdef(k.oid), 'comment', obj_description(k.oid, 'pg_constraint'))
               ORDER BY k.conname)
             FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '[]')))
         ELSE json_build_object('composite', json_build_object(
           'attributes', coalesce((SELECT json_agg(json_build_object(
               'name', a.attname, 'data_type', format_type(a.atttypid, a.atttypmod),
               'collation', (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
                             FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace, pg_type b
                             WHERE co.oid = a.attcollation AND b.oid = a.atttypid AND b.typcollation <> a.attcollation),
               'comment', col_description(a.attrelid, a.attnum)) ORDER BY a.attnum)
             FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '[]')))
       END AS definition
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE (t.typtype IN ('e', 'd')
       OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_class r WHERE r.oid = t.typrelid AND r.relkind = 'c'))
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT t.tableoid AS class, t.oid, 'type' AS kind, n.nspname AS schema, t.typname AS name, NULL AS "of",
       pg_get_userbyid(t.typowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(t.oid, 'pg_type') AS comment,
       json_build_object('range', json_build_object(
         'subtype', format_type(r.rngsubtype, NULL),
         'operator_class', (SELECT quote_ident(x.nspname) || '.' || quote_ident(o.opcname)
                            FROM pg_opclass o JOIN pg_namespace x ON x.oid = o.opcnamespace WHERE o.oid = r.rngsubopc),
         'collation', (SELECT quote_ident(x.nspname) || '.' || quote_ident(c.collname)
                       FROM pg_collation c JOIN pg_namespace x ON x.oid = c.collnamespace WHERE c.oid = r.rngcollation),
         'canonical', CASE WHEN r.rngcanonical::oid <> 0 THEN r.rngcanonical::text END,
         'subtype_diff', CASE WHEN r.rngsubdiff::oid <> 0 THEN r.rngsubdiff::text END,
         'multirange',
           (SELECT quote_ident(x.nspname) || '.' || quote_ident(m.typname) -- from 140000
            FROM pg_type m JOIN pg_namespace x ON x.oid = m.typnamespace WHERE m.oid = r.rngmultitypid), -- from 140000
         'multirange_comment',
           obj_description(r.rngmultitypid, 'pg_type'), -- from 140000
         'constructors', coalesce((SELECT json_agg(json_build_object(
             'name', p.oid::regprocedure::text, 'owner', pg_get_userbyid(p.proowner),
             'grants', (SELECT json_agg(json_build_object(
                'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
              FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WITH ORDINALITY
                   AS g (grantor, grantee, privilege_type, is_grantable, place))) ORDER BY p.oid::regprocedure::text)
           FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
           WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass
             AND d.refobjid IN (t.oid
               , r.rngmultitypid -- from 140000
             )), '[]'))) AS definition
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT c.tableoid AS class, c.oid, 'sequence' AS kind, n.nspname AS schema, c.relname AS name, NULL AS "of",
       pg_get_userbyid(c.relowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(c.oid, 'pg_class') AS comment,
       json_build_object('sequence', json_build_object(
         'data_type', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement,
         'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache, 'cycle', s.seqcycle, 'unlogged', c.relpersistence = 'u',
         'owned_by', CASE WHEN o.oid IS NOT NULL THEN json_build_array(
            json_build_object('kind', 'table', 'schema', o.nspname, 'name', o.relname, 'of', NULL), o.attname) END,
         'identity', coalesce(o.deptype = 'i', false))) AS definition
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN LATERAL (
  SELECT t.oid, tn.nspname, t.relname, a.attname, d.deptype
  FROM pg_depend d
  JOIN pg_class t ON t.oid = d.refobjid
  JOIN pg_namespace tn ON tn.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')) o ON true
WHERE c.relkind = 'S' AND c.relpersistence <> 't'
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT p.tableoid AS class, p.oid, 'function' AS kind, n.nspname AS schema,
       p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name, NULL AS "of",
       pg_get_userbyid(p.proowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(p.oid, 'pg_proc') AS comment,
       json_build_object('function', json_build_object(
         'routine', CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
         'name', p.proname, 'arguments', oidvectortypes(p.proargtypes),
         'create', pg_get_functiondef(p.oid),
         'signature', concat_ws(' ', p.prokind, pg_get_function_identity_arguments(p.oid), '->',
                                pg_get_function_result(p.oid), p.pronargdefaults))) AS definition
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p', 'w')
  AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT p.tableoid AS class, p.oid, 'aggregate' AS kind, n.nspname AS schema,
       p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name, NULL AS "of",
       pg_get_userbyid(p.proowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(p.oid, 'pg_proc') AS comment,
       json_build_object('aggregate', json_build_object(
         'name', p.proname,
         'parameters', coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'),
         'arguments', coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*'),
         'argument_types', oidvectortypes(p.proargtypes),
         'result', pg_get_function_result(p.oid),
         'options', to_json(array_remove(ARRAY[
           'SFUNC = ' || a.aggtransfn,
           'STYPE = ' || format_type(a.aggtranstype, NULL),
           CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE = ' || a.aggtransspace END,
           CASE WHEN a.aggfinalfn::oid <> 0 THEN 'FINALFUNC = ' || a.aggfinalfn END,
           CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
           CASE WHEN a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN
             'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
           CASE WHEN a.aggcombinefn::oid <> 0 THEN 'COMBINEFUNC = ' || a.aggcombinefn END,
           CASE WHEN a.aggserialfn::oid <> 0 THEN 'SERIALFUNC = ' || a.aggserialfn END,
           CASE WHEN a.aggdeserialfn::oid <> 0 THEN 'DESERIALFUNC = ' || a.aggdeserialfn END,
           'INITCOND = ' || quote_literal(a.agginitval),
           CASE WHEN a.aggmtransfn::oid <> 0 THEN 'MSFUNC = ' || a.aggmtransfn END,
           CASE WHEN a.aggminvtransfn::oid <> 0 THEN 'MINVFUNC = ' || a.aggminvtransfn END,
           CASE WHEN a.aggmtranstype <> 0 THEN 'MSTYPE = ' || format_type(a.aggmtranstype, NULL) END,
           CASE WHEN a.aggmtransspace <> 0 THEN 'MSSPACE = ' || a.aggmtransspace END,
           CASE WHEN a.aggmfinalfn::oid <> 0 THEN 'MFINALFUNC = ' || a.aggmfinalfn END,
           CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
           CASE WHEN a.aggmfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN
             'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
           'MINITCOND = ' || quote_literal(a.aggminitval),
           (SELECT format('SORTOP = OPERATOR(%I.%s)', o.nspname, o.oprname)
            FROM (SELECT x.nspname, o.oprname FROM pg_operator o JOIN pg_namespace x ON x.oid = o.oprnamespace WHERE o.oid = a.aggsortop) o),
           CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
           CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END
         ], NULL)))) AS definition
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
WITH chosen AS (
  SELECT c.*, c.tableoid AS class, n.nspname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
), described AS (
  SELECT a.attrelid, json_agg(json_build_object(
      'name', a.attname,
      'data_type', format_type(a.atttypid, a.atttypmod),
      'builtin', coalesce(e.oid, t.oid) < 16384 AND coalesce(e.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace,
      'collation', CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation THEN
         (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
          FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END,
      'not_null', CASE WHEN a.attnotnull THEN
         json_build_object('name', NULL, 'validated', true, 'no_inherit', false, 'comment', NULL, -- before 180000
           'descent', json_build_object('local', true, 'above', 0)) -- before 180000
         END,
      'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END,
      'default_needs', '[]'::json,
      'identity', nullif(a.attidentity::text, ''),
      'generated', CASE WHEN a.attgenerated <> '' THEN
         json_build_array(a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid)) END,
      'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
      'compression',
         nullif(a.attcompression::text, ''), -- from 140000
      'statistics', nullif(a.attstattarget, -1),
      'options', coalesce(to_json(a.attoptions), '[]'),
      'descent', json_build_object('local', a.attislocal, 'above', a.attinhcount),
      'facts', json_build_object('column', a.attname, 'grants',
         coalesce(CASE WHEN a.attacl IS NOT NULL THEN
             (SELECT json_agg(json_build_object(
                'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
              FROM aclexplode(a.attacl) WITH ORDINALITY AS g (grantor, grantee, privilege_type, is_grantable, place))
             END, '[]'),
         'comment', m.description)
    ) ORDER BY a.attnum) AS columns
  FROM chosen c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_description m ON m.classoid = 'pg_class'::regclass AND m.objoid = a.attrelid AND m.objsubid = a.attnum
  GROUP BY a.attrelid
)
SELECT c.class, c.oid, 'table' AS kind, c.nspname AS schema, c.relname AS name, NULL AS "of",
       pg_get_userbyid(c.relowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(c.oid, 'pg_class') AS comment,
       json_build_object('table', json_build_object(
         'columns', coalesce(f.columns, '[]'),
         'unlogged', c.relpersistence = 'u',
         'row_security', c.relrowsecurity,
         'force_row_security', c.relforcerowsecurity,
         'replica_identity', c.relreplident::text,
         'options', to_json(coalesce(c.reloptions, '{}')
            || ARRAY(SELECT 'toast.' || o FROM pg_class x, unnest(x.reloptions) o WHERE x.oid = c.reltoastrelid)),
         'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace),
         'access_method', (SELECT amname FROM pg_am WHERE oid = c.relam AND amname <> 'heap'),
         'of_type', CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
         'lineage', json_build_object(
            'partition_key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
            'partition_of', CASE WHEN c.relispartition THEN (SELECT json_build_object(
               'parent', json_build_object('kind', 'table', 'schema', pn.nspname, 'name', p.relname, 'of', NULL),
               'bound', pg_get_expr(c.relpartbound, c.oid),
               'detaching',
                  i.inhdetachpending -- from 140000
               )
               FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
               WHERE i.inhrelid = c.oid) END,
            'inherits', CASE WHEN c.relispartition THEN '[]' ELSE coalesce((SELECT json_agg(
               json_build_object('kind', 'table', 'schema', pn.nspname, 'name', p.relname, 'of', NULL) ORDER BY i.inhseqno)
               FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
               WHERE i.inhrelid = c.oid), '[]') END),
         'unmodelled', to_json(w.unloadable),
         'unloadable', to_json(w.unloadable))) AS definition
FROM chosen c
LEFT JOIN described f ON f.attrelid = c.oid
CROSS JOIN LATERAL (SELECT
  ARRAY(SELECT 'has the foreign table ' || i.child || CASE c.relkind WHEN 'p' THEN ' among its partitions' ELSE ' among its heirs' END
      FROM (SELECT inhrelid::regclass::text AS child FROM pg_inherits JOIN pg_class f ON f.oid = inhrelid AND f.relkind = 'f'
            WHERE inhparent = c.oid ORDER BY 1) i
  ) AS unloadable) w
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT k.tableoid AS class, k.oid, 'constraint' AS kind, n.nspname AS schema, k.conname AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(k.oid, 'pg_constraint') AS comment,
       json_build_object('constraint', json_build_object(
         'contype', k.contype::text,
         'definition', pg_get_constraintdef(k.oid),
         'validated', k.convalidated,
         'clustered', coalesce(i.indisclustered, false),
         'replica_identity', coalesce(i.indisreplident, false),
         'index', CASE WHEN i.indexrelid IS NOT NULL THEN json_build_object(
            'options', coalesce(to_json(x.reloptions), '[]'),
            'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = x.reltablespace),
            'comment', obj_description(x.oid, 'pg_class')) END,
         'triggers', coalesce((SELECT json_agg(json_build_array(t.function, t.state) ORDER BY t.function, t.state)
            FROM (SELECT DISTINCT p.proname AS function, t.tgenabled::text AS state
                  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                  WHERE t.tgconstraint = k.oid AND t.tgisinternal AND t.tgenabled <> 'O') t), '[]'),
         'descent', json_build_object('local', k.conislocal, 'above', k.coninhcount),
         'parent', CASE
            WHEN k.contype = 'f' AND k.conparentid <> 0 THEN (SELECT json_build_object(
               'kind', 'constraint', 'schema', pn.nspname, 'name', p.conname, 'of', t.relname)
               FROM pg_constraint p JOIN pg_class t ON t.oid = p.conrelid JOIN pg_namespace pn ON pn.oid = t.relnamespace
               WHERE p.oid = k.conparentid)
            -- An index may be attached to one that no constraint owns.
            WHEN x.relispartition THEN (SELECT json_build_object(
               'kind', CASE WHEN p.oid IS NULL THEN 'index' ELSE 'constraint' END,
               'schema', pn.nspname, 'name', coalesce(p.conname, px.relname), 'of', CASE WHEN p.oid IS NOT NULL THEN t.relname END)
               FROM pg_inherits h
               JOIN pg_index pi ON pi.indexrelid = h.inhparent
               JOIN pg_class px ON px.oid = pi.indexrelid
               JOIN pg_class t ON t.oid = pi.indrelid
               JOIN pg_namespace pn ON pn.oid = t.relnamespace
               LEFT JOIN pg_constraint p ON p.conindid = px.oid AND p.contype IN ('p', 'u', 'x')
               WHERE h.inhrelid = x.oid) END)) AS definition
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class x ON x.oid = i.indexrelid
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_constraint a WHERE a.oid = k.conparentid AND a.conrelid = k.conrelid)
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT x.tableoid AS class, x.oid, 'index' AS kind, n.nspname AS schema, x.relname AS name, NULL AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(x.oid, 'pg_class') AS comment,
       json_build_object('index', json_build_object(
         'table', c.relname,
         'create', pg_get_indexdef(x.oid),
         'valid', i.indisvalid,
         'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = x.reltablespace),
         'clustered', i.indisclustered,
         'replica_identity', i.indisreplident,
         'statistics', coalesce((SELECT json_agg(json_build_array(a.attnum, a.attstattarget) ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = x.oid AND a.attstattarget >= 0 AND i.indexprs IS NOT NULL), '[]'),
         'has_expressions', i.indexprs IS NOT NULL OR i.indpred IS NOT NULL,
         'parent', CASE WHEN x.relispartition THEN (SELECT json_build_object(
            'kind', 'index', 'schema', pn.nspname, 'name', p.relname, 'of', NULL)
            FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
            WHERE h.inhrelid = x.oid) END,
         'partitioned', x.relkind = 'I')) AS definition
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x'))
  AND x.relpersistence <> 't'
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT c.tableoid AS class, c.oid, 'view' AS kind, n.nspname AS schema, c.relname AS name, NULL AS "of",
       pg_get_userbyid(c.relowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(c.oid, 'pg_class') AS comment,
       json_build_object('view', json_build_object(
         'columns', coalesce((SELECT json_agg(a.attname ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
         'query', rtrim(pg_get_viewdef(c.oid), ';'),
         'options', coalesce(to_json(c.reloptions), '[]'),
         'column_facts', coalesce((SELECT json_agg(json_build_object('column', a.attname, 'grants',
           coalesce(CASE WHEN a.attacl IS NOT NULL THEN
             (SELECT json_agg(json_build_object(
                'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
              FROM aclexplode(a.attacl) WITH ORDINALITY AS g (grantor, grantee, privilege_type, is_grantable, place))
             END, '[]'),
             'comment', m.description) ORDER BY a.attnum)
            FROM pg_attribute a
            LEFT JOIN pg_description m ON m.classoid = 'pg_class'::regclass AND m.objoid = a.attrelid AND m.objsubid = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND (a.attacl IS NOT NULL OR m.description IS NOT NULL)), '[]'),
         'defaults', coalesce((SELECT json_agg(json_build_array(a.attname, pg_get_expr(d.adbin, 0)) ORDER BY a.attnum)
            FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = c.oid), '[]')
       )::jsonb || coalesce((
         -- Every view depends on itself as a whole before version 16; one that reads itself depends on columns of its own.
         SELECT jsonb_build_object('own_types', jsonb_agg(format_type(a.atttypid, a.atttypmod) || coalesce(
                (SELECT format(' COLLATE %I.%I', l.nspname, o.collname) FROM pg_collation o JOIN pg_namespace l ON l.oid = o.collnamespace
                 WHERE o.oid = a.attcollation AND a.attcollation <> t.typcollation), '') ORDER BY a.attnum))
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND EXISTS (
              SELECT FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
              WHERE r.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0)
         HAVING count(*) > 0), '{}')
       ) AS definition
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND c.relpersistence <> 't'
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT c.tableoid AS class, c.oid, 'materialized view' AS kind, n.nspname AS schema, c.relname AS name, NULL AS "of",
       pg_get_userbyid(c.relowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(c.oid, 'pg_class') AS comment,
       json_build_object('materialized_view', json_build_object(
         'columns', coalesce((SELECT json_agg(json_build_object(
             'name', a.attname,
             'data_type', format_type(a.atttypid, a.atttypmod),
             'builtin', coalesce(e.oid, t.oid) < 16384 AND coalesce(e.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace,
             'collation', CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation THEN
                (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
                 FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END,
             'not_null', NULL, 'default', NULL, 'default_needs', '[]'::json, 'identity', NULL, 'generated', NULL,
             'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
             'compression',
                nullif(a.attcompression::text, ''), -- from 140000
             'statistics', nullif(a.attstattarget, -1),
             'options', coalesce(to_json(a.attoptions), '[]'),
             'descent', json_build_object('local', true, 'above', 0),
             'facts', json_build_object('column', a.attname, 'grants',
                coalesce(CASE WHEN a.attacl IS NOT NULL THEN
                    (SELECT json_agg(json_build_object(
                       'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
                       'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
                     FROM aclexplode(a.attacl) WITH ORDINALITY AS g (grantor, grantee, privilege_type, is_grantable, place))
                    END, '[]'),
                'comment', col_description(c.oid, a.attnum))
           ) ORDER BY a.attnum)
           FROM pg_attribute a
           JOIN pg_type t ON t.oid = a.atttypid
           LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
         'query', rtrim(pg_get_viewdef(c.oid), ';'),
         'options', to_json(coalesce(c.reloptions, '{}')
            || ARRAY(SELECT 'toast.' || o FROM pg_class x, unnest(x.reloptions) o WHERE x.oid = c.reltoastrelid)),
         'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace),
         'access_method', (SELECT amname FROM pg_am WHERE oid = c.relam AND amname <> 'heap'),
         'populated', c.relispopulated)) AS definition
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm'
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT r.tableoid AS class, r.oid, 'rule' AS kind, n.nspname AS schema, r.rulename AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(r.oid, 'pg_rewrite') AS comment,
       json_build_object('rule', json_build_object(
         'create', rtrim(pg_get_ruledef(r.oid), ';'), 'enabled', r.ev_enabled::text)) AS definition
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND c.relpersistence <> 't'
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_rewrite'::regclass AND e.objid = r.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT s.tableoid AS class, s.oid, 'statistics' AS kind, n.nspname AS schema, s.stxname AS name, NULL AS "of",
       pg_get_userbyid(s.stxowner) AS owner, '[]'::json AS grants,
       obj_description(s.oid, 'pg_statistic_ext') AS comment,
       json_build_object('statistics', json_build_object(
         'on', json_build_object('kind', CASE c.relkind WHEN 'm' THEN 'materialized_view' ELSE 'table' END,
                                 'schema', cn.nspname, 'name', c.relname, 'of', NULL),
         'create', pg_get_statisticsobjdef(s.oid),
         'target', nullif(s.stxstattarget, -1))) AS definition
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_class c ON c.oid = s.stxrelid
JOIN pg_namespace cn ON cn.oid = c.relnamespace
WHERE c.relpersistence <> 't'
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_statistic_ext'::regclass AND e.objid = s.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT t.tableoid AS class, t.oid, 'trigger' AS kind, n.nspname AS schema, t.tgname AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(t.oid, 'pg_trigger') AS comment,
       json_build_object('trigger', json_build_object(
         'create', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled::text,
         'parent', CASE WHEN t.tgparentid <> 0 THEN (SELECT json_build_object(
            'kind', 'trigger', 'schema', pn.nspname, 'name', p.tgname, 'of', pc.relname)
            FROM pg_trigger p JOIN pg_class pc ON pc.oid = p.tgrelid JOIN pg_namespace pn ON pn.oid = pc.relnamespace
            WHERE p.oid = t.tgparentid) END)) AS definition
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc f ON f.oid = t.tgfoid
WHERE (NOT t.tgisinternal OR t.tgparentid <> 0
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.oid = t.tgconstraint AND k.contype <> 't'))
  AND f.pronamespace <> ALL (SELECT oid FROM pg_namespace WHERE nspname = 'backstop')
  AND c.relpersistence <> 't'
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT p.tableoid AS class, p.oid, 'policy' AS kind, n.nspname AS schema, p.polname AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants,
       obj_description(p.oid, 'pg_policy') AS comment,
       json_build_object('policy', json_build_object(
         'permissive', p.polpermissive,
         'command', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                                  ELSE 'ALL' END,
         'roles', coalesce((SELECT json_agg(pg_get_userbyid(r.role) ORDER BY r.place)
            FROM unnest(p.polroles) WITH ORDINALITY AS r (role, place) WHERE r.role <> 0), '[]'),
         'using', pg_get_expr(p.polqual, p.polrelid),
         'check', pg_get_expr(p.polwithcheck, p.polrelid))) AS definition
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT p.tableoid AS class, p.oid, 'publication' AS kind, p.pubname AS schema, p.pubname AS name, NULL AS "of",
       pg_get_userbyid(p.pubowner) AS owner, '[]'::json AS grants,
       obj_description(p.oid, 'pg_publication') AS comment,
       json_build_object('publication', json_build_object(
         'all_tables', p.puballtables,
         'options', json_build_array(
           'publish=' || concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                                   CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
           'publish_via_partition_root=' || p.pubviaroot))) AS definition
FROM pg_publication p
WHERE $1::text[] IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_publication'::regclass AND e.objid = p.oid AND e.deptype = 'e')
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT r.tableoid AS class, r.oid, 'publication member' AS kind, n.nspname AS schema, p.pubname AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants, NULL AS comment,
       json_build_object('published', json_build_object(
         'columns',
           coalesce((SELECT json_agg(a.attname ORDER BY a.attnum) -- from 150000
                     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs)), '[]'), -- from 150000
         'filter',
           pg_get_expr(r.prqual, r.prrelid) -- from 150000
         )) AS definition
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
JOIN pg_class c ON c.oid = r.prrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL -- from 150000
SELECT r.tableoid, r.oid, 'publication member', n.nspname, p.pubname, NULL, NULL, '[]'::json, NULL, to_json('published_schema'::text) -- from 150000
FROM pg_publication_namespace r -- from 150000
JOIN pg_publication p ON p.oid = r.pnpubid -- from 150000
JOIN pg_namespace n ON n.oid = r.pnnspid -- from 150000
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' -- from 150000
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
SELECT d.tableoid AS class, d.oid, 'other' AS kind, i.type AS schema, i.identity AS name, NULL AS "of", NULL AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(d.defaclacl) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       NULL AS comment,
       json_build_object('default_privileges', json_build_object(
         'role', pg_get_userbyid(d.defaclrole), 'schema', n.nspname,
         'objects', CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                         WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END)) AS definition
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
CROSS JOIN LATERAL pg_identify_object(d.tableoid, d.oid, 0) i
WHERE n.nspname IS NULL OR n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
) AS q
UNION ALL
SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q."of"::text, q.owner::text,
       q.grants::jsonb, q.comment::text, q.definition::jsonb
FROM (
WITH found (class, oid, what) AS (
  SELECT c.tableoid, c.oid, concat_ws('|', s.srvname, f.ftoptions, pg_get_userbyid(c.relowner), c.relacl, obj_description(c.oid, 'pg_class'),
           (SELECT string_agg(concat_ws(':', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl, a.attfdwoptions,
                                        pg_get_expr(d.adbin, CASE WHEN a.attgenerated <> '' THEN d.adrelid ELSE 0 END), a.attoptions, col_description(c.oid, a.attnum)), ',' ORDER BY a.attnum)
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
  FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid JOIN pg_foreign_server s ON s.oid = f.ftserver
  UNION ALL
  SELECT t.tableoid, t.oid, concat_ws('|', to_jsonb(t) - '{oid,typnamespace,typowner,typarray,typcollation,typelem}'::text[],
           format_type(nullif(t.typelem, 0), NULL), pg_get_userbyid(t.typowner), t.typcollation::regcollation,
           (SELECT string_agg(concat_ws(':', p.oid::regprocedure, p.proacl, pg_get_userbyid(p.proowner)), ',' ORDER BY p.oid::regprocedure::text)
            FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
            WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass AND d.refobjid = t.oid),
           obj_description(t.oid, 'pg_type'))
  FROM pg_type t
  WHERE t.typtype IN ('b', 'p') AND t.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
  UNION ALL
  SELECT o.tableoid, o.oid, concat_ws('|', to_jsonb(o) - '{oid,oprnamespace,oprowner,oprleft,oprright,oprresult,oprcom,oprnegate}'::text[],
           o.oprresult::regtype, o.oprcom::regoperator, o.oprnegate::regoperator, pg_get_userbyid(o.oprowner),
           obj_description(o.oid, 'pg_operator'))
  FROM pg_operator o WHERE o.oid >= 16384
  UNION ALL
  SELECT o.tableoid, o.oid, concat_ws('|', o.opcintype::regtype, o.opckeytype::regtype, o.opcdefault, pg_get_userbyid(o.opcowner),
           (SELECT f.opfname FROM pg_opfamily f WHERE f.oid = o.opcfamily), obj_description(o.oid, 'pg_opclass'))
  FROM pg_opclass o WHERE o.oid >= 16384
  UNION ALL
  SELECT f.tableoid, f.oid, concat_ws('|', pg_get_userbyid(f.opfowner), obj_description(f.oid, 'pg_opfamily'),
           (SELECT string_agg(concat_ws(':', m.amopstrategy, m.amoppurpose, m.amopopr::regoperator), ',' ORDER BY m.amopstrategy, m.amopopr)
            FROM pg_amop m WHERE m.amopfamily = f.oid),
           (SELECT string_agg(concat_ws(':', m.amprocnum, m.amproc::oid::regprocedure), ',' ORDER BY m.amprocnum, m.amproc::oid)
            FROM pg_amproc m WHERE m.amprocfamily = f.oid))
  FROM pg_opfamily f WHERE f.oid >= 16384
  UNION ALL
  SELECT c.tableoid, c.oid, concat_ws('|', c.castfunc::regprocedure, c.castcontext, c.castmethod, obj_description(c.oid, 'pg_cast'))
  FROM pg_cast c WHERE c.oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = c.tableoid AND i.objid = c.oid AND i.deptype = 'i')
  UNION ALL
  SELECT c.tableoid, c.oid, concat_ws('|', to_jsonb(c) - '{oid,collnamespace,collowner}'::text[], pg_get_userbyid(c.collowner),
           obj_description(c.oid, 'pg_collation'))
  FROM pg_collation c WHERE c.oid >= 16384
  UNION ALL
  SELECT c.tableoid, c.oid, concat_ws('|', to_jsonb(c) - '{oid,connamespace,conowner}'::text[], pg_get_userbyid(c.conowner),
           obj_description(c.oid, 'pg_conversion'))
  FROM pg_conversion c WHERE c.oid >= 16384
  UNION ALL
  SELECT p.tableoid, p.oid, concat_ws('|', to_jsonb(p) - '{oid,prsnamespace}'::text[], obj_description(p.oid, 'pg_ts_parser'))
  FROM pg_ts_parser p WHERE p.oid >= 16384
  UNION ALL
  SELECT t.tableoid, t.oid, concat_ws('|', to_jsonb(t) - '{oid,tmplnamespace}'::text[], obj_description(t.oid, 'pg_ts_template'))
  FROM pg_ts_template t WHERE t.oid >= 16384
  UNION ALL
  SELECT d.tableoid, d.oid, concat_ws('|', d.dictinitoption, pg_get_userbyid(d.dictowner), obj_description(d.oid, 'pg_ts_dict'),
           (SELECT t.tmplname FROM pg_ts_template t WHERE t.oid = d.dicttemplate))
  FROM pg_ts_dict d WHERE d.oid >= 16384
  UNION ALL
  SELECT c.tableoid, c.oid, concat_ws('|', pg_get_userbyid(c.cfgowner), obj_description(c.oid, 'pg_ts_config'),
           (SELECT p.prsname FROM pg_ts_parser p WHERE p.oid = c.cfgparser),
           (SELECT string_agg(concat_ws(':', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ',' ORDER BY m.maptokentype, m.mapseqno)
            FROM pg_ts_config_map m WHERE m.mapcfg = c.oid))
  FROM pg_ts_config c WHERE c.oid >= 16384
  UNION ALL
  SELECT l.tableoid, l.oid, concat_ws('|', l.lanpltrusted, l.lanplcallfoid::regprocedure, l.laninline::regprocedure,
           l.lanvalidator::regprocedure, l.lanacl, pg_get_userbyid(l.lanowner), obj_description(l.oid, 'pg_language'))
  FROM pg_language l WHERE l.oid >= 16384
  UNION ALL
  SELECT w.tableoid, w.oid, concat_ws('|', w.fdwhandler::regprocedure, w.fdwvalidator::regprocedure, w.fdwacl, w.fdwoptions,
           pg_get_userbyid(w.fdwowner), obj_description(w.oid, 'pg_foreign_data_wrapper'))
  FROM pg_foreign_data_wrapper w
  UNION ALL
  SELECT s.tableoid, s.oid, concat_ws('|', s.srvtype, s.srvversion, s.srvacl, s.srvoptions, pg_get_userbyid(s.srvowner),
           obj_description(s.oid, 'pg_foreign_server'))
  FROM pg_foreign_server s
  UNION ALL
  SELECT 'pg_user_mapping'::regclass, m.umid, m.srvname::text FROM pg_user_mappings m
  UNION ALL
  SELECT t.tableoid, t.oid, concat_ws('|', t.evtevent, t.evtfoid::regprocedure, t.evtenabled, t.evttags, pg_get_userbyid(t.evtowner),
           obj_description(t.oid, 'pg_event_trigger'))
  FROM pg_event_trigger t
  UNION ALL
  SELECT m.tableoid, m.oid, concat_ws('|', m.amhandler, m.amtype, obj_description(m.oid, 'pg_am')) FROM pg_am m WHERE m.oid >= 16384
  UNION ALL
  SELECT t.tableoid, t.oid, concat_ws('|', t.trffromsql, t.trftosql) FROM pg_transform t WHERE t.oid >= 16384
  UNION ALL
  SELECT x.tableoid, x.oid, concat_ws('|', x.extversion, x.extnamespace::regnamespace, x.extconfig::regclass[], x.extcondition,
           pg_get_userbyid(x.extowner), obj_description(x.oid, 'pg_extension'),
           (SELECT string_agg(concat_ws(':', p.oid::regprocedure, p.proacl), ',' ORDER BY p.oid::regprocedure::text)
            FROM pg_depend e JOIN pg_proc p ON p.oid = e.objid AND e.classid = 'pg_proc'::regclass
            WHERE e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid AND e.deptype = 'e' AND p.proacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', c.oid::regclass, c.relacl), ',' ORDER BY c.oid::regclass::text)
            FROM pg_depend e JOIN pg_class c ON c.oid = e.objid AND e.classid = 'pg_class'::regclass
            WHERE e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid AND e.deptype = 'e' AND c.relacl IS NOT NULL))
  FROM pg_extension x
), named (class, oid, type, identity, what) AS (
  SELECT f.class, f.oid, i.type, i.identity, f.what
  FROM found f
  CROSS JOIN LATERAL pg_identify_object(f.class, f.oid, 0) i
  WHERE (i.schema IS NULL OR i.schema <> ALL ($1) AND i.schema !~ '^pg_' AND i.schema <> 'information_schema')
    AND i.identity IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = f.class AND e.objid = f.oid AND e.deptype = 'e')
  UNION ALL
  SELECT 'pg_subscription'::regclass, 0, 'subscription', quote_ident(s.subname),
         concat_ws('|', s.subenabled, s.subslotname, s.subpublications, pg_get_userbyid(s.subowner))
  FROM pg_subscription s WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  UNION ALL
  SELECT d.tableoid, d.oid, 'database', 'settings and privileges', concat_ws('|', pg_get_userbyid(d.datdba), d.datacl, d.datconnlimit,
           (SELECT string_agg(concat_ws(':', CASE WHEN r.setrole <> 0 THEN pg_get_userbyid(r.setrole) END, r.setconfig), ',' ORDER BY r.setrole)
            FROM pg_db_role_setting r WHERE r.setdatabase = d.oid))
  FROM pg_database d WHERE d.datname = current_database()
  UNION ALL
  SELECT 0, 0, 'system objects', 'privileges', concat_ws('|',
           (SELECT string_agg(concat_ws(':', p.oid, p.proacl), ',' ORDER BY p.oid) FROM pg_proc p WHERE p.oid < 16384 AND p.proacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', c.oid, c.relacl), ',' ORDER BY c.oid) FROM pg_class c WHERE c.oid < 16384 AND c.relacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', l.oid, l.lanacl), ',' ORDER BY l.oid) FROM pg_language l WHERE l.oid < 16384))
  UNION ALL
  SELECT 0, 0, 'large objects', 'all of them', concat_ws('|', count(*), md5(string_agg(concat_ws(':', l.oid, pg_get_userbyid(l.lomowner), l.lomacl), ',' ORDER BY l.oid)))
  FROM (SELECT oid, lomowner, lomacl FROM pg_largeobject_metadata LIMIT 100000) l HAVING count(*) > 0
)
SELECT n.class, n.oid, 'other' AS kind, n.type AS schema, n.identity AS name, NULL AS "of", NULL AS owner, '[]'::json AS grants,
       NULL AS comment, json_build_object('other', json_build_object('fingerprint', md5(n.what))) AS definition
FROM named n
) AS q
$_$;
COMMENT ON FUNCTION backstop.structure(left_out text[]) IS 'The structure of the database, one row an object, without the schemas that are named.';
CREATE FUNCTION backstop.take_down(b backstop.backups, was jsonb, scope text[], stale text[], left_out text[]) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    SET client_min_messages TO 'warning'
    AS $$
DECLARE
    held text[] := backstop.covered(b.id);
    is_now jsonb := backstop.facts(left_out);
    tried text[] := '{}';
    dropped jsonb := '[]';
    row_count bigint;
    is_there boolean;
    pass text[];
    o record;
BEGIN
    FOR turn IN 1..20 LOOP
        SELECT coalesce(array_agg(n.key), '{}') INTO pass FROM (
            SELECT CASE WHEN (d #>> '{sequence,identity}')::boolean THEN backstop.key_of(d #> '{sequence,owned_by,0}') ELSE e.key END
              FROM jsonb_each(is_now) AS e, LATERAL (SELECT e.value -> 'definition') AS f (d)
             WHERE (e.key = ANY (scope) AND (was -> e.key) IS DISTINCT FROM e.value) OR e.key = ANY (stale)) AS n (key)
         WHERE NOT n.key = ANY (tried) AND NOT backstop.stays(was -> n.key, is_now -> n.key, n.key = ANY (held), n.key);
        EXIT WHEN pass = '{}';
        tried := tried || pass;
        FOR o IN
            SELECT k.key, s.class, s.object, s.name, s.schema, s.kind, d.statement
              FROM backstop.structure(left_out) AS s
              CROSS JOIN LATERAL (SELECT backstop.key(s.kind, s.schema, s.part_of, s.name)) AS k (key)
              CROSS JOIN LATERAL (SELECT backstop.drop_statement(k.key, s.class, s.object)) AS d (statement)
             WHERE k.key = ANY (pass) AND d.statement IS NOT NULL
             ORDER BY s.kind <> 'table', k.key
        LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE oid = %s)', o.class::regclass, o.object) INTO is_there;
            CONTINUE WHEN NOT is_there;
            IF o.kind = 'table' AND NOT was ? o.key THEN
                EXECUTE format('SELECT count(*) FROM ONLY %I.%I', o.schema, o.name) INTO row_count;
                dropped := dropped || jsonb_build_array(jsonb_build_array(o.schema || '.' || o.name, row_count));
            END IF;
            EXECUTE o.statement;
        END LOOP;
        is_now := backstop.facts(left_out);
    END LOOP;
    RETURN dropped;
END
$$;
CREATE FUNCTION backstop.target_positions(b backstop.backups, was jsonb, is_now jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    s record;
    facts jsonb;
    now_value bigint;
    now_called boolean;
    further boolean;
    positions jsonb := '{}';
    exact boolean := coalesce((SELECT e.event ->> 'sequences' = 'exact' FROM backstop.events AS e
                                WHERE e.run::text = b.run AND e.seq = 1),
                              (SELECT p.sequences = 'exact' FROM backstop.plans AS p WHERE p.plan = b.plan), false);
BEGIN
    FOR s IN
        SELECT DISTINCT backstop.key('sequence', q.schema_name, NULL, q.sequence_name) AS key, q.schema_name, q.sequence_name,
               q.last_value, q.is_called
          FROM backstop.backup_sequences AS q WHERE q.backup = b.id
    LOOP
        facts := was #> ARRAY[s.key, 'definition', 'sequence'];
        further := false;
        IF is_now ? s.key AND NOT exact
           AND has_sequence_privilege(to_regclass(format('%I.%I', s.schema_name, s.sequence_name)), 'SELECT') THEN
            EXECUTE format('SELECT last_value, is_called FROM %I.%I', s.schema_name, s.sequence_name)
               INTO now_value, now_called;
            further := now_value BETWEEN (facts ->> 'min')::bigint AND (facts ->> 'max')::bigint
                AND CASE WHEN now_value = s.last_value THEN now_called
                         ELSE (now_value > s.last_value) = ((facts ->> 'increment')::bigint > 0) END;
        END IF;
        positions := positions || jsonb_build_object(s.key, CASE WHEN further THEN jsonb_build_array(now_value, now_called)
                                                                 ELSE jsonb_build_array(s.last_value, s.is_called) END);
    END LOOP;
    RETURN positions;
END
$$;
CREATE FUNCTION backstop.tell_restore(respelled text[], lost text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
BEGIN
    IF respelled <> '{}' THEN
        RAISE NOTICE 'the server prints these in other words than before: %', array_to_string(respelled, ', ');
    END IF;
    IF lost <> '{}' THEN
        RAISE WARNING 'made since the backup, and dropped with what they hung on: %',
                      (SELECT string_agg(backstop.title(k), ', ' ORDER BY k) FROM unnest(lost) AS k);
    END IF;
END
$$;
CREATE FUNCTION backstop.title(key text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE
        WHEN k ->> 0 = 'other' THEN (k ->> 1) || ' ' || (k ->> 3)
        WHEN k ->> 0 = 'schema' THEN 'schema ' || (k ->> 3)
        WHEN k ->> 2 IS NOT NULL THEN concat(replace(k ->> 0, '_', ' '), ' ', k ->> 3, ' of ', k ->> 1, '.', k ->> 2)
        ELSE concat(replace(k ->> 0, '_', ' '), ' ', k ->> 1, '.', k ->> 3)
    END
    FROM (SELECT key::jsonb) AS p (k)
$$;
COMMENT ON FUNCTION backstop.title(key text) IS 'An object''s name for people.';
CREATE FUNCTION backstop.unspelled(facts jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    d jsonb := facts -> 'definition';
    path text[];
BEGIN
    IF jsonb_typeof(d) <> 'object' THEN
        RETURN facts;
    END IF;
    FOREACH path SLICE 1 IN ARRAY ARRAY[['domain', 'default'], ['function', 'create'], ['view', 'query'], ['trigger', 'create'],
                                        ['policy', 'using'], ['policy', 'check'], ['materialized_view', 'query'], ['rule', 'create'],
                                        ['statistics', 'create'], ['published', 'filter']]
    LOOP
        d := CASE WHEN d #> path IS NULL THEN d ELSE jsonb_set(d, path, '""') END;
    END LOOP;
    IF d #>> '{constraint,contype}' IN ('c', 'x') THEN
        d := jsonb_set(d, '{constraint,definition}', '""');
    END IF;
    IF (d #>> '{index,has_expressions}')::boolean THEN
        d := jsonb_set(d, '{index,create}', '""');
    END IF;
    IF d #> '{domain,checks}' IS NOT NULL THEN
        d := jsonb_set(d, '{domain,checks}', coalesce((SELECT jsonb_agg(jsonb_set(c, '{definition}', '""') ORDER BY n)
            FROM jsonb_array_elements(d #> '{domain,checks}') WITH ORDINALITY AS e (c, n)), '[]'));
    END IF;
    IF d #> '{view,defaults}' IS NOT NULL THEN
        d := jsonb_set(d, '{view,defaults}', coalesce((SELECT jsonb_agg(jsonb_set(c, '{1}', '""') ORDER BY n)
            FROM jsonb_array_elements(d #> '{view,defaults}') WITH ORDINALITY AS e (c, n)), '[]'));
    END IF;
    IF d #> '{table,columns}' IS NOT NULL THEN
        d := jsonb_set(d, '{table,columns}', coalesce((SELECT jsonb_agg(
                (c || CASE WHEN c ? 'default' THEN '{"default": ""}'::jsonb ELSE '{}' END)
                   || CASE WHEN c ? 'generated' THEN jsonb_build_object('generated', jsonb_set(c -> 'generated', '{1}', '""')) ELSE '{}' END
                ORDER BY n)
            FROM jsonb_array_elements(d #> '{table,columns}') WITH ORDINALITY AS e (c, n)), '[]'));
    END IF;
    RETURN jsonb_set(facts, '{definition}', d);
END
$$;
CREATE FUNCTION backstop.validate(of_schema text, of_plan text, of_phase text) RETURNS TABLE(validation_check text, status text, details text, record_count bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, MDY'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    AS $$
DECLARE
    p backstop.plans := backstop.registered(of_schema, of_plan);
    c backstop.plan_checks;
    found record;
BEGIN
    FOR c IN SELECT k.* FROM backstop.plan_checks AS k WHERE k.plan = p.plan AND k.phase = of_phase ORDER BY k.place LOOP
        validation_check := c.id;
        record_count := NULL;
        BEGIN
            PERFORM set_config('search_path', p.search_path, true), set_config('transaction_read_only', 'on', true);
            SELECT a.holds, a.message, a.rows INTO found FROM backstop.ask(c.question) AS a;
            -- Nothing that a check does stays, settings included.
            RAISE EXCEPTION 'asked' USING ERRCODE = 'BSA00';
        EXCEPTION
            WHEN SQLSTATE 'BSA00' THEN
                status := CASE WHEN c.severity = 'info' THEN 'INFO' WHEN found.holds IS NULL THEN 'ERROR' WHEN found.holds THEN 'PASS'
                               WHEN c.severity = 'warn' THEN 'WARN' ELSE 'FAIL' END;
                details := found.message || CASE WHEN NOT found.holds AND c.hint IS NOT NULL THEN '. ' || c.hint ELSE '' END;
                record_count := found.rows;
            WHEN OTHERS THEN
                status := 'ERROR';
                details := format('could not be evaluated: %s (SQLSTATE %s)', SQLERRM, SQLSTATE);
        END;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION backstop.validate(of_schema text, of_plan text, of_phase text) IS 'Asks a plan''s checks: PASS, FAIL, WARN, INFO, or ERROR for one that could not be evaluated, which is no pass.';
CREATE FUNCTION backstop.waiting_run(b backstop.backups) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    waiting record;
BEGIN
    SELECT r.run, r.plan, o.id INTO waiting
      FROM backstop.runs AS r JOIN backstop.backups AS o ON o.run = r.run::text AND o.status = 'complete'
     WHERE r.ended_at IS NULL
     ORDER BY o.run = b.run, r.started_at DESC LIMIT 1;
    IF waiting.run::text <> coalesce(b.run, '') THEN
        RAISE EXCEPTION 'run % of plan % has not ended', waiting.run, waiting.plan
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('Bring that one back first: its backup is %s.', waiting.id);
    END IF;
    IF EXISTS (SELECT FROM backstop.later_writes AS w WHERE w.run = waiting.run) THEN
        RAISE EXCEPTION 'others wrote to the tables of run % since the backup, and a restore would overwrite that', waiting.run
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('`backstop restore` deals with it. To overwrite it all the same: DELETE FROM backstop.later_writes WHERE run = %L;', waiting.run);
    END IF;
    RETURN waiting.run;
END
$$;
COMMENT ON FUNCTION backstop.waiting_run(b backstop.backups) IS 'The run of this backup, where it has not ended; another one that has not stands in the way of a restore.';
CREATE FUNCTION backstop.wake(tables text[], was jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    t record;
    g record;
BEGIN
    FOR t IN SELECT e.key, e.key::jsonb ->> 1 AS schema, e.key::jsonb ->> 3 AS name FROM unnest(tables) AS e (key) LOOP
        IF (was #>> ARRAY[t.key, 'definition', 'table', 'force_row_security'])::boolean THEN
            EXECUTE format('ALTER TABLE %I.%I FORCE ROW LEVEL SECURITY', t.schema, t.name);
        END IF;
        FOR g IN SELECT e.key::jsonb ->> 3 AS name, e.value #>> '{definition,trigger,enabled}' AS enabled FROM jsonb_each(was) AS e
                  WHERE e.key::jsonb ->> 0 = 'trigger' AND e.key::jsonb ->> 1 = t.schema AND e.key::jsonb ->> 2 = t.name LOOP
            CONTINUE WHEN g.enabled = 'D';
            EXECUTE format('ALTER TABLE %I.%I ENABLE %s TRIGGER %I', t.schema, t.name,
                           CASE g.enabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, g.name);
        END LOOP;
    END LOOP;
END
$$;
CREATE FUNCTION backup_pre_migration.cleanup_old_backups(keep_count integer) RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT backstop.cleanup_old_backups('backup_pre_migration', keep_count)
$$;
COMMENT ON FUNCTION backup_pre_migration.cleanup_old_backups(keep_count integer) IS 'Removes all but the newest so many backups of each plan; one whose run has not ended stays.';
CREATE FUNCTION backup_pre_migration.create_table_backups(plan text DEFAULT NULL::text) RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT backstop.create_table_backups('backup_pre_migration', plan)
$$;
COMMENT ON FUNCTION backup_pre_migration.create_table_backups(plan text) IS 'Copies the targets of the plan that was registered last, or of the one named: verified, with the structure around them.';
CREATE FUNCTION backup_pre_migration.execute_safe_migration(migration_sql text, validation_function text DEFAULT '"backup_pre_migration".validate_post_migration'::text) RETURNS TABLE(step text, status text, details text)
    LANGUAGE plpgsql
    AS $$
DECLARE
    number bigint := backstop.migration_begins('backup_pre_migration', migration_sql);
    validation pg_catalog.regproc;
    began timestamptz := pg_catalog.clock_timestamp();
    state text;
    said text;
    more text;
    advice text;
    broken text[] := '{}';
    c record;
BEGIN
    BEGIN
        EXECUTE migration_sql;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT, more = PG_EXCEPTION_DETAIL, advice = PG_EXCEPTION_HINT;
        RAISE LOG 'backstop: execute_safe_migration in % failed: %', 'backup_pre_migration', said;
        RAISE EXCEPTION 'the migration failed, and everything it did is rolled back: %', said
            USING ERRCODE = state, DETAIL = more, HINT = advice;
    END;
    step := 'migration';
    status := 'PASS';
    details := pg_catalog.format('done in %s', pg_catalog.date_trunc('milliseconds', pg_catalog.clock_timestamp() - began));
    RETURN NEXT;
    IF validation_function IS NOT NULL THEN
        validation := pg_catalog.to_regproc(validation_function);
        IF validation IS NULL THEN
            RAISE EXCEPTION 'the validation function % does not exist, so the migration is rolled back', validation_function
                USING ERRCODE = 'undefined_function';
        END IF;
        FOR c IN EXECUTE pg_catalog.format('SELECT v.validation_check, v.status, v.details FROM %s() AS v', validation) LOOP
            step := c.validation_check;
            status := c.status;
            details := c.details;
            RETURN NEXT;
            IF c.status IS NULL OR c.status NOT IN ('PASS', 'WARN', 'INFO') THEN
                broken := broken || pg_catalog.format('%s: %s: %s', c.validation_check, c.status, c.details);
            END IF;
        END LOOP;
        IF broken <> '{}' THEN
            RAISE LOG 'backstop: the validation of execute_safe_migration in % failed: %', 'backup_pre_migration', pg_catalog.array_to_string(broken, '; ');
            RAISE EXCEPTION 'the validation failed, and the migration is rolled back: %', pg_catalog.array_to_string(broken, '; ')
                USING ERRCODE = 'check_violation', DETAIL = pg_catalog.array_to_string(broken, E'\n');
        END IF;
    END IF;
    RETURN QUERY SELECT e.step, e.status, e.details FROM backstop.migration_ends(number) AS e;
END
$$;
COMMENT ON FUNCTION backup_pre_migration.execute_safe_migration(migration_sql text, validation_function text) IS 'Runs a migration in the caller''s transaction and with the caller''s rights, then a validation function. Where either fails an exception rolls everything back. Commands that can''t run in a transaction block (CREATE INDEX CONCURRENTLY, COMMIT) are refused.';
CREATE FUNCTION backup_pre_migration.list_backups() RETURNS TABLE(backup_timestamp text, created_at timestamp with time zone, table_count bigint, row_count bigint, total_bytes bigint, total_size text, plan text, run text, status text, pinned boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT b.id, b.created_at, count(t.backup), coalesce(sum(t.row_count), 0)::bigint, coalesce(sum(t.bytes), 0)::bigint,
           pg_size_pretty(coalesce(sum(t.bytes), 0)), b.plan, b.run, b.status, backstop.is_pinned(b.run, b.id)
      FROM backstop.backups AS b LEFT JOIN backstop.backup_tables AS t ON t.backup = b.id
     WHERE b.schema_name = 'backup_pre_migration'
     GROUP BY b.id
     ORDER BY b.created_at DESC, b.id DESC
$$;
COMMENT ON FUNCTION backup_pre_migration.list_backups() IS 'The backups in this schema, the newest first. Only complete ones can be restored.';
CREATE FUNCTION backup_pre_migration.restore_from_backup(backup_timestamp text DEFAULT NULL::text) RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT backstop.restore_from_backup('backup_pre_migration', backup_timestamp)
$$;
COMMENT ON FUNCTION backup_pre_migration.restore_from_backup(backup_timestamp text) IS 'Brings the newest backup back, or the one named, in the caller''s transaction: proven equal, or an exception and nothing changed. What was written to the tables since is overwritten.';
CREATE FUNCTION backup_pre_migration.validate_post_migration(plan text DEFAULT NULL::text) RETURNS TABLE(validation_check text, status text, details text, record_count bigint)
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT * FROM backstop.validate('backup_pre_migration', plan, 'after')
$$;
COMMENT ON FUNCTION backup_pre_migration.validate_post_migration(plan text) IS 'The plan''s checks after a migration: PASS, FAIL, WARN, INFO, or ERROR for one that could not be evaluated.';
CREATE FUNCTION backup_pre_migration.validate_pre_migration(plan text DEFAULT NULL::text) RETURNS TABLE(validation_check text, status text, details text, record_count bigint)
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT * FROM backstop.validate('backup_pre_migration', plan, 'before')
$$;
COMMENT ON FUNCTION backup_pre_migration.validate_pre_migration(plan text) IS 'The plan''s checks before a migration: PASS, FAIL, WARN, INFO, or ERROR for one that could not be evaluated.';
CREATE TABLE backstop.applied (
    plan text NOT NULL,
    fingerprint text NOT NULL,
    run uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    rendered text NOT NULL
);
COMMENT ON TABLE backstop.applied IS 'Plans whose changes are in this database, derived from the events.';
CREATE TABLE backstop.backup_sequences (
    backup text NOT NULL,
    schema_name text NOT NULL,
    sequence_name text NOT NULL,
    last_value bigint NOT NULL,
    is_called boolean NOT NULL
);
COMMENT ON TABLE backstop.backup_sequences IS 'Where the sequences of the database stood.';
CREATE TABLE backstop.backup_statements (
    backup text NOT NULL,
    place integer NOT NULL,
    action text NOT NULL,
    kind text NOT NULL,
    schema_name text NOT NULL,
    part_of text,
    object_name text NOT NULL,
    statement text,
    CONSTRAINT backup_statements_action_check CHECK ((action = ANY (ARRAY['run'::text, 'load'::text, 'position'::text])))
);
COMMENT ON TABLE backstop.backup_statements IS 'What makes every object of the backup again, in order: those are run whose object is missing. load fills a table from its copy, position lets a sequence stand where backup_sequences says, or further.';
CREATE TABLE backstop.backup_tables (
    backup text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    copy_name text NOT NULL,
    row_count bigint NOT NULL,
    bytes bigint NOT NULL,
    digest text NOT NULL,
    live_digest text,
    copy_digest text,
    CONSTRAINT backup_tables_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT backup_tables_row_count_check CHECK ((row_count >= 0))
);
COMMENT ON TABLE backstop.backup_tables IS 'One row a copy. Rows and digest are those of the table at the moment of the backup, and were found equal in the copy.';
COMMENT ON COLUMN backstop.backup_tables.live_digest IS 'The query that digests the table: rows, and the two halves of the digest as sums modulo 2^64.';
COMMENT ON COLUMN backstop.backup_tables.copy_digest IS 'The query that digests the copy.';
CREATE TABLE backstop.backup_views (
    backup text NOT NULL,
    schema_name text NOT NULL,
    view_name text NOT NULL,
    row_count bigint NOT NULL,
    digest text NOT NULL,
    CONSTRAINT backup_views_row_count_check CHECK ((row_count >= 0))
);
COMMENT ON TABLE backstop.backup_views IS 'What the materialized views over the copied tables held. They are not copied: a restore fills them again where it must.';
CREATE TABLE backstop.events (
    run uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    kind text NOT NULL,
    event jsonb NOT NULL,
    CONSTRAINT events_seq_check CHECK ((seq > 0))
);
COMMENT ON TABLE backstop.events IS 'What happened, in order. Append-only.';
CREATE TABLE backstop.runs (
    run uuid NOT NULL,
    plan text NOT NULL,
    fingerprint text NOT NULL,
    program text NOT NULL,
    backup_schema text NOT NULL,
    actor text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ending text,
    CONSTRAINT runs_ending_check CHECK ((ending = ANY (ARRAY['succeeded'::text, 'aborted'::text, 'restored'::text, 'accepted'::text])))
);
COMMENT ON TABLE backstop.runs IS 'One row a run, derived from its events. A run without ended_at is running, or waits for a person.';
CREATE VIEW backstop.history AS
 SELECT r.plan,
    e.run,
    e.seq,
    e.at,
    e.actor,
    e.kind,
    (e.event ->> 'step'::text) AS step,
    e.event
   FROM (backstop.events e
     JOIN backstop.runs r USING (run))
  ORDER BY r.started_at, e.run, e.seq;
COMMENT ON VIEW backstop.history IS 'Every event of every run, in order.';
ALTER TABLE backstop.later_writes ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME backstop.later_writes_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE backstop.meta (
    single boolean DEFAULT true NOT NULL,
    version integer NOT NULL,
    program text NOT NULL,
    installed_at timestamp with time zone DEFAULT now() NOT NULL,
    database uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT meta_single_check CHECK (single)
);
COMMENT ON TABLE backstop.meta IS 'Version of this schema. A program older than the schema refuses to write.';
COMMENT ON COLUMN backstop.meta.database IS 'By what a runner that lost its connection knows this database again.';
CREATE TABLE backstop.operations (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    operation text NOT NULL,
    schema_name text NOT NULL,
    plan text,
    backup text,
    outcome text NOT NULL,
    details text,
    changes jsonb,
    transaction text DEFAULT (pg_current_xact_id())::text NOT NULL
);
COMMENT ON TABLE backstop.operations IS 'What was done with the functions of the backup schemas. What was rolled back is only in the server''s log.';
COMMENT ON COLUMN backstop.operations.changes IS 'The objects that a migration changed: a restore to before it takes them back.';
ALTER TABLE backstop.operations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME backstop.operations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE backstop.owner (
    single boolean DEFAULT true NOT NULL,
    run uuid NOT NULL,
    fence bigint NOT NULL,
    holder text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen timestamp with time zone,
    pid integer,
    CONSTRAINT owner_single_check CHECK (single)
);
COMMENT ON TABLE backstop.owner IS 'Which run may write. The fence rises with every takeover; a transaction that holds an older one is refused.';
COMMENT ON COLUMN backstop.owner.seen IS 'The last sign of life of the runner; one comes every few seconds.';
COMMENT ON COLUMN backstop.owner.pid IS 'The server''s process that held the run lock then.';
CREATE TABLE backstop.pauses (
    run uuid NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL
);
COMMENT ON TABLE backstop.pauses IS 'Runs that a person wants to pause: their steps in batches wait before the next batch for as long as the row is there.';
CREATE TABLE backstop.plan_checks (
    plan text NOT NULL,
    phase text NOT NULL,
    place integer NOT NULL,
    id text NOT NULL,
    severity text NOT NULL,
    hint text,
    question jsonb NOT NULL,
    CONSTRAINT plan_checks_phase_check CHECK ((phase = ANY (ARRAY['before'::text, 'after'::text]))),
    CONSTRAINT plan_checks_severity_check CHECK ((severity = ANY (ARRAY['fail'::text, 'warn'::text, 'info'::text])))
);
COMMENT ON TABLE backstop.plan_checks IS 'The plan''s checks as backstop.ask understands them.';
CREATE TABLE backstop.plan_statements (
    plan text NOT NULL,
    place integer NOT NULL,
    action text NOT NULL,
    kind text NOT NULL,
    schema_name text NOT NULL,
    part_of text,
    object_name text NOT NULL,
    statement text,
    CONSTRAINT plan_statements_action_check CHECK ((action = ANY (ARRAY['run'::text, 'load'::text, 'position'::text])))
);
COMMENT ON TABLE backstop.plan_statements IS 'The statements of a backup that psql takes of the plan''s targets; those that load a table end where its copy''s name follows.';
CREATE TABLE backstop.quarantine (
    run uuid NOT NULL,
    seq bigint NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    old_row jsonb,
    new_row jsonb,
    sqlstate text NOT NULL,
    reason text NOT NULL,
    carried_over boolean NOT NULL,
    written_at timestamp with time zone NOT NULL,
    role_name name NOT NULL
);
COMMENT ON TABLE backstop.quarantine IS 'Writes of others that a restore could not make again, each with its reason. Nobody deletes them but people.';
COMMENT ON COLUMN backstop.quarantine.carried_over IS 'Whether the change was made again, but for the values that the reason names.';
CREATE VIEW backstop.status AS
 SELECT r.plan,
    r.run,
    r.started_at,
    last.kind AS last_event,
    (last.event ->> 'step'::text) AS step,
    last.at AS last_at,
        CASE
            WHEN (r.ended_at IS NOT NULL) THEN r.ending
            WHEN ((o.run = r.run) AND (l.pid = COALESCE(o.pid, l.pid))) THEN 'running'::text
            ELSE 'waiting'::text
        END AS state,
    r.ended_at,
    l.pid,
        CASE
            WHEN (o.run = r.run) THEN o.seen
            ELSE NULL::timestamp with time zone
        END AS seen
   FROM (((backstop.runs r
     LEFT JOIN LATERAL ( SELECT e.kind,
            e.event,
            e.at
           FROM backstop.events e
          WHERE (e.run = r.run)
          ORDER BY e.seq DESC
         LIMIT 1) last ON (true))
     LEFT JOIN backstop.owner o ON (true))
     LEFT JOIN pg_locks l ON (((l.locktype = 'advisory'::text) AND l.granted AND (l.objsubid = 1) AND (l.classid = (1650549611)::oid) AND (l.objid = (1937010544)::oid) AND (l.database = ( SELECT d.oid
           FROM pg_database d
          WHERE (d.datname = current_database()))))))
  ORDER BY r.started_at DESC;
COMMENT ON VIEW backstop.status IS 'Every run and where it stands, the newest first.';
CREATE TABLE backstop.surfaces (
    schema_name text NOT NULL,
    version text NOT NULL,
    execute_role text,
    admin_role text,
    installed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
COMMENT ON TABLE backstop.surfaces IS 'Schemas of backups that have the functions, who may call them, and a digest of their text.';
CREATE TABLE backstop.terminations (
    run uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    pid integer NOT NULL,
    role text,
    application text,
    address text,
    query_start timestamp with time zone,
    query text
);
COMMENT ON TABLE backstop.terminations IS 'Sessions that were ended because a run waited too long for their locks, as it was asked to. Append-only.';
