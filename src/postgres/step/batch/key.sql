-- The table (the oid $1) and its column ($2) that batches go through, with what speaks for and against it.
SELECT n.nspname::text,
       c.relname::text,
       a.attname::text,
       pg_catalog.format_type(a.atttypid, NULL),
       a.atttypid,
       a.attnotnull,
       c.relkind IN ('r', 'p'),
       EXISTS (
           SELECT FROM pg_catalog.pg_index AS i
           JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
           JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
           WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree'
             AND i.indkey[0] = a.attnum AND i.indcollation[0] = a.attcollation
       ),
       CASE WHEN c.relkind = 'p' THEN (
           SELECT sum(greatest(l.reltuples, 0))::bigint
           FROM pg_catalog.pg_partition_tree(c.oid) AS p
           JOIN pg_catalog.pg_class AS l ON l.oid = p.relid
           WHERE p.isleaf
       ) ELSE nullif(c.reltuples, -1)::bigint END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.oid = $1
