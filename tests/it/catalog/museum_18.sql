-- What PostgreSQL 18 added.
CREATE TABLE late.strict (
  id int4range CONSTRAINT has_id NOT NULL,
  valid daterange,
  a int CONSTRAINT has_a NOT NULL NO INHERIT, b int, twice int GENERATED ALWAYS AS (a * 2) VIRTUAL,
  CONSTRAINT strict_key PRIMARY KEY (id, valid WITHOUT OVERLAPS),
  CONSTRAINT loose CHECK (a > 0) NOT ENFORCED
);
COMMENT ON CONSTRAINT strict_valid_not_null ON late.strict IS 'made by the key';
INSERT INTO late.strict VALUES ('[1,2)', '[2020-01-01,2021-01-01)', -1, NULL);
ALTER TABLE late.strict ADD CONSTRAINT some_b NOT NULL b NOT VALID;
CREATE TABLE late.part_of (id int4range, valid daterange, FOREIGN KEY (id, PERIOD valid) REFERENCES late.strict (id, PERIOD valid));
CREATE TABLE late.weak (a int, o bigint REFERENCES museum.room NOT ENFORCED);
INSERT INTO late.weak VALUES (1, 77);
