//! Batches that wait for a replica which is too far behind.

use std::{thread, time::Duration};

use backstop::sandbox::{Options, Sandbox, ServerReach};

use super::work::{Work, until_at};
use crate::support::{Program, Replica, psql};

const ROWS: &str = "2000";
const COUNTERS: &str = "CREATE TABLE public.counters (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
    INSERT INTO public.counters SELECT i, 0 FROM generate_series(1, 2000) AS i";

/// Each row takes 5 ms, and each batch is twice as large as the one before.
const PLAN: &str = "
format: backstop/v1
name: count
backup: {targets: [{tables: [public.counters]}]}
steps:
  - id: count-up
    batch: {table: public.counters, key: id, size: 50, target: 60s, max_lag: 1s}
    sql: |
      UPDATE public.counters SET n = n + 1
      WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }} AND pg_sleep(0.005) IS NOT NULL
";
/// Longer than the longest batch takes.
const STILL: Duration = Duration::from_secs(8);
const BATCHES: &str = "SELECT count(*) FROM backstop.events WHERE kind = 'batch_committed'";
const ALL: &str = "SELECT count(*) FROM public.counters WHERE n = 1";

#[test]
fn batches_wait_for_a_replica_that_is_behind_and_go_on_when_it_has_caught_up() {
    let options = Options { reach: ServerReach::Socket, label: "lag".to_owned(), ..Options::default() };
    let (mut server, work) = (Sandbox::start(&options).unwrap(), Work::new());
    let url = server.url();
    psql(&url, COUNTERS).unwrap();
    let replica = Replica::of(&mut server);
    let other = replica.url_of("postgres");
    until_at(&url, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'");
    until_at(&other, "SELECT count(to_regclass('public.counters'))");
    let plan = work.file("plan.yaml", PLAN);
    let mut run = Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &url]).spawn();
    until_at(&url, "SELECT count(to_regclass('backstop.events'))");
    until_at(&url, BATCHES);
    psql(&other, "SELECT pg_wal_replay_pause()").unwrap();

    // What was under way ends; then nothing more comes for as long as the replica stands still.
    let mut batches = psql(&url, BATCHES).unwrap();
    loop {
        thread::sleep(STILL);
        let now = psql(&url, BATCHES).unwrap();
        if now == batches {
            break;
        }
        batches = now;
    }
    assert_ne!(psql(&url, ALL).unwrap(), ROWS, "the run was throttled before its end");
    assert!(run.try_wait().unwrap().is_none(), "it waits");
    assert_ne!(psql(&other, ALL).unwrap(), psql(&url, ALL).unwrap());

    psql(&other, "SELECT pg_wal_replay_resume()").unwrap();
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("a replica is") && said.contains("behind, waiting until it is less than 1 s"), "{said}");
    assert_eq!(psql(&url, ALL).unwrap(), ROWS);
    until_at(&other, &format!("SELECT count(*) FROM ({ALL}) AS t (n) WHERE n = {ROWS}"));
}
