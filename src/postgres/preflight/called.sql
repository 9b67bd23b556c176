-- Of roles ($1), those that may do less than this session's role: code of theirs that runs here could do more than they may.
-- Who may become this role may do all that it may; who watches a server may do nothing there.
SELECT me.rolname::text, o.rolname::text
FROM pg_catalog.pg_roles AS me, pg_catalog.pg_roles AS o
WHERE me.rolname OPERATOR(pg_catalog.=) current_user
  AND o.rolname OPERATOR(pg_catalog.=) ANY ($1::text[])
  AND NOT o.rolsuper
  AND NOT pg_catalog.pg_has_role(o.oid, me.oid, 'MEMBER')
  AND (me.rolsuper OR me.rolbypassrls OR me.rolcreaterole OR me.rolreplication OR EXISTS (
      SELECT FROM pg_catalog.pg_roles AS r
      WHERE r.oid OPERATOR(pg_catalog.<>) o.oid AND r.oid OPERATOR(pg_catalog.<>) me.oid
        AND r.rolname OPERATOR(pg_catalog.<>) ALL (ARRAY['pg_monitor', 'pg_read_all_settings', 'pg_read_all_stats', 'pg_stat_scan_tables'])
        AND pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER') AND NOT pg_catalog.pg_has_role(o.oid, r.oid, 'MEMBER')))
ORDER BY 2
