SELECT o.what
FROM (
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
) o
WHERE e.objid >= 16384
