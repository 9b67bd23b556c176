-- $1: seconds that the id is moved on by, where one was given out in the same second; when it was made is what steps are held against; $2 to $6: schema, plan, run, server version, algorithm.
INSERT INTO backstop.backups (id, schema_name, plan, run, created_at, status, server_version, algorithm)
SELECT pg_catalog.to_char(moment AT TIME ZONE 'UTC', 'YYYY_MM_DD_HH24_MI_SS'), $2, $3, $4, pg_catalog.clock_timestamp(), 'partial', $5::pg_catalog.int4, $6
FROM (SELECT pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => $1)) AS m(moment)
ON CONFLICT (id) DO NOTHING
RETURNING id
