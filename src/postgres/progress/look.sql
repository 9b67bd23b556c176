-- How far CREATE INDEX, REINDEX, CLUSTER and VACUUM FULL are. $1 are the processes in question.
SELECT p.pid,
       'building index ' || coalesce(i.relname, 'of ' || t.relname, '') || ': ' || p.phase,
       CASE WHEN p.lockers_total > 0 AND p.phase LIKE 'waiting for %' THEN p.lockers_done
            WHEN p.blocks_total > 0 THEN p.blocks_done
            ELSE p.tuples_done END,
       CASE WHEN p.lockers_total > 0 AND p.phase LIKE 'waiting for %' THEN p.lockers_total
            WHEN p.blocks_total > 0 THEN p.blocks_total
            ELSE p.tuples_total END,
       CASE WHEN p.lockers_total > 0 AND p.phase LIKE 'waiting for %' THEN 'sessions'
            WHEN p.blocks_total > 0 THEN 'blocks'
            ELSE 'rows' END
FROM pg_catalog.pg_stat_progress_create_index AS p
LEFT JOIN pg_catalog.pg_class AS t ON t.oid = p.relid
LEFT JOIN pg_catalog.pg_class AS i ON i.oid = p.index_relid
WHERE p.pid = ANY ($1) AND p.datname = current_database()
UNION ALL
SELECT p.pid,
       'rewriting ' || coalesce(t.relname, '') || ': ' || p.phase,
       p.heap_blks_scanned,
       p.heap_blks_total,
       'blocks'
FROM pg_catalog.pg_stat_progress_cluster AS p
LEFT JOIN pg_catalog.pg_class AS t ON t.oid = p.relid
WHERE p.pid = ANY ($1) AND p.datname = current_database()
