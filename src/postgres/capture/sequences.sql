-- Sequences, those of serial and identity columns included. Their positions are data and stand elsewhere.
SELECT c.tableoid AS class, c.oid, 'sequence' AS kind, n.nspname AS schema, c.relname AS name, NULL AS "of",
       pg_get_userbyid(c.relowner) AS owner,
       coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
           'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
         FROM aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) WITH ORDINALITY
              AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') AS grants,
       obj_description(c.oid, 'pg_class') AS comment,
       json_build_object('sequence', json_build_object(
         'data_type', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement,
         'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache, 'cycle', s.seqcycle, 'unlogged', c.relpersistence = 'u',
         'owned_by', CASE WHEN o.oid IS NOT NULL THEN json_build_array(
            json_build_object('kind', 'table', 'schema', o.nspname, 'name', o.relname, 'of', NULL), o.attname) END,
         'identity', coalesce(o.deptype = 'i', false))) AS definition
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN LATERAL (
  SELECT t.oid, tn.nspname, t.relname, a.attname, d.deptype
  FROM pg_depend d
  JOIN pg_class t ON t.oid = d.refobjid
  JOIN pg_namespace tn ON tn.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')) o ON true
WHERE c.relkind = 'S' AND c.relpersistence <> 't'
  AND c.oid = ANY ($2) -- of some
  AND n.nspname <> ALL ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
