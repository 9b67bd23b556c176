-- The point at which the catalogs are looked at. A transaction older than the oldest one that is under way has ended for everybody:
-- row versions that it made are settled, and those of all others, our own among them, are not. Ages are compared and not numbers,
-- which begin anew after four billions of them.
-- The other columns hold what is not told by row versions, because not everybody may read them: 1. makes everything new, 2. what is
-- read as a whole.
WITH point AS MATERIALIZED (
  SELECT p.open, p.now, CASE WHEN $1::bigint = 0 THEN p.now ELSE pg_catalog.age((($1 % 4294967296)::text)::xid) END AS then
  FROM (
    SELECT o.open, pg_catalog.age((o.open % 4294967296)::text::xid) AS now
    FROM (SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint AS open) AS o
  ) AS p
)
SELECT 0 AS place, p.open AS rows, ARRAY[
    pg_catalog.pg_current_snapshot()::text,
    pg_catalog.concat_ws('|', current_user, (SELECT pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat_ws(':', r.oid, r.rolname), ',' ORDER BY r.oid))
                                             FROM pg_catalog.pg_roles AS r)),
    pg_catalog.concat_ws('|',
      (SELECT pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat_ws('|', s.subname, s.subowner, s.subenabled, s.subslotname, s.subpublications
           , s.subbinary, s.substream, s.subsynccommit -- from 140000
           , s.subtwophasestate, s.subdisableonerr -- from 150000
           , s.subpasswordrequired, s.subrunasowner, s.suborigin -- from 160000
           , s.subfailover -- from 170000
           -- Here stands what only some may read.
         ), ',' ORDER BY s.subname))
       FROM pg_catalog.pg_subscription AS s
       WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())),
      (SELECT pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat_ws('|', m.umid, m.srvname, m.umoptions), ',' ORDER BY m.umid))
       FROM pg_catalog.pg_user_mappings AS m))
  ] AS recent, NULL::bigint[] AS everything, NULL::bigint[] AS held
FROM point AS p
