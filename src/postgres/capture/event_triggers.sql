-- Event triggers, of the whole database: $1 is only there because all queries take it.
SELECT t.tableoid AS class, t.oid, 'other' AS kind, i.type AS schema, i.identity AS name, NULL AS "of",
       pg_get_userbyid(t.evtowner) AS owner, '[]'::json AS grants, obj_description(t.oid, 'pg_event_trigger') AS comment,
       json_build_object('event_trigger', json_build_object('event', t.evtevent, 'tags', coalesce(t.evttags, '{}'),
         'function', t.evtfoid::regproc::text, 'enabled', t.evtenabled::text)) AS definition
FROM pg_event_trigger t
CROSS JOIN LATERAL pg_identify_object(t.tableoid, t.oid, 0) i
WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = t.tableoid AND e.objid = t.oid AND e.deptype = 'e')
