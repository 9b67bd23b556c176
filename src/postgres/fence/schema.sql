-- What becomes of writes of others to the tables of a run: refused, noted, or captured. Installed with the journal. A
-- trigger's first argument is the run; sessions of the run announce themselves in the setting backstop.run, and fire nothing.
-- A trigger's function needs no privilege of the role that fires it: that was looked at when the trigger was made.

DO $$
BEGIN
    IF to_regnamespace('backstop') IS NULL THEN
        CREATE SCHEMA backstop;
    END IF;
END
$$;
REVOKE ALL ON SCHEMA backstop FROM PUBLIC;

-- Second argument: the plan. Fences that a program with the journal's version 1 put up fire for sessions of the run, too.
CREATE OR REPLACE FUNCTION backstop.refuse_write() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
COMMENT ON TABLE backstop.later_writes IS
    'What others wrote to the targets of a run that has not ended: with writers: detect one row a transaction and table, with writers: capture one row a change. Written in the transaction of whoever wrote; gone when the run has ended.';
COMMENT ON COLUMN backstop.later_writes.transaction IS 'The writer''s transaction, the outermost one.';
COMMENT ON COLUMN backstop.later_writes.table_name IS 'The target, as it was called when the run began.';
COMMENT ON COLUMN backstop.later_writes.columns IS 'The columns that the table had; none where the write is only noted.';
COMMENT ON COLUMN backstop.later_writes.old_row IS 'The row as the type''s own output writes it, which loses nothing.';

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
        INSERT INTO backstop.later_writes (run, transaction, schema_name, table_name, operation)
        VALUES (TG_ARGV[0]::uuid, pg_current_xact_id(), TG_ARGV[1], TG_ARGV[2], TG_OP);
    END IF;
    RETURN NULL;
END
$$;

-- The settings are those under which a restore reads the texts again.
CREATE OR REPLACE FUNCTION backstop.capture_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, YMD'
    SET IntervalStyle = 'postgres' SET TimeZone = 'UTC' SET extra_float_digits = 3 SET bytea_output = 'hex'
    SET lc_monetary = 'C' SET quote_all_identifiers = off AS $$
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

REVOKE ALL ON backstop.later_writes, backstop.quarantine FROM PUBLIC;
REVOKE ALL ON FUNCTION backstop.note_write(), backstop.capture_write() FROM PUBLIC;
