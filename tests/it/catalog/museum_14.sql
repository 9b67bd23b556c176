-- What PostgreSQL 14 added: bodies that the server understands, also in circles with tables, and compression.
CREATE SCHEMA late;
CREATE TABLE late.counted (id int PRIMARY KEY, n int, note text COMPRESSION pglz);
CREATE FUNCTION late.how_many() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM late.counted; END;
ALTER TABLE late.counted ALTER n SET DEFAULT late.how_many();
CREATE VIEW late.seen AS SELECT id, late.how_many() AS n FROM late.counted;
CREATE FUNCTION late.seen_ids() RETURNS SETOF int LANGUAGE sql BEGIN ATOMIC SELECT id FROM late.seen WHERE id = ANY (ARRAY[1, 2]); END;
CREATE POLICY by_count ON late.counted USING (late.how_many() > 0);
INSERT INTO late.counted VALUES (1, 5, 'a'), (2, DEFAULT, 'b');
CREATE PROCEDURE late.out_of(IN a int, OUT b int) LANGUAGE sql BEGIN ATOMIC SELECT a; END;
