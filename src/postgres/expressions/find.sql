-- What hangs on tables ($1, quoted names) and is evaluated when their rows are brought back, as far as what it comes to may have
-- changed since it was found true: it calls a function that is not immutable, or one that was written here, or one of the server's that
-- looks at more than its arguments (text search configurations, time zones), or reads what types print. One row an expression,
-- with SQL that asks it of the rows. Pairs of rows are asked up to so many rows: $2. Read under an empty search_path, so that every name in it is qualified.
WITH RECURSIVE targets AS (
    SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relowner, n.nspname,
           -- Nobody has counted yet where this is 0 or less; a row takes 28 bytes at least. Asking for a size waits for locks, and is only
           -- worth it where pairs of rows would be read.
           CASE WHEN c.reltuples > 0 THEN c.reltuples
                WHEN EXISTS (SELECT FROM pg_catalog.pg_index AS x WHERE x.indrelid = c.oid AND x.indisexclusion)
                THEN pg_catalog.pg_relation_size(c.oid) / 28 ELSE 0 END AS rows_at_most,
           -- A superuser asks as the owner, whose functions are none of his business.
           (SELECT o.rolname::text FROM pg_catalog.pg_roles AS me, pg_catalog.pg_roles AS o
            WHERE me.rolname = current_user AND me.rolsuper AND o.oid = c.relowner AND NOT o.rolsuper AND NOT c.relforcerowsecurity) AS asks,
           pg_catalog.format('ONLY %I.%I', n.nspname, c.relname) AS relation,
           coalesce((SELECT 'pg_catalog.concat_ws('', '', ' || pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
                     FROM pg_catalog.pg_index AS i
                     JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                     WHERE i.indrelid = c.oid AND i.indisprimary),
                    'ctid::pg_catalog.text') AS label
    FROM pg_catalog.unnest($1::text[]) AS t (name)
    -- To look a name up would be an error where the role may not use its schema.
    CROSS JOIN LATERAL pg_catalog.parse_ident(t.name) AS i (parts)
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = i.parts[1]
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = i.parts[2] AND c.relkind IN ('r', 'p', 'm')
), above AS (
    SELECT i.inhrelid AS oid, i.inhparent AS parent FROM targets AS t JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = t.oid WHERE t.relispartition
    UNION
    SELECT a.oid, i.inhparent FROM above AS a JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = a.parent
), reached AS (
    SELECT a.attrelid, a.attnum, a.attname, a.atttypid AS column_type, a.atttypmod, a.atttypid AS type, true AS is_plain
    FROM targets AS t
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND t.relkind <> 'm' AND a.attnum > 0 AND NOT a.attisdropped
                                     AND a.attgenerated = '' AND a.atttypid >= 16384
    UNION
    SELECT r.attrelid, r.attnum, r.attname, r.column_type, r.atttypmod, x.type, r.is_plain AND y.typtype = 'd'
    FROM reached AS r
    JOIN pg_catalog.pg_type AS y ON y.oid = r.type
    CROSS JOIN LATERAL (
        SELECT y.typbasetype WHERE y.typbasetype <> 0
        UNION ALL SELECT y.typelem WHERE y.typelem <> 0
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
                  WHERE y.typrelid <> 0 AND a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL SELECT g.rngsubtype FROM pg_catalog.pg_range AS g
                  WHERE y.oid IN (g.rngtypid, (pg_catalog.to_jsonb(g) ->> 'rngmultitypid')::oid)
    ) AS x (type)
    WHERE x.type >= 16384
), bases AS (
    SELECT y.oid AS domain, y.typbasetype AS type FROM pg_catalog.pg_type AS y WHERE y.typtype = 'd'
    UNION ALL
    SELECT b.domain, y.typbasetype FROM bases AS b JOIN pg_catalog.pg_type AS y ON y.oid = b.type AND y.typtype = 'd'
), indexes AS (
    SELECT i.*, c.relname AS name, n.nspname AS schema, x.oid AS constraint, x.conexclop,
           ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false) FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k ORDER BY k) AS keys,
           pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate
    FROM targets AS t
    JOIN pg_catalog.pg_index AS i ON i.indrelid = t.oid AND i.indisvalid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR i.indisexclusion)
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_constraint AS x ON x.conindid = i.indexrelid AND x.conrelid = t.oid AND x.contype = 'x'
), found AS (
    SELECT t.oid AS relid, 'check' AS kind, c.conname::text AS name, c.conbin::text AS tree,
           pg_catalog.format('NOT (%s)', pg_catalog.pg_get_expr(c.conbin, c.conrelid)) AS broken, NULL::text AS value,
           NULL::text AS condition, NULL::text AS duplicates, pg_catalog.pg_get_constraintdef(c.oid) AS definition,
           NULL::text AS beside, false AS is_maintained
    FROM targets AS t
    JOIN pg_catalog.pg_constraint AS c ON c.conrelid = t.oid AND c.contype = 'c' AND c.convalidated
    UNION ALL
    SELECT t.oid, 'generated', a.attname, d.adbin::text,
           -- Neither is ever NULL: the text of a row has its parentheses.
           pg_catalog.format('ROW(%I)::pg_catalog.text COLLATE pg_catalog."C" OPERATOR(pg_catalog.<>) ROW(%s)::pg_catalog.text COLLATE pg_catalog."C"',
                             a.attname, pg_catalog.pg_get_expr(d.adbin, d.adrelid)),
           NULL, NULL, NULL, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
           -- Only a row whose other columns are written has it computed again.
           (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%1$I = %1$I', b.attname), ', ')
            FROM pg_catalog.pg_depend AS n
            JOIN pg_catalog.pg_attribute AS b ON b.attrelid = n.refobjid AND b.attnum = n.refobjsubid AND b.attnum <> a.attnum
            WHERE n.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND n.refobjid = a.attrelid
              AND (n.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND n.objid = d.oid
                   OR n.classid = n.refclassid AND n.objid = a.attrelid AND n.objsubid = a.attnum)),
           false
    FROM targets AS t
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attgenerated = 's' AND NOT a.attisdropped
    JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT i.indrelid, CASE WHEN i.constraint IS NOT NULL THEN 'exclusion' WHEN i.indisunique THEN 'unique' ELSE 'index' END,
           pg_catalog.format('%I.%I', i.schema, i.name),
           -- The operators of an exclusion constraint may have been written here, too.
           pg_catalog.concat(i.indexprs::text, i.indpred::text, ' :opno ' || pg_catalog.array_to_string(i.conexclop, ' :opno ')), NULL,
           pg_catalog.format('ROW(%s)', pg_catalog.array_to_string(i.keys, ', ')), i.predicate,
           CASE
               WHEN i.constraint IS NOT NULL THEN pg_catalog.format(
                   'WITH r AS MATERIALIZED (SELECT ctid AS place, %s AS label, %s FROM %s%s) '
                   'SELECT pg_catalog.count(*), (pg_catalog.array_agg(a.label))[1:5] FROM r AS a JOIN r AS b ON a.place OPERATOR(pg_catalog.<) b.place AND %s',
                   t.label, k.named, t.relation, ' WHERE ' || i.predicate, k.excluded)
               WHEN i.indisunique THEN pg_catalog.format(
                   'SELECT pg_catalog.count(*), (pg_catalog.array_agg(d.label))[1:5] FROM (SELECT pg_catalog.concat_ws('', '', %1$s) AS label '
                   'FROM (SELECT %2$s FROM %3$s%4$s) AS r%5$s GROUP BY %1$s HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1) AS d',
                   k.plain, k.named, t.relation, ' WHERE ' || i.predicate,
                   CASE WHEN pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' THEN '' ELSE ' WHERE ' || k.not_null END)
           END,
           pg_catalog.pg_get_indexdef(i.indexrelid), NULL, true
    FROM indexes AS i
    JOIN targets AS t ON t.oid = i.indrelid
    CROSS JOIN LATERAL (
        SELECT pg_catalog.string_agg(pg_catalog.format('%s AS k%s', u.key, u.place), ', ' ORDER BY u.place) AS named,
               pg_catalog.string_agg(pg_catalog.format('r.k%s', u.place), ', ' ORDER BY u.place) AS plain,
               pg_catalog.string_agg(pg_catalog.format('r.k%s IS NOT NULL', u.place), ' AND ') AS not_null,
               pg_catalog.string_agg(CASE WHEN o.oid IS NOT NULL THEN
                   pg_catalog.format('a.k%1$s OPERATOR(%2$I.%3$s) b.k%1$s', u.place, n.nspname, o.oprname) END, ' AND ') AS excluded
        FROM pg_catalog.unnest(i.keys) WITH ORDINALITY AS u (key, place)
        LEFT JOIN pg_catalog.pg_operator AS o ON o.oid = i.conexclop[u.place]
        LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
    ) AS k
    UNION ALL
    SELECT t.oid, 'statistics', pg_catalog.format('%I.%I', n.nspname, s.stxname), pg_catalog.to_jsonb(s) ->> 'stxexprs', NULL,
           NULL -- before 140000
           pg_catalog.format('ROW(%s)', pg_catalog.array_to_string(pg_catalog.pg_get_statisticsobjdef_expressions(s.oid), ', ')) -- from 140000
           , NULL, NULL, pg_catalog.pg_get_statisticsobjdef(s.oid), NULL, false
    FROM targets AS t
    JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = t.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace
    UNION ALL
    -- What must hold for a partition's rows can be read only under a path that its parents' keys work under.
    SELECT t.oid, 'partition', t.relname, pg_catalog.string_agg(p.partexprs::text, ''), NULL, NULL, NULL, NULL,
           pg_catalog.pg_get_expr(c.relpartbound, c.oid), NULL, false
    FROM targets AS t
    JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
    JOIN above AS a ON a.oid = t.oid
    JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = a.parent AND p.partexprs IS NOT NULL
    GROUP BY t.oid, t.relname, c.oid, c.relpartbound
    UNION ALL
    SELECT t.oid, 'key', t.relname, p.partexprs::text, NULL,
           pg_catalog.format('ROW(%s)', pg_catalog.pg_get_expr(p.partexprs, p.partrelid)), NULL, NULL,
           pg_catalog.pg_get_partkeydef(t.oid), NULL, false
    FROM targets AS t
    JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = t.oid AND p.partexprs IS NOT NULL
    UNION ALL
    -- Of those that are NOT VALID a restore takes off what it may.
    SELECT r.attrelid, 'domain', c.conname, CASE WHEN c.convalidated THEN '' ELSE '{NOT VALID ' END || c.conbin::text,
           CASE WHEN r.is_plain THEN
               pg_catalog.format('(SELECT NOT (%s) FROM (SELECT (%I)::%s AS value) AS v)', pg_catalog.pg_get_expr(c.conbin, 0), r.attname,
                                 pg_catalog.format_type(b.type, NULL)) END,
           CASE WHEN NOT r.is_plain THEN
               -- By the type's own input, as the rows are loaded.
               pg_catalog.format('(SELECT v_.v%3$s FROM pg_catalog.json_to_record(pg_catalog.json_build_object(''v'', '
                                 'CASE WHEN %1$I IS NOT DISTINCT FROM NULL THEN NULL ELSE pg_catalog.concat(%4$s) END)) AS v_ (v %2$s))', r.attname,
                                 z.name || CASE WHEN z.is_array THEN '' ELSE '[]' END, CASE WHEN z.is_array THEN '' ELSE '[1]' END,
                                 pg_catalog.format(CASE WHEN z.is_array THEN '%I' ELSE 'ARRAY[%I]' END, r.attname)) END,
           NULL, NULL, pg_catalog.pg_get_constraintdef(c.oid), pg_catalog.format_type(r.type, NULL), false
    FROM reached AS r
    JOIN pg_catalog.pg_type AS y ON y.oid = r.type
    JOIN pg_catalog.pg_constraint AS c ON c.contypid = r.type AND c.contype = 'c'
                                      AND (c.convalidated OR NOT pg_catalog.pg_has_role(y.typowner, 'USAGE'))
    CROSS JOIN LATERAL (SELECT f.name, f.name LIKE '%[]' AS is_array
                        FROM pg_catalog.format_type(r.column_type, r.atttypmod) AS f (name)) AS z
    JOIN bases AS b ON b.domain = r.type AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS y WHERE y.oid = b.type AND y.typtype = 'd')
)
SELECT t.nspname::text, t.relname::text, t.relkind = 'm', t.relation, pg_catalog.pg_get_userbyid(t.relowner)::text, t.asks, t.label, f.kind, f.name, f.broken, f.value,
       f.condition, CASE WHEN f.kind <> 'exclusion' OR t.rows_at_most <= $2::float8 THEN f.duplicates END, f.kind = 'exclusion' AND t.rows_at_most > $2::float8,
       f.definition, f.beside, f.is_maintained, u.functions, u.schemas
FROM found AS f
JOIN targets AS t ON t.oid = f.relid
CROSS JOIN LATERAL (
    SELECT coalesce(pg_catalog.bool_or(p.provolatile <> 'i' OR q.is_written OR q.looks_elsewhere), false) AS may_change,
           coalesce(pg_catalog.array_agg(DISTINCT p.oid::pg_catalog.regprocedure::text)
                    FILTER (WHERE q.is_written AND NOT EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) AS s (setting) WHERE s.setting LIKE 'search_path=%')), '{}') AS functions,
           coalesce(pg_catalog.array_agg(DISTINCT n.nspname::text) FILTER (WHERE q.is_written), '{}') AS schemas
    FROM (SELECT m[1]::oid FROM pg_catalog.regexp_matches(f.tree, ':funcid (\d+)', 'g') AS m
          UNION
          SELECT o.oprcode::oid FROM pg_catalog.regexp_matches(f.tree, ':opno (\d+)', 'g') AS m
          JOIN pg_catalog.pg_operator AS o ON o.oid = m[1]::oid) AS called (oid)
    JOIN pg_catalog.pg_proc AS p ON p.oid = called.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
    CROSS JOIN LATERAL (
        SELECT p.oid >= 16384 AND l.lanname NOT IN ('internal', 'c'),
               p.proargtypes::oid[] && ARRAY['pg_catalog.regconfig'::pg_catalog.regtype, 'pg_catalog.regdictionary'::pg_catalog.regtype]::oid[]
               OR p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND p.proname = 'timezone'
    ) AS q (is_written, looks_elsewhere)
) AS u
WHERE u.may_change OR f.tree ~ '\{(SQLVALUEFUNCTION|COERCETODOMAIN|COERCEVIAIO|NOT VALID) '
ORDER BY t.nspname, t.relname, f.kind, f.name
