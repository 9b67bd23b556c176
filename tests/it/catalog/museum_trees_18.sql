-- What PostgreSQL 18 added to trees: not-null marks that are inherited, by name.
CREATE TABLE wood.marked (a int CONSTRAINT has_a NOT NULL, b int CONSTRAINT here_b NOT NULL NO INHERIT, c int);
CREATE TABLE wood.marked_heir (c int CONSTRAINT own_c NOT NULL, d int CONSTRAINT own_d NOT NULL) INHERITS (wood.marked);
CREATE TABLE wood.marked_late (a int CONSTRAINT late_a NOT NULL, b int, c int);
ALTER TABLE wood.marked_late INHERIT wood.marked;
CREATE TABLE wood.marked_parts (a int, b int CONSTRAINT some_b NOT NULL) PARTITION BY LIST (a);
CREATE TABLE wood.marked_one PARTITION OF wood.marked_parts FOR VALUES IN (1);
COMMENT ON CONSTRAINT has_a ON wood.marked_heir IS 'from above';
INSERT INTO wood.marked_heir VALUES (1, 2, 3, 4);
INSERT INTO wood.marked_parts VALUES (1, 1);
