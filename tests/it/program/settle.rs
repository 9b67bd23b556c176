//! Steps outside a transaction of which nobody knows what became: looked at, and settled by a person; and an INVALID index, which
//! is never taken for success.

use super::work::{Work, run, state, until_runs};
use crate::{
    published::schemas::Strict,
    support::{Program, TestDatabase, block_on, database},
};

const ITEMS: &str = "
    CREATE TABLE public.busy (i int);
    CREATE TABLE public.items (id int PRIMARY KEY, n int NOT NULL);
    INSERT INTO public.items SELECT i, i / 2 FROM generate_series(1, 100) AS i;";

/// The first step is a statement of which nobody can tell whether it was applied.
const PLAN: &str = "
format: backstop/v1
name: doubtful
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: unknown, transaction: none, sql: ANALYZE public.busy}
  - {id: next, sql: UPDATE items SET n = n + 1}
";

/// A run whose runner was killed in its first step, and that is held because nobody knows what became of that.
fn in_doubt(name: &str) -> (TestDatabase, Work, String) {
    let (database, work) = (database(name), Work::new());
    database.execute(ITEMS);
    let plan = work.file("plan.yaml", PLAN).to_str().unwrap().to_owned();
    block_on(async {
        let other = database.connect().await;
        other.client.batch_execute("BEGIN; LOCK TABLE public.busy IN SHARE UPDATE EXCLUSIVE MODE").await.unwrap();
        let mut child = Program::new().arguments(&["apply", &plan, "--database-url", &database.url]).spawn();
        until_runs(&database, "ANALYZE public.busy");
        child.kill().unwrap();
        child.wait().unwrap();
        other.client.batch_execute("ROLLBACK").await.unwrap();
    });
    let held = run(&database, &["resume", &plan]).expect_code(6);
    assert!(held.stdout.contains("settle"), "{}", held.stdout);
    (database, work, plan)
}

#[test]
fn a_person_settles_a_step_and_the_run_goes_on() {
    let (database, _work, plan) = in_doubt("settle_applied");
    let id = database.one("SELECT run::text FROM backstop.runs");
    run(&database, &["settle", &id, "next"]).expect_code(2);
    let seen = run(&database, &["settle", &id, "unknown"]).expect_code(6);
    assert!(seen.stdout.contains("no session runs it any more"), "{}", seen.stdout);
    let evidence = run(&database, &["settle", &id, "unknown", "--format", "json"]).expect_code(6).stdout;
    assert_eq!(Strict::of("answers").holds_lines(&evidence), ["evidence"]);
    run(&database, &["settle", &id, "unknown", "--as", "applied"]).expect_code(2);
    assert_eq!(database.one("SELECT count(*) FROM backstop.events WHERE kind = 'step_settled'"), "0");
    run(&database, &["settle", &id, "unknown", "--as", "applied", "--reason", "nothing to apply"]).expect_code(6);
    let recorded =
        "SELECT event ->> 'outcome' || ', ' || (event ->> 'reason') || ', ' || jsonb_array_length(event -> 'evidence')
                    FROM backstop.events WHERE kind = 'step_settled'";
    assert_eq!(database.one(recorded), "applied, nothing to apply, 2");
    run(&database, &["settle", &id, "unknown", "--as", "applied", "--reason", "again"]).expect_code(2);
    run(&database, &["resume", &plan]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM items WHERE n = id / 2 + 1"), "100");
}

#[test]
fn a_settled_run_can_be_restored() {
    let (database, _work, _plan) = in_doubt("settle_restored");
    let id = database.one("SELECT run::text FROM backstop.runs");
    let before = state(&database, &["public.items"]).1;
    run(&database, &["settle", &id, "unknown", "--as", "not-applied", "--reason", "cut off"]).expect_code(6);
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(state(&database, &["public.items"]).1, before);
    assert_eq!(database.one("SELECT outcome FROM backstop.runs"), "restored");
}

#[test]
fn an_invalid_index_of_that_name_is_built_anew() {
    let (database, work) = (database("settle_invalid"), Work::new());
    database.execute(ITEMS);
    database.execute("CREATE TABLE public.others (n int); INSERT INTO public.others VALUES (1), (1)");
    crate::support::block_on(async {
        let session = database.connect().await;
        session.client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY others_n ON others (n)").await.unwrap_err();
    });
    let valid = "SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'others_n'::regclass";
    assert_eq!(database.one(valid), "false");
    let plan = "
format: backstop/v1
name: build
backup: {targets: [{tables: [public.items]}]}
steps:
  - id: index
    transaction: none
    retry: {attempts: 2, backoff: 10ms}
    sql: CREATE INDEX CONCURRENTLY IF NOT EXISTS others_n ON others (n)
";
    work.apply(&database, plan).expect_code(0);
    assert_eq!(database.one(valid), "true");
}

const PARTS: &str = "
    CREATE TABLE public.parts (id int NOT NULL, n int) PARTITION BY RANGE (id);
    CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES FROM (0) TO (50);
    CREATE TABLE public.parts_2 PARTITION OF public.parts FOR VALUES FROM (50) TO (100);
    INSERT INTO public.parts SELECT i, i FROM generate_series(0, 99) AS i;";

const DETACH: &str = "
format: backstop/v1
name: detach
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: detach, transaction: none, sql: ALTER TABLE parts DETACH PARTITION parts_1 CONCURRENTLY}
";

#[test]
fn a_partition_that_the_backup_does_not_hold_is_not_detached() {
    let (database, work) = (database("settle_detached"), Work::new());
    database.execute(PARTS);
    database.execute(ITEMS);
    let before = state(&database, &["public.parts_1", "public.parts_2"]);
    let output = work.apply(&database, DETACH).expect_code(5);
    assert!(output.stdout.contains("backstop::run::uncovered_write"), "{}", output.stdout);
    assert_eq!(state(&database, &["public.parts_1", "public.parts_2"]), before);
}

#[test]
fn a_detachment_that_was_cut_off_is_ended() {
    if crate::support::server_major() < 14 {
        // DETACH PARTITION … CONCURRENTLY is from version 14.
        return;
    }
    let database = database("settle_pending");
    database.execute(PARTS);
    // One that waits for an open transaction, and is cut off in that.
    crate::support::block_on(async {
        let reader = database.connect().await;
        reader.client.batch_execute("BEGIN; SELECT count(*) FROM parts").await.unwrap();
        let other = database.connect().await;
        let cut = "SET statement_timeout = '500ms'";
        other.client.batch_execute(cut).await.unwrap();
        let detach = "ALTER TABLE parts DETACH PARTITION parts_1 CONCURRENTLY";
        other.client.batch_execute(detach).await.unwrap_err();
        reader.client.batch_execute("ROLLBACK").await.unwrap();
    });
    let pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending";
    assert_eq!(database.one(pending), "1");
    let detached = backstop::sql::split("ALTER TABLE parts DETACH PARTITION parts_1 CONCURRENTLY").unwrap();
    let settled = crate::support::block_on(async {
        let session = database.connect().await;
        let path = backstop::postgres::search_path::PlanPath::of_schemas(&["public".to_owned()]);
        backstop::postgres::step::statement_applied_state(&session.client, &path, &detached[0]).await.unwrap()
    });
    assert_eq!(settled, Some(true));
    assert_eq!(database.one("SELECT count(*) FROM pg_inherits WHERE inhparent = 'parts'::regclass"), "1");
}
