-- Everything that a form can be applied to: what it is, and the words that its statement is filled with. Run under an empty search path, so that every name is
-- qualified; $1 is the schema of the copies.
WITH ours AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', $1)
),
member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
rel AS (
    SELECT c.oid, c.relkind, c.relname, c.reltype, n.nspname, c.relispartition, c.relispopulated,
           jsonb_build_object('table', c.oid::regclass, 'name', quote_ident(c.relname), 'schema', quote_ident(n.nspname)) AS words
    FROM pg_class AS c JOIN ours AS n ON n.oid = c.relnamespace
    WHERE (1259, c.oid) NOT IN (SELECT classid, objid FROM member WHERE classid = 1259)
),
col AS (
    SELECT r.relkind, r.words || jsonb_build_object('column', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod)) AS words,
           a.attidentity, a.attgenerated, a.atttypid, a.attnum, r.oid
    FROM rel AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
    -- A table of a thousand columns has the same forms as one of ten.
    WHERE a.attnum BETWEEN 1 AND 20 AND NOT a.attisdropped
),
typ AS (
    SELECT t.oid, t.typtype, t.typrelid, jsonb_build_object('object', t.oid::regtype, 'name', quote_ident(t.typname), 'schema', quote_ident(n.nspname)) AS words
    FROM pg_type AS t JOIN ours AS n ON n.oid = t.typnamespace
    WHERE NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = t.oid) AND (1247, t.oid) NOT IN (SELECT classid, objid FROM member WHERE classid = 1247)
),
proc AS (
    SELECT p.oid, p.prokind, jsonb_build_object('object', p.oid::regprocedure, 'name', quote_ident(p.proname), 'schema', quote_ident(n.nspname),
                                                'signature', format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))) AS words
    FROM pg_proc AS p JOIN ours AS n ON n.oid = p.pronamespace
    WHERE (1255, p.oid) NOT IN (SELECT classid, objid FROM member WHERE classid = 1255)
      -- Constructors of ranges come and go with these.
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 1255 AND d.objid = p.oid AND d.deptype = 'i')
)
SELECT 'database' AS kind, jsonb_build_object('database', quote_ident(current_database())) AS words
UNION ALL SELECT 'schema', jsonb_build_object('schema', quote_ident(nspname)) FROM ours
UNION ALL SELECT 'table', words FROM rel WHERE relkind IN ('r', 'p')
UNION ALL SELECT 'view', words FROM rel WHERE relkind = 'v'
UNION ALL SELECT 'matview', words FROM rel WHERE relkind = 'm'
UNION ALL SELECT 'sequence', words FROM rel WHERE relkind = 'S'
UNION ALL SELECT 'index', words FROM rel WHERE relkind IN ('i', 'I')
UNION ALL SELECT 'column', words FROM col WHERE relkind IN ('r', 'p')
UNION ALL SELECT 'view_column', words FROM col WHERE relkind = 'v'
UNION ALL SELECT 'matview_column', words FROM col WHERE relkind = 'm'
UNION ALL SELECT 'attribute', words FROM col WHERE relkind = 'c'
UNION ALL SELECT 'identity', words FROM col WHERE relkind IN ('r', 'p') AND attidentity <> ''
UNION ALL SELECT 'generated', words FROM col WHERE relkind IN ('r', 'p') AND attgenerated <> ''
UNION ALL SELECT 'index_column', r.words || jsonb_build_object('number', a.attnum) FROM rel AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
WHERE r.relkind IN ('i', 'I') AND pg_get_indexdef(r.oid, a.attnum, false) ~ '\('
UNION ALL SELECT 'constraint', r.words || jsonb_build_object('constraint', quote_ident(k.conname)) FROM pg_constraint AS k JOIN rel AS r ON r.oid = k.conrelid
  WHERE NOT EXISTS (SELECT FROM pg_constraint AS a WHERE a.oid = k.conparentid AND a.conrelid = k.conrelid) -- the server's own, one for each partition that is referenced
UNION ALL SELECT 'foreign_key', r.words || jsonb_build_object('constraint', quote_ident(k.conname)) FROM pg_constraint AS k JOIN rel AS r ON r.oid = k.conrelid WHERE k.contype = 'f' AND NOT EXISTS (SELECT FROM pg_constraint AS a WHERE a.oid = k.conparentid AND a.conrelid = k.conrelid)
UNION ALL SELECT 'not_null', r.words || jsonb_build_object('constraint', quote_ident(k.conname)) FROM pg_constraint AS k JOIN rel AS r ON r.oid = k.conrelid WHERE k.contype = 'n'
UNION ALL SELECT 'table_index', r.words || jsonb_build_object('index', quote_ident(c.relname)) FROM pg_index AS i JOIN rel AS r ON r.oid = i.indrelid JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE r.relkind <> 'm'
UNION ALL SELECT 'matview_index', r.words || jsonb_build_object('index', quote_ident(c.relname)) FROM pg_index AS i JOIN rel AS r ON r.oid = i.indrelid JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE r.relkind = 'm'
UNION ALL SELECT 'trigger', r.words || jsonb_build_object('trigger', quote_ident(t.tgname)) FROM pg_trigger AS t JOIN rel AS r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL SELECT 'rule', r.words || jsonb_build_object('rule', quote_ident(w.rulename)) FROM pg_rewrite AS w JOIN rel AS r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
UNION ALL SELECT 'policy', r.words || jsonb_build_object('policy', quote_ident(p.polname)) FROM pg_policy AS p JOIN rel AS r ON r.oid = p.polrelid
UNION ALL SELECT 'child', r.words || jsonb_build_object('above', i.inhparent::regclass, 'bound', pg_get_expr(c.relpartbound, c.oid))
FROM pg_inherits AS i JOIN rel AS r ON r.oid = i.inhrelid JOIN pg_class AS c ON c.oid = r.oid WHERE r.relkind IN ('r', 'p')
UNION ALL SELECT 'enum', words || jsonb_build_object('label', quote_literal((SELECT enumlabel FROM pg_enum WHERE enumtypid = typ.oid ORDER BY enumsortorder LIMIT 1))) FROM typ WHERE typtype = 'e'
UNION ALL SELECT 'domain', words FROM typ WHERE typtype = 'd'
UNION ALL SELECT 'composite', words FROM typ WHERE typtype = 'c' AND EXISTS (SELECT FROM pg_class AS c WHERE c.oid = typ.typrelid AND c.relkind = 'c')
UNION ALL SELECT 'range', words FROM typ WHERE typtype = 'r'
UNION ALL SELECT 'type', words FROM typ WHERE typtype IN ('e', 'd', 'r') OR EXISTS (SELECT FROM pg_class AS c WHERE c.oid = typ.typrelid AND c.relkind = 'c')
UNION ALL SELECT 'domain_constraint', t.words || jsonb_build_object('constraint', quote_ident(k.conname)) FROM pg_constraint AS k JOIN typ AS t ON t.oid = k.contypid
UNION ALL SELECT 'function', words || jsonb_build_object('literal', quote_literal(oid::regprocedure)) FROM proc WHERE prokind IN ('f', 'w')
UNION ALL SELECT 'procedure', words FROM proc WHERE prokind = 'p'
UNION ALL SELECT 'aggregate', p.words || jsonb_build_object('signature', format('%I.%I(%s)', n.nspname, a.proname, coalesce(nullif(pg_get_function_identity_arguments(a.oid), ''), '*')))
FROM proc AS p JOIN pg_proc AS a ON a.oid = p.oid JOIN pg_namespace AS n ON n.oid = a.pronamespace WHERE p.prokind = 'a'
UNION ALL SELECT 'statistics', jsonb_build_object('object', format('%I.%I', n.nspname, s.stxname), 'name', quote_ident(s.stxname)) FROM pg_statistic_ext AS s JOIN ours AS n ON n.oid = s.stxnamespace
UNION ALL SELECT 'publication', jsonb_build_object('object', quote_ident(pubname)) FROM pg_publication
UNION ALL SELECT 'published', r.words || jsonb_build_object('publication', quote_ident(p.pubname))
FROM pg_publication_rel AS m JOIN pg_publication AS p ON p.oid = m.prpubid JOIN rel AS r ON r.oid = m.prrelid
UNION ALL SELECT 'granted', r.words || jsonb_build_object('role', quote_ident(g.rolname)) FROM rel AS r CROSS JOIN pg_roles AS g
WHERE r.relkind IN ('r', 'p', 'v', 'm', 'S') AND g.rolname IN ('museum_owner', 'museum_api', 'museum Reader')
UNION ALL SELECT 'other', jsonb_build_object('kind', upper(o.type), 'object', o.identity) FROM (
    SELECT 'pg_operator'::regclass AS class, oid FROM pg_operator UNION ALL SELECT 'pg_collation'::regclass, oid FROM pg_collation
    UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass UNION ALL SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily
    UNION ALL SELECT 'pg_cast'::regclass, oid FROM pg_cast UNION ALL SELECT 'pg_conversion'::regclass, oid FROM pg_conversion
    UNION ALL SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict
    UNION ALL SELECT 'pg_foreign_server'::regclass, oid FROM pg_foreign_server UNION ALL SELECT 'pg_extension'::regclass, oid FROM pg_extension
    UNION ALL SELECT 'pg_event_trigger'::regclass, oid FROM pg_event_trigger
) AS e CROSS JOIN LATERAL pg_identify_object(e.class, e.oid, 0) AS o
WHERE e.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = e.class AND d.objid = e.oid AND d.deptype IN ('e', 'i'))
ORDER BY 1, 2;
