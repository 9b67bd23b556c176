//! Several runners on one database: one runs, the others wait or say who does; one that was believed dead writes nothing.

use std::process::Child;

use super::work::{Work, run, signal, until};
use crate::support::{Output, Program, TestDatabase, block_on, database};

const ITEMS: &str = "CREATE TABLE public.items (id int PRIMARY KEY, name text);
    INSERT INTO public.items SELECT i, 'item ' || i FROM generate_series(1, 100) AS i;";

/// A run that stands still in its second step for as long as there is a brake.
const BRAKED: &str = "
format: backstop/v1
name: braked
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: first, sql: UPDATE items SET name = name || '!'}
  - id: wait
    sql: |
      UPDATE items SET name = name || '?';
      DO $$ BEGIN WHILE EXISTS (SELECT FROM public.brake) LOOP PERFORM pg_sleep(0.05); END LOOP; END $$
  - {id: last, sql: UPDATE items SET name = name || '.'}
";

const WAITS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'backstop braked/wait' AND state = 'active' AND query LIKE 'DO %'";
const END_LOCK: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2
    AND classid = 1650549611 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
const EACH_ONCE: &str = "SELECT count(*) FROM items WHERE name = 'item ' || id || '!?.'";

fn spawn(database: &TestDatabase, arguments: &[&str]) -> Child {
    Program::new().arguments(arguments).arguments(&["--database-url", &database.url]).spawn()
}

fn output(child: Child) -> Output {
    let output = child.wait_with_output().unwrap();
    Output {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn of_two_runners_that_start_at_once_one_runs() {
    let (database, work) = (database("rivals_at_once"), Work::new());
    database.execute(ITEMS);
    let mut codes = Vec::new();
    for attempt in 1..=20 {
        let plan = work.file(
            "plan.yaml",
            &format!(
                "format: backstop/v1\nname: once-{attempt}\nbackup: {{targets: [{{tables: [public.items]}}]}}\n\
                 steps:\n  - {{id: count, sql: \"UPDATE items SET name = name || '!'\"}}\n  - {{id: sleep, sql: SELECT pg_sleep(0.4)}}\n"
            ),
        );
        let lock_wait = if attempt % 2 == 0 { "0s" } else { "60s" };
        let arguments = ["apply", plan.to_str().unwrap(), "--lock-wait", lock_wait];
        let both = [spawn(&database, &arguments), spawn(&database, &arguments)].map(output);
        let both_codes = both.each_ref().map(|one| one.code.unwrap());
        assert!(both_codes.contains(&0), "{both:?}");
        for one in both {
            match one.code.unwrap() {
                0 => {}
                8 => assert!(one.stderr.contains("application backstop once"), "{}", one.stderr),
                _ => panic!("{one:?}"),
            }
        }
        assert!(lock_wait == "0s" || both_codes == [0, 0], "who waits finds it done: {both_codes:?}");
        let each_once = format!("SELECT count(*) FROM items WHERE name = 'item ' || id || repeat('!', {attempt})");
        assert_eq!(database.one(&each_once), "100");
        assert_eq!(database.one("SELECT count(*) FROM backstop.runs"), attempt.to_string());
        codes.push(both_codes);
    }
    assert!(codes.iter().any(|both| both.contains(&8)), "no two of them met: {codes:?}");
}

#[test]
fn who_holds_the_lock_leaves_signs_of_life() {
    let (database, work) = (database("rivals_signs"), Work::new());
    database.execute(ITEMS);
    database.execute("CREATE TABLE public.brake AS SELECT 1");
    let plan = work.file("plan.yaml", BRAKED);
    let child = spawn(&database, &["apply", plan.to_str().unwrap()]);
    until(&database, WAITS);
    let busy = run(&database, &["apply", plan.to_str().unwrap(), "--lock-wait", "0s"]).expect_code(8);
    for words in ["of plan braked", "last sign of life ", " s ago"] {
        assert!(busy.stderr.contains(words), "{words} is missing in\n{}", busy.stderr);
    }
    let first = database.one("SELECT seen FROM backstop.owner");
    until(&database, &format!("SELECT count(*) FROM backstop.owner WHERE seen > '{first}'"));
    assert_eq!(database.one("SELECT state, seen > now() - interval '1 min' FROM backstop.status"), "running|t");
    database.execute("DELETE FROM public.brake");
    output(child).expect_code(0);
}

#[test]
fn a_paused_runner_that_wakes_after_a_takeover_writes_nothing() {
    let (database, work) = (database("rivals_paused"), Work::new());
    database.execute(ITEMS);
    database.execute("CREATE TABLE public.brake AS SELECT 1");
    let plan = work.file("plan.yaml", BRAKED);
    let paused = spawn(&database, &["apply", plan.to_str().unwrap()]);
    until(&database, WAITS);
    signal(paused.id(), "STOP");
    database.execute(END_LOCK);
    // The second one goes on with the run, and ends what the first one has left.
    let second = spawn(&database, &["resume", plan.to_str().unwrap()]);
    until(&database, "SELECT count(*) FROM backstop.events WHERE kind = 'run_resumed'");
    until(&database, WAITS);
    let events = database.one("SELECT max(seq) FROM backstop.events");
    signal(paused.id(), "CONT");
    let woken = output(paused).expect_code(1);
    assert!(woken.stderr.contains("another runner has taken over"), "{}", woken.stderr);
    assert_eq!(database.one("SELECT max(seq) FROM backstop.events"), events, "the one that was taken over wrote nothing");
    database.execute("DELETE FROM public.brake");
    output(second).expect_code(0);
    assert_eq!(database.one(EACH_ONCE), "100");
    assert_eq!(database.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'backstop%'"), "0");
}

#[test]
fn a_paused_runner_that_wakes_when_all_is_over_writes_nothing() {
    let (database, work) = (database("rivals_late"), Work::new());
    database.execute(ITEMS);
    database.execute("CREATE TABLE public.brake AS SELECT 1");
    let plan = work.file("plan.yaml", BRAKED);
    let paused = spawn(&database, &["apply", plan.to_str().unwrap()]);
    until(&database, WAITS);
    signal(paused.id(), "STOP");
    database.execute(END_LOCK);
    run(&database, &["restore", "--yes"]).expect_code(0);
    database.execute("DELETE FROM public.brake; INSERT INTO items VALUES (0, 'new')");
    let events = database.one("SELECT max(seq) FROM backstop.events");
    signal(paused.id(), "CONT");
    let woken = output(paused).expect_code(1);
    assert!(woken.stderr.contains("another runner has taken over"), "{}", woken.stderr);
    assert_eq!(database.one("SELECT max(seq) FROM backstop.events"), events);
    assert_eq!(database.one("SELECT count(*) FROM items WHERE name IN ('item ' || id, 'new')"), "101");
}

#[test]
fn a_paused_runner_that_wakes_in_its_backup_fences_nobody_off() {
    const STANDS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'backstop braked/backup' AND wait_event_type = 'Lock'";

    let (database, work) = (database("rivals_backup"), Work::new());
    database.execute(ITEMS);
    database.execute("CREATE TABLE public.brake ()");
    let plan = work.file("plan.yaml", BRAKED);
    let paused = block_on(async {
        let holder = database.connect().await;
        holder.client.batch_execute("BEGIN; LOCK TABLE items IN SHARE MODE").await.unwrap();
        let paused = spawn(&database, &["apply", plan.to_str().unwrap()]);
        until(&database, STANDS);
        signal(paused.id(), "STOP");
        database.execute(END_LOCK);
        holder.client.batch_execute("COMMIT").await.unwrap();
        paused
    });
    run(&database, &["resume", plan.to_str().unwrap()]).expect_code(0);
    let events = database.one("SELECT max(seq) FROM backstop.events");
    signal(paused.id(), "CONT");
    let woken = output(paused).expect_code(1);
    assert!(woken.stderr.contains("another runner has taken over"), "{}", woken.stderr);
    assert_eq!(database.one("SELECT max(seq) FROM backstop.events"), events);
    assert_eq!(database.one(EACH_ONCE), "100");
    assert_eq!(database.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'backstop%'"), "0");
    assert_eq!(database.one("SELECT count(*) FROM backstop.backups WHERE status = 'partial'"), "0");
    database.execute("INSERT INTO items VALUES (0, 'nobody minds')");
}
