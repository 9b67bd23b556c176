//! Eight clients of the application that write all the time, and remember what the server acknowledged. They work at all levels
//! of isolation; some prepare their transactions and commit them in a second step.

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
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::support::TestDatabase;

const CLIENTS: i64 = 8;
/// The keys of each client's rows begin here, and at its multiples.
const KEYS: i64 = 1_000_000;
/// How many writes a while lasts.
const A_WHILE: u64 = 160;

/// What clients take for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepting {
    Everything,
    /// Refusals of the fence, too.
    Refusals,
}

/// The clients at work.
pub struct Clients {
    runtime: Runtime,
    tally: Arc<Tally>,
    tasks: Vec<JoinHandle<Written>>,
}

#[derive(Default)]
struct Tally {
    stop: AtomicBool,
    acknowledged: AtomicU64,
    refused: AtomicU64,
}

/// What the server acknowledged.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Written {
    /// By key: owner and balance.
    accounts: BTreeMap<i64, (String, i64)>,
    /// By key: account.
    bookings: BTreeMap<i64, i64>,
    visits: BTreeMap<String, u64>,
    letters: BTreeMap<i64, u64>,
    booked: u64,
    /// How often the first account, which all share, was written to.
    shared: i64,
    pub refused: u64,
}

impl Clients {
    /// Begins to write.
    pub fn start(database: &TestDatabase, accepting: Accepting) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let tally = Arc::new(Tally::default());
        let tasks = (1..=CLIENTS).map(|number| {
            let (options, tally) = (database.options(), Arc::clone(&tally));
            runtime.spawn(async move { write(number, &options, &tally, accepting).await })
        });
        let tasks = tasks.collect();
        Clients { runtime, tally, tasks }
    }

    /// Returns when many more writes were acknowledged.
    pub fn write_for_a_while(&self) {
        wait_for(&self.tally.acknowledged);
    }

    /// Returns when many more writes were refused.
    pub fn be_refused_for_a_while(&self) {
        wait_for(&self.tally.refused);
    }

    /// Ends it, and tells what should be there.
    pub fn stop(self) -> Written {
        self.tally.stop.store(true, Ordering::SeqCst);
        let mut all = Written::default();
        for task in self.tasks {
            let written = self.runtime.block_on(task).unwrap();
            all.accounts.extend(written.accounts);
            all.bookings.extend(written.bookings);
            all.visits.extend(written.visits);
            all.letters.extend(written.letters);
            all.booked += written.booked;
            all.shared += written.shared;
            all.refused += written.refused;
        }
        all
    }
}

fn wait_for(count: &AtomicU64) {
    let (from, deadline) = (count.load(Ordering::SeqCst), Instant::now() + Duration::from_secs(60));
    while count.load(Ordering::SeqCst) < from + A_WHILE {
        assert!(Instant::now() < deadline, "the clients stand still");
        std::thread::sleep(Duration::from_millis(10));
    }
}

const ISOLATION: [&str; 3] = ["read committed", "repeatable read", "serializable"];

async fn write(number: i64, options: &ConnectOptions, tally: &Tally, accepting: Accepting) -> Written {
    let connection = backstop::postgres::connection::connect(options, "the application").await.unwrap();
    let isolation = ISOLATION[usize::try_from(number).unwrap() % ISOLATION.len()];
    let set = format!("SET search_path = public; SET default_transaction_isolation = '{isolation}'");
    connection.client.batch_execute(&set).await.unwrap();
    let mut written = Written::default();
    let mut turn: i64 = 0;
    while !tally.stop.load(Ordering::SeqCst) {
        turn += 1;
        let (sql, after) = next(number, turn, &written);
        let name = (number % 4 == 0).then(|| uuid::Uuid::now_v7().to_string());
        match perform(&connection.client, &sql, name).await {
            // It saw nothing to change: the table was made anew after its snapshot was taken.
            Ok(false) if isolation != ISOLATION[0] => {}
            Ok(_) => {
                let refused = written.refused;
                written = Written { refused, ..after };
                tally.acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => {
                let code = error.code().map(|code| code.code().to_owned()).unwrap_or_else(|| panic!("{error:?}"));
                let is_refusal = code == REFUSED && accepting == Accepting::Refusals;
                // A deadlock with a run or a restore is nobody's fault, and nothing was acknowledged.
                let is_in_vain = code == "40P01" || isolation != ISOLATION[0] && (code == "40001" || code == "23503");
                assert!(is_refusal || is_in_vain, "{error:?} in {sql}");
                roll_back(&connection.client).await;
                if is_refusal {
                    written.refused += 1;
                    tally.refused.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    }
    written
}

/// Whether any row was written. With a name the transaction is prepared under it, so that it stands alone for a moment.
async fn perform(client: &Client, sql: &str, name: Option<String>) -> Result<bool, tokio_postgres::Error> {
    let (sql, second) = match name.zip(sql.strip_suffix("COMMIT")) {
        Some((name, work)) => (format!("{work}PREPARE TRANSACTION '{name}'"), Some(format!("COMMIT PREPARED '{name}'"))),
        None => (sql.to_owned(), None),
    };
    let rows = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::CommandComplete(rows) => *rows,
        _ => 0,
    };
    let written: u64 = client.simple_query(&sql).await?.iter().map(rows).sum();
    if let Some(second) = second {
        client.batch_execute(&second).await?;
    }
    Ok(written > 0)
}

async fn roll_back(client: &Client) {
    client.batch_execute("ROLLBACK").await.unwrap();
}

/// What a client does next, and what there is when it is acknowledged.
fn next(number: i64, turn: i64, now: &Written) -> (String, Written) {
    let mut then = now.clone();
    let new = number * KEYS + turn;
    let mut own = now.accounts.keys().copied();
    let (oldest, other) = (own.next(), own.nth(1));
    let sql = match (turn % 10, oldest, other) {
        (1, Some(id), _) => {
            then.accounts.get_mut(&id).unwrap().1 += 1;
            format!("UPDATE accounts SET balance = balance + 1 WHERE id = {id}")
        }
        (2, Some(id), _) => {
            then.accounts.remove(&id);
            then.bookings.retain(|_, account| *account != id);
            then.letters.remove(&id);
            format!("DELETE FROM accounts WHERE id = {id}")
        }
        (3, Some(id), _) => {
            let account = then.accounts.remove(&id).unwrap();
            then.accounts.insert(new, account);
            then.bookings.values_mut().filter(|account| **account == id).for_each(|account| *account = new);
            if let Some(letters) = then.letters.remove(&id) {
                then.letters.insert(new, letters);
            }
            format!("UPDATE accounts SET id = {new} WHERE id = {id}")
        }
        (4, Some(id), _) => {
            format!("BEGIN; DELETE FROM accounts WHERE id = {id}; INSERT INTO visits VALUES ('nobody'); ROLLBACK")
        }
        (5, Some(id), Some(other)) => {
            then.accounts.get_mut(&id).unwrap().0 = format!("renamed {turn}");
            format!(
                "BEGIN; UPDATE accounts SET owner = 'renamed {turn}' WHERE id = {id}; SAVEPOINT s;
                 UPDATE accounts SET owner = 'nobody' WHERE id = {other}; ROLLBACK TO s; COMMIT"
            )
        }
        (6, ..) => {
            then.shared += 1;
            "UPDATE accounts SET balance = balance + 1 WHERE id = 1".to_owned()
        }
        (7, ..) => {
            let visitor = format!("visitor {number}");
            *then.visits.entry(visitor.clone()).or_default() += 1;
            format!("INSERT INTO visits VALUES ('{visitor}', '{{\"b\":  {number}}}')")
        }
        (8, Some(id), _) => {
            *then.letters.entry(id).or_default() += 1;
            format!("INSERT INTO letters VALUES ({id})")
        }
        _ => {
            then.accounts.insert(new, (format!("client {number}"), 0));
            then.bookings.insert(new, new);
            then.booked += 1;
            format!(
                "BEGIN; INSERT INTO accounts (id, owner, balance) VALUES ({new}, 'client {number}', 0);
                 INSERT INTO bookings VALUES ({new}, {new}, 1); COMMIT"
            )
        }
    };
    (sql, then)
}

impl Written {
    /// All of it is in the database, once, and nothing else.
    #[track_caller]
    pub fn assert_is_all_there(&self, database: &TestDatabase) {
        let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let accounts =
            self.accounts.iter().map(|(id, (owner, balance))| format!("{id} {owner} {balance} {}", owner.to_uppercase()));
        assert_eq!(
            lines(database.psql(&format!(
                "SELECT concat_ws(' ', id, owner, balance || note, loud) FROM accounts WHERE id >= {KEYS} ORDER BY id"
            ))),
            accounts.collect::<Vec<_>>()
        );
        let bookings = self.bookings.iter().map(|(id, account)| format!("{id} {account} 1.5"));
        assert_eq!(
            lines(
                database.psql(&format!(
                    "SELECT concat_ws(' ', id, account, amount) FROM bookings WHERE id >= {KEYS} ORDER BY id"
                ))
            ),
            bookings.collect::<Vec<_>>()
        );
        let visits = self.visits.iter().map(|(who, count)| format!("{who} {count}"));
        let counted =
            "SELECT who || ' ' || count(*) FROM visits WHERE who LIKE 'visitor%' GROUP BY who ORDER BY who COLLATE \"C\"";
        assert_eq!(lines(database.psql(counted)), visits.collect::<Vec<_>>());
        let letters = self.letters.iter().map(|(account, count)| format!("{account} {count}"));
        let counted = "SELECT account || ' ' || count(*) FROM letters GROUP BY account ORDER BY account";
        assert_eq!(lines(database.psql(counted)), letters.collect::<Vec<_>>());
        assert_eq!(database.one("SELECT balance || note FROM accounts WHERE id = 1"), self.shared.to_string());
        assert_eq!(
            database.one("SELECT count(*) FROM seen"),
            (self.booked + 10).to_string(),
            "a trigger fired twice, or not"
        );
        assert_eq!(database.one("SELECT string_agg(note, '') FROM accounts"), "");
        assert_eq!(database.one("SELECT count(*) FROM accounts WHERE id BETWEEN 1 AND 20"), "20");
    }
}
