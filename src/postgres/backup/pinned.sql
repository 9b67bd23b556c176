-- Runs whose backup may still be needed: those that have not ended. A run that is stuck has not. One that only brings a backup
-- back has taken none, and names the one that it needs.
SELECT r.run::text AS run, f.event #>> '{restores,backup}' AS backup
FROM backstop.runs AS r LEFT JOIN backstop.events AS f ON f.run = r.run AND f.seq = 1
WHERE r.ended_at IS NULL
