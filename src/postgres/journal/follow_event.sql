-- Runs and applied plans follow the events in the same statement, so that they can't disagree. An accepted run leaves its plan
-- applied where all of its steps are committed, or settled as applied. The fingerprint and the shown plan of an amended run are
-- those of its last amendment, and a pause ends with its run. To be run on every version.
CREATE OR REPLACE FUNCTION backstop.follow_event() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ends text := CASE NEW.kind
        WHEN 'run_succeeded' THEN 'succeeded'
        WHEN 'run_aborted' THEN 'aborted'
        WHEN 'run_accepted' THEN 'accepted'
        WHEN 'restore_completed' THEN 'restored'
        WHEN 'undo_verified' THEN 'restored'
        WHEN 'transaction_rolled_back' THEN
            CASE WHEN (NEW.event ->> 'steps')::bigint = 0 THEN 'aborted' ELSE 'restored' END
    END;
    stands boolean := ends = 'succeeded';
    shape jsonb;
BEGIN
    IF NEW.kind = 'run_started' THEN
        INSERT INTO backstop.runs (run, plan, fingerprint, program, backup_schema, actor, started_at)
        VALUES (NEW.run, NEW.event ->> 'plan', NEW.event ->> 'fingerprint', NEW.event ->> 'program',
                NEW.event ->> 'backup_schema', NEW.actor, NEW.at);
    ELSIF NEW.kind = 'plan_amended' THEN
        UPDATE backstop.runs SET fingerprint = NEW.event ->> 'fingerprint' WHERE run = NEW.run;
    END IF;
    IF ends IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE backstop.runs SET ended_at = NEW.at, outcome = ends WHERE run = NEW.run;
    DELETE FROM backstop.pauses WHERE run = NEW.run;
    SELECT e.event INTO shape
      FROM backstop.events AS e WHERE e.run = NEW.run AND (e.seq = 1 OR e.kind = 'plan_amended')
     ORDER BY e.seq DESC LIMIT 1;
    IF ends = 'accepted' THEN
        stands := jsonb_array_length(shape #> '{outline,steps}') = (
            SELECT count(DISTINCT step.event ->> 'index') FROM backstop.events AS step
             WHERE step.run = NEW.run
               AND (step.kind = 'step_committed' OR step.kind = 'step_settled' AND step.event ->> 'outcome' = 'applied')
        );
    END IF;
    IF stands THEN
        INSERT INTO backstop.applied (plan, fingerprint, run, at, rendered)
        SELECT r.plan, r.fingerprint, r.run, NEW.at, shape ->> 'rendered'
          FROM backstop.runs AS r WHERE r.run = NEW.run
        ON CONFLICT (plan) DO UPDATE
            SET fingerprint = excluded.fingerprint, run = excluded.run, at = excluded.at, rendered = excluded.rendered;
    ELSIF ends = 'restored' THEN
        -- A run that brings a backup back, and not only some of its tables, takes all plans back that were applied since.
        DELETE FROM backstop.applied AS a
         WHERE a.run = NEW.run
            OR a.at > (SELECT b.created_at
                         FROM backstop.events AS first JOIN backstop.backups AS b ON b.id = first.event #>> '{restores,backup}'
                        WHERE first.run = NEW.run AND first.seq = 1 AND first.event #> '{restores,tables}' IS NULL);
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION backstop.follow_event() FROM PUBLIC;

DROP TRIGGER IF EXISTS follow_event ON backstop.events;
CREATE TRIGGER follow_event AFTER INSERT ON backstop.events
    FOR EACH ROW EXECUTE FUNCTION backstop.follow_event();
