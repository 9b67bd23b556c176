SELECT b.id,
       b.schema_name,
       b.plan,
       b.run,
       to_char(b.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       b.status = 'complete',
       count(t.table_name),
       coalesce(sum(t.row_count), 0)::bigint,
       coalesce(sum(t.bytes), 0)::bigint
FROM backstop.backups AS b
LEFT JOIN backstop.backup_tables AS t ON t.backup = b.id
GROUP BY b.id
ORDER BY b.created_at DESC, b.id DESC
