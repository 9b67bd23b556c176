-- What becomes of writes of others to the tables of a run: refused, noted, or captured. Installed with the journal. A
-- trigger's first argument is the run; sessions of the run hold its pass in the setting backstop.run, and fire nothing.
-- A trigger's function needs no privilege of the role that fires it: that was looked at when the trigger was made. It lets those
-- through whose fence is down, or who hold the run's pass. A transaction that sees the database as it was before the fence came
-- down is kept out, or written down, a little longer, and so is one that began before the fence was put up.

DO $$
BEGIN
    IF to_regnamespace('backstop') IS NULL THEN
        CREATE SCHEMA backstop;
    END IF;
END
$$;
REVOKE ALL ON SCHEMA backstop FROM PUBLIC;

CREATE TABLE IF NOT EXISTS backstop.fences (
    run  uuid    PRIMARY KEY,
    pass text    NOT NULL DEFAULT gen_random_uuid()::text,
    down boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE backstop.fences IS
    'The fences around the tables of runs. One that is down lets everybody through, whatever triggers of it are still there.';
-- Those that stand around tables since a journal of version 1 or 2.
INSERT INTO backstop.fences (run)
SELECT DISTINCT pg_catalog.substring(t.tgname::text, 'backstop_fence_([0-9a-f-]{36})')::uuid
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'backstop'::regnamespace
WHERE p.proname IN ('refuse_write', 'note_write', 'capture_write') AND t.tgenabled <> 'D' AND t.tgname ~ 'backstop_fence_[0-9a-f-]{36}'
ON CONFLICT (run) DO NOTHING;
COMMENT ON COLUMN backstop.fences.pass IS
    'Whoever has it in the setting backstop.run is a session of the run. The triggers know its digest only.';

-- Second argument: the plan. Triggers that a program with the journal's version 1 or 2 made fire for sessions of the run, too.
CREATE OR REPLACE FUNCTION backstop.refuse_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM backstop.fences AS f
                   WHERE f.run = TG_ARGV[0]::uuid AND (f.down OR f.pass = current_setting('backstop.run', true))) THEN
        RAISE EXCEPTION 'table %.% is frozen: % is refused while backstop applies plan %',
                        quote_ident(TG_TABLE_SCHEMA), quote_ident(TG_TABLE_NAME), TG_OP, TG_ARGV[1]
            USING ERRCODE = 'BSW01',
                  DETAIL = format('Run %s has taken a backup of this table, and a write now could be lost if it is restored.',
                                  TG_ARGV[0]),
                  HINT = 'Try again when the run has ended; the view backstop.status shows where it stands.',
                  SCHEMA = TG_TABLE_SCHEMA,
                  TABLE = TG_TABLE_NAME;
    END IF;
    -- What a trigger for rows gives is what is written.
    IF TG_LEVEL = 'STATEMENT' THEN
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION backstop.refuse_write() FROM PUBLIC;

CREATE TABLE IF NOT EXISTS backstop.later_writes (
    seq         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run         uuid        NOT NULL,
    transaction xid8        NOT NULL,
    schema_name text        NOT NULL,
    table_name  text        NOT NULL,
    operation   text        NOT NULL CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')),
    columns     text[],
    old_row     text,
    new_row     text,
    written_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    role_name   name        NOT NULL DEFAULT session_user
);
-- Journals of the versions 1 and 2 have no such columns.
ALTER TABLE backstop.later_writes
    ADD COLUMN IF NOT EXISTS relation oid, ADD COLUMN IF NOT EXISTS shape text[], ADD COLUMN IF NOT EXISTS moved_to text[],
    ADD COLUMN IF NOT EXISTS keys text[],
    ADD COLUMN IF NOT EXISTS breach text, ALTER COLUMN operation DROP NOT NULL, ALTER COLUMN role_name DROP NOT NULL;
COMMENT ON TABLE backstop.later_writes IS
    'What others wrote to the targets of a run that has not ended: with writers: detect one row a transaction and table, with writers: capture one row a change. Written in the transaction of whoever wrote; gone when the run has ended.';
COMMENT ON COLUMN backstop.later_writes.transaction IS 'The writer''s transaction, the outermost one.';
COMMENT ON COLUMN backstop.later_writes.table_name IS 'The target, as it was called when the run began.';
COMMENT ON COLUMN backstop.later_writes.columns IS 'The columns that the row has; none where the write is only noted.';
COMMENT ON COLUMN backstop.later_writes.old_row IS 'The row as the type''s own output writes it, which loses nothing.';
COMMENT ON COLUMN backstop.later_writes.relation IS 'The table in pg_class: the numbers of its columns are those of the backup only where it is the same one.';
COMMENT ON COLUMN backstop.later_writes.shape IS
    'Of each column, in the same order, its number in the table, its type in pg_type, and the type''s modifier, which may be unknown.';
COMMENT ON COLUMN backstop.later_writes.keys IS
    'The unique keys that held when this was written, each as the numbers of its columns: by no other one was the row the only one.';
COMMENT ON COLUMN backstop.later_writes.moved_to IS
    'Where an UPDATE moved the row to another partition, that one''s schema and name; the new row has the columns'' order of the old one.';

COMMENT ON COLUMN backstop.later_writes.breach IS
    'How others may have come past the fence, where that is all that is known: neither what they wrote, nor who, nor whether they did.';

CREATE TABLE IF NOT EXISTS backstop.fence_triggers (
    run         uuid   NOT NULL,
    trigger     oid    NOT NULL,
    relation    oid    NOT NULL,
    schema_name text   NOT NULL,
    table_name  text   NOT NULL,
    version     bigint NOT NULL,
    PRIMARY KEY (run, trigger)
);
COMMENT ON TABLE backstop.fence_triggers IS
    'The triggers of fences as they were put up. One that is not as it was then has let writers past, whatever it does now.';
COMMENT ON COLUMN backstop.fence_triggers.version IS 'xmin of its row in pg_trigger.';

-- Writes down the triggers of a run's fence, by their names, as this transaction has put them up.
CREATE OR REPLACE FUNCTION backstop.remember_fence(wanted uuid, names text[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
DELETE FROM backstop.fence_triggers AS f WHERE f.run = wanted;
INSERT INTO backstop.fence_triggers
SELECT wanted, t.oid, c.oid, n.nspname::text, c.relname::text, t.xmin::text::bigint
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE t.tgname = ANY (names) AND NOT t.tgisinternal;
$$;

-- The tables of a run whose fence is not as it was put up, each once: in which transaction that came about, as far as that can still
-- mean that it stands again. A table that is gone altogether has nothing that a restore could take away.
-- xmin has 32 bits of a transaction's number; the others are those of our own, which is never far away.
DROP FUNCTION IF EXISTS backstop.note_breaches(uuid, boolean);
DROP FUNCTION IF EXISTS backstop.fence_breaches(uuid);
CREATE FUNCTION backstop.fence_breaches(wanted uuid, OUT schema_name text, OUT table_name text, OUT transaction xid8, OUT breach text)
    RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH put_up AS (
    SELECT f.*, t.oid IS NOT NULL AS stands, t.tgenabled AS enabled, t.xmin::text::bigint AS is_version,
           EXISTS (SELECT FROM pg_class AS c WHERE c.oid = f.relation) AS has_table,
           (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = f.schema_name AND c.relname = f.table_name AND c.relkind IN ('r', 'p')
              AND NOT EXISTS (SELECT FROM backstop.fence_triggers AS o WHERE o.run = wanted AND o.relation = c.oid)) AS rival,
           -- What is written through a table above fires triggers for rows alone, and a table that was alone has none.
           EXISTS (SELECT FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                   WHERE i.inhrelid = f.relation AND c.relkind = 'r'
                     AND NOT EXISTS (SELECT FROM backstop.fence_triggers AS o JOIN pg_trigger AS r ON r.oid = o.trigger
                                     WHERE o.run = wanted AND o.relation = f.relation AND r.tgtype & 1 = 1)) AS is_below,
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS latest
    FROM backstop.fence_triggers AS f LEFT JOIN pg_trigger AS t ON t.oid = f.trigger AND t.tgrelid = f.relation
    WHERE f.run = wanted
), aged AS (
    SELECT p.*, (p.latest + (p.is_version - p.latest % 4294967296 + 6442450944) % 4294967296 - 2147483648)::text::xid8 AS changed_in
    FROM put_up AS p
    WHERE p.rival IS NOT NULL OR p.is_below OR p.is_version <> p.version OR NOT p.stands AND p.has_table
), found AS (
    SELECT a.schema_name, a.table_name,
           CASE WHEN a.rival IS NULL AND a.stands AND a.enabled <> 'D' AND a.is_version <> a.version THEN a.changed_in END AS transaction,
           CASE WHEN a.rival IS NOT NULL THEN 'another table, without a fence, has taken its place'
                WHEN NOT a.stands THEN 'its fence was removed'
                WHEN a.enabled = 'D' THEN 'its fence was disabled'
                WHEN a.is_version = a.version THEN 'it came below another table, through which writes pass its fence'
                ELSE 'its fence was disabled and enabled again since it was put up' END AS breach
    FROM aged AS a
)
SELECT DISTINCT ON (f.schema_name, f.table_name) f.schema_name, f.table_name, f.transaction, f.breach
FROM found AS f
ORDER BY f.schema_name, f.table_name, f.transaction IS NOT NULL
$$;

-- Notes that others may have written past the fence, like what they wrote.
CREATE OR REPLACE FUNCTION backstop.note_breaches(wanted uuid) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
INSERT INTO backstop.later_writes (run, transaction, schema_name, table_name, operation, role_name, breach)
SELECT wanted, coalesce(b.transaction, pg_current_xact_id()), b.schema_name, b.table_name, NULL, NULL, b.breach
FROM backstop.fence_breaches(wanted) AS b
WHERE NOT EXISTS (SELECT FROM backstop.later_writes AS w
                  WHERE w.run = wanted AND w.schema_name = b.schema_name AND w.table_name = b.table_name AND w.breach IS NOT NULL)
$$;

CREATE TABLE IF NOT EXISTS backstop.quarantine (
    run          uuid        NOT NULL,
    seq          bigint      NOT NULL,
    schema_name  text        NOT NULL,
    table_name   text        NOT NULL,
    operation    text        NOT NULL,
    old_row      jsonb,
    new_row      jsonb,
    sqlstate     text        NOT NULL,
    reason       text        NOT NULL,
    carried_over boolean     NOT NULL,
    written_at   timestamptz NOT NULL,
    role_name    name        NOT NULL,
    PRIMARY KEY (run, seq)
);
COMMENT ON TABLE backstop.quarantine IS
    'Writes of others that a restore could not make again, each with its reason. Nobody deletes them but people.';
COMMENT ON COLUMN backstop.quarantine.carried_over IS
    'Whether the change was made again, but for the values that the reason names.';

-- The table's triggers give the target's schema and name as second and third argument.
CREATE OR REPLACE FUNCTION backstop.note_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    noted text := coalesce(current_setting('backstop.noted', true), '');
    mark  text := format(' %s/%s ', TG_ARGV[0], TG_RELID);
BEGIN
    -- Once a transaction and table. The setting goes with the (sub)transaction, and so does the row.
    IF strpos(noted, mark) = 0 THEN
        PERFORM set_config('backstop.noted', noted || mark, true);
        IF NOT EXISTS (SELECT FROM backstop.fences AS f
                       WHERE f.run = TG_ARGV[0]::uuid AND (f.down OR f.pass = current_setting('backstop.run', true))) THEN
            INSERT INTO backstop.later_writes (run, transaction, schema_name, table_name, operation)
            VALUES (TG_ARGV[0]::uuid, pg_current_xact_id(), TG_ARGV[1], TG_ARGV[2], TG_OP);
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- The columns of a table for a transaction that sees the database as it was before others altered the table. empty is a row of the
-- table's without any value, written by the server from the table as it is: as JSON it has the columns' names, and in the binary
-- form of rows (a number of columns, then of each its type and -1 as the length of what is not there) their types.
CREATE OR REPLACE FUNCTION backstop.shape_now(relation oid, empty json, empty_binary bytea, OUT columns text[], OUT shape text[])
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    type_oid bigint;
    number   integer := 0;
    place    integer;
BEGIN
    columns := ARRAY(SELECT json_object_keys(empty));
    shape := '{}';
    FOR i IN 1..cardinality(columns) LOOP
        -- Names of dropped columns are none of these.
        LOOP
            number := number + 1;
            EXIT WHEN (SELECT a.object_names[3] FROM pg_identify_object_as_address('pg_class'::regclass, relation, number) AS a) = columns[i];
        END LOOP;
        place := i * 8 - 4;
        type_oid := get_byte(empty_binary, place) * 16777216::bigint + get_byte(empty_binary, place + 1) * 65536
                    + get_byte(empty_binary, place + 2) * 256 + get_byte(empty_binary, place + 3);
        shape := shape || concat_ws(' ', number, type_oid);
    END LOOP;
END
$$;

-- Rows that an UPDATE moves to another partition, from the moment that they leave theirs to the one in which that is written down.
CREATE TABLE IF NOT EXISTS backstop.movements (
    run         uuid NOT NULL,
    transaction xid8 NOT NULL,
    relation    oid  NOT NULL,
    place       tid  NOT NULL,
    PRIMARY KEY (run, transaction, relation, place)
);
COMMENT ON TABLE backstop.movements IS
    'Rows that transactions which have not ended move to another partition: the server tells triggers of a DELETE and an INSERT.';

-- The last BEFORE trigger of a partition is called for the UPDATE that moves a row, and at once again for the DELETE that this is.
-- Settings are those of the depth: what other triggers do in between is deeper.
CREATE OR REPLACE FUNCTION backstop.note_movement() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    setting text := format('backstop.updated_%s', pg_trigger_depth());
    mark    text := format('%s/%s/%s', TG_ARGV[0], TG_RELID, OLD.ctid);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM set_config(setting, mark, true);
        RETURN NEW;
    ELSIF current_setting(setting, true) = mark
          AND NOT EXISTS (SELECT FROM backstop.fences AS f
                          WHERE f.run = TG_ARGV[0]::uuid AND (f.down OR f.pass = current_setting('backstop.run', true))) THEN
        PERFORM set_config('backstop.moves', 'on', true);
        INSERT INTO backstop.movements VALUES (TG_ARGV[0]::uuid, pg_current_xact_id(), TG_RELID, OLD.ctid) ON CONFLICT DO NOTHING;
    END IF;
    RETURN OLD;
END
$$;

-- The unique keys of a table that hold at this moment, each as the numbers of its columns: those that the transaction sees and that are still
-- there, and the replica identity as the server knows it, which an older transaction may not see yet. names and shape are its columns'.
CREATE OR REPLACE FUNCTION backstop.keys_now(relation oid, names text[], shape text[]) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
SELECT ARRAY(
    SELECT array_to_string(k.columns, ' ')
    FROM pg_index AS i
    CROSS JOIN LATERAL (SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1] AS columns,
                               (i.indcollation::oid[])[0:i.indnkeyatts - 1] AS collations) AS k
    WHERE i.indrelid = relation AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
      AND pg_get_indexdef(i.indexrelid) IS NOT NULL
      AND NOT EXISTS (SELECT FROM pg_attribute AS a JOIN unnest(k.columns, k.collations) AS c (number, collated) ON c.number = a.attnum
                      WHERE a.attrelid = relation AND c.collated <> a.attcollation)
    UNION
    SELECT r.columns
    FROM (SELECT string_agg(split_part(shape[c.place], ' ', 1), ' ') AS columns
          FROM unnest(names) WITH ORDINALITY AS c (name, place)
          WHERE current_setting('transaction_isolation') IN ('repeatable read', 'serializable')
            AND quote_ident(c.name) IN (SELECT pg_get_indexdef(pg_get_replica_identity_index(relation), n, false)
                                        FROM generate_series(1, 32) AS n)) AS r
    WHERE r.columns IS NOT NULL)
$$;

-- A row has the shape of its table as it is at that moment. pg_attribute shows it to whoever sees all that is committed; a REPEATABLE
-- READ or SERIALIZABLE transaction that is older than an ALTER TABLE reads it as it was, and must ask the row itself.
-- A row that an UPDATE moves is written down as that: the INSERT, which comes next at its depth, completes what the DELETE wrote. It was
-- done before the server called anybody for the DELETE, so that its command is the earlier one.
-- The settings are those under which a restore reads the texts again.
CREATE OR REPLACE FUNCTION backstop.capture_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, YMD'
    SET IntervalStyle = 'postgres' SET TimeZone = 'UTC' SET extra_float_digits = 3 SET bytea_output = 'hex'
    SET lc_monetary = 'C' SET quote_all_identifiers = off AS $$
DECLARE
    empty        json;
    empty_binary bytea;
    names        text[] := '{}';
    shape        text[] := '{}';
    moving       text   := format('backstop.moving_%s', pg_trigger_depth());
    moved        bigint := nullif(current_setting(moving, true), '');
    leaves       boolean := false;
    written      bigint;
BEGIN
    IF EXISTS (SELECT FROM backstop.fences AS f
               WHERE f.run = TG_ARGV[0]::uuid AND (f.down OR f.pass = current_setting('backstop.run', true))) THEN
        RETURN NULL;
    ELSIF TG_OP = 'TRUNCATE' THEN
        NULL;
    ELSIF current_setting('transaction_isolation') IN ('read committed', 'read uncommitted') THEN
        SELECT array_agg(a.attname::text), array_agg(concat_ws(' ', a.attnum, a.atttypid, a.atttypmod)) INTO names, shape
        FROM (SELECT * FROM pg_attribute AS a
              WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS a;
    ELSE
        IF TG_OP = 'DELETE' THEN
            EXECUTE 'SELECT row_to_json(r), record_send(r) FROM (SELECT ($1).*) AS r' INTO empty, empty_binary
                USING CASE WHEN false THEN OLD END;
        ELSE
            EXECUTE 'SELECT row_to_json(r), record_send(r) FROM (SELECT ($1).*) AS r' INTO empty, empty_binary
                USING CASE WHEN false THEN NEW END;
        END IF;
        SELECT s.columns, s.shape INTO names, shape FROM backstop.shape_now(TG_RELID, empty, empty_binary) AS s;
    END IF;
    IF TG_OP = 'INSERT' AND moved IS NOT NULL THEN
        PERFORM set_config(moving, '', true);
        UPDATE backstop.later_writes AS w
        SET operation = 'UPDATE', moved_to = TG_ARGV[1:2],
            new_row = backstop.row_text(ARRAY(SELECT f.fields[array_position(names, c.name)]
                                              FROM unnest(w.columns) WITH ORDINALITY AS c (name, place) ORDER BY c.place))
        FROM (SELECT backstop.fields(concat(NEW)) AS fields OFFSET 0) AS f
        WHERE w.seq = moved AND w.run = TG_ARGV[0]::uuid AND w.transaction = pg_current_xact_id() AND w.operation = 'DELETE'
          AND w.relation <> TG_RELID AND pg_partition_root(w.relation) = pg_partition_root(TG_RELID)
          AND w.cmin::text::bigint > NEW.cmin::text::bigint;
        IF FOUND THEN
            RETURN NULL;
        END IF;
    ELSIF TG_OP = 'DELETE' AND current_setting('backstop.moves', true) = 'on' THEN
        DELETE FROM backstop.movements AS m
        WHERE m.run = TG_ARGV[0]::uuid AND m.transaction = pg_current_xact_id() AND m.relation = TG_RELID AND m.place = OLD.ctid;
        leaves := FOUND;
    END IF;
    INSERT INTO backstop.later_writes (run, transaction, schema_name, table_name, operation, relation, columns, shape, keys, old_row, new_row)
    VALUES (TG_ARGV[0]::uuid, pg_current_xact_id(), TG_ARGV[1], TG_ARGV[2], TG_OP, TG_RELID,
            coalesce(names, '{}'), coalesce(shape, '{}'), CASE WHEN TG_OP <> 'TRUNCATE' THEN backstop.keys_now(TG_RELID, names, shape) END,
            CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN concat(OLD) END,
            CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN concat(NEW) END)
    RETURNING seq INTO written;
    IF leaves OR moved IS NOT NULL THEN
        PERFORM set_config(moving, CASE WHEN leaves THEN written::text ELSE '' END, true);
    END IF;
    RETURN NULL;
END
$$;

REVOKE ALL ON backstop.fences, backstop.fence_triggers, backstop.later_writes, backstop.quarantine, backstop.movements FROM PUBLIC;
REVOKE ALL ON FUNCTION backstop.remember_fence(uuid, text[]), backstop.fence_breaches(uuid), backstop.note_breaches(uuid),
    backstop.note_write(), backstop.note_movement(), backstop.capture_write(),
    backstop.shape_now(oid, json, bytea), backstop.keys_now(oid, text[], text[]) FROM PUBLIC;
