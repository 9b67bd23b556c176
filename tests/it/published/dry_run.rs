//! What `plan` prints as JSON, of plans that stand in every way.

use serde_json::Value;

use super::schemas::Strict;
use crate::{
    program::work::{Work, run},
    support::{TestDatabase, block_on, database},
};

fn plan(name: &str, requires: &str, sql: &str) -> String {
    format!(
        "format: backstop/v1\nname: {name}\nrequires: [{requires}]\nbackup: {{targets: [{{tables: [public.items]}}]}}\n\
         checks: {{before: [{{id: few, sql: 'SELECT id FROM public.items WHERE id <= 2', expect: {{rows: 0}}, severity: warn}}]}}\n\
         steps: [{{id: s, sql: {sql:?}}}]\n"
    )
}

#[track_caller]
fn looked(database: &TestDatabase, arguments: &[&str], code: i32) -> Value {
    let output = run(database, &[&["plan", "--report", "json"], arguments].concat()).expect_code(code);
    assert_eq!(Strict::of("dry-run").holds_lines(&output.stdout), ["plan"]);
    let value: Value = serde_json::from_str(output.stdout.trim()).unwrap();
    assert_eq!(value["exit_code"], code);
    value
}

#[test]
fn pending_applied_stopped_changed_and_unfinished_plans_fit_the_schema() {
    let (database, work) = (database("published_dry_run"), Work::new());
    database.execute("CREATE TABLE public.items (id int PRIMARY KEY, name text); CREATE TABLE loose (id int); INSERT INTO items SELECT i, 'x' FROM generate_series(1, 9) AS i");
    let first = work.file("plans/first.yaml", &plan("first", "", "ALTER TABLE items ADD COLUMN more int"));
    work.file("plans/second.yaml", &plan("second", "first", "UPDATE loose SET id = 1"));
    let (folder, saved) = (first.parent().unwrap().to_owned(), work.path("saved.json"));
    let (plans, saved) = (folder.to_str().unwrap(), saved.to_str().unwrap());
    let value = block_on(async {
        let holder = database.connect().await;
        holder.client.batch_execute("BEGIN; SELECT count(*) FROM items").await.unwrap();
        let value = looked(&database, &[plans, "--exit-code", "-o", saved], 9);
        drop(holder);
        value
    });
    assert_eq!((&value["verdict"], &value["dry_run"]["plans"][1]["after"][0]), (&"would_run".into(), &"first".into()));
    let statements = value["dry_run"]["plans"][0]["statements"].as_array().unwrap();
    assert!(statements.iter().any(|statement| !statement["held"].as_array().unwrap().is_empty()), "{value:#}");
    assert!(value["dry_run"]["saved"].is_object());
    // As with `apply`, a part of them.
    assert_eq!(looked(&database, &[plans, "--until", "first"], 0)["dry_run"]["plans"].as_array().unwrap().len(), 1);
    let missing = looked(&database, &[plans, "--only", "second"], 4);
    assert!(missing["dry_run"]["plans"][0]["failures"][0]["code"].as_str().unwrap().ends_with("required_plan"));
    run(&database, &["plan", plans, "--only", "thrid"]).expect_code(2);

    run(&database, &["apply", plans, "--only", "first"]).expect_code(0);
    database.execute("CREATE INDEX theirs ON items (name)");
    let value = looked(&database, &[plans], 0);
    let states: Vec<&Value> = value["dry_run"]["plans"].as_array().unwrap().iter().map(|p| &p["state"]["is"]).collect();
    assert_eq!(states, ["applied", "pending"]);
    work.file("plans/first.yaml", &plan("first", "", "ALTER TABLE items ADD COLUMN other int"));
    assert_eq!(looked(&database, &[plans], 3)["verdict"], "changed");
    let held = work.file("held.yaml", &(plan("held", "", "SELECT 1/0") + "rollback: {on_failure: hold}\n"));
    run(&database, &["apply", held.to_str().unwrap()]).expect_code(6);
    assert_eq!(looked(&database, &[plans], 6)["verdict"], "unfinished");
}
