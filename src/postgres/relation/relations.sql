-- Every relation that has rows, other sessions' temporary ones left out.
SELECT c.oid,
       n.nspname::text,
       c.relname::text,
       c.relkind,
       n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast'),
       (SELECT x.extname::text FROM pg_catalog.pg_depend AS e JOIN pg_catalog.pg_extension AS x ON x.oid = e.refobjid
        WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.refclassid = 'pg_catalog.pg_extension'::regclass
          AND e.deptype = 'e')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname <> 'pg_toast'
  AND (n.nspname !~ '^pg_temp_' OR n.oid = pg_catalog.pg_my_temp_schema())
ORDER BY n.nspname, c.relname
