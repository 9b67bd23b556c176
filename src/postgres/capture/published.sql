-- What publications are for: tables and, from PostgreSQL 15 on, schemas.
SELECT r.tableoid AS class, r.oid, 'publication member' AS kind, n.nspname AS schema, p.pubname AS name, c.relname AS "of",
       NULL AS owner, '[]'::json AS grants, NULL AS comment,
       json_build_object('published', json_build_object(
         'columns',
           '[]'::json, -- before 150000
           coalesce((SELECT json_agg(a.attname ORDER BY a.attnum) -- from 150000
                     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs)), '[]'), -- from 150000
         'filter',
           NULL -- before 150000
           pg_get_expr(r.prqual, r.prrelid) -- from 150000
         )) AS definition
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
JOIN pg_class c ON c.oid = r.prrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL -- from 150000
SELECT r.tableoid, r.oid, 'publication member', n.nspname, p.pubname, NULL, NULL, '[]'::json, NULL, to_json('published_schema'::text) -- from 150000
FROM pg_publication_namespace r -- from 150000
JOIN pg_publication p ON p.oid = r.pnpubid -- from 150000
JOIN pg_namespace n ON n.oid = r.pnnspid -- from 150000
WHERE n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' -- from 150000
