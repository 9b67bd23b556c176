//! SIGINT ends every command soon, and what the server does for it.

use std::{
    process::Child,
    time::{Duration, Instant},
};

use super::work::{Work, run, signal, until};
use crate::support::{Output, Program, TestDatabase, database, psql};

/// What ends within a second on a machine of its own may take much longer on one that is busy; the work that is stopped takes ten
/// minutes, or would end with another exit code.
const SOON: Duration = Duration::from_secs(30);

const PLAN: &str = "
format: backstop/v1
name: large
backup: {targets: [{tables: [public.large, public.other]}]}
steps: [{id: only, sql: SELECT 1}]
";

/// Makes every copy of a table take ten minutes, for roles that can't switch it off.
const SLOW_COPIES: &str = "CREATE FUNCTION public.trap() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() AS c WHERE c.object_identity LIKE 'backup_pre_migration.%') THEN
            PERFORM pg_sleep(600);
        END IF;
    END $$;
    CREATE EVENT TRIGGER trap ON ddl_command_end WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION public.trap()";
const TABLES: &str = "CREATE TABLE public.large AS SELECT 1 AS id; CREATE TABLE public.other AS SELECT 1 AS id";

/// Two tables whose rows take their time to be copied and digested: their type is one that is read as text, by a slow cast.
fn with_slow_tables(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute(
        "CREATE TABLE public.large AS SELECT g AS id, repeat(md5(g::text), 8)::xml AS body FROM generate_series(1, 700000) AS g;
         CREATE TABLE public.other AS SELECT * FROM public.large LIMIT 350000",
    );
    database
}

fn ended(mut child: Child) -> Output {
    let code = child.wait().unwrap().code();
    let read = |from: Option<&mut dyn std::io::Read>| {
        let mut text = String::new();
        from.expect("it is piped").read_to_string(&mut text).unwrap();
        text
    };
    let stdout = read(child.stdout.as_mut().map(|out| out as _));
    let stderr = read(child.stderr.as_mut().map(|err| err as _));
    Output { code, stdout, stderr }
}

/// Starts the command as the superuser, waits until its statement runs, sends SIGINT, and gives what came of it.
#[track_caller]
fn stopped(database: &TestDatabase, arguments: &[&str], statement: &str) -> Output {
    stopped_at(database, &database.url, arguments, statement)
}

#[track_caller]
fn stopped_at(database: &TestDatabase, url: &str, arguments: &[&str], statement: &str) -> Output {
    let mut child = Program::new().arguments(arguments).arguments(&["--database-url", url]).spawn();
    let runs = format!(
        "FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query ~ '{statement}'
           AND pid <> pg_backend_pid()"
    );
    while database.one(&format!("SELECT count(*) {runs}")) == "0" {
        let is_over = child.try_wait().unwrap().is_some();
        assert!(!is_over, "{arguments:?} has ended already: {:?}", ended(child));
        std::thread::sleep(Duration::from_millis(20));
    }
    let since = Instant::now();
    signal(child.id(), "INT");
    let output = ended(child);
    let took = since.elapsed();
    assert!(took < SOON, "{arguments:?} took {took:?}\n{}", output.stderr);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(database.one(&format!("SELECT count(*) {runs}")), "0", "{arguments:?}: the server goes on with it");
    output
}

#[test]
fn copies_of_large_tables_are_cancelled_however_many_sessions_copy() {
    let (database, work) = (database("stopped_copies"), Work::new());
    let role = database.runner();
    let url = database.url_as(&role);
    psql(&url, TABLES).unwrap();
    database.execute(SLOW_COPIES);
    let plan = work.file("plan.yaml", PLAN);
    let plan = plan.to_str().unwrap();
    for arguments in [
        &["backup", "create", plan][..],
        &["backup", "create", plan, "--jobs", "1"],
        &["apply", plan, "--jobs", "1"],
        &["apply", plan, "--jobs", "4"],
    ] {
        let output = stopped_at(&database, &url, arguments, "CREATE TABLE .backup_pre_migration");
        assert_eq!(output.code, Some(4), "{arguments:?}: {output:?}");
        assert_eq!(database.one("SELECT count(*) FROM backstop.backups"), "0", "{arguments:?} left a backup behind");
    }
    database.execute(&format!("DROP OWNED BY \"{}\" CASCADE", role.name));
}

#[test]
fn looking_at_large_backups_is_cancelled() {
    let (database, work) = (with_slow_tables("stopped_looks"), Work::new());
    let plan = work.file("plan.yaml", PLAN);
    run(&database, &["backup", "create", plan.to_str().unwrap()]).expect_code(0);
    let backup = database.one("SELECT id FROM backstop.backups");
    database.execute("UPDATE public.large SET id = -id WHERE id < 1000");
    for arguments in [
        &["backup", "verify", &backup][..],
        &["diff", "--backup", &backup],
        &["restore", "--backup", &backup, "--dry-run"],
        &["restore", "--backup", &backup, "--yes"],
    ] {
        stopped(&database, arguments, "hash_record_extended").expect_code(4);
    }
}

#[test]
fn checks_are_cancelled_wherever_they_are_asked() {
    let (database, work) = (database("stopped_checks"), Work::new());
    database.execute("CREATE TABLE public.items AS SELECT 1 AS id");
    let plan = work.file(
        "plan.yaml",
        "
format: backstop/v1
name: slow
backup: {targets: [{tables: [public.items]}]}
checks: {before: [{id: slow, sql: SELECT pg_sleep(600), expect: {rows: 1}}]}
steps: [{id: only, sql: SELECT 1}]
",
    );
    let plan = plan.to_str().unwrap();
    for arguments in [&["check", plan][..], &["plan", plan]] {
        stopped(&database, arguments, "pg_sleep").expect_code(4);
    }
}

#[test]
fn waiting_for_the_run_lock_is_given_up() {
    let (database, work) = (database("stopped_lock"), Work::new());
    database.execute(TABLES);
    let plan = work.file("plan.yaml", PLAN);
    run(&database, &["apply", plan.to_str().unwrap()]).expect_code(0);
    let key = 0x6261_636b_7374_6f70_i64;
    let holder = format!("SELECT pg_advisory_lock({key}); SELECT pg_sleep(600)");
    let mut holder = std::process::Command::new("psql").args([&database.url, "-X", "-q", "-c", &holder]).spawn().unwrap();
    until(&database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted");
    let other = work.file("other.yaml", &PLAN.replace("name: large", "name: second"));
    let child = Program::new()
        .arguments(&["apply", other.to_str().unwrap(), "--lock-wait", "10min", "--database-url", &database.url])
        .spawn();
    until(
        &database,
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'backstop second' AND query ~ 'backstop.owner|pg_locks'",
    );
    let since = Instant::now();
    signal(child.id(), "INT");
    ended(child).expect_code(4);
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    holder.kill().unwrap();
    holder.wait().unwrap();
}

/// The backend hears no request to cancel: it is stopped itself.
#[test]
fn without_a_grace_period_a_server_that_does_nothing_is_left_after_half_a_minute() {
    let (database, work) = (database("stopped_deaf"), Work::new());
    database.execute(TABLES);
    let plan = work.file("plan.yaml", &PLAN.replace("SELECT 1}", "SELECT pg_sleep(600)}"));
    let child = Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &database.url]).spawn();
    let sleeps = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    until(&database, &format!("SELECT count(*) {sleeps}"));
    let backend: u32 = database.one(&format!("SELECT pid {sleeps}")).parse().unwrap();
    signal(backend, "STOP");
    let since = Instant::now();
    signal(child.id(), "TERM");
    let output = ended(child);
    signal(backend, "CONT");
    let took = since.elapsed();
    assert!((Duration::from_secs(29)..Duration::from_secs(45)).contains(&took), "{took:?}: {}", output.stderr);
    assert!(output.expect_code(6).stderr.contains("stopped at once"));
}
