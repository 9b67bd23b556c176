-- Publications whose changes hold those of the schemas $1 too, and whether consumers of this database's changes are there: a
-- subscriber that misses one of the tables stops for good. With what could be published instead.
SELECT p.pubname::text, p.puballtables,
       (SELECT CASE WHEN current_setting('server_version_num')::integer >= 150000
                    THEN 'TABLES IN SCHEMA ' || string_agg(DISTINCT quote_ident(n.nspname), ', ')
                    ELSE 'TABLE ' || string_agg(format('%I.%I', n.nspname, c.relname), ', ') END
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname <> ALL ($1::name[])
          AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'),
       EXISTS (SELECT FROM pg_catalog.pg_replication_slots AS s
               WHERE s.slot_type = 'logical' AND NOT s.temporary AND s.database = current_database())
FROM pg_catalog.pg_publication AS p
WHERE p.puballtables
   OR EXISTS (SELECT FROM pg_catalog.pg_publication_tables AS t WHERE t.pubname = p.pubname AND t.schemaname = ANY ($1::name[]))
ORDER BY 1
