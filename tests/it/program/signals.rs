//! The end of the grace period, and the second signal.

use std::{
    process::Child,
    time::{Duration, Instant},
};

use super::work::{Work, run, signal, until};
use crate::support::{Program, TestDatabase, database};

const PLAN: &str = "
format: backstop/v1
name: slow
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: slow, sql: SELECT pg_sleep(CASE WHEN EXISTS (SELECT FROM public.brake) THEN 600 ELSE 0 END)}
  - {id: last, sql: UPDATE items SET name = upper(name)}
";
const SLEEPS: &str = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'backstop slow/slow'
    AND state = 'active' AND wait_event = 'PgSleep'";

/// A run in its first step, whose server process is paused and so can't hear a request to cancel.
struct Deaf {
    database: TestDatabase,
    work: Work,
    child: Child,
    backend: u32,
}

impl Deaf {
    fn start(name: &str, arguments: &[&str], grace: Option<&str>) -> Self {
        let (database, work) = (database(name), Work::new());
        database
            .execute("CREATE TABLE public.items AS SELECT 1 AS id, 'one' AS name; CREATE TABLE public.brake AS SELECT 1");
        let plan = work.file("plan.yaml", PLAN);
        let place = ["apply", plan.to_str().unwrap(), "--database-url", &database.url];
        let mut program = Program::new().arguments(&place).arguments(arguments);
        if let Some(grace) = grace {
            program = program.env("BACKSTOP_GRACE", grace);
        }
        let child = program.spawn();
        until(&database, &format!("SELECT count(*) {SLEEPS}"));
        let backend = database.one(&format!("SELECT pid {SLEEPS}")).parse().unwrap();
        signal(backend, "STOP");
        Deaf { database, work, child, backend }
    }

    /// Ends at once, says how to go on, and that works.
    fn stops_at_once(self, why: &str) {
        let Deaf { database, work, child, backend } = self;
        let output = child.wait_with_output().unwrap();
        signal(backend, "CONT");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(6), "{said}");
        for words in [why, "stopped at once", "backstop resume PLAN", "goes on with run", "backstop restore"] {
            assert!(said.contains(words), "{words} is missing in\n{said}");
        }
        database.execute("DELETE FROM public.brake");
        let plan = work.file("plan.yaml", PLAN);
        run(&database, &["resume", plan.to_str().unwrap()]).expect_code(0);
        assert_eq!(database.one("SELECT name FROM items"), "ONE");
    }
}

#[test]
fn when_the_grace_period_has_passed_the_run_stops_at_once() {
    let by_argument: (&[&str], _) = (&["--grace", "1s"], None);
    for (arguments, variable) in [by_argument, (&[], Some("1s"))] {
        // One after the other: a server with a paused process makes no database.
        let deaf = Deaf::start("signals_grace", arguments, variable);
        let since = Instant::now();
        signal(deaf.child.id(), "TERM");
        deaf.stops_at_once("have passed");
        assert!(since.elapsed() >= Duration::from_secs(1));
    }
}

#[test]
fn a_second_signal_stops_at_once() {
    let deaf = Deaf::start("signals_second", &[], None);
    signal(deaf.child.id(), "TERM");
    std::thread::sleep(Duration::from_millis(300));
    signal(deaf.child.id(), "INT");
    deaf.stops_at_once("SIGINT");
}
