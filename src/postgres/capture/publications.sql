-- Publications. They stand in no schema: $1 is only there because all queries take it.
SELECT p.tableoid AS class, p.oid, 'publication' AS kind, p.pubname AS schema, p.pubname AS name, NULL AS "of",
       pg_get_userbyid(p.pubowner) AS owner, '[]'::json AS grants,
       obj_description(p.oid, 'pg_publication') AS comment,
       json_build_object('publication', json_build_object(
         'all_tables', p.puballtables,
         'options', json_build_array(
           'publish=' || concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                                   CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
           'publish_generated_columns=' || CASE p.pubgencols WHEN 's' THEN 'stored' ELSE 'none' END, -- from 180000
           'publish_via_partition_root=' || p.pubviaroot))) AS definition
FROM pg_publication p
WHERE $1::text[] IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_publication'::regclass AND e.objid = p.oid AND e.deptype = 'e')
