-- What people look at. To be run on every version.

CREATE OR REPLACE VIEW backstop.status AS
SELECT r.plan,
       r.run,
       r.started_at,
       last.kind AS last_event,
       last.event ->> 'step' AS step,
       last.at AS last_at,
       CASE
           WHEN r.outcome = 'restored' AND last.event #> '{restored,remaining}' IS NOT NULL THEN 'restored_except'
           WHEN r.ended_at IS NOT NULL THEN r.outcome
           WHEN o.run = r.run AND l.pid = coalesce(o.pid, l.pid) THEN 'running'
           ELSE 'waiting'
       END AS state,
       r.ended_at,
       l.pid,
       CASE WHEN o.run = r.run THEN o.seen END AS seen
FROM backstop.runs AS r
LEFT JOIN LATERAL (
    SELECT e.kind, e.event, e.at FROM backstop.events AS e WHERE e.run = r.run ORDER BY e.seq DESC LIMIT 1
) AS last ON true
LEFT JOIN backstop.owner AS o ON true
LEFT JOIN LATERAL (
    -- As whoever wants the run lock sees it: the number is its mark, the role one that may write here.
    SELECT k.pid FROM pg_catalog.pg_locks AS k JOIN pg_catalog.pg_stat_activity AS a ON a.pid = k.pid
    WHERE k.locktype = 'advisory' AND k.granted AND k.objsubid = 2 AND k.classid = 1650549611
      AND k.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
      AND EXISTS (SELECT FROM pg_catalog.pg_roles AS m
                  WHERE pg_has_role(a.usesysid, m.oid, 'MEMBER') AND has_table_privilege(m.oid, 'backstop.owner', 'UPDATE'))
    LIMIT 1
) AS l ON true
ORDER BY r.started_at DESC;
COMMENT ON VIEW backstop.status IS 'Every run and where it stands, the newest first.';

CREATE OR REPLACE VIEW backstop.history AS
SELECT r.plan, e.run, e.seq, e.at, e.actor, e.kind, e.event ->> 'step' AS step, e.event
FROM backstop.events AS e
JOIN backstop.runs AS r USING (run)
ORDER BY r.started_at, e.run, e.seq;
COMMENT ON VIEW backstop.history IS 'Every event of every run, in order.';

CREATE OR REPLACE VIEW backstop.remaining_differences AS
SELECT r.plan, e.run, e.at,
       one.value #>> '{object,kind}' AS kind,
       one.value #>> '{object,schema}' AS schema_name,
       one.value #>> '{object,of}' AS table_name,
       one.value #>> '{object,name}' AS object_name,
       one.value ->> 'difference' AS difference,
       one.value ->> 'reason' AS reason,
       row_number() OVER (PARTITION BY e.run ORDER BY e.at, one.place, statement.place) AS place,
       statement.value AS statement
FROM backstop.events AS e
JOIN backstop.runs AS r USING (run)
CROSS JOIN LATERAL jsonb_array_elements(e.event #> '{restored,remaining}') WITH ORDINALITY AS one (value, place)
LEFT JOIN LATERAL jsonb_array_elements_text(one.value -> 'statements') WITH ORDINALITY AS statement (value, place) ON true
WHERE e.kind = 'restore_completed'
ORDER BY e.at, one.place, statement.place;
COMMENT ON VIEW backstop.remaining_differences IS
    'What restores could not make as it was, each with the statements that finish it, in order.';

REVOKE ALL ON ALL TABLES IN SCHEMA backstop FROM PUBLIC;
