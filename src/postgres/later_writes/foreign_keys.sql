-- Foreign keys between what a restore brought back, with captured writes on top, and what it left alone. Installed with the
-- journal. While such a key was gone others may have written what it would have refused; it is made again at the end, so that rows
-- that break it must give way before that.
-- A key that is to be made is given as its table, its columns, the table that it refers to, and that one's columns.

-- How "equal" is written for two columns under these functions' search_path; NULL where that is not known.
CREATE OR REPLACE FUNCTION backstop.equality(own regclass, own_column text, other regclass, other_column text) RETURNS text
    LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
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

-- How to read a table whose rows are its own, or those of its partitions.
CREATE OR REPLACE FUNCTION backstop.rows_of(target regclass) RETURNS text
    LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || target FROM pg_class AS c WHERE c.oid = target
$$;

-- The condition that finds rows, called row_, of the key's table that point to nothing; NULL where that can't be said.
CREATE OR REPLACE FUNCTION backstop.pointing_to_nothing(own regclass, columns text[], other regclass, referred text[]) RETURNS text
    LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
SELECT CASE WHEN count(e.operator) = count(*) THEN
           string_agg(format('row_.%I IS NOT NULL', k.mine), ' AND ')
           || format(' AND NOT EXISTS (SELECT FROM %s AS found_ WHERE %s)', backstop.rows_of(other),
                     string_agg(format('found_.%I %s row_.%I', k.theirs, e.operator, k.mine), ' AND '))
       END
FROM unnest(columns, referred) AS k (mine, theirs)
CROSS JOIN LATERAL (SELECT backstop.equality(own, k.mine, other, k.theirs) AS operator) AS e
$$;

-- What a written row held in the wanted columns, as an array of texts.
CREATE OR REPLACE FUNCTION backstop.held(columns text[], row_text text, wanted text[]) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
SELECT jsonb_agg(f.fields[array_position(columns, w.name)] ORDER BY w.number)
FROM (SELECT backstop.fields(row_text) AS fields OFFSET 0) AS f, unnest(wanted) WITH ORDINALITY AS w (name, number)
$$;

-- The captured changes that made rows point to nothing: of the key's table those that wrote what is pointed to, of the other
-- one those that took it away.
CREATE OR REPLACE FUNCTION backstop.at_fault(
    wanted uuid, moment pg_snapshot, own regclass, own_columns text[], other regclass, referred text[]) RETURNS SETOF bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    condition text := backstop.pointing_to_nothing(own, own_columns, other, referred);
    missing   jsonb[];
BEGIN
    IF condition IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT array_agg(DISTINCT jsonb_build_array(%s)) FROM %s AS row_ WHERE %s',
                   (SELECT string_agg(format('pg_catalog.concat(row_.%I)', n), ', ') FROM unnest(own_columns) AS n), backstop.rows_of(own), condition)
        INTO missing;
    RETURN QUERY
        SELECT w.seq
        FROM backstop.later_writes AS w
        CROSS JOIN LATERAL (SELECT to_regclass(format('%I.%I', w.schema_name, w.table_name)) AS target) AS t
        CROSS JOIN LATERAL (SELECT CASE t.target WHEN own THEN own_columns ELSE referred END AS names) AS k
        CROSS JOIN LATERAL (SELECT backstop.columns_then(w) AS columns OFFSET 0) AS c
        CROSS JOIN LATERAL (SELECT backstop.held(c.columns, w.old_row, k.names) AS was,
                                   backstop.held(c.columns, w.new_row, k.names) AS is_now) AS h
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

-- Takes rows, called row_, out of a table into quarantine; before them those of other tables that point to them, which would go
-- with them or keep them from going. Triggers and rules of the application don't fire. Gives how many rows that were.
CREATE OR REPLACE FUNCTION backstop.set_aside(wanted uuid, target regclass, condition text, reason text, depth integer)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    depth_max constant integer := 50;
    key     record;
    columns text[];
    taken   bigint;
    below   bigint := 0;
    suspended  record;
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
    EXECUTE format('INSERT INTO backstop.quarantine SELECT $1, nextval(%L), $2, $3, %L, NULL, jsonb_object($4, backstop.fields(pg_catalog.concat(row_.*))), '
                   '%L, $5, false, clock_timestamp(), session_user FROM %s AS row_ WHERE %s',
                   pg_get_serial_sequence('backstop.later_writes', 'seq'), 'INSERT', '23503', backstop.rows_of(target), condition)
        USING wanted, (SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = target),
              (SELECT c.relname FROM pg_class AS c WHERE c.oid = target), columns, reason;
    SELECT q.* INTO suspended FROM backstop.quieting(target || ARRAY(SELECT p.relid FROM pg_partition_tree(target) AS p)) AS q;
    IF suspended.quiet IS NOT NULL THEN
        EXECUTE suspended.quiet;
    END IF;
    EXECUTE format('DELETE FROM %s AS row_ WHERE %s', backstop.rows_of(target), condition);
    SET CONSTRAINTS ALL IMMEDIATE;
    IF suspended.wake IS NOT NULL THEN
        EXECUTE suspended.wake;
    END IF;
    RETURN below + taken;
END
$$;

-- The same of all rows that a key keeps from being made. Gives how many rows that were.
CREATE OR REPLACE FUNCTION backstop.make_way(
    wanted uuid, name text, own regclass, columns text[], other regclass, referred text[]) RETURNS bigint
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
SELECT coalesce(backstop.set_aside(
    wanted, own, backstop.pointing_to_nothing(own, columns, other, referred),
    format('the row of %s that it points to is not there, and foreign key %I is made again; it was taken out of the table', other, name), 0), 0)
$$;

DO $$
DECLARE
    own regprocedure;
BEGIN
    FOR own IN SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
               WHERE p.pronamespace = 'backstop'::regnamespace
                 AND p.proname IN ('equality', 'rows_of', 'pointing_to_nothing', 'held', 'at_fault', 'set_aside', 'make_way')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', own);
    END LOOP;
END
$$;
