-- The journal of backstop, version 3, as it is made where there is none; upgrades/ leads older ones here. Events are facts and
-- are only ever appended; everything else can be derived from them. What follows them, and the views, have files of their own.
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
    outcome        text        CHECK (outcome IN ('succeeded', 'aborted', 'restored', 'accepted'))
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

CREATE TABLE backstop.applied (
    plan        text        PRIMARY KEY,
    fingerprint text        NOT NULL,
    run         uuid        NOT NULL REFERENCES backstop.runs,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    rendered    text        NOT NULL
);
COMMENT ON TABLE backstop.applied IS 'Plans whose changes are in this database, derived from the events.';

CREATE TABLE backstop.pauses (
    run    uuid        PRIMARY KEY REFERENCES backstop.runs,
    since  timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor  text        NOT NULL,
    reason text        NOT NULL
);
COMMENT ON TABLE backstop.pauses IS
    'Runs that a person wants to pause: their steps in batches wait before the next batch for as long as the row is there.';
