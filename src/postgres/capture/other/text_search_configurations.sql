SELECT c.tableoid, c.oid, c.cfgowner, NULL, NULL, concat_ws('|',
         (SELECT p.prsname FROM pg_ts_parser p WHERE p.oid = c.cfgparser),
         (SELECT string_agg(concat_ws(':', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ',' ORDER BY m.maptokentype, m.mapseqno)
          FROM pg_ts_config_map m WHERE m.mapcfg = c.oid))
FROM pg_ts_config c WHERE c.oid >= 16384
