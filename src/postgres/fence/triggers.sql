-- The triggers of all fences, and whether they have nothing to do any more: their fence is down, or an older program left them disabled.
SELECT n.nspname::text, c.relname::text, t.tgname::text,
       t.tgenabled = 'D'
       OR EXISTS (SELECT FROM backstop.fences AS f
                  WHERE f.down AND f.run::text = pg_catalog.substring(t.tgname::text, 'backstop_fence_([0-9a-f-]{36})')),
       p.proname = 'capture_write'
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_namespace AS f ON f.oid = p.pronamespace
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE f.nspname = 'backstop' AND p.proname IN ('refuse_write', 'note_write', 'note_movement', 'capture_write')
ORDER BY 1, 2, 3
