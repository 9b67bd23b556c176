//! What the other commands print as JSON.

use serde_json::Value;

use super::schemas::Strict;
use crate::{
    program::work::{Work, run},
    support::{Output, Program, backstop, database},
};

const PLAN: &str = "format: backstop/v1
name: one
backup: {targets: [{tables: [public.items]}]}
checks:
  before: [{id: few, sql: 'SELECT id FROM public.items WHERE id <= 2', expect: {rows: 0}, severity: warn, hint: Look.}]
  after: [{id: there, row_count: {table: public.items, at_least: 1}}]
steps: [{id: s, sql: \"UPDATE public.items SET name = name || '!'\"}]
";

/// The one value that was printed, which fits the schema and is of this kind.
#[track_caller]
fn answer(strict: &Strict, output: &Output, kind: &str) -> Value {
    assert_eq!(strict.holds_lines(&output.stdout), [kind], "{}", output.stderr);
    serde_json::from_str(output.stdout.trim()).unwrap()
}

#[test]
fn answers_about_runs_and_backups() {
    let (database, work, strict) = (database("published_answers"), Work::new(), Strict::of("answers"));
    database.execute("CREATE TABLE public.items (id int PRIMARY KEY, name text); INSERT INTO items SELECT i, 'x' FROM generate_series(1, 9) AS i");
    let path = work.file("plans/plan.yaml", PLAN);
    let (file, folder) = (path.to_str().unwrap(), path.parent().unwrap().to_str().unwrap());
    let ask = |arguments: &[&str]| run(&database, &[arguments, &["--format", "json"]].concat());
    answer(&strict, &ask(&["status"]), "status");
    answer(&strict, &ask(&["history"]), "history");
    answer(&strict, &ask(&["status", folder, "other", "--require"]).expect_code(9), "plans");
    let checks = answer(&strict, &ask(&["check", folder]).expect_code(0), "checks");
    assert_eq!(checks["plans"][0]["results"][0]["outcome"], "warn");
    answer(&strict, &ask(&["install", file]).expect_code(0), "installed");
    run(&database, &["apply", file]).expect_code(0);
    let held = work.file("held.yaml", &PLAN.replace("name: one", "name: held").replace("at_least: 1", "at_least: 99"));
    std::fs::write(&held, std::fs::read_to_string(&held).unwrap() + "rollback: {on_failure: hold}\n").unwrap();
    run(&database, &["apply", held.to_str().unwrap()]).expect_code(6);
    let status = answer(&strict, &ask(&["status"]), "status");
    assert_eq!((&status["unfinished"][0]["state"], &status["applied"][0]["plan"]), (&"held".into(), &"one".into()));
    let history = answer(&strict, &ask(&["history"]), "history");
    assert_eq!(history["runs"].as_array().unwrap().len(), 2);
    answer(&strict, &ask(&["pause"]), "paused");
    answer(&strict, &ask(&["continue"]), "continued");
    answer(&strict, &ask(&["continue"]), "not_paused");
    let preview = answer(&strict, &ask(&["restore", "--dry-run"]).expect_code(0), "restore_preview");
    assert!(!preview["statements"].as_array().unwrap().is_empty(), "{preview:#}");
    run(&database, &["accept", "--reason", "test"]).expect_code(0);
    let made = answer(&strict, &ask(&["backup", "create", file]).expect_code(0), "backup");
    let id = made["backup"]["backup"].as_str().unwrap();
    let list = answer(&strict, &ask(&["backup", "list"]), "backups");
    assert_eq!(list["backups"].as_array().unwrap().len(), 3);
    let of_one = answer(&strict, &ask(&["backup", "list", "--plan", "one"]), "backups");
    assert_eq!(of_one["backups"].as_array().unwrap().len(), 2);
    ask(&["backup", "list", "one"]).expect_code(2);
    answer(&strict, &ask(&["backup", "verify"]).expect_code(0), "verified");
    answer(&strict, &ask(&["backup", "verify", "--quick"]).expect_code(0), "verified");
    database.execute("DELETE FROM items WHERE id = 1; ALTER TABLE items ADD COLUMN later int; CREATE TABLE beside (id int)");
    let difference = answer(&strict, &ask(&["diff", "--backup", id, "--exit-code"]).expect_code(1), "difference");
    assert_eq!(difference["rows"][0]["removed"], 1);
    answer(&strict, &ask(&["restore", "--backup", id, "--dry-run"]), "restore_preview");
    let into = format!("{}_beside", database.name);
    answer(&strict, &ask(&["restore", "--backup", id, "--into", &into]).expect_code(0), "restored_beside");
    database.execute(&format!("DROP DATABASE \"{into}\""));
    answer(&strict, &ask(&["backup", "prune", "--keep", "1", "--dry-run"]).expect_code(0), "would_remove");
    answer(&strict, &ask(&["backup", "prune", "--keep", "1"]).expect_code(0), "removed");
    answer(&strict, &ask(&["show", "nonsense"]).expect_code(2), "failed");
}

#[test]
fn answers_about_files() {
    let (work, strict) = (Work::new(), Strict::of("answers"));
    let folder = work.file("plans/plan.yaml", PLAN).parent().unwrap().parent().unwrap().to_owned();
    let ask =
        |arguments: &[&str]| Program::new().directory(&folder).arguments(arguments).arguments(&["--format", "json"]).run();
    answer(&strict, &ask(&["init", "made"]).expect_code(0), "written");
    answer(&strict, &ask(&["new", "another", "--into", "plans"]).expect_code(0), "written");
    answer(&strict, &ask(&["fmt", "plans", "--check"]), "formatted");
    assert_eq!(strict.holds_lines(&ask(&["render", "plans"]).expect_code(0).stdout), ["rendered", "rendered"]);
    answer(&strict, &ask(&["lint", "--rules"]).expect_code(0), "rules");
    answer(&strict, &ask(&["lint", "--explain", "drop-table"]).expect_code(0), "rule");
    answer(&strict, &ask(&["approve", "--new-key", "me.pem"]).expect_code(0), "key");
    work.file("broken.yaml", "format: backstop/v1\nname: [");
    for command in ["render", "lint", "fmt", "check", "plan"] {
        answer(&strict, &ask(&[command, "broken.yaml"]).expect_code(3), "invalid");
    }
    answer(&strict, &backstop(&["render", "none.yaml", "--format", "json"]).expect_code(2), "failed");
}
