SELECT s.tableoid, s.oid, s.srvowner, s.srvacl, 'S', concat_ws('|', s.srvtype, s.srvversion, s.srvoptions)
FROM pg_foreign_server s
