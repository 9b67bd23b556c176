-- From version 1 to version 2: signs of life, a mark to know the database by, sessions that were ended, and restores of single
-- tables, which take no plan back.

ALTER TABLE backstop.meta ADD COLUMN database uuid NOT NULL DEFAULT gen_random_uuid();
COMMENT ON COLUMN backstop.meta.database IS 'By what a runner that lost its connection knows this database again.';

ALTER TABLE backstop.owner ADD COLUMN seen timestamptz, ADD COLUMN pid integer;
COMMENT ON COLUMN backstop.owner.seen IS 'The last sign of life of the runner; one comes every few seconds.';
COMMENT ON COLUMN backstop.owner.pid IS 'The server''s process that held the run lock then.';

CREATE TABLE backstop.terminations (
    run         uuid        NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       text        NOT NULL,
    pid         integer     NOT NULL,
    role        text,
    application text,
    address     text,
    query_start timestamptz,
    query       text
);
CREATE INDEX terminations_run_at_idx ON backstop.terminations (run, at);
COMMENT ON TABLE backstop.terminations IS
    'Sessions that were ended because a run waited too long for their locks, as it was asked to. Append-only.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON backstop.terminations
    FOR EACH STATEMENT EXECUTE FUNCTION backstop.refuse_change();

REVOKE ALL ON backstop.terminations FROM PUBLIC;

-- The two numbers are the halves of the key of the run lock: the bytes of "backstop".
CREATE OR REPLACE VIEW backstop.status AS
SELECT r.plan,
       r.run,
       r.started_at,
       last.kind AS last_event,
       last.event ->> 'step' AS step,
       last.at AS last_at,
       CASE
           WHEN r.ended_at IS NOT NULL THEN r.ending
           WHEN o.run = r.run AND l.pid = coalesce(o.pid, l.pid) THEN 'running'
           ELSE 'waiting'
       END AS state,
       r.ended_at,
       l.pid,
       CASE WHEN o.run = r.run THEN o.seen END AS seen
FROM backstop.runs AS r
LEFT JOIN LATERAL (
    SELECT e.kind, e.event, e.at FROM backstop.events AS e WHERE e.run = r.run ORDER BY e.seq DESC LIMIT 1
) AS last ON true
LEFT JOIN backstop.owner AS o ON true
LEFT JOIN pg_catalog.pg_locks AS l
    ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.classid = 1650549611 AND l.objid = 1937010544
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
ORDER BY r.started_at DESC;

CREATE OR REPLACE FUNCTION backstop.follow_event() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
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
BEGIN
    IF NEW.kind = 'run_started' THEN
        INSERT INTO backstop.runs (run, plan, fingerprint, program, backup_schema, actor, started_at)
        VALUES (NEW.run, NEW.event ->> 'plan', NEW.event ->> 'fingerprint', NEW.event ->> 'program',
                NEW.event ->> 'backup_schema', NEW.actor, NEW.at);
    END IF;
    IF ends IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE backstop.runs SET ended_at = NEW.at, ending = ends WHERE run = NEW.run;
    IF ends = 'accepted' THEN
        SELECT jsonb_array_length(first.event -> 'outline' -> 'steps') =
               (SELECT count(DISTINCT step.event ->> 'index') FROM backstop.events AS step
                WHERE step.run = NEW.run AND step.kind = 'step_committed')
          INTO stands
          FROM backstop.events AS first WHERE first.run = NEW.run AND first.seq = 1;
    END IF;
    IF stands THEN
        INSERT INTO backstop.applied (plan, fingerprint, run, at, rendered)
        SELECT r.plan, r.fingerprint, r.run, NEW.at, first.event ->> 'rendered'
          FROM backstop.runs AS r JOIN backstop.events AS first ON first.run = r.run AND first.seq = 1
         WHERE r.run = NEW.run
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
