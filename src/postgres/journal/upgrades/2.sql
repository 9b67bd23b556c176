-- From version 1 to version 2: signs of life, a mark to know the database by, sessions that were ended, and pauses.

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


REVOKE ALL ON backstop.terminations FROM PUBLIC;

CREATE TABLE backstop.pauses (
    run    uuid        PRIMARY KEY REFERENCES backstop.runs,
    since  timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor  text        NOT NULL,
    reason text        NOT NULL
);
REVOKE ALL ON backstop.pauses FROM PUBLIC;
COMMENT ON TABLE backstop.pauses IS
    'Runs that a person wants to pause: their steps in batches wait before the next batch for as long as the row is there.';
