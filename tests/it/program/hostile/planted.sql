-- What a role that may create in a schema can put before the server's own operators and functions, each of which refuses to be
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
    types CONSTANT regtype[] := '{name,text,varchar,bpchar,"\"char\"",oid,regclass,regtype,regnamespace,regproc,regprocedure,regrole,
        int2,int4,int8,float8,numeric,bool,timestamptz,timestamp,interval,uuid,jsonb,bytea,pg_lsn,xid,xid8,inet,int2vector,oidvector,
        "text[]","name[]","int2[]","int4[]","int8[]","oid[]","jsonb[]","\"char\"[]"}';
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
    -- Operators: every pair of types for those that compare or join, and all that the server itself has.
    FOR one IN
        SELECT DISTINCT l::text AS l, r::text AS r FROM unnest(types) AS l, unnest(types) AS r
        UNION
        SELECT format_type(o.oprleft, NULL), format_type(o.oprright, NULL) FROM pg_operator AS o
        WHERE o.oprleft <> 0 AND o.oprright <> 0
          AND NOT EXISTS (SELECT FROM pg_type AS t WHERE t.oid IN (o.oprleft, o.oprright) AND t.typtype = 'p')
    LOOP
        EXECUTE format('CREATE FUNCTION public.trap_bool(%s, %s) RETURNS bool LANGUAGE plpgsql AS %L', one.l, one.r, trap);
        EXECUTE format('CREATE FUNCTION public.trap_text(%s, %s) RETURNS text LANGUAGE plpgsql AS %L', one.l, one.r, trap);
    END LOOP;
    FOR one IN
        SELECT s.name, l::text AS l, r::text AS r, CASE s.name WHEN '||' THEN 'text' ELSE 'bool' END AS answer
        FROM unnest('{=,<>,<,>,<=,>=,||,~,!~,~~,!~~}'::text[]) AS s (name), unnest(types) AS l, unnest(types) AS r
        UNION
        SELECT o.oprname, format_type(o.oprleft, NULL), format_type(o.oprright, NULL),
               CASE WHEN o.oprresult = 'bool'::regtype AND o.oprname <> '||' THEN 'bool' ELSE 'text' END
        FROM pg_operator AS o
        WHERE o.oprleft <> 0 AND o.oprright <> 0
          AND NOT EXISTS (SELECT FROM pg_type AS t WHERE t.oid IN (o.oprleft, o.oprright) AND t.typtype = 'p')
    LOOP
        EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.trap_%s)',
                       one.name, one.l, one.r, one.answer);
    END LOOP;
    -- Functions: as they are, and with one argument of each other type.
    FOR one IN
        WITH called AS (
            SELECT p.proname, p.proargtypes::oid[] AS arguments
            FROM pg_proc AS p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY (names) AND p.pronargs <= 4
        ), meant AS (
            SELECT proname, arguments FROM called
            UNION
            SELECT proname, c.arguments[:place - 1] || t::oid || c.arguments[place + 1:]
            FROM called AS c, generate_subscripts(c.arguments, 1) AS place, unnest(types) AS t
        )
        SELECT DISTINCT m.proname,
               (SELECT string_agg(format_type(a.oid, NULL), ', ' ORDER BY a.place)
                FROM unnest(m.arguments) WITH ORDINALITY AS a (oid, place)) AS arguments
        FROM meant AS m
        WHERE NOT EXISTS (SELECT FROM unnest(m.arguments) AS a JOIN pg_type AS t ON t.oid = a WHERE t.typtype = 'p')
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.%I(%s) RETURNS text LANGUAGE plpgsql AS %L', one.proname, one.arguments, trap);
    END LOOP;
END
$plant$;
RESET SESSION AUTHORIZATION;
