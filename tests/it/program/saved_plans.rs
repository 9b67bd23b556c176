//! Plans that are looked at before they run, saved, approved, and applied exactly so or not at all.

use std::path::{Path, PathBuf};

use backstop::sandbox::{Options, Sandbox, ServerReach};

use super::work::Work;
use crate::support::{Output, Program, TestDatabase, database, psql};

const ITEMS: &str = "CREATE TABLE public.items (id int PRIMARY KEY, name text NOT NULL);
    INSERT INTO public.items SELECT i, 'item ' || i FROM generate_series(1, 1000) AS i;
    CREATE TABLE public.other (id int);
    ANALYZE";

const PLAN: &str = "format: backstop/v1
name: rename-items
vars: {suffix: {type: string, default: '!'}, pw: {type: secret, default: {env: APP_PASSWORD}}}
backup: {targets: [{tables: [public.items]}]}
checks:
  before: [{id: has-rows, row_count: {table: public.items, at_least: 1}}]
steps:
  - {id: rename, sql_file: sql/rename.sql}
  - {id: secret, sql: \"SELECT set_config('app.password', {{ pw | literal }}, true)\"}
";
const SQL: &str = "UPDATE public.items SET name = name || {{ suffix | literal }};\n";
const SECRET: &str = "hunter2-is-secret";

/// A database with a table, and a folder with a plan for it.
struct Scene {
    database: TestDatabase,
    work: Work,
    folder: PathBuf,
}

impl Scene {
    fn new(name: &str) -> Self {
        let (database, work) = (database(name), Work::new());
        database.execute(ITEMS);
        let folder = work.file("plan.yaml", PLAN).parent().unwrap().to_owned();
        work.file("sql/rename.sql", SQL);
        // A repository of its own: what lies above it is not looked at.
        work.file(".git/HEAD", "");
        Scene { database, work, folder }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_on(&self.database.url, arguments)
    }

    fn run_on(&self, url: &str, arguments: &[&str]) -> Output {
        self.program(arguments).arguments(&["--database-url", url]).run()
    }

    fn program(&self, arguments: &[&str]) -> Program {
        Program::new().directory(&self.folder).env("APP_PASSWORD", SECRET).arguments(arguments)
    }

    fn save(&self) -> String {
        self.run(&["plan", "plan.yaml", "-o", "saved.json"]).expect_code(0);
        std::fs::read_to_string(self.folder.join("saved.json")).unwrap()
    }

    /// Applies what was saved, which must be refused with these words, and change nothing.
    #[track_caller]
    fn refused(&self, more: &[&str], words: &[&str]) {
        let before = everything(&self.database);
        let output = self.run(&[&["apply", "saved.json"], more].concat()).expect_code(3);
        for word in words {
            assert!(output.stderr.contains(word), "{word} is not in\n{}", output.stderr);
        }
        assert_eq!(everything(&self.database), before);
    }

    fn repository(&self, text: &str) {
        self.work.file("backstop.toml", &format!("format = \"backstop/v1\"\n{text}"));
    }

    /// Makes a key and gives its public part.
    fn key(&self, name: &str) -> String {
        let output = self.program(&["approve", "--new-key", name, "--format", "json"]).run().expect_code(0);
        let value: serde_json::Value = serde_json::from_str(output.stdout.trim()).unwrap();
        value["public"].as_str().unwrap().to_owned()
    }
}

/// Structure, rows and journal.
fn everything(database: &TestDatabase) -> String {
    let journal = "SELECT coalesce((SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class
        JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'backstop'), 'none')";
    let events = match database.one("SELECT to_regclass('backstop.events') IS NULL").as_str() {
        "t" => "none".to_owned(),
        _ => database.one("SELECT count(*) || ' ' || coalesce(md5(string_agg(e::text, '' ORDER BY run, seq)), '') FROM backstop.events AS e"),
    };
    [database.dump_schema(), database.rows("public.items"), database.psql(journal), events].join("\n")
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(output.stdout.trim()).unwrap_or_else(|why| panic!("{why}: {}", output.stdout))
}

#[test]
fn what_was_saved_is_applied_once() {
    let scene = Scene::new("saved_once");
    let before = everything(&scene.database);
    let saved = scene.save();
    assert_eq!(everything(&scene.database), before);
    assert!(!saved.contains(SECRET), "{saved}");
    let applied = scene.run(&["apply", "saved.json"]).expect_code(0);
    assert!(applied.stdout.contains("saved plan"), "{}", applied.stdout);
    assert_eq!(scene.database.one("SELECT count(*) FROM items WHERE name LIKE '%!'"), "1000");
    let event = scene.database.one("SELECT event -> 'saved_plan' ->> 'id' FROM backstop.events WHERE kind = 'run_started'");
    assert!(saved.contains(&event), "{event}");
    scene.refused(&[], &["it was used at", "rename-items"]);
    // Nothing is left to do.
    let output = scene.run(&["plan", "plan.yaml", "-o", "again.json", "--exit-code"]).expect_code(0);
    assert!(output.stdout.contains("nothing to do"), "{}", output.stdout);
    scene.run(&["apply", "again.json"]).expect_code(0);
}

#[test]
fn a_run_that_changed_nothing_does_not_use_it_up() {
    let scene = Scene::new("saved_abort");
    scene.save();
    scene.database.execute("ALTER TABLE items RENAME TO kept; CREATE VIEW items AS SELECT * FROM kept WHERE false");
    scene.refused(&[], &["items"]);
    scene.database.execute(
        "DROP VIEW items; ALTER TABLE kept RENAME TO items; CREATE TABLE emptied AS TABLE items; DELETE FROM items",
    );
    // The before-check fails: the run is begun and ends before it changes anything.
    scene.database.execute("DROP TABLE emptied");
    scene.run(&["apply", "saved.json"]).expect_code(4);
    scene.database.execute("INSERT INTO items VALUES (1, 'one')");
    scene.run(&["apply", "saved.json"]).expect_code(0);
    scene.refused(&[], &["it was used at"]);
}

#[test]
fn a_changed_source_is_refused_by_its_name() {
    let scene = Scene::new("saved_sources");
    scene.save();
    scene.refused(&["--var", "suffix=?"], &["the value of variable suffix was changed"]);
    scene.work.file("sql/rename.sql", &SQL.replace("UPDATE", "/* a comment */ UPDATE"));
    scene.refused(&[], &["file sql/rename.sql was changed"]);
    scene.work.file("sql/rename.sql", SQL);
    scene.work.file("plan.yaml", &PLAN.replace("at_least: 1", "at_least: 0"));
    scene.refused(&[], &["file plan.yaml was changed"]);
    scene.work.file("plan.yaml", &PLAN.replace("env: APP_PASSWORD", "env: HOME"));
    scene.refused(&[], &["file plan.yaml was changed", "the value of variable pw was changed"]);
    scene.work.file("plan.yaml", PLAN);
    // What the secret is may change: it is resolved when it is applied.
    let program = scene.program(&["apply", "saved.json", "--database-url", &scene.database.url]);
    program.env("APP_PASSWORD", "another").run().expect_code(0);
}

#[test]
fn values_files_are_bound_too() {
    let scene = Scene::new("saved_values");
    scene.work.file("values.yaml", "suffix: '#'\n");
    scene.run(&["plan", "plan.yaml", "--values", "values.yaml", "-o", "saved.json"]).expect_code(0);
    scene.work.file("values.yaml", "suffix: '%'\n");
    scene.refused(&[], &["the value of variable suffix was changed"]);
    scene.work.file("values.yaml", "suffix: '#'\n");
    scene.run(&["apply", "saved.json"]).expect_code(0);
    assert_eq!(scene.database.one("SELECT count(*) FROM items WHERE name LIKE '%#'"), "1000");
}

#[test]
fn another_database_is_refused() {
    let scene = Scene::new("saved_here");
    scene.save();
    let other = Scene::new("saved_there");
    let before = everything(&other.database);
    let output = scene.run_on(&other.database.url, &["apply", "saved.json"]).expect_code(3);
    assert!(
        output.stderr.contains("it was saved for database") && output.stderr.contains(&other.database.name),
        "{}",
        output.stderr
    );
    assert_eq!(everything(&other.database), before);
}

#[test]
fn another_server_is_refused_though_all_names_are_the_same() {
    let scene = Scene::new("saved_server");
    scene.save();
    let options = Options {
        bin: None,
        config: vec![("fsync".to_owned(), "off".to_owned())],
        reach: ServerReach::Socket,
        label: "saved".to_owned(),
    };
    let server = Sandbox::start(&options).unwrap();
    psql(&server.url(), &format!("CREATE DATABASE \"{}\"", scene.database.name)).unwrap();
    let url = server.url_of(&scene.database.name);
    psql(&url, ITEMS).unwrap();
    let before = psql(&url, "TABLE public.items").unwrap();
    let output = scene.run_on(&url, &["apply", "saved.json"]).expect_code(3);
    assert!(output.stderr.contains("it was saved for database") && output.stderr.contains("system"), "{}", output.stderr);
    assert_eq!(psql(&url, "TABLE public.items").unwrap(), before);
    assert_eq!(psql(&url, "SELECT to_regnamespace('backstop') IS NULL").unwrap().trim(), "t");
    let drift = scene.run_on(&url, &["plan", "plan.yaml", "--since", "saved.json"]).expect_code(3);
    assert!(drift.stderr.contains("backstop::saved::another_database"), "{}", drift.stderr);
}

#[test]
fn a_changed_macro_file_is_refused() {
    let scene = Scene::new("saved_macros");
    let macros = "{% macro mark(text) %}{{ text | literal }}{% endmacro %}\n";
    scene.work.file("macros/mark.sql.j2", macros);
    scene.work.file(
        "sql/rename.sql",
        "{% import 'macros/mark.sql.j2' as m %}UPDATE public.items SET name = name || {{ m.mark(suffix) | raw }};\n",
    );
    scene.work.file("plan.yaml", &PLAN.replace("steps:", "templates: [macros/mark.sql.j2]\nsteps:"));
    scene.save();
    scene.work.file("macros/mark.sql.j2", &(macros.to_owned() + "\n"));
    scene.refused(&[], &["file macros/mark.sql.j2 was changed"]);
    scene.work.file("macros/mark.sql.j2", macros);
    scene.run(&["apply", "saved.json"]).expect_code(0);
}

#[test]
fn what_changed_since_a_saved_plan_is_said() {
    let scene = Scene::new("saved_since");
    scene.save();
    let since = || scene.run(&["plan", "plan.yaml", "--since", "saved.json"]).expect_code(0).stdout;
    assert!(!since().contains("changed since"), "{}", since());
    scene
        .database
        .execute("ALTER TABLE items ADD COLUMN extra int; CREATE INDEX by_name ON items (name); CREATE TABLE beside ()");
    let text = since();
    for words in ["changed since saved plan ", "extra", "by_name"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("beside"), "{text}");
    let output = scene.run(&["plan", "plan.yaml", "--since", "saved.json", "--report", "json"]).expect_code(0);
    let value = json(&output);
    assert_eq!(value["dry_run"]["plans"][0]["drift"]["whose"], "anybody");
    let markdown = scene.run(&["plan", "plan.yaml", "--since", "saved.json", "--report", "markdown"]).expect_code(0).stdout;
    assert!(markdown.contains("Changed since saved plan"), "{markdown}");
    // Where the plan has come to name more, that isn't new.
    scene.work.file("sql/rename.sql", &(SQL.to_owned() + "SELECT id FROM public.other;\n"));
    let text = since();
    assert!(text.contains("extra") && !text.contains("other was added") && !text.contains("+ table public.other"), "{text}");
    // Of a plan that it doesn't hold nothing is known.
    scene.work.file("other.yaml", "format: backstop/v1\nname: unknown\nbackup: {targets: [{tables: [public.items]}]}\nsteps: [{id: s, sql: SELECT 1}]\n");
    let output = scene.run(&["plan", "other.yaml", "--since", "saved.json", "--format", "json"]).expect_code(0);
    assert!(json(&output)["dry_run"]["plans"][0]["drift"].is_null());
    std::fs::write(scene.folder.join("saved.json"), "{}").unwrap();
    scene.run(&["plan", "plan.yaml", "--since", "saved.json"]).expect_code(3);
}

#[test]
fn what_changed_since_a_saved_plan_is_said_of_its_own_database() {
    let (scene, other) = (Scene::new("saved_since_here"), Scene::new("saved_since_there"));
    scene.save();
    let since: &[&str] = &["plan", "plan.yaml", "--since", "saved.json"];
    let refused = scene.run_on(&other.database.url, since).expect_code(3);
    for words in ["backstop::saved::another_database", "leave `--since` out"] {
        assert!(refused.stderr.contains(words), "{words} is missing in\n{}", refused.stderr);
    }
    scene.run_on(&other.database.url, &since[..2]).expect_code(0);
    scene.run(since).expect_code(0);
}

#[test]
fn a_changed_structure_is_refused_in_words() {
    let scene = Scene::new("saved_structure");
    scene.save();
    scene.database.execute("ALTER TABLE items ADD COLUMN extra int; CREATE INDEX by_name ON items (name)");
    scene.refused(&[], &["added column extra integer", "index public.by_name was added"]);
    scene
        .database
        .execute("ALTER TABLE items DROP COLUMN extra; DROP INDEX by_name; ALTER TABLE other ADD COLUMN beside int");
    // What lies beside it is nobody's concern.
    scene.run(&["apply", "saved.json"]).expect_code(0);
}

#[test]
fn a_changed_file_is_refused() {
    let scene = Scene::new("saved_byte");
    let saved = scene.save();
    for (from, to) in
        [("rename-items", "rename-itemz"), ("\"approvals\": []", "\"approvals\":  []"), ("public.items", "public.other")]
    {
        std::fs::write(scene.folder.join("saved.json"), saved.replacen(from, to, 1)).unwrap();
        scene.refused(&[], &["changed after it was"]);
    }
    std::fs::write(scene.folder.join("saved.json"), &saved[..saved.len() / 2]).unwrap();
    scene.refused(&[], &["saved.json: it is no saved plan"]);
}

#[test]
fn one_that_is_too_old_is_refused() {
    let scene = Scene::new("saved_old");
    scene.run(&["plan", "plan.yaml", "-o", "saved.json", "--expires", "1s"]).expect_code(0);
    std::thread::sleep(std::time::Duration::from_millis(2100));
    scene.refused(&[], &["it was good until"]);
    scene.run(&["plan", "plan.yaml", "-o", "saved.json", "--expires", "1h"]).expect_code(0);
    scene.run(&["apply", "saved.json"]).expect_code(0);
}

#[test]
fn a_repository_wants_approvals() {
    let scene = Scene::new("saved_approved");
    let keys = ["alice.pem", "bob.pem", "eve.pem"].map(|name| scene.key(name));
    scene
        .repository(&format!("[approval]\nrequired = 2\n[approval.keys]\nalice = \"{}\"\nbob = \"{}\"\n", keys[0], keys[1]));
    let output = scene.run(&["apply", "plan.yaml"]).expect_code(3);
    assert!(output.stderr.contains("wants 2 approvals"), "{}", output.stderr);
    assert_eq!(scene.database.one("SELECT to_regnamespace('backstop') IS NULL"), "t");
    scene.save();
    scene.refused(&[], &["0 of 2 approvals"]);
    let approve = |key: &str, more: &[&str]| scene.program(&[&["approve", "saved.json", "--key", key], more].concat()).run();
    approve("alice.pem", &[]).expect_code(0);
    scene.refused(&[], &["1 of 2 approvals: alice"]);
    // The same key again, and a key that nobody knows, change nothing.
    approve("alice.pem", &["--as", "bob"]).expect_code(0);
    approve("eve.pem", &[]).expect_code(2);
    approve("eve.pem", &["--as", "bob"]).expect_code(0);
    scene.refused(&[], &["1 of 2 approvals: alice; 1 by keys that backstop.toml does not name"]);
    let approved = approve("bob.pem", &[]).expect_code(0);
    assert!(approved.stdout.contains("2 of 2 approvals: alice, bob"), "{}", approved.stdout);
    let shown = scene.program(&["approve", "saved.json"]).run().expect_code(0);
    assert!(shown.stdout.contains("UPDATE public.items") && shown.stdout.contains("2 of 2"), "{}", shown.stdout);
    assert!(!shown.stdout.contains(SECRET));
    // A signature of another saved plan is none of this one.
    let whole = std::fs::read_to_string(scene.folder.join("saved.json")).unwrap();
    let at = whole.find("\"approvals\": [").unwrap();
    let fresh = {
        scene.run(&["plan", "plan.yaml", "-o", "fresh.json"]).expect_code(0);
        std::fs::read_to_string(scene.folder.join("fresh.json")).unwrap()
    };
    let stolen = fresh[..fresh.find("\"approvals\": [").unwrap()].to_owned() + &whole[at..];
    std::fs::write(scene.folder.join("stolen.json"), stolen).unwrap();
    let output = scene.run(&["apply", "stolen.json"]).expect_code(3);
    assert!(output.stderr.contains("its signature does not fit"), "{}", output.stderr);
    // Nor are they worth anything once a byte was changed.
    std::fs::write(scene.folder.join("bent.json"), whole.replacen("public.items", "public.itemz", 1)).unwrap();
    let output = scene.run(&["apply", "bent.json"]).expect_code(3);
    assert!(output.stderr.contains("changed after it was"), "{}", output.stderr);
    let applied = scene.run(&["apply", "saved.json"]).expect_code(0);
    assert!(applied.stdout.contains("approved by alice, bob"), "{}", applied.stdout);
    scene.run(&["resume", "plan.yaml", "--amend"]).expect_code(3);
}

#[test]
fn a_key_is_its_owners_and_is_not_overwritten() {
    let scene = Scene::new("saved_key");
    scene.key("me.pem");
    let path = scene.folder.join("me.pem");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    scene.program(&["approve", "--new-key", "me.pem"]).run().expect_code(2);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    scene.work.file("no.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    scene.save();
    let output = scene.program(&["approve", "saved.json", "--key", "no.pem", "--as", "x"]).run().expect_code(2);
    assert!(output.stderr.contains("no ed25519 private key") && !output.stderr.contains("AAAA"), "{}", output.stderr);
    if let Some(openssl) = on_path("openssl") {
        let made = std::process::Command::new(openssl)
            .args(["genpkey", "-algorithm", "ed25519", "-out"])
            .arg(scene.folder.join("o.pem"))
            .status();
        assert!(made.unwrap().success());
        scene.program(&["approve", "saved.json", "--key", "o.pem", "--as", "x"]).run().expect_code(0);
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| Path::exists(path))
}

#[test]
fn plans_that_build_on_each_other_are_saved_together() {
    let scene = Scene::new("saved_together");
    scene.work.file(
        "b.yaml",
        "format: backstop/v1\nname: b\nrequires: [rename-items]\nbackup: {targets: [{tables: [public.items]}]}\n\
         steps: [{id: s, sql: \"ALTER TABLE items ADD COLUMN b int\"}]\n",
    );
    let output = scene.run(&["plan", "b.yaml", "plan.yaml", "-o", "saved.json", "--exit-code"]).expect_code(9);
    assert!(output.stdout.contains("after rename-items"), "{}", output.stdout);
    scene.run(&["apply", "saved.json", "plan.yaml"]).expect_code(2);
    scene.run(&["apply", "saved.json"]).expect_code(0);
    assert_eq!(scene.database.one("SELECT count(*) FROM backstop.applied"), "2");
    scene.refused(&[], &["run"]);
}

#[test]
fn the_repositorys_environment_and_plans_are_kept() {
    let scene = Scene::new("saved_environment");
    scene.repository(
        "plans = [\"plan.yaml\"]\n[environments.production]\ndatabase_url = { env = \"PROD_URL\" }\nvars = { suffix = \"+\" }\n",
    );
    let run = |arguments: &[&str]| scene.program(arguments).env("PROD_URL", &scene.database.url).run();
    run(&["plan", "--environment", "production", "-o", "saved.json"]).expect_code(0);
    let other = scene.run(&["apply", "saved.json"]).expect_code(0);
    assert!(other.stdout.contains("saved plan"), "{}", other.stdout);
    assert_eq!(scene.database.one("SELECT count(*) FROM items WHERE name LIKE '%+'"), "1000");
    run(&["apply", "saved.json", "--only", "rename-items"]).expect_code(2);
}

#[test]
fn the_file_fits_its_schema() {
    let scene = Scene::new("saved_schema");
    scene.key("me.pem");
    scene.save();
    scene.program(&["approve", "saved.json", "--key", "me.pem", "--as", "me"]).run().expect_code(0);
    let saved: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(scene.folder.join("saved.json")).unwrap()).unwrap();
    let schema = json(&Program::new().arguments(&["schema", "--of", "saved-plan"]).run().expect_code(0));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&saved).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut wrong = saved;
    wrong["content"]["plans"][0]["more"] = 1.into();
    assert!(!validator.is_valid(&wrong));
}
