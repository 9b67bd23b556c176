//! What migrations do to trees of partitions and heirs, for what `museum_trees.sql` holds.

use super::migrations::Migration;

/// On every server.
pub const MIGRATIONS_TREES: &[Migration] = &[
    ("trees: drop one partition", "DROP TABLE wood.visit_2020 CASCADE"),
    ("trees: drop a partition that is a tree", "DELETE FROM wood.bill; UPDATE wood.visit SET before_id = NULL; SET CONSTRAINTS ALL IMMEDIATE; DROP TABLE wood.visit_2021 CASCADE"),
    ("trees: drop the old partition", "DELETE FROM wood.bill; UPDATE wood.visit SET before_id = NULL; SET CONSTRAINTS ALL IMMEDIATE; DROP TABLE wood.visit_old CASCADE"),
    ("trees: drop the whole tree", "DROP TABLE wood.visit CASCADE"),
    ("trees: drop everything", "DROP SCHEMA wood CASCADE"),
    ("trees: drop the other schema", "DROP SCHEMA \"Other; Wood\" CASCADE"),
    ("trees: truncate a leaf", "DELETE FROM wood.bill; ALTER TABLE wood.bill DROP CONSTRAINT bill_visit; ALTER TABLE wood.visit DROP CONSTRAINT visit_before; TRUNCATE wood.visit_2020"),
    ("trees: truncate the tree", "TRUNCATE wood.visit CASCADE"),
    ("trees: rows of leaves", "UPDATE wood.visit SET note = 'lots' WHERE id % 5 = 0; DELETE FROM wood.bill; UPDATE wood.visit SET day = day + 400 WHERE id = 7"),
    ("trees: rows of one leaf", "UPDATE wood.visit_2020 SET late = 'later'"),
    ("trees: detach", "ALTER TABLE wood.bill DROP CONSTRAINT bill_visit; ALTER TABLE wood.visit DROP CONSTRAINT visit_before; ALTER TABLE wood.visit DETACH PARTITION wood.visit_2020"),
    ("trees: detach a tree", "ALTER TABLE wood.bill DROP CONSTRAINT bill_visit; ALTER TABLE wood.visit DROP CONSTRAINT visit_before; ALTER TABLE wood.visit DETACH PARTITION wood.visit_2021;
        ALTER TABLE wood.visit_2021 ADD COLUMN more int; CREATE TRIGGER noted BEFORE INSERT ON wood.visit_2021 FOR EACH ROW EXECUTE FUNCTION wood.refuse()"),
    ("trees: detach, change and drop parts", "ALTER TABLE wood.bill DROP CONSTRAINT bill_visit; ALTER TABLE wood.visit DROP CONSTRAINT visit_before; ALTER TABLE wood.visit DETACH PARTITION wood.visit_old;
        ALTER TABLE wood.visit_old DROP CONSTRAINT old_key, DROP CONSTRAINT positive, DROP CONSTRAINT old_kind, ALTER day DROP NOT NULL, ADD COLUMN more int; DROP INDEX wood.old_own; UPDATE wood.visit_old SET note = 'lots'"),
    ("trees: attach a new one", "CREATE TABLE wood.visit_2030 (LIKE wood.visit INCLUDING ALL); CREATE INDEX ON wood.visit_2030 (late); ALTER TABLE wood.visit ATTACH PARTITION wood.visit_2030 FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
        INSERT INTO wood.visit (id, day) VALUES (500, '2030-05-05')"),
    ("trees: attach a table that was there", "CREATE INDEX ON wood.kind (name); CREATE TABLE wood.kinds (id int NOT NULL, name text NOT NULL, CONSTRAINT kinds_key PRIMARY KEY (id)) PARTITION BY LIST (id);
        CREATE INDEX ON wood.kinds (name); ALTER TABLE wood.kinds ATTACH PARTITION wood.kind FOR VALUES IN (1, 2, 3)"),
    ("trees: switch triggers of a leaf off", "ALTER TABLE wood.visit_2021_one DISABLE TRIGGER ALL; ALTER TABLE \"Other; Wood\".\"visit 2021 \"\"rest\"\"\" DISABLE TRIGGER ALL"),
    ("trees: a leaf's index becomes a key", "ALTER TABLE wood.visit_2021_one ADD CONSTRAINT leaf_key UNIQUE USING INDEX visit_2021_one_day_id_idx; ALTER TABLE wood.visit_old ADD CONSTRAINT old_day UNIQUE USING INDEX visit_old_day_id_idx"),
    ("trees: retype a column", "DROP VIEW wood.visits; ALTER TABLE wood.visit ALTER late TYPE varchar(50)"),
    ("trees: retype a key's sibling", "DROP VIEW wood.visits; ALTER TABLE wood.visit DROP CONSTRAINT visit_before; DROP POLICY all_of ON wood.visit; ALTER TABLE wood.visit ALTER kind_id TYPE smallint, ALTER before_id TYPE bigint"),
    ("trees: add columns above", "ALTER TABLE wood.visit ADD COLUMN new int DEFAULT 5, ADD COLUMN newer text NOT NULL DEFAULT 'x', ADD CHECK (new > 0); CREATE INDEX ON wood.visit (new); ALTER TABLE wood.thing ADD COLUMN new int, ADD CHECK (new > 0)"),
    ("trees: drop columns above", "ALTER TABLE wood.visit DROP COLUMN note CASCADE; ALTER TABLE wood.thing DROP COLUMN name CASCADE"),
    ("trees: drop a column of the parent alone", "ALTER TABLE ONLY wood.thing DROP COLUMN made CASCADE"),
    ("trees: marks above", "DROP VIEW wood.visits; ALTER TABLE wood.visit ALTER note SET NOT NULL, ALTER kind_id DROP DEFAULT, ALTER late SET DEFAULT 'm'; ALTER TABLE wood.thing ALTER made SET NOT NULL, ALTER name SET DEFAULT 'toy'; ALTER TABLE wood.priced ALTER price SET STATISTICS 5"),
    ("trees: constraints above", "ALTER TABLE wood.visit DROP CONSTRAINT positive, DROP CONSTRAINT known_note, DROP CONSTRAINT visit_kind, ADD CONSTRAINT more CHECK (id < 1000), ADD CONSTRAINT day_id UNIQUE (id, day);
        ALTER TABLE wood.thing DROP CONSTRAINT thing_name, DROP CONSTRAINT never_checked, ADD CONSTRAINT more CHECK (id < 5000); ALTER TABLE wood.thing VALIDATE CONSTRAINT made_late"),
    ("trees: drop the key", "ALTER TABLE wood.visit DROP CONSTRAINT visit_key CASCADE"),
    ("trees: drop indexes", "DROP INDEX wood.visit_note, wood.visit_kind_id, wood.half_made, wood.old_own"),
    ("trees: indexes", "DROP INDEX wood.visit_kind_id; CREATE INDEX visit_kind_id ON wood.visit (kind_id DESC); CREATE INDEX of_leaf ON wood.visit_2021_one (late); CREATE INDEX on_old ON wood.visit_old (late);
        ALTER INDEX wood.visit_2020_note_lower_idx RENAME TO by_note; ALTER INDEX wood.visit_unique RENAME TO only_once"),
    ("trees: attach an index", "CREATE INDEX old_late ON wood.visit_old (late); ALTER INDEX wood.half_made ATTACH PARTITION wood.old_late"),
    ("trees: constraints of a child", "ALTER TABLE wood.visit_old DROP CONSTRAINT only_old; ALTER TABLE wood.visit_2020 ADD CONSTRAINT own_one CHECK (id < 1000); ALTER TABLE wood.saw ADD CHECK (teeth > 0); ALTER TABLE wood.tool DROP CONSTRAINT tool_pkey"),
    ("trees: no inherit", "ALTER TABLE wood.toy NO INHERIT wood.priced; ALTER TABLE wood.tool NO INHERIT wood.thing"),
    ("trees: inherit in another order", "ALTER TABLE wood.adopted NO INHERIT wood.thing; CREATE TABLE wood.more (id int, brand int); ALTER TABLE wood.adopted ADD COLUMN brand int; ALTER TABLE wood.adopted INHERIT wood.more; ALTER TABLE wood.adopted INHERIT wood.thing"),
    ("trees: drop an heir", "DROP TABLE wood.tool CASCADE"),
    ("trees: drop heirs", "DROP TABLE wood.toy, wood.saw, wood.adopted"),
    ("trees: drop a parent", "DROP TABLE wood.priced CASCADE"),
    ("trees: drop all heirs with their parent", "DROP TABLE wood.thing CASCADE"),
    ("trees: rows of heirs", "UPDATE wood.thing SET name = 'tool'; DELETE FROM wood.toy; INSERT INTO wood.thing (id) VALUES (7)"),
    ("trees: truncate heirs", "TRUNCATE wood.thing"),
    ("trees: triggers of a partition that a key leads to", r#"ALTER TABLE "Other; Wood"."visit 2021 ""rest""" DISABLE TRIGGER ALL"#),
    ("trees: toggle triggers", "ALTER TABLE wood.visit DISABLE TRIGGER noted; ALTER TABLE wood.visit_rest DISABLE TRIGGER refused; ALTER TABLE wood.visit ENABLE TRIGGER off; ALTER TABLE wood.visit_2020 DISABLE TRIGGER own"),
    ("trees: toggle one clone", "ALTER TABLE wood.visit_2021_one DISABLE TRIGGER refused"),
    ("trees: drop triggers", "DROP TRIGGER noted ON wood.visit; DROP TRIGGER late ON wood.visit; CREATE TRIGGER another AFTER DELETE ON wood.visit FOR EACH ROW EXECUTE FUNCTION wood.refuse(); DROP FUNCTION wood.refuse() CASCADE"),
    ("trees: move the default", "ALTER TABLE wood.bill DROP CONSTRAINT bill_visit; ALTER TABLE wood.visit DROP CONSTRAINT visit_before; ALTER TABLE wood.visit DETACH PARTITION wood.visit_rest;
        CREATE TABLE wood.visit_2022 PARTITION OF wood.visit FOR VALUES FROM ('2022-01-01') TO ('2023-01-01'); INSERT INTO wood.visit SELECT * FROM wood.visit_rest WHERE day < '2023-01-01'; DELETE FROM wood.visit_rest WHERE day < '2023-01-01';
        ALTER TABLE wood.visit ATTACH PARTITION wood.visit_rest DEFAULT"),
    ("trees: rename a partition", "ALTER TABLE wood.visit_2020 RENAME TO visit_of_2020; ALTER TABLE wood.saw RENAME TO saws"),
    ("trees: rename the roots", "ALTER TABLE wood.visit RENAME TO visits_; ALTER TABLE wood.thing RENAME TO things_; ALTER TABLE wood.leaf RENAME COLUMN v TO w"),
    ("trees: move to another schema", "ALTER TABLE wood.visit_2021_one SET SCHEMA shop; ALTER TABLE wood.tool SET SCHEMA shop"),
    ("trees: change bounds", "ALTER TABLE wood.bill DROP CONSTRAINT bill_visit; ALTER TABLE wood.visit DROP CONSTRAINT visit_before; ALTER TABLE wood.visit DETACH PARTITION wood.visit_old;
        ALTER TABLE wood.visit ATTACH PARTITION wood.visit_old FOR VALUES FROM ('2010-01-01') TO ('2020-01-01')"),
    ("trees: repartition", "CREATE TABLE wood.visit_new (LIKE wood.visit INCLUDING DEFAULTS) PARTITION BY HASH (id); CREATE TABLE wood.visit_new_0 PARTITION OF wood.visit_new FOR VALUES WITH (MODULUS 1, REMAINDER 0);
        INSERT INTO wood.visit_new SELECT * FROM wood.visit; DROP TABLE wood.visit CASCADE; ALTER TABLE wood.visit_new RENAME TO visit; ALTER TABLE wood.visit ADD PRIMARY KEY (id)"),
    ("trees: to a plain table", "CREATE TABLE wood.visit_new (LIKE wood.visit INCLUDING ALL); INSERT INTO wood.visit_new SELECT * FROM wood.visit; DROP TABLE wood.visit CASCADE; ALTER TABLE wood.visit_new RENAME TO visit"),
    ("trees: from a plain table", "ALTER TABLE museum.piece RENAME TO piece_old; CREATE TABLE museum.piece (LIKE museum.piece_old) PARTITION BY RANGE (id);
        CREATE TABLE museum.piece_low PARTITION OF museum.piece FOR VALUES FROM (MINVALUE) TO (30); CREATE TABLE museum.piece_high PARTITION OF museum.piece FOR VALUES FROM (30) TO (MAXVALUE);
        INSERT INTO museum.piece OVERRIDING SYSTEM VALUE SELECT * FROM museum.piece_old; DROP TABLE museum.piece_old CASCADE"),
    ("trees: heirs become partitions", "ALTER TABLE wood.saw NO INHERIT wood.tool; CREATE TABLE wood.saws (LIKE wood.saw) PARTITION BY LIST (id); ALTER TABLE wood.saws ATTACH PARTITION wood.saw DEFAULT"),
    ("trees: drop a foreign key to it", "ALTER TABLE wood.bill DROP CONSTRAINT bill_visit; DELETE FROM wood.visit WHERE id = 4"),
    ("trees: retype what it points to", "DROP VIEW wood.visits; DROP POLICY all_of ON wood.visit; ALTER TABLE wood.visit DROP CONSTRAINT visit_kind; ALTER TABLE wood.kind ALTER id TYPE bigint"),
    ("trees: owners and grants", "ALTER TABLE wood.visit OWNER TO museum_api; ALTER TABLE wood.visit_2021 OWNER TO museum_api; REVOKE ALL ON wood.visit, wood.visit_2020 FROM museum_api; GRANT SELECT ON wood.toy TO PUBLIC; DROP POLICY few ON wood.visit_2020; ALTER TABLE wood.visit_2020 DISABLE ROW LEVEL SECURITY"),
    ("trees: comments", "COMMENT ON TABLE wood.visit IS NULL; COMMENT ON TRIGGER noted ON wood.visit_rest IS 'other'; COMMENT ON CONSTRAINT visit_kind ON wood.visit_2020 IS NULL; COMMENT ON CONSTRAINT made_late ON wood.saw IS NULL; COMMENT ON COLUMN wood.saw.made IS 'other'"),
    ("trees: drop the sequence", "DROP SEQUENCE wood.leaf_id_seq CASCADE; ALTER TABLE wood.leaf_1 SET LOGGED"),
    ("trees: a new tree", "CREATE TABLE wood.n (id int PRIMARY KEY, kind_id int REFERENCES wood.kind) PARTITION BY RANGE (id); CREATE TABLE wood.n1 PARTITION OF wood.n FOR VALUES FROM (1) TO (9) PARTITION BY HASH (id); CREATE TABLE wood.n11 PARTITION OF wood.n1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
        CREATE TABLE wood.heir (x int) INHERITS (wood.bill); CREATE TABLE wood.to_n (id int REFERENCES wood.n); INSERT INTO wood.n VALUES (5, 1); INSERT INTO wood.heir (id) VALUES (77); CREATE TRIGGER t AFTER INSERT ON wood.n FOR EACH ROW EXECUTE FUNCTION wood.note()"),
];

/// Those for what `museum_trees_17.sql` holds.
pub const MIGRATIONS_TREES_17: &[Migration] = &[
    ("trees: drop a numbered partition", "DROP TABLE wood.numbered_low"),
    ("trees: detach a numbered partition", "ALTER TABLE wood.numbered DETACH PARTITION wood.numbered_high"),
    ("trees: no numbers", "ALTER TABLE wood.numbered ALTER id DROP IDENTITY"),
    ("trees: other numbers", "ALTER TABLE wood.numbered ALTER id SET GENERATED BY DEFAULT"),
    ("trees: drop the numbered", "DROP TABLE wood.numbered"),
];

/// Those for what `museum_trees_18.sql` holds.
pub const MIGRATIONS_TREES_18: &[Migration] = &[
    ("trees: drop marked heirs", "DROP TABLE wood.marked_heir, wood.marked_late, wood.marked_one"),
    ("trees: drop the marked", "DROP TABLE wood.marked CASCADE; DROP TABLE wood.marked_parts"),
    (
        "trees: marks gone above",
        "ALTER TABLE wood.marked ALTER a DROP NOT NULL; ALTER TABLE wood.marked_parts ALTER b DROP NOT NULL",
    ),
    (
        "trees: marks new above",
        "ALTER TABLE wood.marked ALTER c SET NOT NULL, ADD COLUMN e int; ALTER TABLE wood.marked_parts ADD CONSTRAINT more_a NOT NULL a",
    ),
    (
        "trees: marked heirs on their own",
        "ALTER TABLE wood.marked_heir NO INHERIT wood.marked; ALTER TABLE wood.marked_late NO INHERIT wood.marked; ALTER TABLE wood.marked_parts DETACH PARTITION wood.marked_one",
    ),
    ("trees: old tables dropped", "DROP TABLE wood.old CASCADE; DROP TABLE wood.old_parts"),
    (
        "trees: old heirs dropped",
        "DROP TABLE wood.an_old_heir; DROP TABLE wood.old_heir CASCADE; DROP TABLE wood.old_one, wood.old_two_rest",
    ),
    ("trees: old rows", "DELETE FROM wood.old; DELETE FROM wood.old_parts"),
    ("trees: old rows and heirs", "DELETE FROM ONLY wood.old; DROP TABLE wood.an_old_heir; DROP TABLE wood.old_two"),
    ("trees: old rows of heirs alone", "DELETE FROM wood.an_old_heir; DELETE FROM wood.old_one"),
    (
        "trees: old marks gone",
        "ALTER TABLE wood.old ALTER d DROP NOT NULL; ALTER TABLE wood.old_parts ALTER b DROP NOT NULL",
    ),
    (
        "trees: old marks validated",
        "UPDATE wood.old SET d = 1, e = 1; ALTER TABLE wood.old VALIDATE CONSTRAINT old_d; UPDATE wood.old_parts SET b = 1; ALTER TABLE wood.old_parts VALIDATE CONSTRAINT old_b",
    ),
    (
        "trees: old heirs on their own",
        "ALTER TABLE wood.an_old_heir NO INHERIT wood.old; ALTER TABLE wood.old_heirs_heir NO INHERIT wood.old_heir; ALTER TABLE wood.old_parts DETACH PARTITION wood.old_one",
    ),
    (
        "trees: old tables with more",
        "ALTER TABLE wood.old ADD COLUMN f int; ALTER TABLE wood.old_parts ADD COLUMN f int; ALTER TABLE wood.an_old_heir ADD COLUMN g int",
    ),
    (
        "trees: old marks of other names",
        "ALTER TABLE wood.old RENAME CONSTRAINT old_d TO other_d; ALTER TABLE wood.old_parts RENAME CONSTRAINT old_b TO other_b",
    ),
];
