-- What the server made along with objects, and people have changed since: comments on array types, row types, constructors of
-- ranges, the rules of views; privileges on row types and multirange types; owners of
-- constructors that are not the role which initialized the server. And the privileges on members of extensions.
WITH made (class, oid, owner, own_owner, acl, acl_kind) AS (
  SELECT t.tableoid, t.oid, t.typowner, false, t.typacl, 'T'
  FROM pg_type t
  WHERE t.oid >= 16384 AND t.typtype IN ('b', 'c', 'm')
    AND (t.typtype <> 'b' OR EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid))
    AND (t.typtype <> 'c' OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c'))
    AND (t.typacl IS NOT NULL OR EXISTS (SELECT FROM pg_description m WHERE m.classoid = t.tableoid AND m.objoid = t.oid))
  UNION ALL
  -- Their privileges stand with the range.
  SELECT p.tableoid, p.oid, p.proowner, p.proowner <> 10, NULL, NULL
  FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
  WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'i' AND p.oid >= 16384
    AND (p.proowner <> 10 OR EXISTS (SELECT FROM pg_description m WHERE m.classoid = p.tableoid AND m.objoid = p.oid))
  UNION ALL
  SELECT r.tableoid, r.oid, c.relowner, false, NULL, NULL
  FROM pg_rewrite r JOIN pg_description m ON m.classoid = r.tableoid AND m.objoid = r.oid JOIN pg_class c ON c.oid = r.ev_class
  WHERE r.rulename = '_RETURN' AND r.oid >= 16384
  UNION ALL
  SELECT e.classid, e.objid, m.owner, false, m.acl, m.acl_kind
  FROM pg_depend e
  CROSS JOIN LATERAL (
    SELECT p.proowner AS owner, p.proacl AS acl, 'f' AS acl_kind FROM pg_proc p WHERE p.tableoid = e.classid AND p.oid = e.objid AND p.proacl IS NOT NULL
    UNION ALL
    SELECT c.relowner, c.relacl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END
    FROM pg_class c WHERE c.tableoid = e.classid AND c.oid = e.objid AND c.relacl IS NOT NULL
    UNION ALL
    SELECT t.typowner, t.typacl, 'T' FROM pg_type t WHERE t.tableoid = e.classid AND t.oid = e.objid AND t.typacl IS NOT NULL
    UNION ALL
    SELECT n.nspowner, n.nspacl, 'n' FROM pg_namespace n WHERE n.tableoid = e.classid AND n.oid = e.objid AND n.nspacl IS NOT NULL
    UNION ALL
    SELECT l.lanowner, l.lanacl, 'l' FROM pg_language l WHERE l.tableoid = e.classid AND l.oid = e.objid AND l.lanacl IS NOT NULL
    UNION ALL
    SELECT w.fdwowner, w.fdwacl, 'F' FROM pg_foreign_data_wrapper w WHERE w.tableoid = e.classid AND w.oid = e.objid AND w.fdwacl IS NOT NULL
    UNION ALL
    SELECT s.srvowner, s.srvacl, 'S' FROM pg_foreign_server s WHERE s.tableoid = e.classid AND s.oid = e.objid AND s.srvacl IS NOT NULL
  ) m
  WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
)
SELECT f.class::bigint AS class, f.oid::bigint AS oid,
       CASE WHEN i.type = 'server' THEN 'FOREIGN SERVER' ELSE replace(upper(i.type), '-', ' ') END AS noun, i.identity AS identity,
       pg_get_userbyid(f.owner) AS owner, f.own_owner, x.grants,
       CASE WHEN NOT x.is_member AND t.typtype IS DISTINCT FROM 'm' THEN m.description END AS comment
FROM made f
LEFT JOIN pg_type t ON f.class = t.tableoid AND t.oid = f.oid
LEFT JOIN pg_description m ON m.classoid = f.class AND m.objoid = f.oid AND m.objsubid = 0
CROSS JOIN LATERAL pg_identify_object(f.class, f.oid, 0) i
CROSS JOIN LATERAL (
  SELECT EXISTS (SELECT FROM pg_depend e WHERE e.classid = f.class AND e.objid = f.oid AND e.deptype = 'e') AS is_member,
         -- None where they are the built-in ones.
         CASE WHEN f.acl IS NOT NULL AND NOT (f.acl @> d.acl AND f.acl <@ d.acl) THEN coalesce((SELECT json_agg(json_build_object(
             'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
             'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
           FROM aclexplode(f.acl) WITH ORDINALITY AS g (grantor, grantee, privilege_type, is_grantable, place)), '[]') END AS grants
  FROM (SELECT acldefault(f.acl_kind::"char", f.owner) AS acl) d
) x
WHERE (x.grants IS NOT NULL OR f.own_owner OR m.description IS NOT NULL AND NOT x.is_member AND t.typtype IS DISTINCT FROM 'm')
  AND f.oid = ANY ($1) -- of some
ORDER BY 1, 2
