-- Runs whose backup may still be needed: those that have not ended, and those whose restore failed.
SELECT r.run::text AS run FROM backstop.runs AS r WHERE r.ended_at IS NULL OR r.ending ? 'stuck'
