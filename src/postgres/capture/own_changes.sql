-- Which of these catalog rows this session's open transaction has made, changed or locked. Others change the catalog at the
-- same time, and their work is to be told from ours. $1: catalogs; $2: rows of theirs.
-- A row's xmin has 32 bits of a transaction's number; the others are those of our own, which is never far away. What was
-- begun after ours and is not ended, and yet visible to us, is a subtransaction of ours.
WITH wanted AS (
  SELECT w.class, w.oid FROM unnest($1::oid[], $2::oid[]) AS w (class, oid)
), found (class, oid, xmin) AS (
  SELECT w.*, c.xmin FROM wanted w JOIN pg_catalog.pg_class c ON c.tableoid = w.class AND c.oid = w.oid
  UNION ALL
  SELECT w.*, a.xmin FROM wanted w JOIN pg_catalog.pg_attribute a ON a.attrelid = w.oid WHERE w.class = 'pg_catalog.pg_class'::regclass
  UNION ALL
  SELECT w.*, n.xmin FROM wanted w JOIN pg_catalog.pg_namespace n ON n.tableoid = w.class AND n.oid = w.oid
  UNION ALL
  SELECT w.*, t.xmin FROM wanted w JOIN pg_catalog.pg_type t ON t.tableoid = w.class AND t.oid = w.oid
  UNION ALL
  SELECT w.*, p.xmin FROM wanted w JOIN pg_catalog.pg_proc p ON p.tableoid = w.class AND p.oid = w.oid
  UNION ALL
  SELECT w.*, k.xmin FROM wanted w JOIN pg_catalog.pg_constraint k ON k.tableoid = w.class AND k.oid = w.oid
  UNION ALL
  SELECT w.*, t.xmin FROM wanted w JOIN pg_catalog.pg_trigger t ON t.tableoid = w.class AND t.oid = w.oid
  UNION ALL
  SELECT w.*, p.xmin FROM wanted w JOIN pg_catalog.pg_policy p ON p.tableoid = w.class AND p.oid = w.oid
  UNION ALL
  SELECT w.*, r.xmin FROM wanted w JOIN pg_catalog.pg_rewrite r ON r.tableoid = w.class AND r.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_operator o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_cast o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_opclass o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_opfamily o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_collation o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_conversion o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_ts_parser o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_ts_template o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_ts_dict o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_ts_config o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_foreign_data_wrapper o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_foreign_server o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_language o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_am o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_transform o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_extension o ON o.tableoid = w.class AND o.oid = w.oid
  UNION ALL
  SELECT w.*, o.xmin FROM wanted w JOIN pg_catalog.pg_event_trigger o ON o.tableoid = w.class AND o.oid = w.oid
), numbered AS (
  SELECT f.class, f.oid, f.xmin::text::bigint AS xid, pg_catalog.pg_current_xact_id()::text::bigint AS own FROM found f
), aged AS (
  SELECT n.*, (n.xid - n.own % 4294967296 + 6442450944) % 4294967296 - 2147483648 AS later FROM numbered n
)
-- What stands in no catalog of those above may be ours.
SELECT w.class::bigint, w.oid::bigint
FROM wanted w
WHERE w.class <> ALL ('{pg_catalog.pg_class,pg_catalog.pg_namespace,pg_catalog.pg_type,pg_catalog.pg_proc,pg_catalog.pg_constraint,pg_catalog.pg_trigger,pg_catalog.pg_policy,pg_catalog.pg_rewrite,
pg_catalog.pg_operator,pg_catalog.pg_cast,pg_catalog.pg_opclass,pg_catalog.pg_opfamily,pg_catalog.pg_collation,pg_catalog.pg_conversion,
pg_catalog.pg_ts_parser,pg_catalog.pg_ts_template,pg_catalog.pg_ts_dict,pg_catalog.pg_ts_config,pg_catalog.pg_foreign_data_wrapper,pg_catalog.pg_foreign_server,
pg_catalog.pg_language,pg_catalog.pg_am,pg_catalog.pg_transform,pg_catalog.pg_extension,pg_catalog.pg_event_trigger}'::pg_catalog.regclass[])
UNION
SELECT class::bigint, oid::bigint
FROM aged
WHERE xid > 2 AND later >= 0
  AND CASE WHEN later >= 0 THEN pg_catalog.pg_xact_status((own + later)::text::xid8) = 'in progress' END
UNION
SELECT w.class::bigint, w.oid::bigint
FROM wanted w
JOIN pg_catalog.pg_locks l
  ON l.locktype = 'relation' AND w.class = 'pg_catalog.pg_class'::regclass AND l.relation = w.oid
  OR l.locktype = 'object' AND l.classid = w.class AND l.objid = w.oid
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
