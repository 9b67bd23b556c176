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
-- Marks that were never validated, given when the tables below were there: some have them from above alone.
CREATE TABLE wood.old (a int, d int, e int);
CREATE TABLE wood.an_old_heir (x int CONSTRAINT own_x NOT NULL NO INHERIT, d int) INHERITS (wood.old);
CREATE TABLE wood.old_heir () INHERITS (wood.old);
CREATE TABLE wood.old_heirs_heir (d int) INHERITS (wood.old_heir);
INSERT INTO wood.old VALUES (1);
INSERT INTO wood.an_old_heir VALUES (1, NULL, 2, 3);
INSERT INTO wood.old_heir VALUES (2);
INSERT INTO wood.old_heirs_heir VALUES (3);
ALTER TABLE wood.old_heir ADD CONSTRAINT own_e NOT NULL e NOT VALID;
ALTER TABLE wood.old ADD CONSTRAINT old_d NOT NULL d NOT VALID, ADD CONSTRAINT old_e NOT NULL e NOT VALID;
CREATE TABLE wood.old_parts (a int, b int) PARTITION BY LIST (a);
CREATE TABLE wood.old_one PARTITION OF wood.old_parts FOR VALUES IN (1);
CREATE TABLE wood.old_two PARTITION OF wood.old_parts FOR VALUES IN (2) PARTITION BY LIST (b);
CREATE TABLE wood.old_two_rest PARTITION OF wood.old_two DEFAULT;
INSERT INTO wood.old_parts VALUES (1), (2);
ALTER TABLE wood.old_parts ADD CONSTRAINT old_b NOT NULL b NOT VALID;
