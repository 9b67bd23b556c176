SELECT t.tableoid, t.oid, NULL, NULL, NULL, concat_ws('|', t.trffromsql, t.trftosql) FROM pg_transform t WHERE t.oid >= 16384
