-- What PostgreSQL 17 added to trees: identity columns and exclusion constraints of partitioned tables.
CREATE TABLE wood.numbered (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 50), n int, EXCLUDE USING gist (n WITH =)) PARTITION BY RANGE (n);
CREATE TABLE wood.numbered_low PARTITION OF wood.numbered FOR VALUES FROM (0) TO (10);
CREATE TABLE wood.numbered_high (n int, id bigint NOT NULL);
ALTER TABLE wood.numbered ATTACH PARTITION wood.numbered_high FOR VALUES FROM (10) TO (20);
INSERT INTO wood.numbered (n) VALUES (1), (11);
