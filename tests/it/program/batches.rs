//! Steps in batches: every row changed exactly once, whatever happens to the runner or to its session.

use std::{
    path::Path,
    process::{Child, Command},
    thread::sleep,
    time::Duration,
};

use super::work::{Work, run, state, until};
use crate::support::{Output, Program, TestDatabase, database};

/// Rows of the tests' table.
const ROWS: u32 = 2_000;
/// How often a runner is killed, or its session ended, before it is let alone.
const TROUBLES: usize = 4;

const BATCHES: &str = "SELECT count(*) FROM backstop.events WHERE kind = 'batch_committed'";
/// How many rows were changed how often.
const COUNTS: &str = "SELECT string_agg(n || ' times: ' || rows, ', ' ORDER BY n)
    FROM (SELECT n, count(*) AS rows FROM public.counters GROUP BY n) AS t";

fn with_counters(name: &str) -> TestDatabase {
    with_rows(name, ROWS)
}

fn with_rows(name: &str, rows: u32) -> TestDatabase {
    let database = database(name);
    database.execute(&format!(
        "CREATE TABLE public.counters (id bigint PRIMARY KEY, n integer NOT NULL DEFAULT 0);
         INSERT INTO public.counters (id) SELECT i * 3 FROM generate_series(1, {rows}) AS i; ANALYZE public.counters"
    ));
    database
}

fn plan(batch: &str, sql: &str) -> String {
    format!(
        "
format: backstop/v1
name: count
backup: {{targets: [{{tables: [public.counters]}}]}}
checks:
  after:
    - {{id: all-once, sql: SELECT id FROM public.counters WHERE n <> 1, expect: {{rows: 0}}}}
steps:
  - id: count-up
    batch: {{table: public.counters, key: id, {batch}}}
    checks: [all-once]
    sql: {sql}
"
    )
}

/// Adds one to each row; each takes 4 ms.
const SLOW: &str = "UPDATE public.counters SET n = n + 1 \
                    WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }} AND pg_sleep(0.004) IS NOT NULL";
const QUICK: &str = "UPDATE public.counters SET n = n + 1 WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }}";

fn spawn(database: &TestDatabase, command: &str, plan: &Path) -> Child {
    Program::new().arguments(&[command, plan.to_str().unwrap(), "--database-url", &database.url]).spawn()
}

fn resume(database: &TestDatabase, plan: &Path) -> Output {
    run(database, &["resume", plan.to_str().unwrap()])
}

fn more_batches(database: &TestDatabase, than: u64) {
    until(database, "SELECT count(*) FROM pg_class WHERE oid = to_regclass('backstop.events')");
    until(
        database,
        &format!("SELECT count(*) FROM (SELECT FROM backstop.events WHERE kind = 'batch_committed' OFFSET {than}) AS t"),
    );
}

fn batches(database: &TestDatabase) -> u64 {
    database.one(BATCHES).parse().unwrap()
}

#[test]
fn every_row_is_changed_once_in_batches_that_grow() {
    let (database, work) = (with_counters("batches_all"), Work::new());
    work.apply(&database, &plan("size: 100, max_lag: 10s", QUICK)).expect_code(0);
    assert_eq!(database.one(COUNTS), format!("1 times: {ROWS}"));
    let committed = "SELECT event ->> 'rows', event -> 'written' FROM backstop.events WHERE kind = 'step_committed'";
    assert_eq!(database.psql(committed).trim(), format!("[{ROWS}]|[[\"public.counters\", {ROWS}]]"));
    let sizes = "SELECT count(DISTINCT (event ->> 'size')::int) > 1 AND max((event ->> 'size')::int) > 100
                 FROM backstop.events WHERE kind = 'batch_committed'";
    assert_eq!(database.one(sizes), "t", "quick batches grow");
    let covered = "SELECT sum((event ->> 'keys')::int), max((event ->> 'batch')::int) = count(*)
                   FROM backstop.events WHERE kind = 'batch_committed'";
    assert_eq!(database.psql(covered).trim(), format!("{ROWS}|t"));
    let again = work.apply(&database, &plan("size: 100, max_lag: 10s", QUICK)).expect_code(0);
    assert!(again.stdout.contains("nothing to do"), "{}", again.stdout);
}

#[test]
fn slow_batches_shrink() {
    let (database, work) = (with_rows("batches_shrink", 60), Work::new());
    work.apply(&database, &plan("size: 20, target: 20ms", SLOW)).expect_code(0);
    let least = "SELECT min((event ->> 'size')::int) < 20 FROM backstop.events WHERE kind = 'batch_committed'";
    assert_eq!(database.one(least), "t");
    assert_eq!(database.one(COUNTS), "1 times: 60");
}

#[test]
fn a_killed_runner_is_followed_by_one_that_goes_on() {
    let (database, work) = (with_counters("batches_killed"), Work::new());
    let plan = work.file("plan.yaml", &plan("size: 40, target: 400ms", SLOW));
    for trouble in 0..TROUBLES {
        let before = if trouble == 0 { 0 } else { batches(&database) };
        let mut child = spawn(&database, if trouble == 0 { "apply" } else { "resume" }, &plan);
        more_batches(&database, before + 1);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    resume(&database, &plan).expect_code(0);
    assert_eq!(database.one(COUNTS), format!("1 times: {ROWS}"));
    let numbers = "SELECT count(*) = count(DISTINCT event ->> 'batch') AND count(*) = max((event ->> 'batch')::int)
                   FROM backstop.events WHERE kind = 'batch_committed'";
    assert_eq!(database.one(numbers), "t", "no batch twice, none left out");
}

#[test]
fn a_session_that_is_ended_again_and_again_loses_and_repeats_nothing() {
    let (database, work) = (with_counters("batches_ended"), Work::new());
    let plan = work.file("plan.yaml", &plan("size: 40, target: 400ms", SLOW));
    let mut child = spawn(&database, "apply", &plan);
    for _ in 0..TROUBLES {
        more_batches(&database, 1);
        more_batches(&database, batches(&database));
        database.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'backstop count/count-up'",
        );
    }
    let status = child.wait().unwrap();
    if status.code() != Some(0) {
        resume(&database, &plan).expect_code(0);
    }
    assert_eq!(database.one(COUNTS), format!("1 times: {ROWS}"));
}

#[test]
fn a_step_that_is_there_in_part_is_restored() {
    let (database, work) = (with_counters("batches_restored"), Work::new());
    let before = state(&database, &["public.counters"]);
    let failing = format!("{QUICK} AND 1 / (id - 4500) IS NOT NULL");
    work.apply(&database, &plan("size: 100, target: 1ms", &failing)).expect_code(5);
    assert!(batches(&database) > 1);
    assert_eq!(state(&database, &["public.counters"]), before);
}

#[test]
fn a_signal_holds_between_two_batches_and_a_restore_takes_all_of_them_back() {
    let (database, work) = (with_counters("batches_signal"), Work::new());
    let before = state(&database, &["public.counters"]);
    let plan = work.file("plan.yaml", &plan("size: 40, target: 400ms", SLOW));
    let child = spawn(&database, "apply", &plan);
    more_batches(&database, 2);
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(6));
    assert_ne!(database.one(COUNTS), format!("1 times: {ROWS}"));
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(state(&database, &["public.counters"]), before);
}

#[test]
fn a_paused_run_waits_and_goes_on() {
    let (database, work) = (with_counters("batches_paused"), Work::new());
    let plan = work.file("plan.yaml", &plan("size: 40, target: 400ms", SLOW));
    let mut child = spawn(&database, "apply", &plan);
    more_batches(&database, 1);
    run(&database, &["pause", "--reason", "busy hour"]).expect_code(0);
    // The batch that was under way ends; then nothing more comes.
    sleep(Duration::from_secs(1));
    let paused = batches(&database);
    sleep(Duration::from_secs(2));
    assert_eq!(batches(&database), paused);
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    run(&database, &["continue"]).expect_code(0);
    more_batches(&database, paused);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(database.one(COUNTS), format!("1 times: {ROWS}"));
    run(&database, &["pause"]).expect_code(2);
}

#[test]
fn keys_of_every_type_are_gone_through_whatever_is_in_them() {
    let (database, work) = (database("batches_types"), Work::new());
    let values = [
        ("smallint", "i::smallint"),
        ("integer", "-i"),
        ("numeric", "i / 7.0"),
        ("uuid", "md5(i::text)::uuid"),
        ("text", "chr(32 + i % 90) || '\\''\"; -- ' || i"),
        ("varchar(40)", "'Ä' || i"),
        ("date", "'2024-01-01'::date + i"),
        ("timestamp", "'2024-01-01'::timestamp + i * interval '0.000001 s'"),
        ("timestamptz", "'2024-01-01'::timestamptz + i * interval '1 h'"),
    ];
    for (number, (data_type, value)) in values.iter().enumerate() {
        let table = format!("public.keys_{number}");
        database.execute(&format!(
            "CREATE TABLE {table} (id {data_type} NOT NULL, n integer NOT NULL DEFAULT 0);
             INSERT INTO {table} SELECT {value} FROM generate_series(1, 500) AS i;
             INSERT INTO {table} SELECT id FROM {table} WHERE id = (SELECT id FROM {table} ORDER BY id OFFSET 10 LIMIT 1);
             CREATE INDEX ON {table} (id)"
        ));
        let plan = format!(
            "
format: backstop/v1
name: keys-{number}
backup: {{targets: [{{tables: [{table}]}}]}}
steps:
  - id: count-up
    batch: {{table: {table}, key: id, size: 11, target: 200ms}}
    sql: UPDATE {table} SET n = n + 1 WHERE id BETWEEN {{{{ batch.first }}}} AND {{{{ batch.last }}}}
"
        );
        work.apply_with(&database, &plan, &[]).expect_code(0);
        assert_eq!(database.one(&format!("SELECT count(*) FROM {table} WHERE n = 1")), "501", "{data_type}");
    }
}

#[test]
fn what_batches_can_not_go_through_is_refused_and_brought_back() {
    let database = with_counters("batches_refused");
    database.execute(
        "CREATE TABLE public.others (id integer PRIMARY KEY, c text, j point, n integer);
         INSERT INTO public.others SELECT i, CASE WHEN i > 5 THEN i::text END, NULL, 0 FROM generate_series(1, 10) AS i;
         CREATE INDEX ON public.others (c)",
    );
    let plan = |table: &str, key: &str, sql: &str| {
        format!(
            "
format: backstop/v1
name: refused
backup: {{targets: [{{tables: [public.counters]}}]}}
steps:
  - id: s
    batch: {{table: {table}, key: {key}, size: 5}}
    sql: {sql}
"
        )
    };
    let range = "BETWEEN {{ batch.first }} AND {{ batch.last }}";
    let others = format!("UPDATE public.others SET n = n + 1 WHERE id {range}");
    for (plan, code, exit) in [
        (plan("public.others", "id", &others), "backstop::run::uncovered_write", 5),
        (plan("public.nowhere", "id", &others), "backstop::run::batch_key", 5),
        (plan("public.others", "nothing", &others), "backstop::run::batch_key", 5),
        (plan("public.others", "n", &others), "backstop::run::batch_key", 5),
        (plan("public.others", "j", &others), "backstop::run::batch_key", 5),
        (plan("public.others", "c", &format!("UPDATE public.counters SET n = 1 WHERE id::text {range}")), "batch_key", 5),
        (plan("public.counters", "id", "UPDATE public.counters SET n = 1"), "backstop::render::batch_unbounded", 3),
        (plan("public.counters", "id", "TRUNCATE public.counters"), "backstop::render::batch_statement", 3),
    ] {
        let before = state(&database, &["public.counters", "public.others"]);
        let output = Work::new().apply(&database, &plan).expect_code(exit);
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(said.contains(code), "{code} is missing in\n{said}");
        assert_eq!(state(&database, &["public.counters", "public.others"]), before);
    }
}

#[test]
fn who_may_not_see_replicas_is_told_so_before_anything_is_changed() {
    let (database, work) = (with_rows("batches_lag", 10), Work::new());
    let role = database.role("runner", "LOGIN");
    database.execute(&format!(
        "GRANT CREATE ON DATABASE \"{}\" TO \"{role}\"; ALTER TABLE public.counters OWNER TO \"{role}\";
         GRANT USAGE, CREATE ON SCHEMA public TO \"{role}\"",
        database.name,
        role = role.name
    ));
    let plan = work.file("plan.yaml", &plan("size: 5, max_lag: 1s", QUICK));
    let url = database.url_as(&role);
    let apply = || Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &url]).run();
    let output = apply().expect_code(4);
    assert!(output.stdout.contains("GRANT pg_monitor"), "{}", output.stdout);
    database.execute(&format!("GRANT pg_monitor TO \"{}\"", role.name));
    apply().expect_code(0);
    database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
}
