-- The search paths that sessions begin with: of this role, and, where it is another, of the owner ($1); the database's own among
-- them. "$user" stands for itself.
SELECT s.path
FROM (
    SELECT 1 AS place, p.reset_val AS path FROM pg_catalog.pg_settings AS p WHERE p.name = 'search_path'
    UNION ALL
    SELECT CASE WHEN d.setrole <> 0 THEN 2 ELSE 3 END, pg_catalog.substr(c.setting, pg_catalog.length('search_path=') + 1)
    FROM pg_catalog.pg_db_role_setting AS d
    CROSS JOIN LATERAL pg_catalog.unnest(d.setconfig) AS c (setting)
    WHERE c.setting LIKE 'search_path=%'
      AND d.setdatabase IN (0, (SELECT b.oid FROM pg_catalog.pg_database AS b WHERE b.datname = pg_catalog.current_database()))
      AND d.setrole IN (0, (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = $1::text))
) AS s
WHERE s.path IS NOT NULL
ORDER BY s.place
