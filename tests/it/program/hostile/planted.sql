-- What a role that may create in a schema can put before the server's own operators, functions, types and relations, each of which refuses to be
-- called by the runner and leaves a mark that no rollback takes back. Parameters: `mallory`, who makes it; `runner`; `names`, the
-- functions that the program calls, as an array.
GRANT CREATE ON SCHEMA public TO :"mallory";
SET SESSION AUTHORIZATION :"mallory";
SET search_path = pg_catalog;
SET check_function_bodies = off;
SET hostile.runner = :'runner';
SET hostile.names = :'names';
CREATE SEQUENCE public.caught;
GRANT USAGE, SELECT ON SEQUENCE public.caught TO PUBLIC;

DO $plant$
DECLARE
    -- What stands for the server's own "any".
    types CONSTANT oid[] := '{text,name,oid,int4,int8,bool,jsonb,"\"char\""}'::regtype[]::oid[];
    more CONSTANT oid[] := '{regclass,regtype,regnamespace,varchar,text[],name[]}'::regtype[]::oid[];
    names CONSTANT text[] := current_setting('hostile.names')::text[];
    trap CONSTANT text := format($body$BEGIN
        IF current_user OPERATOR(pg_catalog.=) %L THEN
            PERFORM pg_catalog.nextval('public.caught'::pg_catalog.regclass);
            RAISE EXCEPTION 'caught';
        END IF;
        RETURN NULL;
    END$body$, current_setting('hostile.runner'));
    one record;
BEGIN
    -- All operators of the server's own, those of any array once for each type.
    FOR one IN
        WITH plain AS (
            SELECT o.oprname AS name, o.oprleft AS l, o.oprright AS r, o.oprresult = 'bool'::regtype AS is_bool
            FROM pg_operator AS o WHERE o.oprleft <> 0 AND o.oprright <> 0
        )
        SELECT DISTINCT p.name, format_type(l.oid, NULL) AS l, format_type(r.oid, NULL) AS r,
               CASE WHEN p.is_bool THEN 'bool' ELSE 'text' END AS answer
        FROM plain AS p
        CROSS JOIN unnest(types) AS t (oid)
        CROSS JOIN LATERAL (SELECT CASE p.l WHEN 'anyarray'::regtype THEN (SELECT a.typarray FROM pg_type AS a WHERE a.oid = t.oid)
            WHEN 'anycompatiblearray'::regtype THEN (SELECT a.typarray FROM pg_type AS a WHERE a.oid = t.oid)
            WHEN 'anyelement'::regtype THEN t.oid WHEN 'anycompatible'::regtype THEN t.oid WHEN 'anynonarray'::regtype THEN t.oid
            ELSE p.l END) AS l (oid)
        CROSS JOIN LATERAL (SELECT CASE p.r WHEN 'anyarray'::regtype THEN (SELECT a.typarray FROM pg_type AS a WHERE a.oid = t.oid)
            WHEN 'anycompatiblearray'::regtype THEN (SELECT a.typarray FROM pg_type AS a WHERE a.oid = t.oid)
            WHEN 'anyelement'::regtype THEN t.oid WHEN 'anycompatible'::regtype THEN t.oid WHEN 'anynonarray'::regtype THEN t.oid
            ELSE p.r END) AS r (oid)
        WHERE NOT EXISTS (SELECT FROM pg_type AS x WHERE x.oid IN (l.oid, r.oid) AND x.typtype = 'p')
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.trap_%1$s(%2$s, %3$s) RETURNS %1$s LANGUAGE plpgsql AS %4$L',
                       one.answer, one.l, one.r, trap);
        EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.trap_%s)',
                       one.name, one.l, one.r, one.answer);
    END LOOP;
    -- And operators for what it has none of, so that a cast would be looked for.
    FOR one IN
        SELECT s.name, format_type(l, NULL) AS l, format_type(r, NULL) AS r, CASE WHEN s.name IN ('||', '->', '->>', '#>', '#>>') THEN 'text' ELSE 'bool' END AS answer
        FROM unnest('{=,<>,<,>,~,||,->,->>,#>,#>>}'::text[]) AS s (name), unnest(types || more) AS l, unnest(types || more) AS r
        WHERE NOT EXISTS (SELECT FROM pg_operator AS o WHERE o.oprname = s.name AND o.oprleft = l AND o.oprright = r
                                                       AND o.oprnamespace = 'public'::regnamespace)
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.trap_%1$s(%2$s, %3$s) RETURNS %1$s LANGUAGE plpgsql AS %4$L',
                       one.answer, one.l, one.r, trap);
        EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.trap_%s)',
                       one.name, one.l, one.r, one.answer);
    END LOOP;
    -- Functions: as they are, those of any type once for each.
    FOR one IN
        SELECT DISTINCT p.proname,
               (SELECT string_agg(format_type(CASE WHEN y.typname LIKE 'any%array' THEN u.typarray WHEN y.typtype = 'p' THEN u.oid
                                                   ELSE y.oid END, NULL), ', ' ORDER BY a.place)
                FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (oid, place) JOIN pg_type AS y ON y.oid = a.oid) AS arguments
        FROM pg_proc AS p, unnest(types) AS t JOIN pg_type AS u ON u.oid = t
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY (names) AND p.pronargs <= 4
          AND NOT EXISTS (SELECT FROM unnest(p.proargtypes::oid[]) AS a JOIN pg_type AS y ON y.oid = a
                          WHERE y.typtype = 'p' AND y.typname NOT LIKE 'any%')
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.%I(%s) RETURNS text LANGUAGE plpgsql AS %L', one.proname, one.arguments, trap);
    END LOOP;
    -- Types of the same names, whose values have to be allowed; and relations, which have to be looked into.
    FOR one IN SELECT t.typname AS name FROM pg_type AS t
               WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'b' AND t.typcategory <> 'A'
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.trap_value(pg_catalog.%I) RETURNS bool LANGUAGE plpgsql AS %L', one.name, trap);
        EXECUTE format('CREATE DOMAIN public.%1$I AS pg_catalog.%1$I CHECK (public.trap_value(VALUE) IS NOT FALSE)', one.name);
    END LOOP;
    EXECUTE format('CREATE FUNCTION public.trap_row() RETURNS bool LANGUAGE plpgsql AS %L', trap);
    FOR one IN SELECT c.relname AS name FROM pg_class AS c
               WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind IN ('r', 'v')
                 AND NOT EXISTS (SELECT FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND t.typtype = 'p')
                 AND has_table_privilege(c.oid, 'SELECT')
    LOOP
        EXECUTE format('CREATE VIEW public.%1$I AS SELECT * FROM pg_catalog.%1$I WHERE public.trap_row() IS NOT FALSE', one.name);
    END LOOP;
END
$plant$;
RESET SESSION AUTHORIZATION;
