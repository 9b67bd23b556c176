-- The way back: one transaction, the caller's, that proves itself or raises an exception.

CREATE OR REPLACE FUNCTION backstop.waiting_run(b backstop.backups) RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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
    -- Where its fence is not as it was put up, nobody knows what was written past it.
    IF EXISTS (SELECT FROM backstop.later_writes AS w WHERE w.run = waiting.run)
       OR EXISTS (SELECT FROM backstop.fence_breaches(waiting.run)) THEN
        RAISE EXCEPTION 'others wrote to the tables of run %, or may have, past its fence, since the backup, and a restore would overwrite that',
                        waiting.run
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('`backstop restore` deals with it. To overwrite it all the same: DELETE FROM backstop.later_writes WHERE run = %1$L; '
                                'DELETE FROM backstop.fence_triggers WHERE run = %1$L;', waiting.run);
    END IF;
    RETURN waiting.run;
END
$$;
COMMENT ON FUNCTION backstop.waiting_run(backstop.backups) IS
    'The run of this backup, where it has not ended; another one that has not stands in the way of a restore.';

CREATE OR REPLACE FUNCTION backstop.steps_since(b backstop.backups) RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT coalesce(jsonb_agg(e.event - 'kind' ORDER BY r.started_at, e.run, e.seq), '[]')
      FROM backstop.runs AS r JOIN backstop.events AS e USING (run)
     WHERE e.kind = 'step_committed' AND (r.run::text = b.run OR e.at > b.created_at)
$$;
COMMENT ON FUNCTION backstop.steps_since(backstop.backups) IS 'The steps that were committed since the backup.';

CREATE OR REPLACE FUNCTION backstop.covered(backup text) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT coalesce(array_agg(backstop.key('table', t.schema_name, NULL, t.table_name)), '{}')
      FROM backstop.backup_tables AS t WHERE t.backup = $1
$$;

-- What the restore answers for: the covered tables, what was changed, and what depends on those or is a part of them. Where
-- nobody wrote down what was changed: what the covered tables needed and is not as it was.
CREATE OR REPLACE FUNCTION backstop.scope(b backstop.backups, steps jsonb, was jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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
           -- What is known by a fingerprint alone is never dropped for another one.
           AND NOT (key LIKE '["other"%' AND was ? key AND is_now ? key)
        UNION
        SELECT d.to_key FROM found JOIN down AS d ON d.from_key = key
         WHERE NOT (key LIKE '["schema"%' AND was ? key AND is_now ? key)
    )
    SELECT coalesce(array_agg(key), '{}') FROM found
$$;

-- Where the sequences of the script are to stand; numbers that were handed out are not handed out again.
CREATE OR REPLACE FUNCTION backstop.target_positions(b backstop.backups, was jsonb, is_now jsonb) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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
           AND backstop.may_read_sequence(s.schema_name, s.sequence_name) THEN
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

CREATE OR REPLACE FUNCTION backstop.lower_fence(run text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT n.nspname, c.relname, g.tgname
          FROM pg_trigger AS g JOIN pg_proc AS p ON p.oid = g.tgfoid JOIN pg_namespace AS f ON f.oid = p.pronamespace
          JOIN pg_class AS c ON c.oid = g.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE f.nspname = 'backstop' AND p.proname IN ('refuse_write', 'note_write', 'note_movement', 'capture_write')
           AND (strpos(g.tgname::text, 'backstop_fence_' || run) > 0 OR g.tgenabled = 'D') AND g.tgparentid = 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %I.%I', t.tgname, t.nspname, t.relname);
    END LOOP;
    DELETE FROM backstop.fences AS f WHERE f.run::text = lower_fence.run;
    DELETE FROM backstop.fence_triggers AS f WHERE f.run::text = lower_fence.run;
END
$$;
COMMENT ON FUNCTION backstop.lower_fence(text) IS 'Takes the fence of a run down, and what is left of those of others.';

-- Covered tables whose rows are not those of the backup, or name objects by numbers that may be others soon.
CREATE OR REPLACE FUNCTION backstop.other_rows(b backstop.backups, was jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on SET jit = off AS $$
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
        SELECT * INTO found FROM backstop.digest_along(t.live_digest, t.search_path, b.search_paths);
        IF (found.row_count, found.digest) IS DISTINCT FROM (t.row_count, t.digest) THEN
            keys := keys || t.key;
        END IF;
    END LOOP;
    RETURN keys;
END
$$;

-- The statement that drops an object with all that depends on it; none for what can only be changed while it stands.
CREATE OR REPLACE FUNCTION backstop.drop_statement(key text, class oid, object oid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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

-- Drops what is not as it was until everything that is left in scope is, or can be put right while it stands. Gives the tables that
-- were dropped and had been made since the backup, with how many rows they held.
CREATE OR REPLACE FUNCTION backstop.take_down(b backstop.backups, was jsonb, scope text[], stale text[], left_out text[]) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
    SET client_min_messages = warning AS $$
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
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE oid OPERATOR(pg_catalog.=) %s)', o.class::regclass, o.object) INTO is_there;
            CONTINUE WHEN NOT is_there;
            IF o.kind = 'table' AND NOT was ? o.key THEN
                row_count := coalesce((SELECT d.row_count FROM backstop.digest_along(
                    format('SELECT pg_catalog.count(*), ''0'', ''0'' FROM ONLY %I.%I', o.schema, o.name), '', b.search_paths) AS d), 0);
                dropped := dropped || jsonb_build_array(jsonb_build_array(o.schema || '.' || o.name, row_count));
            END IF;
            EXECUTE o.statement;
        END LOOP;
        is_now := backstop.facts(left_out);
    END LOOP;
    RETURN dropped;
END
$$;

-- Whether an object that is not as it was stays, and is put right while it stands: what holds other things or rows without
-- a copy, and what only differs in owner, privileges or comment.
CREATE OR REPLACE FUNCTION backstop.stays(was jsonb, is_now jsonb, held boolean, key text) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT was IS NOT NULL AND is_now IS NOT NULL AND NOT held AND (
        key LIKE '["schema"%' OR key LIKE '["table"%' OR key LIKE '["other"%'
        OR was ? 'owner' AND was -> 'definition' = is_now -> 'definition'
        OR coalesce(was #>> '{definition,function,signature}' = is_now #>> '{definition,function,signature}', false))
$$;

-- Whether a table's rows can be replaced while it stands.
CREATE OR REPLACE FUNCTION backstop.is_loadable(facts jsonb) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT facts #> '{definition,table,lineage,partition_key}' IS NULL AND facts #> '{definition,table,lineage,partition_of}' IS NULL
       AND coalesce(jsonb_array_length(facts #> '{definition,table,lineage,inherits}'), 0) = 0
       AND facts #> '{definition,table,columns}' IS NOT NULL
       AND NOT EXISTS (SELECT FROM jsonb_array_elements(facts #> '{definition,table,columns}') AS c
                        WHERE c #>> '{not_null,validated}' = 'false')
$$;

-- Empties tables that stay and are loaded again: without triggers, and without what their rows may break, which comes back
-- with the other things that are missing.
CREATE OR REPLACE FUNCTION backstop.empty(b backstop.backups, tables text[]) RETURNS void
    LANGUAGE plpgsql {pinned} AS $$
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
    FOR t IN SELECT format('%I.%I', c.schema_name, c.table_name) AS place, c.search_path AS path FROM backstop.backup_tables AS c
              WHERE c.backup = b.id AND backstop.key('table', c.schema_name, NULL, c.table_name) = ANY (tables) LOOP
        -- Indexes are built anew with it, on nothing.
        PERFORM backstop.run_under(t.path, format('TRUNCATE TABLE ONLY %s', t.place));
    END LOOP;
END
$$;

-- Gives tables that were loaded while they stood their triggers and their forced row security back.
CREATE OR REPLACE FUNCTION backstop.wake(tables text[], was jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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

-- Puts right what stayed: a function's body, a column too many, row security, owner, privileges, comment.
CREATE OR REPLACE FUNCTION backstop.straighten(key text, title text, noun text, was jsonb, is_now jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET check_function_bodies = off AS $$
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

CREATE OR REPLACE FUNCTION backstop.straighten_all(was jsonb, scope text[], kinds text[], missing text[], left_out text[]) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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

-- Runs a statement under a search_path; where it fails, says of which object it is.
CREATE OR REPLACE FUNCTION backstop.run_statement(key text, path text, statement text) RETURNS void
    LANGUAGE plpgsql {pinned} SET check_function_bodies = off SET default_tablespace = ''
    SET default_table_access_method = heap AS $$
DECLARE
    state text;
    said text;
    detail text;
BEGIN
    PERFORM backstop.run_under(path, statement);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RAISE EXCEPTION '% could not be brought back: %', backstop.title(key), said
        USING ERRCODE = state, DETAIL = concat_ws(E'\n', nullif(detail, ''), left(statement, 500)),
              HINT = 'It is rolled back, and nothing was changed by it. `backstop restore` brings back all the rest, and names what is left.';
END
$$;

-- Fills a table, past constraints of domains that are NOT VALID: its rows need not fulfil them.
CREATE OR REPLACE FUNCTION backstop.fill(key text, of_table text, path text, statement text) RETURNS void
    LANGUAGE plpgsql {pinned} AS $$
DECLARE
    unproven text[] := ARRAY(SELECT u.off FROM ({unproven_domains}) AS u);
    back text[] := ARRAY(SELECT u.back || '; ' || u.comment FROM ({unproven_domains}) AS u);
    one text;
BEGIN
    FOREACH one IN ARRAY unproven LOOP
        EXECUTE one;
    END LOOP;
    PERFORM backstop.run_statement(key, path, statement);
    FOREACH one IN ARRAY back LOOP
        EXECUTE one;
    END LOOP;
END
$$;

-- Runs the recorded statements of what is missing, then puts right what stayed. Gives the objects that were made or changed.
CREATE OR REPLACE FUNCTION backstop.bring_back(b backstop.backups, was jsonb, scope text[], reload text[], positions jsonb, left_out text[])
    RETURNS text[] LANGUAGE plpgsql {pinned} SET check_function_bodies = off SET default_tablespace = ''
    SET default_table_access_method = heap AS $$
DECLARE
    is_now jsonb := backstop.facts(left_out);
    -- What others have dropped since is none of ours.
    missing text[] := ARRAY(SELECT w.key FROM jsonb_each(was) AS w WHERE NOT is_now ? w.key AND w.key = ANY (scope));
    done text[] := missing || reload;
    s record;
    at jsonb;
BEGIN
    -- Who grants on something needs its schema first.
    done := done || backstop.straighten_all(was, scope, ARRAY['schema'], missing, left_out);
    FOR s IN
        SELECT t.action, t.statement, t.schema_name, t.object_name, t.key, t.search_path
          FROM (SELECT q.*, backstop.key(q.kind, q.schema_name, q.part_of, q.object_name) AS key
                  FROM backstop.backup_statements AS q WHERE q.backup = b.id) AS t
         WHERE t.key = ANY (missing) OR t.action = 'position' OR t.action = 'load' AND t.key = ANY (reload)
         ORDER BY t.place
    LOOP
        IF s.action = 'position' THEN
            at := positions -> s.key;
            CONTINUE WHEN at IS NULL;
            PERFORM setval(format('%I.%I', s.schema_name, s.object_name)::regclass, (at ->> 0)::bigint, (at ->> 1)::boolean);
        ELSIF s.action = 'load' AND s.statement IS NOT NULL THEN
            PERFORM backstop.fill(s.key, format('%I.%I', s.schema_name, s.object_name), s.search_path, s.statement);
        ELSIF s.statement IS NOT NULL THEN
            PERFORM backstop.run_statement(s.key, s.search_path, s.statement);
        END IF;
    END LOOP;
    PERFORM backstop.wake(reload, was);
    RETURN done || backstop.straighten_all(was, scope, ARRAY['table', 'function', 'view', 'materialized view', 'sequence', 'type'], missing, left_out);
END
$$;

DROP FUNCTION IF EXISTS backstop.prove(backstop.backups, jsonb, jsonb, jsonb, text[], text[], text[]);
-- Everything in scope must be as the backup has it, everything else as it was before the restore, but for what others did meanwhile.
CREATE OR REPLACE FUNCTION backstop.prove(b backstop.backups, was jsonb, before jsonb, is_now jsonb, scope text[], gone text[],
                                          made text[], theirs text[], OUT respelled text[], OUT differences text[])
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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
          FROM wanted AS w
         WHERE w.found IS DISTINCT FROM w.expected AND (NOT w.key = ANY (theirs) OR w.key = ANY (scope) OR w.key = ANY (gone))
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
        SELECT * INTO found FROM backstop.digest_along(t.live_digest, t.search_path, b.search_paths);
        IF (found.row_count, found.digest) IS DISTINCT FROM (t.row_count, t.digest) THEN
            differences := differences || format('%s.%s holds %s rows with digest %s, the backup recorded %s rows with digest %s',
                t.schema_name, t.table_name, found.row_count, found.digest, t.row_count, t.digest);
        END IF;
    END LOOP;
END
$$;

-- Foreign keys that hang on another index than they did: what the keys say of themselves is the same.
CREATE OR REPLACE FUNCTION backstop.hung_elsewhere(catalog jsonb, scope text[]) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT coalesce(array_agg(format('%s hangs on %I.%I, and hung on %I.%I', backstop.title(k.key), n.nspname, i.relname,
                                     k.hung ->> 'schema', k.hung ->> 'name') ORDER BY k.key), '{}')
      FROM jsonb_array_elements(catalog -> 'objects') AS o
      CROSS JOIN LATERAL (SELECT backstop.key_of(o -> 0), o #> '{1,hangs_on}') AS k (key, hung)
      JOIN pg_constraint AS c ON c.contype = 'f' AND c.conname = o #>> '{0,name}'
                             AND c.conrelid = to_regclass(format('%I.%I', o #>> '{0,schema}', o #>> '{0,of}'))
      JOIN pg_class AS i ON i.oid = c.conindid
      JOIN pg_namespace AS n ON n.oid = i.relnamespace
     WHERE k.hung IS NOT NULL AND k.key = ANY (scope) AND (n.nspname, i.relname) IS DISTINCT FROM (k.hung ->> 'schema', k.hung ->> 'name')
$$;

-- What came along with objects and is not as the backup has it: what belongs to what the restore answers for, or was changed by the
-- restore; and what it found so and left, because nobody knows who did it.
CREATE OR REPLACE FUNCTION backstop.other_companions(catalog jsonb, scope text[], before jsonb, is_now jsonb,
                                                     OUT differences text[], OUT left_so text[])
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    WITH was AS (
        SELECT concat(c ->> 'noun', ' ', c ->> 'identity') AS key, jsonb_strip_nulls(c - ARRAY['noun', 'identity']) AS facts,
               backstop.key_of(o -> 0) = ANY (scope) AS is_held
          FROM jsonb_array_elements(catalog -> 'objects') AS o, jsonb_array_elements(o #> '{1,companions}') AS c
    ), unequal AS (
        SELECT k.key, coalesce(was.is_held, false) OR (is_now -> k.key) IS DISTINCT FROM (before -> k.key) AS counts
          FROM (SELECT was.key FROM was UNION SELECT jsonb_object_keys(is_now)) AS k (key) LEFT JOIN was ON was.key = k.key
         WHERE (is_now -> k.key) IS DISTINCT FROM was.facts
    )
    SELECT coalesce(array_agg(u.key || ' has another owner, other privileges or another comment' ORDER BY u.key) FILTER (WHERE u.counts), '{}'),
           coalesce(array_agg(u.key ORDER BY u.key) FILTER (WHERE NOT u.counts), '{}')
      FROM unequal AS u
$$;

-- Tables that were written to since the backup, which does not hold them.
CREATE OR REPLACE FUNCTION backstop.uncovered_since(b backstop.backups) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT coalesce(array_agg(DISTINCT u ORDER BY u), '{}')
      FROM backstop.runs AS r JOIN backstop.events AS e USING (run),
           jsonb_array_elements_text(coalesce(e.event -> 'uncovered', '[]')) AS u
     WHERE e.kind IN ('step_committed', 'batch_committed', 'undo_committed') AND (r.run::text = b.run OR e.at > b.created_at)
       AND NOT EXISTS (SELECT FROM backstop.backup_tables AS t WHERE t.backup = b.id AND t.schema_name || '.' || t.table_name = u)
$$;

-- Planner statistics of what was loaded or made anew. A failure is told, and no reason to undo a restore; nor is there more than
-- a minute for all of them, because the tables are locked.
CREATE OR REPLACE FUNCTION backstop.count_statistics(made text[]) RETURNS void
    LANGUAGE plpgsql {pinned} AS $$
DECLARE
    t record;
    started timestamptz := clock_timestamp();
    left_out text[] := '{}';
BEGIN
    FOR t IN
        SELECT c.oid::regclass::text AS name
          FROM unnest(made) AS m (key)
          JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', m.key::jsonb ->> 1, m.key::jsonb ->> 3))
         WHERE m.key::jsonb ->> 0 IN ('table', 'materialized_view') AND NOT c.relispartition
            OR m.key::jsonb ->> 0 = 'table' AND c.relispartition AND NOT EXISTS (
                SELECT FROM pg_partition_ancestors(c.oid) AS a (oid)
                  JOIN pg_class AS p ON p.oid = a.oid JOIN pg_namespace AS n ON n.oid = p.relnamespace
                 WHERE p.oid <> c.oid AND backstop.key('table', n.nspname, NULL, p.relname) = ANY (made))
         ORDER BY c.relpages, c.oid
    LOOP
        IF clock_timestamp() > started + interval '1 minute' THEN
            left_out := left_out || t.name;
            CONTINUE;
        END IF;
        BEGIN
            EXECUTE format('ANALYZE %s', t.name);
        EXCEPTION WHEN OTHERS THEN
            left_out := left_out || format('%s (%s)', t.name, SQLERRM);
        END;
    END LOOP;
    IF left_out <> '{}' THEN
        RAISE WARNING 'no statistics yet, run ANALYZE: %', array_to_string(left_out, ', ');
    END IF;
END
$$;
COMMENT ON FUNCTION backstop.count_statistics(text[]) IS 'Counts the planner statistics of tables that a restore filled.';

-- Writes the restore into the journal: as the end of the backup's run where that waits, else as a run of its own.
CREATE OR REPLACE FUNCTION backstop.journal_restore(b backstop.backups, waiting uuid, steps jsonb, restored jsonb) RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    of_run uuid := coalesce(waiting, gen_random_uuid());
    seq bigint := (SELECT coalesce(max(e.seq), 0) FROM backstop.events AS e WHERE e.run = waiting);
    attempt integer := 1;
    fidelity text := 'exact';
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
        -- Where a restore is under way, or failed so that it is tried again, this is that attempt.
        SELECT e.kind, (e.event ->> 'attempt')::integer AS attempt, e.event #>> '{failure,class}' AS class,
               coalesce((SELECT s.event ->> 'fidelity' FROM backstop.events AS s
                          WHERE s.run = waiting AND s.kind = 'restore_started' AND s.seq <= e.seq
                          ORDER BY s.seq DESC LIMIT 1), 'exact') AS fidelity INTO last
          FROM backstop.events AS e WHERE e.run = waiting AND e.kind IN ('restore_started', 'restore_failed')
         ORDER BY e.seq DESC LIMIT 1;
        IF last.kind = 'restore_started' THEN
            attempt := last.attempt;
            fidelity := last.fidelity;
        ELSIF last.class IN ('transient', 'interrupted', 'unknown') AND last.attempt < {attempts} THEN
            attempt := last.attempt + 1;
            fidelity := last.fidelity;
        ELSIF last.class = 'partial' AND last.fidelity = 'exact' THEN
            fidelity := 'nearest';
        END IF;
    END IF;
    INSERT INTO backstop.owner AS o (run, fence, holder) VALUES (of_run, 1, backstop.actor())
        ON CONFLICT (single) DO UPDATE SET run = excluded.run, fence = o.fence + 1, holder = excluded.holder, since = clock_timestamp();
    story := story || jsonb_build_array(
        jsonb_strip_nulls(jsonb_build_object('kind', 'restore_started', 'attempt', attempt, 'fidelity', nullif(fidelity, 'exact'))),
        jsonb_build_object('kind', 'restore_completed', 'backup', b.id, 'restored', restored));
    FOR event IN SELECT x FROM jsonb_array_elements(story) WITH ORDINALITY AS e (x, place) ORDER BY place LOOP
        seq := seq + 1;
        INSERT INTO backstop.events (run, seq, actor, kind, event) VALUES (of_run, seq, backstop.actor(), event ->> 'kind', event);
    END LOOP;
    RETURN of_run;
END
$$;

-- Locks the views over the targets before those, as their readers do, and those that read other views before these. To make a
-- view's owner its owner changes nothing, and locks the view alone.
CREATE OR REPLACE FUNCTION backstop.lock_targets(b backstop.backups) RETURNS void
    LANGUAGE plpgsql {pinned} AS $$
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

-- Event triggers must not act on what is brought back: those that the role may switch are off meanwhile, and nobody else sees that.
CREATE OR REPLACE FUNCTION backstop.silence_event_triggers() RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    t record;
    disabled jsonb := '[]';
BEGIN
    FOR t IN SELECT e.evtname, e.evtenabled = 'A' AS is_always FROM pg_event_trigger AS e
              WHERE e.evtenabled IN ('O', 'A') AND pg_has_role(e.evtowner, 'USAGE')
                AND e.evtevent IN ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite') ORDER BY e.evtname LOOP
        EXECUTE format('ALTER EVENT TRIGGER %I DISABLE', t.evtname);
        disabled := disabled || jsonb_build_array(jsonb_build_array(t.evtname, t.is_always));
    END LOOP;
    RETURN disabled;
END
$$;

CREATE OR REPLACE FUNCTION backstop.wake_event_triggers(disabled jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT s ->> 0 AS name, (s ->> 1)::boolean AS is_always FROM jsonb_array_elements(disabled) AS s
              WHERE EXISTS (SELECT FROM pg_event_trigger AS e WHERE e.evtname = s ->> 0 AND e.evtenabled = 'D') LOOP
        EXECUTE format('ALTER EVENT TRIGGER %I ENABLE%s', t.name, CASE WHEN t.is_always THEN ' ALWAYS' ELSE '' END);
    END LOOP;
END
$$;

-- Refuses paths of what is brought back that are not safe any more; gives those of the others that are.
CREATE OR REPLACE FUNCTION backstop.safe_paths(b backstop.backups, was jsonb) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    PERFORM backstop.refuse_open_path(p.path, p.owner)
       FROM (SELECT t.search_path, was #>> ARRAY[backstop.key('table', t.schema_name, NULL, t.table_name), 'owner']
               FROM backstop.backup_tables AS t WHERE t.backup = b.id
             UNION
             SELECT s.search_path, coalesce(was #>> ARRAY[backstop.key(s.kind, s.schema_name, s.part_of, s.object_name), 'owner'],
                                            was #>> ARRAY[backstop.key('table', s.schema_name, NULL, s.part_of), 'owner'])
               FROM backstop.backup_statements AS s WHERE s.backup = b.id) AS p (path, owner)
      WHERE p.path <> '';
    RETURN ARRAY(SELECT DISTINCT s.path
                   FROM unnest(b.search_paths) AS p (path), backstop.backup_tables AS t,
                        LATERAL backstop.safe_path(p.path, was #>> ARRAY[backstop.key('table', t.schema_name, NULL, t.table_name), 'owner']) AS s (path)
                  WHERE t.backup = b.id AND s.path <> '');
END
$$;

CREATE OR REPLACE FUNCTION backstop.restore_from_backup(of_schema text, wanted text) RETURNS text
    LANGUAGE plpgsql {pinned} AS $$
DECLARE
    b backstop.backups := backstop.chosen(of_schema, wanted);
    left_out text[] := ARRAY['backstop', of_schema];
    waiting uuid;
    t record;
    steps jsonb;
    was jsonb;
    look jsonb;
    look_after jsonb;
    before jsonb;
    is_now jsonb;
    scope text[];
    positions jsonb;
    dropped jsonb;
    stale text[];
    reload text[];
    gone text[];
    made text[];
    disabled jsonb;
    beside jsonb;
    uncovered text[];
    proof record;
    companions record;
    said text;
BEGIN
    PERFORM backstop.enter();
    waiting := backstop.waiting_run(b);
    uncovered := backstop.uncovered_since(b);
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR t IN SELECT c.schema_name, c.table_name, c.copy_name FROM backstop.backup_tables AS c WHERE c.backup = b.id ORDER BY 1, 2 LOOP
        IF to_regclass(format('%I.%I', b.schema_name, t.copy_name)) IS NULL THEN
            RAISE EXCEPTION '%.%, the copy of %.%, is gone', b.schema_name, t.copy_name, t.schema_name, t.table_name
                USING HINT = 'Choose another backup.';
        END IF;
    END LOOP;
    was := backstop.recorded(b.catalog);
    PERFORM set_config('backstop.evaluate_under', coalesce(b.catalog ->> 'settings', ''), true);
    b.search_paths := backstop.safe_paths(b, was);
    PERFORM backstop.lock_targets(b);
    disabled := backstop.silence_event_triggers();
    PERFORM backstop.lower_fence(b.run);
    PERFORM backstop.wake_event_triggers(disabled);
    look := backstop.look(left_out);
    before := look -> 'facts';
    beside := backstop.companions();
    steps := backstop.steps_since(b);
    scope := backstop.scope(b, steps, was, before);
    positions := backstop.target_positions(b, was, before);
    stale := backstop.other_rows(b, was, before);
    reload := ARRAY(SELECT k FROM unnest(stale) AS k WHERE backstop.is_loadable(was -> k) AND was -> k = before -> k);
    disabled := backstop.silence_event_triggers();
    dropped := backstop.take_down(b, was, scope, ARRAY(SELECT unnest(stale) EXCEPT SELECT unnest(reload)), left_out);
    is_now := backstop.facts(left_out);
    reload := ARRAY(SELECT k FROM unnest(reload) AS k WHERE is_now ? k);
    PERFORM backstop.empty(b, reload);
    look_after := backstop.look(left_out);
    is_now := look_after -> 'facts';
    gone := ARRAY(SELECT jsonb_object_keys(before) EXCEPT SELECT jsonb_object_keys(is_now)
                  EXCEPT SELECT unnest(backstop.others_changes(look, look_after)));
    made := backstop.bring_back(b, was, scope || gone, reload, positions, left_out);
    SET CONSTRAINTS ALL IMMEDIATE;
    PERFORM backstop.wake_event_triggers(disabled);
    look_after := backstop.look(left_out);
    is_now := look_after -> 'facts';
    SELECT * INTO proof
      FROM backstop.prove(b, was, before, is_now, scope, gone, made, backstop.others_changes(look, look_after));
    SELECT * INTO companions FROM backstop.other_companions(b.catalog, scope || gone, beside, backstop.companions());
    proof.differences := proof.differences || backstop.hung_elsewhere(b.catalog, scope || gone) || companions.differences;
    IF proof.differences <> '{}' THEN
        RAISE EXCEPTION 'the restore would not be equal to the backup: %', array_to_string(proof.differences[1:5], '; ')
            USING ERRCODE = 'integrity_constraint_violation', DETAIL = array_to_string(proof.differences, E'\n'),
                  HINT = 'It is rolled back, and nothing was changed by it. `backstop restore` can change more while it stands, and brings '
                      'everything else back where single objects can''t be made as they were.';
    END IF;
    PERFORM backstop.count_statistics(made);
    PERFORM backstop.tell_restore(proof.respelled, ARRAY(SELECT k FROM unnest(gone) AS k WHERE NOT k = ANY (scope) AND NOT was ? k));
    PERFORM backstop.tell_left(uncovered, companions.left_so);
    PERFORM backstop.journal_restore(b, waiting, steps, backstop.restoration(b, dropped, made, proof.respelled)
                                                        || jsonb_build_object('uncovered', uncovered));
    said := format('backup %s is restored: %s tables proven equal, %s of them loaded again', b.id, cardinality(backstop.covered(b.id)),
                   (SELECT count(*) FROM unnest(backstop.covered(b.id)) AS k WHERE k = ANY (made)))
            || CASE WHEN uncovered = '{}' THEN '' ELSE '; written to without a copy, and left so: ' || array_to_string(uncovered, ', ') END;
    PERFORM backstop.log('restore_from_backup', of_schema, b.plan, b.id, 'done', said);
    RETURN said;
END
$$;
COMMENT ON FUNCTION backstop.restore_from_backup(text, text) IS
    'Brings a backup back, the newest of the schema if none is named, and proves it; or raises an exception and changes nothing.';

CREATE OR REPLACE FUNCTION backstop.restoration(b backstop.backups, dropped jsonb, made text[], respelled text[]) RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT jsonb_build_object('dropped', dropped, 'recreated', cardinality(made), 'respelled', to_jsonb(respelled), 'proven', count(*),
        'reloaded', coalesce(jsonb_agg(name ORDER BY name) FILTER (WHERE is_made), '[]'),
        'untouched', coalesce(jsonb_agg(name ORDER BY name) FILTER (WHERE NOT is_made), '[]'))
      FROM (SELECT t.schema_name || '.' || t.table_name, backstop.key('table', t.schema_name, NULL, t.table_name) = ANY (made)
              FROM backstop.backup_tables AS t WHERE t.backup = b.id) AS c (name, is_made)
$$;

CREATE OR REPLACE FUNCTION backstop.tell_left(uncovered text[], companions text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    IF uncovered <> '{}' THEN
        RAISE WARNING 'written to without a copy, as allow_uncovered allowed, and left so: %', array_to_string(uncovered, ', ');
    END IF;
    IF companions <> '{}' THEN
        RAISE WARNING 'owner, privileges or comment not as the backup has them, and left so, because nobody recorded who changed them: %',
                      array_to_string(companions, ', ') USING HINT = '`backstop restore` brings back what a step changed.';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION backstop.tell_restore(respelled text[], lost text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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
