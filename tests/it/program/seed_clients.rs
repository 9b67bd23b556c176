//! Eight clients at work on the tables of the example while the seed's migration is applied, or fails and is taken back.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use backstop::postgres::{connection::ConnectOptions, fence::REFUSED};
use tokio::{runtime::Runtime, task::JoinHandle};

use super::{
    seed::{example, plan},
    work::run,
};
use crate::support::TestDatabase;

/// The plan's `lock_timeout`: nobody waits longer for the run than the run waits for them.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// What the server needs for a client's statement itself, on a machine that is busy with other tests.
const TOLERANCE: Duration = Duration::from_secs(5);
/// How many statements of each kind are done before the run and after it.
const A_WHILE: u64 = 12;

/// What one client does, again and again.
struct Client {
    what: &'static str,
    sql: &'static [&'static str],
    /// The only errors that it may see.
    may_see: &'static [&'static str],
}

/// `undefined_table`: between its first and its last step the plan itself has dropped the two views.
const NO_VIEW: &str = "42P01";

/// Statements fit both shapes: literals become text or uuid, as the column is.
const CLIENTS: [Client; 8] = [
    Client {
        what: "reads tables",
        sql: &[
            "SELECT count(*) FROM organizations",
            "SELECT email FROM profiles ORDER BY member_number LIMIT 10",
            "SELECT count(*) FROM documents WHERE bytes > 10",
        ],
        may_see: &[],
    },
    Client {
        what: "reads by id",
        sql: &[
            "SELECT * FROM organizations WHERE id = '00000000-0000-4000-8000-000000000000'",
            "SELECT * FROM memberships WHERE org_id = '00000000-0000-4000-8000-000000000000'",
        ],
        may_see: &[],
    },
    Client {
        what: "joins",
        sql: &[
            "SELECT o.slug, count(*) FROM organizations AS o JOIN memberships AS m ON m.org_id = o.id GROUP BY 1 LIMIT 5",
            "SELECT p.full_name FROM projects AS j JOIN organizations AS o ON o.id = j.org_id JOIN profiles AS p ON p.org_id = o.id LIMIT 5",
            "SELECT count(*) FROM audit_events AS e JOIN profiles AS p ON p.org_id = e.org_id",
        ],
        may_see: &[],
    },
    Client {
        what: "reads views",
        sql: &["SELECT count(*) FROM active_profiles", "SELECT slug, members FROM organization_overview LIMIT 3"],
        may_see: &[NO_VIEW],
    },
    Client {
        what: "records",
        sql: &["INSERT INTO audit_events (org_id, action) SELECT id, 'client' FROM organizations ORDER BY slug LIMIT 1"],
        may_see: &[REFUSED],
    },
    Client {
        what: "edits people",
        sql: &[
            "UPDATE profiles SET locale = 'fr' WHERE member_number = 1001",
            "UPDATE memberships SET role = 'officer' WHERE id = (SELECT id FROM memberships ORDER BY created_at, id LIMIT 1)",
        ],
        may_see: &[REFUSED],
    },
    Client {
        what: "works in transactions",
        sql: &[
            "BEGIN; SELECT count(*) FROM projects; UPDATE organizations SET settings = '{}' WHERE slug = 'none'; COMMIT",
            "BEGIN; INSERT INTO documents (org_id, title, body) SELECT id, 'draft', '' FROM organizations LIMIT 1; ROLLBACK",
        ],
        may_see: &[REFUSED],
    },
    Client {
        what: "works beside",
        sql: &[
            "INSERT INTO render_jobs SELECT id FROM documents ORDER BY id LIMIT 1 ON CONFLICT DO NOTHING",
            "UPDATE render_jobs SET priority = priority + 1 WHERE document_id = (SELECT min(document_id) FROM render_jobs)",
            "UPDATE countries SET name = name",
        ],
        may_see: &[],
    },
];

/// What a client has seen.
#[derive(Debug, Default)]
struct Seen {
    /// By index of the statement.
    done: BTreeMap<usize, u64>,
    /// By SQLSTATE.
    refused: BTreeMap<String, u64>,
    /// What it should not have seen.
    wrong: Vec<String>,
    longest: Duration,
}

struct Clients {
    runtime: Runtime,
    stop: Arc<AtomicBool>,
    /// How many statements each has done.
    done: Vec<Arc<AtomicU64>>,
    tasks: Vec<JoinHandle<Seen>>,
}

impl Clients {
    fn start(database: &TestDatabase) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let done: Vec<Arc<AtomicU64>> = CLIENTS.iter().map(|_| Arc::default()).collect();
        let tasks = CLIENTS.iter().zip(&done).map(|(client, done)| {
            let (options, stop, done) = (database.options(), Arc::clone(&stop), Arc::clone(done));
            runtime.spawn(async move { work(client, &options, &stop, &done).await })
        });
        let tasks = tasks.collect();
        Clients { runtime, stop, done, tasks }
    }

    /// Returns when each has done some more.
    fn work_for_a_while(&self) {
        let from: Vec<u64> = self.done.iter().map(|done| done.load(Ordering::SeqCst)).collect();
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.done.iter().zip(&from).any(|(done, from)| done.load(Ordering::SeqCst) < from + A_WHILE) {
            assert!(Instant::now() < deadline, "a client stands still");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn stop(self) -> Vec<Seen> {
        self.stop.store(true, Ordering::SeqCst);
        self.tasks.into_iter().map(|task| self.runtime.block_on(task).unwrap()).collect()
    }
}

async fn work(client: &Client, options: &ConnectOptions, stop: &AtomicBool, done: &AtomicU64) -> Seen {
    let session = backstop::postgres::connection::connect(options, "the application").await.unwrap().client;
    session.batch_execute("SET search_path = public").await.unwrap();
    let mut seen = Seen::default();
    for (number, sql) in client.sql.iter().enumerate().cycle() {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let since = Instant::now();
        let answer = session.batch_execute(sql).await;
        seen.longest = seen.longest.max(since.elapsed());
        match answer {
            Ok(()) => {
                *seen.done.entry(number).or_default() += 1;
                done.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => {
                let code = error.code().map(|code| code.code().to_owned()).unwrap_or_default();
                if !client.may_see.contains(&code.as_str()) {
                    seen.wrong.push(format!("{sql}: {code} {error:?}"));
                }
                *seen.refused.entry(code).or_default() += 1;
                let _ = session.batch_execute("ROLLBACK").await;
            }
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    seen
}

/// What the clients saw of a run with this plan and exit code.
fn at_work(name: &str, file: &str, code: i32) {
    let database = example(name, 500);
    let clients = Clients::start(&database);
    clients.work_for_a_while();
    run(&database, &["apply", &plan(file)]).expect_code(code);
    clients.work_for_a_while();
    let seen = clients.stop();
    let mut recorded = 0;
    for (client, seen) in CLIENTS.iter().zip(&seen) {
        eprintln!("{}: {:?} done, {:?} refused, {:?} at most", client.what, seen.done, seen.refused, seen.longest);
        assert!(seen.wrong.is_empty(), "who {} saw {:#?}", client.what, seen.wrong);
        assert!(seen.longest < LOCK_TIMEOUT + TOLERANCE, "who {} waited {:?}", client.what, seen.longest);
        assert_eq!(seen.done.len(), client.sql.len(), "who {} has not done everything", client.what);
        assert!(client.may_see != [REFUSED] || seen.refused.contains_key(REFUSED), "who {} met no fence", client.what);
        if client.what == "records" {
            recorded = seen.done.values().sum::<u64>();
        }
    }
    let acknowledged = "SELECT count(*) FROM audit_events WHERE action = 'client'";
    assert_eq!(database.one(acknowledged), recorded.to_string());
}

#[test]
fn eight_clients_see_nothing_of_it_but_the_fence() {
    at_work("seed_clients", "multi-org-security.yaml", 0);
}

#[test]
fn eight_clients_see_nothing_of_a_restore_but_the_fence() {
    at_work("seed_clients_back", "multi-org-security-failing.yaml", 5);
}
