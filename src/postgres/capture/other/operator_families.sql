SELECT f.tableoid, f.oid, f.opfowner, NULL, NULL, concat_ws('|',
         (SELECT string_agg(concat_ws(':', m.amopstrategy, m.amoppurpose, m.amopopr::regoperator, s.opfname), ',' ORDER BY m.amopstrategy, m.amopopr)
          FROM pg_amop m LEFT JOIN pg_opfamily s ON s.oid = m.amopsortfamily WHERE m.amopfamily = f.oid),
         (SELECT string_agg(concat_ws(':', m.amprocnum, m.amproclefttype::regtype, m.amprocrighttype::regtype, m.amproc::oid::regprocedure), ','
                            ORDER BY m.amprocnum, m.amproc::oid)
          FROM pg_amproc m WHERE m.amprocfamily = f.oid))
FROM pg_opfamily f WHERE f.oid >= 16384
