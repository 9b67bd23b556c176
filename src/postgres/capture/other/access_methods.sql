SELECT m.tableoid, m.oid, NULL, NULL, NULL, concat_ws('|', m.amhandler, m.amtype) FROM pg_am m WHERE m.oid >= 16384
