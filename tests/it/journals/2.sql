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
CREATE FUNCTION backstop.actor() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
COMMENT ON FUNCTION backstop.actor() IS 'Who calls: the role that logged in, and the one that it has set.';
CREATE FUNCTION backstop.ask(q jsonb, OUT holds boolean, OUT message text, OUT rows bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$ $$;
CREATE FUNCTION backstop.ask_catalog(q jsonb, relation oid, title text, OUT holds boolean, OUT message text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$ $$;
CREATE FUNCTION backstop.ask_once(q jsonb, OUT holds boolean, OUT message text, OUT rows bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$ $$;
CREATE FUNCTION backstop.ask_rows(q jsonb, relation oid, title text, OUT holds boolean, OUT message text, OUT rows bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$ $$;
CREATE FUNCTION backstop.at_fault(wanted uuid, moment pg_snapshot, own regclass, own_columns text[], other regclass, referred text[]) RETURNS SETOF bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
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
    moment pg_snapshot,
    CONSTRAINT backups_check CHECK (((status = 'partial'::text) OR ((completed_at IS NOT NULL) AND (fingerprint IS NOT NULL) AND (catalog IS NOT NULL)))),
    CONSTRAINT backups_status_check CHECK ((status = ANY (ARRAY['partial'::text, 'complete'::text])))
);
COMMENT ON TABLE backstop.backups IS 'One row a backup. Only a complete one is ever restored; a partial one is cleared away by the next run.';
COMMENT ON COLUMN backstop.backups.run IS 'The run that took it; none where a person did.';
COMMENT ON COLUMN backstop.backups.algorithm IS 'How the rows were digested.';
COMMENT ON COLUMN backstop.backups.catalog IS 'The structure of the whole database at the moment of the backup.';
COMMENT ON COLUMN backstop.backups.moment IS 'Which transactions the copies show: what another one wrote came later. None where nobody could write meanwhile.';
CREATE FUNCTION backstop.bring_back(b backstop.backups, was jsonb, scope text[], reload text[], positions jsonb, left_out text[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    SET check_function_bodies TO 'off'
    SET default_tablespace TO ''
    SET default_table_access_method TO 'heap'
    AS $$ $$;
CREATE FUNCTION backstop.callable() RETURNS name[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.capture_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.carry_one(wanted bigint, may_still_come boolean, INOUT fits jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.carry_over(wanted uuid, moment pg_snapshot, refused jsonb DEFAULT '{}'::jsonb, OUT carried_over bigint, OUT quarantined bigint, OUT curtailed bigint) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.carry_singly(changes bigint[], INOUT fits jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.chosen(of_schema text, wanted text) RETURNS backstop.backups
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
COMMENT ON FUNCTION backstop.chosen(of_schema text, wanted text) IS 'The backup with this id, or the newest one of the schema.';
CREATE FUNCTION backstop.cleanup_old_backups(of_schema text, keep_count integer) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.cleanup_old_backups(of_schema text, keep_count integer) IS 'Removes complete backups beyond the newest so many of each plan; one whose run has not ended stays.';
CREATE FUNCTION backstop.close_functions(of_schema text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.columns_there(relation oid, title text, names jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$ $$;
CREATE FUNCTION backstop.copy_name(backup text, schema_name text, table_name text, shared boolean) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.copy_name(backup text, schema_name text, table_name text, shared boolean) IS 'The copy''s name: table and backup; with a mark where that is too long or shared with another table.';
CREATE TABLE backstop.plan_tables (
    plan text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    copied text NOT NULL,
    live_digest text NOT NULL,
    copy_digest_head text NOT NULL,
    copy_digest_tail text NOT NULL
);
COMMENT ON TABLE backstop.plan_tables IS 'The plan''s targets: the query that copies each, and those that digest table and copy.';
CREATE FUNCTION backstop.copy_table(backup text, t backstop.plan_tables, into_schema text, copy text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.covered(backup text) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.create_table_backups(of_schema text, of_plan text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.create_table_backups(of_schema text, of_plan text) IS 'Takes a backup of a registered plan''s targets: complete and verified, or not there.';
CREATE FUNCTION backstop.different(was jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.digest_of(query text, OUT row_count bigint, OUT digest text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.digest_of(query text, OUT row_count bigint, OUT digest text) IS 'Rows and digest of a table or copy, by its stored query.';
CREATE FUNCTION backstop.drop_statement(key text, class oid, object oid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.empty(tables text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.enter() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
COMMENT ON FUNCTION backstop.enter() IS 'Takes the run lock until the transaction ends, or says who has it.';
CREATE FUNCTION backstop.equality(own regclass, own_column text, other regclass, other_column text) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.facts(left_out text[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.facts(left_out text[]) IS 'The structure as it is now, by keys, but for these schemas.';
CREATE FUNCTION backstop.fields(row_text text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.finding(fit jsonb, parameter text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.fit(target regclass, columns text[]) RETURNS jsonb
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.fitted(fit jsonb, row_text text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.follow_event() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$ $$;
CREATE FUNCTION backstop.held(columns text[], row_text text, wanted text[]) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.insertion(fit jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.is_loadable(facts jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.is_no_fault_of_the_change(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.is_pinned(run text, backup text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.is_pinned(run text, backup text) IS 'Whether a backup may still be needed, because the run that took it, or one that brings it back, has not ended.';
CREATE FUNCTION backstop.journal_restore(b backstop.backups, waiting uuid, steps jsonb, restored jsonb) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.key(kind text, schema text, part_of text, name text) RETURNS text
    LANGUAGE sql STABLE
    AS $$ $$;
COMMENT ON FUNCTION backstop.key(kind text, schema text, part_of text, name text) IS 'What identifies an object in comparisons.';
CREATE FUNCTION backstop.key_of(object jsonb) RETURNS text
    LANGUAGE sql STABLE
    AS $$ $$;
COMMENT ON FUNCTION backstop.key_of(object jsonb) IS 'The same of an object''s key as the journal and the catalog of a backup have it.';
CREATE FUNCTION backstop.labels(class oid, object oid) RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$ $$;
CREATE FUNCTION backstop.lock_targets(b backstop.backups) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.log(operation text, schema_name text, plan text, backup text, outcome text, details text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
COMMENT ON FUNCTION backstop.log(operation text, schema_name text, plan text, backup text, outcome text, details text) IS 'Writes an operation into the log and into that of the server, where it stays even if the transaction is rolled back.';
CREATE FUNCTION backstop.lower_fence(run text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.lower_fence(run text) IS 'Takes the fence of a run down, and what is left of those of others.';
CREATE TABLE backstop.later_writes (
    seq bigint NOT NULL,
    run uuid NOT NULL,
    transaction xid8 NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    columns text[],
    old_row text,
    new_row text,
    written_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    role_name name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT later_writes_operation_check CHECK ((operation = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text, 'TRUNCATE'::text])))
);
COMMENT ON TABLE backstop.later_writes IS 'What others wrote to the targets of a run that has not ended: with writers: detect one row a transaction and table, with writers: capture one row a change. Written in the transaction of whoever wrote; gone when the run has ended.';
COMMENT ON COLUMN backstop.later_writes.transaction IS 'The writer''s transaction, the outermost one.';
COMMENT ON COLUMN backstop.later_writes.table_name IS 'The target, as it was called when the run began.';
COMMENT ON COLUMN backstop.later_writes.columns IS 'The columns that the table had; none where the write is only noted.';
COMMENT ON COLUMN backstop.later_writes.old_row IS 'The row as the type''s own output writes it, which loses nothing.';
CREATE FUNCTION backstop.make_again(change backstop.later_writes, fit jsonb, may_still_come boolean) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.make_way(wanted uuid, name text, own regclass, columns text[], other regclass, referred text[]) RETURNS bigint
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.migration_begins(of_schema text, migration_sql text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.migration_begins(of_schema text, migration_sql text) IS 'Remembers the structure before a migration of this transaction.';
CREATE FUNCTION backstop.migration_ends(number bigint) RETURNS TABLE(step text, status text, details text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.migration_ends(number bigint) IS 'Writes down what a migration of this transaction changed, so that a restore can take it back.';
CREATE FUNCTION backstop.move_sequences(targets regclass[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.needs(catalog jsonb) RETURNS TABLE(object text, need text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.note_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.open_copies(of_schema text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.other_rows(b backstop.backups, was jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.own(schemas text[]) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.parts(facts jsonb) RETURNS TABLE(holder text, part text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.plain(definition jsonb, owner text, grants jsonb, comment text, labels jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$ $$;
CREATE FUNCTION backstop.pointing_to_nothing(own regclass, columns text[], other regclass, referred text[]) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.prove(b backstop.backups, was jsonb, before jsonb, is_now jsonb, scope text[], gone text[], made text[], OUT respelled text[], OUT differences text[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.put_in_quarantine(change backstop.later_writes, state text, reason text, carried_over boolean) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.quieting(targets regclass[], OUT quiet text, OUT wake text) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.record_positions(backup text, catalog jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.recorded(catalog jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.recorded(catalog jsonb) IS 'The same of the catalog of a backup.';
CREATE FUNCTION backstop.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$ $$;
CREATE FUNCTION backstop.refuse_write() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE TABLE backstop.plans (
    plan text NOT NULL,
    schema_name text NOT NULL,
    program text NOT NULL,
    actor text NOT NULL,
    registered_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    search_path text NOT NULL,
    sequences text NOT NULL,
    server_version integer NOT NULL,
    algorithm text NOT NULL,
    structure text NOT NULL,
    catalog jsonb NOT NULL
);
COMMENT ON TABLE backstop.plans IS 'Plans whose backups can be taken, validated and restored with psql, by the functions in the schema of their backups.';
COMMENT ON COLUMN backstop.plans.structure IS 'Fingerprint of the structure that the statements were made for, which is in catalog.';
CREATE FUNCTION backstop.registered(of_schema text, wanted text) RETURNS backstop.plans
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
COMMENT ON FUNCTION backstop.registered(of_schema text, wanted text) IS 'The plan with this name, or the one that was registered last for the schema.';
CREATE FUNCTION backstop.relations(pattern jsonb) RETURNS TABLE(relation oid, title text)
    LANGUAGE plpgsql STABLE
    AS $$ $$;
CREATE FUNCTION backstop.reserve(p backstop.plans) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.restoration(b backstop.backups, dropped jsonb, made text[], respelled text[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.restore_from_backup(of_schema text, wanted text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '3'
    SET bytea_output TO 'hex'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    SET synchronize_seqscans TO 'off'
    SET lock_timeout TO '10s'
    SET statement_timeout TO '0'
    SET idle_in_transaction_session_timeout TO '0'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.restore_from_backup(of_schema text, wanted text) IS 'Brings a backup back, the newest of the schema if none is named, and proves it; or raises an exception and changes nothing.';
CREATE FUNCTION backstop.row_text(fields text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.rows_of(target regclass) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.scope(b backstop.backups, steps jsonb, was jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.set_aside(wanted uuid, target regclass, condition text, reason text, depth integer) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ $$;
CREATE FUNCTION backstop.stays(was jsonb, is_now jsonb, held boolean, key text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.steps_since(b backstop.backups) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.steps_since(b backstop.backups) IS 'The steps that were committed since the backup.';
CREATE FUNCTION backstop.straighten(key text, title text, noun text, was jsonb, is_now jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    SET check_function_bodies TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.straighten_all(was jsonb, scope text[], kinds text[], missing text[], left_out text[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.structure(left_out text[]) RETURNS TABLE(class oid, object oid, kind text, schema text, name text, part_of text, owner text, grants jsonb, comment text, definition jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, MDY'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET quote_all_identifiers TO 'off'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.structure(left_out text[]) IS 'The structure of the database, one row an object, without the schemas that are named.';
CREATE FUNCTION backstop.take_down(b backstop.backups, was jsonb, scope text[], stale text[], left_out text[]) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    SET client_min_messages TO 'warning'
    AS $$ $$;
CREATE FUNCTION backstop.target_positions(b backstop.backups, was jsonb, is_now jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.tell_restore(respelled text[], lost text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.title(key text) RETURNS text
    LANGUAGE sql STABLE
    AS $$ $$;
COMMENT ON FUNCTION backstop.title(key text) IS 'An object''s name for people.';
CREATE FUNCTION backstop.unspelled(facts jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backstop.validate(of_schema text, of_plan text, of_phase text) RETURNS TABLE(validation_check text, status text, details text, record_count bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, MDY'
    SET "IntervalStyle" TO 'postgres'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    AS $$ $$;
COMMENT ON FUNCTION backstop.validate(of_schema text, of_plan text, of_phase text) IS 'Asks a plan''s checks: PASS, FAIL, WARN, INFO, or ERROR for one that could not be evaluated, which is no pass.';
CREATE FUNCTION backstop.waiting_run(b backstop.backups) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
COMMENT ON FUNCTION backstop.waiting_run(b backstop.backups) IS 'The run of this backup, where it has not ended; another one that has not stands in the way of a restore.';
CREATE FUNCTION backstop.wake(tables text[], was jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$ $$;
CREATE FUNCTION backup_pre_migration.cleanup_old_backups(keep_count integer) RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT backstop.cleanup_old_backups('backup_pre_migration', keep_count)
$$;
COMMENT ON FUNCTION backup_pre_migration.cleanup_old_backups(keep_count integer) IS 'Removes all but the newest so many backups of each plan; one whose run has not ended stays.';
CREATE FUNCTION backup_pre_migration.create_table_backups(plan text DEFAULT NULL::text) RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT backstop.create_table_backups('backup_pre_migration', plan)
$$;
COMMENT ON FUNCTION backup_pre_migration.create_table_backups(plan text) IS 'Copies the targets of the plan that was registered last, or of the one named: verified, with the structure around them.';
CREATE FUNCTION backup_pre_migration.execute_safe_migration(migration_sql text, validation_function text DEFAULT '"backup_pre_migration".validate_post_migration'::text) RETURNS TABLE(step text, status text, details text)
    LANGUAGE plpgsql
    AS $$
DECLARE
    number bigint := backstop.migration_begins('backup_pre_migration', migration_sql);
    validation pg_catalog.regproc;
    began timestamptz := pg_catalog.clock_timestamp();
    state text;
    said text;
    more text;
    advice text;
    broken text[] := '{}';
    c record;
BEGIN
    BEGIN
        EXECUTE migration_sql;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT, more = PG_EXCEPTION_DETAIL, advice = PG_EXCEPTION_HINT;
        RAISE LOG 'backstop: execute_safe_migration in % failed: %', 'backup_pre_migration', said;
        RAISE EXCEPTION 'the migration failed, and everything it did is rolled back: %', said
            USING ERRCODE = state, DETAIL = more, HINT = advice;
    END;
    step := 'migration';
    status := 'PASS';
    details := pg_catalog.format('done in %s', pg_catalog.date_trunc('milliseconds', pg_catalog.clock_timestamp() - began));
    RETURN NEXT;
    IF validation_function IS NOT NULL THEN
        validation := pg_catalog.to_regproc(validation_function);
        IF validation IS NULL THEN
            RAISE EXCEPTION 'the validation function % does not exist, so the migration is rolled back', validation_function
                USING ERRCODE = 'undefined_function';
        END IF;
        FOR c IN EXECUTE pg_catalog.format('SELECT v.validation_check, v.status, v.details FROM %s() AS v', validation) LOOP
            step := c.validation_check;
            status := c.status;
            details := c.details;
            RETURN NEXT;
            IF c.status IS NULL OR c.status NOT IN ('PASS', 'WARN', 'INFO') THEN
                broken := broken || pg_catalog.format('%s: %s: %s', c.validation_check, c.status, c.details);
            END IF;
        END LOOP;
        IF broken <> '{}' THEN
            RAISE LOG 'backstop: the validation of execute_safe_migration in % failed: %', 'backup_pre_migration', pg_catalog.array_to_string(broken, '; ');
            RAISE EXCEPTION 'the validation failed, and the migration is rolled back: %', pg_catalog.array_to_string(broken, '; ')
                USING ERRCODE = 'check_violation', DETAIL = pg_catalog.array_to_string(broken, E'\n');
        END IF;
    END IF;
    RETURN QUERY SELECT e.step, e.status, e.details FROM backstop.migration_ends(number) AS e;
END
$$;
COMMENT ON FUNCTION backup_pre_migration.execute_safe_migration(migration_sql text, validation_function text) IS 'Runs a migration in the caller''s transaction and with the caller''s rights, then a validation function. Where either fails an exception rolls everything back. Commands that can''t run in a transaction block (CREATE INDEX CONCURRENTLY, COMMIT) are refused.';
CREATE FUNCTION backup_pre_migration.list_backups() RETURNS TABLE(backup_timestamp text, created_at timestamp with time zone, table_count bigint, row_count bigint, total_bytes bigint, total_size text, plan text, run text, status text, pinned boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT b.id, b.created_at, count(t.backup), coalesce(sum(t.row_count), 0)::bigint, coalesce(sum(t.bytes), 0)::bigint,
           pg_size_pretty(coalesce(sum(t.bytes), 0)), b.plan, b.run, b.status, backstop.is_pinned(b.run, b.id)
      FROM backstop.backups AS b LEFT JOIN backstop.backup_tables AS t ON t.backup = b.id
     WHERE b.schema_name = 'backup_pre_migration'
     GROUP BY b.id
     ORDER BY b.created_at DESC, b.id DESC
$$;
COMMENT ON FUNCTION backup_pre_migration.list_backups() IS 'The backups in this schema, the newest first. Only complete ones can be restored.';
CREATE FUNCTION backup_pre_migration.restore_from_backup(backup_timestamp text DEFAULT NULL::text) RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT backstop.restore_from_backup('backup_pre_migration', backup_timestamp)
$$;
COMMENT ON FUNCTION backup_pre_migration.restore_from_backup(backup_timestamp text) IS 'Brings the newest backup back, or the one named, in the caller''s transaction: proven equal, or an exception and nothing changed. What was written to the tables since is overwritten.';
CREATE FUNCTION backup_pre_migration.validate_post_migration(plan text DEFAULT NULL::text) RETURNS TABLE(validation_check text, status text, details text, record_count bigint)
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT * FROM backstop.validate('backup_pre_migration', plan, 'after')
$$;
COMMENT ON FUNCTION backup_pre_migration.validate_post_migration(plan text) IS 'The plan''s checks after a migration: PASS, FAIL, WARN, INFO, or ERROR for one that could not be evaluated.';
CREATE FUNCTION backup_pre_migration.validate_pre_migration(plan text DEFAULT NULL::text) RETURNS TABLE(validation_check text, status text, details text, record_count bigint)
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT * FROM backstop.validate('backup_pre_migration', plan, 'before')
$$;
COMMENT ON FUNCTION backup_pre_migration.validate_pre_migration(plan text) IS 'The plan''s checks before a migration: PASS, FAIL, WARN, INFO, or ERROR for one that could not be evaluated.';
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
CREATE TABLE backstop.backup_statements (
    backup text NOT NULL,
    place integer NOT NULL,
    action text NOT NULL,
    kind text NOT NULL,
    schema_name text NOT NULL,
    part_of text,
    object_name text NOT NULL,
    statement text,
    CONSTRAINT backup_statements_action_check CHECK ((action = ANY (ARRAY['run'::text, 'load'::text, 'position'::text])))
);
COMMENT ON TABLE backstop.backup_statements IS 'What makes every object of the backup again, in order: those are run whose object is missing. load fills a table from its copy, position lets a sequence stand where backup_sequences says, or further.';
CREATE TABLE backstop.backup_tables (
    backup text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    copy_name text NOT NULL,
    row_count bigint NOT NULL,
    bytes bigint NOT NULL,
    digest text NOT NULL,
    live_digest text,
    copy_digest text,
    CONSTRAINT backup_tables_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT backup_tables_row_count_check CHECK ((row_count >= 0))
);
COMMENT ON TABLE backstop.backup_tables IS 'One row a copy. Rows and digest are those of the table at the moment of the backup, and were found equal in the copy.';
COMMENT ON COLUMN backstop.backup_tables.live_digest IS 'The query that digests the table: rows, and the two halves of the digest as sums modulo 2^64.';
COMMENT ON COLUMN backstop.backup_tables.copy_digest IS 'The query that digests the copy.';
CREATE TABLE backstop.backup_views (
    backup text NOT NULL,
    schema_name text NOT NULL,
    view_name text NOT NULL,
    row_count bigint NOT NULL,
    digest text NOT NULL,
    CONSTRAINT backup_views_row_count_check CHECK ((row_count >= 0))
);
COMMENT ON TABLE backstop.backup_views IS 'What the materialized views over the copied tables held. They are not copied: a restore fills them again where it must.';
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
ALTER TABLE backstop.later_writes ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME backstop.later_writes_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE backstop.meta (
    single boolean DEFAULT true NOT NULL,
    version integer NOT NULL,
    program text NOT NULL,
    installed_at timestamp with time zone DEFAULT now() NOT NULL,
    database uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT meta_single_check CHECK (single)
);
COMMENT ON TABLE backstop.meta IS 'Version of this schema. A program older than the schema refuses to write.';
COMMENT ON COLUMN backstop.meta.database IS 'By what a runner that lost its connection knows this database again.';
CREATE TABLE backstop.operations (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    operation text NOT NULL,
    schema_name text NOT NULL,
    plan text,
    backup text,
    outcome text NOT NULL,
    details text,
    changes jsonb,
    transaction text DEFAULT (pg_current_xact_id())::text NOT NULL
);
COMMENT ON TABLE backstop.operations IS 'What was done with the functions of the backup schemas. What was rolled back is only in the server''s log.';
COMMENT ON COLUMN backstop.operations.changes IS 'The objects that a migration changed: a restore to before it takes them back.';
ALTER TABLE backstop.operations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME backstop.operations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE backstop.owner (
    single boolean DEFAULT true NOT NULL,
    run uuid NOT NULL,
    fence bigint NOT NULL,
    holder text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen timestamp with time zone,
    pid integer,
    CONSTRAINT owner_single_check CHECK (single)
);
COMMENT ON TABLE backstop.owner IS 'Which run may write. The fence rises with every takeover; a transaction that holds an older one is refused.';
COMMENT ON COLUMN backstop.owner.seen IS 'The last sign of life of the runner; one comes every few seconds.';
COMMENT ON COLUMN backstop.owner.pid IS 'The server''s process that held the run lock then.';
CREATE TABLE backstop.pauses (
    run uuid NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL
);
COMMENT ON TABLE backstop.pauses IS 'Runs that a person wants to pause: their steps in batches wait before the next batch for as long as the row is there.';
CREATE TABLE backstop.plan_checks (
    plan text NOT NULL,
    phase text NOT NULL,
    place integer NOT NULL,
    id text NOT NULL,
    severity text NOT NULL,
    hint text,
    question jsonb NOT NULL,
    CONSTRAINT plan_checks_phase_check CHECK ((phase = ANY (ARRAY['before'::text, 'after'::text]))),
    CONSTRAINT plan_checks_severity_check CHECK ((severity = ANY (ARRAY['fail'::text, 'warn'::text, 'info'::text])))
);
COMMENT ON TABLE backstop.plan_checks IS 'The plan''s checks as backstop.ask understands them.';
CREATE TABLE backstop.plan_statements (
    plan text NOT NULL,
    place integer NOT NULL,
    action text NOT NULL,
    kind text NOT NULL,
    schema_name text NOT NULL,
    part_of text,
    object_name text NOT NULL,
    statement text,
    CONSTRAINT plan_statements_action_check CHECK ((action = ANY (ARRAY['run'::text, 'load'::text, 'position'::text])))
);
COMMENT ON TABLE backstop.plan_statements IS 'The statements of a backup that psql takes of the plan''s targets; those that load a table end where its copy''s name follows.';
CREATE TABLE backstop.quarantine (
    run uuid NOT NULL,
    seq bigint NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    old_row jsonb,
    new_row jsonb,
    sqlstate text NOT NULL,
    reason text NOT NULL,
    carried_over boolean NOT NULL,
    written_at timestamp with time zone NOT NULL,
    role_name name NOT NULL
);
COMMENT ON TABLE backstop.quarantine IS 'Writes of others that a restore could not make again, each with its reason. Nobody deletes them but people.';
COMMENT ON COLUMN backstop.quarantine.carried_over IS 'Whether the change was made again, but for the values that the reason names.';
CREATE VIEW backstop.status AS
 SELECT r.plan,
    r.run,
    r.started_at,
    last.kind AS last_event,
    (last.event ->> 'step'::text) AS step,
    last.at AS last_at,
        CASE
            WHEN (r.ended_at IS NOT NULL) THEN r.ending
            WHEN ((o.run = r.run) AND (l.pid = COALESCE(o.pid, l.pid))) THEN 'running'::text
            ELSE 'waiting'::text
        END AS state,
    r.ended_at,
    l.pid,
        CASE
            WHEN (o.run = r.run) THEN o.seen
            ELSE NULL::timestamp with time zone
        END AS seen
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
CREATE TABLE backstop.surfaces (
    schema_name text NOT NULL,
    version text NOT NULL,
    execute_role text,
    admin_role text,
    installed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
COMMENT ON TABLE backstop.surfaces IS 'Schemas of backups that have the functions, who may call them, and a digest of their text.';
CREATE TABLE backstop.terminations (
    run uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    pid integer NOT NULL,
    role text,
    application text,
    address text,
    query_start timestamp with time zone,
    query text
);
COMMENT ON TABLE backstop.terminations IS 'Sessions that were ended because a run waited too long for their locks, as it was asked to. Append-only.';
