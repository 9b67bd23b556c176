-- What plans register for psql, and what was done there. Can be run again and again.

CREATE TABLE IF NOT EXISTS backstop.plans (
    plan           text        PRIMARY KEY,
    schema_name    text        NOT NULL,
    program        text        NOT NULL,
    actor          text        NOT NULL,
    registered_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    search_path    text        NOT NULL,
    sequences      text        NOT NULL,
    server_version integer     NOT NULL,
    algorithm      text        NOT NULL,
    structure      text        NOT NULL,
    catalog        jsonb       NOT NULL
);
COMMENT ON TABLE backstop.plans IS
    'Plans whose backups can be taken, validated and restored with psql, by the functions in the schema of their backups.';
COMMENT ON COLUMN backstop.plans.structure IS 'Fingerprint of the structure that the statements were made for, which is in catalog.';

CREATE TABLE IF NOT EXISTS backstop.plan_tables (
    plan             text NOT NULL REFERENCES backstop.plans ON DELETE CASCADE,
    schema_name      text NOT NULL,
    table_name       text NOT NULL,
    copied           text NOT NULL,
    live_digest      text NOT NULL,
    copy_digest_head text NOT NULL,
    copy_digest_tail text NOT NULL,
    PRIMARY KEY (plan, schema_name, table_name)
);
-- Paths that expressions are evaluated under; see backup_tables and backups.
ALTER TABLE backstop.plan_tables ADD COLUMN IF NOT EXISTS search_path text;
ALTER TABLE backstop.plans ADD COLUMN IF NOT EXISTS search_paths text[];
COMMENT ON TABLE backstop.plan_tables IS 'The plan''s targets: the query that copies each, and those that digest table and copy.';

CREATE TABLE IF NOT EXISTS backstop.plan_statements (
    plan        text    NOT NULL REFERENCES backstop.plans ON DELETE CASCADE,
    place       integer NOT NULL,
    action      text    NOT NULL CHECK (action IN ('run', 'load', 'position')),
    kind        text    NOT NULL,
    schema_name text    NOT NULL,
    part_of     text,
    object_name text    NOT NULL,
    statement   text,
    PRIMARY KEY (plan, place)
);
ALTER TABLE backstop.plan_statements ADD COLUMN IF NOT EXISTS search_path text;
COMMENT ON TABLE backstop.plan_statements IS
    'The statements of a backup that psql takes of the plan''s targets; those that load a table end where its copy''s name follows.';

CREATE TABLE IF NOT EXISTS backstop.plan_checks (
    plan     text    NOT NULL REFERENCES backstop.plans ON DELETE CASCADE,
    phase    text    NOT NULL CHECK (phase IN ('before', 'after')),
    place    integer NOT NULL,
    id       text    NOT NULL,
    severity text    NOT NULL CHECK (severity IN ('fail', 'warn', 'info')),
    hint     text,
    question jsonb   NOT NULL,
    PRIMARY KEY (plan, phase, place)
);
COMMENT ON TABLE backstop.plan_checks IS 'The plan''s checks as backstop.ask understands them.';

CREATE TABLE IF NOT EXISTS backstop.operations (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       text        NOT NULL,
    operation   text        NOT NULL,
    schema_name text        NOT NULL,
    plan        text,
    backup      text,
    outcome     text        NOT NULL,
    details     text,
    changes     jsonb,
    transaction text        NOT NULL DEFAULT pg_catalog.pg_current_xact_id()::text
);
CREATE INDEX IF NOT EXISTS operations_at_idx ON backstop.operations (at);
COMMENT ON TABLE backstop.operations IS
    'What was done with the functions of the backup schemas. What was rolled back is only in the server''s log.';
COMMENT ON COLUMN backstop.operations.changes IS 'The objects that a migration changed: a restore to before it takes them back.';

CREATE TABLE IF NOT EXISTS backstop.psql_schemas (
    schema_name  text        PRIMARY KEY,
    version      text        NOT NULL,
    execute_role text,
    admin_role   text,
    installed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE backstop.psql_schemas IS 'Schemas of backups that have the functions, who may call them, and a digest of their text.';

REVOKE ALL ON backstop.psql_schemas, backstop.plans, backstop.plan_tables, backstop.plan_statements, backstop.plan_checks, backstop.operations FROM PUBLIC;
