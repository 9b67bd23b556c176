-- What refuses writes to the tables of a run. Installed with the journal. The trigger's first argument is the run, its
-- second the plan; sessions of the run announce themselves in the setting backstop.run.
-- A trigger's function needs no privilege of the role that fires it: that was looked at when the trigger was made.

DO $$
BEGIN
    IF to_regnamespace('backstop') IS NULL THEN
        CREATE SCHEMA backstop;
    END IF;
END
$$;
REVOKE ALL ON SCHEMA backstop FROM PUBLIC;

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
