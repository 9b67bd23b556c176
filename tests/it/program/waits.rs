//! Servers that restart or change places while a run goes on.

use std::{
    path::Path,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use backstop::sandbox::{Options, Sandbox, ServerReach, Stop};

use super::work::{Work, signal, until_at as until};
use crate::support::{Output, Program, Replica, psql};

pub(super) const ITEMS: &str = "CREATE TABLE public.items (id int PRIMARY KEY, name text);
    INSERT INTO public.items SELECT i, 'item ' || i FROM generate_series(1, 100) AS i;
    CREATE TABLE public.brake AS SELECT 1;";

/// A run that stands still in its second step for as long as there is a brake.
pub(super) const BRAKED: &str = "
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
pub(super) const WAITS: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'backstop braked/wait'
    AND state = 'active' AND query LIKE 'DO %'";
pub(super) const EACH_ONCE: &str = "SELECT count(*) FROM items WHERE name = 'item ' || id || '!?.'";

/// Settings of a server that loses nothing that it answered, as far as the system itself does not crash.
const DURABLE: [(&str, &str); 2] = [("synchronous_commit", "on"), ("full_page_writes", "on")];

fn server() -> Sandbox {
    let config = DURABLE.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Sandbox::start(&Options { config, reach: ServerReach::Socket, label: "waits".to_owned(), bin: None }).unwrap()
}

pub(super) fn apply(work: &Work, url: &str, wait: &str) -> Child {
    let plan = work.file("plan.yaml", BRAKED);
    Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", url, "--wait", wait]).spawn()
}

pub(super) fn output(child: Child) -> Output {
    let output = child.wait_with_output().unwrap();
    Output {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn a_run_goes_on_through_a_crash_of_its_server() {
    let (mut server, work) = (server(), Work::new());
    let url = server.url();
    psql(&url, ITEMS).unwrap();
    let run = apply(&work, &url, "60s");
    until(&url, WAITS);
    server.stop(Stop::Immediate).unwrap();
    thread::sleep(Duration::from_secs(2));
    server.restart().unwrap();
    psql(&url, "DELETE FROM public.brake").unwrap();
    output(run).expect_code(0);
    assert_eq!(psql(&url, EACH_ONCE).unwrap(), "100");
    assert_eq!(psql(&url, "SELECT count(*) FROM backstop.runs").unwrap(), "1");
}

/// What a busy machine adds to a bound.
const TOLERANCE: Duration = Duration::from_secs(6);

fn resume(server: &mut Sandbox, work: &Work) {
    server.restart().unwrap();
    let url = server.url();
    psql(&url, "DELETE FROM public.brake").unwrap();
    let plan = work.file("plan.yaml", BRAKED);
    Program::new().arguments(&["resume", plan.to_str().unwrap(), "--database-url", &url]).run().expect_code(0);
    assert_eq!(psql(&url, EACH_ONCE).unwrap(), "100");
}

#[test]
fn a_run_whose_server_stays_away_is_left_for_resume_when_the_time_is_over() {
    const WAIT: Duration = Duration::from_secs(3);

    let (mut server, work) = (server(), Work::new());
    psql(&server.url(), ITEMS).unwrap();
    let run = apply(&work, &server.url(), "3s");
    until(&server.url(), WAITS);
    // The run may notice before the server has quite gone.
    let since = Instant::now();
    server.stop(Stop::Immediate).unwrap();
    let left = output(run).expect_code(1);
    let took = since.elapsed();
    assert!(took >= WAIT && took < WAIT + TOLERANCE, "it took {took:?}");
    assert!(left.stderr.contains("`backstop resume PLAN`"), "{}", left.stderr);
    resume(&mut server, &work);
}

#[test]
fn a_signal_ends_a_run_at_once_that_looks_for_its_server() {
    let (mut server, work) = (server(), Work::new());
    psql(&server.url(), ITEMS).unwrap();
    let run = apply(&work, &server.url(), "10min");
    until(&server.url(), WAITS);
    server.stop(Stop::Immediate).unwrap();
    thread::sleep(Duration::from_secs(2));
    let since = Instant::now();
    signal(run.id(), "TERM");
    let left = output(run).expect_code(6);
    assert!(since.elapsed() < TOLERANCE, "it took {:?}", since.elapsed());
    let said = left.stdout + &left.stderr;
    for words in ["SIGTERM stopped the runner", "backstop resume PLAN", "go on in the same direction"] {
        assert!(said.contains(words), "{words} is missing in\n{said}");
    }
    resume(&mut server, &work);
}

/// The way to whichever of both is a primary.
fn either(server: &Sandbox, other: &Path) -> String {
    let (one, other) = (server.socket_directory().display(), other.display());
    let ports = format!("{},5432", server.port());
    format!("postgresql://postgres@/postgres?host={one},{other}&port={ports}&target_session_attrs=read-write")
}

#[test]
fn a_run_stops_where_another_database_answers() {
    let (mut server, other, work) = (server(), server(), Work::new());
    psql(&server.url(), ITEMS).unwrap();
    let run = apply(&work, &either(&server, other.socket_directory()), "60s");
    until(&server.url(), WAITS);
    server.stop(Stop::Immediate).unwrap();
    let said = output(run).expect_code(1).stderr;
    assert!(said.contains("backstop::run::other_database"), "{said}");
    assert_eq!(psql(&other.url(), "SELECT to_regnamespace('backstop') IS NULL").unwrap(), "t");
    // At the URL of its own database it goes on.
    resume(&mut server, &work);
}

#[test]
fn a_replica_is_refused_and_the_primary_is_found_among_several_hosts() {
    let (mut server, work) = (server(), Work::new());
    psql(&server.url(), ITEMS).unwrap();
    let replica = Replica::of(&mut server);
    until(&replica.url_of("postgres"), "SELECT count(to_regclass('public.items'))");
    let plan = work.file("plan.yaml", &BRAKED.replace("WHILE EXISTS", "WHILE NOT EXISTS"));
    let on = |url: &str| Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", url]).run();
    let refused = on(&replica.url_of("postgres"));
    let said = refused.stdout + &refused.stderr;
    for words in ["backstop::preflight::replica", "target_session_attrs=read-write"] {
        assert!(refused.code == Some(4) && said.contains(words), "{words} is missing in\n{said}");
    }
    on(&either(&server, replica.socket_directory())).expect_code(0);
    assert_eq!(psql(&server.url(), EACH_ONCE).unwrap(), "100");
}

#[test]
fn a_run_goes_on_at_the_promoted_replica_that_has_everything() {
    let (mut server, work) = (server(), Work::new());
    psql(&server.url(), ITEMS).unwrap();
    let replica = Replica::of(&mut server);
    psql(&server.url(), "ALTER SYSTEM SET synchronous_standby_names = '*'").unwrap();
    psql(&server.url(), "SELECT pg_reload_conf()").unwrap();
    until(&server.url(), "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'");
    let run = apply(&work, &either(&server, replica.socket_directory()), "60s");
    until(&server.url(), WAITS);
    server.stop(Stop::Immediate).unwrap();
    thread::sleep(Duration::from_secs(1));
    replica.promote();
    let url = replica.url_of("postgres");
    psql(&url, "DELETE FROM public.brake").unwrap();
    output(run).expect_code(0);
    assert_eq!(psql(&url, EACH_ONCE).unwrap(), "100");
}

#[test]
fn a_run_stops_at_a_promoted_replica_that_has_lost_events() {
    let (mut server, work) = (server(), Work::new());
    psql(&server.url(), ITEMS).unwrap();
    let first = work.file(
        "first.yaml",
        "format: backstop/v1\nname: first\nbackup: {targets: [{tables: [public.items]}]}\nsteps: [{id: a, sql: SELECT 1}]\n",
    );
    let arguments = ["apply", first.to_str().unwrap(), "--database-url", &server.url()];
    Program::new().arguments(&arguments).run().expect_code(0);
    let mut replica = Replica::of(&mut server);
    replica.stop();
    let run = apply(&work, &either(&server, replica.socket_directory()), "60s");
    until(&server.url(), WAITS);
    server.stop(Stop::Immediate).unwrap();
    replica.start();
    replica.promote();
    let said = output(run).expect_code(1).stderr;
    assert!(said.contains("backstop::run::events_lost") && said.contains("`resume`"), "{said}");
    let url = replica.url_of("postgres");
    assert_eq!(psql(&url, "SELECT count(*) FROM items WHERE name = 'item ' || id").unwrap(), "100");
    assert_eq!(psql(&url, "SELECT count(*) FROM backstop.runs").unwrap(), "1");
}
