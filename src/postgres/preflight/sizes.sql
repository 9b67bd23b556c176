-- Of the targets, whose oids are $1, in bytes: heap and TOAST, everything, the largest index; the limit of temporary files, none where
-- there is none, and whether the role may lift it.
SELECT coalesce(sum(pg_catalog.pg_table_size(t.oid)), 0)::pg_catalog.int8,
       coalesce(sum(pg_catalog.pg_total_relation_size(t.oid)), 0)::pg_catalog.int8,
       coalesce((SELECT max(pg_catalog.pg_relation_size(i.indexrelid)) FROM pg_catalog.pg_index AS i
                 WHERE i.indrelid = ANY ($1::pg_catalog.oid[])), 0)::pg_catalog.int8,
       (SELECT s.setting::pg_catalog.int8 * 1024 FROM pg_catalog.pg_settings AS s
        WHERE s.name = 'temp_file_limit' AND s.setting <> '-1'),
       (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user)
FROM unnest($1::pg_catalog.oid[]) AS t (oid)
