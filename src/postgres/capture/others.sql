-- Everything of other kinds, known by a fingerprint alone: what the server prints of it where it prints it, else its catalog
-- row without the numbers that differ from database to database. Needs no more than any role may read.
WITH found (class, oid, what) AS (
  SELECT c.tableoid, c.oid, concat_ws('|', s.srvname, f.ftoptions, pg_get_userbyid(c.relowner), c.relacl, obj_description(c.oid, 'pg_class'),
           (SELECT string_agg(concat_ws(':', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl, a.attfdwoptions,
                                        pg_get_expr(d.adbin, CASE WHEN a.attgenerated <> '' THEN d.adrelid ELSE 0 END), a.attoptions, col_description(c.oid, a.attnum)), ',' ORDER BY a.attnum)
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
  FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid JOIN pg_foreign_server s ON s.oid = f.ftserver
  UNION ALL
  SELECT t.tableoid, t.oid, concat_ws('|', to_jsonb(t) - '{oid,typnamespace,typowner,typarray,typcollation,typelem}'::text[],
           format_type(nullif(t.typelem, 0), NULL), pg_get_userbyid(t.typowner), t.typcollation::regcollation,
           (SELECT string_agg(concat_ws(':', p.oid::regprocedure, p.proacl, pg_get_userbyid(p.proowner)), ',' ORDER BY p.oid::regprocedure::text)
            FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
            WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass AND d.refobjid = t.oid),
           obj_description(t.oid, 'pg_type'))
  FROM pg_type t
  WHERE t.typtype IN ('b', 'p') AND t.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
  UNION ALL
  SELECT o.tableoid, o.oid, concat_ws('|', to_jsonb(o) - '{oid,oprnamespace,oprowner,oprleft,oprright,oprresult,oprcom,oprnegate}'::text[],
           o.oprresult::regtype, o.oprcom::regoperator, o.oprnegate::regoperator, pg_get_userbyid(o.oprowner),
           obj_description(o.oid, 'pg_operator'))
  FROM pg_operator o WHERE o.oid >= 16384
  UNION ALL
  SELECT o.tableoid, o.oid, concat_ws('|', o.opcintype::regtype, o.opckeytype::regtype, o.opcdefault, pg_get_userbyid(o.opcowner),
           (SELECT f.opfname FROM pg_opfamily f WHERE f.oid = o.opcfamily), obj_description(o.oid, 'pg_opclass'))
  FROM pg_opclass o WHERE o.oid >= 16384
  UNION ALL
  SELECT f.tableoid, f.oid, concat_ws('|', pg_get_userbyid(f.opfowner), obj_description(f.oid, 'pg_opfamily'),
           (SELECT string_agg(concat_ws(':', m.amopstrategy, m.amoppurpose, m.amopopr::regoperator), ',' ORDER BY m.amopstrategy, m.amopopr)
            FROM pg_amop m WHERE m.amopfamily = f.oid),
           (SELECT string_agg(concat_ws(':', m.amprocnum, m.amproc::oid::regprocedure), ',' ORDER BY m.amprocnum, m.amproc::oid)
            FROM pg_amproc m WHERE m.amprocfamily = f.oid))
  FROM pg_opfamily f WHERE f.oid >= 16384
  UNION ALL
  SELECT c.tableoid, c.oid, concat_ws('|', c.castfunc::regprocedure, c.castcontext, c.castmethod, obj_description(c.oid, 'pg_cast'))
  FROM pg_cast c WHERE c.oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = c.tableoid AND i.objid = c.oid AND i.deptype = 'i')
  UNION ALL
  SELECT c.tableoid, c.oid, concat_ws('|', to_jsonb(c) - '{oid,collnamespace,collowner}'::text[], pg_get_userbyid(c.collowner),
           obj_description(c.oid, 'pg_collation'))
  FROM pg_collation c WHERE c.oid >= 16384
  UNION ALL
  SELECT c.tableoid, c.oid, concat_ws('|', to_jsonb(c) - '{oid,connamespace,conowner}'::text[], pg_get_userbyid(c.conowner),
           obj_description(c.oid, 'pg_conversion'))
  FROM pg_conversion c WHERE c.oid >= 16384
  UNION ALL
  SELECT p.tableoid, p.oid, concat_ws('|', to_jsonb(p) - '{oid,prsnamespace}'::text[], obj_description(p.oid, 'pg_ts_parser'))
  FROM pg_ts_parser p WHERE p.oid >= 16384
  UNION ALL
  SELECT t.tableoid, t.oid, concat_ws('|', to_jsonb(t) - '{oid,tmplnamespace}'::text[], obj_description(t.oid, 'pg_ts_template'))
  FROM pg_ts_template t WHERE t.oid >= 16384
  UNION ALL
  SELECT d.tableoid, d.oid, concat_ws('|', d.dictinitoption, pg_get_userbyid(d.dictowner), obj_description(d.oid, 'pg_ts_dict'),
           (SELECT t.tmplname FROM pg_ts_template t WHERE t.oid = d.dicttemplate))
  FROM pg_ts_dict d WHERE d.oid >= 16384
  UNION ALL
  SELECT c.tableoid, c.oid, concat_ws('|', pg_get_userbyid(c.cfgowner), obj_description(c.oid, 'pg_ts_config'),
           (SELECT p.prsname FROM pg_ts_parser p WHERE p.oid = c.cfgparser),
           (SELECT string_agg(concat_ws(':', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ',' ORDER BY m.maptokentype, m.mapseqno)
            FROM pg_ts_config_map m WHERE m.mapcfg = c.oid))
  FROM pg_ts_config c WHERE c.oid >= 16384
  UNION ALL
  SELECT l.tableoid, l.oid, concat_ws('|', l.lanpltrusted, l.lanplcallfoid::regprocedure, l.laninline::regprocedure,
           l.lanvalidator::regprocedure, l.lanacl, pg_get_userbyid(l.lanowner), obj_description(l.oid, 'pg_language'))
  FROM pg_language l WHERE l.oid >= 16384
  UNION ALL
  SELECT w.tableoid, w.oid, concat_ws('|', w.fdwhandler::regprocedure, w.fdwvalidator::regprocedure, w.fdwacl, w.fdwoptions,
           pg_get_userbyid(w.fdwowner), obj_description(w.oid, 'pg_foreign_data_wrapper'))
  FROM pg_foreign_data_wrapper w
  UNION ALL
  SELECT s.tableoid, s.oid, concat_ws('|', s.srvtype, s.srvversion, s.srvacl, s.srvoptions, pg_get_userbyid(s.srvowner),
           obj_description(s.oid, 'pg_foreign_server'))
  FROM pg_foreign_server s
  UNION ALL
  SELECT 'pg_user_mapping'::regclass, m.umid, m.srvname::text FROM pg_user_mappings m
  UNION ALL
  SELECT t.tableoid, t.oid, concat_ws('|', t.evtevent, t.evtfoid::regprocedure, t.evtenabled, t.evttags, pg_get_userbyid(t.evtowner),
           obj_description(t.oid, 'pg_event_trigger'))
  FROM pg_event_trigger t
  UNION ALL
  SELECT m.tableoid, m.oid, concat_ws('|', m.amhandler, m.amtype, obj_description(m.oid, 'pg_am')) FROM pg_am m WHERE m.oid >= 16384
  UNION ALL
  SELECT t.tableoid, t.oid, concat_ws('|', t.trffromsql, t.trftosql) FROM pg_transform t WHERE t.oid >= 16384
  UNION ALL
  SELECT x.tableoid, x.oid, concat_ws('|', x.extversion, x.extnamespace::regnamespace, x.extconfig::regclass[], x.extcondition,
           pg_get_userbyid(x.extowner), obj_description(x.oid, 'pg_extension'),
           (SELECT string_agg(concat_ws(':', p.oid::regprocedure, p.proacl), ',' ORDER BY p.oid::regprocedure::text)
            FROM pg_depend e JOIN pg_proc p ON p.oid = e.objid AND e.classid = 'pg_proc'::regclass
            WHERE e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid AND e.deptype = 'e' AND p.proacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', c.oid::regclass, c.relacl), ',' ORDER BY c.oid::regclass::text)
            FROM pg_depend e JOIN pg_class c ON c.oid = e.objid AND e.classid = 'pg_class'::regclass
            WHERE e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid AND e.deptype = 'e' AND c.relacl IS NOT NULL))
  FROM pg_extension x
), named (class, oid, type, identity, what) AS (
  SELECT f.class, f.oid, i.type, i.identity, f.what
  FROM found f
  CROSS JOIN LATERAL pg_identify_object(f.class, f.oid, 0) i
  WHERE (i.schema IS NULL OR i.schema <> ALL ($1) AND i.schema !~ '^pg_' AND i.schema <> 'information_schema')
    AND i.identity IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = f.class AND e.objid = f.oid AND e.deptype = 'e')
  UNION ALL
  SELECT 'pg_subscription'::regclass, 0, 'subscription', quote_ident(s.subname),
         concat_ws('|', s.subenabled, s.subslotname, s.subpublications, pg_get_userbyid(s.subowner))
  FROM pg_subscription s WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  UNION ALL
  SELECT d.tableoid, d.oid, 'database', 'settings and privileges', concat_ws('|', pg_get_userbyid(d.datdba), d.datacl, d.datconnlimit,
           (SELECT string_agg(concat_ws(':', CASE WHEN r.setrole <> 0 THEN pg_get_userbyid(r.setrole) END, r.setconfig), ',' ORDER BY r.setrole)
            FROM pg_db_role_setting r WHERE r.setdatabase = d.oid))
  FROM pg_database d WHERE d.datname = current_database()
  UNION ALL
  SELECT 0, 0, 'system objects', 'privileges', concat_ws('|',
           (SELECT string_agg(concat_ws(':', p.oid, p.proacl), ',' ORDER BY p.oid) FROM pg_proc p WHERE p.oid < 16384 AND p.proacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', c.oid, c.relacl), ',' ORDER BY c.oid) FROM pg_class c WHERE c.oid < 16384 AND c.relacl IS NOT NULL),
           (SELECT string_agg(concat_ws(':', l.oid, l.lanacl), ',' ORDER BY l.oid) FROM pg_language l WHERE l.oid < 16384))
  UNION ALL
  SELECT 0, 0, 'large objects', 'all of them', concat_ws('|', count(*), md5(string_agg(concat_ws(':', l.oid, pg_get_userbyid(l.lomowner), l.lomacl), ',' ORDER BY l.oid)))
  FROM (SELECT oid, lomowner, lomacl FROM pg_largeobject_metadata LIMIT 100000) l HAVING count(*) > 0
)
SELECT n.class, n.oid, 'other' AS kind, n.type AS schema, n.identity AS name, NULL AS "of", NULL AS owner, '[]'::json AS grants,
       NULL AS comment, json_strip_nulls(json_build_object('other', json_build_object('fingerprint', md5(n.what), 'statements', m.statements))) AS definition
FROM named n
LEFT JOIN LATERAL (
  -- Collations are all in their row; that of the database's own provider can't be said.
  SELECT json_build_array(
           format('CREATE COLLATION %s (PROVIDER = %s, %s, DETERMINISTIC = %s%s%s)', n.identity,
                  CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                  coalesce('LOCALE = ' || quote_literal(coalesce(j.row->>'colllocale', j.row->>'colliculocale')),
                           format('LC_COLLATE = %L, LC_CTYPE = %L', c.collcollate, c.collctype)),
                  CASE WHEN c.collisdeterministic THEN 'true' ELSE 'false' END,
                  ', RULES = ' || quote_literal(nullif(j.row->>'collicurules', '')), ', VERSION = ' || quote_literal(c.collversion)),
           format('ALTER COLLATION %s OWNER TO %I', n.identity, pg_get_userbyid(c.collowner)),
           format('COMMENT ON COLLATION %s IS %L', n.identity, obj_description(c.oid, 'pg_collation'))) AS statements
  FROM pg_collation c CROSS JOIN LATERAL (SELECT to_jsonb(c) AS row) j
  WHERE n.class = 'pg_collation'::regclass AND c.oid = n.oid AND c.collprovider <> 'd'
) m ON true
