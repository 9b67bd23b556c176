-- The foreign keys that are valid and that a restore of the targets may have to make anew, each with the query that finds rows
-- that break it all the same, or why none is asked. Of a tree of partitions the key of its root counts, where that is a target.
-- A superuser asks as the owner of the key's table: functions of that one, in casts, indexes and statistics, are none of his business.
-- $1: the targets. $2: the size in bytes up to which a table that is no target is read for that.
WITH targets AS (
    SELECT pg_catalog.to_regclass(t.name)::oid AS oid FROM pg_catalog.unnest($1::text[]) AS t (name)
), keys AS (
    SELECT c.*,
           'ONLY ' || c.conrelid::regclass AS own, 'ONLY ' || c.confrelid::regclass AS other,
           CASE WHEN pg_catalog.to_jsonb(c) ->> 'conperiod' = 'true' THEN 'it is one over periods'
                WHEN NOT EXISTS (SELECT FROM targets AS t WHERE t.oid = c.conrelid)
                 AND (SELECT coalesce(pg_catalog.sum(pg_catalog.pg_table_size(r.oid)), 0)
                      FROM (SELECT c.conrelid AS oid UNION SELECT p.relid FROM pg_catalog.pg_partition_tree(c.conrelid) AS p) AS r) > $2::bigint
                THEN 'its table is large and no target' END AS unread
    FROM pg_catalog.pg_constraint AS c
    WHERE c.contype = 'f' AND c.convalidated
      AND (c.conparentid = 0 AND EXISTS (SELECT FROM targets AS t WHERE t.oid IN (c.conrelid, c.confrelid))
           OR EXISTS (SELECT FROM targets AS t WHERE t.oid = c.conrelid)
              AND EXISTS (SELECT FROM pg_catalog.pg_constraint AS p
                          WHERE p.oid = c.conparentid AND p.confrelid = c.confrelid
                            AND NOT EXISTS (SELECT FROM targets AS t WHERE t.oid IN (p.conrelid, p.confrelid))))
), pairs AS (
    SELECT k.oid,
           pg_catalog.string_agg(pg_catalog.format('r.%I', mine.attname), ', ' ORDER BY p.place) AS columns,
           pg_catalog.string_agg(pg_catalog.format('r.%I IS NOT NULL', mine.attname), ' AND ') AS are_there,
           pg_catalog.string_agg(pg_catalog.format('f.%I OPERATOR(%I.%s) r.%I', theirs.attname, n.nspname, o.oprname, mine.attname), ' AND ') AS match
    FROM keys AS k
    CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey), pg_catalog.unnest(k.conpfeqop))
        WITH ORDINALITY AS p (mine, theirs, operator, place)
    JOIN pg_catalog.pg_attribute AS mine ON mine.attrelid = k.conrelid AND mine.attnum = p.mine
    JOIN pg_catalog.pg_attribute AS theirs ON theirs.attrelid = k.confrelid AND theirs.attnum = p.theirs
    JOIN pg_catalog.pg_operator AS o ON o.oid = p.operator
    JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
    GROUP BY k.oid
)
SELECT pg_catalog.quote_ident(k.conname), k.conrelid::regclass::text, k.confrelid::regclass::text,
       coalesce(k.unread, CASE WHEN NOT asks.may THEN 'only its owner would be let ask, who may not read both tables' END),
       pg_catalog.format('SELECT count(*), (pg_catalog.array_agg(k.key ORDER BY k.key))[1:5] FROM (SELECT pg_catalog.concat_ws('', '', %s) AS key FROM %s AS r '
                         'WHERE %s AND NOT EXISTS (SELECT FROM %s AS f WHERE %s)) AS k',
                         p.columns,
                         CASE own.relkind WHEN 'p' THEN k.conrelid::regclass::text ELSE k.own END, p.are_there,
                         CASE other.relkind WHEN 'p' THEN k.confrelid::regclass::text ELSE k.other END, p.match),
       asks.role
FROM keys AS k
JOIN pairs AS p ON p.oid = k.oid
JOIN pg_catalog.pg_class AS own ON own.oid = k.conrelid
JOIN pg_catalog.pg_class AS other ON other.oid = k.confrelid
LEFT JOIN LATERAL (
    SELECT o.rolname::text AS role,
           pg_catalog.bool_and(pg_catalog.has_table_privilege(o.oid, r.oid, 'SELECT') AND pg_catalog.has_schema_privilege(o.oid, r.relnamespace, 'USAGE')
                               AND NOT r.relforcerowsecurity) AS may
    FROM pg_catalog.pg_roles AS me
    JOIN pg_catalog.pg_roles AS o ON o.oid = own.relowner AND NOT o.rolsuper
    JOIN pg_catalog.pg_class AS r ON r.oid IN (own.oid, other.oid)
    WHERE me.rolname = current_user AND me.rolsuper
    GROUP BY o.rolname
) AS asks ON true
ORDER BY 2, 1
