-- How "equal" is written for each pair of columns: of the table $1 the columns $2, of the table $3 the columns $4. Types of
-- extensions bring an operator of their own; it counts where it is that of an index, which only a superuser can make so.
WITH RECURSIVE typed (place, is_own, oid) AS (
    SELECT k.place, k.is_own, a.atttypid
    FROM (SELECT true AS is_own, o.name, o.place FROM pg_catalog.unnest($2::text[]) WITH ORDINALITY AS o (name, place)
          UNION ALL
          SELECT false, t.name, t.place FROM pg_catalog.unnest($4::text[]) WITH ORDINALITY AS t (name, place)) AS k
    JOIN pg_catalog.pg_attribute AS a
      ON a.attrelid = CASE WHEN k.is_own THEN $1::oid ELSE $3::oid END AND a.attname = k.name AND a.attnum > 0
), base (place, is_own, oid) AS (
    SELECT place, is_own, oid FROM typed
    UNION ALL
    SELECT b.place, b.is_own, t.typbasetype
    FROM base AS b JOIN pg_catalog.pg_type AS t ON t.oid = b.oid WHERE t.typtype = 'd'
), plain (place, own, other) AS (
    SELECT b.place, max(b.oid) FILTER (WHERE b.is_own), max(b.oid) FILTER (WHERE NOT b.is_own)
    FROM base AS b JOIN pg_catalog.pg_type AS t ON t.oid = b.oid WHERE t.typtype <> 'd'
    GROUP BY b.place
)
SELECT coalesce((
    SELECT pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)
    FROM pg_catalog.pg_amop AS p
    JOIN pg_catalog.pg_am AS m ON m.oid = p.amopmethod AND m.amname = 'btree'
    JOIN pg_catalog.pg_operator AS o ON o.oid = p.amopopr
    JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
    WHERE p.amopstrategy = 3 AND p.amoplefttype = plain.other AND p.amoprighttype = plain.own AND n.nspname <> 'pg_catalog'
    ORDER BY p.oid LIMIT 1
), '=')
FROM plain ORDER BY place
