//! What is run, and how it ends when nothing happens to it.

/// A plan on the tables of [`TABLES`].
pub struct Scene {
    pub name: &'static str,
    pub plan: &'static str,
    /// The exit code that the undisturbed run has, and that every struck one has in the end.
    pub code: i32,
    /// How the journal calls that end; none where the run waits for a person.
    pub ending: Option<&'static str>,
}

/// Structure and rows that the plans work on. `tally` counts how often each step took effect.
pub const TABLES: &str = "
    CREATE TABLE items (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, name text NOT NULL);
    INSERT INTO items SELECT i, 0, 'item ' || i FROM generate_series(1, 200) AS i;
    CREATE TABLE tally (step text PRIMARY KEY, times int NOT NULL DEFAULT 0);
    INSERT INTO tally SELECT unnest('{first,second,third}'::text[]);
    CREATE VIEW names AS SELECT id, name FROM items;";

/// The tables whose rows are compared.
pub const COMPARED: [&str; 2] = ["items", "tally"];

pub const SCENES: [Scene; 8] = [
    Scene {
        name: "success",
        plan: "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
checks:
  before: [{id: there, row_count: {table: public.items, exactly: 200}}]
  after: [{id: still-there, row_count: {table: public.items, exactly: 200}}]
steps:
  - {id: first, sql: \"UPDATE tally SET times = times + 1 WHERE step = 'first'; ALTER TABLE items ADD COLUMN extra text\"}
  - {id: second, sql: \"UPDATE tally SET times = times + 1 WHERE step = 'second'; UPDATE items SET n = n + 1\"}
  - {id: third, sql: \"UPDATE tally SET times = times + 1 WHERE step = 'third'; DROP VIEW names; CREATE TABLE made AS SELECT 1 AS one\"}
",
        code: 0,
        ending: Some("succeeded"),
    },
    Scene {
        name: "a step fails",
        plan: "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
steps:
  - {id: first, sql: \"UPDATE tally SET times = times + 1 WHERE step = 'first'; ALTER TABLE items ALTER COLUMN n TYPE bigint\"}
  - {id: second, sql: \"DROP VIEW names; ALTER TABLE items RENAME COLUMN name TO title; DELETE FROM items WHERE id > 100\"}
  - {id: third, sql: \"SELECT 1 / (count(*) - 100) FROM items\"}
",
        code: 5,
        ending: Some("restored"),
    },
    Scene {
        name: "a check fails",
        plan: "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
checks:
  after: [{id: all-there, row_count: {table: public.items, exactly: 200}}]
steps:
  - {id: first, sql: \"UPDATE tally SET times = times + 1; CREATE TABLE made AS SELECT 1 AS one\"}
  - {id: second, sql: DELETE FROM items WHERE id > 100}
",
        code: 5,
        ending: Some("restored"),
    },
    Scene {
        name: "undo",
        plan: "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
rollback: {on_failure: undo}
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1, undo: UPDATE tally SET times = times - 1}
  - {id: second, sql: CREATE TABLE made AS SELECT 1 AS one, undo: DROP TABLE made}
  - {id: third, sql: SELECT 1 / 0, undo: SELECT 1}
",
        code: 5,
        ending: Some("restored"),
    },
    Scene {
        name: "concurrently",
        plan: "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
checks:
  after: [{id: built, index: {table: public.items, name: items_name_idx}}]
steps:
  - {id: first, sql: \"UPDATE tally SET times = times + 1 WHERE step = 'first'\"}
  - {id: second, transaction: none, sql: CREATE INDEX CONCURRENTLY items_name_idx ON items (name)}
  - {id: third, sql: \"UPDATE tally SET times = times + 1 WHERE step = 'third'\"}
",
        code: 0,
        ending: Some("succeeded"),
    },
    Scene {
        name: "one transaction",
        plan: "
format: backstop/v1
name: scene
transaction: plan
backup: {targets: [{tables: [public.items, public.tally]}]}
checks:
  after: [{id: all-there, row_count: {table: public.items, exactly: 200}}]
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1}
  - {id: second, sql: ALTER TABLE items ADD COLUMN extra text}
",
        code: 0,
        ending: Some("succeeded"),
    },
    Scene {
        name: "one transaction that fails",
        plan: "
format: backstop/v1
name: scene
transaction: plan
backup: {targets: [{tables: [public.items, public.tally]}]}
checks:
  after: [{id: none-there, row_count: {table: public.items, exactly: 0}}]
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1}
  - {id: second, sql: ALTER TABLE items ADD COLUMN extra text}
",
        code: 5,
        ending: Some("restored"),
    },
    Scene {
        name: "hold",
        plan: "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
rollback: {on_failure: hold}
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1}
  - {id: second, sql: SELECT 1 / 0}
",
        code: 6,
        ending: None,
    },
];
