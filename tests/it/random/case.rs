//! One case: a place, a backup, a migration, the way back, and whether all is as it was.

use std::{collections::BTreeSet, sync::Arc};

use backstop::{
    catalog::{Definition, ObjectKey, OthersWork, Snapshot, diff, obstacles},
    drive::manifest::Manifest,
    machine::{Failure, Fidelity, Restoration},
    plan::Sequences,
    postgres::{
        backup::{self, BrokenRows, Request, Store},
        capture::{self, Memory},
        fence,
        interrupt::{Guard, interruption},
        journal,
        restore::{self, RestoreRequest, RestoreScope},
        table_lock::Patience,
    },
};
use std::time::Duration;
use tokio_postgres::Client;

use super::{
    migration::migration,
    place::{Place, ROLES},
};
use crate::support::{Chance, Facts, Kept, Spelling, TestDatabase, database, database_like};

const COPIES: &str = "backup_pre_migration";
/// Statements that take longer than this are no statements for a test.
const LIMITS: &str = "SET statement_timeout = '20s'; SET lock_timeout = '2s'";

/// What is tried.
#[derive(Debug, Clone)]
pub struct Case {
    pub setup: Vec<String>,
    pub migration: Vec<String>,
    /// Whether `pg_dump` is asked too.
    pub dumped: bool,
    /// Where the backup is kept.
    pub kept: Kept,
}

/// How it went.
#[derive(Debug)]
pub enum Outcome {
    /// All is as it was; so many statements of the migration were taken.
    Back(usize),
    /// The program said beforehand that it could not go back.
    Refused(String),
    /// It could not, or something is different.
    Wrong(String),
}

impl Case {
    pub fn of_seed(seed: u64) -> Case {
        let mut chance = Chance::new(seed);
        let mut place = Place::make(&mut chance);
        let migration = migration(&mut place, &mut chance);
        let dumped = chance.one_in(10);
        let kept = if chance.one_in(4) { Kept::InADirectory } else { Kept::InTheDatabase };
        Case { setup: place.statements, migration, dumped, kept }
    }
}

/// A place for cases, which are tried one after the other, each in a database of its own.
pub struct Arena {
    template: TestDatabase,
}

impl Arena {
    pub async fn open(word: &str) -> Arena {
        let template = database(&format!("random_{word}"));
        let client = template.client().await;
        for role in ROLES {
            // Roles are the whole server's: they may be there already.
            let _ = client.batch_execute(&format!("CREATE ROLE {role}")).await;
        }
        journal::install(&client).await.expect("a journal");
        client.batch_execute(&format!("{}; {}", backup::SCHEMA, fence::SCHEMA)).await.expect("the program's schemas");
        template.end_sessions();
        Arena { template }
    }

    /// Tries a case.
    pub async fn run(&self, case: &Case) -> Outcome {
        let database = database_like(&self.template, "random_case");
        // All tables are targets here, and all that changes is the case's work.
        database.send_bystanders_away();
        run(case, &database).await
    }
}

async fn run(case: &Case, database: &TestDatabase) -> Outcome {
    let (observer, client) = (database.client().await, database.client().await);
    let memory = Memory::comparing();
    attempt(&client, &case.setup, &memory).await;
    let before = Facts::find(&observer).await;
    let dumped = case.dumped.then(|| dump(database));
    let store = case.kept.store();
    let manifest = match back_up(&*store, &client, &memory).await {
        Ok(Ok(manifest)) => manifest,
        Ok(Err(refusal)) => return Outcome::Refused(refusal),
        Err(failure) => return Outcome::Wrong(format!("no backup: {failure:#?}")),
    };
    let taken = attempt(&client, &case.migration, &memory).await;
    let restored = match go_back(&*store, &client, &manifest, &memory).await {
        Ok(restored) => restored,
        Err(failure) => {
            return Outcome::Wrong(format!("no way back: {}\n{}", failure.message, failure.detail.unwrap_or_default()));
        }
    };
    let spelling = if restored.respelled.is_empty() { Spelling::Counts } else { Spelling::Respelled };
    let mut differences = before.differences(&Facts::find(&observer).await, spelling);
    // A stale materialized view can't be stale in the same way again: the restore says so, and only there other rows may stand.
    let refreshed = |view: &String| format!("rows of {}", view.trim_start_matches("materialized view "));
    let is_said = |line: &String| restored.refreshed.iter().any(|view| line.ends_with(&refreshed(view)));
    differences.retain(|line| !is_said(line));
    if let Some(dumped) = dumped.filter(|_| spelling == Spelling::Counts)
        && differences.is_empty()
        && dumped != dump(database)
    {
        differences = line_differences(&dumped, &dump(database));
    }
    if differences.is_empty() { Outcome::Back(taken) } else { Outcome::Wrong(differences.join("\n")) }
}

/// Runs the statements, each in a transaction of its own, and counts those that the server took.
async fn attempt(client: &Client, statements: &[String], memory: &Memory) -> usize {
    client.batch_execute(LIMITS).await.expect("limits");
    let mut taken = 0;
    for statement in statements {
        match client.batch_execute(statement).await {
            Ok(()) => taken += 1,
            Err(error) => {
                if std::env::var("BACKSTOP_TEST_SHOW").is_ok() {
                    println!("refused: {statement}\n    {}", error.as_db_error().map_or("?", |error| error.message()));
                }
                // What began a transaction left it open.
                let _ = client.batch_execute("ROLLBACK").await;
            }
        }
        snapshot_again(client, memory).await;
    }
    taken
}

async fn snapshot_again(client: &Client, memory: &Memory) -> Arc<Snapshot> {
    capture::snapshot_again(client, &[COPIES.to_owned()], memory).await.expect("a snapshot")
}

/// A backup of all tables, or why the program does not take one.
async fn back_up(store: &Store, client: &Client, memory: &Memory) -> Result<Result<Manifest, String>, Failure> {
    let snapshot = snapshot_again(client, memory).await;
    let is_table = |key: &&ObjectKey| matches!(snapshot.objects[*key].definition, Definition::Table(_));
    let covered: BTreeSet<ObjectKey> = snapshot.objects.keys().filter(is_table).cloned().collect();
    let problems = obstacles(&snapshot, &covered);
    if !problems.is_empty() {
        let lines = problems.iter().map(|problem| format!("{}: {}", problem.object, problem.why));
        return Ok(Err(lines.collect::<Vec<_>>().join("; ")));
    }
    let tables: Vec<(String, String)> = covered.into_iter().map(|key| (key.schema, key.name)).collect();
    let request = Request {
        store,
        schema: COPIES,
        plan: "random",
        run: None,
        tables: &tables,
        patience: Patience::default(),
        search_path: &[],
        memory: None,
        broken_rows: BrokenRows::Refuse,
    };
    client.batch_execute("RESET ALL").await.expect("settings");
    let guard = Guard::new(&interruption().1, Vec::new());
    let (taken, _) = backup::take_manual(&request, client, &guard).await?;
    backup::read(store, client, &taken.id).await.map(Ok)
}

async fn go_back(store: &Store, client: &Client, manifest: &Manifest, memory: &Memory) -> Result<Restoration, Failure> {
    client.batch_execute("RESET ALL").await.expect("settings");
    let now = snapshot_again(client, memory).await;
    let changed: BTreeSet<ObjectKey> = diff(&manifest.snapshot, &now).into_iter().map(|change| change.object).collect();
    let order = RestoreRequest {
        manifest,
        store,
        changed: RestoreScope::ByRun(&changed),
        others: OthersWork::Tables,
        sequences: Sequences::Exact,
        run: None,
        later_writes: Default::default(),
        patience: Patience { wait: Duration::from_secs(2), attempts: 2, pause: Duration::from_millis(20) },
        fidelity: Fidelity::Exact,
        memory: None,
    };
    restore::restore(client, &order).await
}

fn dump(database: &TestDatabase) -> String {
    database.dump_others_schema()
}

fn line_differences(before: &str, after: &str) -> Vec<String> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("pg_dump - {line}"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("pg_dump + {line}"));
    std::iter::once("pg_dump prints something else, perhaps in another order".to_owned()).chain(gone).chain(new).collect()
}
