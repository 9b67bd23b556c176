-- Runs whose backup may still be needed: those that have not ended. A run that is stuck has not.
SELECT r.run::text AS run FROM backstop.runs AS r WHERE r.ended_at IS NULL
