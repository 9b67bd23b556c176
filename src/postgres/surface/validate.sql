-- A plan's checks, asked with psql. The program compiles them into questions; names are resolved when they are asked. What a plan
-- wrote itself, names and queries, means what it means under the plan's search path, and nothing else is run under that.

CREATE OR REPLACE FUNCTION backstop.answer(query text) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer text;
BEGIN
    PERFORM set_config('search_path', current_setting('backstop.plan_path'), true);
    EXECUTE query INTO answer;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION backstop.answer(text) IS
    'What a query that names everything of the server''s own with its schema answers under the plan''s search path.';

CREATE OR REPLACE FUNCTION backstop.relations(pattern jsonb) RETURNS TABLE (relation oid, title text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    visible oid[];
BEGIN
    IF pattern ->> 'schema' IS NULL THEN
        visible := backstop.answer('SELECT pg_catalog.array_agg(c.oid) FROM pg_catalog.pg_class AS c
                                     WHERE pg_catalog.pg_table_is_visible(c.oid)')::oid[];
    END IF;
    RETURN QUERY
    SELECT c.oid, pg_catalog.concat(n.nspname, '.', c.relname)
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'pg_toast'
       AND c.relname ~ (pattern ->> 'name')
       AND CASE WHEN pattern ->> 'schema' IS NULL THEN c.oid = ANY (visible) ELSE n.nspname ~ (pattern ->> 'schema') END
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

CREATE OR REPLACE FUNCTION backstop.columns_there(relation oid, title text, names jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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

-- Offending rows of one table: the question holds the condition.
CREATE OR REPLACE FUNCTION backstop.ask_rows(q jsonb, relation oid, title text, OUT holds boolean, OUT message text, OUT rows bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
        SELECT pg_catalog.string_agg(pg_catalog.format('r.%I %s t.%I', k.name,
                   coalesce(backstop.equality(relation, o.name, other.relation, k.name), '='), o.name), ' AND ') INTO equal
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

-- What the catalog says of one table.
CREATE OR REPLACE FUNCTION backstop.ask_catalog(q jsonb, relation oid, title text, OUT holds boolean, OUT message text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
        SELECT a.atttypid, backstop.answer(format('SELECT pg_catalog.format_type(%s, %s)', a.atttypid, a.atttypmod)) AS is_now,
               (SELECT t.typtype = 'd' FROM pg_catalog.pg_type AS t WHERE t.oid = a.atttypid) AS is_domain
          INTO found FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = relation AND a.attname = q ->> 'column' AND a.attnum > 0 AND NOT a.attisdropped;
        IF found.atttypid IS NULL THEN
            RETURN;
        END IF;
        wanted := backstop.answer(format('SELECT pg_catalog.to_regtype(%L)::pg_catalog.oid', q ->> 'type'));
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
$$;

-- What stands by itself: functions, an extension, a query of the plan's own.
CREATE OR REPLACE FUNCTION backstop.ask_once(q jsonb, OUT holds boolean, OUT message text, OUT rows bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
            SELECT array_agg(coalesce(backstop.answer(format('SELECT pg_catalog.pg_get_function_result(%s)', p.oid)), 'nothing'))
              INTO results
              FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
             WHERE CASE WHEN f ? 'signature'
                        THEN p.oid = backstop.answer(format('SELECT pg_catalog.to_regprocedure(%L)::pg_catalog.oid', f ->> 'signature'))::oid
                        WHEN p.proname <> f ->> 'name' THEN false
                        WHEN f ->> 'schema' IS NOT NULL THEN n.nspname = f ->> 'schema'
                        ELSE backstop.answer(format('SELECT pg_catalog.pg_function_is_visible(%s)', p.oid))::boolean END;
            IF results IS NULL THEN
                holds := false;
                message := pg_catalog.concat_ws('; ', message, pg_catalog.format('function %s does not exist', f ->> 'shown'));
            ELSIF q ->> 'returns' IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_catalog.unnest(results) AS r
                 WHERE pg_catalog.lower(r) = pg_catalog.lower(q ->> 'returns')
                    OR backstop.answer(format('SELECT pg_catalog.to_regtype(%L)::pg_catalog.oid', r))
                     = backstop.answer(format('SELECT pg_catalog.to_regtype(%L)::pg_catalog.oid', q ->> 'returns'))) THEN
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
        rows := backstop.answer(format(E'SELECT pg_catalog.count(*) FROM (%s\n) AS q', q ->> 'sql'));
        IF q ->> 'expect' = 'rows' THEN
            holds := rows >= coalesce((q ->> 'at_least')::bigint, 0) AND rows <= coalesce((q ->> 'at_most')::bigint, rows);
            message := pg_catalog.format('%s rows', rows) || CASE WHEN holds THEN '' ELSE ', not ' || (q ->> 'bounds') END;
            RETURN;
        END IF;
        cells := backstop.answer(format(
            E'SELECT pg_catalog.count(*) FROM pg_catalog.jsonb_object_keys((SELECT pg_catalog.to_jsonb(q) FROM (%s\n) AS q LIMIT 1))',
            q ->> 'sql'));
        IF rows <> 1 OR cells <> 1 THEN
            IF q ->> 'expect' = 'nothing' THEN
                holds := true;
                message := pg_catalog.format('%s rows', rows);
                RETURN;
            END IF;
            RAISE EXCEPTION 'one row with one column is expected, it answers % rows of %', rows, cells USING ERRCODE = 'cardinality_violation';
        END IF;
        answer := backstop.answer(format(E'SELECT q.cell::pg_catalog.text FROM (%s\n) AS q (cell)', q ->> 'sql'));
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
$$;

CREATE OR REPLACE FUNCTION backstop.ask(q jsonb, OUT holds boolean, OUT message text, OUT rows bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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

CREATE OR REPLACE FUNCTION backstop.validate(of_schema text, of_plan text, of_phase text)
    RETURNS TABLE (validation_check text, status text, details text, record_count bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off SET "DateStyle" = 'ISO, MDY'
    SET "IntervalStyle" = postgres SET "TimeZone" = 'UTC' SET extra_float_digits = 1 SET bytea_output = hex AS $$
DECLARE
    p backstop.plans := backstop.registered(of_schema, of_plan);
    c backstop.plan_checks;
    found record;
BEGIN
    FOR c IN SELECT k.* FROM backstop.plan_checks AS k WHERE k.plan = p.plan AND k.phase = of_phase ORDER BY k.place LOOP
        validation_check := c.id;
        record_count := NULL;
        BEGIN
            PERFORM set_config('backstop.plan_path', p.search_path, true), set_config('transaction_read_only', 'on', true);
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
COMMENT ON FUNCTION backstop.validate(text, text, text) IS
    'Asks a plan''s checks: PASS, FAIL, WARN, INFO, or ERROR for one that could not be evaluated, which is no pass.';
