-- How many sessions may be there, and how many are, of three kinds: all of the server that this login may have a share of, those of
-- this login, those in this database. None where nothing bounds them for it. Sessions of others are counted by what everybody may see of
-- them, so that a parallel worker of theirs may count as one.
WITH me AS (
    SELECT r.oid, r.rolsuper, r.rolconnlimit,
           EXISTS (SELECT FROM pg_catalog.pg_roles AS p
                   WHERE p.rolname OPERATOR(pg_catalog.=) 'pg_use_reserved_connections' AND pg_catalog.pg_has_role(r.oid, p.oid, 'USAGE')) AS has_reserve
    FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) session_user
), here AS (
    SELECT d.oid, d.datconnlimit FROM pg_catalog.pg_database AS d
    WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
), sessions AS (
    SELECT a.datid, a.usesysid FROM pg_catalog.pg_stat_activity AS a
    WHERE a.datid IS NOT NULL AND a.usesysid IS NOT NULL
      AND coalesce(a.backend_type, 'client backend') OPERATOR(pg_catalog.=) 'client backend'
), reserve AS (
    SELECT coalesce(pg_catalog.sum(s.setting::pg_catalog.int8), 0) AS sessions
    FROM me, pg_catalog.pg_settings AS s
    WHERE NOT me.rolsuper
      AND (s.name OPERATOR(pg_catalog.=) 'superuser_reserved_connections'
           OR s.name OPERATOR(pg_catalog.=) 'reserved_connections' AND NOT me.has_reserve)
)
SELECT (pg_catalog.current_setting('max_connections')::pg_catalog.int8 OPERATOR(pg_catalog.-) reserve.sessions)::pg_catalog.int8,
       (SELECT pg_catalog.count(*) FROM sessions),
       CASE WHEN NOT me.rolsuper AND me.rolconnlimit OPERATOR(pg_catalog.>=) 0 THEN me.rolconnlimit::pg_catalog.int8 END,
       (SELECT pg_catalog.count(*) FROM sessions AS s WHERE s.usesysid OPERATOR(pg_catalog.=) me.oid),
       CASE WHEN NOT me.rolsuper AND here.datconnlimit OPERATOR(pg_catalog.>=) 0 THEN here.datconnlimit::pg_catalog.int8 END,
       (SELECT pg_catalog.count(*) FROM sessions AS s WHERE s.datid OPERATOR(pg_catalog.=) here.oid),
       session_user::pg_catalog.text, pg_catalog.current_database()::pg_catalog.text
FROM me, here, reserve
