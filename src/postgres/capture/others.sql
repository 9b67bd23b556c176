-- Everything of other kinds. What it is made of is known by a fingerprint alone: what the server prints of it where it prints it,
-- else its catalog row without the numbers that differ from database to database. Owner, privileges and comment stand beside that,
-- because they can be given back. Needs no more than any role may read.
WITH found (class, oid, owner, acl, acl_kind, what) AS (
  SELECT x.tableoid, x.oid, NULL, NULL, NULL, concat_ws('|', pg_get_userbyid(x.extowner), x.extversion, x.extnamespace::regnamespace,
           x.extrelocatable, x.extconfig::regclass[], x.extcondition)
  FROM pg_extension x
  UNION ALL
  SELECT d.tableoid, d.oid, d.datdba, d.datacl, 'd', NULL FROM pg_database d WHERE d.datname = current_database()
  -- Here stand those of kinds that the database has.
), members (extension, what) AS (
  -- What belongs to extensions, with what can be changed of it but for privileges, which stand with what is made along.
  SELECT e.refobjid, md5(string_agg(m.what, ',' ORDER BY m.what))
  FROM pg_depend e
  CROSS JOIN LATERAL (
    -- The server's own, which PL/pgSQL has: who they are.
    SELECT concat_ws(':', e.classid, e.objid) AS what WHERE e.objid < 16384
    -- Here stand the others.
  ) m
  WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  GROUP BY e.refobjid
), named (class, oid, type, identity, owner, grants, comment, definition) AS (
  SELECT f.class, f.oid, i.type, i.identity, pg_get_userbyid(f.owner),
         CASE WHEN f.acl_kind IS NOT NULL THEN (SELECT json_agg(json_build_object(
             'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, 'privilege', g.privilege_type,
             'grantable', g.is_grantable, 'grantor', pg_get_userbyid(g.grantor)) ORDER BY g.place)
           FROM aclexplode(coalesce(f.acl, acldefault(f.acl_kind::"char", f.owner))) WITH ORDINALITY
                AS g (grantor, grantee, privilege_type, is_grantable, place)) END,
         CASE f.class WHEN 'pg_database'::regclass THEN shobj_description(f.oid, 'pg_database') ELSE m.description END,
         CASE f.class WHEN 'pg_database'::regclass THEN
           (SELECT json_build_object('database', json_build_object(
              'connection_limit', d.datconnlimit, 'is_template', d.datistemplate, 'allows_connections', d.datallowconn,
              'collation_version', d.datcollversion, -- from 150000
              'settings', coalesce((SELECT json_agg(json_build_object(
                  'role', CASE WHEN r.setrole <> 0 THEN pg_get_userbyid(r.setrole) END, 'settings', to_json(r.setconfig)) ORDER BY r.setrole)
                FROM pg_db_role_setting r WHERE r.setdatabase = d.oid), '[]')))
            FROM pg_database d WHERE d.oid = f.oid)
         ELSE json_build_object('other', json_build_object('fingerprint', md5(concat_ws('|', f.what, x.what)))) END
  FROM found f
  LEFT JOIN pg_description m ON m.classoid = f.class AND m.objoid = f.oid AND m.objsubid = 0
  LEFT JOIN members x ON f.class = 'pg_extension'::regclass AND x.extension = f.oid
  CROSS JOIN LATERAL pg_identify_object(f.class, f.oid, 0) i
  WHERE (i.schema IS NULL OR i.schema <> ALL ($1) AND i.schema !~ '^pg_(temp|toast)')
    AND i.identity IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = f.class AND e.objid = f.oid AND e.deptype = 'e')
  UNION ALL
  SELECT 'pg_subscription'::regclass, 0, 'subscription', quote_ident(s.subname), pg_get_userbyid(s.subowner), NULL,
         NULL, -- before 140000
         obj_description(s.oid, 'pg_subscription'), -- from 140000
         json_build_object('other', json_build_object('fingerprint', md5(concat_ws('|', s.subenabled, s.subslotname, s.subpublications
           , s.subbinary, s.substream, s.subsynccommit -- from 140000
           , s.subtwophasestate, s.subdisableonerr -- from 150000
           , s.subpasswordrequired, s.subrunasowner, s.suborigin -- from 160000
           , s.subfailover -- from 170000
           -- Here stands what only some may read.
         ))))
  FROM pg_subscription s WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  UNION ALL
  SELECT 0, 0, 'system objects', 'privileges and comments', NULL, NULL, NULL, json_build_object('other', json_build_object('fingerprint', md5(concat_ws('|',
           -- Who moves one into a schema of his own has not made it his own.
           (SELECT string_agg(concat_ws(':', p.oid, p.proacl, nullif(n.nspname, 'pg_catalog')), ',' ORDER BY p.oid)
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.oid < 16384 AND (p.proacl IS NOT NULL OR n.nspname NOT IN ('pg_catalog', 'information_schema'))),
           (SELECT string_agg(concat_ws(':', c.oid, c.relacl), ',' ORDER BY c.oid) FROM pg_class c WHERE c.oid < 16384 AND c.relacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', a.attrelid, a.attnum, a.attacl), ',' ORDER BY a.attrelid, a.attnum)
            FROM pg_attribute a WHERE a.attrelid < 16384 AND a.attacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', t.oid, t.typacl), ',' ORDER BY t.oid) FROM pg_type t WHERE t.oid < 16384 AND t.typacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', n.oid, n.nspacl), ',' ORDER BY n.oid) FROM pg_namespace n
            WHERE n.oid < 16384 AND n.nspname <> 'public'),
           (SELECT string_agg(concat_ws(':', l.oid, l.lanacl, pg_get_userbyid(l.lanowner), l.lanpltrusted), ',' ORDER BY l.oid) FROM pg_language l WHERE NOT l.lanispl AND l.oid < 16384),
           (SELECT sum(hashtextextended(m.description, m.objoid::bigint # (m.classoid::bigint << 32) # (m.objsubid::bigint << 48)))
            FROM pg_description m WHERE m.objoid < 16384
              AND m.classoid NOT IN ('pg_namespace'::regclass, 'pg_largeobject'::regclass, 'pg_extension'::regclass))))))
  UNION ALL
  SELECT 0, 0, 'large objects', 'all of them', NULL, NULL, NULL, json_build_object('other', json_build_object('fingerprint', md5(concat_ws('|', count(*),
           md5(string_agg(concat_ws(':', l.oid, pg_get_userbyid(l.lomowner), l.lomacl, m.description), ',' ORDER BY l.oid))))))
  FROM (SELECT oid, lomowner, lomacl FROM pg_largeobject_metadata LIMIT 100000) l
  LEFT JOIN pg_description m ON m.classoid = 'pg_largeobject'::regclass AND m.objoid = l.oid AND m.objsubid = 0
  HAVING count(*) > 0
)
SELECT n.class, n.oid, 'other' AS kind, n.type AS schema, n.identity AS name, NULL AS "of", n.owner, coalesce(n.grants, '[]') AS grants,
       n.comment, CASE WHEN n.definition -> 'other' IS NULL THEN n.definition ELSE json_build_object('other', json_build_object(
         'fingerprint', n.definition #> '{other,fingerprint}', 'statements', m.statements)) END AS definition
FROM named n
LEFT JOIN LATERAL (
  -- Collations are all in their row; that of the database's own provider can't be said.
  SELECT json_build_array(
           format('CREATE COLLATION %s (PROVIDER = %s, %s, DETERMINISTIC = %s%s%s)', n.identity,
                  CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                  coalesce('LOCALE = ' || quote_literal(coalesce(j.row->>'colllocale', j.row->>'colliculocale')),
                           format('LC_COLLATE = %L, LC_CTYPE = %L', c.collcollate, c.collctype)),
                  CASE WHEN c.collisdeterministic THEN 'true' ELSE 'false' END,
                  ', RULES = ' || quote_literal(nullif(j.row->>'collicurules', '')), ', VERSION = ' || quote_literal(c.collversion))) AS statements
  FROM pg_collation c CROSS JOIN LATERAL (SELECT to_jsonb(c) AS row) j
  WHERE n.class = 'pg_collation'::regclass AND c.oid = n.oid AND c.collprovider <> 'd'
) m ON true
