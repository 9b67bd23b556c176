-- Security labels, of columns too.
SELECT l.classoid::bigint AS class, l.objoid::bigint AS oid, a.attname AS "column", l.provider, l.label
FROM pg_seclabel l
LEFT JOIN pg_attribute a ON l.classoid = 'pg_class'::regclass AND l.objsubid > 0 AND a.attrelid = l.objoid AND a.attnum = l.objsubid
WHERE l.objoid >= 16384
ORDER BY 1, 2, l.objsubid, l.provider
