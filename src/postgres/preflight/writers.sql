-- Of each target, whose oids are $1: its name, whether the role may make triggers on it (that it must own the table is said
-- elsewhere), whether something tells its rows apart, and the statement that helps.
SELECT n.nspname || '.' || c.relname,
       has_table_privilege(c.oid, 'TRIGGER') OR NOT pg_has_role(c.relowner, 'USAGE'),
       EXISTS (SELECT FROM pg_catalog.pg_index AS i
               WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                 AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                                 WHERE a.attrelid = c.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                                   AND NOT a.attnotnull)),
       format('GRANT TRIGGER ON %I.%I TO %I;', n.nspname, c.relname, current_user)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::oid[]) AND c.relkind = 'r'
ORDER BY 1
