-- What PostgreSQL 15 added.
CREATE TABLE late.nulls (a int UNIQUE NULLS NOT DISTINCT, b int, c bigint REFERENCES museum.room ON DELETE SET NULL (c));
CREATE UNIQUE INDEX nulls_b ON late.nulls (b) NULLS NOT DISTINCT;
CREATE VIEW late.invoked WITH (security_invoker = true) AS SELECT * FROM late.nulls;
CREATE UNLOGGED SEQUENCE late.light;
CREATE UNLOGGED TABLE late.lighter (id int GENERATED ALWAYS AS IDENTITY, n serial);
ALTER SEQUENCE late.lighter_id_seq SET LOGGED;
CREATE TABLE late.heavy (id int GENERATED ALWAYS AS IDENTITY, n int);
ALTER SEQUENCE late.heavy_id_seq SET UNLOGGED;
