-- Settings of a run's session, where neither the server nor the role nor the connection string says otherwise.
-- A client that has vanished is noticed within a minute: while a statement runs (only Linux can look), by TCP otherwise.
-- An answered COMMIT must outlive a crash of the server; what standbys must do is the server's matter.
SELECT pg_catalog.set_config(w.name, w.value, false)
FROM (VALUES ('client_connection_check_interval', '10s', 'default'),
             ('tcp_keepalives_idle', '30', 'default'),
             ('tcp_keepalives_interval', '10', 'default'),
             ('tcp_keepalives_count', '3', 'default'),
             ('tcp_user_timeout', '60s', 'default'),
             ('synchronous_commit', 'local', 'off')) AS w (name, value, instead_of)
JOIN pg_catalog.pg_settings AS s ON s.name = w.name AND w.instead_of IN (s.source, s.setting)
WHERE pg_catalog.version() LIKE '%linux%' OR w.name = 'synchronous_commit'
