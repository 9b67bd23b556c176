//! What rules claim of locks, rewrites and scans, observed: the bad example's statements are run on a server, and the server is
//! asked which locks they hold, whether the table has another file, and how many of its rows were read.

use backstop::{
    lint::{Example, Group, RULES, Rule, TableClaim},
    sql::{LockLevel, facts, split},
};
use tokio_postgres::Client;

use super::linted::{around, found};
use crate::support::{TestDatabase, database};

const EXAMPLE: &str = include_str!("example.sql");
/// The place for what the tests move to another tablespace.
const TABLESPACE: &str = "fast";
/// Rules whose claims are looked at, at least.
const CLAIMS_MIN: usize = 25;

/// A database for the examples.
pub(super) async fn example() -> TestDatabase {
    let database = database("lint");
    database.connect().await.client.batch_execute(EXAMPLE).await.unwrap();
    database
}

/// Statements beside those of the examples: the rule that finds them, or none, and what the server does.
const MORE: [(Option<&str>, &str, TableClaim); 14] = [
    (Some("add-check"), "ALTER TABLE orders ADD COLUMN extra int CHECK (extra > 0)", EVERYBODY_SCANNED),
    (Some("add-check"), "ALTER TABLE orders ADD COLUMN extra int DEFAULT 1 CHECK (extra > 0)", EVERYBODY_SCANNED),
    (
        Some("add-foreign-key"),
        "ALTER TABLE orders ADD COLUMN by_whom bigint DEFAULT 1 REFERENCES customers",
        EVERYBODY_SCANNED,
    ),
    (None, "ALTER TABLE orders ADD COLUMN by_whom bigint REFERENCES customers", EVERYBODY),
    (None, "ALTER TABLE orders ADD COLUMN region text NOT NULL DEFAULT 'eu'", EVERYBODY),
    (None, "ALTER TABLE orders ADD COLUMN added timestamptz DEFAULT now()", EVERYBODY),
    (None, "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID", EVERYBODY),
    (None, "ALTER TABLE orders ALTER COLUMN note SET DEFAULT ''", EVERYBODY),
    (None, "ALTER TABLE customers ALTER COLUMN name DROP NOT NULL", TableClaim { table: "customers", ..EVERYBODY }),
    (None, "ALTER TABLE pages ALTER COLUMN length DROP EXPRESSION", TableClaim { table: "pages", ..EVERYBODY }),
    (Some("change-column-type"), "ALTER TABLE orders ALTER COLUMN customer_id TYPE int", EVERYBODY_REWRITTEN),
    (Some("domain-constraint"), "ALTER DOMAIN email SET NOT NULL", CONTACTS),
    (
        None,
        "ALTER DOMAIN email ADD CONSTRAINT c CHECK (VALUE <> '') NOT VALID",
        TableClaim { lock: LockLevel::None, scans: false, ..CONTACTS },
    ),
    (None, "CREATE TABLE notes (order_id bigint REFERENCES orders)", TableClaim { lock: LockLevel::Writers, ..EVERYBODY }),
];
const EVERYBODY: TableClaim = TableClaim { table: "orders", lock: LockLevel::Everybody, rewrites: false, scans: false };
const EVERYBODY_SCANNED: TableClaim = TableClaim { scans: true, ..EVERYBODY };
const EVERYBODY_REWRITTEN: TableClaim = TableClaim { rewrites: true, ..EVERYBODY };
const CONTACTS: TableClaim = TableClaim { table: "contacts", lock: LockLevel::Writers, rewrites: false, scans: true };

/// What rules say of statements that their examples don't show, and what they let pass.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rules_find_and_what_they_let_pass_is_seen_on_a_server() {
    let database = example().await;
    let mut broken = Vec::new();
    for (rule, sql, claim) in MORE {
        let found: Vec<&str> = found(&around(sql))
            .into_iter()
            .filter(|finding| finding.rule.group == Group::Locks)
            .map(|finding| finding.rule.code)
            .collect();
        if found != Vec::from_iter(rule) {
            broken.push(format!("{sql}: found {found:?} and not {rule:?}"));
        }
        let seen = seen_inside(&database.connect().await.client, &[sql], claim).await;
        if (seen.lock, seen.rewritten, seen.rows_read > 0) != (claim.lock, claim.rewrites, claim.scans || claim.rewrites) {
            broken.push(format!("{sql}: expected {claim:?}, and seen {seen:?}"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What was seen of a table.
#[derive(Debug)]
struct Seen {
    lock: LockLevel,
    rewritten: bool,
    rows_read: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rules_claim_is_seen_on_a_server() {
    let database = example().await;
    tablespace(&database.connect().await.client).await;
    let (mut broken, mut looked_at) = (Vec::new(), 0);
    let version = version(&database.connect().await.client).await;
    for (rule, claim) in RULES.iter().filter_map(|rule| Some((*rule, rule.claim?))) {
        if rule.bad.since().is_some_and(|since| since > version) {
            continue;
        }
        looked_at += 1;
        let seen = match outside(rule) {
            Some(sql) => seen_outside(&database, sql, claim).await,
            None => seen_inside(&database.connect().await.client, &sql_of(rule), claim).await,
        };
        broken.extend(differences(rule, claim, &seen));
    }
    assert!(looked_at >= CLAIMS_MIN, "{looked_at} claims");
    assert!(broken.is_empty(), "of {looked_at} claims:\n{}", broken.join("\n"));
}

fn differences(rule: &Rule, claim: TableClaim, seen: &Seen) -> Vec<String> {
    let mut broken = Vec::new();
    if seen.lock != claim.lock {
        broken.push(format!("{}: claims {:?}, seen {:?}", rule.code, claim.lock, seen.lock));
    }
    if seen.rewritten != claim.rewrites {
        broken.push(format!("{}: rewrite claimed {}, seen {}", rule.code, claim.rewrites, seen.rewritten));
    }
    if claim.scans && seen.rows_read == 0 {
        broken.push(format!("{}: claims a scan, and no row was read", rule.code));
    }
    // What the run waits patiently for is told from the same statements: it may take a lock for too strong, never for too weak.
    let told = facts::read(&sql_of(rule)).into_iter().flatten().flatten().map(|statement| statement.lock).max();
    if told.is_none_or(|told| told < seen.lock) {
        broken.push(format!("{}: the statements are taken for {told:?}, seen {:?}", rule.code, seen.lock));
    }
    broken
}

fn sql_of(rule: &Rule) -> Vec<&'static str> {
    match rule.bad {
        Example::Steps(steps) => steps.iter().map(|step| step.sql).collect(),
        Example::Plan(_) => panic!("{} claims something of a plan", rule.code),
    }
}

/// The statement that no transaction takes.
fn outside(rule: &Rule) -> Option<&'static str> {
    match rule.bad {
        Example::Steps([only]) if only.fields.contains("transaction: none") => Some(only.sql),
        _ => None,
    }
}

/// Runs the example in a transaction, looks, and takes it back.
async fn seen_inside(client: &Client, texts: &[&str], claim: TableClaim) -> Seen {
    let table = oid(client, claim.table).await;
    let file = file(client, table).await;
    client.batch_execute("BEGIN").await.unwrap();
    let before = rows_read(client, table).await;
    for sql in texts {
        client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
    let now = self::file(client, table).await;
    let seen = Seen {
        lock: lock(client, table, "pid = pg_backend_pid()").await,
        rewritten: now.is_some() && file != now,
        rows_read: rows_read(client, table).await - before,
    };
    client.batch_execute("ROLLBACK").await.unwrap();
    seen
}

/// Runs the statement while another session writes to the table, so that it is seen waiting for its lock, and then lets it go on.
async fn seen_outside(database: &TestDatabase, sql: &'static str, claim: TableClaim) -> Seen {
    let (writer, runner, watcher) = (database.connect().await, database.connect().await, database.connect().await);
    let (writer, watcher) = (&writer.client, &watcher.client);
    let table = oid(watcher, claim.table).await;
    let before = file(watcher, table).await;
    writer.batch_execute(&format!("BEGIN; LOCK TABLE public.{} IN ROW EXCLUSIVE MODE", claim.table)).await.unwrap();
    let running = tokio::spawn(async move { runner.client.batch_execute(sql).await });
    let mut waiting = LockLevel::None;
    for _ in 0..400 {
        waiting = lock(watcher, table, "NOT granted").await;
        if waiting != LockLevel::None {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    writer.batch_execute("COMMIT").await.unwrap();
    running.await.unwrap().unwrap();
    Seen { lock: waiting, rewritten: before != file(watcher, table).await, rows_read: 1 }
}

/// The server's major version.
pub(super) async fn version(client: &Client) -> u32 {
    let number: String = client.query_one("SHOW server_version_num", &[]).await.unwrap().get(0);
    number.parse::<u32>().unwrap() / 10_000
}

async fn oid(client: &Client, table: &str) -> u32 {
    client.query_one(&format!("SELECT 'public.{table}'::regclass::oid"), &[]).await.unwrap().get(0)
}

/// The strongest lock on the table among those that the condition names.
async fn lock(client: &Client, table: u32, condition: &str) -> LockLevel {
    let query = format!("SELECT mode FROM pg_locks WHERE locktype = 'relation' AND relation = {table} AND {condition}");
    let rows = client.query(&query, &[]).await.unwrap();
    rows.iter().map(|row| level(row.get(0))).max().unwrap_or(LockLevel::None)
}

fn level(mode: &str) -> LockLevel {
    match mode {
        "AccessExclusiveLock" => LockLevel::Everybody,
        "ExclusiveLock" | "ShareRowExclusiveLock" | "ShareLock" => LockLevel::Writers,
        "ShareUpdateExclusiveLock" => LockLevel::Maintenance,
        "RowExclusiveLock" | "RowShareLock" | "AccessShareLock" => LockLevel::Rows,
        other => panic!("a lock of mode {other}"),
    }
}

/// The file that holds the table's rows; none of one that is gone or has none.
async fn file(client: &Client, table: u32) -> Option<u32> {
    client.query_one(&format!("SELECT pg_relation_filenode({table})"), &[]).await.unwrap().get(0)
}

/// Rows of the table that sequential scans of this transaction have read.
async fn rows_read(client: &Client, table: u32) -> i64 {
    client.query_one(&format!("SELECT pg_stat_get_xact_tuples_returned({table})"), &[]).await.unwrap().get(0)
}

/// A tablespace for the examples; those belong to the server, and so it may be there already.
async fn tablespace(client: &Client) {
    let there = format!("SELECT 1 FROM pg_tablespace WHERE spcname = '{TABLESPACE}'");
    if !client.query(&there, &[]).await.unwrap().is_empty() {
        return;
    }
    let folder: String = client.query_one("SELECT current_setting('data_directory') || '_fast'", &[]).await.unwrap().get(0);
    client.batch_execute(&format!("COPY (SELECT 1) TO PROGRAM 'mkdir -p {folder}'")).await.unwrap();
    // Another test may have been quicker; what counts is that there is one.
    let _ = client.batch_execute(&format!("CREATE TABLESPACE {TABLESPACE} LOCATION '{folder}'")).await;
    assert!(!client.query(&there, &[]).await.unwrap().is_empty(), "no tablespace in {folder}");
}

/// Good examples are what people copy: they run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_examples_run_on_a_server() {
    let mut broken = Vec::new();
    let template = example().await;
    let role = "DO $$ BEGIN CREATE ROLE app; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
                CREATE SCHEMA old_reports; CREATE VIEW old_reports.orders_by_day AS SELECT 1 AS day";
    template.connect().await.client.batch_execute(role).await.unwrap();
    tablespace(&template.connect().await.client).await;
    let version = version(&template.connect().await.client).await;
    for rule in RULES {
        let Example::Steps(steps) = rule.good else { continue };
        if rule.good.since().is_some_and(|since| since > version) {
            continue;
        }
        // It needs a database of its own name.
        if rule.code == "no-probe" || rule.code == "alter-system" {
            continue;
        }
        let database = example().await;
        let session = database.connect().await;
        let client = &session.client;
        client.batch_execute(role).await.unwrap();
        for step in steps {
            let sql = step.sql.replace("{{ batch.first }}", "1").replace("{{ batch.last }}", "10");
            for statement in split(&sql).unwrap() {
                if let Err(error) = client.batch_execute(statement.text()).await {
                    broken.push(format!("{}: {}: {error:?}", rule.code, statement.text()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
