SELECT p.pid,
       'copying ' || coalesce(t.relname, ''),
       CASE WHEN p.bytes_total > 0 THEN p.bytes_processed ELSE p.tuples_processed END,
       p.bytes_total,
       CASE WHEN p.bytes_total > 0 THEN 'bytes' ELSE 'rows' END
FROM pg_catalog.pg_stat_progress_copy AS p
LEFT JOIN pg_catalog.pg_class AS t ON t.oid = p.relid
WHERE p.pid = ANY ($1) AND p.datname = current_database()
