-- Facts of the database as a whole: the server's version, and the roles that default privileges name.
SELECT current_setting('server_version_num')::int AS server_version,
       ARRAY(SELECT DISTINCT pg_get_userbyid(g.grantee)::text
             FROM pg_default_acl d, aclexplode(d.defaclacl) g WHERE g.grantee <> 0 ORDER BY 1) AS default_grantees
