CREATE TABLE IF NOT EXISTS backstop.warnings (
    id      bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    run     uuid        NOT NULL REFERENCES backstop.runs,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor   text        NOT NULL,
    code    text        NOT NULL,
    message text        NOT NULL,
    detail  text
);
COMMENT ON TABLE backstop.warnings IS
    'What went wrong beside a run and did not change how it went on: what could not be cleared away, and the like.';
REVOKE ALL ON backstop.warnings FROM PUBLIC;
