-- What a database is, one line a fact, by the catalogs alone: nothing of it comes from the program. Run under an empty search path.
WITH ours AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'backstop', 'backup_pre_migration', 'bystanders')
),
rel AS (SELECT c.*, c.oid::regclass::text AS title FROM pg_class AS c JOIN ours ON ours.oid = c.relnamespace),
-- Grants as sorted text; those that nobody wrote down are what the owner has by default.
acl (of, sub, text) AS (
    SELECT a.of, a.sub, string_agg(g.text, ' ' ORDER BY g.text COLLATE "C")
    FROM (
        SELECT oid AS of, 0 AS sub, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)) AS list FROM rel
        UNION ALL SELECT attrelid, attnum, attacl FROM pg_attribute WHERE attacl IS NOT NULL
        UNION ALL SELECT pg_proc.oid, 0, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc JOIN ours ON ours.oid = pronamespace
        UNION ALL SELECT pg_type.oid, 0, coalesce(typacl, acldefault('T', typowner)) FROM pg_type JOIN ours ON ours.oid = typnamespace
        UNION ALL SELECT oid, 0, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace
    ) AS a CROSS JOIN LATERAL (
        SELECT format('%s>%s:%s%s', pg_get_userbyid(e.grantor), CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.grantee) END,
                      e.privilege_type, CASE WHEN e.is_grantable THEN '*' END) AS text
        FROM aclexplode(a.list) AS e
    ) AS g
    GROUP BY a.of, a.sub
),
said (class, of, sub, text) AS (SELECT classoid, objoid, objsubid, description FROM pg_description)
SELECT format('schema %s of %s [%s] %s', n.nspname, pg_get_userbyid(n.nspowner), acl.text, said.text)
FROM pg_namespace AS n JOIN ours USING (oid) LEFT JOIN acl ON acl.of = n.oid
LEFT JOIN said ON said.class = 'pg_namespace'::regclass AND said.of = n.oid
UNION ALL
SELECT format('relation %s %s%s of %s %s rls %s%s replica %s [%s] %s', r.relkind, r.title, CASE r.relpersistence WHEN 'u' THEN ' unlogged' END, pg_get_userbyid(r.relowner),
              r.reloptions || (SELECT t.reloptions FROM pg_class AS t WHERE t.oid = r.reltoastrelid), r.relrowsecurity, r.relforcerowsecurity, r.relreplident, acl.text, said.text)
FROM rel AS r LEFT JOIN acl ON acl.of = r.oid AND acl.sub = 0
LEFT JOIN said ON said.class = 'pg_class'::regclass AND said.of = r.oid AND said.sub = 0
UNION ALL
SELECT format('column %s.%s %s %s%s collation %s default %s %s%s statistics %s storage %s%s %s [%s] %s', r.title, a.attname,
              CASE WHEN r.relkind <> 'i' THEN row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) END,
              format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' NOT NULL' END, a.attcollation::regcollation,
              pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, nullif(to_jsonb(a)->>'attstattarget', '-1'), CASE WHEN r.relkind <> 'i' THEN a.attstorage END,
              to_jsonb(a)->>'attcompression', a.attoptions, acl.text, said.text)
FROM rel AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN acl ON acl.of = r.oid AND acl.sub = a.attnum
LEFT JOIN said ON said.class = 'pg_class'::regclass AND said.of = r.oid AND said.sub = a.attnum
UNION ALL
SELECT format('constraint %s on %s: %s %s valid %s %s', k.conname, coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text),
              pg_get_constraintdef(k.oid), k.condeferred, k.convalidated, said.text)
FROM pg_constraint AS k JOIN ours ON ours.oid = k.connamespace
LEFT JOIN said ON said.class = 'pg_constraint'::regclass AND said.of = k.oid
UNION ALL
SELECT format('index %s valid %s clustered %s replica %s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered, i.indisreplident)
FROM pg_index AS i JOIN rel AS r ON r.oid = i.indexrelid
UNION ALL
SELECT format('view %s: %s', r.title, pg_get_viewdef(r.oid)) FROM rel AS r WHERE r.relkind IN ('v', 'm')
UNION ALL
SELECT format('populated %s %s', r.title, r.relispopulated) FROM rel AS r WHERE r.relkind = 'm'
UNION ALL
SELECT format('rule on %s: %s %s', r.title, pg_get_ruledef(w.oid), w.ev_enabled)
FROM pg_rewrite AS w JOIN rel AS r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT format('trigger on %s: %s %s %s', r.title,
              CASE WHEN t.tgisinternal THEN (SELECT conname FROM pg_constraint WHERE oid = t.tgconstraint) || ' ' || t.tgfoid::regproc
                   ELSE pg_get_triggerdef(t.oid) END, t.tgenabled, said.text)
FROM pg_trigger AS t JOIN rel AS r ON r.oid = t.tgrelid
LEFT JOIN said ON said.class = 'pg_trigger'::regclass AND said.of = t.oid
UNION ALL
SELECT format('policy %s on %s %s %s to %s using %s check %s %s', p.polname, r.title, p.polcmd, p.polpermissive,
              ARRAY(SELECT CASE role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(role) END FROM unnest(p.polroles) AS role ORDER BY 1),
              pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), said.text)
FROM pg_policy AS p JOIN rel AS r ON r.oid = p.polrelid
LEFT JOIN said ON said.class = 'pg_policy'::regclass AND said.of = p.oid
UNION ALL
SELECT format('function of %s [%s] %s %s', pg_get_userbyid(p.proowner), acl.text, CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) ELSE p.oid::regprocedure::text END, said.text)
FROM pg_proc AS p JOIN ours ON ours.oid = p.pronamespace LEFT JOIN acl ON acl.of = p.oid
LEFT JOIN said ON said.class = 'pg_proc'::regclass AND said.of = p.oid
UNION ALL
SELECT format('type %s %s of %s base %s%s default %s collation %s labels %s [%s] %s', t.oid::regtype, t.typtype, pg_get_userbyid(t.typowner),
              format_type(nullif(t.typbasetype, 0), t.typtypmod), CASE WHEN t.typnotnull THEN ' NOT NULL' END, t.typdefault, t.typcollation::regcollation,
              ARRAY(SELECT enumlabel FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder), acl.text, said.text)
FROM pg_type AS t JOIN ours ON ours.oid = t.typnamespace LEFT JOIN acl ON acl.of = t.oid
LEFT JOIN said ON said.class = 'pg_type'::regclass AND said.of = t.oid
-- The type of an array has its grants from the type of its elements, or in older versions none that anybody sees.
WHERE t.typelem = 0 OR t.typlen <> -1
UNION ALL
SELECT format('sequence %s %s start %s by %s from %s to %s cache %s cycle %s of %s', r.title, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
              s.seqcache, s.seqcycle, (SELECT d.refobjid::regclass || '.' || a.attname || ' ' || d.deptype::text FROM pg_depend AS d
               JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
               WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
FROM pg_sequence AS s JOIN rel AS r ON r.oid = s.seqrelid
UNION ALL
SELECT format('statistics %s of %s %s', pg_get_statisticsobjdef(s.oid), pg_get_userbyid(s.stxowner), to_jsonb(s)->>'stxstattarget')
FROM pg_statistic_ext AS s JOIN ours ON ours.oid = s.stxnamespace
UNION ALL
SELECT format('default privileges of %s in %s on %s: %s', pg_get_userbyid(d.defaclrole), d.defaclnamespace::regnamespace, d.defaclobjtype,
              ARRAY(SELECT format('%s:%s%s', CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END, g.privilege_type, g.is_grantable)
                    FROM aclexplode(d.defaclacl) AS g ORDER BY 1))
FROM pg_default_acl AS d
UNION ALL
SELECT format('published %s in %s', r.title, p.pubname) FROM pg_publication_rel AS pr JOIN rel AS r ON r.oid = pr.prrelid JOIN pg_publication AS p ON p.oid = pr.prpubid
ORDER BY 1
