-- Settings of a run's session, whatever the server, the database or the role say by default.
-- Where nobody says otherwise (instead_of), a client that has vanished is noticed within a minute: while a statement runs (only
-- Linux can look), by TCP otherwise. An answered COMMIT must outlive a crash of the server; what standbys must do is the server's
-- matter. The rest is what our own statements, and those of plans as they were read and checked, depend on: how transactions
-- begin, what a text constant is, that nothing but the plan limits the time, that notices are heard, and that every row is found.
-- Versions that don't know a setting have no such row. A session that was marked as one that only reads stays so.
SELECT pg_catalog.set_config(w.name, w.value, false)
FROM (VALUES ('client_connection_check_interval', '10s', 'default'),
             ('tcp_keepalives_idle', '30', 'default'),
             ('tcp_keepalives_interval', '10', 'default'),
             ('tcp_keepalives_count', '3', 'default'),
             ('tcp_user_timeout', '60s', 'default'),
             ('synchronous_commit', 'local', 'off'),
             ('default_transaction_isolation', 'read committed', NULL),
             ('default_transaction_deferrable', 'off', NULL),
             ('default_transaction_read_only', 'on', NULL),
             ('standard_conforming_strings', 'on', NULL),
             ('statement_timeout', '0', NULL),
             ('lock_timeout', '0', NULL),
             ('idle_in_transaction_session_timeout', '0', NULL),
             ('idle_session_timeout', '0', NULL),
             ('transaction_timeout', '0', NULL),
             ('client_min_messages', 'notice', NULL),
             ('quote_all_identifiers', 'off', NULL),
             ('transform_null_equals', 'off', NULL),
             ('array_nulls', 'on', NULL),
             ('gin_fuzzy_search_limit', '0', NULL),
             ('restrict_nonsystem_relation_kind', '', NULL),
             ('exit_on_error', 'off', NULL)) AS w (name, value, instead_of)
JOIN pg_catalog.pg_settings AS s
    ON s.name OPERATOR(pg_catalog.=) w.name
   AND (w.instead_of IS NULL OR s.source OPERATOR(pg_catalog.=) w.instead_of OR s.setting OPERATOR(pg_catalog.=) w.instead_of)
WHERE (w.instead_of IS DISTINCT FROM 'default' OR pg_catalog.version() OPERATOR(pg_catalog.~~) '%linux%')
  AND (w.name OPERATOR(pg_catalog.<>) 'default_transaction_read_only'
       OR EXISTS (SELECT FROM pg_catalog.pg_prepared_statements AS p WHERE p.name OPERATOR(pg_catalog.=) 'backstop_reads_only'))
