SELECT d.tableoid, d.oid, d.dictowner, NULL, NULL, concat_ws('|', d.dictinitoption,
         (SELECT t.tmplname FROM pg_ts_template t WHERE t.oid = d.dicttemplate))
FROM pg_ts_dict d WHERE d.oid >= 16384
