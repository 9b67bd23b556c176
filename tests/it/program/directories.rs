//! Folders of plans: their order, what is applied once, what is refused before anything runs, and what is required.

use super::work::{Work, run, signal, until};
use crate::support::{Output, Program, Turns, database};

fn plan(name: &str, requires: &str, sql: &str) -> String {
    format!(
        "format: backstop/v1\nname: {name}\nrequires: [{requires}]\nbackup: {{allow_uncovered: [public.t]}}\nsteps: [{{id: s, sql: {sql:?}}}]\n"
    )
}

/// A folder with three plans, of which the first by name requires the last; and files that are no plans.
fn folder(work: &Work) -> String {
    work.file("plans/a.yaml", &plan("third", "second", "INSERT INTO t VALUES (3)"));
    work.file(
        "plans/deeper/b.toml",
        "format = 'backstop/v1'\nname = 'first'\n[[steps]]\nid = 's'\nsql = 'CREATE TABLE t (n int)'\n",
    );
    work.file("plans/c.yml", &plan("second", "first", "INSERT INTO t VALUES (2)"));
    work.file("plans/values/production.yaml", "role: api\n");
    work.file("plans/.hidden.yaml", "format: backstop/v1\nbroken");
    work.file("plans/sql/x.sql", "SELECT 1");
    work.path("plans").to_str().unwrap().to_owned()
}

fn lines_with<'a>(output: &'a Output, text: &str) -> Vec<&'a str> {
    output.stdout.lines().filter(|line| line.contains(text)).collect()
}

#[test]
fn a_folder_is_applied_in_order_and_once() {
    let (database, work) = (database("folder_once"), Work::new());
    let plans = folder(&work);
    let first = run(&database, &["apply", &plans]).expect_code(0);
    assert!(first.stderr.contains("left out, no plans: ") && first.stderr.contains("production.yaml"), "{}", first.stderr);
    assert_eq!(database.one("SELECT string_agg(n::text, ',' ORDER BY n) FROM t"), "2,3");
    assert_eq!(database.one("SELECT string_agg(plan, ',' ORDER BY at) FROM backstop.applied"), "first,second,third");

    let (events, turns) = (database.one("SELECT count(*) FROM backstop.events"), Turns::before(&database));
    let again = Program::new().arguments(&["apply", &plans, "--database-url", &turns.url]).run().expect_code(0);
    assert_eq!(lines_with(&again, ": nothing to do, applied at").len(), 3, "{}", again.stdout);
    assert_eq!(database.one("SELECT count(*) FROM backstop.events"), events);
    let (trips, connections) = turns.counted();
    println!("{trips} round trips, {connections} connection");
    assert_eq!(connections, 1);
    // Twelve; a few more where an answer arrives in pieces while the next question is on its way.
    assert!(trips <= 16, "{trips} round trips for a folder that is applied already");
}

#[test]
fn a_plan_that_was_changed_is_refused_before_another_one_runs() {
    let (database, work) = (database("folder_changed"), Work::new());
    let plans = folder(&work);
    run(&database, &["apply", &plans, "--until", "first"]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM t"), "0");
    let text = "format: backstop/v1\nname: first\nsteps: [{id: s, sql: 'CREATE TABLE t (n bigint)'}]\n";
    work.file("plans/0.yaml", &plan("zeroth", "", "CREATE TABLE u ()"));
    std::fs::remove_file(work.path("plans/deeper/b.toml")).unwrap();
    work.file("plans/deeper/b.yaml", text);
    let output = run(&database, &["apply", &plans]).expect_code(3);
    assert!(output.stderr.contains("backstop::cli::changed_plan"), "{}", output.stderr);
    assert_eq!(database.one("SELECT to_regclass('u') IS NULL"), "t");
    let status = run(&database, &["status", &plans, "--format", "json"]).expect_code(0);
    let value: serde_json::Value = serde_json::from_str(status.stdout.trim()).unwrap();
    let states: Vec<_> = value["plans"].as_array().unwrap().iter().map(|p| (&p["plan"], &p["state"])).collect();
    assert_eq!(format!("{states:?}").matches("\"pending\"").count(), 3, "{states:?}");
    assert!(format!("{states:?}").contains("\"changed\""), "{states:?}");
    run(&database, &["status", &plans, "--require"]).expect_code(9);
    // One that says so runs again.
    work.file(
        "plans/deeper/b.yaml",
        &text.replace("CREATE TABLE t", "CREATE TABLE IF NOT EXISTS t").replace("steps", "repeat: on_change\nsteps"),
    );
    run(&database, &["apply", &plans]).expect_code(0);
    run(&database, &["status", &plans, "--require"]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM backstop.runs WHERE plan = 'first'"), "2");
}

#[test]
fn one_plan_alone_needs_what_it_requires() {
    let (database, work) = (database("folder_only"), Work::new());
    let plans = folder(&work);
    let refused = run(&database, &["apply", &plans, "--only", "third"]).expect_code(4);
    assert!(refused.stderr.contains("second, which third requires"), "{}", refused.stderr);
    let near = run(&database, &["apply", &plans, "--only", "thrid"]).expect_code(2);
    assert!(near.stderr.contains("Did you mean `third`?"), "{}", near.stderr);
    run(&database, &["apply", &plans, "--only", "first", "--only", "second"]).expect_code(0);
    run(&database, &["apply", &plans, "--only", "third"]).expect_code(0);
    let gone = work.file("more/d.yaml", &plan("fourth", "third, lost", "SELECT 1"));
    let missing = run(&database, &["apply", gone.to_str().unwrap()]).expect_code(4);
    assert!(missing.stderr.contains("plan lost, which fourth requires"), "{}", missing.stderr);
}

#[test]
fn an_application_waits_until_its_plans_are_applied() {
    let (database, work) = (database("folder_wait"), Work::new());
    let plans = folder(&work);
    run(&database, &["status", &plans, "--require"]).expect_code(9);
    run(&database, &["status", "first", "third", "--require", "--wait", "100ms"]).expect_code(9);
    let waiting = Program::new()
        .arguments(&["status", &plans, "third", "--require", "--wait", "60s", "--database-url", &database.url])
        .spawn();
    run(&database, &["apply", &plans]).expect_code(0);
    assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(0));
    run(&database, &["status", "first", "third", "--require"]).expect_code(0);
}

#[test]
fn a_folder_without_a_plan_and_one_with_a_broken_plan_are_mistakes() {
    let (database, work) = (database("folder_broken"), Work::new());
    work.file("empty/readme.txt", "");
    run(&database, &["apply", work.path("empty").to_str().unwrap()]).expect_code(2);
    let plans = folder(&work);
    work.file("plans/z.yaml", "format: backstop/v1\nname: [");
    run(&database, &["apply", &plans]).expect_code(3);
    assert_eq!(database.one("SELECT to_regclass('t') IS NULL"), "t");
}

const SLOW: &str = "format: backstop/v1\nname: slow\nbackup: {allow_uncovered: [public.t]}\nsteps:\n  - {id: t, sql: CREATE TABLE t (n int)}\n  \
    - {id: slow, sql: SELECT pg_sleep(CASE WHEN EXISTS (SELECT FROM public.brake) THEN 600 ELSE 0 END)}\n  \
    - {id: last, sql: INSERT INTO t VALUES (1)}\n";

#[test]
fn an_interrupted_run_goes_on_where_it_is_asked_to_and_a_held_one_never() {
    for name in ["TERM", "KILL"] {
        let (database, work) = (database("folder_resume"), Work::new());
        database.execute("CREATE TABLE public.brake AS SELECT 1");
        work.file("plans/slow.yaml", SLOW);
        work.file("plans/before.yaml", &plan("another", "slow", "INSERT INTO t VALUES (2)"));
        let plans = work.path("plans").to_str().unwrap().to_owned();
        let child = Program::new().arguments(&["apply", &plans, "--database-url", &database.url]).spawn();
        until(
            &database,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
        );
        signal(child.id(), name);
        let code = child.wait_with_output().unwrap().status.code();
        assert_eq!(code, if name == "TERM" { Some(6) } else { None });
        database.execute("DELETE FROM public.brake");
        run(&database, &["apply", &plans]).expect_code(6);
        let output = run(&database, &["apply", &plans, "--resume"]).expect_code(0);
        assert_eq!(lines_with(&output, "slow: going on with run").len(), 1, "{}", output.stdout);
        assert_eq!(database.one("SELECT string_agg(n::text, ',' ORDER BY n) FROM t"), "1,2");
        let held = plan("held", "", "SELECT 1/0") + "rollback: {on_failure: hold}\n";
        work.file("plans/x.yaml", &held);
        run(&database, &["apply", &plans]).expect_code(6);
        let output = run(&database, &["apply", &plans, "--resume"]).expect_code(6);
        assert!(output.stderr.contains("backstop::cli::unfinished_run"), "{}", output.stderr);
    }
}
