-- Of one catalog: how many rows it has, and each row version that was not settled at the point: whose it is, where it stands, who
-- made it, whether it is settled now. A version is known by place and maker: the same ones are the same row, however often they
-- are seen.
SELECT {place}, s.rows, s.recent, s.everything, {held}
FROM (
  SELECT count(*) AS rows,
         pg_catalog.array_agg(pg_catalog.concat_ws(' ', {address}, {unsettled}, c.ctid, c.xmin, {flags})) FILTER (WHERE {recent}) AS recent,
         {all} AS everything
  FROM pg_catalog.{name} AS c
) AS s
