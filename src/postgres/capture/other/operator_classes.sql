SELECT o.tableoid, o.oid, o.opcowner, NULL, NULL, concat_ws('|', o.opcintype::regtype, o.opckeytype::regtype, o.opcdefault,
         (SELECT f.opfname FROM pg_opfamily f WHERE f.oid = o.opcfamily))
FROM pg_opclass o WHERE o.oid >= 16384
