//! What goes wrong around a run: each a clear message with what to do, the documented exit code, and an unchanged database.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use super::work::{Work, run, state, until_runs};
use crate::support::{Program, TestDatabase, block_on, database};

const ITEMS: &str = "
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    CREATE TABLE public.items (id int PRIMARY KEY, name text);
    INSERT INTO public.items SELECT i, 'item ' || i FROM generate_series(1, 1000) AS i;";

const PLAN: &str = "
format: backstop/v1
name: rename
session: {lock_timeout: 300ms}
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: rename, sql: ALTER TABLE items RENAME COLUMN name TO title, retry: {attempts: 2, backoff: 10ms}}
";

fn with_items(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute(ITEMS);
    database
}

/// Applies the plan at this place, and gives what standard error said.
#[track_caller]
fn aborted(url: &str, words: &[&str]) {
    let work = Work::new();
    let plan = work.file("plan.yaml", PLAN);
    let output = Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", url]).run().expect_code(4);
    let said = format!("{}{}", output.stdout, output.stderr);
    for word in words {
        assert!(said.contains(word), "{word} is missing in\n{said}");
    }
}

#[test]
fn an_unreachable_host_is_named() {
    aborted("postgresql://nobody@127.0.0.1:1/none", &["127.0.0.1", "backstop::connect::"]);
}

#[test]
fn a_missing_database_is_named() {
    let database = with_items("trouble_database");
    let url = database.url.replace(&database.name, "no_such_database");
    aborted(&url, &["no_such_database", "3D000"]);
}

#[test]
fn a_missing_privilege_comes_with_its_grant() {
    let database = with_items("trouble_privilege");
    let role = database.role("poor", "LOGIN");
    let before = state(&database, &["items"]);
    aborted(&database.url_as(&role), &["GRANT", &role.name]);
    database.execute(&format!("GRANT CREATE ON DATABASE \"{}\" TO \"{}\"", database.name, role.name));
    aborted(&database.url_as(&role), &["GRANT", "items"]);
    assert_eq!(state(&database, &["items"]), before);
    database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
}

#[test]
fn an_administrator_may_make_the_schemas_in_place_of_a_privilege() {
    let database = with_items("trouble_schemas");
    let role = database.role("runner", "LOGIN");
    let owns = |what: &str| database.execute(&format!("{what} \"{}\"", role.name));
    owns("ALTER TABLE public.items OWNER TO");
    owns("GRANT USAGE, CREATE ON SCHEMA public TO");
    owns("CREATE SCHEMA backstop AUTHORIZATION");
    owns("CREATE SCHEMA backup_pre_migration AUTHORIZATION");
    let work = Work::new();
    let plan = work.file("plan.yaml", PLAN);
    let url = database.url_as(&role);
    let arguments = ["apply", plan.to_str().unwrap(), "--database-url", &url];
    Program::new().arguments(&arguments).run().expect_code(0);
    assert_eq!(database.one("SELECT count(title) FROM items"), "1000");
    database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
}

#[test]
fn nobody_is_advised_to_become_a_superuser() {
    let database = with_items("trouble_advice");
    let role = database.role("poor", "LOGIN");
    database.execute(&format!("GRANT CREATE ON DATABASE \"{}\" TO \"{}\"", database.name, role.name));
    aborted(&database.url_as(&role), &["ALTER TABLE", "OWNER TO", &role.name]);
    database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
}

#[test]
fn a_read_only_server_is_recognized() {
    let database = with_items("trouble_read_only");
    database.execute(&format!("ALTER DATABASE \"{}\" SET default_transaction_read_only = on", database.name));
    aborted(&database.url, &["read-only"]);
    assert_eq!(database.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'backstop'"), "0");
}

#[test]
fn a_locked_table_names_who_holds_it() {
    let (database, work) = (with_items("trouble_locked"), Work::new());
    let before = state(&database, &["items"]);
    block_on(async {
        let other = database.connect().await;
        other.client.batch_execute("SET application_name = 'the other one'; BEGIN; LOCK TABLE items").await.unwrap();
        let output = work.apply(&database, PLAN).expect_code(4);
        let said = output.stdout + &output.stderr;
        assert!(said.contains("the other one") && said.contains("pg_terminate_backend"), "{said}");
        other.client.batch_execute("ROLLBACK").await.unwrap();
    });
    assert_eq!(state(&database, &["items"]), before);
    assert_eq!(database.one("SELECT count(*) FROM backstop.backups"), "0");
    work.apply(&database, PLAN).expect_code(0);
}

#[test]
fn another_run_holds_the_lock() {
    let (database, work) = (with_items("trouble_busy"), Work::new());
    block_on(async {
        let other = database.connect().await;
        backstop::postgres::journal::make(&other.client).await.unwrap();
        backstop::postgres::lock::acquire(&other.client, Duration::ZERO, |_| {}).await.unwrap();
        let started = Instant::now();
        let output = work.apply_with(&database, PLAN, &["--lock-wait", "500ms"]).expect_code(8);
        assert!(output.stderr.contains("backstop::lock::busy"), "{}", output.stderr);
        assert!(started.elapsed() >= Duration::from_millis(500));
    });
    work.apply(&database, PLAN).expect_code(0);
}

#[test]
fn a_signal_holds_the_run_and_a_restore_takes_it_back() {
    let (database, work) = (with_items("trouble_signal"), Work::new());
    let slow =
        PLAN.to_owned() + "  - {id: slow, sql: SELECT pg_sleep(60)}\n  - {id: last, sql: UPDATE items SET title = 'x'}\n";
    let plan = work.file("plan.yaml", &slow);
    let child = Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &database.url]).spawn();
    until_runs(&database, "pg_sleep(60)");
    let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(database.one("SELECT kind FROM backstop.events ORDER BY at DESC, seq DESC LIMIT 1"), "run_interrupted");
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(database.one("SELECT count(name) FROM items"), "1000");
}

#[test]
fn a_killed_run_is_resumed_where_it_stopped() {
    let (database, work) = (with_items("trouble_killed"), Work::new());
    let plan = PLAN.to_owned()
        + "  - {id: wait, sql: SELECT pg_sleep(CASE WHEN EXISTS (SELECT FROM public.brake) THEN 60 ELSE 0 END)}\n\
           \x20 - {id: last, sql: UPDATE items SET title = title || '!'}\n";
    database.execute("CREATE TABLE public.brake AS SELECT 1");
    let file = work.file("plan.yaml", &plan);
    let mut child = Program::new().arguments(&["apply", file.to_str().unwrap(), "--database-url", &database.url]).spawn();
    until_runs(&database, "pg_sleep(CASE");
    child.kill().unwrap();
    child.wait().unwrap();
    database.execute("DELETE FROM public.brake");
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(CASE%' AND pid <> pg_backend_pid()");
    run(&database, &["resume", file.to_str().unwrap()]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM items WHERE title = 'item ' || id || '!'"), "1000");
}
