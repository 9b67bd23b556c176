-- Captured writes, made again in the open transaction of a restore. Installed with the journal, beside the log.
-- Rows are read under the settings that capture_write writes them under; the caller has set them.

-- The fields of a row's text, as record_out writes it.
CREATE OR REPLACE FUNCTION backstop.fields(row_text text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
SELECT array_agg(
           CASE
               WHEN f.part[1] = '' THEN NULL
               WHEN f.part[1] LIKE '"%'
                   THEN replace(replace(substr(f.part[1], 2, length(f.part[1]) - 2), '""', '"'), '\\', '\')
               ELSE f.part[1]
           END ORDER BY f.place)
FROM regexp_matches(substr(row_text, 2), '("(?:[^"\\]|""|\\\\)*"|[^",()]*)[,)]', 'g') WITH ORDINALITY AS f (part, place)
$$;

-- The text of a row with these fields.
CREATE OR REPLACE FUNCTION backstop.row_text(fields text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
SELECT '(' || coalesce(string_agg(
           CASE WHEN f.value IS NULL THEN '' ELSE '"' || replace(replace(f.value, '\', '\\'), '"', '""') || '"' END,
           ',' ORDER BY f.place), '') || ')'
FROM unnest(fields) WITH ORDINALITY AS f (value, place)
$$;

-- The columns of the backup that those of a written row are, none for one that came later. Of the same table a column is the one
-- with the same number, whatever its name was when the row was written; of another one, the one with the same name.
CREATE OR REPLACE FUNCTION backstop.columns_then(change backstop.later_writes) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
SELECT coalesce((
    SELECT ARRAY(SELECT c.name FROM unnest(change.shape) WITH ORDINALITY AS s (part, place)
                 LEFT JOIN unnest(t.column_numbers, t.column_names) AS c (number, name) ON c.number = split_part(s.part, ' ', 1)::smallint
                 ORDER BY s.place)
    FROM backstop.backup_tables AS t JOIN backstop.backups AS b ON b.id = t.backup
    WHERE b.run = change.run::text AND b.status = 'complete' AND t.schema_name = change.schema_name AND t.table_name = change.table_name
      AND t.relation = change.relation AND change.shape IS NOT NULL
    ORDER BY b.created_at DESC LIMIT 1), change.columns)
$$;

-- How rows of the shape of this one fit into the table: what must be known to make a change again.
-- places: for each of the table's columns, in order, where in the written ones it stands. at: the same by name. stored: what can be
-- written, extra: what was written and is not there, missing: what is there and was not written; ambiguous: that one of them may be the
-- other under another name. converted: what had another type, or a modifier that is not known, with the type that it has now and, where
-- that leads back without loss or a time zone, the one that it had.
-- key: columns that tell rows apart at every moment, and did when this was written; none where the table has no such key: under one that is
-- asked at the end of a transaction only, two rows may be alike before that, and where a step had dropped it, as long as it was gone. plain: those of them whose type is the server's own, or stands for one, so that
-- its equality is known. follows: whether a foreign key may change the key of a row when the one that it points to is changed.
DROP FUNCTION IF EXISTS backstop.fit(regclass, text[]);
CREATE OR REPLACE FUNCTION backstop.fit(target regclass, change backstop.later_writes) RETURNS jsonb
    LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
WITH written AS (
    SELECT w.place, w.name, w.name_then, split_part(w.shape, ' ', 2) AS type, split_part(w.shape, ' ', 3) AS modifier
    FROM unnest(change.columns, backstop.columns_then(change), change.shape) WITH ORDINALITY AS w (name, name_then, shape, place)
), now AS (
    SELECT a.attnum, a.attname::text AS name, a.attgenerated <> '' AS is_generated, w.place,
           format_type(a.atttypid, a.atttypmod) AS type,
           CASE WHEN a.atttypid < 16384 AND t.typcategory IN ('N', 'S', 'B', 'D') AND h.oid < 16384 AND h.typcategory = t.typcategory
                     AND (a.atttypid IN ('timestamptz'::regtype, 'timetz'::regtype)) = (h.oid IN ('timestamptz'::regtype, 'timetz'::regtype))
                THEN format_type(h.oid, NULL) END AS type_then,
           w.type <> a.atttypid::text OR a.atttypmod <> -1 AND w.modifier <> a.atttypmod::text AS is_converted,
           t.typtype <> 'b' OR t.typnamespace = 'pg_catalog'::regnamespace AS is_plain
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid LEFT JOIN written AS w ON w.name_then = a.attname::text
    LEFT JOIN pg_type AS h ON h.oid::text = w.type
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
), key AS (
    SELECT k.columns, ARRAY(SELECT now.name FROM now WHERE now.attnum = ANY (k.columns)) AS names
    FROM pg_index AS i
    CROSS JOIN LATERAL (SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1] AS columns,
                               (i.indcollation::oid[])[0:i.indnkeyatts - 1] AS collations) AS k
    WHERE i.indrelid = target AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
      AND NOT EXISTS (SELECT FROM pg_attribute AS a JOIN unnest(k.columns, k.collations) AS c (number, collated) ON c.number = a.attnum
                      WHERE a.attrelid = target AND (NOT a.attnotnull OR c.collated <> a.attcollation))
      AND NOT EXISTS (SELECT FROM now WHERE now.attnum = ANY (k.columns) AND now.place IS NULL)
      AND (change.keys IS NULL
           OR EXISTS (SELECT FROM unnest(change.keys) AS h (columns)
                      WHERE string_to_array(h.columns, ' ') <@ ARRAY(SELECT split_part(change.shape[now.place::integer], ' ', 1) FROM now
                                                                     WHERE now.attnum = ANY (k.columns))))
    ORDER BY i.indisprimary DESC, i.indisreplident DESC, i.indexrelid
    LIMIT 1
), extra AS (
    SELECT w.name, w.place FROM written AS w WHERE NOT EXISTS (SELECT FROM now WHERE now.place = w.place)
), missing AS (
    SELECT now.name, now.attnum FROM now WHERE NOT now.is_generated AND now.place IS NULL
)
SELECT jsonb_build_object(
    'table', target::text,
    'places', (SELECT coalesce(jsonb_agg(now.place ORDER BY now.attnum), '[]') FROM now),
    'at', (SELECT coalesce(jsonb_object_agg(now.name, now.place), '{}') FROM now),
    'same', (SELECT array_agg(now.place::bigint ORDER BY now.attnum) FROM now) = (SELECT array_agg(w.place ORDER BY w.place) FROM written AS w),
    'stored', (SELECT coalesce(jsonb_agg(now.name ORDER BY now.attnum), '[]') FROM now WHERE NOT now.is_generated AND now.place > 0),
    'missing', (SELECT coalesce(jsonb_agg(m.name ORDER BY m.attnum), '[]') FROM missing AS m),
    'extra', (SELECT coalesce(jsonb_agg(e.name ORDER BY e.place), '[]') FROM extra AS e),
    'ambiguous', EXISTS (SELECT FROM extra) AND EXISTS (SELECT FROM missing)
                 AND NOT EXISTS (SELECT FROM written AS w WHERE w.name_then IS NULL),
    'converted', (SELECT coalesce(jsonb_object_agg(now.name, jsonb_build_array(now.type, now.type_then)), '{}') FROM now WHERE now.is_converted AND NOT now.is_generated),
    'key', coalesce((SELECT to_jsonb(key.names) FROM key), '[]'),
    'follows', EXISTS (SELECT FROM key JOIN pg_constraint AS f ON f.conrelid = target AND f.contype = 'f'
                                      AND f.confupdtype NOT IN ('a', 'r') AND f.conkey && key.columns),
    'plain', (SELECT coalesce(jsonb_agg(now.name), '[]') FROM now WHERE now.is_plain))
$$;

-- The text of the row as the table has it now.
CREATE OR REPLACE FUNCTION backstop.fitted(fit jsonb, row_text text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
SELECT CASE
    WHEN (fit ->> 'same')::boolean THEN row_text
    ELSE (SELECT backstop.row_text(array_agg(f.fields[p.place::integer] ORDER BY p.number))
          FROM (SELECT backstop.fields(row_text) AS fields OFFSET 0) AS f,
               jsonb_array_elements_text(fit -> 'places') WITH ORDINALITY AS p (place, number))
END
$$;

-- How a text, the parameter, is read as a value of a type, by the type's own input: a cast from text may be anybody's function, and a
-- string in JSON never meets one. It stands in an array, because types made of json would take it as JSON.
CREATE OR REPLACE FUNCTION backstop.reading(parameter text, type text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
SELECT format(CASE WHEN type LIKE '%[]' THEN '(SELECT v_.v FROM pg_catalog.json_to_record(pg_catalog.json_build_object(''v'', %s)) AS v_ (v %s))'
                   ELSE '(SELECT v_.v[1] FROM pg_catalog.json_to_record(pg_catalog.json_build_object(''v'', pg_catalog.concat(ARRAY[%s]))) AS v_ (v %s[]))'
              END, parameter, type)
$$;

-- The same for a row of a table: a relation with one column, r.
CREATE OR REPLACE FUNCTION backstop.reading_row(parameter text, of_table text, alias text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
SELECT format('pg_catalog.json_to_record(pg_catalog.json_build_object(''r'', %s)) AS %I (r %s)', parameter, alias, of_table)
$$;

-- The condition that finds the row, called t, that parameter $1 or $2 holds. Without a key it is one of those that are equal in all
-- that was written.
CREATE OR REPLACE FUNCTION backstop.finding(fit jsonb, parameter text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
SELECT CASE
    WHEN fit -> 'key' <> '[]' THEN
        (SELECT string_agg(
                    format(CASE WHEN fit -> 'plain' ? k.name THEN 't.%1$I OPERATOR(pg_catalog.=) (SELECT (f.r).%1$I FROM %2$s)'
                                ELSE 'pg_catalog.concat(t.%1$I) OPERATOR(pg_catalog.=) (SELECT pg_catalog.concat((f.r).%1$I) FROM %2$s)' END,
                           k.name, backstop.reading_row(parameter, fit ->> 'table', 'f')),
                    ' AND ')
         FROM jsonb_array_elements_text(fit -> 'key') AS k (name))
    ELSE
        (SELECT format('t.ctid OPERATOR(pg_catalog.=) (SELECT x.ctid FROM ONLY %1$s AS x '
                       'WHERE ROW(%2$s)::pg_catalog.text COLLATE pg_catalog."C" OPERATOR(pg_catalog.=) '
                       '(SELECT ROW(%3$s)::pg_catalog.text FROM %4$s) LIMIT 1)',
                       fit ->> 'table', string_agg(format('x.%I', s.name), ', '), string_agg(format('(y.r).%I', s.name), ', '),
                       backstop.reading_row(parameter, fit ->> 'table', 'y'))
         FROM jsonb_array_elements_text(fit -> 'stored') AS s (name))
END
$$;

-- The statement that makes a row, parameter $1, with all that was written and can be stored.
CREATE OR REPLACE FUNCTION backstop.insertion(fit jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
SELECT CASE
    WHEN fit -> 'stored' = '[]' THEN format('INSERT INTO %s DEFAULT VALUES', fit ->> 'table')
    ELSE (SELECT format('INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE SELECT %3$s FROM %4$s',
                        fit ->> 'table', string_agg(format('%I', s.name), ', ' ORDER BY s.number),
                        string_agg(format('(w.r).%I', s.name), ', ' ORDER BY s.number),
                        backstop.reading_row('$1', fit ->> 'table', 'w'))
          FROM jsonb_array_elements_text(fit -> 'stored') WITH ORDINALITY AS s (name, number))
END
$$;

-- The path under which what hangs on a table can be evaluated, as its newest backup found it.
CREATE OR REPLACE FUNCTION backstop.path_of(target regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
SELECT coalesce((SELECT nullif(backstop.safe_path(t.search_path, (SELECT pg_get_userbyid(c.relowner) FROM pg_class AS c WHERE c.oid = target)), '')
                 FROM backstop.backup_tables AS t JOIN backstop.backups AS b ON b.id = t.backup
                 WHERE to_regclass(format('%I.%I', t.schema_name, t.table_name)) = target ORDER BY b.created_at DESC LIMIT 1),
                'pg_catalog, pg_temp')
$$;
REVOKE ALL ON FUNCTION backstop.path_of(regclass) FROM PUBLIC;

-- Runs a statement under the path of a table, whose owner may have put operators and functions there: the statement names all of the
-- server's own with its schema, and so does what follows it here. Gives how many rows it wrote.
CREATE OR REPLACE FUNCTION backstop.write_under(target regclass, statement text, first text, second text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD'
    SET "IntervalStyle" = postgres SET extra_float_digits = 3 SET bytea_output = hex SET quote_all_identifiers = off AS $$
DECLARE
    written bigint;
BEGIN
    PERFORM backstop.evaluate_under();
    PERFORM set_config('search_path', backstop.path_of(target), true);
    EXECUTE statement USING first, second;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;

-- What a query that answers one number finds, asked in the same way.
CREATE OR REPLACE FUNCTION backstop.number_under(target regclass, query text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer bigint;
BEGIN
    PERFORM set_config('search_path', backstop.path_of(target), true);
    EXECUTE query INTO answer;
    RETURN answer;
END
$$;

-- A column that has another type now may hold something else than what was written, or the same under another name for it: a date
-- of what was a moment, a rounded number. What the type makes of the value must be written as the value was, or be that value again
-- where it is given back to the type that it had.
CREATE OR REPLACE FUNCTION backstop.refuse_altered_values(change backstop.later_writes, fit jsonb, was text[], is_now text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    converted record;
    kept      text;
BEGIN
    FOR converted IN
        SELECT c.key AS name, c.value ->> 0 AS type, c.value ->> 1 AS type_then, is_now[p.place] AS value
        FROM jsonb_each(fit -> 'converted') AS c
        CROSS JOIN LATERAL (SELECT (fit #>> ARRAY['at', c.key])::integer AS place) AS p
        WHERE is_now[p.place] IS NOT NULL AND (change.operation = 'INSERT' OR is_now[p.place] IS DISTINCT FROM was[p.place])
    LOOP
        EXECUTE format('SELECT pg_catalog.concat(%s)', backstop.reading('$1', converted.type)) INTO kept USING converted.value;
        IF kept <> converted.value AND converted.type_then IS NOT NULL THEN
            EXECUTE format('SELECT pg_catalog.concat(%s::%s)', backstop.reading('$1', converted.type), converted.type_then) INTO kept USING converted.value;
        END IF;
        IF kept IS DISTINCT FROM converted.value THEN
            RAISE datatype_mismatch USING MESSAGE = format(
                'column %I had another type when this was written: %s is none of the values of type %s',
                converted.name, quote_literal(converted.value), converted.type);
        END IF;
    END LOOP;
END
$$;

-- The values of a written row in columns of the backup.
CREATE OR REPLACE FUNCTION backstop.values_in(change backstop.later_writes, row_text text, names text[]) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
SELECT ARRAY(SELECT f.fields[array_position(f.columns, n.name)] FROM unnest(names) WITH ORDINALITY AS n (name, place) ORDER BY n.place)
FROM (SELECT backstop.fields(row_text) AS fields, backstop.columns_then(change) AS columns OFFSET 0) AS f
$$;

-- Whether the row that somebody changed is one that could not be made here: another one may have its key, which the run had taken away. It
-- came under that key by a change that was put aside, or is pending, and has not left it since.
CREATE OR REPLACE FUNCTION backstop.is_put_aside(change backstop.later_writes, fit jsonb, pending bigint[]) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH row_key AS (
    SELECT k.names, backstop.values_in(change, change.old_row, k.names) AS values
    FROM (SELECT ARRAY(SELECT jsonb_array_elements_text(fit -> 'key')) AS names OFFSET 0) AS k
), aside AS (
    SELECT unnest(pending) AS seq
    UNION
    SELECT q.seq FROM backstop.quarantine AS q WHERE q.run = change.run AND NOT q.carried_over AND q.operation <> 'DELETE'
)
SELECT EXISTS (
    SELECT FROM aside AS a JOIN backstop.later_writes AS w ON w.seq = a.seq CROSS JOIN row_key AS k
    WHERE w.run = change.run AND w.seq < change.seq AND w.operation IN ('INSERT', 'UPDATE')
      AND coalesce(w.moved_to, ARRAY[w.schema_name, w.table_name]) = ARRAY[change.schema_name, change.table_name]
      AND (strpos(k.values[1], '"') > 0 OR strpos(k.values[1], chr(92)) > 0 OR strpos(w.new_row, k.values[1]) > 0)
      AND backstop.values_in(w, w.new_row, k.names) = k.values
      AND (w.operation = 'INSERT' OR backstop.values_in(w, w.old_row, k.names) <> k.values)
      AND NOT EXISTS (SELECT FROM backstop.later_writes AS l
                      WHERE l.run = w.run AND l.seq > w.seq AND l.seq < change.seq
                        AND (l.schema_name, l.table_name) = (change.schema_name, change.table_name)
                        AND (l.operation = 'TRUNCATE'
                             OR l.operation IN ('DELETE', 'UPDATE') AND backstop.values_in(l, l.old_row, k.names) = k.values
                                AND (l.operation = 'DELETE' OR backstop.values_in(l, l.new_row, k.names) <> k.values))))
$$;

-- Makes one change again. Gives the reason why some of its values were left out, where some were. pending: earlier changes of its
-- transaction that could not be made yet, so that a row that is to be deleted and isn't there may still come.
DROP FUNCTION IF EXISTS backstop.make_again(backstop.later_writes, jsonb, boolean);
CREATE OR REPLACE FUNCTION backstop.make_again(change backstop.later_writes, fit jsonb, pending bigint[]) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass := fit ->> 'table';
    extra  text[];
    was    text[];
    is_now text[];
    names  text[];
    -- What is above a partition that the row leaves.
    root   regclass := CASE WHEN change.moved_to IS NOT NULL THEN pg_partition_root(target) END;
    found_rows bigint;
BEGIN
    IF (fit ->> 'ambiguous')::boolean AND change.operation IN ('INSERT', 'UPDATE') THEN
        RAISE undefined_column USING MESSAGE = format(
            'the table had other columns when this was written: %s, and not %s',
            array_to_string(ARRAY(SELECT jsonb_array_elements_text(fit -> 'extra')), ', '),
            array_to_string(ARRAY(SELECT jsonb_array_elements_text(fit -> 'missing')), ', '));
    END IF;
    IF change.operation = 'UPDATE' OR fit -> 'extra' <> '[]' OR fit -> 'converted' <> '{}' THEN
        was := backstop.fields(change.old_row);
        is_now := backstop.fields(change.new_row);
    END IF;
    IF fit -> 'converted' <> '{}' THEN
        PERFORM backstop.refuse_altered_values(change, fit, was, is_now);
    END IF;
    IF change.operation IN ('UPDATE', 'DELETE') AND fit -> 'key' <> '[]' AND backstop.is_put_aside(change, fit, pending) THEN
        RAISE no_data_found USING MESSAGE = 'the row that was changed is not in the restored table: how it came there could not be made again';
    END IF;
    CASE change.operation
        WHEN 'INSERT' THEN
            PERFORM backstop.write_under(target, fit ->> 'insertion', CASE WHEN fit -> 'stored' <> '[]' THEN backstop.fitted(fit, change.new_row) END, NULL);
        WHEN 'UPDATE' THEN
            -- Of an old row only what the writer changed is written: the rest may be the run's.
            SELECT array_agg(s.name) INTO names FROM jsonb_array_elements_text(fit -> 'stored') AS s (name)
            WHERE was[(fit #>> ARRAY['at', s.name])::integer] IS DISTINCT FROM is_now[(fit #>> ARRAY['at', s.name])::integer];
            IF names IS NOT NULL THEN
                FOR i IN 1..2 LOOP
                    -- A foreign key may have changed the key already, when the row that it points to was changed.
                    CONTINUE WHEN i = 2 AND (found_rows > 0 OR NOT (fit ->> 'follows')::boolean);
                    found_rows := backstop.write_under(target,
                        format('UPDATE %4$s AS t SET %2$s FROM %1$s WHERE %3$s', backstop.reading_row('$2', fit ->> 'table', 'w'),
                               (SELECT string_agg(format('%1$I = (w.r).%1$I', n), ', ') FROM unnest(names) AS n),
                               CASE i WHEN 1 THEN fit ->> 'finding' ELSE backstop.finding(fit, '$2') END
                               || CASE WHEN root IS NULL THEN ''
                                       ELSE format(' AND t.tableoid OPERATOR(pg_catalog.%s) %s', CASE i WHEN 1 THEN '=' ELSE '<>' END, target::oid)
                                  END,
                               coalesce(root::text, 'ONLY ' || target::text)),
                        backstop.fitted(fit, change.old_row), backstop.fitted(fit, change.new_row));
                END LOOP;
                IF found_rows = 0 THEN
                    RAISE no_data_found USING MESSAGE = 'the row that was changed is not in the restored table';
                END IF;
            END IF;
        WHEN 'DELETE' THEN
            found_rows := backstop.write_under(target, format('DELETE FROM ONLY %s AS t WHERE %s', fit ->> 'table', fit ->> 'finding'),
                                               backstop.fitted(fit, change.old_row), NULL);
            -- With a key it is known that the row is gone, by a foreign key's cascade for instance.
            IF found_rows = 0 AND (pending <> '{}' OR fit -> 'key' = '[]') THEN
                RAISE no_data_found USING MESSAGE = 'the row that was deleted is not in the restored table';
            END IF;
        ELSE
            PERFORM backstop.write_under(target, format('DELETE FROM ONLY %s', fit ->> 'table'), NULL, NULL);
    END CASE;
    IF found_rows > 1 THEN
        RAISE too_many_rows USING MESSAGE = format('%s rows of the restored table could be the one that was written', found_rows);
    END IF;
    IF fit -> 'extra' = '[]' THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(e) INTO extra FROM jsonb_array_elements_text(fit -> 'extra') AS e
    WHERE is_now[array_position(change.columns, e)] IS NOT NULL
      AND (change.operation = 'INSERT'
           OR is_now[array_position(change.columns, e)] IS DISTINCT FROM was[array_position(change.columns, e)]);
    RETURN 'the restored table has no column ' || array_to_string(extra, ', ') || '; the rest was made again';
END
$$;

CREATE OR REPLACE FUNCTION backstop.put_in_quarantine(change backstop.later_writes, state text, reason text, carried_over boolean)
    RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
INSERT INTO backstop.quarantine VALUES (
    change.run, change.seq, change.schema_name, change.table_name, change.operation,
    CASE WHEN change.columns <> '{}' THEN jsonb_object(change.columns, backstop.fields(change.old_row)) END,
    CASE WHEN change.columns <> '{}' THEN jsonb_object(change.columns, backstop.fields(change.new_row)) END,
    state, reason, carried_over, change.written_at, change.role_name)
$$;

-- One change with all that belongs to it. fits is what is known so far of how rows fit into tables.
DROP FUNCTION IF EXISTS backstop.carry_one(bigint, boolean, jsonb);
CREATE OR REPLACE FUNCTION backstop.carry_one(wanted bigint, pending bigint[], INOUT fits jsonb) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    change backstop.later_writes;
    known  text;
    reason text;
    target regclass;
    fit    jsonb;
BEGIN
    SELECT w.* INTO STRICT change FROM backstop.later_writes AS w WHERE w.seq = wanted;
    known := format('%I.%I %s %s %s %s', change.schema_name, change.table_name, change.columns, change.relation, change.shape, change.keys);
    IF NOT fits ? known THEN
        target := to_regclass(format('%I.%I', change.schema_name, change.table_name));
        IF target IS NULL THEN
            RAISE undefined_table USING MESSAGE = format('there is no table %I.%I', change.schema_name, change.table_name);
        END IF;
        fit := backstop.fit(target, change);
        fits := fits || jsonb_build_object(known, fit || jsonb_build_object(
            'finding', backstop.finding(fit, '$1'), 'insertion', backstop.insertion(fit)));
    END IF;
    reason := backstop.make_again(change, fits -> known, pending);
    IF reason IS NOT NULL THEN
        PERFORM backstop.put_in_quarantine(change, '42703', reason, true);
    END IF;
END
$$;

-- The changes of one transaction, one by one: those that can't be made yet again after the others, as long as that helps.
-- What is left goes into quarantine.
CREATE OR REPLACE FUNCTION backstop.carry_singly(changes bigint[], INOUT fits jsonb) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    due     bigint[] := changes;
    failed  bigint[];
    states  text[];
    reasons text[];
    change  bigint;
BEGIN
    LOOP
        SELECT '{}', '{}', '{}' INTO failed, states, reasons;
        FOREACH change IN ARRAY due LOOP
            BEGIN
                fits := backstop.carry_one(change, failed, fits);
            EXCEPTION WHEN OTHERS THEN
                IF backstop.is_no_fault_of_the_change(SQLSTATE) THEN
                    RAISE;
                END IF;
                failed := failed || change;
                states := states || SQLSTATE::text;
                reasons := reasons || SQLERRM;
            END;
        END LOOP;
        EXIT WHEN cardinality(failed) IN (0, cardinality(due));
        due := failed;
    END LOOP;
    PERFORM backstop.put_in_quarantine(w, f.state, f.reason, false)
    FROM unnest(failed, states, reasons) AS f (seq, state, reason) JOIN backstop.later_writes AS w ON w.seq = f.seq;
END
$$;

-- Trouble of the session or the server: another attempt of the whole restore may go well.
CREATE OR REPLACE FUNCTION backstop.is_no_fault_of_the_change(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
SELECT left(state, 2) IN ('08', '40', '53', '57', '58', 'XX') OR state = '55P03'
$$;

-- Statements that keep triggers and rules of the application from firing, and those that let them again: what they did when the
-- writers wrote was captured as well. Foreign keys stay on guard.
CREATE OR REPLACE FUNCTION backstop.quieting(targets regclass[], OUT quiet text, OUT wake text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH actor AS (
    SELECT format('ALTER TABLE ONLY %s ', t.tgrelid::regclass) AS alter, 'TRIGGER ' || quote_ident(t.tgname) AS name, t.tgenabled AS enabled
    FROM pg_trigger AS t
    WHERE t.tgrelid = ANY (targets) AND t.tgenabled <> 'D' AND (NOT t.tgisinternal OR t.tgconstraint = 0)
    UNION ALL
    SELECT format('ALTER TABLE ONLY %s ', r.ev_class::regclass), 'RULE ' || quote_ident(r.rulename), r.ev_enabled
    FROM pg_rewrite AS r
    WHERE r.ev_class = ANY (targets) AND r.ev_enabled <> 'D'
)
SELECT string_agg(a.alter || 'DISABLE ' || a.name, ';'),
       string_agg(a.alter || CASE a.enabled WHEN 'A' THEN 'ENABLE ALWAYS ' WHEN 'R' THEN 'ENABLE REPLICA ' ELSE 'ENABLE ' END || a.name, ';')
FROM actor AS a
$$;

-- Sequences that give columns of these tables their values stand beyond them afterwards.
CREATE OR REPLACE FUNCTION backstop.move_sequences(targets regclass[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    source record;
    furthest bigint;
BEGIN
    FOR source IN
        SELECT DISTINCT s.seqrelid::regclass AS sequence, a.attrelid::regclass AS target, a.attname, s.seqincrement > 0 AS rises,
               s.seqmin, s.seqmax
        FROM pg_attribute AS a
        LEFT JOIN pg_attrdef AS e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
        JOIN pg_depend AS d
          ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
             AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
          OR d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid AND d.refclassid = 'pg_class'::regclass
        JOIN pg_sequence AS s ON s.seqrelid = CASE d.classid WHEN 'pg_class'::regclass THEN d.objid ELSE d.refobjid END
        WHERE a.attrelid = ANY (targets) AND a.attnum > 0 AND NOT a.attisdropped
          AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    LOOP
        furthest := backstop.number_under(source.target, format(
            'SELECT pg_catalog.%s(%I) FROM ONLY %s', CASE WHEN source.rises THEN 'max' ELSE 'min' END, source.attname, source.target));
        CONTINUE WHEN furthest IS NULL OR furthest NOT BETWEEN source.seqmin AND source.seqmax;
        EXECUTE format('SELECT pg_catalog.setval(%L, $1) FROM %s AS s WHERE CASE WHEN $2 THEN $1 OPERATOR(pg_catalog.>) s.last_value '
                       'ELSE $1 OPERATOR(pg_catalog.<) s.last_value END OR $1 OPERATOR(pg_catalog.=) s.last_value AND NOT s.is_called',
                       source.sequence, source.sequence)
            USING furthest, source.rises;
    END LOOP;
END
$$;

-- Makes the captured changes again that a backup taken at this moment does not hold. Transactions go whole, in the order of
-- their last change: whoever waited for another's row wrote after that one had committed, so this is an order in which all of it could have
-- happened one after the other. refused: changes, by their numbers, that are not to be made, each with the reason.
DROP FUNCTION IF EXISTS backstop.carry_over(uuid, pg_snapshot);
CREATE OR REPLACE FUNCTION backstop.carry_over(
    wanted uuid, moment pg_snapshot, refused jsonb DEFAULT '{}', OUT carried_over bigint, OUT quarantined bigint, OUT curtailed bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changes bigint[];
    targets regclass[];
    roots   regclass[];
    fits    jsonb := '{}';
    suspended  record;
BEGIN
    SELECT array_agg(DISTINCT to_regclass(format('%I.%I', t.schema_name, t.table_name))),
           array_agg(DISTINCT pg_partition_root(to_regclass(format('%I.%I', t.schema_name, t.table_name)))) FILTER (WHERE w.moved_to IS NOT NULL)
    INTO targets, roots
    FROM backstop.later_writes AS w
    CROSS JOIN LATERAL (VALUES (w.schema_name, w.table_name), (w.moved_to[1], w.moved_to[2])) AS t (schema_name, table_name)
    WHERE w.run = wanted AND w.columns IS NOT NULL AND t.table_name IS NOT NULL;
    SET CONSTRAINTS ALL IMMEDIATE;
    SELECT q.* INTO suspended FROM backstop.quieting(targets || roots) AS q;
    IF suspended.quiet IS NOT NULL THEN
        EXECUTE suspended.quiet;
    END IF;
    PERFORM backstop.put_in_quarantine(w, '23503', r.value, false)
    FROM jsonb_each_text(refused) AS r JOIN backstop.later_writes AS w ON w.run = wanted AND w.seq = r.key::bigint;
    GET DIAGNOSTICS carried_over = ROW_COUNT;
    FOR changes IN
        SELECT array_agg(w.seq ORDER BY w.seq) FROM backstop.later_writes AS w
        WHERE w.run = wanted AND w.columns IS NOT NULL AND (moment IS NULL OR NOT pg_visible_in_snapshot(w.transaction, moment))
          AND NOT refused ? w.seq::text
        GROUP BY w.transaction ORDER BY max(w.seq)
    LOOP
        DECLARE
            change bigint;
        BEGIN
            SET CONSTRAINTS ALL DEFERRED;
            FOREACH change IN ARRAY changes LOOP
                fits := backstop.carry_one(change, '{}', fits);
            END LOOP;
            SET CONSTRAINTS ALL IMMEDIATE;
        EXCEPTION WHEN OTHERS THEN
            IF backstop.is_no_fault_of_the_change(SQLSTATE) THEN
                RAISE;
            END IF;
            fits := backstop.carry_singly(changes, fits);
        END;
        carried_over := carried_over + cardinality(changes);
    END LOOP;
    IF suspended.wake IS NOT NULL THEN
        EXECUTE suspended.wake;
    END IF;
    PERFORM backstop.move_sequences(targets);
    SELECT count(*) FILTER (WHERE NOT q.carried_over), count(*) FILTER (WHERE q.carried_over) INTO quarantined, curtailed
    FROM backstop.quarantine AS q WHERE q.run = wanted;
    carried_over := carried_over - quarantined - curtailed;
END
$$;

DO $$
DECLARE
    own regprocedure;
BEGIN
    FOR own IN SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
               WHERE p.pronamespace = 'backstop'::regnamespace
                 AND p.proname IN ('fields', 'row_text', 'columns_then', 'fit', 'fitted', 'reading', 'reading_row', 'finding', 'insertion', 'refuse_altered_values',
                                   'write_under', 'number_under', 'values_in', 'is_put_aside', 'make_again', 'put_in_quarantine', 'carry_one',
                                   'carry_singly', 'is_no_fault_of_the_change', 'quieting', 'move_sequences', 'carry_over')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', own);
    END LOOP;
END
$$;
