-- Of the targets, whose oids are $1, in bytes: heap and TOAST, everything, the largest index; the limit of temporary files, none where
-- there is none, and whether the role may lift it. Then the replication slot that is lost first where WAL is written (max_slot_wal_keep_size),
-- and after how much of it.
SELECT coalesce(sum(pg_catalog.pg_table_size(t.oid)), 0)::pg_catalog.int8,
       coalesce(sum(pg_catalog.pg_total_relation_size(t.oid)), 0)::pg_catalog.int8,
       coalesce((SELECT max(pg_catalog.pg_relation_size(i.indexrelid)) FROM pg_catalog.pg_index AS i
                 WHERE i.indrelid = ANY ($1::pg_catalog.oid[])), 0)::pg_catalog.int8,
       (SELECT s.setting::pg_catalog.int8 * 1024 FROM pg_catalog.pg_settings AS s
        WHERE s.name = 'temp_file_limit' AND s.setting <> '-1'),
       (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user),
       (SELECT s.slot_name::pg_catalog.text FROM pg_catalog.pg_replication_slots AS s
        WHERE s.safe_wal_size IS NOT NULL ORDER BY s.safe_wal_size, s.slot_name LIMIT 1),
       (SELECT min(s.safe_wal_size)::pg_catalog.int8 FROM pg_catalog.pg_replication_slots AS s)
FROM unnest($1::pg_catalog.oid[]) AS t (oid)
