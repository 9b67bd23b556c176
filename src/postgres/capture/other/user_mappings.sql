-- Options are shown to those whom they concern.
SELECT 'pg_user_mapping'::regclass, m.umid, NULL, NULL, NULL, concat_ws('|', m.srvname, m.umoptions) FROM pg_user_mappings m
