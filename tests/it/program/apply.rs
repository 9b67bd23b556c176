//! `apply`: both ends of a run, and what is refused.

use super::work::{Work, run, state};
use crate::support::database;

const ACCOUNTS: &str = "
    CREATE TABLE public.accounts (id int PRIMARY KEY, email text NOT NULL UNIQUE, product text);
    INSERT INTO public.accounts SELECT i, 'a' || i || '@example.org', CASE WHEN i % 2 = 0 THEN 'old' ELSE 'new' END
    FROM generate_series(1, 100) AS i;
    CREATE VIEW public.old_accounts AS SELECT id, email FROM public.accounts WHERE product = 'old';
    CREATE TABLE public.invoices (id int PRIMARY KEY, account int REFERENCES public.accounts);
    INSERT INTO public.invoices SELECT i, i FROM generate_series(1, 50) AS i;";

const PLAN: &str = "
format: backstop/v1
name: close-accounts
backup: {targets: [{tables: [public.accounts]}]}
checks:
  before:
    - {id: there-are-some, row_count: {table: public.accounts, at_least: 1}}
  unchanged:
    - {id: same-number, sql: SELECT count(*) FROM accounts}
  after:
    - id: none-open
      sql: SELECT id, email FROM accounts WHERE product = 'old' AND closed_at IS NULL
      expect: {rows: 0}
      hint: Does a trigger open them again?
steps:
  - {id: add-column, sql: ALTER TABLE accounts ADD COLUMN closed_at timestamptz}
  - {id: close, sql: UPDATE accounts SET closed_at = now() WHERE product = 'old', expect_rows: 50}
";

#[test]
fn a_plan_is_applied_once_and_never_twice() {
    let (database, work) = (database("apply_once"), Work::new());
    database.execute(ACCOUNTS);
    let output = work.apply(&database, PLAN).expect_code(0);
    for word in ["close-accounts", "add-column", "close", "succeeded"] {
        assert!(output.stdout.contains(word), "{word} is missing in\n{}", output.stdout);
    }
    assert_eq!(database.one("SELECT count(closed_at) FROM accounts"), "50");
    let again = work.apply(&database, PLAN).expect_code(0);
    assert!(again.stdout.contains("nothing to do"), "{}", again.stdout);
    // Layout and comments don't count.
    work.apply(&database, &PLAN.replace("steps:", "# a comment\nsteps:")).expect_code(0);
    let changed = work.apply(&database, &PLAN.replace("expect_rows: 50", "expect_rows: 51")).expect_code(3);
    assert!(changed.stderr.contains("expect_rows"), "{}", changed.stderr);
    assert_eq!(database.one("SELECT count(*) FROM backstop.runs"), "1");
    // Nothing is left of the fence.
    assert_eq!(
        database.one("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'accounts'::regclass"),
        "0"
    );
}

#[test]
fn a_failing_after_check_brings_everything_back() {
    let (database, work) = (database("apply_back"), Work::new());
    database.execute(ACCOUNTS);
    let before = state(&database, &["accounts", "invoices"]);
    let plan =
        PLAN.replace("WHERE product = 'old', expect", "WHERE product = 'old' AND id > 10, expect").replace("50", "45");
    let output = work.apply(&database, &plan).expect_code(5);
    assert!(output.stdout.contains("none-open") && output.stdout.contains("a2@example.org"), "{}", output.stdout);
    assert!(output.stdout.contains("Does a trigger open them again?"), "{}", output.stdout);
    assert_eq!(state(&database, &["accounts", "invoices"]), before);
    // A run that was taken back is no application: the mended plan runs.
    work.apply(&database, PLAN).expect_code(0);
}

#[test]
fn a_failing_step_brings_everything_back_and_shows_the_place() {
    let (database, work) = (database("apply_step"), Work::new());
    database.execute(ACCOUNTS);
    let before = state(&database, &["accounts", "invoices"]);
    let plan = PLAN.replace("SET closed_at = now()", "SET closed_ad = now()");
    let output = work.apply(&database, &plan).expect_code(5);
    assert!(output.stdout.contains("closed_ad") && output.stdout.contains("42703"), "{}", output.stdout);
    assert_eq!(state(&database, &["accounts", "invoices"]), before);
}

#[test]
fn unexpected_rows_fail_the_step_before_its_commit() {
    let (database, work) = (database("apply_rows"), Work::new());
    database.execute(ACCOUNTS);
    let before = state(&database, &["accounts"]);
    let output = work.apply(&database, &PLAN.replace("expect_rows: 50", "expect_rows: 49")).expect_code(5);
    assert!(output.stdout.contains("unexpected_rows"), "{}", output.stdout);
    assert_eq!(state(&database, &["accounts"]), before);
}

#[test]
fn a_failing_before_check_changes_nothing() {
    let (database, work) = (database("apply_before"), Work::new());
    database.execute(ACCOUNTS);
    let before = state(&database, &["accounts"]);
    let output = work.apply(&database, &PLAN.replace("at_least: 1}", "at_least: 101}")).expect_code(4);
    assert!(output.stdout.contains("there-are-some"), "{}", output.stdout);
    assert_eq!(state(&database, &["accounts"]), before);
    assert_eq!(database.one("SELECT count(*) FROM backstop.backups"), "0");
}

#[test]
fn one_transaction_for_the_whole_plan() {
    let (database, work) = (database("apply_plan_transaction"), Work::new());
    database.execute(ACCOUNTS);
    let before = state(&database, &["accounts", "invoices"]);
    let whole = PLAN.replace("name: close-accounts", "name: close-accounts\ntransaction: plan");
    let failing =
        whole.replace("WHERE product = 'old', expect", "WHERE product = 'old' AND id > 10, expect").replace("50", "45");
    let output = work.apply(&database, &failing).expect_code(5);
    assert!(output.stdout.contains("none-open"), "{}", output.stdout);
    assert_eq!(state(&database, &["accounts", "invoices"]), before);
    assert_eq!(database.one("SELECT count(*) FROM backstop.backups"), "0");
    work.apply(&database, &whole).expect_code(0);
    assert_eq!(database.one("SELECT count(closed_at) FROM accounts"), "50");
}

#[test]
fn undo_takes_the_steps_back_and_is_compared_with_the_backup() {
    let (database, work) = (database("apply_undo"), Work::new());
    database.execute(ACCOUNTS);
    let before = state(&database, &["accounts", "invoices"]);
    let plan = PLAN
        .replace(
            "ADD COLUMN closed_at timestamptz}",
            "ADD COLUMN closed_at timestamptz, undo: ALTER TABLE accounts DROP COLUMN closed_at}",
        )
        .replace("expect_rows: 50}", "expect_rows: 50, undo: UPDATE accounts SET closed_at = NULL}")
        .replace("AND closed_at IS NULL", "AND closed_at IS NOT NULL")
        + "rollback: {on_failure: undo}\n";
    let output = work.apply(&database, &plan).expect_code(5);
    assert!(output.stdout.contains("undo add-column"), "{}", output.stdout);
    assert_eq!(state(&database, &["accounts", "invoices"]), before);
}

#[test]
fn a_held_run_waits_for_a_person() {
    let (database, work) = (database("apply_held"), Work::new());
    database.execute(ACCOUNTS);
    let before = state(&database, &["accounts", "invoices"]);
    let plan = PLAN.replace("at_least: 1}", "at_least: 1}\n").replace("AND closed_at IS NULL", "AND closed_at IS NOT NULL")
        + "rollback: {on_failure: hold}\n";
    work.apply(&database, &plan).expect_code(6);
    let status = run(&database, &["status"]).expect_code(0);
    assert!(status.stdout.contains("held"), "{}", status.stdout);
    // Writes of others are refused until somebody decides.
    let refused = crate::support::psql(&database.url, "UPDATE accounts SET product = 'x'").unwrap_err();
    assert!(refused.contains("backstop"), "{refused}");
    // Another plan can't begin meanwhile.
    work.apply(&database, &PLAN.replace("name: close-accounts", "name: another")).expect_code(6);
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(state(&database, &["accounts", "invoices"]), before);
    database.execute("UPDATE accounts SET product = product");

    work.apply(&database, &plan).expect_code(6);
    run(&database, &["accept", "--reason", "as agreed"]).expect_code(0);
    assert_eq!(database.one("SELECT count(closed_at) FROM accounts"), "50");
    database.execute("UPDATE accounts SET product = product");
}

#[test]
fn several_plans_run_in_the_order_of_what_they_require() {
    let (database, work) = (database("apply_order"), Work::new());
    let plan = |name: &str, requires: &str, sql: &str| {
        format!("format: backstop/v1\nname: {name}\nrequires: [{requires}]\nsteps: [{{id: s, sql: {sql}}}]\n")
    };
    let second = work.file("a.yaml", &plan("second", "first", "CREATE TABLE u AS SELECT * FROM t"));
    let first = work.file("b.yaml", &plan("first", "", "CREATE TABLE t (id int)"));
    let missing = run(&database, &["apply", second.to_str().unwrap()]).expect_code(4);
    assert!(missing.stderr.contains("first") || missing.stdout.contains("first"), "{}", missing.stdout);
    run(&database, &["apply", second.to_str().unwrap(), first.to_str().unwrap()]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM u"), "0");
    // A value goes to the plan that declares it; one that none declares is a mistake.
    let third = "format: backstop/v1\nname: third\nvars: {n: {type: integer, required: true}}\nsteps: [{id: s, sql: 'SELECT {{ n }}'}]\n";
    let third = work.file("d.yaml", third);
    let all = [second.to_str().unwrap(), third.to_str().unwrap(), first.to_str().unwrap()];
    run(&database, &[["apply", "--var", "n=1"].as_slice(), &all].concat()).expect_code(0);
    run(&database, &[["apply", "--var", "n=1", "--var", "m=1"].as_slice(), &all].concat()).expect_code(3);
    let circle = work.file("c.yaml", &plan("first", "second", "SELECT 1"));
    run(&database, &["apply", second.to_str().unwrap(), circle.to_str().unwrap()]).expect_code(3);
}
