//! What runs print as JSON lines, in all their outcomes.

use serde_json::json;

use super::schemas::Strict;
use crate::{
    program::work::{Work, run},
    support::{Program, TestDatabase, backstop, database},
};

const ITEMS: &str = "CREATE TABLE public.items (id int PRIMARY KEY, name text);
    INSERT INTO public.items SELECT i, 'item ' || i FROM generate_series(1, 10) AS i";

fn plan(name: &str, steps: &str, more: &str) -> String {
    format!(
        "format: backstop/v1\nname: {name}\nbackup: {{targets: [{{tables: [public.items]}}]}}\n\
         checks:\n  before: [{{id: there, row_count: {{table: public.items, at_least: 1}}}}]\n  \
         unchanged: [{{id: count, sql: SELECT count(*) FROM public.items}}]\n  \
         after: [{{id: named, sql: \"SELECT id, name FROM public.items WHERE name = 'bad'\", expect: {{rows: 0}}, hint: Mend them.}}]\n\
         steps: [{steps}]\n{more}"
    )
}

const FINE: &str = "{id: fine, sql: \"UPDATE public.items SET name = name || '!'\"}, {id: column, sql: ALTER TABLE public.items ADD COLUMN more int}";
const BAD: &str = "{id: bad, sql: \"UPDATE public.items SET name = 'bad' WHERE id < 3\"}, {id: made, sql: CREATE TABLE public.made AS SELECT 1 AS n}";

fn with_items(name: &str) -> (TestDatabase, Work) {
    let database = database(name);
    database.execute(ITEMS);
    (database, Work::new())
}

/// Applies a plan and gives the kinds of what was printed.
#[track_caller]
fn applied(database: &TestDatabase, work: &Work, plan: &str, code: i32) -> Vec<String> {
    let output = work.apply_with(database, plan, &["--format", "json"]).expect_code(code);
    Strict::of("events").holds_lines(&output.stdout)
}

#[test]
fn a_run_that_succeeds_and_is_shown_again() {
    let (database, work) = with_items("published_success");
    let kinds = applied(&database, &work, &plan("fine", FINE, ""), 0);
    assert_eq!(kinds.first().map(String::as_str), Some("run_started"));
    assert_eq!(kinds.last().map(String::as_str), Some("run_ended"));
    assert_eq!(applied(&database, &work, &plan("fine", FINE, ""), 0), ["nothing_to_do"]);
    let shown = run(&database, &["show", "--format", "json"]).expect_code(0);
    assert_eq!(Strict::of("events").holds_lines(&shown.stdout), kinds);
    // In a trace, and in one transaction.
    let traced = work.file("traced.yaml", &plan("traced", "{id: s, sql: SELECT 1}", "transaction: plan\n"));
    let output = Program::new()
        .arguments(&["apply", traced.to_str().unwrap(), "--format", "json", "--database-url", &database.url])
        .env("TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .run()
        .expect_code(0);
    let kinds = Strict::of("events").holds_lines(&output.stdout);
    assert!(kinds.contains(&"transaction_opened".to_owned()), "{kinds:?}");
    assert!(output.stdout.contains("4bf92f3577b34da6a3ce929d0e0e4736"), "{}", output.stdout);
    // In batches.
    let batches = plan(
        "batches",
        "{id: s, batch: {table: public.items, key: id, size: 20}, sql: \"UPDATE public.items SET more = 1 WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }}\"}",
        "",
    );
    let path = work.file("batches.yaml", &batches);
    let output = run(&database, &["apply", path.to_str().unwrap(), "--format", "json"]);
    let kinds = Strict::of("events").holds_lines(&output.stdout);
    assert!(output.code == Some(0) && kinds.contains(&"batch_committed".to_owned()), "{}{}", output.stdout, output.stderr);
}

#[test]
fn runs_that_fail_and_are_brought_back() {
    let (database, work) = with_items("published_restored");
    let kinds = applied(&database, &work, &plan("bad", BAD, ""), 5);
    for kind in ["after_checks_failed", "restore_started", "restore_completed"] {
        assert!(kinds.contains(&kind.to_owned()), "{kinds:?}");
    }
    let undone = "{id: undone, sql: \"UPDATE public.items SET name = 'bad' WHERE id = 1\", \
                  undo: \"UPDATE public.items SET name = 'item 1' WHERE id = 1\"}";
    let kinds = applied(&database, &work, &plan("undone", undone, "rollback: {on_failure: undo}\n"), 5);
    assert!(kinds.contains(&"undo_verified".to_owned()), "{kinds:?}");
    let wrong = undone.replace("name = 'item 1'", "name = 'item 2'");
    let kinds = applied(&database, &work, &plan("wrong", &wrong, "rollback: {on_failure: undo}\n"), 5);
    assert!(kinds.contains(&"undo_differs".to_owned()), "{kinds:?}");
    let broken = plan("broken", "{id: s, sql: SELECT 1/0, retry: {attempts: 2, backoff: 1ms}}", "");
    let kinds = applied(&database, &work, &broken, 5);
    assert!(kinds.contains(&"step_failed".to_owned()), "{kinds:?}");
    let whole = plan("whole", "{id: s, sql: SELECT 1/0}", "transaction: plan\n");
    let kinds = applied(&database, &work, &whole, 5);
    assert!(kinds.contains(&"transaction_rolled_back".to_owned()), "{kinds:?}");
}

#[test]
fn runs_that_never_begin() {
    let (database, work) = with_items("published_aborted");
    let kinds = applied(&database, &work, &plan("empty", FINE, "").replace("at_least: 1", "at_least: 99"), 4);
    assert!(kinds.contains(&"before_checks_failed".to_owned()), "{kinds:?}");
    let kinds = applied(&database, &work, &plan("gone", FINE, "").replace("[public.items]", "[public.gone]"), 4);
    assert!(kinds.contains(&"preflight_failed".to_owned()), "{kinds:?}");
    assert_eq!(applied(&database, &work, "format: backstop/v1\nname: [", 3), ["invalid"]);
    let output = backstop(&["apply", "no-such-plan.yaml", "--format", "json"]).expect_code(2);
    assert_eq!(Strict::of("events").holds_lines(&output.stdout), ["failed"]);
}

#[test]
fn runs_that_are_held_resumed_accepted_and_stuck() {
    let (database, work) = with_items("published_held");
    let strict = Strict::of("events");
    // People mend what a held run waits for.
    let plan =
        |name: &str, steps: &str, more: &str| plan(name, steps, more).replace("backup: {", "backup: {writers: allow, ");
    let hold = "rollback: {on_failure: hold}\n";
    let kinds = applied(&database, &work, &plan("held", BAD, hold), 6);
    assert_eq!(kinds.last().map(String::as_str), Some("run_ended"));
    assert_eq!(applied(&database, &work, &plan("other", FINE, ""), 6), ["failed"]);
    // The cause is mended, and the run goes on.
    database.execute("UPDATE public.items SET name = 'good' WHERE name = 'bad'");
    let path = work.file("held.yaml", &plan("held", BAD, hold));
    let output = run(&database, &["resume", path.to_str().unwrap(), "--format", "json"]).expect_code(0);
    let kinds = strict.holds_lines(&output.stdout);
    assert!(kinds.contains(&"run_resumed".to_owned()) && kinds.contains(&"run_succeeded".to_owned()), "{kinds:?}");
    // Another one is kept as it stands.
    let bad = "{id: bad, sql: \"UPDATE public.items SET name = 'bad' WHERE id = 5\"}";
    applied(&database, &work, &plan("kept", bad, hold), 6);
    let output = run(&database, &["accept", "--reason", "it is meant so", "--format", "json"]).expect_code(0);
    assert!(strict.holds_lines(&output.stdout).contains(&"run_accepted".to_owned()));
    database.execute("UPDATE public.items SET name = 'good' WHERE name = 'bad'");
    // And one can't be brought back: its copy was changed. Then it can.
    applied(&database, &work, &plan("stuck", bad, hold), 6);
    let copy = database.one(
        "SELECT copy_name FROM backstop.backup_tables AS t JOIN backstop.backups AS b ON b.id = t.backup WHERE b.plan = 'stuck'",
    );
    database.execute(&format!("UPDATE backup_pre_migration.\"{copy}\" SET name = 'x' WHERE id = 1"));
    let output = run(&database, &["restore", "--yes", "--format", "json"]).expect_code(7);
    let kinds = strict.holds_lines(&output.stdout);
    assert!(kinds.contains(&"restore_requested".to_owned()) && kinds.contains(&"restore_failed".to_owned()), "{kinds:?}");
    database.execute(&format!("UPDATE backup_pre_migration.\"{copy}\" SET name = 'good' WHERE id = 1"));
    let output = run(&database, &["restore", "--yes", "--format", "json"]).expect_code(0);
    assert!(strict.holds_lines(&output.stdout).contains(&"restore_completed".to_owned()));
    // By choice, in a run of its own.
    database.execute("UPDATE public.items SET name = 'later'");
    let backup = database.one("SELECT id FROM backstop.backups WHERE plan = 'held' ORDER BY id LIMIT 1");
    let output = run(&database, &["restore", "--backup", &backup, "--yes", "--format", "json"]).expect_code(0);
    assert!(strict.holds_lines(&output.stdout).contains(&"restore_completed".to_owned()));
}

#[test]
fn the_schema_allows_nothing_else() {
    let strict = Strict::of("events");
    let line = json!({"run": "r", "seq": 1, "at": "2026-01-01T00:00:00Z", "actor": "me", "event": {"kind": "run_resumed"}});
    strict.holds(&line);
    let mut other = line.clone();
    other["event"]["more"] = json!(1);
    strict.refuses(&other);
    other = line.clone();
    other["event"]["kind"] = json!("run_rested");
    strict.refuses(&other);
    other = line;
    other["seq"] = json!("1");
    strict.refuses(&other);
    strict.refuses(&json!({"kind": "failed", "failures": []}));
}
