-- What people call, in the schema of the backups. The work is done by the functions of the same names in the schema backstop.

CREATE OR REPLACE FUNCTION {schema}.create_table_backups(plan text DEFAULT NULL) RETURNS text
    LANGUAGE sql {rights} SET search_path = pg_catalog, pg_temp AS {quote}
    SELECT backstop.create_table_backups({name}, plan)
{quote};
COMMENT ON FUNCTION {schema}.create_table_backups(text) IS
    'Copies the targets of the plan that was registered last, or of the one named: verified, with the structure around them.';

CREATE OR REPLACE FUNCTION {schema}.restore_from_backup(backup_timestamp text DEFAULT NULL) RETURNS text
    LANGUAGE sql {rights} SET search_path = pg_catalog, pg_temp AS {quote}
    SELECT backstop.restore_from_backup({name}, backup_timestamp)
{quote};
COMMENT ON FUNCTION {schema}.restore_from_backup(text) IS
    'Brings the newest backup back, or the one named, in the caller''s transaction: proven equal, or an exception and nothing changed. What was written to the tables since is overwritten.';

CREATE OR REPLACE FUNCTION {schema}.validate_pre_migration(plan text DEFAULT NULL)
    RETURNS TABLE (validation_check text, status text, details text, record_count bigint)
    LANGUAGE sql {rights} SET search_path = pg_catalog, pg_temp AS {quote}
    SELECT * FROM backstop.validate({name}, plan, 'before')
{quote};
COMMENT ON FUNCTION {schema}.validate_pre_migration(text) IS
    'The plan''s checks before a migration: PASS, FAIL, WARN, INFO, or ERROR for one that could not be evaluated.';

CREATE OR REPLACE FUNCTION {schema}.validate_post_migration(plan text DEFAULT NULL)
    RETURNS TABLE (validation_check text, status text, details text, record_count bigint)
    LANGUAGE sql {rights} SET search_path = pg_catalog, pg_temp AS {quote}
    SELECT * FROM backstop.validate({name}, plan, 'after')
{quote};
COMMENT ON FUNCTION {schema}.validate_post_migration(text) IS
    'The plan''s checks after a migration: PASS, FAIL, WARN, INFO, or ERROR for one that could not be evaluated.';

CREATE OR REPLACE FUNCTION {schema}.list_backups()
    RETURNS TABLE (backup_timestamp text, created_at timestamptz, table_count bigint, row_count bigint, total_bytes bigint,
                   total_size text, plan text, run text, status text, pinned boolean)
    LANGUAGE sql STABLE {rights} SET search_path = pg_catalog, pg_temp AS {quote}
    SELECT b.id, b.created_at, count(t.backup), coalesce(sum(t.row_count), 0)::bigint, coalesce(sum(t.bytes), 0)::bigint,
           pg_size_pretty(coalesce(sum(t.bytes), 0)), b.plan, b.run, b.status, backstop.is_pinned(b.run, b.id)
      FROM backstop.backups AS b LEFT JOIN backstop.backup_tables AS t ON t.backup = b.id
     WHERE b.schema_name = {name}
     GROUP BY b.id
     ORDER BY b.created_at DESC, b.id DESC
{quote};
COMMENT ON FUNCTION {schema}.list_backups() IS 'The backups in this schema, the newest first. Only complete ones can be restored.';

CREATE OR REPLACE FUNCTION {schema}.cleanup_old_backups(keep_count integer) RETURNS text
    LANGUAGE sql {rights} SET search_path = pg_catalog, pg_temp AS {quote}
    SELECT backstop.cleanup_old_backups({name}, keep_count)
{quote};
COMMENT ON FUNCTION {schema}.cleanup_old_backups(integer) IS
    'Removes all but the newest so many backups of each plan; one whose run has not ended stays.';

-- With the caller's rights and search path, so everything of ours is written with its schema.
CREATE OR REPLACE FUNCTION {schema}.execute_safe_migration(migration_sql text, validation_function text DEFAULT {validation})
    RETURNS TABLE (step text, status text, details text)
    LANGUAGE plpgsql AS {quote}
DECLARE
    number bigint := backstop.migration_begins({name}, migration_sql);
    validation pg_catalog.regproc;
    began pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    state pg_catalog.text;
    said pg_catalog.text;
    more pg_catalog.text;
    advice pg_catalog.text;
    broken pg_catalog.text[] := '{}';
    c pg_catalog.record;
BEGIN
    BEGIN
        EXECUTE migration_sql;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT, more = PG_EXCEPTION_DETAIL, advice = PG_EXCEPTION_HINT;
        RAISE LOG 'backstop: execute_safe_migration in % failed: %', {name}, said;
        RAISE EXCEPTION 'the migration failed, and everything it did is rolled back: %', said
            USING ERRCODE = state, DETAIL = more, HINT = advice;
    END;
    step := 'migration';
    status := 'PASS';
    details := pg_catalog.format('done in %s', pg_catalog.date_trunc('milliseconds', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) began));
    RETURN NEXT;
    IF validation_function IS NOT NULL THEN
        validation := pg_catalog.to_regproc(validation_function);
        IF validation IS NULL THEN
            RAISE EXCEPTION 'the validation function % does not exist, so the migration is rolled back', validation_function
                USING ERRCODE = 'undefined_function';
        END IF;
        FOR c IN EXECUTE pg_catalog.format(
            'SELECT v.validation_check::pg_catalog.text, v.status::pg_catalog.text, v.details::pg_catalog.text FROM %s() AS v', validation) LOOP
            step := c.validation_check;
            status := c.status;
            details := c.details;
            RETURN NEXT;
            IF status IS NULL OR status OPERATOR(pg_catalog.<>) ALL (ARRAY['PASS', 'WARN', 'INFO']::pg_catalog.text[]) THEN
                broken := pg_catalog.array_append(broken, pg_catalog.format('%s: %s: %s', step, status, details));
            END IF;
        END LOOP;
        IF pg_catalog.cardinality(broken) OPERATOR(pg_catalog.>) 0 THEN
            RAISE LOG 'backstop: the validation of execute_safe_migration in % failed: %', {name}, pg_catalog.array_to_string(broken, '; ');
            RAISE EXCEPTION 'the validation failed, and the migration is rolled back: %', pg_catalog.array_to_string(broken, '; ')
                USING ERRCODE = 'check_violation', DETAIL = pg_catalog.array_to_string(broken, E'\n');
        END IF;
    END IF;
    RETURN QUERY SELECT e.step, e.status, e.details FROM backstop.migration_ends(number) AS e;
END
{quote};
COMMENT ON FUNCTION {schema}.execute_safe_migration(text, text) IS
    'Runs a migration in the caller''s transaction and with the caller''s rights, then a validation function. Where either fails an exception rolls everything back. Commands that can''t run in a transaction block (CREATE INDEX CONCURRENTLY, COMMIT) are refused.';
