-- What `pg_dump --schema-only` does not print, or not of everything. $1: a schema to leave out.
SELECT concat_ws(' ', c.oid::regclass, 'populated', c.relispopulated)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('m', 'r') AND c.oid >= 16384 AND n.nspname NOT IN ($1, 'pg_toast')
UNION ALL
SELECT concat_ws(' ', c.oid::regclass, 'identity', c.relreplident, 'of type', nullif(c.reloftype, 0)::regtype, 'security', c.relrowsecurity, c.relforcerowsecurity)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND n.nspname <> $1
UNION ALL
SELECT concat_ws(' ', i.indexrelid::regclass, 'clustered', i.indisclustered, 'identity', i.indisreplident, 'valid', i.indisvalid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indexrelid >= 16384 AND n.nspname NOT IN ($1, 'pg_toast')
UNION ALL
SELECT concat_ws(' ', r.ev_class::regclass, 'rule', r.rulename, r.ev_enabled, r.is_instead, r.ev_type)
FROM pg_rewrite r WHERE r.oid >= 16384
UNION ALL
SELECT concat_ws(' ', t.tgrelid::regclass, 'trigger', CASE WHEN t.tgisinternal THEN k.conname || ' ' || t.tgfoid::regproc ELSE t.tgname END, t.tgenabled,
                 t.tgdeferrable, t.tginitdeferred)
FROM pg_trigger t LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint
UNION ALL
SELECT concat_ws(' ', a.attrelid::regclass, a.attname, 'target', nullif(a.attstattarget, -1), a.attstorage, a.attoptions)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname NOT IN ($1, 'pg_toast')
UNION ALL
SELECT concat_ws(' ', a.attrelid::regclass, a.attnum, 'target', a.attstattarget)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'i' AND c.oid >= 16384 AND a.attstattarget > 0 AND n.nspname NOT IN ($1, 'pg_toast')
UNION ALL
SELECT concat_ws(' ', 'statistics', s.stxnamespace::regnamespace, s.stxname, s.stxrelid::regclass, nullif(s.stxstattarget, -1), s.stxkind)
FROM pg_statistic_ext s
UNION ALL
SELECT concat_ws(' ', 'function', p.oid::regprocedure, p.proowner::regrole, p.prokind, p.proparallel, p.procost, p.prorows, p.prosupport,
                 (SELECT string_agg(g::text, ',' ORDER BY g::text) FROM unnest(coalesce(p.proacl, acldefault('f', p.proowner))) g))
FROM pg_proc p WHERE p.oid >= 16384
UNION ALL
SELECT concat_ws(' ', 'aggregate', a.aggfnoid::regprocedure, a.aggkind, a.aggnumdirectargs, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
                 a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.aggfinalextra, a.aggmfinalextra, a.aggfinalmodify,
                 a.aggmfinalmodify, a.aggsortop, a.aggtranstype::regtype, a.aggtransspace, a.aggmtranstype::regtype, a.aggmtransspace,
                 a.agginitval, a.aggminitval)
FROM pg_aggregate a WHERE a.aggfnoid >= 16384
UNION ALL
SELECT concat_ws(' ', 'range', r.rngtypid::regtype, r.rngsubtype::regtype, r.rngcollation, r.rngcanonical, r.rngsubdiff, r.rngsubopc)
FROM pg_range r WHERE r.rngtypid >= 16384
UNION ALL
SELECT concat_ws(' ', 'publication', p.pubname, p.pubowner::regrole, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot)
FROM pg_publication p
UNION ALL
SELECT concat_ws(' ', 'member', r.prrelid::regclass, p.pubname) FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
UNION ALL
SELECT concat_ws(' ', c.oid::regclass, c.relkind, 'persistence', c.relpersistence)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND n.nspname NOT IN ($1, 'pg_toast')
UNION ALL
SELECT concat_ws(' ', 'system column', a.attrelid::regclass, a.attname, a.attacl)
FROM pg_attribute a WHERE a.attnum < 0 AND a.attacl IS NOT NULL
UNION ALL
SELECT concat_ws(' ', 'type', format_type(t.oid, NULL), t.typtype, t.typowner::regrole,
                 (SELECT string_agg(g::text, ',' ORDER BY g::text) FROM unnest(coalesce(t.typacl, acldefault('T', t.typowner))) g))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid >= 16384 AND n.nspname NOT IN ($1, 'pg_toast')
UNION ALL
SELECT concat_ws(' ', 'comment on', pg_describe_object(m.classoid, m.objoid, m.objsubid), m.description)
FROM pg_description m WHERE m.objoid >= 16384 OR m.classoid = 'pg_namespace'::regclass
UNION ALL
-- Triggers inside of constraints, TOAST and array types have numbers in their names, or names that are made up.
SELECT DISTINCT concat_ws(' ', pg_describe_object(d.classid, d.objid, d.objsubid), d.deptype, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid))
FROM pg_depend d
WHERE d.objid >= 16384
  AND d.objid NOT IN (SELECT t.oid FROM pg_trigger t WHERE t.tgisinternal)
  AND d.objid NOT IN (SELECT c.oid FROM pg_class c WHERE c.relnamespace IN ('pg_toast'::regnamespace, $1::text::regnamespace))
  AND d.objid NOT IN (SELECT t.oid FROM pg_type t WHERE t.typnamespace IN ('pg_toast'::regnamespace, $1::text::regnamespace))
  AND d.refobjid NOT IN (SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'pg_toast'::regnamespace)
UNION ALL
SELECT concat_ws(' ', 'function of the server', p.oid::regprocedure, p.proacl) FROM pg_proc p WHERE p.oid < 16384 AND p.proacl IS NOT NULL
UNION ALL
SELECT concat_ws(' ', 'language', l.lanname, coalesce(l.lanacl, acldefault('l', l.lanowner))) FROM pg_language l
ORDER BY 1
