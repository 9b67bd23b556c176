-- The manifest of backups. Installed with the journal; never part of a backup or a restore itself.

DO $$
BEGIN
    IF to_regnamespace('backstop') IS NULL THEN
        CREATE SCHEMA backstop;
    END IF;
END
$$;
REVOKE ALL ON SCHEMA backstop FROM PUBLIC;

CREATE TABLE IF NOT EXISTS backstop.backups (
    id             text        PRIMARY KEY,
    schema_name    text        NOT NULL,
    plan           text        NOT NULL,
    run            text,
    created_at     timestamptz NOT NULL,
    completed_at   timestamptz,
    status         text        NOT NULL CHECK (status IN ('partial', 'complete')),
    server_version integer     NOT NULL,
    algorithm      text        NOT NULL,
    fingerprint    text,
    catalog        jsonb,
    CHECK (status = 'partial' OR (completed_at IS NOT NULL AND fingerprint IS NOT NULL AND catalog IS NOT NULL))
);
-- Manifests of the journal's version 1 have no such column.
ALTER TABLE backstop.backups ADD COLUMN IF NOT EXISTS moment pg_snapshot;
CREATE INDEX IF NOT EXISTS backups_plan_created_at_idx ON backstop.backups (plan, created_at DESC);
COMMENT ON TABLE backstop.backups IS
    'One row a backup. Only a complete one is ever restored; a partial one is cleared away by the next run.';
COMMENT ON COLUMN backstop.backups.run IS 'The run that took it; none where a person did.';
COMMENT ON COLUMN backstop.backups.algorithm IS 'How the rows were digested.';
COMMENT ON COLUMN backstop.backups.moment IS
    'Which transactions the copies show: what another one wrote came later. None where nobody could write meanwhile.';
COMMENT ON COLUMN backstop.backups.catalog IS 'The structure of the whole database at the moment of the backup.';

CREATE TABLE IF NOT EXISTS backstop.backup_tables (
    backup      text   NOT NULL REFERENCES backstop.backups ON DELETE CASCADE,
    schema_name text   NOT NULL,
    table_name  text   NOT NULL,
    copy_name   text   NOT NULL,
    row_count   bigint NOT NULL CHECK (row_count >= 0),
    bytes       bigint NOT NULL CHECK (bytes >= 0),
    digest      text   NOT NULL,
    PRIMARY KEY (backup, schema_name, table_name),
    UNIQUE (backup, copy_name)
);
COMMENT ON TABLE backstop.backup_tables IS
    'One row a copy. Rows and digest are those of the table at the moment of the backup, and were found equal in the copy.';

CREATE TABLE IF NOT EXISTS backstop.backup_sequences (
    backup        text    NOT NULL REFERENCES backstop.backups ON DELETE CASCADE,
    schema_name   text    NOT NULL,
    sequence_name text    NOT NULL,
    last_value    bigint  NOT NULL,
    is_called     boolean NOT NULL,
    PRIMARY KEY (backup, schema_name, sequence_name)
);
COMMENT ON TABLE backstop.backup_sequences IS 'Where the sequences of the database stood.';

CREATE TABLE IF NOT EXISTS backstop.backup_views (
    backup      text   NOT NULL REFERENCES backstop.backups ON DELETE CASCADE,
    schema_name text   NOT NULL,
    view_name   text   NOT NULL,
    row_count   bigint NOT NULL CHECK (row_count >= 0),
    digest      text   NOT NULL,
    PRIMARY KEY (backup, schema_name, view_name)
);
COMMENT ON TABLE backstop.backup_views IS
    'What the materialized views over the copied tables held. They are not copied: a restore fills them again where it must.';

-- What psql alone needs: how rows are digested, and what makes each object again.
ALTER TABLE backstop.backup_tables
    ADD COLUMN IF NOT EXISTS live_digest text,
    ADD COLUMN IF NOT EXISTS copy_digest text;
-- The path that expressions of a table or view are evaluated under, and others that may be tried; none is an empty one.
ALTER TABLE backstop.backup_tables ADD COLUMN IF NOT EXISTS search_path text;
ALTER TABLE backstop.backup_views ADD COLUMN IF NOT EXISTS search_path text;
ALTER TABLE backstop.backups ADD COLUMN IF NOT EXISTS search_paths text[];
COMMENT ON COLUMN backstop.backup_tables.search_path IS
    'The path under which the table''s checks, generated columns, indexes and the like could be evaluated; empty where they name all with schemas.';
COMMENT ON COLUMN backstop.backup_views.search_path IS 'The path under which the view could be read and filled.';
COMMENT ON COLUMN backstop.backups.search_paths IS 'Paths that may be tried for what came to a table since.';
COMMENT ON COLUMN backstop.backup_tables.live_digest IS
    'The query that digests the table: rows, and the two halves of the digest as sums modulo 2^64.';
COMMENT ON COLUMN backstop.backup_tables.copy_digest IS 'The query that digests the copy.';

-- By what captured rows of a table whose columns a step renamed are known again.
ALTER TABLE backstop.backup_tables
    ADD COLUMN IF NOT EXISTS relation oid,
    ADD COLUMN IF NOT EXISTS column_numbers smallint[],
    ADD COLUMN IF NOT EXISTS column_names text[];
COMMENT ON COLUMN backstop.backup_tables.relation IS 'The table in pg_class.';
COMMENT ON COLUMN backstop.backup_tables.column_numbers IS 'The numbers of its columns in pg_attribute; column_names has their names.';

CREATE TABLE IF NOT EXISTS backstop.backup_statements (
    backup      text    NOT NULL REFERENCES backstop.backups ON DELETE CASCADE,
    place       integer NOT NULL,
    action      text    NOT NULL CHECK (action IN ('run', 'load', 'position')),
    kind        text    NOT NULL,
    schema_name text    NOT NULL,
    part_of     text,
    object_name text    NOT NULL,
    statement   text,
    PRIMARY KEY (backup, place)
);
ALTER TABLE backstop.backup_statements ADD COLUMN IF NOT EXISTS search_path text;
COMMENT ON COLUMN backstop.backup_statements.search_path IS 'The path that the statement is run under.';
COMMENT ON TABLE backstop.backup_statements IS
    'What makes every object of the backup again, in order: those are run whose object is missing. load fills a table from its copy, position lets a sequence stand where backup_sequences says, or further.';

REVOKE ALL ON backstop.backups, backstop.backup_tables, backstop.backup_sequences, backstop.backup_views,
    backstop.backup_statements FROM PUBLIC;
