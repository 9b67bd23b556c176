//! The program behind the real pgbouncer: refused where its sessions are handed around, before anything is changed or locked.

use std::sync::atomic::{AtomicBool, Ordering};

use super::work::Work;
use crate::support::{Output, Pgbouncer, Program, TestDatabase, database};

const PLAN: &str = "
format: backstop/v1
name: rename
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: rename, sql: ALTER TABLE items RENAME COLUMN name TO title}
";

fn with_items(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute("CREATE TABLE public.items (id int PRIMARY KEY, name text)");
    database
}

fn apply(url: &str) -> Output {
    let work = Work::new();
    let plan = work.file("plan.yaml", PLAN);
    Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", url]).run()
}

#[track_caller]
fn refused(database: &TestDatabase, output: Output) {
    let Output { stderr, .. } = output.expect_code(4);
    for words in ["backstop::preflight::pooler", "URL of the server itself", &database.one("SHOW port")] {
        assert!(stderr.contains(words), "{words} is missing in\n{stderr}");
    }
    assert_eq!(database.one("SELECT to_regnamespace('backstop') IS NULL"), "t");
    assert_eq!(database.one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"), "0");
}

#[test]
fn a_pooler_of_transactions_is_refused() {
    let database = with_items("pooler_transaction");
    let pgbouncer = Pgbouncer::start(&database, "transaction");
    refused(&database, apply(&pgbouncer.url()));
    // Its sessions are there by now, more than are needed.
    refused(&database, apply(&pgbouncer.url()));
    let work = Work::new();
    let plan = work.file("plan.yaml", PLAN);
    let arguments = ["backup", "create", plan.to_str().unwrap(), "--database-url", &pgbouncer.url()];
    refused(&database, Program::new().arguments(&arguments).run());
}

#[test]
fn a_pooler_of_transactions_is_refused_while_others_use_it() {
    let database = with_items("pooler_busy");
    let pgbouncer = Pgbouncer::start(&database, "transaction");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let _ = crate::support::psql(&pgbouncer.url(), &"BEGIN; SELECT pg_sleep(0.002); COMMIT;\n".repeat(200));
                }
            });
        }
        let refusals: Vec<Output> = (0..5).map(|_| apply(&pgbouncer.url())).collect();
        over.store(true, Ordering::SeqCst);
        for refusal in refusals {
            refused(&database, refusal);
        }
    });
}

#[test]
fn a_pooler_of_statements_is_refused() {
    let database = with_items("pooler_statement");
    let pgbouncer = Pgbouncer::start(&database, "statement");
    refused(&database, apply(&pgbouncer.url()));
}

#[test]
fn a_pooler_of_sessions_is_fine() {
    let database = with_items("pooler_session");
    let pgbouncer = Pgbouncer::start(&database, "session");
    apply(&pgbouncer.url()).expect_code(0);
    assert_eq!(database.one("SELECT count(title) FROM items"), "0");
}

#[test]
fn looking_works_through_a_pooler_of_sessions_and_writes_nothing() {
    let (database, work) = (with_items("pooler_look"), Work::new());
    let pgbouncer = Pgbouncer::start(&database, "session");
    // A check that writes is refused in a session that can't write, also after the session was brought back to its beginning.
    let plan = work.file(
        "plan.yaml",
        &format!("{PLAN}checks:\n  before:\n    - {{id: one, sql: SELECT 1, expect: {{rows: 1}}}}\n    - {{id: two, sql: SELECT 2, expect: {{rows: 1}}}}\n"),
    );
    let plan = plan.to_str().unwrap();
    let saved = work.path("saved.json");
    let through = ["--database-url", &pgbouncer.url()];
    let out = ["--out", saved.to_str().unwrap()];
    Program::new().arguments(&["plan", plan]).arguments(&out).arguments(&through).run().expect_code(0);
    assert_eq!(database.one("SELECT to_regnamespace('backstop') IS NULL"), "t");
    Program::new().arguments(&["apply", saved.to_str().unwrap()]).arguments(&through).run().expect_code(0);
    assert_eq!(database.one("SELECT count(title) FROM items"), "0");
}

#[test]
fn looking_through_a_pooler_of_transactions_is_refused_and_leaves_its_sessions_as_they_were() {
    let (database, work) = (with_items("pooler_look_transaction"), Work::new());
    let pgbouncer = Pgbouncer::start(&database, "transaction");
    let plan = work.file("plan.yaml", PLAN);
    refused(
        &database,
        Program::new().arguments(&["plan", plan.to_str().unwrap(), "--database-url", &pgbouncer.url()]).run(),
    );
    let settings = "SELECT current_setting('default_transaction_read_only') || current_setting('statement_timeout')";
    for _ in 0..3 {
        assert_eq!(crate::support::psql(&pgbouncer.url(), settings).unwrap(), "off0");
    }
    // What the connection string itself asks for at startup is named as what is in the way.
    let url = format!("{}&options=-c%20work_mem%3D8MB", pgbouncer.url());
    let output = Program::new().arguments(&["status", "--database-url", &url]).run().expect_code(4);
    assert!(output.stderr.contains("backstop::connect::options_refused"), "{}", output.stderr);
    refused(&database, Program::new().arguments(&["status", "--database-url", &pgbouncer.url()]).run());
}
