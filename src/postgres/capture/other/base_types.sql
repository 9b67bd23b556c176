SELECT t.tableoid, t.oid, t.typowner, t.typacl, 'T',
         concat_ws('|', to_jsonb(t) - '{oid,typnamespace,typowner,typacl,typarray,typcollation,typelem}'::text[],
         format_type(nullif(t.typelem, 0), NULL), t.typcollation::regcollation,
         (SELECT string_agg(concat_ws(':', p.oid::regprocedure, p.proacl, pg_get_userbyid(p.proowner)), ',' ORDER BY p.oid::regprocedure::text)
          FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
          WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass AND d.refobjid = t.oid))
FROM pg_type t
WHERE t.typtype IN ('b', 'p') AND t.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
