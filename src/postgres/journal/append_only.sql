-- Events, and the sessions that were ended, are facts. To be run on every version.
CREATE OR REPLACE FUNCTION backstop.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on backstop.% is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
REVOKE ALL ON FUNCTION backstop.refuse_change() FROM PUBLIC;

DROP TRIGGER IF EXISTS append_only ON backstop.events;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON backstop.events
    FOR EACH STATEMENT EXECUTE FUNCTION backstop.refuse_change();

DROP TRIGGER IF EXISTS append_only ON backstop.terminations;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON backstop.terminations
    FOR EACH STATEMENT EXECUTE FUNCTION backstop.refuse_change();
