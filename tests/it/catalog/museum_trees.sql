-- Trees: partitions and heirs. Loaded after museum.sql.
CREATE SCHEMA wood;
CREATE SCHEMA "Other; Wood";
GRANT USAGE ON SCHEMA wood TO museum_api;
CREATE FUNCTION wood.note() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NEW; END $f$;
CREATE FUNCTION wood.refuse() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'no'; END $f$;
CREATE TABLE wood.kind (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO wood.kind VALUES (1, 'one'), (2, 'two'), (3, 'three');

-- Partitions by range, one of them partitioned again, one in another schema, one the default.
CREATE TABLE wood.visit (
  id int NOT NULL,
  gone int,
  day date NOT NULL,
  kind_id int DEFAULT 1,
  note varchar(40) DEFAULT 'none',
  CONSTRAINT visit_key PRIMARY KEY (id, day),
  CONSTRAINT visit_kind FOREIGN KEY (kind_id) REFERENCES wood.kind ON UPDATE CASCADE,
  CONSTRAINT known_note CHECK (note IN ('none', 'some', 'lots')),
  CONSTRAINT positive CHECK (id > 0)
) PARTITION BY RANGE (day);
COMMENT ON TABLE wood.visit IS 'by day';
CREATE TABLE wood.visit_2020 PARTITION OF wood.visit FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE wood.visit_2021 PARTITION OF wood.visit FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY RANGE (id);
CREATE TABLE wood.visit_2021_one PARTITION OF wood.visit_2021 FOR VALUES FROM (MINVALUE) TO (33);
CREATE TABLE "Other; Wood"."visit 2021 ""rest""" PARTITION OF wood.visit_2021 DEFAULT;
CREATE TABLE wood.visit_rest PARTITION OF wood.visit DEFAULT;
ALTER TABLE wood.visit DROP COLUMN gone;
-- One that had a life before: another order of columns, other names of parts, indexes of its own.
CREATE TABLE wood.visit_old (
  note varchar(40) DEFAULT 'lots', dropped int, kind_id int, day date NOT NULL, id int NOT NULL,
  CONSTRAINT old_key PRIMARY KEY (id, day),
  CONSTRAINT old_kind FOREIGN KEY (kind_id) REFERENCES wood.kind ON UPDATE CASCADE,
  CONSTRAINT known_note CHECK (note IN ('none', 'some', 'lots')),
  CONSTRAINT positive CHECK (id > 0),
  CONSTRAINT only_old CHECK (day < '2020-01-01')
) WITH (fillfactor = 60);
ALTER TABLE wood.visit_old DROP COLUMN dropped;
ALTER TABLE wood.visit ATTACH PARTITION wood.visit_old FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE INDEX old_own ON wood.visit_old (kind_id, note);
ALTER TABLE wood.visit ADD COLUMN late text DEFAULT 'l';
ALTER TABLE wood.visit_2020 ALTER note SET DEFAULT 'some', ALTER note SET STORAGE EXTERNAL, ALTER id SET STATISTICS 77;
CREATE INDEX visit_note ON wood.visit (note, lower(late)) WHERE note IN ('some', 'lots');
CREATE INDEX visit_kind_id ON wood.visit (kind_id);
ALTER INDEX wood.visit_2020_kind_id_idx RENAME TO by_kind_2020;
CREATE INDEX half_made ON ONLY wood.visit (late);
CREATE UNIQUE INDEX visit_unique ON wood.visit (day, id);
COMMENT ON INDEX wood.by_kind_2020 IS 'of one';
COMMENT ON CONSTRAINT visit_kind ON wood.visit_2020 IS 'a clone';
CREATE TRIGGER noted BEFORE INSERT ON wood.visit FOR EACH ROW EXECUTE FUNCTION wood.note();
CREATE TRIGGER refused AFTER INSERT ON wood.visit FOR EACH ROW WHEN (NEW.id < 0) EXECUTE FUNCTION wood.refuse();
CREATE TRIGGER off AFTER UPDATE ON wood.visit FOR EACH ROW EXECUTE FUNCTION wood.refuse();
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON wood.visit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wood.note();
CREATE TRIGGER whole BEFORE TRUNCATE ON wood.visit FOR EACH STATEMENT EXECUTE FUNCTION wood.note();
CREATE TRIGGER own AFTER INSERT ON wood.visit_2020 FOR EACH ROW EXECUTE FUNCTION wood.note();
ALTER TABLE wood.visit DISABLE TRIGGER off;
ALTER TABLE wood.visit_2020 DISABLE TRIGGER noted;
ALTER TABLE wood.visit_2021_one ENABLE ALWAYS TRIGGER refused;
COMMENT ON TRIGGER noted ON wood.visit_rest IS 'a clone';
GRANT SELECT ON wood.visit TO museum_api;
GRANT INSERT ON wood.visit_2020 TO museum_api;
ALTER TABLE wood.visit_2021 OWNER TO museum_owner;
ALTER TABLE wood.visit_2020 ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON wood.visit_2020 USING (id < 100);
CREATE POLICY all_of ON wood.visit USING (EXISTS (SELECT FROM wood.kind k WHERE k.id = visit.kind_id));
-- Foreign keys to it and within it.
CREATE TABLE wood.bill (id int PRIMARY KEY, visit_id int, visit_day date, CONSTRAINT bill_visit FOREIGN KEY (visit_id, visit_day) REFERENCES wood.visit);
ALTER TABLE wood.visit ADD COLUMN before_id int, ADD COLUMN before_day date;
ALTER TABLE wood.visit ADD CONSTRAINT visit_before FOREIGN KEY (before_id, before_day) REFERENCES wood.visit DEFERRABLE INITIALLY DEFERRED;
CREATE VIEW wood.visits AS SELECT v.*, k.name FROM wood.visit v JOIN wood.kind k ON k.id = v.kind_id;
CREATE VIEW wood.visits_2020 AS SELECT count(*) FROM wood.visit_2020;
INSERT INTO wood.visit (id, day, kind_id, note) SELECT i, date '2019-06-01' + i * 25, i % 3 + 1, 'some' FROM generate_series(1, 60) i;
INSERT INTO wood.visit (id, day, kind_id) VALUES (100, '2021-02-03', NULL);
UPDATE wood.visit SET before_id = 1, before_day = date '2019-06-26' WHERE id = 2;
INSERT INTO wood.bill SELECT id, id, day FROM wood.visit WHERE id % 4 = 0;

-- By hash and list, with a key of expressions and a serial.
CREATE TABLE wood.leaf (id serial, name text COLLATE "C" NOT NULL, v jsonb) PARTITION BY HASH (name, lower(name));
CREATE TABLE wood.leaf_0 PARTITION OF wood.leaf FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE UNLOGGED TABLE wood.leaf_1 PARTITION OF wood.leaf FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO wood.leaf (name, v) SELECT 'n' || i, jsonb_build_object('i', i) FROM generate_series(1, 20) i;
CREATE TABLE wood.empty_tree (a int, b text) PARTITION BY LIST (upper(b));

-- Heirs: columns and checks from above, of its own, and both; two parents; one that was taken in later; heirs of heirs.
CREATE TABLE wood.thing (id int NOT NULL, name varchar(30) DEFAULT 'thing', gone int, CONSTRAINT thing_name CHECK (name IN ('thing', 'tool', 'toy')), CONSTRAINT here_only CHECK (id < 1000) NO INHERIT);
CREATE TABLE wood.priced (price numeric(8, 2) DEFAULT 1.5, id int, CONSTRAINT priced_price CHECK (price >= 0));
CREATE TABLE wood.tool (weight int, handle text, PRIMARY KEY (id)) INHERITS (wood.thing) WITH (fillfactor = 50);
CREATE TABLE wood.toy (age int GENERATED BY DEFAULT AS IDENTITY, name varchar(30) DEFAULT 'toy', CONSTRAINT priced_price CHECK (price >= 0)) INHERITS (wood.priced, wood.thing);
CREATE TABLE wood.saw (teeth int) INHERITS (wood.tool);
CREATE TABLE wood.adopted (handle text, name varchar(30), extra int, id int NOT NULL, gone int, CONSTRAINT thing_name CHECK (name IN ('thing', 'tool', 'toy')));
ALTER TABLE wood.adopted INHERIT wood.thing;
ALTER TABLE wood.thing ADD COLUMN made date DEFAULT '2024-01-01', DROP COLUMN gone, ADD CONSTRAINT made_late CHECK (made > '2000-01-01'), ADD CONSTRAINT never_checked CHECK (id <> 13) NOT VALID;
ALTER TABLE wood.tool ALTER made SET DEFAULT '2023-01-01', ALTER name SET STATISTICS 50;
ALTER TABLE wood.thing ADD COLUMN extra int;
COMMENT ON COLUMN wood.saw.made IS 'from far above';
COMMENT ON CONSTRAINT made_late ON wood.saw IS 'inherited';
CREATE INDEX ON wood.thing (id);
CREATE TRIGGER noted BEFORE INSERT ON wood.thing FOR EACH ROW EXECUTE FUNCTION wood.note();
CREATE VIEW wood.things AS SELECT id, name FROM wood.thing;
INSERT INTO wood.thing (id, name) VALUES (1, 'thing'), (2, 'tool');
INSERT INTO wood.tool (id, weight, handle) VALUES (10, 5, 'wood'), (11, 6, 'iron');
INSERT INTO wood.toy (id, price) VALUES (20, 3.5), (21, NULL);
INSERT INTO wood.saw (id, teeth) VALUES (30, 100);
INSERT INTO wood.adopted (id, extra) VALUES (40, 4);
