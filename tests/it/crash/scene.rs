//! What is run, and how it ends when nothing happens to it.

/// A plan on the tables of [`TABLES`].
pub struct Scene {
    pub name: &'static str,
    pub plan: &'static str,
    /// The exit code that the undisturbed run has, and that every struck one has in the end.
    pub code: i32,
    /// What a person does then.
    pub person: Person,
    /// Whether an application writes meanwhile.
    pub others: Others,
    /// How the journal calls the end; none where the run waits for a person.
    pub ending: Option<&'static str>,
}

/// What a person does when the runner has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Nothing; or `resume`, where the runner did not come to an end.
    Resumes,
    /// `restore`, wherever the run stands.
    Restores,
}

/// Who else is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    Nobody,
    Application,
}

impl Scene {
    const fn new(name: &'static str, plan: &'static str, code: i32, ending: Option<&'static str>) -> Self {
        Scene { name, plan, code, person: Person::Resumes, others: Others::Nobody, ending }
    }

    const fn beside_others(self) -> Self {
        Scene { others: Others::Application, ..self }
    }

    /// The run is held, and a person restores it.
    const fn restored_by_hand(self) -> Self {
        Scene { code: 6, person: Person::Restores, ending: Some("restored"), ..self }
    }

    /// The commands that lead to its end, each with its exit code.
    pub fn commands(&self) -> &'static [(&'static str, Option<i32>)] {
        match self.person {
            Person::Resumes => &[("apply", None)],
            Person::Restores => &[("apply", None), ("restore", Some(0))],
        }
    }
}

/// Structure and rows that the plans work on. `tally` counts how often each step took effect; `others` has a row once the
/// application has written what plans wait for.
pub const TABLES: &str = "
    CREATE TABLE items (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, name text NOT NULL);
    INSERT INTO items SELECT i, 0, 'item ' || i FROM generate_series(1, 200) AS i;
    CREATE TABLE tally (step text PRIMARY KEY, times int NOT NULL DEFAULT 0);
    INSERT INTO tally SELECT unnest('{first,second,third}'::text[]);
    CREATE VIEW names AS SELECT id, name FROM items;
    CREATE TABLE others (n int);
    CREATE FUNCTION await_others() RETURNS void LANGUAGE plpgsql AS
        'BEGIN WHILE NOT EXISTS (SELECT FROM public.others) LOOP PERFORM pg_sleep(0.02); END LOOP; END';";

/// The tables whose rows are compared.
pub const COMPARED: [&str; 2] = ["items", "tally"];

pub const SCENES: [Scene; 15] = [
    Scene::new(
        "success",
        "
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
        0,
        Some("succeeded"),
    ),
    Scene::new(
        "a step fails",
        "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
steps:
  - {id: first, sql: \"UPDATE tally SET times = times + 1 WHERE step = 'first'; ALTER TABLE items ALTER COLUMN n TYPE bigint\"}
  - {id: second, sql: \"DROP VIEW names; ALTER TABLE items RENAME COLUMN name TO title; DELETE FROM items WHERE id > 100\"}
  - {id: third, sql: \"SELECT 1 / (count(*) - 100) FROM items\"}
",
        5,
        Some("restored"),
    ),
    Scene::new(
        "a check fails",
        "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
checks:
  after: [{id: all-there, row_count: {table: public.items, exactly: 200}}]
steps:
  - {id: first, sql: \"UPDATE tally SET times = times + 1; CREATE TABLE made AS SELECT 1 AS one\"}
  - {id: second, sql: DELETE FROM items WHERE id > 100}
",
        5,
        Some("restored"),
    ),
    Scene::new(
        "undo",
        "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
rollback: {on_failure: undo}
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1, undo: UPDATE tally SET times = times - 1}
  - {id: second, sql: CREATE TABLE made AS SELECT 1 AS one, undo: DROP TABLE made}
  - {id: third, sql: SELECT 1 / 0, undo: SELECT 1}
",
        5,
        Some("restored"),
    ),
    Scene::new(
        "concurrently",
        "
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
        0,
        Some("succeeded"),
    ),
    Scene::new(
        "one transaction",
        "
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
        0,
        Some("succeeded"),
    ),
    Scene::new(
        "one transaction that fails",
        "
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
        5,
        Some("restored"),
    ),
    Scene::new(
        "hold",
        "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
rollback: {on_failure: hold}
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1}
  - {id: second, sql: SELECT 1 / 0}
",
        6,
        None,
    ),
    Scene::new(
        "batches",
        "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1 WHERE step = 'first'}
  - id: second
    batch: {table: public.items, key: id, size: 40, target: 60s}
    sql: 'UPDATE items SET n = n + 1 WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }}'
  - {id: third, sql: UPDATE tally SET times = times + 1 WHERE step = 'third'}
",
        0,
        Some("succeeded"),
    ),
    Scene::new(
        "batches that fail",
        "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1 WHERE step = 'first'}
  - id: second
    batch: {table: public.items, key: id, size: 40, target: 60s}
    sql: 'UPDATE items SET n = n + 1 / (190 - id) + 1 WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }}'
",
        5,
        Some("restored"),
    ),
    Scene::new(
        "capture",
        "
format: backstop/v1
name: scene
backup: {writers: capture, targets: [{tables: [public.items, public.tally]}]}
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1 WHERE step = 'first'}
  - {id: second, sql: SELECT await_others()}
  - {id: third, sql: UPDATE items SET n = n + 1 WHERE id <= 100}
",
        0,
        Some("succeeded"),
    )
    .beside_others(),
    Scene::new(
        "capture, and a step fails",
        "
format: backstop/v1
name: scene
backup: {writers: capture, targets: [{tables: [public.items, public.tally]}]}
steps:
  - {id: first, sql: \"UPDATE tally SET times = times + 1 WHERE step = 'first'; ALTER TABLE items ALTER n TYPE bigint\"}
  - id: second
    batch: {table: public.items, key: id, size: 100, target: 60s}
    sql: \"UPDATE items SET name = 'ours' WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }} AND id <= 100\"
  - {id: third, sql: SELECT await_others()}
  - {id: fourth, sql: SELECT 1 / 0}
",
        5,
        Some("restored"),
    )
    .beside_others(),
    Scene::new(
        "capture, restored by a person",
        "
format: backstop/v1
name: scene
backup: {writers: capture, targets: [{tables: [public.items, public.tally]}]}
rollback: {on_failure: hold}
steps:
  - {id: first, sql: \"UPDATE tally SET times = times + 1; DELETE FROM items WHERE id > 150\"}
  - {id: second, sql: SELECT await_others()}
  - {id: third, sql: SELECT 1 / 0}
",
        6,
        None,
    )
    .beside_others()
    .restored_by_hand(),
    Scene::new(
        "detect",
        "
format: backstop/v1
name: scene
backup: {writers: detect, targets: [{tables: [public.items, public.tally]}]}
steps:
  - {id: first, sql: UPDATE tally SET times = times + 1}
  - {id: second, sql: SELECT await_others()}
  - {id: third, sql: SELECT 1 / 0}
",
        6,
        None,
    )
    .beside_others(),
    Scene::new(
        "restored by a person",
        "
format: backstop/v1
name: scene
backup: {targets: [{tables: [public.items, public.tally]}]}
rollback: {on_failure: hold}
steps:
  - {id: first, sql: \"UPDATE tally SET times = times + 1; ALTER TABLE items ADD COLUMN extra text\"}
  - {id: second, sql: \"DROP VIEW names; CREATE TABLE made AS SELECT 1 AS one; DELETE FROM items WHERE id > 100\"}
  - {id: third, sql: SELECT 1 / 0}
",
        6,
        None,
    )
    .restored_by_hand(),
];
