//! Strong locks: readers hardly wait, who is in the way is named, and is ended only where that was asked for.

use std::time::{Duration, Instant};

use super::work::{Work, run};
use crate::{
    published::schemas::Strict,
    support::{Program, TestDatabase, block_on, database},
};

const PLAN: &str = "
format: backstop/v1
name: strong
session: {lock_timeout: 30s}
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: add, sql: ALTER TABLE items ADD COLUMN note text}
";

fn with_items(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute("CREATE TABLE public.items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, 'one')");
    database
}

#[test]
fn readers_do_not_queue_up_behind_a_step_that_waits() {
    /// What a reader may have to wait: one attempt, and what a busy machine adds.
    const LONGEST: Duration = Duration::from_secs(4);

    let (database, work) = (with_items("locks_readers"), Work::new());
    let plan = work.file("plan.yaml", PLAN);
    let child = block_on(async {
        let holder = database.connect().await;
        holder.client.batch_execute("SET application_name = 'long report'; BEGIN; SELECT * FROM items").await.unwrap();
        let child = Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &database.url]).spawn();
        let reader = database.connect().await;
        let (began, mut longest, mut waited) = (Instant::now(), Duration::ZERO, 0);
        while began.elapsed() < Duration::from_secs(8) {
            let since = Instant::now();
            reader.client.batch_execute("SELECT * FROM items").await.unwrap();
            longest = longest.max(since.elapsed());
            waited += u32::from(since.elapsed() > Duration::from_millis(300));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(longest < LONGEST, "a reader waited {longest:?}");
        assert!(waited > 0, "the step never tried");
        holder.client.batch_execute("COMMIT").await.unwrap();
        child
    });
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for words in [
        "waiting for a lock of pid",
        ", role ",
        "application long report",
        "idle in transaction for ",
        "SELECT * FROM items",
    ] {
        assert!(said.contains(words), "{words} is missing in\n{said}");
    }
    assert_eq!(database.one("SELECT count(*) FROM backstop.events WHERE kind = 'step_started'"), "1");
}

#[test]
fn who_is_in_the_way_is_ended_only_when_asked_to() {
    let (database, work) = (with_items("locks_ended"), Work::new());
    let short = PLAN.replace("30s", "300ms").replace("note text}", "note text, retry: {attempts: 1}}");
    let plan = work.file("plan.yaml", &(short + "rollback: {on_failure: hold}\n"));
    block_on(async {
        let holder = database.connect().await;
        holder.client.batch_execute("SET application_name = 'forgotten'; BEGIN; SELECT * FROM items").await.unwrap();
        let left_alone = run(&database, &["apply", plan.to_str().unwrap()]).expect_code(6);
        let said = left_alone.stdout + &left_alone.stderr;
        assert!(said.contains("forgotten") && said.contains("--terminate-blockers-after"), "{said}");
        holder.client.batch_execute("SELECT 1").await.unwrap();

        let ended = run(&database, &["resume", plan.to_str().unwrap(), "--terminate-blockers-after", "1s"]).expect_code(0);
        assert!(ended.stderr.contains("ended after too long a wait: pid"), "{}", ended.stderr);
        assert!(holder.client.batch_execute("SELECT 1").await.is_err());
    });
    let recorded = "SELECT application, query, actor LIKE '% with backstop %' FROM backstop.terminations";
    assert_eq!(database.one(recorded), "forgotten|SELECT 1|t");
    let shown = run(&database, &["show"]).expect_code(0).stdout;
    assert!(shown.contains("forgotten"), "{shown}");
    let lines = run(&database, &["show", "--format", "json"]).expect_code(0).stdout;
    assert!(Strict::of("events").holds_lines(&lines).contains(&"session_ended".to_owned()), "{lines}");
}

#[test]
fn a_role_that_may_end_nobody_is_told_so_at_the_start() {
    let (database, work) = (with_items("locks_grant"), Work::new());
    let role = database.role("runner", "LOGIN");
    let plan = work.file("plan.yaml", PLAN);
    let url = database.url_as(&role);
    let arguments = ["apply", plan.to_str().unwrap(), "--database-url", &url, "--terminate-blockers-after", "1s"];
    let said = Program::new().arguments(&arguments).run().expect_code(4).stderr;
    assert!(said.contains("GRANT pg_signal_backend, pg_read_all_stats TO"), "{said}");
    assert_eq!(database.one("SELECT to_regnamespace('backstop') IS NULL"), "t");
}
