SELECT o.tableoid, o.oid, o.oprowner, NULL, NULL,
         concat_ws('|', to_jsonb(o) - '{oid,oprnamespace,oprowner,oprleft,oprright,oprresult,oprcom,oprnegate}'::text[],
         o.oprresult::regtype, o.oprcom::regoperator, o.oprnegate::regoperator)
FROM pg_operator o WHERE o.oid >= 16384
