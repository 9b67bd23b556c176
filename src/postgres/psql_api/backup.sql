-- Taking, listing and removing backups.

CREATE OR REPLACE FUNCTION backstop.copy_name(backup text, schema_name text, table_name text, shared boolean) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on SET jit = off AS $$
DECLARE
    plain text := table_name || '_' || backup;
    mark text := left(encode(sha256(convert_to(schema_name, 'UTF8') || '\x00'::bytea || convert_to(table_name, 'UTF8')), 'hex'), 8);
    short text := table_name;
BEGIN
    IF NOT shared AND octet_length(plain) <= 63 THEN
        RETURN plain;
    END IF;
    WHILE octet_length(short) > 63 - octet_length(backup) - 10 LOOP
        short := left(short, -1);
    END LOOP;
    RETURN concat_ws('_', short, mark, backup);
END
$$;
COMMENT ON FUNCTION backstop.copy_name(text, text, text, boolean) IS
    'The copy''s name: table and backup; with a mark where that is too long or shared with another table.';

CREATE OR REPLACE FUNCTION backstop.different(was jsonb, is_now jsonb) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT coalesce(array_agg(backstop.title(key) || CASE WHEN w.value IS NULL THEN ' is new' WHEN n.value IS NULL THEN ' is gone'
                                                     ELSE ' is different' END ORDER BY key), '{}')
      FROM jsonb_each(was) AS w FULL JOIN jsonb_each(is_now) AS n USING (key)
     WHERE w.value IS DISTINCT FROM n.value
$$;

CREATE OR REPLACE FUNCTION backstop.reserve(p backstop.plans) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    reserved text;
BEGIN
    FOR later IN 0..60 LOOP
        INSERT INTO backstop.backups (id, schema_name, plan, created_at, status, server_version, algorithm)
        SELECT to_char(m.moment AT TIME ZONE 'UTC', 'YYYY_MM_DD_HH24_MI_SS'), p.schema_name, p.plan, clock_timestamp(), 'partial',
               p.server_version, p.algorithm
          FROM (SELECT clock_timestamp() + make_interval(secs => later)) AS m (moment)
        ON CONFLICT (id) DO NOTHING RETURNING id INTO reserved;
        EXIT WHEN reserved IS NOT NULL;
    END LOOP;
    IF reserved IS NULL THEN
        RAISE EXCEPTION 'no id is free for the backup' USING HINT = 'Wait a minute; another program takes backups all the time.';
    END IF;
    RETURN reserved;
END
$$;

CREATE OR REPLACE FUNCTION backstop.copy_table(backup text, t backstop.plan_tables, into_schema text, copy text) RETURNS bigint
    LANGUAGE plpgsql {pinned} AS $$
DECLARE
    place text := format('%I.%I', into_schema, copy);
    grantee text;
    live record;
    copied record;
    copy_digest text := t.copy_digest_head || place || t.copy_digest_tail;
BEGIN
    SELECT * INTO live FROM backstop.digest_of(t.live_digest, t.search_path);
    -- A copy is written as it is pinned.
    PERFORM set_config('backstop.evaluate_under', '', true);
    PERFORM backstop.run_under(t.search_path, format('CREATE TABLE %s AS ', place) || t.copied);
    FOR grantee IN
        SELECT DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END
          FROM pg_class AS c, aclexplode(c.relacl) AS g WHERE c.oid = place::regclass AND g.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s CASCADE', place, grantee);
    END LOOP;
    SELECT * INTO copied FROM backstop.digest_of(copy_digest, '');
    IF copied IS DISTINCT FROM live THEN
        RAISE EXCEPTION 'the copy of %.% is not equal to the table', t.schema_name, t.table_name
            USING DETAIL = format('table: %s rows, digest %s; copy: %s rows, digest %s',
                                  live.row_count, live.digest, copied.row_count, copied.digest);
    END IF;
    INSERT INTO backstop.backup_tables
           (backup, schema_name, table_name, copy_name, row_count, bytes, digest, live_digest, copy_digest, search_path)
    VALUES (backup, t.schema_name, t.table_name, copy, live.row_count, pg_table_size(place::regclass), live.digest,
            t.live_digest, copy_digest, t.search_path);
    RETURN live.row_count;
END
$$;

-- To look a name up would be an error where the role may not use its schema.
CREATE OR REPLACE FUNCTION backstop.may_read_sequence(of_schema text, called text) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
SELECT coalesce((SELECT has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT')
                 FROM pg_namespace AS n JOIN pg_class AS c ON c.relnamespace = n.oid
                 WHERE n.nspname = of_schema AND c.relname = called AND c.relkind = 'S'), false)
$$;

CREATE OR REPLACE FUNCTION backstop.record_positions(backup text, catalog jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    s record;
BEGIN
    FOR s IN SELECT o #>> '{0,schema}' AS schema, o #>> '{0,name}' AS name FROM jsonb_array_elements(catalog -> 'objects') AS o
              WHERE o #>> '{0,kind}' = 'sequence'
    LOOP
        CONTINUE WHEN NOT backstop.may_read_sequence(s.schema, s.name);
        EXECUTE format('INSERT INTO backstop.backup_sequences (backup, schema_name, sequence_name, last_value, is_called)
                        SELECT $1, $2, $3, q.last_value, q.is_called FROM %I.%I AS q', s.schema, s.name)
          USING backup, s.schema, s.name;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION backstop.create_table_backups(of_schema text, of_plan text) RETURNS text
    LANGUAGE plpgsql {pinned} AS $$
DECLARE
    p backstop.plans := backstop.registered(of_schema, of_plan);
    left_out text[] := ARRAY['backstop', of_schema];
    t backstop.plan_tables;
    differences text[];
    new_id text;
    total bigint := 0;
    tables integer := 0;
    said text;
BEGIN
    PERFORM backstop.enter();
    FOR t IN SELECT * FROM backstop.plan_tables AS pt WHERE pt.plan = p.plan ORDER BY pt.schema_name, pt.table_name LOOP
        EXECUTE format('LOCK TABLE %I.%I IN SHARE ROW EXCLUSIVE MODE', t.schema_name, t.table_name);
    END LOOP;
    differences := backstop.different(backstop.recorded(p.catalog), backstop.facts(left_out));
    IF differences <> '{}' THEN
        RAISE EXCEPTION 'the structure has changed since plan % was registered: %', p.plan,
                        array_to_string(differences[1:5], '; ') || CASE WHEN cardinality(differences) > 5
                            THEN format('; and %s more', cardinality(differences) - 5) ELSE '' END
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = array_to_string(differences, E'\n'),
                  HINT = 'The stored way back does not fit it any more. Run `backstop install PLAN` again, or take the backup with `backstop backup create PLAN`.';
    END IF;
    PERFORM backstop.refuse_open_path(pt.search_path, pg_get_userbyid(c.relowner))
       FROM backstop.plan_tables AS pt JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', pt.schema_name, pt.table_name))
      WHERE pt.plan = p.plan;
    new_id := backstop.reserve(p);
    PERFORM backstop.record_positions(new_id, p.catalog);
    FOR t IN SELECT * FROM backstop.plan_tables AS pt WHERE pt.plan = p.plan ORDER BY pt.schema_name, pt.table_name LOOP
        tables := tables + 1;
        total := total + backstop.copy_table(new_id, t, of_schema, backstop.copy_name(new_id, t.schema_name, t.table_name,
            (SELECT count(*) > 1 FROM backstop.plan_tables AS o WHERE o.plan = p.plan AND o.table_name = t.table_name)));
    END LOOP;
    INSERT INTO backstop.backup_statements (backup, place, action, kind, schema_name, part_of, object_name, statement, search_path)
    SELECT new_id, s.place, s.action, s.kind, s.schema_name, s.part_of, s.object_name,
           s.statement || CASE WHEN s.action = 'load' THEN format('%I.%I', of_schema, c.copy_name) ELSE '' END, s.search_path
      FROM backstop.plan_statements AS s
      LEFT JOIN backstop.backup_tables AS c ON s.action = 'load' AND c.backup = new_id
                                           AND c.schema_name = s.schema_name AND c.table_name = s.object_name
     WHERE s.plan = p.plan;
    UPDATE backstop.backups SET status = 'complete', completed_at = clock_timestamp(), fingerprint = p.structure, catalog = p.catalog,
                                 search_paths = p.search_paths
     WHERE id = new_id;
    said := format('backup %s: %s tables, %s rows, verified', new_id, tables, total);
    PERFORM backstop.open_copies(of_schema);
    PERFORM backstop.log('create_table_backups', of_schema, p.plan, new_id, 'done', said);
    RETURN said;
END
$$;
COMMENT ON FUNCTION backstop.create_table_backups(text, text) IS
    'Takes a backup of a registered plan''s targets: complete and verified, or not there.';

CREATE OR REPLACE FUNCTION backstop.is_pinned(run text, backup text) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT EXISTS (SELECT FROM ({pinned_runs}) AS u WHERE u.run = $1 OR u.backup = $2)
$$;
COMMENT ON FUNCTION backstop.is_pinned(text, text) IS 'Whether a backup may still be needed, because the run that took it, or one that brings it back, has not ended.';

CREATE OR REPLACE FUNCTION backstop.cleanup_old_backups(of_schema text, keep_count integer) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    old record;
    copy text;
    removed text[] := '{}';
    said text;
BEGIN
    IF keep_count IS NULL OR keep_count < 1 THEN
        RAISE EXCEPTION 'keep_count is %, and at least one backup has to stay', coalesce(keep_count::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM backstop.enter();
    FOR old IN
        SELECT n.id, n.run FROM (
            SELECT b.id, b.run, row_number() OVER (PARTITION BY b.plan ORDER BY b.created_at DESC, b.id DESC) AS age
              FROM backstop.backups AS b WHERE b.schema_name = of_schema AND b.status = 'complete') AS n
         WHERE n.age > keep_count ORDER BY n.id
    LOOP
        CONTINUE WHEN backstop.is_pinned(old.run, old.id);
        FOR copy IN SELECT t.copy_name FROM backstop.backup_tables AS t WHERE t.backup = old.id LOOP
            EXECUTE format('DROP TABLE IF EXISTS %I.%I', of_schema, copy);
        END LOOP;
        DELETE FROM backstop.backups WHERE id = old.id;
        removed := removed || old.id;
    END LOOP;
    said := CASE WHEN removed = '{}' THEN 'nothing to remove'
                 ELSE format('removed %s: %s', cardinality(removed), array_to_string(removed, ', ')) END;
    PERFORM backstop.log('cleanup_old_backups', of_schema, NULL, NULL, 'done', said);
    RETURN said;
END
$$;
COMMENT ON FUNCTION backstop.cleanup_old_backups(text, integer) IS
    'Removes complete backups beyond the newest so many of each plan; one whose run has not ended stays.';
