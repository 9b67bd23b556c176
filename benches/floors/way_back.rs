//! Backup, verification, restore and rollback, against what one session does with plain SQL.

use std::time::{Duration, Instant};

use backstop::{
    drive::{DriveOutcome, backups::Backups},
    machine::RunOutcome,
    postgres::{
        backup::{BrokenRows, InDatabase, Request, Sessions, take, verify},
        interrupt::{Guard, interruption},
        journal,
        table_lock::Patience,
    },
};
use tokio_postgres::Client;

use super::{
    pairs,
    pairs::Pairs,
    plans,
    run::{Course, apply},
    server::{Database, Server},
    size::Size,
};

/// The targets of the example plans.
const TARGETS: [&str; 7] =
    ["organizations", "profiles", "memberships", "projects", "documents", "audit_events", "invitations"];
/// Saves the definitions of foreign keys, other constraints with an index, and other indexes, in the order of their making.
const REMEMBER: &str = include_str!("way_back/remember.sql");
const FAILING: &str = "multi-org-security-failing.yaml";

/// Measures each on a fresh copy of the example database.
pub async fn measure(server: &Server, size: Size) {
    let example = server.example(size.profiles).await;
    let mut taken = Pairs::new(format!("backup with proof, two workers, {} people", size.profiles), "CREATE TABLE AS");
    let mut verified = Pairs::new("verification of the backup", "two sums of hashes per copy");
    let mut restored = Pairs::new("restore with proof after the failing plan", "reload by hand");
    let mut rolled_back = Pairs::new("the failing plan with `transaction: plan`", "its SQL, then ROLLBACK");
    let mut phases = Vec::new();
    for _ in 0..size.rounds {
        let database = server.database(Some(&example.name)).await;
        let ours = backup(&database).await;
        let floor = copy_by_hand(&database).await;
        taken.add(ours.0, floor.0);
        verified.add(ours.1, floor.1);
        server.drop(database).await;

        let database = server.database(Some(&example.name)).await;
        let course = fail(&database, "").await;
        server.drop(database).await;
        let database = server.database(Some(&example.name)).await;
        restored.add(course.between("restore_started", "restore_completed"), reload_by_hand(&database).await);
        server.drop(database).await;
        phases = course.phases;

        let database = server.database(Some(&example.name)).await;
        let course = fail(&database, "transaction: plan\n").await;
        server.drop(database).await;
        let database = server.database(Some(&example.name)).await;
        rolled_back.add(course.whole, roll_back_by_hand(&database).await);
        server.drop(database).await;
    }
    server.drop(example).await;
    pairs::print("Way back", &[taken, verified, restored, rolled_back]);
    pairs::print_phases("the last failing run", &phases);
}

/// A backup as a run takes it, and its verification.
async fn backup(database: &Database) -> (Duration, Duration) {
    let guard = Guard::new(&interruption().1, Vec::new());
    let (session, one, two) = (database.session().await, database.session().await, database.session().await);
    let client = &session.client;
    journal::install(client).await.expect("the journal");
    let tables = TARGETS.map(|name| ("public".to_owned(), name.to_owned()));
    let request = Request {
        store: &InDatabase,
        schema: "backup_pre_migration",
        plan: "bench",
        run: None,
        tables: &tables,
        patience: Patience::default(),
        search_path: &[],
        memory: None,
        broken_rows: BrokenRows::Refuse,
    };
    let workers = [&**one.client, &**two.client];
    let begun = Instant::now();
    let taken = take(&request, Sessions::Shared { coordinator: client, workers: &workers }, &guard).await;
    let taken = taken.expect("a backup");
    InDatabase.complete(client, &taken).await.expect("a complete backup");
    let copying = begun.elapsed();
    let begun = Instant::now();
    let verification = verify(&InDatabase, client, &taken.id).await.expect("a verification");
    assert_eq!(verification.problems, Vec::<String>::new());
    (copying, begun.elapsed())
}

async fn copy_by_hand(database: &Database) -> (Duration, Duration) {
    let session = database.session().await;
    let client = &session.client;
    let begun = Instant::now();
    copies(client).await;
    let copying = begun.elapsed();
    let begun = Instant::now();
    for table in TARGETS {
        let sums = format!(
            "SELECT count(*), sum(hash_record_extended(t, 1)::numeric), sum(hash_record_extended(t, 2)::numeric)
             FROM copies.{table} t"
        );
        client.query_one(&sums, &[]).await.expect("sums");
    }
    (copying, begun.elapsed())
}

async fn copies(client: &Client) {
    let tables: Vec<String> =
        TARGETS.iter().map(|table| format!("CREATE TABLE copies.{table} AS SELECT * FROM public.{table};")).collect();
    client.batch_execute(&format!("CREATE SCHEMA copies; {}", tables.concat())).await.expect("copies");
}

async fn fail(database: &Database, transaction: &str) -> Course {
    let plan = plans::example(FAILING, "\nvars:", &format!("\n{transaction}vars:"));
    let course = apply(database, &plan).await;
    assert!(
        matches!(course.ended, DriveOutcome::Finished(RunOutcome::Restored { .. } | RunOutcome::Aborted(_))),
        "{:?}",
        course.ended
    );
    course
}

/// The original tables emptied and filled from copies that lie ready: without indexes, which are then built again, and with
/// foreign keys that are then checked.
async fn reload_by_hand(database: &Database) -> Duration {
    let session = database.session().await;
    let client = &session.client;
    copies(client).await;
    let tables = TARGETS.map(|name| name.to_owned()).to_vec();
    let begun = Instant::now();
    client.batch_execute("BEGIN; SET LOCAL search_path = pg_catalog").await.expect("BEGIN");
    let rows = client.query(REMEMBER, &[&tables]).await.expect("definitions");
    let drops: String = rows.iter().map(|row| row.get::<_, String>(0) + ";").collect();
    let makes: String = rows.iter().rev().map(|row| row.get::<_, String>(1) + ";").collect();
    let names = TARGETS.map(|table| format!("public.{table}")).join(", ");
    client.batch_execute(&format!("{drops} TRUNCATE {names}")).await.expect("empty tables");
    for table in TARGETS {
        let columns = "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                       WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''";
        let list: String = client.query_one(columns, &[&format!("public.{table}")]).await.expect("columns").get(0);
        let fill = format!(
            "ALTER TABLE public.{table} DISABLE TRIGGER USER;
             INSERT INTO public.{table} ({list}) OVERRIDING SYSTEM VALUE SELECT {list} FROM copies.{table};
             ALTER TABLE public.{table} ENABLE TRIGGER USER"
        );
        client.batch_execute(&fill).await.expect("rows");
    }
    client.batch_execute(&makes).await.expect("indexes and constraints");
    client.batch_execute("COMMIT").await.expect("COMMIT");
    begun.elapsed()
}

async fn roll_back_by_hand(database: &Database) -> Duration {
    let session = database.session().await;
    let sql = plans::bare(&plans::example(FAILING, "", ""));
    let begun = Instant::now();
    let script = format!("BEGIN;\nSET LOCAL search_path = public;\n{sql}ROLLBACK");
    session.client.batch_execute(&script).await.expect("the bare SQL");
    begun.elapsed()
}
