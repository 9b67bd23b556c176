-- How many locks there is room for each of how many processes. What an older server doesn't know counts for nothing.
SELECT pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int8,
       (SELECT sum(s.setting::pg_catalog.int8)::pg_catalog.int8 FROM pg_catalog.pg_settings AS s
        WHERE s.name IN ('max_connections', 'max_prepared_transactions', 'max_worker_processes', 'max_wal_senders')
           OR s.name = CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 180000
                            THEN 'autovacuum_worker_slots' ELSE 'autovacuum_max_workers' END) + 1
