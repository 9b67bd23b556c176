-- Everything of other kinds. What it is made of is known by a fingerprint alone: what the server prints of it where it prints it,
-- else its catalog row without the numbers that differ from database to database. Owner, privileges and comment stand beside that,
-- because they can be given back. Needs no more than any role may read.
WITH found (class, oid, owner, acl, acl_kind, what) AS (
  SELECT c.tableoid, c.oid, c.relowner, c.relacl, 'r', concat_ws('|', s.srvname, f.ftoptions, c.relispartition, pg_get_expr(c.relpartbound, c.oid),
           (SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid),
           (SELECT string_agg(concat_ws(':', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl, a.attfdwoptions,
                                        pg_get_expr(d.adbin, CASE WHEN a.attgenerated <> '' THEN d.adrelid ELSE 0 END), a.attgenerated,
                                        a.attidentity, a.attoptions, nullif(a.attstattarget, -1), a.attstorage, a.attislocal, a.attinhcount,
                                        a.attcollation::regcollation, m.description), ',' ORDER BY a.attnum)
            FROM pg_attribute a
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            LEFT JOIN pg_description m ON m.classoid = 'pg_class'::regclass AND m.objoid = a.attrelid AND m.objsubid = a.attnum
            WHERE a.attrelid = c.oid AND NOT a.attisdropped AND (a.attnum > 0 OR a.attacl IS NOT NULL OR m.description IS NOT NULL)))
  FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid JOIN pg_foreign_server s ON s.oid = f.ftserver
  UNION ALL
  SELECT t.tableoid, t.oid, t.typowner, t.typacl, 'T',
           concat_ws('|', to_jsonb(t) - '{oid,typnamespace,typowner,typacl,typarray,typcollation,typelem}'::text[],
           format_type(nullif(t.typelem, 0), NULL), t.typcollation::regcollation,
           (SELECT string_agg(concat_ws(':', p.oid::regprocedure, p.proacl, pg_get_userbyid(p.proowner)), ',' ORDER BY p.oid::regprocedure::text)
            FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
            WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass AND d.refobjid = t.oid))
  FROM pg_type t
  WHERE t.typtype IN ('b', 'p') AND t.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
  UNION ALL
  SELECT o.tableoid, o.oid, o.oprowner, NULL, NULL,
           concat_ws('|', to_jsonb(o) - '{oid,oprnamespace,oprowner,oprleft,oprright,oprresult,oprcom,oprnegate}'::text[],
           o.oprresult::regtype, o.oprcom::regoperator, o.oprnegate::regoperator)
  FROM pg_operator o WHERE o.oid >= 16384
  UNION ALL
  SELECT o.tableoid, o.oid, o.opcowner, NULL, NULL, concat_ws('|', o.opcintype::regtype, o.opckeytype::regtype, o.opcdefault,
           (SELECT f.opfname FROM pg_opfamily f WHERE f.oid = o.opcfamily))
  FROM pg_opclass o WHERE o.oid >= 16384
  UNION ALL
  SELECT f.tableoid, f.oid, f.opfowner, NULL, NULL, concat_ws('|',
           (SELECT string_agg(concat_ws(':', m.amopstrategy, m.amoppurpose, m.amopopr::regoperator, s.opfname), ',' ORDER BY m.amopstrategy, m.amopopr)
            FROM pg_amop m LEFT JOIN pg_opfamily s ON s.oid = m.amopsortfamily WHERE m.amopfamily = f.oid),
           (SELECT string_agg(concat_ws(':', m.amprocnum, m.amproclefttype::regtype, m.amprocrighttype::regtype, m.amproc::oid::regprocedure), ','
                              ORDER BY m.amprocnum, m.amproc::oid)
            FROM pg_amproc m WHERE m.amprocfamily = f.oid))
  FROM pg_opfamily f WHERE f.oid >= 16384
  UNION ALL
  SELECT c.tableoid, c.oid, NULL, NULL, NULL, concat_ws('|', c.castfunc::regprocedure, c.castcontext, c.castmethod)
  FROM pg_cast c WHERE c.oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = c.tableoid AND i.objid = c.oid AND i.deptype = 'i')
  UNION ALL
  SELECT c.tableoid, c.oid, c.collowner, NULL, NULL, (to_jsonb(c) - '{oid,collnamespace,collowner}'::text[])::text
  FROM pg_collation c WHERE c.oid >= 16384
  UNION ALL
  SELECT c.tableoid, c.oid, c.conowner, NULL, NULL, (to_jsonb(c) - '{oid,connamespace,conowner}'::text[])::text
  FROM pg_conversion c WHERE c.oid >= 16384
  UNION ALL
  SELECT p.tableoid, p.oid, NULL, NULL, NULL, (to_jsonb(p) - '{oid,prsnamespace}'::text[])::text
  FROM pg_ts_parser p WHERE p.oid >= 16384
  UNION ALL
  SELECT t.tableoid, t.oid, NULL, NULL, NULL, (to_jsonb(t) - '{oid,tmplnamespace}'::text[])::text
  FROM pg_ts_template t WHERE t.oid >= 16384
  UNION ALL
  SELECT d.tableoid, d.oid, d.dictowner, NULL, NULL, concat_ws('|', d.dictinitoption,
           (SELECT t.tmplname FROM pg_ts_template t WHERE t.oid = d.dicttemplate))
  FROM pg_ts_dict d WHERE d.oid >= 16384
  UNION ALL
  SELECT c.tableoid, c.oid, c.cfgowner, NULL, NULL, concat_ws('|',
           (SELECT p.prsname FROM pg_ts_parser p WHERE p.oid = c.cfgparser),
           (SELECT string_agg(concat_ws(':', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ',' ORDER BY m.maptokentype, m.mapseqno)
            FROM pg_ts_config_map m WHERE m.mapcfg = c.oid))
  FROM pg_ts_config c WHERE c.oid >= 16384
  UNION ALL
  SELECT l.tableoid, l.oid, l.lanowner, l.lanacl, 'l', concat_ws('|', l.lanispl, l.lanpltrusted, l.lanplcallfoid::regprocedure, l.laninline::regprocedure,
           l.lanvalidator::regprocedure)
  FROM pg_language l WHERE l.oid >= 16384
  UNION ALL
  SELECT w.tableoid, w.oid, w.fdwowner, w.fdwacl, 'F', concat_ws('|', w.fdwhandler::regprocedure, w.fdwvalidator::regprocedure, w.fdwoptions)
  FROM pg_foreign_data_wrapper w
  UNION ALL
  SELECT s.tableoid, s.oid, s.srvowner, s.srvacl, 'S', concat_ws('|', s.srvtype, s.srvversion, s.srvoptions)
  FROM pg_foreign_server s
  UNION ALL
  -- Options are shown to those whom they concern.
  SELECT 'pg_user_mapping'::regclass, m.umid, NULL, NULL, NULL, concat_ws('|', m.srvname, m.umoptions) FROM pg_user_mappings m
  UNION ALL
  SELECT t.tableoid, t.oid, t.evtowner, NULL, NULL, concat_ws('|', t.evtevent, t.evtfoid::regprocedure, t.evtenabled, t.evttags)
  FROM pg_event_trigger t
  UNION ALL
  SELECT m.tableoid, m.oid, NULL, NULL, NULL, concat_ws('|', m.amhandler, m.amtype) FROM pg_am m WHERE m.oid >= 16384
  UNION ALL
  SELECT t.tableoid, t.oid, NULL, NULL, NULL, concat_ws('|', t.trffromsql, t.trftosql) FROM pg_transform t WHERE t.oid >= 16384
  UNION ALL
  SELECT x.tableoid, x.oid, NULL, NULL, NULL, concat_ws('|', pg_get_userbyid(x.extowner), x.extversion, x.extnamespace::regnamespace,
           x.extrelocatable, x.extconfig::regclass[], x.extcondition)
  FROM pg_extension x
  UNION ALL
  SELECT d.tableoid, d.oid, d.datdba, d.datacl, 'd', NULL FROM pg_database d WHERE d.datname = current_database()
), members (extension, what) AS (
  -- What belongs to extensions, with what can be changed of it but for privileges, which stand with what is made along.
  SELECT e.refobjid, md5(string_agg(m.what, ',' ORDER BY m.what))
  FROM pg_depend e
  CROSS JOIN LATERAL (
    SELECT concat_ws(':', 'function', p.oid::regprocedure, pg_get_userbyid(p.proowner), p.proconfig, p.prosecdef, p.provolatile,
             p.proisstrict, p.proleakproof, p.proparallel, p.procost, p.prorows, p.prosupport, p.probin, p.prosrc, p.proargnames) AS what
    FROM pg_proc p WHERE e.classid = 'pg_proc'::regclass AND p.oid = e.objid
    UNION ALL
    SELECT concat_ws(':', 'relation', c.oid::regclass, c.relkind, pg_get_userbyid(c.relowner), c.relpersistence, c.reloptions,
             c.relrowsecurity, c.relforcerowsecurity, c.relreplident, CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
             (SELECT concat_ws(':', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
              FROM pg_sequence s WHERE s.seqrelid = c.oid),
             (SELECT string_agg(concat_ws(':', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl, a.attoptions,
                                          a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), x.description), ',' ORDER BY a.attnum)
              FROM pg_attribute a
              LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              LEFT JOIN pg_description x ON x.classoid = 'pg_class'::regclass AND x.objoid = a.attrelid AND x.objsubid = a.attnum
              WHERE a.attrelid = c.oid AND NOT a.attisdropped AND (a.attnum > 0 OR a.attacl IS NOT NULL OR x.description IS NOT NULL)))
    FROM pg_class c WHERE e.classid = 'pg_class'::regclass AND c.oid = e.objid
    UNION ALL
    SELECT concat_ws(':', 'type', format_type(t.oid, NULL), pg_get_userbyid(t.typowner), t.typnotnull, t.typdefault, t.typstorage,
             t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze,
             (SELECT string_agg(l.enumlabel, ',' ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = t.oid),
             (SELECT string_agg(concat_ws(' ', k.conname, pg_get_constraintdef(k.oid)), ',' ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid))
    FROM pg_type t WHERE e.classid = 'pg_type'::regclass AND t.oid = e.objid
    UNION ALL
    SELECT concat_ws(':', 'operator', o.oid::regoperator, pg_get_userbyid(o.oprowner), o.oprcode, o.oprrest, o.oprjoin, o.oprcom::regoperator,
             o.oprnegate::regoperator, o.oprcanmerge, o.oprcanhash)
    FROM pg_operator o WHERE e.classid = 'pg_operator'::regclass AND o.oid = e.objid
    UNION ALL
    -- Of those there are few.
    SELECT concat_ws(':', i.type, i.identity,
             (SELECT pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE n.tableoid = e.classid AND n.oid = e.objid),
             (SELECT concat_ws(':', pg_get_userbyid(l.lanowner), l.lanpltrusted) FROM pg_language l WHERE l.tableoid = e.classid AND l.oid = e.objid),
             (SELECT concat_ws(':', pg_get_userbyid(w.fdwowner), w.fdwoptions) FROM pg_foreign_data_wrapper w WHERE w.tableoid = e.classid AND w.oid = e.objid),
             (SELECT concat_ws(':', pg_get_userbyid(s.srvowner), s.srvoptions) FROM pg_foreign_server s WHERE s.tableoid = e.classid AND s.oid = e.objid),
             (SELECT concat_ws(':', pg_get_userbyid(t.evtowner), t.evtenabled, t.evttags) FROM pg_event_trigger t WHERE t.tableoid = e.classid AND t.oid = e.objid),
             (SELECT string_agg(concat_ws(':', m.amopstrategy, m.amopopr::regoperator), ',' ORDER BY m.amopstrategy, m.amopopr)
              FROM pg_amop m WHERE e.classid = 'pg_opfamily'::regclass AND m.amopfamily = e.objid))
    FROM pg_identify_object(e.classid, e.objid, 0) i
    WHERE e.classid <> ALL ('{pg_proc,pg_class,pg_type,pg_operator}'::regclass[])
    UNION ALL
    SELECT concat_ws(':', 'comment', i.identity, m.description)
    FROM pg_description m CROSS JOIN LATERAL pg_identify_object(m.classoid, m.objoid, 0) i
    WHERE m.classoid = e.classid AND m.objoid = e.objid AND m.objsubid = 0 AND m.objoid >= 16384
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
  WHERE (i.schema IS NULL OR i.schema <> ALL ($1) AND i.schema !~ '^pg_' AND i.schema <> 'information_schema')
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
         ))))
  FROM pg_subscription s WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  UNION ALL
  SELECT 0, 0, 'system objects', 'privileges and comments', NULL, NULL, NULL, json_build_object('other', json_build_object('fingerprint', md5(concat_ws('|',
           (SELECT string_agg(concat_ws(':', p.oid, p.proacl), ',' ORDER BY p.oid) FROM pg_proc p WHERE p.oid < 16384 AND p.proacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', c.oid, c.relacl), ',' ORDER BY c.oid) FROM pg_class c WHERE c.oid < 16384 AND c.relacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', a.attrelid, a.attnum, a.attacl), ',' ORDER BY a.attrelid, a.attnum)
            FROM pg_attribute a WHERE a.attrelid < 16384 AND a.attacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', t.oid, t.typacl), ',' ORDER BY t.oid) FROM pg_type t WHERE t.oid < 16384 AND t.typacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', n.oid, n.nspacl), ',' ORDER BY n.oid) FROM pg_namespace n
            WHERE n.oid < 16384 AND n.nspname <> 'public'),
           (SELECT string_agg(concat_ws(':', l.oid, l.lanacl), ',' ORDER BY l.oid) FROM pg_language l WHERE NOT l.lanispl AND l.oid < 16384),
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
