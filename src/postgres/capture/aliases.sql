-- Which catalog rows are part of another object: (class, oid) stands for (ref_class, ref_oid). An array type for its element,
-- a row type for its table, a default for its table, a view's rule for the view, an index for its constraint, an
-- extension's member for the extension. "column" is given for defaults that a column can do without.
SELECT 'pg_type'::regclass::oid::bigint AS class, t.typarray::bigint AS oid,
       'pg_type'::regclass::oid::bigint AS ref_class, t.oid::bigint AS ref_oid, NULL::text AS "column"
FROM pg_type t WHERE t.typarray <> 0 AND t.oid >= 16384
  AND t.oid IN (SELECT unnest($1::oid[]) UNION SELECT a.typelem FROM pg_type a WHERE a.oid = ANY ($1)) -- of some
UNION ALL
SELECT 'pg_type'::regclass::oid::bigint, c.reltype::bigint, 'pg_class'::regclass::oid::bigint, c.oid::bigint, NULL
FROM pg_class c WHERE c.reltype <> 0 AND c.relkind <> 'c' AND c.oid >= 16384
  AND c.oid IN (SELECT unnest($1) UNION SELECT a.typrelid FROM pg_type a WHERE a.oid = ANY ($1)) -- of some
UNION ALL
SELECT 'pg_class'::regclass::oid::bigint, c.oid::bigint, 'pg_type'::regclass::oid::bigint, c.reltype::bigint, NULL
FROM pg_class c WHERE c.relkind = 'c' AND c.oid >= 16384
  AND c.oid IN (SELECT unnest($1) UNION SELECT a.typrelid FROM pg_type a WHERE a.oid = ANY ($1)) -- of some
UNION ALL
SELECT 'pg_type'::regclass::oid::bigint, r.rngmultitypid::bigint, 'pg_type'::regclass::oid::bigint, r.rngtypid::bigint, NULL -- from 140000
FROM pg_range r WHERE r.rngtypid >= 16384 -- from 140000
  AND (r.rngtypid = ANY ($1) OR r.rngmultitypid = ANY ($1)) -- from 140000 -- of some
UNION ALL -- from 140000
SELECT 'pg_attrdef'::regclass::oid::bigint, d.oid::bigint, 'pg_class'::regclass::oid::bigint, d.adrelid::bigint,
       (SELECT a.attname::text FROM pg_attribute a, pg_class c
        WHERE a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = '' AND c.oid = d.adrelid AND c.relkind <> 'v')
FROM pg_attrdef d
WHERE d.oid = ANY ($1) OR d.adrelid = ANY ($1) -- of some
UNION ALL
SELECT 'pg_rewrite'::regclass::oid::bigint, r.oid::bigint, 'pg_class'::regclass::oid::bigint, r.ev_class::bigint, NULL
FROM pg_rewrite r WHERE r.rulename = '_RETURN' AND r.oid >= 16384
  AND (r.oid = ANY ($1) OR r.ev_class = ANY ($1)) -- of some
UNION ALL
SELECT 'pg_class'::regclass::oid::bigint, k.conindid::bigint, 'pg_constraint'::regclass::oid::bigint, k.oid::bigint, NULL
FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x') AND k.conindid <> 0 AND k.oid >= 16384
  AND k.oid IN (SELECT unnest($1) UNION SELECT a.oid FROM pg_constraint a JOIN pg_index i ON i.indrelid = a.conrelid WHERE i.indexrelid = ANY ($1)) -- of some
UNION ALL
SELECT 'pg_constraint'::regclass::oid::bigint, k.oid::bigint, 'pg_type'::regclass::oid::bigint, k.contypid::bigint, NULL
FROM pg_constraint k WHERE k.contypid <> 0 AND k.oid >= 16384
  AND (k.oid = ANY ($1) OR k.contypid = ANY ($1)) -- of some
UNION ALL
SELECT 'pg_constraint'::regclass::oid::bigint, k.oid::bigint, 'pg_class'::regclass::oid::bigint, k.conrelid::bigint, NULL
FROM pg_constraint k WHERE k.contype = 'n' AND k.conrelid <> 0 AND k.oid >= 16384
  AND (k.oid = ANY ($1) OR k.conrelid = ANY ($1)) -- of some
UNION ALL
SELECT 'pg_constraint'::regclass::oid::bigint, k.oid::bigint, 'pg_trigger'::regclass::oid::bigint, t.oid::bigint, NULL
FROM pg_constraint k JOIN pg_trigger t ON t.tgconstraint = k.oid AND NOT t.tgisinternal WHERE k.contype = 't'
  AND k.oid IN (SELECT unnest($1) UNION SELECT a.tgconstraint FROM pg_trigger a WHERE a.oid = ANY ($1)) -- of some
UNION ALL
SELECT 'pg_constraint'::regclass::oid::bigint, k.oid::bigint, 'pg_constraint'::regclass::oid::bigint, k.conparentid::bigint, NULL
FROM pg_constraint k JOIN pg_constraint a ON a.oid = k.conparentid AND a.conrelid = k.conrelid
WHERE k.oid = ANY ($1) OR k.conparentid = ANY ($1) -- of some
UNION ALL
SELECT 'pg_amop'::regclass::oid::bigint, o.oid::bigint, 'pg_opfamily'::regclass::oid::bigint, o.amopfamily::bigint, NULL
FROM pg_amop o WHERE o.oid >= 16384
  AND (o.oid = ANY ($1) OR o.amopfamily = ANY ($1)) -- of some
UNION ALL
SELECT 'pg_amproc'::regclass::oid::bigint, o.oid::bigint, 'pg_opfamily'::regclass::oid::bigint, o.amprocfamily::bigint, NULL
FROM pg_amproc o WHERE o.oid >= 16384
  AND (o.oid = ANY ($1) OR o.amprocfamily = ANY ($1)) -- of some
UNION ALL
SELECT d.classid::bigint, d.objid::bigint, d.refclassid::bigint, d.refobjid::bigint, NULL
FROM pg_depend d WHERE (d.deptype = 'e' OR d.deptype = 'i' AND d.classid IN ('pg_proc'::regclass, 'pg_cast'::regclass))
  AND (d.classid = ANY ($2) AND d.objid = ANY ($1) OR d.refclassid = ANY ($2) AND d.refobjid = ANY ($1)) -- of some
