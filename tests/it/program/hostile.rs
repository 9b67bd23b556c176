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
    mallory: TestRole,
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
        let scene = Scene { database, runner, mallory, work: Work::new() };
        scene.whoever_calls_it_is_caught();
        scene
    }

    /// An operator, a function, a type and a relation that were planted, each called as people without a pinned path call them.
    fn whoever_calls_it_is_caught(&self) {
        for call in [
            "SELECT 1::pg_catalog.oid = 'pg_catalog.pg_class'::pg_catalog.regclass",
            "SELECT upper('a'::pg_catalog.text)",
            "SELECT 'a'::text",
            "SELECT FROM pg_namespace",
        ] {
            psql(&self.database.url_as(&self.runner), call).expect_err(call);
            assert_eq!(self.database.one("SELECT is_called FROM public.caught"), "t", "{call} is not caught");
            self.database.execute("ALTER SEQUENCE public.caught RESTART");
        }
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
        let bound = match name {
            "fails.yaml" => "3",
            "later.yaml" => "5",
            _ => "2",
        };
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
    scene.run(&["restore", "--backup", &backup, "--dry-run"], 0);
    let beside = scene.database.beside("hostile_beside");
    scene.run(&["restore", "--backup", &backup, "--into", &beside.name], 0);
    scene.run(&["restore", "--backup", &backup, "--table", "app.items", "--yes"], 0);
    scene.run(&["restore", "--backup", &backup, "--yes"], 0);
    let later = scene.plan("later.yaml", "block", "1", "");
    let saved = scene.work.path("saved.json");
    let saved = saved.to_str().unwrap();
    scene.run(&["plan", &later, "-o", saved], 0);
    scene.run(&["plan", &later, "--since", saved], 0);
    scene.run(&["apply", saved], 0);
}

/// The owner of a table may have its expressions evaluated under a path of his; what else is done under that path by somebody with
/// more rights is no business of his.
#[test]
fn what_a_tables_owner_has_in_its_path_is_called_by_nothing_but_the_tables_expressions() {
    let scene = Scene::new("hostile_owner");
    let theirs = "
        SET search_path = pg_catalog; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        CREATE SCHEMA theirs AUTHORIZATION \"MALLORY\"; SET ROLE \"MALLORY\";
        CREATE FUNCTION public.helper(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.lower(t)';
        CREATE FUNCTION theirs.folded(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN helper(t); END';
        SET search_path = pg_catalog, public;
        CREATE TABLE theirs.numbered (id int PRIMARY KEY, name varchar(20) CHECK (theirs.folded(name) IS NOT NULL), n bigserial);
        CREATE TABLE theirs.named (name varchar(20) PRIMARY KEY CHECK (theirs.folded(name) IS NOT NULL), n int, kind regclass);
        CREATE TABLE theirs.keyless (name varchar(20) CHECK (theirs.folded(name) IS NOT NULL), n int);
        CREATE TABLE theirs.pointing (name varchar(20) REFERENCES theirs.named ON DELETE CASCADE DEFERRABLE);
        CREATE VIEW theirs.seen AS SELECT id FROM theirs.numbered;
        INSERT INTO theirs.numbered SELECT g, 'a' FROM generate_series(1, 50) AS g;
        INSERT INTO theirs.named SELECT concat('a', g), g, 'theirs.seen' FROM generate_series(1, 50) AS g;
        INSERT INTO theirs.keyless SELECT concat('a', g), g FROM generate_series(1, 50) AS g;
        INSERT INTO theirs.pointing SELECT name FROM theirs.named";
    scene.database.execute(&theirs.replace("MALLORY", &scene.mallory.name));
    let plan = "
format: backstop/v1
name: owned
backup: {targets: [{tables: ['theirs.*']}], writers: capture}
rollback: {on_failure: hold}
checks: {after: [{id: never, sql: SELECT 1, expect: {rows: 0}}]}
steps: [{id: more, sql: 'ALTER TABLE theirs.numbered ADD COLUMN more int; ALTER TABLE theirs.named ALTER n TYPE bigint; DROP VIEW theirs.seen;
    UPDATE theirs.keyless SET n = 0 WHERE n OPERATOR(pg_catalog.>) 40; ALTER TABLE theirs.pointing ADD COLUMN more int'}]
";
    let plan = scene.work.file("owned.yaml", plan);
    scene.run(&["apply", plan.to_str().unwrap()], 6);
    let path =
        "SELECT DISTINCT search_path FROM backstop.backup_tables WHERE schema_name = 'theirs' AND table_name = 'numbered'";
    assert_eq!(scene.database.one(path), "\"public\", pg_temp", "the path leads to what was planted");
    scene.database.execute(
        "SET search_path = pg_catalog, public;
         INSERT INTO theirs.numbered (id, name) VALUES (51, 'late'); UPDATE theirs.numbered SET name = 'b' WHERE id = 1;
         DELETE FROM theirs.numbered WHERE id = 2; UPDATE theirs.named SET n = 7 WHERE name OPERATOR(pg_catalog.=) 'a1'; DELETE FROM theirs.named WHERE name OPERATOR(pg_catalog.=) 'a2';
         INSERT INTO theirs.named VALUES ('late', 1); UPDATE theirs.keyless SET n = 9 WHERE name OPERATOR(pg_catalog.=) 'a3'; DELETE FROM theirs.keyless WHERE name OPERATOR(pg_catalog.=) 'a4'",
    );
    scene.run(&["restore", "--yes"], 0);
    let rows = "SELECT (SELECT count(*) FROM theirs.numbered WHERE name = 'a'), (SELECT name FROM theirs.numbered WHERE id = 51),
        (SELECT n FROM theirs.named WHERE name = 'a1'), (SELECT count(*) FROM theirs.named), (SELECT count(*) FROM theirs.pointing),
        (SELECT sum(n) FROM theirs.keyless)";
    assert_eq!(scene.database.one(rows), "48|late|7|50|49|1277");
    scene.run(&["backup", "verify"], 0);
}

#[test]
fn every_command_that_connects_is_tried_against_what_others_planted() {
    let tried = include_str!("hostile.rs");
    let help = Program::new().arguments(&["--help"]).run().expect_code(0).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let mut connecting = 0;
    for command in commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|word| !word.is_empty()) {
        let help = Program::new().arguments(&[command, "--help"]).run();
        if help.stdout.contains("--database-url") {
            connecting += 1;
            assert!(tried.contains(&format!("&[\"{command}\"")), "`backstop {command}` is not tried");
        }
    }
    assert!(connecting > 12, "{connecting}");
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
    scene.run(&["settle", &scene.database.one("SELECT run::text FROM backstop.runs"), "rows"], 2);
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
    scene.database.send_bystanders_away();
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
