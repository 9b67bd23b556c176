-- The journal of backstop, version 2, as it is made where there is none; upgrades/ leads older ones here. Events are facts and are only ever appended; everything else can be derived from them.
-- Nothing in here is ever part of a backup or a restore.

-- An administrator may have made the schema for a role that may make none.
DO $$
BEGIN
    IF to_regnamespace('backstop') IS NULL THEN
        CREATE SCHEMA backstop;
    END IF;
END
$$;
REVOKE ALL ON SCHEMA backstop FROM PUBLIC;
COMMENT ON SCHEMA backstop IS 'Journal of backstop: runs, their events, applied plans. Look at the views status and history.';

CREATE TABLE backstop.meta (
    single       boolean     PRIMARY KEY DEFAULT true CHECK (single),
    version      integer     NOT NULL,
    program      text        NOT NULL,
    installed_at timestamptz NOT NULL DEFAULT now(),
    database     uuid        NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE backstop.meta IS 'Version of this schema. A program older than the schema refuses to write.';
COMMENT ON COLUMN backstop.meta.database IS 'By what a runner that lost its connection knows this database again.';

CREATE TABLE backstop.runs (
    run           uuid        PRIMARY KEY,
    plan          text        NOT NULL,
    fingerprint   text        NOT NULL,
    program       text        NOT NULL,
    backup_schema text        NOT NULL,
    actor         text        NOT NULL,
    started_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    ending        text        CHECK (ending IN ('succeeded', 'aborted', 'restored', 'accepted'))
);
CREATE INDEX runs_plan_started_at_idx ON backstop.runs (plan, started_at DESC);
COMMENT ON TABLE backstop.runs IS
    'One row a run, derived from its events. A run without ended_at is running, or waits for a person.';

CREATE TABLE backstop.events (
    run   uuid        NOT NULL,
    seq   bigint      NOT NULL CHECK (seq > 0),
    at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text        NOT NULL,
    kind  text        NOT NULL,
    event jsonb       NOT NULL,
    PRIMARY KEY (run, seq)
);
COMMENT ON TABLE backstop.events IS 'What happened, in order. Append-only.';

CREATE FUNCTION backstop.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on backstop.% is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
REVOKE ALL ON FUNCTION backstop.refuse_change() FROM PUBLIC;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON backstop.events
    FOR EACH STATEMENT EXECUTE FUNCTION backstop.refuse_change();

CREATE TABLE backstop.owner (
    single boolean     PRIMARY KEY DEFAULT true CHECK (single),
    run    uuid        NOT NULL,
    fence  bigint      NOT NULL,
    holder text        NOT NULL,
    since  timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen   timestamptz,
    pid    integer
);
COMMENT ON TABLE backstop.owner IS
    'Which run may write. The fence rises with every takeover; a transaction that holds an older one is refused.';
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

CREATE TABLE backstop.applied (
    plan        text        PRIMARY KEY,
    fingerprint text        NOT NULL,
    run         uuid        NOT NULL REFERENCES backstop.runs,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    rendered    text        NOT NULL
);
COMMENT ON TABLE backstop.applied IS 'Plans whose changes are in this database, derived from the events.';

-- Runs and applied plans follow the events in the same statement, so that they can't disagree. An accepted run leaves its
-- plan applied where all of its steps are committed.
CREATE FUNCTION backstop.follow_event() RETURNS trigger
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
REVOKE ALL ON FUNCTION backstop.follow_event() FROM PUBLIC;

CREATE TRIGGER follow_event AFTER INSERT ON backstop.events
    FOR EACH ROW EXECUTE FUNCTION backstop.follow_event();

-- The two numbers are the halves of the key of the run lock: the bytes of "backstop".
CREATE VIEW backstop.status AS
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
COMMENT ON VIEW backstop.status IS 'Every run and where it stands, the newest first.';

CREATE VIEW backstop.history AS
SELECT r.plan, e.run, e.seq, e.at, e.actor, e.kind, e.event ->> 'step' AS step, e.event
FROM backstop.events AS e
JOIN backstop.runs AS r USING (run)
ORDER BY r.started_at, e.run, e.seq;
COMMENT ON VIEW backstop.history IS 'Every event of every run, in order.';

REVOKE ALL ON ALL TABLES IN SCHEMA backstop FROM PUBLIC;
