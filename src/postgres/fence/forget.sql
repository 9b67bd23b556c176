-- Forgets fences that are down and of which no trigger is left, and what was written down after that.
WITH gone AS (
    DELETE FROM backstop.fences AS f
    WHERE f.down AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                                 WHERE pg_catalog.strpos(t.tgname::text, 'backstop_fence_' || f.run::text) > 0)
    RETURNING f.run
), put_up AS (
    DELETE FROM backstop.fence_triggers AS t USING gone WHERE t.run = gone.run
), moved AS (
    DELETE FROM backstop.movements AS m USING gone WHERE m.run = gone.run
)
DELETE FROM backstop.later_writes AS w USING gone WHERE w.run = gone.run
