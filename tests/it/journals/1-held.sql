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
    AS $$
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
        -- A run that brings a backup back takes all plans back that were applied since.
        DELETE FROM backstop.applied AS a
         WHERE a.run = NEW.run
            OR a.at > (SELECT b.created_at
                         FROM backstop.events AS first JOIN backstop.backups AS b ON b.id = first.event #>> '{restores,backup}'
                        WHERE first.run = NEW.run AND first.seq = 1);
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION backstop.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on backstop.% is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE FUNCTION backstop.refuse_write() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF current_setting('backstop.run', true) IS DISTINCT FROM TG_ARGV[0] THEN
        RAISE EXCEPTION 'table %.% is frozen: % is refused while backstop applies plan %',
                        quote_ident(TG_TABLE_SCHEMA), quote_ident(TG_TABLE_NAME), TG_OP, TG_ARGV[1]
            USING ERRCODE = 'BSW01',
                  DETAIL = format('Run %s has taken a backup of this table, and a write now could be lost if it is restored.',
                                  TG_ARGV[0]),
                  HINT = 'Try again when the run has ended; the view backstop.status shows where it stands.',
                  SCHEMA = TG_TABLE_SCHEMA,
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
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
CREATE TABLE backup_pre_migration.items_2026_11_22_15_12_14 (
    id integer,
    name text
);
CREATE TABLE backup_pre_migration.items_2026_11_22_15_12_15 (
    id integer,
    name text,
    note text
);
CREATE TABLE backup_pre_migration.items_2026_11_22_15_12_16 (
    id integer,
    name text,
    note text
);
CREATE TABLE backup_pre_migration.items_2026_11_22_15_12_20 (
    id integer,
    name text,
    note text
);
CREATE TABLE public.items (
    id integer NOT NULL,
    name text,
    note text
);
INSERT INTO backstop.applied VALUES ('first', 'e9b54967792d5ae201fbbe7483da2ae0df5e7c8992565b7621051cf9441fba31', '01a203d0-a02c-76e0-9613-530ff15185e9', '2026-11-22 15:12:14.514245+00', 'name: first
repeat: never
transaction: step
session:
  lock_timeout: 300ms
  statement_timeout: 30min
  idle_in_transaction_session_timeout: 10min
  search_path:
  - public
backup:
  schema: backup_pre_migration
  keep: 3
  writers: block
  sequences: forward
  targets:
  - tables:
    - public.items
checks:
  after:
  - id: count
    sql: SELECT count(*) FROM items
    expect:
      number:
        at_least: 1
steps:
- id: note
  sql: ALTER TABLE items ADD COLUMN note text
rollback:
  on_failure: restore
  on_interrupt: hold
');
INSERT INTO backstop.backup_tables VALUES ('2026_11_22_15_12_14', 'public', 'items', 'items_2026_11_22_15_12_14', 5, 16384, '62594f27f410b342dee9b372e0979dca');
INSERT INTO backstop.backup_tables VALUES ('2026_11_22_15_12_15', 'public', 'items', 'items_2026_11_22_15_12_15', 5, 16384, 'a58ab2b0c958405ce27d4504dc30050f');
INSERT INTO backstop.backup_tables VALUES ('2026_11_22_15_12_16', 'public', 'items', 'items_2026_11_22_15_12_16', 5, 16384, 'a58ab2b0c958405ce27d4504dc30050f');
INSERT INTO backstop.backup_tables VALUES ('2026_11_22_15_12_20', 'public', 'items', 'items_2026_11_22_15_12_20', 5, 16384, '264f5ed79243119bd0831e5fb81d7f50');
INSERT INTO backstop.backups VALUES ('2026_11_22_15_12_14', 'backup_pre_migration', 'first', '01a203d0-a02c-76e0-9613-530ff15185e9', '2026-11-22 15:12:14.140504+00', '2026-11-22 15:12:14.266458+00', 'complete', 150018, 'record/1', 'a38450772568676dd5c910f376f0fc3c0c8f417f1a204bac42276d67c34b4102', '{"objects": [[{"of": null, "kind": "schema", "name": "public", "schema": "public"}, {"owner": "pg_database_owner", "grants": [{"grantee": "pg_database_owner", "grantor": "pg_database_owner", "grantable": false, "privilege": "USAGE"}, {"grantee": "pg_database_owner", "grantor": "pg_database_owner", "grantable": false, "privilege": "CREATE"}, {"grantee": null, "grantor": "pg_database_owner", "grantable": false, "privilege": "USAGE"}], "comment": "standard public schema", "definition": "schema", "depends_on": []}], [{"of": null, "kind": "table", "name": "items", "schema": "public"}, {"owner": "postgres", "grants": [{"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "INSERT"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "SELECT"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "UPDATE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "DELETE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "TRUNCATE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "REFERENCES"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "TRIGGER"}], "comment": null, "definition": {"table": {"columns": [{"name": "id", "facts": {"column": "id", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": {"name": null, "comment": null, "validated": true, "no_inherit": false}, "collation": null, "data_type": "integer", "generated": null, "statistics": null, "compression": null, "default_needs": []}, {"name": "name", "facts": {"column": "name", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": null, "collation": null, "data_type": "text", "generated": null, "statistics": null, "compression": null, "default_needs": []}], "options": [], "unlogged": false, "tablespace": null, "unloadable": [], "unmodelled": [], "row_security": false, "access_method": null, "replica_identity": "d", "force_row_security": false}}, "depends_on": [{"of": null, "kind": "schema", "name": "public", "schema": "public"}]}], [{"of": "items", "kind": "constraint", "name": "items_pkey", "schema": "public"}, {"owner": null, "grants": [], "comment": null, "definition": {"constraint": {"index": {"comment": null, "options": [], "tablespace": null}, "contype": "p", "clustered": false, "validated": true, "definition": "PRIMARY KEY (id)", "replica_identity": false}}, "depends_on": [{"of": null, "kind": "table", "name": "items", "schema": "public"}]}], [{"of": null, "kind": "other", "name": "settings and privileges", "schema": "database"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "284767ee5f6e82d4599025562a1d4a24"}}, "depends_on": []}], [{"of": null, "kind": "other", "name": "plpgsql", "schema": "extension"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "45c4ac87df4aba4d3d554fd7eaa9fab1"}}, "depends_on": []}], [{"of": null, "kind": "other", "name": "privileges", "schema": "system objects"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "e45a07d178890d004a9d32682e2d6fab"}}, "depends_on": []}]], "server_version": 150018, "default_grantees": []}');
INSERT INTO backstop.backups VALUES ('2026_11_22_15_12_15', 'backup_pre_migration', 'fails', '01a203d0-a2d0-73fd-a78c-d5f8d632dee2', '2026-11-22 15:12:15.69557+00', '2026-11-22 15:12:14.743742+00', 'complete', 150018, 'record/1', 'c8f4c9c0d239fe6b2e8d56af923996dccabaddaefde2b34090c4be6507259ada', '{"objects": [[{"of": null, "kind": "schema", "name": "public", "schema": "public"}, {"owner": "pg_database_owner", "grants": [{"grantee": "pg_database_owner", "grantor": "pg_database_owner", "grantable": false, "privilege": "USAGE"}, {"grantee": "pg_database_owner", "grantor": "pg_database_owner", "grantable": false, "privilege": "CREATE"}, {"grantee": null, "grantor": "pg_database_owner", "grantable": false, "privilege": "USAGE"}], "comment": "standard public schema", "definition": "schema", "depends_on": []}], [{"of": null, "kind": "table", "name": "items", "schema": "public"}, {"owner": "postgres", "grants": [{"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "INSERT"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "SELECT"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "UPDATE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "DELETE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "TRUNCATE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "REFERENCES"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "TRIGGER"}], "comment": null, "definition": {"table": {"columns": [{"name": "id", "facts": {"column": "id", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": {"name": null, "comment": null, "validated": true, "no_inherit": false}, "collation": null, "data_type": "integer", "generated": null, "statistics": null, "compression": null, "default_needs": []}, {"name": "name", "facts": {"column": "name", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": null, "collation": null, "data_type": "text", "generated": null, "statistics": null, "compression": null, "default_needs": []}, {"name": "note", "facts": {"column": "note", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": null, "collation": null, "data_type": "text", "generated": null, "statistics": null, "compression": null, "default_needs": []}], "options": [], "unlogged": false, "tablespace": null, "unloadable": [], "unmodelled": [], "row_security": false, "access_method": null, "replica_identity": "d", "force_row_security": false}}, "depends_on": [{"of": null, "kind": "schema", "name": "public", "schema": "public"}]}], [{"of": "items", "kind": "constraint", "name": "items_pkey", "schema": "public"}, {"owner": null, "grants": [], "comment": null, "definition": {"constraint": {"index": {"comment": null, "options": [], "tablespace": null}, "contype": "p", "clustered": false, "validated": true, "definition": "PRIMARY KEY (id)", "replica_identity": false}}, "depends_on": [{"of": null, "kind": "table", "name": "items", "schema": "public"}]}], [{"of": null, "kind": "other", "name": "settings and privileges", "schema": "database"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "284767ee5f6e82d4599025562a1d4a24"}}, "depends_on": []}], [{"of": null, "kind": "other", "name": "plpgsql", "schema": "extension"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "45c4ac87df4aba4d3d554fd7eaa9fab1"}}, "depends_on": []}], [{"of": null, "kind": "other", "name": "privileges", "schema": "system objects"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "e45a07d178890d004a9d32682e2d6fab"}}, "depends_on": []}]], "server_version": 150018, "default_grantees": []}');
INSERT INTO backstop.backups VALUES ('2026_11_22_15_12_16', 'backup_pre_migration', 'accepted', '01a203d0-a53d-70e4-b37d-6ab2e28a106f', '2026-11-22 15:12:16.410469+00', '2026-11-22 15:12:15.518898+00', 'complete', 150018, 'record/1', 'c8f4c9c0d239fe6b2e8d56af923996dccabaddaefde2b34090c4be6507259ada', '{"objects": [[{"of": null, "kind": "schema", "name": "public", "schema": "public"}, {"owner": "pg_database_owner", "grants": [{"grantee": "pg_database_owner", "grantor": "pg_database_owner", "grantable": false, "privilege": "USAGE"}, {"grantee": "pg_database_owner", "grantor": "pg_database_owner", "grantable": false, "privilege": "CREATE"}, {"grantee": null, "grantor": "pg_database_owner", "grantable": false, "privilege": "USAGE"}], "comment": "standard public schema", "definition": "schema", "depends_on": []}], [{"of": null, "kind": "table", "name": "items", "schema": "public"}, {"owner": "postgres", "grants": [{"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "INSERT"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "SELECT"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "UPDATE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "DELETE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "TRUNCATE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "REFERENCES"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "TRIGGER"}], "comment": null, "definition": {"table": {"columns": [{"name": "id", "facts": {"column": "id", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": {"name": null, "comment": null, "validated": true, "no_inherit": false}, "collation": null, "data_type": "integer", "generated": null, "statistics": null, "compression": null, "default_needs": []}, {"name": "name", "facts": {"column": "name", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": null, "collation": null, "data_type": "text", "generated": null, "statistics": null, "compression": null, "default_needs": []}, {"name": "note", "facts": {"column": "note", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": null, "collation": null, "data_type": "text", "generated": null, "statistics": null, "compression": null, "default_needs": []}], "options": [], "unlogged": false, "tablespace": null, "unloadable": [], "unmodelled": [], "row_security": false, "access_method": null, "replica_identity": "d", "force_row_security": false}}, "depends_on": [{"of": null, "kind": "schema", "name": "public", "schema": "public"}]}], [{"of": "items", "kind": "constraint", "name": "items_pkey", "schema": "public"}, {"owner": null, "grants": [], "comment": null, "definition": {"constraint": {"index": {"comment": null, "options": [], "tablespace": null}, "contype": "p", "clustered": false, "validated": true, "definition": "PRIMARY KEY (id)", "replica_identity": false}}, "depends_on": [{"of": null, "kind": "table", "name": "items", "schema": "public"}]}], [{"of": null, "kind": "other", "name": "settings and privileges", "schema": "database"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "284767ee5f6e82d4599025562a1d4a24"}}, "depends_on": []}], [{"of": null, "kind": "other", "name": "plpgsql", "schema": "extension"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "45c4ac87df4aba4d3d554fd7eaa9fab1"}}, "depends_on": []}], [{"of": null, "kind": "other", "name": "privileges", "schema": "system objects"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "e45a07d178890d004a9d32682e2d6fab"}}, "depends_on": []}]], "server_version": 150018, "default_grantees": []}');
INSERT INTO backstop.backups VALUES ('2026_11_22_15_12_20', 'backup_pre_migration', 'held', '01a203d0-b87a-721b-adbf-de1f8389d001', '2026-11-22 15:12:20.195489+00', '2026-11-22 15:12:20.312891+00', 'complete', 150018, 'record/1', 'c8f4c9c0d239fe6b2e8d56af923996dccabaddaefde2b34090c4be6507259ada', '{"objects": [[{"of": null, "kind": "schema", "name": "public", "schema": "public"}, {"owner": "pg_database_owner", "grants": [{"grantee": "pg_database_owner", "grantor": "pg_database_owner", "grantable": false, "privilege": "USAGE"}, {"grantee": "pg_database_owner", "grantor": "pg_database_owner", "grantable": false, "privilege": "CREATE"}, {"grantee": null, "grantor": "pg_database_owner", "grantable": false, "privilege": "USAGE"}], "comment": "standard public schema", "definition": "schema", "depends_on": []}], [{"of": null, "kind": "table", "name": "items", "schema": "public"}, {"owner": "postgres", "grants": [{"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "INSERT"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "SELECT"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "UPDATE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "DELETE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "TRUNCATE"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "REFERENCES"}, {"grantee": "postgres", "grantor": "postgres", "grantable": false, "privilege": "TRIGGER"}], "comment": null, "definition": {"table": {"columns": [{"name": "id", "facts": {"column": "id", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": {"name": null, "comment": null, "validated": true, "no_inherit": false}, "collation": null, "data_type": "integer", "generated": null, "statistics": null, "compression": null, "default_needs": []}, {"name": "name", "facts": {"column": "name", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": null, "collation": null, "data_type": "text", "generated": null, "statistics": null, "compression": null, "default_needs": []}, {"name": "note", "facts": {"column": "note", "grants": [], "comment": null}, "builtin": true, "default": null, "options": [], "storage": null, "identity": null, "not_null": null, "collation": null, "data_type": "text", "generated": null, "statistics": null, "compression": null, "default_needs": []}], "options": [], "unlogged": false, "tablespace": null, "unloadable": [], "unmodelled": [], "row_security": false, "access_method": null, "replica_identity": "d", "force_row_security": false}}, "depends_on": [{"of": null, "kind": "schema", "name": "public", "schema": "public"}]}], [{"of": "items", "kind": "constraint", "name": "items_pkey", "schema": "public"}, {"owner": null, "grants": [], "comment": null, "definition": {"constraint": {"index": {"comment": null, "options": [], "tablespace": null}, "contype": "p", "clustered": false, "validated": true, "definition": "PRIMARY KEY (id)", "replica_identity": false}}, "depends_on": [{"of": null, "kind": "table", "name": "items", "schema": "public"}]}], [{"of": null, "kind": "other", "name": "settings and privileges", "schema": "database"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "284767ee5f6e82d4599025562a1d4a24"}}, "depends_on": []}], [{"of": null, "kind": "other", "name": "plpgsql", "schema": "extension"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "45c4ac87df4aba4d3d554fd7eaa9fab1"}}, "depends_on": []}], [{"of": null, "kind": "other", "name": "privileges", "schema": "system objects"}, {"owner": null, "grants": [], "comment": null, "definition": {"other": {"fingerprint": "e45a07d178890d004a9d32682e2d6fab"}}, "depends_on": []}]], "server_version": 150018, "default_grantees": []}');
INSERT INTO backstop.events VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 1, '2026-11-22 15:12:14.015298+00', 'postgres with backstop 0.1.0', 'run_started', '{"run": "01a203d0-a02c-76e0-9613-530ff15185e9", "kind": "run_started", "plan": "first", "outline": {"steps": [{"id": "note", "digest": "04b6cae20320242a1854b3aaee9dff93b67377c45f7c87c59fb734168bb8789d", "backoff": {"secs": 1, "nanos": 0}, "attempts": 3, "has_undo": false, "transactional": true}], "rollback": {"on_failure": "restore", "on_interrupt": "hold"}, "transaction": "step"}, "program": "0.1.0", "rendered": "name: first\nrepeat: never\ntransaction: step\nsession:\n  lock_timeout: 300ms\n  statement_timeout: 30min\n  idle_in_transaction_session_timeout: 10min\n  search_path:\n  - public\nbackup:\n  schema: backup_pre_migration\n  keep: 3\n  writers: block\n  sequences: forward\n  targets:\n  - tables:\n    - public.items\nchecks:\n  after:\n  - id: count\n    sql: SELECT count(*) FROM items\n    expect:\n      number:\n        at_least: 1\nsteps:\n- id: note\n  sql: ALTER TABLE items ADD COLUMN note text\nrollback:\n  on_failure: restore\n  on_interrupt: hold\n", "sequences": "forward", "fingerprint": "e9b54967792d5ae201fbbe7483da2ae0df5e7c8992565b7621051cf9441fba31", "backup_schema": "backup_pre_migration"}');
INSERT INTO backstop.events VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 2, '2026-11-22 15:12:14.11257+00', 'postgres with backstop 0.1.0', 'preflight_passed', '{"kind": "preflight_passed", "bytes": 16384, "targets": ["public.items"], "warnings": [], "server_version": 150018}');
INSERT INTO backstop.events VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 3, '2026-11-22 15:12:14.118393+00', 'postgres with backstop 0.1.0', 'before_checks_passed', '{"kind": "before_checks_passed", "results": []}');
INSERT INTO backstop.events VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 4, '2026-11-22 15:12:14.119618+00', 'postgres with backstop 0.1.0', 'backup_started', '{"kind": "backup_started"}');
INSERT INTO backstop.events VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 5, '2026-11-22 15:12:14.268237+00', 'postgres with backstop 0.1.0', 'backup_completed', '{"kind": "backup_completed", "backup": "2026_11_22_15_12_14", "tables": [{"copy": "items_2026_11_22_15_12_14", "rows": 5, "bytes": 16384, "table": "public.items", "digest": "62594f27f410b342dee9b372e0979dca"}], "catalog": "a38450772568676dd5c910f376f0fc3c0c8f417f1a204bac42276d67c34b4102"}');
INSERT INTO backstop.events VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 6, '2026-11-22 15:12:14.271601+00', 'postgres with backstop 0.1.0', 'step_started', '{"kind": "step_started", "step": "note", "index": 0, "attempt": 1}');
INSERT INTO backstop.events VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 7, '2026-11-22 15:12:14.474145+00', 'postgres with backstop 0.1.0', 'step_committed', '{"kind": "step_committed", "rows": [], "step": "note", "index": 0, "checks": [], "changes": [{"how": "changed", "what": ["added column note text"], "object": {"of": null, "kind": "table", "name": "items", "schema": "public"}}], "written": []}');
INSERT INTO backstop.events VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 8, '2026-11-22 15:12:14.494554+00', 'postgres with backstop 0.1.0', 'after_checks_passed', '{"kind": "after_checks_passed", "results": [{"id": "count", "hint": null, "count": 5, "phase": "after", "answer": null, "sample": null, "message": "the answer is 5", "outcome": "pass", "severity": "fail"}]}');
INSERT INTO backstop.events VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 9, '2026-11-22 15:12:14.514245+00', 'postgres with backstop 0.1.0', 'run_succeeded', '{"kind": "run_succeeded"}');
INSERT INTO backstop.events VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 1, '2026-11-22 15:12:14.619417+00', 'postgres with backstop 0.1.0', 'run_started', '{"run": "01a203d0-a2d0-73fd-a78c-d5f8d632dee2", "kind": "run_started", "plan": "fails", "outline": {"steps": [{"id": "fails", "digest": "4a1ce090aac24c23675907375476445e2062e3be7db1e1ce134410f06f235f70", "backoff": {"secs": 1, "nanos": 0}, "attempts": 3, "has_undo": false, "transactional": true}], "rollback": {"on_failure": "restore", "on_interrupt": "hold"}, "transaction": "step"}, "program": "0.1.0", "rendered": "name: fails\nrepeat: never\ntransaction: step\nsession:\n  lock_timeout: 300ms\n  statement_timeout: 30min\n  idle_in_transaction_session_timeout: 10min\n  search_path:\n  - public\nbackup:\n  schema: backup_pre_migration\n  keep: 3\n  writers: block\n  sequences: forward\n  targets:\n  - tables:\n    - public.items\nchecks:\n  after:\n  - id: count\n    sql: SELECT count(*) FROM items\n    expect:\n      number:\n        at_least: 1\nsteps:\n- id: fails\n  sql: SELECT 1/0\nrollback:\n  on_failure: restore\n  on_interrupt: hold\n", "sequences": "forward", "fingerprint": "1147ec6a4fd2e4d5856bc7467a3905302325105fc48903ca0ff3b64601a2c385", "backup_schema": "backup_pre_migration"}');
INSERT INTO backstop.events VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 2, '2026-11-22 15:12:14.680609+00', 'postgres with backstop 0.1.0', 'preflight_passed', '{"kind": "preflight_passed", "bytes": 16384, "targets": ["public.items"], "warnings": [], "server_version": 150018}');
INSERT INTO backstop.events VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 3, '2026-11-22 15:12:14.684083+00', 'postgres with backstop 0.1.0', 'before_checks_passed', '{"kind": "before_checks_passed", "results": []}');
INSERT INTO backstop.events VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 4, '2026-11-22 15:12:14.689572+00', 'postgres with backstop 0.1.0', 'backup_started', '{"kind": "backup_started"}');
INSERT INTO backstop.events VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 5, '2026-11-22 15:12:14.744434+00', 'postgres with backstop 0.1.0', 'backup_completed', '{"kind": "backup_completed", "backup": "2026_11_22_15_12_15", "tables": [{"copy": "items_2026_11_22_15_12_15", "rows": 5, "bytes": 16384, "table": "public.items", "digest": "a58ab2b0c958405ce27d4504dc30050f"}], "catalog": "c8f4c9c0d239fe6b2e8d56af923996dccabaddaefde2b34090c4be6507259ada"}');
INSERT INTO backstop.events VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 6, '2026-11-22 15:12:14.746541+00', 'postgres with backstop 0.1.0', 'step_started', '{"kind": "step_started", "step": "fails", "index": 0, "attempt": 1}');
INSERT INTO backstop.events VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 7, '2026-11-22 15:12:14.809825+00', 'postgres with backstop 0.1.0', 'step_failed', '{"kind": "step_failed", "step": "fails", "index": 0, "checks": [], "attempt": 1, "failure": {"code": "backstop::run::statement_failed", "hint": null, "class": "permanent", "detail": "line 1, column 1:\nSELECT 1/0\n^", "message": "division by zero", "sqlstate": "22012"}}');
INSERT INTO backstop.events VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 8, '2026-11-22 15:12:14.810752+00', 'postgres with backstop 0.1.0', 'restore_started', '{"kind": "restore_started", "attempt": 1}');
INSERT INTO backstop.events VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 9, '2026-11-22 15:12:14.964014+00', 'postgres with backstop 0.1.0', 'restore_completed', '{"kind": "restore_completed", "backup": "2026_11_22_15_12_15", "restored": {"proven": 1, "dropped": [], "reloaded": [], "recreated": 0, "respelled": [], "untouched": ["public.items"]}}');
INSERT INTO backstop.events VALUES ('01a203d0-a48c-727c-8b5c-b1d17a8eb730', 1, '2026-11-22 15:12:15.037792+00', 'postgres with backstop 0.1.0', 'run_started', '{"run": "01a203d0-a48c-727c-8b5c-b1d17a8eb730", "kind": "run_started", "plan": "aborts", "outline": {"steps": [{"id": "x", "digest": "8e6d5beaae7b4cf19ad6a6640b332ab181b293577fb84ed8e29bb4d4f9e9f8c5", "backoff": {"secs": 1, "nanos": 0}, "attempts": 3, "has_undo": false, "transactional": true}], "rollback": {"on_failure": "restore", "on_interrupt": "hold"}, "transaction": "step"}, "program": "0.1.0", "rendered": "name: aborts\nrepeat: never\ntransaction: step\nsession:\n  lock_timeout: 300ms\n  statement_timeout: 30min\n  idle_in_transaction_session_timeout: 10min\n  search_path:\n  - public\nbackup:\n  schema: backup_pre_migration\n  keep: 3\n  writers: block\n  sequences: forward\n  targets:\n  - tables:\n    - public.missing\nchecks:\n  after:\n  - id: count\n    sql: SELECT count(*) FROM items\n    expect:\n      number:\n        at_least: 1\nsteps:\n- id: x\n  sql: ALTER TABLE nowhere ADD x int\nrollback:\n  on_failure: restore\n  on_interrupt: hold\n", "sequences": "forward", "fingerprint": "ec53ebf823cbd91a45bcce16c47a5258841b3c39953db804bcf72651588eb2b3", "backup_schema": "backup_pre_migration"}');
INSERT INTO backstop.events VALUES ('01a203d0-a48c-727c-8b5c-b1d17a8eb730', 2, '2026-11-22 15:12:15.136867+00', 'postgres with backstop 0.1.0', 'preflight_failed', '{"kind": "preflight_failed", "failures": [{"code": "backstop::preflight::unknown_table", "hint": "Write public.items, if that was meant.", "class": "permanent", "detail": null, "message": "target: table public.missing does not exist; did you mean public.items?", "sqlstate": null}]}');
INSERT INTO backstop.events VALUES ('01a203d0-a48c-727c-8b5c-b1d17a8eb730', 3, '2026-11-22 15:12:15.151156+00', 'postgres with backstop 0.1.0', 'run_aborted', '{"kind": "run_aborted", "cause": {"preflight": [{"code": "backstop::preflight::unknown_table", "hint": "Write public.items, if that was meant.", "class": "permanent", "detail": null, "message": "target: table public.missing does not exist; did you mean public.items?", "sqlstate": null}]}}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 1, '2026-11-22 15:12:15.218031+00', 'postgres with backstop 0.1.0', 'run_started', '{"run": "01a203d0-a53d-70e4-b37d-6ab2e28a106f", "kind": "run_started", "plan": "accepted", "outline": {"steps": [{"id": "done", "digest": "6420bef58d78ec3661f3c85df17f5d5c3674c33195383840544f72b88fedbe31", "backoff": {"secs": 1, "nanos": 0}, "attempts": 3, "has_undo": false, "transactional": true}, {"id": "fails", "digest": "4a1ce090aac24c23675907375476445e2062e3be7db1e1ce134410f06f235f70", "backoff": {"secs": 1, "nanos": 0}, "attempts": 3, "has_undo": false, "transactional": true}], "rollback": {"on_failure": "hold", "on_interrupt": "hold"}, "transaction": "step"}, "program": "0.1.0", "rendered": "name: accepted\nrepeat: never\ntransaction: step\nsession:\n  lock_timeout: 300ms\n  statement_timeout: 30min\n  idle_in_transaction_session_timeout: 10min\n  search_path:\n  - public\nbackup:\n  schema: backup_pre_migration\n  keep: 3\n  writers: block\n  sequences: forward\n  targets:\n  - tables:\n    - public.items\nchecks:\n  after:\n  - id: count\n    sql: SELECT count(*) FROM items\n    expect:\n      number:\n        at_least: 1\nsteps:\n- id: done\n  sql: UPDATE items SET note = name\n- id: fails\n  sql: SELECT 1/0\nrollback:\n  on_failure: hold\n  on_interrupt: hold\n", "sequences": "forward", "fingerprint": "642992d3c98a9580b7a897688d2e7336f6ed0237fbe765e6596ea1ac2b6ad463", "backup_schema": "backup_pre_migration"}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 2, '2026-11-22 15:12:15.387809+00', 'postgres with backstop 0.1.0', 'preflight_passed', '{"kind": "preflight_passed", "bytes": 16384, "targets": ["public.items"], "warnings": [], "server_version": 150018}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 3, '2026-11-22 15:12:15.394059+00', 'postgres with backstop 0.1.0', 'before_checks_passed', '{"kind": "before_checks_passed", "results": []}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 4, '2026-11-22 15:12:15.394853+00', 'postgres with backstop 0.1.0', 'backup_started', '{"kind": "backup_started"}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 5, '2026-11-22 15:12:15.519786+00', 'postgres with backstop 0.1.0', 'backup_completed', '{"kind": "backup_completed", "backup": "2026_11_22_15_12_16", "tables": [{"copy": "items_2026_11_22_15_12_16", "rows": 5, "bytes": 16384, "table": "public.items", "digest": "a58ab2b0c958405ce27d4504dc30050f"}], "catalog": "c8f4c9c0d239fe6b2e8d56af923996dccabaddaefde2b34090c4be6507259ada"}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 6, '2026-11-22 15:12:15.523205+00', 'postgres with backstop 0.1.0', 'step_started', '{"kind": "step_started", "step": "done", "index": 0, "attempt": 1}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 7, '2026-11-22 15:12:15.678701+00', 'postgres with backstop 0.1.0', 'step_committed', '{"kind": "step_committed", "rows": [5], "step": "done", "index": 0, "checks": [], "changes": [], "written": [["public.items", 5]]}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 8, '2026-11-22 15:12:15.68226+00', 'postgres with backstop 0.1.0', 'step_started', '{"kind": "step_started", "step": "fails", "index": 1, "attempt": 1}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 9, '2026-11-22 15:12:15.723486+00', 'postgres with backstop 0.1.0', 'step_failed', '{"kind": "step_failed", "step": "fails", "index": 1, "checks": [], "attempt": 1, "failure": {"code": "backstop::run::statement_failed", "hint": null, "class": "permanent", "detail": "line 1, column 1:\nSELECT 1/0\n^", "message": "division by zero", "sqlstate": "22012"}}');
INSERT INTO backstop.events VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 10, '2026-11-22 15:12:15.827535+00', 'postgres with backstop 0.1.0', 'run_accepted', '{"kind": "run_accepted", "reason": "good enough"}');
INSERT INTO backstop.events VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 1, '2026-11-22 15:12:20.127845+00', 'postgres with backstop 0.1.0', 'run_started', '{"run": "01a203d0-b87a-721b-adbf-de1f8389d001", "kind": "run_started", "plan": "held", "outline": {"steps": [{"id": "done", "digest": "9e48f232db2323d18f5e4b4552a8c3095f3b8c8ee4b4baa300593e40700d4cbb", "backoff": {"secs": 1, "nanos": 0}, "attempts": 3, "has_undo": false, "transactional": true}, {"id": "fails", "digest": "3519b27ea34ecdfe8cab67b539cd176a85747a2decea770b0f379078a2a2eb06", "backoff": {"secs": 1, "nanos": 0}, "attempts": 3, "has_undo": false, "transactional": true}], "rollback": {"on_failure": "hold", "on_interrupt": "hold"}, "transaction": "step"}, "program": "0.1.0", "rendered": "name: held\nrepeat: never\ntransaction: step\nsession:\n  lock_timeout: 300ms\n  statement_timeout: 30min\n  idle_in_transaction_session_timeout: 10min\n  search_path:\n  - public\nbackup:\n  schema: backup_pre_migration\n  keep: 3\n  writers: block\n  sequences: forward\n  targets:\n  - tables:\n    - public.items\nchecks:\n  after:\n  - id: count\n    sql: SELECT count(*) FROM items\n    expect:\n      number:\n        at_least: 1\nsteps:\n- id: done\n  sql: UPDATE items SET name = upper(name)\n- id: fails\n  sql: SELECT 1/(count(*) - 5) FROM items\nrollback:\n  on_failure: hold\n  on_interrupt: hold\n", "sequences": "forward", "fingerprint": "06e18009f99759e5f6465c011068dea36d77cb2e77ed22b2df05cb890eed97ec", "backup_schema": "backup_pre_migration"}');
INSERT INTO backstop.events VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 2, '2026-11-22 15:12:20.184889+00', 'postgres with backstop 0.1.0', 'preflight_passed', '{"kind": "preflight_passed", "bytes": 16384, "targets": ["public.items"], "warnings": [], "server_version": 150018}');
INSERT INTO backstop.events VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 3, '2026-11-22 15:12:20.186618+00', 'postgres with backstop 0.1.0', 'before_checks_passed', '{"kind": "before_checks_passed", "results": []}');
INSERT INTO backstop.events VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 4, '2026-11-22 15:12:20.187291+00', 'postgres with backstop 0.1.0', 'backup_started', '{"kind": "backup_started"}');
INSERT INTO backstop.events VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 5, '2026-11-22 15:12:20.321781+00', 'postgres with backstop 0.1.0', 'backup_completed', '{"kind": "backup_completed", "backup": "2026_11_22_15_12_20", "tables": [{"copy": "items_2026_11_22_15_12_20", "rows": 5, "bytes": 16384, "table": "public.items", "digest": "264f5ed79243119bd0831e5fb81d7f50"}], "catalog": "c8f4c9c0d239fe6b2e8d56af923996dccabaddaefde2b34090c4be6507259ada"}');
INSERT INTO backstop.events VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 6, '2026-11-22 15:12:20.325939+00', 'postgres with backstop 0.1.0', 'step_started', '{"kind": "step_started", "step": "done", "index": 0, "attempt": 1}');
INSERT INTO backstop.events VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 7, '2026-11-22 15:12:20.490716+00', 'postgres with backstop 0.1.0', 'step_committed', '{"kind": "step_committed", "rows": [5], "step": "done", "index": 0, "checks": [], "changes": [], "written": [["public.items", 5]]}');
INSERT INTO backstop.events VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 8, '2026-11-22 15:12:20.492368+00', 'postgres with backstop 0.1.0', 'step_started', '{"kind": "step_started", "step": "fails", "index": 1, "attempt": 1}');
INSERT INTO backstop.events VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 9, '2026-11-22 15:12:20.52337+00', 'postgres with backstop 0.1.0', 'step_failed', '{"kind": "step_failed", "step": "fails", "index": 1, "checks": [], "attempt": 1, "failure": {"code": "backstop::run::statement_failed", "hint": null, "class": "permanent", "detail": "line 1, column 1:\nSELECT 1/(count(*) - 5) FROM items\n^", "message": "division by zero", "sqlstate": "22012"}}');
INSERT INTO backstop.meta VALUES (true, 1, '0.1.0', '2026-11-22 15:12:13.939308+00');
INSERT INTO backstop.owner VALUES (true, '01a203d0-b87a-721b-adbf-de1f8389d001', 6, 'backstop held', '2026-11-22 15:12:20.122795+00');
INSERT INTO backstop.runs VALUES ('01a203d0-a02c-76e0-9613-530ff15185e9', 'first', 'e9b54967792d5ae201fbbe7483da2ae0df5e7c8992565b7621051cf9441fba31', '0.1.0', 'backup_pre_migration', 'postgres with backstop 0.1.0', '2026-11-22 15:12:14.015298+00', '2026-11-22 15:12:14.514245+00', 'succeeded');
INSERT INTO backstop.runs VALUES ('01a203d0-a2d0-73fd-a78c-d5f8d632dee2', 'fails', '1147ec6a4fd2e4d5856bc7467a3905302325105fc48903ca0ff3b64601a2c385', '0.1.0', 'backup_pre_migration', 'postgres with backstop 0.1.0', '2026-11-22 15:12:14.619417+00', '2026-11-22 15:12:14.964014+00', 'restored');
INSERT INTO backstop.runs VALUES ('01a203d0-a48c-727c-8b5c-b1d17a8eb730', 'aborts', 'ec53ebf823cbd91a45bcce16c47a5258841b3c39953db804bcf72651588eb2b3', '0.1.0', 'backup_pre_migration', 'postgres with backstop 0.1.0', '2026-11-22 15:12:15.037792+00', '2026-11-22 15:12:15.151156+00', 'aborted');
INSERT INTO backstop.runs VALUES ('01a203d0-a53d-70e4-b37d-6ab2e28a106f', 'accepted', '642992d3c98a9580b7a897688d2e7336f6ed0237fbe765e6596ea1ac2b6ad463', '0.1.0', 'backup_pre_migration', 'postgres with backstop 0.1.0', '2026-11-22 15:12:15.218031+00', '2026-11-22 15:12:15.827535+00', 'accepted');
INSERT INTO backstop.runs VALUES ('01a203d0-b87a-721b-adbf-de1f8389d001', 'held', '06e18009f99759e5f6465c011068dea36d77cb2e77ed22b2df05cb890eed97ec', '0.1.0', 'backup_pre_migration', 'postgres with backstop 0.1.0', '2026-11-22 15:12:20.127845+00', NULL, NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_14 VALUES (1, 'item 1');
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_14 VALUES (2, 'item 2');
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_14 VALUES (3, 'item 3');
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_14 VALUES (4, 'item 4');
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_14 VALUES (5, 'item 5');
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_15 VALUES (1, 'item 1', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_15 VALUES (2, 'item 2', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_15 VALUES (3, 'item 3', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_15 VALUES (4, 'item 4', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_15 VALUES (5, 'item 5', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_16 VALUES (1, 'item 1', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_16 VALUES (2, 'item 2', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_16 VALUES (3, 'item 3', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_16 VALUES (4, 'item 4', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_16 VALUES (5, 'item 5', NULL);
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_20 VALUES (1, 'item 1', 'item 1');
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_20 VALUES (2, 'item 2', 'item 2');
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_20 VALUES (3, 'item 3', 'item 3');
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_20 VALUES (4, 'item 4', 'item 4');
INSERT INTO backup_pre_migration.items_2026_11_22_15_12_20 VALUES (5, 'item 5', 'item 5');
INSERT INTO public.items VALUES (1, 'ITEM 1', 'item 1');
INSERT INTO public.items VALUES (2, 'ITEM 2', 'item 2');
INSERT INTO public.items VALUES (3, 'ITEM 3', 'item 3');
INSERT INTO public.items VALUES (4, 'ITEM 4', 'item 4');
INSERT INTO public.items VALUES (5, 'ITEM 5', 'item 5');
ALTER TABLE ONLY backstop.applied
    ADD CONSTRAINT applied_pkey PRIMARY KEY (plan);
ALTER TABLE ONLY backstop.backup_sequences
    ADD CONSTRAINT backup_sequences_pkey PRIMARY KEY (backup, schema_name, sequence_name);
ALTER TABLE ONLY backstop.backup_tables
    ADD CONSTRAINT backup_tables_backup_copy_name_key UNIQUE (backup, copy_name);
ALTER TABLE ONLY backstop.backup_tables
    ADD CONSTRAINT backup_tables_pkey PRIMARY KEY (backup, schema_name, table_name);
ALTER TABLE ONLY backstop.backups
    ADD CONSTRAINT backups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY backstop.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (run, seq);
ALTER TABLE ONLY backstop.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (single);
ALTER TABLE ONLY backstop.owner
    ADD CONSTRAINT owner_pkey PRIMARY KEY (single);
ALTER TABLE ONLY backstop.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (run);
ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (id);
CREATE INDEX backups_plan_created_at_idx ON backstop.backups USING btree (plan, created_at DESC);
CREATE INDEX runs_plan_started_at_idx ON backstop.runs USING btree (plan, started_at DESC);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON backstop.events FOR EACH STATEMENT EXECUTE FUNCTION backstop.refuse_change();
CREATE TRIGGER follow_event AFTER INSERT ON backstop.events FOR EACH ROW EXECUTE FUNCTION backstop.follow_event();
CREATE TRIGGER "backstop_fence_01a203d0-b87a-721b-adbf-de1f8389d001" BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.items FOR EACH STATEMENT EXECUTE FUNCTION backstop.refuse_write('01a203d0-b87a-721b-adbf-de1f8389d001', 'held');
ALTER TABLE public.items ENABLE ALWAYS TRIGGER "backstop_fence_01a203d0-b87a-721b-adbf-de1f8389d001";
ALTER TABLE ONLY backstop.applied
    ADD CONSTRAINT applied_run_fkey FOREIGN KEY (run) REFERENCES backstop.runs(run);
ALTER TABLE ONLY backstop.backup_sequences
    ADD CONSTRAINT backup_sequences_backup_fkey FOREIGN KEY (backup) REFERENCES backstop.backups(id) ON DELETE CASCADE;
ALTER TABLE ONLY backstop.backup_tables
    ADD CONSTRAINT backup_tables_backup_fkey FOREIGN KEY (backup) REFERENCES backstop.backups(id) ON DELETE CASCADE;
REVOKE ALL ON FUNCTION backstop.follow_event() FROM PUBLIC;
REVOKE ALL ON FUNCTION backstop.refuse_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION backstop.refuse_write() FROM PUBLIC;
