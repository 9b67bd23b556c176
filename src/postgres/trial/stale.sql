-- Scratch databases that the role may drop, and whose makers are gone: nobody's session has that process number and that
-- beginning. A beginning that the role may not see is taken for another's, unless the process is somebody's own.
SELECT d.datname::text
FROM pg_catalog.pg_database AS d
WHERE d.datname ~ $PATTERN
  AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_stat_activity AS a
    WHERE a.pid::text = pg_catalog.split_part(d.datname, '_', 3)
      AND coalesce((extract(epoch FROM a.backend_start) * 1000000)::pg_catalog.int8::text = pg_catalog.split_part(d.datname, '_', 4),
                   true))
ORDER BY 1
