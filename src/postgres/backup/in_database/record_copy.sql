-- Writes a verified copy into the manifest. $1 to $5: backup, schema and name of the table, name of the copy, number of rows; $6: the
-- copy; $7: the digest; $8, $9: the queries that digest the table and the copy; $10: the path that the table is read under; $11: the
-- table.
INSERT INTO backstop.backup_tables
    (backup, schema_name, table_name, copy_name, row_count, bytes, digest, live_digest, copy_digest, relation, column_numbers, column_names,
     search_path)
SELECT $1, $2, $3, $4, $5, pg_catalog.pg_table_size($6::pg_catalog.text::pg_catalog.regclass), $7, $8, $9, t.oid,
       ARRAY(SELECT a.attnum FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid OPERATOR(pg_catalog.=) t.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped ORDER BY a.attnum),
       ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid OPERATOR(pg_catalog.=) t.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped ORDER BY a.attnum),
       $10
FROM (SELECT $11::pg_catalog.text::pg_catalog.regclass::pg_catalog.oid AS oid) AS t
RETURNING bytes
