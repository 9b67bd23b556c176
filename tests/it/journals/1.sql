SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA backstop;
COMMENT ON SCHEMA backstop IS 'Journal of backstop: runs, their events, applied plans. Look at the views status and history.';
CREATE SCHEMA backup_pre_migration;
CREATE FUNCTION backstop.follow_event() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$ $$;
CREATE FUNCTION backstop.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$ $$;
CREATE FUNCTION backstop.refuse_write() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE backstop.applied (
    plan text NOT NULL,
    fingerprint text NOT NULL,
    run uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    rendered text NOT NULL
);
COMMENT ON TABLE backstop.applied IS 'Plans whose changes are in this database, derived from the events.';
CREATE TABLE backstop.backup_sequences (
    backup text NOT NULL,
    schema_name text NOT NULL,
    sequence_name text NOT NULL,
    last_value bigint NOT NULL,
    is_called boolean NOT NULL
);
COMMENT ON TABLE backstop.backup_sequences IS 'Where the sequences of the database stood.';
CREATE TABLE backstop.backup_tables (
    backup text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    copy_name text NOT NULL,
    row_count bigint NOT NULL,
    bytes bigint NOT NULL,
    digest text NOT NULL,
    CONSTRAINT backup_tables_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT backup_tables_row_count_check CHECK ((row_count >= 0))
);
COMMENT ON TABLE backstop.backup_tables IS 'One row a copy. Rows and digest are those of the table at the moment of the backup, and were found equal in the copy.';
CREATE TABLE backstop.backups (
    id text NOT NULL,
    schema_name text NOT NULL,
    plan text NOT NULL,
    run text,
    created_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone,
    status text NOT NULL,
    server_version integer NOT NULL,
    algorithm text NOT NULL,
    fingerprint text,
    catalog jsonb,
    CONSTRAINT backups_check CHECK (((status = 'partial'::text) OR ((completed_at IS NOT NULL) AND (fingerprint IS NOT NULL) AND (catalog IS NOT NULL)))),
    CONSTRAINT backups_status_check CHECK ((status = ANY (ARRAY['partial'::text, 'complete'::text])))
);
COMMENT ON TABLE backstop.backups IS 'One row a backup. Only a complete one is ever restored; a partial one is cleared away by the next run.';
COMMENT ON COLUMN backstop.backups.run IS 'The run that took it; none where a person did.';
COMMENT ON COLUMN backstop.backups.algorithm IS 'How the rows were digested.';
COMMENT ON COLUMN backstop.backups.catalog IS 'The structure of the whole database at the moment of the backup.';
CREATE TABLE backstop.events (
    run uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    kind text NOT NULL,
    event jsonb NOT NULL,
    CONSTRAINT events_seq_check CHECK ((seq > 0))
);
COMMENT ON TABLE backstop.events IS 'What happened, in order. Append-only.';
CREATE TABLE backstop.runs (
    run uuid NOT NULL,
    plan text NOT NULL,
    fingerprint text NOT NULL,
    program text NOT NULL,
    backup_schema text NOT NULL,
    actor text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ending text,
    CONSTRAINT runs_ending_check CHECK ((ending = ANY (ARRAY['succeeded'::text, 'aborted'::text, 'restored'::text, 'accepted'::text])))
);
COMMENT ON TABLE backstop.runs IS 'One row a run, derived from its events. A run without ended_at is running, or waits for a person.';
CREATE VIEW backstop.history AS
 SELECT r.plan,
    e.run,
    e.seq,
    e.at,
    e.actor,
    e.kind,
    (e.event ->> 'step'::text) AS step,
    e.event
   FROM (backstop.events e
     JOIN backstop.runs r USING (run))
  ORDER BY r.started_at, e.run, e.seq;
COMMENT ON VIEW backstop.history IS 'Every event of every run, in order.';
CREATE TABLE backstop.meta (
    single boolean DEFAULT true NOT NULL,
    version integer NOT NULL,
    program text NOT NULL,
    installed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT meta_single_check CHECK (single)
);
COMMENT ON TABLE backstop.meta IS 'Version of this schema. A program older than the schema refuses to write.';
CREATE TABLE backstop.owner (
    single boolean DEFAULT true NOT NULL,
    run uuid NOT NULL,
    fence bigint NOT NULL,
    holder text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT owner_single_check CHECK (single)
);
COMMENT ON TABLE backstop.owner IS 'Which run may write. The fence rises with every takeover; a transaction that holds an older one is refused.';
CREATE VIEW backstop.status AS
 SELECT r.plan,
    r.run,
    r.started_at,
    last.kind AS last_event,
    (last.event ->> 'step'::text) AS step,
    last.at AS last_at,
        CASE
            WHEN (r.ended_at IS NOT NULL) THEN r.ending
            WHEN ((o.run = r.run) AND (l.pid IS NOT NULL)) THEN 'running'::text
            ELSE 'waiting'::text
        END AS state,
    r.ended_at,
    l.pid
   FROM (((backstop.runs r
     LEFT JOIN LATERAL ( SELECT e.kind,
            e.event,
            e.at
           FROM backstop.events e
          WHERE (e.run = r.run)
          ORDER BY e.seq DESC
         LIMIT 1) last ON (true))
     LEFT JOIN backstop.owner o ON (true))
     LEFT JOIN pg_locks l ON (((l.locktype = 'advisory'::text) AND l.granted AND (l.objsubid = 1) AND (l.classid = (1650549611)::oid) AND (l.objid = (1937010544)::oid) AND (l.database = ( SELECT d.oid
           FROM pg_database d
          WHERE (d.datname = current_database()))))))
  ORDER BY r.started_at DESC;
COMMENT ON VIEW backstop.status IS 'Every run and where it stands, the newest first.';
