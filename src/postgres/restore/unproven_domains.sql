-- Constraints of domains that are NOT VALID and that values of a table ($1, its quoted name) may break: new values are held to them, and a row
-- that comes back is new to the server. Each with the statements that take it off and put it back as it was, where the role may.
WITH RECURSIVE reached (type) AS (
    SELECT a.atttypid
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = pg_catalog.to_regclass($1::text) AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= 16384
    UNION
    SELECT x.type
    FROM reached AS r
    JOIN pg_catalog.pg_type AS y ON y.oid = r.type
    CROSS JOIN LATERAL (
        SELECT y.typbasetype
        UNION ALL SELECT y.typelem
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
                  WHERE y.typrelid <> 0 AND a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL SELECT g.rngsubtype FROM pg_catalog.pg_range AS g
                  WHERE y.oid IN (g.rngtypid, (pg_catalog.to_jsonb(g) ->> 'rngmultitypid')::oid)
    ) AS x (type)
    WHERE x.type >= 16384
)
SELECT pg_catalog.format('ALTER DOMAIN %s DROP CONSTRAINT %I', pg_catalog.format_type(y.oid, NULL), c.conname) AS off,
       pg_catalog.format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', pg_catalog.format_type(y.oid, NULL), c.conname, pg_catalog.pg_get_constraintdef(c.oid)) AS back,
       pg_catalog.format('COMMENT ON CONSTRAINT %I ON DOMAIN %s IS %L', c.conname, pg_catalog.format_type(y.oid, NULL),
                         pg_catalog.obj_description(c.oid, 'pg_constraint')) AS comment
FROM reached AS r
JOIN pg_catalog.pg_type AS y ON y.oid = r.type
JOIN pg_catalog.pg_constraint AS c ON c.contypid = y.oid AND c.contype = 'c' AND NOT c.convalidated
WHERE pg_catalog.pg_has_role(y.typowner, 'USAGE')
ORDER BY 1
