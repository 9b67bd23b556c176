SELECT c.tableoid, c.oid, c.relowner, c.relacl, 'r', concat_ws('|', s.srvname, f.ftoptions, c.relispartition, pg_get_expr(c.relpartbound, c.oid),
         (SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid),
         (SELECT string_agg(concat_ws(':', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl, a.attfdwoptions,
                                      pg_get_expr(d.adbin, CASE WHEN a.attgenerated <> '' THEN d.adrelid ELSE 0 END), a.attgenerated,
                                      a.attidentity, a.attoptions, nullif(a.attstattarget, -1), a.attstorage, a.attislocal, a.attinhcount,
                                      a.attcollation::regcollation, m.description), ',' ORDER BY a.attnum)
          FROM pg_attribute a
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          LEFT JOIN pg_description m ON m.classoid = 'pg_class'::regclass AND m.objoid = a.attrelid AND m.objsubid = a.attnum
          WHERE a.attrelid = c.oid AND NOT a.attisdropped AND (a.attnum > 0 OR a.attacl IS NOT NULL OR m.description IS NOT NULL)))
FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid JOIN pg_foreign_server s ON s.oid = f.ftserver
