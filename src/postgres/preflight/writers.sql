-- The columns by which changed rows of the targets, whose oids are $1, are found again, each with the target: in the target itself, in the
-- tables above it, and in tables whose foreign keys change them along. A target without such columns comes with none.
WITH RECURSIVE targets AS (
  SELECT c.oid, pg_catalog.format('%s.%s', n.nspname, c.relname) AS title,
         (SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1]
          FROM pg_catalog.pg_index AS i
          WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                            WHERE a.attrelid = c.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                              AND NOT a.attnotnull)
          ORDER BY i.indisprimary DESC, i.indisreplident DESC, i.indexrelid
          LIMIT 1) AS key
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.oid = ANY ($1::oid[]) AND c.relkind = 'r'
), columns (title, relation, number) AS (
  SELECT t.title, t.oid, k.number FROM targets AS t CROSS JOIN LATERAL unnest(t.key) AS k (number)
  UNION
  SELECT c.title, more.relation, more.number
  FROM columns AS c
  CROSS JOIN LATERAL (
    SELECT f.confrelid, f.confkey[pg_catalog.array_position(f.conkey, c.number)]
    FROM pg_catalog.pg_constraint AS f
    WHERE f.conrelid = c.relation AND f.contype = 'f' AND f.confupdtype = 'c' AND c.number = ANY (f.conkey)
    UNION ALL
    SELECT i.inhparent, above.attnum
    FROM pg_catalog.pg_inherits AS i
    JOIN pg_catalog.pg_attribute AS below ON below.attrelid = c.relation AND below.attnum = c.number
    JOIN pg_catalog.pg_attribute AS above ON above.attrelid = i.inhparent AND above.attname = below.attname
    WHERE i.inhrelid = c.relation
  ) AS more (relation, number)
)
SELECT t.title, n.nspname::text, r.relname::text, a.attname::text
FROM targets AS t
LEFT JOIN (columns AS c
           JOIN pg_catalog.pg_class AS r ON r.oid = c.relation
           JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
           JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.relation AND a.attnum = c.number) ON c.title = t.title
ORDER BY 1, 2, 3, 4
