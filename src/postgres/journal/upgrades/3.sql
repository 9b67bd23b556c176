-- From version 2 to version 3: how a run ended is its outcome. Fences have a pass and a switch, and captured rows their shape, which stand
-- in the files of those.

ALTER TABLE backstop.runs RENAME COLUMN ending TO outcome;
ALTER TABLE backstop.runs RENAME CONSTRAINT runs_ending_check TO runs_outcome_check;

-- Which schemas have the functions for psql.
ALTER TABLE IF EXISTS backstop.surfaces RENAME TO psql_schemas;
DO $$
DECLARE
    name text;
BEGIN
    -- From PostgreSQL 18 on NOT NULL is a constraint with a name, too.
    FOR name IN SELECT c.conname FROM pg_constraint AS c
                WHERE c.conrelid = to_regclass('backstop.psql_schemas') AND starts_with(c.conname, 'surfaces_') LOOP
        EXECUTE format('ALTER TABLE backstop.psql_schemas RENAME CONSTRAINT %I TO %I', name, 'psql_schemas_' || substr(name, 10));
    END LOOP;
END
$$;

-- Functions for psql that take other arguments now.
DROP FUNCTION IF EXISTS backstop.digest_of(text);
DROP FUNCTION IF EXISTS backstop.empty(text[]);
DROP FUNCTION IF EXISTS backstop.relations(jsonb);

-- Another name.
DROP FUNCTION IF EXISTS backstop.ours(oid[], oid[]);

-- What checks are answered by stands in their registered questions now.
DROP FUNCTION IF EXISTS backstop.ask_catalog(jsonb, oid, text);
DROP FUNCTION IF EXISTS backstop.ask_once(jsonb);
DROP FUNCTION IF EXISTS backstop.ask_rows(jsonb, oid, text);
DROP FUNCTION IF EXISTS backstop.columns_there(oid, text, jsonb);
