-- The tables that others have written to since the backup, or may have, past their fence. $1: the run that took it; $2: the moment that its copies show.
SELECT w.schema_name || '.' || w.table_name,
       count(DISTINCT w.transaction) FILTER (WHERE w.breach IS NULL),
       to_char(max(w.written_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       coalesce(string_agg(DISTINCT w.role_name::text, ', '), ''),
       string_agg(DISTINCT w.breach, '; ')
FROM backstop.later_writes AS w
WHERE w.run = $1::text::uuid
  AND w.columns IS NULL
  AND ($2::text IS NULL OR NOT pg_visible_in_snapshot(w.transaction, $2::text::pg_snapshot))
GROUP BY w.schema_name, w.table_name
ORDER BY 1
