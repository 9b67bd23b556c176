SELECT w.tableoid, w.oid, w.fdwowner, w.fdwacl, 'F', concat_ws('|', w.fdwhandler::regprocedure, w.fdwvalidator::regprocedure, w.fdwoptions)
FROM pg_foreign_data_wrapper w
