-- A plan's checks, asked with psql by the SQL by which the program asks them, which it has stored with the plan. What a plan wrote
-- itself, names and queries, means what it means under the plan's search path, and nothing else is run under that.

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

-- The tables that a name or a pattern means, by the program's own list of relations.
CREATE OR REPLACE FUNCTION backstop.relations(pattern jsonb) RETURNS TABLE (relation oid)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    visible oid[];
BEGIN
    IF pattern ->> 'schema' IS NULL THEN
        visible := backstop.answer('SELECT pg_catalog.array_agg(c.oid) FROM pg_catalog.pg_class AS c
                                     WHERE pg_catalog.pg_table_is_visible(c.oid)')::oid[];
    END IF;
    RETURN QUERY
    SELECT r.relation
      FROM ({relations}) AS r (relation, schema, name, kind, is_of_the_system, extension)
     WHERE r.name ~ (pattern ->> 'name')
       AND CASE WHEN pattern ->> 'schema' IS NULL THEN r.relation = ANY (visible) ELSE r.schema ~ (pattern ->> 'schema') END
       AND ((pattern ->> 'exact')::boolean OR NOT r.is_of_the_system)
     ORDER BY r.schema COLLATE "C", r.name COLLATE "C";
END
$$;

-- Every table that a question is asked of, once, and what no table is meant by.
CREATE OR REPLACE FUNCTION backstop.meant(q jsonb) RETURNS TABLE (place bigint, relation oid, by_pattern boolean, missing text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT row_number() OVER (ORDER BY min(p.nth), min(r.nth)), r.relation, bool_and(NOT (p.pattern ->> 'exact')::boolean),
           min(CASE WHEN r.relation IS NOT NULL THEN NULL
                    WHEN (p.pattern ->> 'exact')::boolean THEN format('table %s does not exist', p.pattern ->> 'shown')
                    ELSE format('no table matches %s', p.pattern ->> 'shown') END)
      FROM jsonb_array_elements(coalesce(q -> 'tables', '[{}]')) WITH ORDINALITY AS p (pattern, nth)
      LEFT JOIN LATERAL backstop.relations(p.pattern) WITH ORDINALITY AS r (relation, nth) ON true
     GROUP BY r.relation, CASE WHEN r.relation IS NULL THEN p.nth END;
END
$$;

-- What the database answers to a question; under the plan's path where the question names nothing without its schema.
CREATE OR REPLACE FUNCTION backstop.answers(q jsonb, other oid) RETURNS TABLE (holds boolean, message text, count bigint, query text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (q ->> 'under_path')::boolean THEN
        PERFORM set_config('search_path', current_setting('backstop.plan_path'), true);
    END IF;
    RETURN QUERY EXECUTE pg_catalog.concat(
        'SELECT a.holds, a.message, a.count::pg_catalog.int8, a.query FROM (WITH RECURSIVE asked AS (
             SELECT m.place, m.relation, $2 AS other, m.by_pattern, m.missing FROM backstop.meant($1) AS m)',
        q OPERATOR(pg_catalog.->>) 'sql', ') AS a') USING q, other;
END
$$;

-- How many rows a query of the plan's own answers, and the first of them as text, under the plan's path.
CREATE OR REPLACE FUNCTION backstop.first_row(query text, OUT rows bigint, OUT first text, OUT is_boolean boolean)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one record;
BEGIN
    rows := 0;
    PERFORM set_config('search_path', current_setting('backstop.plan_path'), true);
    FOR one IN EXECUTE query LOOP
        IF rows OPERATOR(pg_catalog.=) 0 THEN
            first := pg_catalog.format('%s', one);
            -- In the binary form of rows the first column's type, 16 in pg_type, follows their number. A JSON of the row could be a cast's.
            is_boolean := CASE WHEN first OPERATOR(pg_catalog.=) ANY (ARRAY['(t)', '(f)'])
                               THEN pg_catalog.substr(pg_catalog.record_send(one), 5, 4) OPERATOR(pg_catalog.=) pg_catalog.decode('00000010', 'hex') END;
        END IF;
        rows := rows OPERATOR(pg_catalog.+) 1;
    END LOOP;
END
$$;

-- A query of the plan's own, and what its answer means. A row is written as (cell,"cell with ""quotes""",,): the third one is NULL.
CREATE OR REPLACE FUNCTION backstop.ask_query(q jsonb, OUT holds boolean, OUT message text, OUT rows bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    answer record;
    inner_text text;
    unquoted text;
    cell text;
BEGIN
    SELECT * INTO answer FROM backstop.first_row(q ->> 'query');
    inner_text := substr(answer.first, 2, length(answer.first) - 2);
    unquoted := regexp_replace(inner_text, '"(?:[^"\\]|""|\\\\)*"', '', 'g');
    cell := CASE WHEN inner_text = '' THEN NULL
                 WHEN answer.is_boolean THEN CASE inner_text WHEN 't' THEN 'true' ELSE 'false' END
                 WHEN left(inner_text, 1) = '"'
                 THEN replace(replace(substr(inner_text, 2, length(inner_text) - 2), '""', '"'), '\\', '\')
                 ELSE inner_text END;
    EXECUTE 'WITH answered (rows, columns, cell, shown, text) AS (VALUES ($1, $2, $3, $4, $5)) ' || (q ->> 'sql')
       INTO holds, message, rows
      USING answer.rows, 1 + length(unquoted) - length(replace(unquoted, ',', '')), cell,
            CASE WHEN length(cell) > {cell_chars} THEN left(cell, {cell_chars} - 3) || '...' ELSE cell END, format('%s rows', answer.rows);
END
$$;

CREATE OR REPLACE FUNCTION backstop.ask(q jsonb, OUT holds boolean, OUT message text, OUT rows bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    others oid[];
    answer record;
    asked integer := 0;
    good text;
    bad text[] := '{}';
    total_good bigint;
    total_bad bigint;
BEGIN
    IF q ? 'error' THEN
        RAISE EXCEPTION '%', q ->> 'error' USING ERRCODE = 'invalid_parameter_value';
    ELSIF q ->> 'form' IS DISTINCT FROM '{form}' THEN
        RAISE EXCEPTION 'another version of backstop has registered this check' USING ERRCODE = 'feature_not_supported',
            HINT = 'backstop install PLAN registers it anew.';
    ELSIF q ? 'query' THEN
        SELECT a.holds, a.message, a.rows INTO holds, message, rows FROM backstop.ask_query(q) AS a;
        IF holds IS NULL THEN
            RAISE EXCEPTION '%', message USING ERRCODE = 'cardinality_violation';
        END IF;
        RETURN;
    END IF;
    IF q ? 'other' THEN
        others := ARRAY(SELECT r.relation FROM backstop.relations(q -> 'other') AS r);
        IF cardinality(others) <> 1 THEN
            RAISE EXCEPTION '%', CASE WHEN cardinality(others) > 1 THEN format('`%s` means more than one table', q -> 'other' ->> 'shown')
                                      WHEN (q -> 'other' ->> 'exact')::boolean THEN format('table %s does not exist', q -> 'other' ->> 'shown')
                                      ELSE format('no table matches %s', q -> 'other' ->> 'shown') END USING ERRCODE = 'undefined_table';
        END IF;
    END IF;
    IF q ? 'tables' AND NOT (q ->> 'missing_is_an_answer')::boolean THEN
        SELECT m.missing INTO message FROM backstop.meant(q) AS m WHERE m.missing IS NOT NULL ORDER BY m.place LIMIT 1;
        IF message IS NOT NULL THEN
            RAISE EXCEPTION '%', message USING ERRCODE = 'undefined_table';
        END IF;
    END IF;
    FOR answer IN SELECT a.* FROM backstop.answers(q, others[1]) AS a LOOP
        IF answer.query IS NOT NULL THEN
            EXECUTE answer.query INTO answer.holds, answer.message, answer.count;
        END IF;
        IF answer.holds IS NULL THEN
            RAISE EXCEPTION '%', answer.message USING ERRCODE = 'undefined_object';
        END IF;
        asked := asked + 1;
        IF answer.holds THEN
            good := coalesce(good, answer.message);
            total_good := coalesce(total_good + answer.count, answer.count, total_good);
        ELSE
            bad := bad || answer.message;
            total_bad := coalesce(total_bad + answer.count, answer.count, total_bad);
        END IF;
    END LOOP;
    IF asked = 0 THEN
        RAISE EXCEPTION '%', coalesce(q ->> 'nothing', 'nothing is asked') USING ERRCODE = 'undefined_table';
    END IF;
    holds := bad = '{}';
    rows := CASE WHEN holds THEN total_good ELSE total_bad END;
    message := CASE WHEN holds THEN good || CASE WHEN asked > 1 THEN format('; and %s more', asked - 1) ELSE '' END
                    ELSE array_to_string(bad[1:{named}], '; ') || CASE WHEN cardinality(bad) > {named}
                         THEN format('; and %s more', cardinality(bad) - {named}) ELSE '' END END;
END
$$;

CREATE OR REPLACE FUNCTION backstop.validate(of_schema text, of_plan text, of_phase text)
    RETURNS TABLE (validation_check text, status text, details text, record_count bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off SET "DateStyle" = 'ISO, MDY'
    SET "IntervalStyle" = postgres SET "TimeZone" = 'UTC' SET extra_float_digits = 1 SET bytea_output = hex
    SET standard_conforming_strings = on SET transform_null_equals = off SET gin_fuzzy_search_limit = 0 SET array_nulls = on AS $$
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
