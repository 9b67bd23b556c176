-- Security labels, of columns and of the database, too.
SELECT l.classoid::bigint AS class, l.objoid::bigint AS oid, a.attname AS "column", l.provider, l.label
FROM (
  SELECT s.classoid, s.objoid, s.objsubid, s.provider, s.label FROM pg_seclabel s WHERE s.objoid >= 16384 OR s.classoid = 'pg_namespace'::regclass
  UNION ALL
  SELECT s.classoid, s.objoid, 0, s.provider, s.label
  FROM pg_shseclabel s JOIN pg_database d ON s.classoid = 'pg_database'::regclass AND d.oid = s.objoid AND d.datname = current_database()
) l
LEFT JOIN pg_attribute a ON l.classoid = 'pg_class'::regclass AND l.objsubid <> 0 AND a.attrelid = l.objoid AND a.attnum = l.objsubid
WHERE l.objoid = ANY ($1) -- of some
ORDER BY 1, 2, l.objsubid, l.provider
