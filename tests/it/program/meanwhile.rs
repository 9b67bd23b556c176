//! A restore that was looked at while something else went on.

use super::work::{Work, run, until};
use crate::support::{Output, Program, TestDatabase, database};

const KEPT: &str = "
format: backstop/v1
name: kept
backup: {targets: [{tables: [public.items]}]}
steps: [{id: only, sql: UPDATE public.items SET name = name}]
";
const OTHER: &str = "
format: backstop/v1
name: other
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: first, sql: 'DO $$ BEGIN WHILE EXISTS (SELECT FROM public.brake) LOOP PERFORM pg_sleep(0.1); END LOOP; END $$'}
  - {id: made, sql: 'CREATE TABLE public.made (a int); DROP VIEW public.shown; UPDATE public.items SET name = upper(name)'}
";

/// A database with a backup, and a run of another plan that stands still, the lock in its hand.
struct Scene {
    database: TestDatabase,
    work: Work,
    backup: String,
}

impl Scene {
    fn new(name: &str) -> Self {
        let (database, work) = (database(name), Work::new());
        database.execute(
            "CREATE TABLE public.items AS SELECT 1 AS id, 'one' AS name; CREATE TABLE public.brake AS SELECT 1;
             CREATE VIEW public.shown AS SELECT 1 AS x",
        );
        let plan = work.file("kept.yaml", KEPT);
        run(&database, &["backup", "create", plan.to_str().unwrap()]).expect_code(0);
        let backup = database.one("SELECT id FROM backstop.backups");
        Scene { database, work, backup }
    }

    fn spawn(&self, arguments: &[&str]) -> std::process::Child {
        Program::new().arguments(arguments).arguments(&["--database-url", &self.database.url]).spawn()
    }

    fn restore(&self) -> Output {
        run(&self.database, &["restore", "--backup", &self.backup, "--yes"])
    }
}

#[test]
fn what_a_run_did_before_the_restore_has_the_lock_is_not_left_there() {
    let scene = Scene::new("meanwhile_run");
    let plan = scene.work.file("other.yaml", OTHER);
    let mut other = scene.spawn(&["apply", plan.to_str().unwrap()]);
    until(
        &scene.database,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND wait_event = 'PgSleep'",
    );
    // It looks, agrees, and waits for the lock of the run that goes on after that, in sessions of its plan's name.
    let restore = scene.spawn(&["restore", "--backup", &scene.backup, "--yes", "--lock-wait", "2min"]);
    let waits =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'backstop kept'";
    until(&scene.database, waits);
    scene.database.execute("DELETE FROM public.brake");
    assert!(other.wait().unwrap().success());
    let output = restore.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("backstop::cli::changed_meanwhile"), "{said}");
    assert_eq!(scene.database.one("SELECT to_regclass('public.made') IS NOT NULL"), "t");
    // What the refusal says to do works.
    scene.restore().expect_code(0);
    assert_eq!(scene.database.one("SELECT to_regclass('public.made') IS NULL"), "t");
    assert_eq!(scene.database.one("SELECT to_regclass('public.shown') IS NOT NULL"), "t");
    assert_eq!(scene.database.one("SELECT name FROM public.items"), "one");
}

#[test]
fn steps_of_a_run_that_was_held_when_the_backup_was_taken_are_taken_back() {
    let (database, work) = (database("meanwhile_held"), Work::new());
    database.execute("CREATE TABLE public.items AS SELECT 1 AS id, 'one' AS name; CREATE TABLE public.fault AS SELECT 1");
    let plan = work.file(
        "held.yaml",
        "
format: backstop/v1
name: held
backup: {targets: [{tables: [public.items]}]}
rollback: {on_failure: hold}
steps:
  - {id: first, sql: UPDATE public.items SET name = 'two'}
  - {id: second, sql: 'SELECT 1 / (SELECT count(*) = 0 FROM public.fault)::int; CREATE VIEW public.later AS SELECT 2 AS x; UPDATE public.items SET name = ''three'''}
",
    );
    run(&database, &["apply", plan.to_str().unwrap()]).expect_code(6);
    let kept = work.file("kept.yaml", KEPT);
    run(&database, &["backup", "create", kept.to_str().unwrap()]).expect_code(0);
    let backup = database.one("SELECT id FROM backstop.backups WHERE plan = 'kept'");
    database.execute("DELETE FROM public.fault");
    run(&database, &["resume", plan.to_str().unwrap()]).expect_code(0);
    assert_eq!(database.one("SELECT to_regclass('public.later') IS NOT NULL"), "t");
    run(&database, &["restore", "--backup", &backup, "--yes"]).expect_code(0);
    assert_eq!(database.one("SELECT to_regclass('public.later') IS NULL"), "t", "what the resumed run made stayed");
    assert_eq!(database.one("SELECT name FROM public.items"), "two");
}

/// Ids are made of seconds, and one that is taken is moved on; steps are held against the moment itself.
#[test]
fn a_backup_whose_id_was_moved_on_is_not_of_the_future() {
    let (database, work) = (database("meanwhile_moved_on"), Work::new());
    database.execute("CREATE TABLE public.items AS SELECT 1 AS id, 'one' AS name");
    let kept = work.file("kept.yaml", KEPT);
    run(&database, &["backup", "create", kept.to_str().unwrap()]).expect_code(0);
    database.execute(
        "INSERT INTO backstop.backups (id, schema_name, plan, created_at, completed_at, status, server_version, algorithm, fingerprint, catalog)
         SELECT to_char((now() + make_interval(secs => s)) AT TIME ZONE 'UTC', 'YYYY_MM_DD_HH24_MI_SS'), 'backup_pre_migration', 'other',
                now() - interval '1 day', now(), 'complete', 150000, 'record', '', '{}'
         FROM generate_series(0, 4) AS s ON CONFLICT DO NOTHING",
    );
    run(&database, &["backup", "create", kept.to_str().unwrap()]).expect_code(0);
    let newest = "SELECT id FROM backstop.backups WHERE plan = 'kept' ORDER BY id DESC LIMIT 1";
    let backup = database.one(newest);
    assert_eq!(database.one("SELECT bool_and(created_at <= clock_timestamp()) FROM backstop.backups"), "t");
    let path = work.file("other.yaml", &KEPT.replace("kept", "soon").replace("SET name = name", "SET name = 'two'"));
    run(&database, &["apply", path.to_str().unwrap()]).expect_code(0);
    run(&database, &["restore", "--backup", &backup, "--yes"]).expect_code(0);
    assert_eq!(database.one("SELECT name FROM public.items"), "one");
}
