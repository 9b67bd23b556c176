-- What CREATE DATABASE must say so that text sorts, compares and is stored as in this database. Columns that a version doesn't
-- have are missing in the row as JSON, too.
SELECT pg_catalog.format('ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype)
       || CASE j.row ->> 'datlocprovider'
            WHEN 'i' THEN pg_catalog.format(' LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(j.row ->> 'datlocale', j.row ->> 'daticulocale'))
                 || coalesce(' ICU_RULES ' || pg_catalog.quote_literal(j.row ->> 'daticurules'), '')
            WHEN 'b' THEN pg_catalog.format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', j.row ->> 'datlocale')
            WHEN 'c' THEN ' LOCALE_PROVIDER libc'
            ELSE ''
          END
       || CASE t.spcname WHEN 'pg_default' THEN '' ELSE pg_catalog.format(' TABLESPACE %I', t.spcname) END
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_tablespace AS t ON t.oid = d.dattablespace
CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(d)) AS j(row)
WHERE d.datname = pg_catalog.current_database()
