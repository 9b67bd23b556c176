-- Facts of the database as a whole: the server's version, the roles that default privileges name, and the settings that its own
-- expressions depend on: what the database says, or all roles; else what this session began with. Names of the database's own settings
-- hold a dot.
SELECT current_setting('server_version_num')::int AS server_version,
       ARRAY(SELECT DISTINCT pg_get_userbyid(g.grantee)::text
             FROM pg_default_acl d, aclexplode(d.defaclacl) g WHERE g.grantee <> 0 ORDER BY 1) AS default_grantees,
       (SELECT coalesce(json_object_agg(s.name, s.value), '{}')
        FROM (SELECT p.name, coalesce((
                  SELECT substr(c.setting, strpos(c.setting, '=') + 1)
                  FROM pg_db_role_setting r, unnest(r.setconfig) c(setting)
                  WHERE r.setrole = 0 AND r.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
                    AND lower(split_part(c.setting, '=', 1)) = lower(p.name)
                  ORDER BY r.setdatabase DESC LIMIT 1), p.reset_val) AS value
              FROM pg_settings p
              WHERE p.name IN ('TimeZone', 'DateStyle', 'IntervalStyle', 'extra_float_digits', 'bytea_output', 'quote_all_identifiers',
                               'lc_monetary', 'lc_numeric', 'lc_time', 'default_text_search_config')
              UNION ALL
              SELECT split_part(c.setting, '=', 1), substr(c.setting, strpos(c.setting, '=') + 1)
              FROM pg_db_role_setting r, unnest(r.setconfig) c(setting)
              WHERE r.setrole = 0 AND r.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                AND split_part(c.setting, '=', 1) LIKE '%.%') s) AS settings
