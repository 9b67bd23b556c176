SELECT t.tableoid, t.oid, t.evtowner, NULL, NULL, concat_ws('|', t.evtevent, t.evtfoid::regprocedure, t.evtenabled, t.evttags)
FROM pg_event_trigger t
