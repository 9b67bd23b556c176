-- Whose the newest versions of some catalog rows are: this session's open transaction's, by a row that it made or a lock that it took, or
-- those of others, who committed since a snapshot. What neither has touched is not in the answer. $1: catalogs; $2: rows of theirs;
-- $3: the snapshot. Rows of columns come with the column's name.
-- A row's xmin has 32 bits of a transaction's number; the others are those of our own, which is never far away. What was
-- begun after ours and is not ended, and yet visible to us, is a subtransaction of ours; so is what began after all that has ended.
WITH wanted AS (
  SELECT DISTINCT w.class, w.oid FROM unnest($1::oid[], $2::oid[]) AS w (class, oid)
), found (class, oid, part, xmin) AS (
  -- Here stand the rows of the catalogs that are looked after.
), numbered AS (
  SELECT f.class, f.oid, f.part, f.xmin::text::bigint AS xid, pg_catalog.pg_current_xact_id()::text::bigint AS own,
         pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint AS open
  FROM found f
), aged AS (
  SELECT n.class, n.oid, n.part, n.own, n.open, n.own + (n.xid - n.own % 4294967296 + 6442450944) % 4294967296 - 2147483648 AS maker
  FROM numbered n WHERE n.xid > 2
), told AS (
  SELECT a.class, a.oid, a.part, CASE
      -- A frozen row keeps the number of a maker of long ago, which may look like one of the future.
      WHEN a.maker >= a.open + 16777216 THEN NULL
      WHEN a.maker >= a.open THEN true
      WHEN a.maker >= a.own AND pg_catalog.pg_xact_status(a.maker::text::xid8) = 'in progress' THEN true
      WHEN NOT pg_catalog.pg_visible_in_snapshot(greatest(a.maker, 3)::text::xid8, $3::text::pg_snapshot) THEN false
    END AS is_own
  FROM aged a
)
SELECT t.class::bigint, t.oid::bigint, t.is_own, t.part FROM told t WHERE t.is_own IS NOT NULL
UNION
-- What stands in no catalog of those above may be ours.
SELECT w.class::bigint, w.oid::bigint, true, NULL
FROM wanted w
WHERE w.class <> ALL ({classes}::pg_catalog.regclass[])
UNION
-- Whoever drops something, or takes a comment from it, has locked it; who locks what others have changed has not changed it by that.
SELECT w.class::bigint, w.oid::bigint, true, NULL
FROM wanted w
JOIN pg_catalog.pg_locks l
  ON l.locktype = 'relation' AND w.class = 'pg_catalog.pg_class'::regclass AND l.relation = w.oid
  OR l.locktype = 'object' AND l.classid = w.class AND l.objid = w.oid
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
  AND NOT EXISTS (SELECT FROM told t WHERE t.class = w.class AND t.oid = w.oid AND NOT t.is_own)
  AND l.database IN (0, (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()))
