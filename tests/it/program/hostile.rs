//! Roles of the same database that mean harm: what they put before the server's own operators and functions is called by nobody.

use std::{fs, path::Path};

use super::work::Work;
use crate::support::{Output, Program, TestDatabase, TestRole, database, psql};

const TABLES: &str = "
    CREATE SCHEMA app;
    CREATE TABLE app.orgs (id int PRIMARY KEY, slug text UNIQUE, mail varchar(50), tags text[], doc jsonb);
    CREATE TABLE app.items (id bigserial PRIMARY KEY, org int REFERENCES app.orgs, n int NOT NULL CHECK (n >= 0), at timestamptz DEFAULT now());
    CREATE INDEX ON app.items (org);
    CREATE VIEW app.counted AS SELECT org, count(*) FROM app.items GROUP BY org;
    CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touch BEFORE UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION app.touch();
    INSERT INTO app.orgs VALUES (1, 'one', 'a@b.example', '{x}', '{}');
    INSERT INTO app.items (org, n) SELECT 1, i FROM generate_series(1, 500) AS i;";

/// Its own SQL names everything with its schema; whatever has none then is ours.
const PLAN: &str = r#"
format: backstop/v1
name: hostile
session: {search_path: [public, pg_catalog]}
backup: {targets: [{tables: [app.orgs, app.items]}], writers: WRITERS, keep: 1}
checks:
  before:
    - {id: tables, table_exists: {tables: [app.orgs], columns: [id]}}
    - {id: type, column_type: {table: app.orgs, column: mail, type: varchar(50)}}
    - {id: whole, not_null: {table: app.items, columns: [org]}}
    - {id: unique, unique: {table: app.orgs, columns: [slug]}}
    - {id: mail, matches: {table: app.orgs, column: mail, pattern: email}}
    - {id: rows, row_count: {table: app.items, at_least: 1}}
    - {id: parents, references: {table: app.items, columns: [org], to: app.orgs, to_columns: [id]}}
    - {id: key, foreign_key: {table: app.items, columns: [org], to: app.orgs}}
    - {id: index, index: {table: app.items, columns: [org]}}
    - {id: function, function: {name: app.touch(), returns: trigger}}
    - {id: may, privilege: {table: app.items, role: postgres, privileges: [SELECT]}}
  unchanged:
    - {id: same, sql: SELECT 1}
  after:
    - {id: own, sql: SELECT 7, expect: {value: 7}}
    - {id: last, sql: SELECT 1, expect: {rows: EXPECTED}}
steps:
  - {id: column, sql: ALTER TABLE app.orgs ADD COLUMN more_BOUND int}
  - {id: rows, sql: "INSERT INTO app.orgs (id, slug) VALUES (BOUND, 'more BOUND')"}
MORE
"#;

const BATCHES: &str = r#"
  - {id: batches, sql: "UPDATE app.items SET n = 5 WHERE id OPERATOR(pg_catalog.>=) {{ batch.first }} AND id OPERATOR(pg_catalog.<=) {{ batch.last }}", batch: {table: app.items, key: id, size: 100}}
  - {id: outside, transaction: none, sql: CREATE INDEX CONCURRENTLY items_n ON app.items (n)}"#;

/// The functions that our SQL may call.
fn called() -> String {
    fn read(folder: &Path, names: &mut std::collections::BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, names);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices('(') {
                let is_part = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_';
                let name: String = text[..at].chars().rev().take_while(is_part).collect();
                names.insert(name.chars().rev().collect());
            }
        }
    }
    let mut names = std::collections::BTreeSet::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/postgres"), &mut names);
    names.remove("");
    format!("{{{}}}", names.into_iter().collect::<Vec<_>>().join(","))
}

/// A database in which somebody has planted what he can, and a superuser who runs plans and whose own search path leads there.
struct Scene {
    database: TestDatabase,
    runner: TestRole,
    _mallory: TestRole,
    work: Work,
}

impl Scene {
    fn new(name: &str) -> Self {
        let database = database(name);
        database.execute(TABLES);
        let (runner, mallory) = (database.role("runner", "SUPERUSER LOGIN"), database.role("mallory", "LOGIN"));
        let planted = include_str!("hostile/planted.sql");
        let parameters =
            format!("\\set mallory {}\n\\set runner {}\n\\set names '{}'\n", mallory.name, runner.name, called());
        database.psql(&(parameters + planted));
        database.execute(&format!(
            "GRANT CREATE ON DATABASE \"{name}\" TO \"{mallory}\"; ALTER ROLE \"{runner}\" IN DATABASE \"{name}\" SET search_path = public, pg_catalog;
             ALTER DATABASE \"{name}\" SET search_path = pg_catalog",
            name = database.name,
            mallory = mallory.name,
            runner = runner.name,
        ));
        Scene { database, runner, _mallory: mallory, work: Work::new() }
    }

    #[track_caller]
    fn run(&self, arguments: &[&str], code: i32) -> Output {
        let url = self.database.url_as(&self.runner);
        let output = Program::new().arguments(arguments).arguments(&["--database-url", &url]).run().expect_code(code);
        self.nothing_was_called(&arguments.join(" "));
        output
    }

    #[track_caller]
    fn psql(&self, sql: &str) {
        if let Err(error) = psql(&self.database.url_as(&self.runner), sql) {
            panic!("{sql}: {error}");
        }
        self.nothing_was_called(sql);
    }

    #[track_caller]
    fn nothing_was_called(&self, by: &str) {
        assert_eq!(
            self.database.one("SELECT is_called FROM public.caught"),
            "f",
            "something of another role was called by {by}"
        );
    }

    fn plan(&self, name: &str, writers: &str, expected: &str, more: &str) -> String {
        let bound = if name.ends_with("fails.yaml") { "3" } else { "2" };
        let name = if more.is_empty() { name.to_owned() } else { format!("more_{name}") };
        let text = PLAN
            .replace("WRITERS", writers)
            .replace("EXPECTED", expected)
            .replace("MORE", more)
            .replace("BOUND", bound)
            .replace("name: hostile", &format!("name: {}", name.trim_end_matches(".yaml").replace('_', "-")));
        self.work.file(&name, &text).to_str().unwrap().to_owned()
    }
}

#[test]
fn what_others_put_into_the_search_path_is_called_by_no_command() {
    let scene = Scene::new("hostile_path");
    let [done, fails] = [scene.plan("done.yaml", "capture", "1", BATCHES), scene.plan("fails.yaml", "block", "0", "")];
    scene.run(&["install", &done], 0);
    scene.run(&["plan", &done], 0);
    scene.run(&["check", &done, "--phase", "before"], 0);
    scene.run(&["apply", &done], 0);
    let failed = scene.run(&["apply", &fails], 5);
    assert!(failed.stdout.contains("verified"), "{}", failed.stdout);
    for command in
        [&["status"][..], &["status", &done], &["history"], &["backup", "list"], &["check", &done, "--phase", "after"]]
    {
        scene.run(command, 0);
    }
    let run = scene.database.one("SELECT run::text FROM backstop.runs ORDER BY started_at LIMIT 1");
    scene.run(&["show", &run], 0);
    scene.run(&["apply", &done], 0);
    scene.run(&["backup", "create", &done], 0);
    scene.run(&["backup", "verify"], 0);
    scene.run(&["backup", "prune", "--keep", "1"], 0);
    let backup = scene.database.one("SELECT id FROM backstop.backups ORDER BY created_at DESC LIMIT 1");
    scene.database.execute("UPDATE app.items SET n = 9");
    scene.run(&["diff", "--backup", &backup], 0);
    scene.run(&["restore", "--backup", &backup, "--yes"], 0);
}

#[test]
fn what_others_put_into_the_search_path_is_called_by_no_held_run() {
    let scene = Scene::new("hostile_held");
    let text = fs::read_to_string(scene.plan("held.yaml", "detect", "0", "")).unwrap() + "rollback: {on_failure: hold}\n";
    let held = scene.work.file("held.yaml", &text);
    let held = held.to_str().unwrap();
    scene.run(&["apply", held], 6);
    scene.run(&["pause"], 0);
    scene.run(&["continue"], 0);
    scene.run(&["resume", held], 6);
    let run = scene.database.one("SELECT run::text FROM backstop.runs");
    scene.run(&["restore", &run, "--yes"], 0);
    scene.run(&["apply", held], 6);
    scene.run(
        &["accept", &scene.database.one("SELECT run::text FROM backstop.runs ORDER BY started_at DESC"), "--reason", "so"],
        0,
    );
}

#[test]
fn what_others_put_into_the_search_path_is_called_by_no_function_for_psql() {
    let scene = Scene::new("hostile_psql");
    scene.run(&["install", &scene.plan("done.yaml", "block", "1", "")], 0);
    for call in [
        "list_backups()",
        "validate_pre_migration()",
        "validate_post_migration()",
        "create_table_backups()",
        "execute_safe_migration('ALTER TABLE app.orgs ADD COLUMN other int')",
        "restore_from_backup()",
        "create_table_backups()",
        "cleanup_old_backups(1)",
    ] {
        scene.psql(&format!("SELECT backup_pre_migration.{call}"));
    }
    scene.psql("SELECT plan, run FROM backstop.status");
    scene.psql("SELECT plan, run FROM backstop.history");
}
