-- The structure of the database as values that can be compared. The function backstop.structure_at_once, which reads it, is made
-- of the queries of the program's own catalog room.
-- Those without a search path of their own have none so that the planner can put them into the queries of those that do.

-- What the server prints of an object is of the moment, and the list of objects that of a snapshot: it is read again, in a newer one,
-- where something vanished between both. While others hold what a definition names, nobody waits for them with locks of his own
-- for long; the last attempt waits as long as the session does. A function with settings of its own is evaluated as a whole before
-- its first row is given, so that of a failed attempt there is none.
CREATE OR REPLACE FUNCTION backstop.structure(left_out text[])
    RETURNS TABLE (class oid, object oid, kind text, schema text, name text, part_of text, owner text, grants jsonb, comment text,
                   definition jsonb)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    patience text := current_setting('lock_timeout');
BEGIN
    FOR attempt IN 1..{looks} LOOP
        BEGIN
            IF attempt < {looks} THEN
                PERFORM set_config('lock_timeout', '{brief}', true);
            END IF;
            RETURN QUERY SELECT s.* FROM backstop.structure_at_once(left_out) AS s;
            PERFORM set_config('lock_timeout', patience, true);
            RETURN;
        EXCEPTION
            WHEN lock_not_available OR internal_error OR undefined_table OR undefined_object OR undefined_function THEN
                IF attempt = {looks} THEN
                    RAISE;
                END IF;
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION backstop.structure(text[]) IS 'The structure of the database, one row an object, without the schemas that are named.';

CREATE OR REPLACE FUNCTION backstop.key(kind text, schema text, part_of text, name text) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.jsonb_build_array(
        CASE WHEN kind OPERATOR(pg_catalog.=) 'publication member' THEN 'published' ELSE pg_catalog.replace(kind, ' ', '_') END,
        schema, part_of, name)::pg_catalog.text
$$;
COMMENT ON FUNCTION backstop.key(text, text, text, text) IS 'What identifies an object in comparisons.';

CREATE OR REPLACE FUNCTION backstop.key_of(object jsonb) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT backstop.key(object OPERATOR(pg_catalog.->>) 'kind'::pg_catalog.text, object OPERATOR(pg_catalog.->>) 'schema'::pg_catalog.text,
                        object OPERATOR(pg_catalog.->>) 'of'::pg_catalog.text, object OPERATOR(pg_catalog.->>) 'name'::pg_catalog.text)
$$;
COMMENT ON FUNCTION backstop.key_of(jsonb) IS 'The same of an object''s key as the journal and the catalog of a backup have it.';

CREATE OR REPLACE FUNCTION backstop.title(key text) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN k.kind OPERATOR(pg_catalog.=) 'other' THEN k.schema OPERATOR(pg_catalog.||) ' '::pg_catalog.text OPERATOR(pg_catalog.||) k.name
        WHEN k.kind OPERATOR(pg_catalog.=) 'schema' THEN 'schema '::pg_catalog.text OPERATOR(pg_catalog.||) k.name
        ELSE pg_catalog.concat(pg_catalog.replace(k.kind, '_', ' '), ' ',
                               CASE WHEN k.part_of IS NOT NULL THEN pg_catalog.concat(k.name, ' of ', k.schema, '.', k.part_of)
                                    ELSE pg_catalog.concat(k.schema, '.', k.name) END)
    END
    FROM (SELECT p.parts[1], p.parts[2], p.parts[3], p.parts[4]
          FROM (SELECT ARRAY(SELECT e.part FROM pg_catalog.jsonb_array_elements_text(key::pg_catalog.jsonb) WITH ORDINALITY AS e (part, place)
                             ORDER BY e.place)) AS p (parts)) AS k (kind, schema, part_of, name)
$$;
COMMENT ON FUNCTION backstop.title(text) IS 'An object''s name for people.';

-- What counts of an object when two are compared: not what it needs, which shows in its definition as far as it counts.
CREATE OR REPLACE FUNCTION backstop.plain(definition jsonb, owner text, grants jsonb, comment text, labels jsonb) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('owner', owner, 'grants', grants, 'comment', comment,
        'labels', CASE WHEN labels OPERATOR(pg_catalog.<>) '[]' THEN labels END, 'definition',
        CASE WHEN pg_catalog.jsonb_typeof(definition OPERATOR(pg_catalog.#>) '{table,columns}') OPERATOR(pg_catalog.=) 'array' THEN
            pg_catalog.jsonb_set(definition, '{table,columns}', coalesce(
                (SELECT pg_catalog.jsonb_agg(c OPERATOR(pg_catalog.-) ARRAY(SELECT k FROM pg_catalog.jsonb_object_keys(c) AS k
                                                                      WHERE k OPERATOR(pg_catalog.~) '_needs$') ORDER BY place)
                   FROM pg_catalog.jsonb_array_elements(definition OPERATOR(pg_catalog.#>) '{table,columns}') WITH ORDINALITY AS e (c, place)), '[]'))
        ELSE definition END))
$$;

CREATE OR REPLACE FUNCTION backstop.labels(class oid, object oid) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.jsonb_agg(
               pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('column', a.attname, 'provider', l.provider, 'label', l.label))
               ORDER BY l.objsubid, l.provider)
      FROM pg_catalog.pg_seclabel AS l
      LEFT JOIN pg_catalog.pg_attribute AS a ON l.objsubid OPERATOR(pg_catalog.<>) 0 AND a.attrelid OPERATOR(pg_catalog.=) l.objoid
                                            AND a.attnum OPERATOR(pg_catalog.=) l.objsubid
     WHERE l.classoid OPERATOR(pg_catalog.=) class AND l.objoid OPERATOR(pg_catalog.=) object
$$;

CREATE OR REPLACE FUNCTION backstop.facts(left_out text[]) RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT coalesce(jsonb_object_agg(backstop.key(s.kind, s.schema, s.part_of, s.name),
                                     backstop.plain(s.definition, s.owner, s.grants, s.comment,
                                                    backstop.labels(s.class, s.object))), '{}')
      FROM backstop.structure(left_out) AS s
$$;
COMMENT ON FUNCTION backstop.facts(text[]) IS 'The structure as it is now, by keys, but for these schemas.';

-- Of one moment: what is told by two looks must not have changed between what each of them is made of.
CREATE OR REPLACE FUNCTION backstop.look(left_out text[]) RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT jsonb_build_object('since', pg_current_snapshot()::text,
               'facts', coalesce(jsonb_object_agg(k.key, backstop.plain(s.definition, s.owner, s.grants, s.comment,
                                                                        backstop.labels(s.class, s.object))), '{}'),
               'places', coalesce(jsonb_object_agg(k.key, jsonb_build_array(s.class::bigint, s.object::bigint)), '{}'))
      FROM backstop.structure(left_out) AS s
      CROSS JOIN LATERAL (SELECT backstop.key(s.kind, s.schema, s.part_of, s.name)) AS k (key)
$$;
COMMENT ON FUNCTION backstop.look(text[]) IS
    'The structure as it is now, by keys, with the catalog rows that it stands in, and the snapshot in which it was read.';

-- What others committed between two looks is none of this transaction's: what it makes has rows of its own, what it drops it has
-- locked.
CREATE OR REPLACE FUNCTION backstop.others_changes(before jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE sql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    WITH differing AS MATERIALIZED (
        SELECT key FROM jsonb_each(before -> 'facts') AS w FULL JOIN jsonb_each(is_now -> 'facts') AS n USING (key)
         WHERE w.value IS DISTINCT FROM n.value
    ), earlier AS MATERIALIZED (
        SELECT p.key, (p.value ->> 0)::bigint AS class, (p.value ->> 1)::bigint AS object FROM jsonb_each(before -> 'places') AS p
    ), standing AS MATERIALIZED (
        SELECT p.key, (p.value ->> 0)::bigint AS class, (p.value ->> 1)::bigint AS object FROM jsonb_each(is_now -> 'places') AS p
    ), placed AS MATERIALIZED (
        SELECT d.key, t.class, t.object, (t.class, t.object) NOT IN (SELECT s.class, s.object FROM standing AS s) AS came_or_went
          FROM differing AS d JOIN earlier AS t USING (key)
        UNION
        SELECT d.key, s.class, s.object, (s.class, s.object) NOT IN (SELECT t.class, t.object FROM earlier AS t)
          FROM differing AS d JOIN standing AS s USING (key)
    ), told AS MATERIALIZED (
        SELECT p.key, p.came_or_went, p.class, t.is_own
          FROM placed AS p
          LEFT JOIN backstop.own_changes((SELECT array_agg(a.class::oid) FROM placed AS a), (SELECT array_agg(a.object::oid) FROM placed AS a),
                                         before ->> 'since') AS t USING (class, object)
    )
    SELECT coalesce(array_agg(o.key), '{}')
      FROM (SELECT t.key FROM told AS t GROUP BY t.key
            -- Of what has parts with rows of their own, a part may be this transaction's.
            HAVING NOT bool_or(coalesce(t.is_own, false))
               AND bool_or(t.came_or_went OR NOT t.is_own AND t.class <> ALL ('{pg_type,pg_extension,pg_opfamily}'::regclass[]::oid[]::bigint[]))) AS o
$$;
COMMENT ON FUNCTION backstop.others_changes(jsonb, jsonb) IS 'Of what differs between two looks of this transaction, what others did.';

CREATE OR REPLACE FUNCTION backstop.recorded(catalog jsonb) RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT coalesce(jsonb_object_agg(backstop.key_of(o -> 0),
        backstop.plain(o #> '{1,definition}', o #>> '{1,owner}', o #> '{1,grants}', o #>> '{1,comment}', o #> '{1,labels}')), '{}')
      FROM jsonb_array_elements(catalog -> 'objects') AS o
$$;
COMMENT ON FUNCTION backstop.recorded(jsonb) IS 'The same of the catalog of a backup.';

-- Expressions emptied: the server may print one in other words once it has read it again. Whether there is one stays visible.
CREATE OR REPLACE FUNCTION backstop.unspelled(facts jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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

-- Which object needs which, column defaults included, in the catalog of a backup.
CREATE OR REPLACE FUNCTION backstop.needs(catalog jsonb) RETURNS TABLE (object text, need text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT backstop.key_of(o -> 0), backstop.key_of(n)
      FROM jsonb_array_elements(catalog -> 'objects') AS o,
           jsonb_array_elements(o #> '{1,depends_on}') AS n
    UNION
    SELECT backstop.key_of(o -> 0), backstop.key_of(n)
      FROM jsonb_array_elements(catalog -> 'objects') AS o,
           jsonb_array_elements(coalesce(o #> '{1,definition,table,columns}', '[]')) AS c,
           jsonb_array_elements(coalesce(c -> 'default_needs', '[]')) AS n
$$;

-- The table or view that each object is a part of.
CREATE OR REPLACE FUNCTION backstop.parts(facts jsonb) RETURNS TABLE (holder text, part text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
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
