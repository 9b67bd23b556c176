SELECT l.tableoid, l.oid, l.lanowner, l.lanacl, 'l', concat_ws('|', l.lanispl, l.lanpltrusted, l.lanplcallfoid::regprocedure, l.laninline::regprocedure,
         l.lanvalidator::regprocedure)
FROM pg_language l WHERE l.oid >= 16384
