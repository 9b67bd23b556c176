-- Kinds of objects that PostgreSQL 14 and 15 added to, or have more of.
CREATE FUNCTION late.of_row(e kinds.entry) RETURNS integer LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT e.id; END;
CREATE TABLE late.figured (a integer, b varchar, twice integer GENERATED ALWAYS AS (a * 2) STORED);
CREATE STATISTICS late.formulas ON (a % 2), (b IN ('x', 'y')), a FROM late.figured;
CREATE STATISTICS late.formula ON (lower(b)) FROM late.figured;
INSERT INTO late.figured SELECT i, 'b' || i FROM generate_series(1, 9) i;
CREATE TYPE late.minutes AS RANGE (SUBTYPE = timestamp, MULTIRANGE_TYPE_NAME = late.many_minutes);
COMMENT ON TYPE late.many_minutes IS 'of them';
REVOKE EXECUTE ON FUNCTION late.many_minutes(late.minutes) FROM PUBLIC, museum_default;
CREATE TABLE late.timed (m late.minutes, n late.many_minutes);
INSERT INTO late.timed VALUES ('[2020-01-01,2020-01-02)', '{[2020-01-01,2020-01-02)}');
CREATE MATERIALIZED VIEW late.compressed AS SELECT b FROM late.figured;
ALTER MATERIALIZED VIEW late.compressed ALTER COLUMN b SET COMPRESSION pglz;
CREATE PUBLICATION chosen FOR TABLE late.figured (a, b) WHERE (a > 3 AND b <> 'x'), kinds.shaped WITH (publish = 'insert');
CREATE PUBLICATION of_schemas FOR TABLES IN SCHEMA kinds, late WITH (publish = 'insert');
