-- Runs that were restored but for differences, as long as their plan has no later run.
SELECT r.run::pg_catalog.text, r.plan, pg_catalog.jsonb_array_length(e.event OPERATOR(pg_catalog.#>) '{restored,remaining}')::pg_catalog.int8
FROM backstop.runs AS r
JOIN backstop.events AS e ON e.run OPERATOR(pg_catalog.=) r.run
WHERE e.kind OPERATOR(pg_catalog.=) 'restore_completed'
  AND (e.event OPERATOR(pg_catalog.#>) '{restored,remaining}') IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM backstop.runs AS later
       WHERE later.plan OPERATOR(pg_catalog.=) r.plan AND later.started_at OPERATOR(pg_catalog.>) r.started_at)
ORDER BY r.started_at
