//! One snapshot: a savepoint, the questions, the answers.

use std::{collections::BTreeSet, error::Error as _, sync::Arc};

use futures_util::future::{try_join, try_join5};
use tokio_postgres::{Client, Error, SimpleQueryMessage, error::SqlState, types::WasNull};

#[cfg(debug_assertions)]
use super::guard;
use super::{
    amend::Known,
    asking::Asking,
    assemble::{Assembly, Extent, FoundObject},
    memory::Memory,
    own_changes::Places,
    prepared::PLANNED_ONCE,
    query::{PINS, Questions, facts},
};
use crate::catalog::Snapshot;

/// How often a snapshot is tried when an object vanishes while the server prints it: other sessions' changes are seen by
/// `pg_get_*def` at once, even where the transaction's own view of the catalog is older.
pub const ATTEMPTS: u32 = 10;

/// To print a view the server locks what it reads, which others may have locked for themselves. Whoever waits for that with locks of its own
/// must give way before the server looks for deadlocks, a second later: the application's statement could be the one that is ended.
pub const BRIEF: &str = "300ms";

/// The name of the savepoint that holds the settings.
const SAVEPOINT: &str = "backstop_capture";

/// backstop's own schema, which is no part of any snapshot.
const OWN_SCHEMA: &str = "backstop";

/// The structure of the database as the client's transaction sees it, uncommitted changes included; outside a transaction as
/// of one moment. Left out are the system's schemas, `backstop`, the schemas named in `exclude`, temporary objects, and what
/// belongs to extensions. All of it is read.
///
/// Inside a transaction everything happens behind a savepoint that is rolled back, so that settings and an eventual error
/// leave no trace. If the future is dropped before it is done, the transaction must be rolled back.
///
/// # Errors
/// When the transaction has failed already, the connection is lost, the statement is cancelled, or the catalog keeps
/// changing under the queries.
pub async fn snapshot(client: &Client, exclude: &[String]) -> Result<Snapshot, Error> {
    patiently(client, exclude, None).await.map(|located| Arc::unwrap_or_clone(located.snapshot))
}

/// The same for a session of which many are wanted, one after the other: only what moved since the last one is read, and what is not
/// read is known to be unchanged by the versions of its rows in the catalogs. With the places of the objects in the catalog, which
/// are good for this very moment.
///
/// # Errors
/// As [`snapshot`].
pub async fn located_again(client: &Client, exclude: &[String], memory: &Memory) -> Result<(Arc<Snapshot>, Places), Error> {
    #[cfg(debug_assertions)]
    if guard::reads_whole() {
        drop(memory.take());
    }
    let LocatedSnapshot { snapshot, places } = patiently(client, exclude, Some(memory)).await?;
    #[cfg(debug_assertions)]
    if memory.compares() || guard::compares() {
        return compared(client, exclude, memory).await;
    }
    Ok((snapshot, places))
}

/// An amended snapshot that is what a whole one is. Others may change something between both.
#[cfg(debug_assertions)]
async fn compared(client: &Client, exclude: &[String], memory: &Memory) -> Result<(Arc<Snapshot>, Places), Error> {
    let mut looks = 0;
    loop {
        let LocatedSnapshot { snapshot: amended, places } = patiently(client, exclude, Some(memory)).await?;
        looks += 1;
        if guard::is_whole(&amended, &snapshot(client, exclude).await?, looks) {
            return Ok((amended, places));
        }
    }
}

/// [`located_again`] without the places.
///
/// # Errors
/// As [`snapshot`].
pub async fn snapshot_again(client: &Client, exclude: &[String], memory: &Memory) -> Result<Arc<Snapshot>, Error> {
    located_again(client, exclude, memory).await.map(|(snapshot, _)| snapshot)
}

async fn patiently(client: &Client, exclude: &[String], memory: Option<&Memory>) -> Result<LocatedSnapshot, Error> {
    let left_out: BTreeSet<String> = exclude.iter().cloned().chain([OWN_SCHEMA.to_owned()]).collect();
    let left_out: Vec<String> = left_out.into_iter().collect();
    let mut attempt = 1;
    loop {
        let prepared = memory.map(|memory| &memory.prepared);
        let asking = Asking { client, left_out: &left_out, prepared, waits: attempt == ATTEMPTS };
        // Everything awaits it, deep down; it is not carried along through all of that.
        match Box::pin(snapshot_once(&asking, memory)).await {
            Err(error) if attempt < ATTEMPTS && has_vanished(&error) => attempt += 1,
            // Who took catalogs away from everybody gets the full way.
            Err(error) if attempt < ATTEMPTS && error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                attempt += 1;
                memory.iter().for_each(|memory| memory.hide());
            }
            answer => return answer,
        }
        if let Some(memory) = memory {
            memory.forget();
        }
    }
}

async fn snapshot_once(asking: &Asking<'_>, memory: Option<&Memory>) -> Result<LocatedSnapshot, Error> {
    let frame = SettingsScope::open(asking).await?;
    let answer = ask(asking, memory).await;
    // The first error is the one that says what happened; closing can only fail for the same reason.
    let end = frame.close(asking.client).await;
    let Asked { mut located, known } = answer?;
    let end = end?;
    if let (Some(memory), Some((mut known, earlier))) = (memory, known) {
        known.has_read(end.as_deref(), earlier.as_deref());
        located.places = Places::of(&known.assembly.keys, &known.assembly.aliases, Some(known.seen()));
        memory.keep(known);
    }
    Ok(located)
}

/// What keeps the settings away from the session.
enum SettingsScope {
    /// A savepoint in the caller's transaction.
    Savepoint,
    /// A transaction of our own.
    Transaction,
}

impl SettingsScope {
    async fn open(asking: &Asking<'_>) -> Result<SettingsScope, Error> {
        let settings = match asking.prepared {
            None => PINS.to_owned(),
            Some(_) => format!("{PINS};\n{PLANNED_ONCE}"),
        };
        let settings = if asking.waits {
            settings
        } else {
            format!("{settings};\nSELECT pg_catalog.set_config('lock_timeout', '{BRIEF}', true)")
        };
        match asking.client.batch_execute(&format!("SAVEPOINT {SAVEPOINT};\n{settings}")).await {
            Ok(()) => Ok(SettingsScope::Savepoint),
            Err(error) if error.code() == Some(&SqlState::NO_ACTIVE_SQL_TRANSACTION) => {
                let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n{settings}");
                asking.client.batch_execute(&begin).await?;
                Ok(SettingsScope::Transaction)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives the server's snapshot at the end.
    async fn close(self, client: &Client) -> Result<Option<String>, Error> {
        const SEEN: &str = "SELECT pg_catalog.pg_current_snapshot()";
        match self {
            SettingsScope::Savepoint => {
                // Where the work has failed, there is nothing to see.
                let close = format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}; RELEASE SAVEPOINT {SAVEPOINT}; {SEEN}");
                let answers = client.simple_query(&close).await?;
                Ok(answers.iter().find_map(seen))
            }
            SettingsScope::Transaction => {
                let answers = client.simple_query(&format!("{SEEN}; ROLLBACK")).await;
                match answers {
                    Ok(answers) => Ok(answers.iter().find_map(seen)),
                    Err(_) => client.batch_execute("ROLLBACK").await.map(|()| None),
                }
            }
        }
    }
}

fn seen(answer: &SimpleQueryMessage) -> Option<String> {
    match answer {
        SimpleQueryMessage::Row(row) => row.try_get(0).ok().flatten().map(str::to_owned),
        _ => None,
    }
}

/// A snapshot with the places of its objects.
struct LocatedSnapshot {
    snapshot: Arc<Snapshot>,
    places: Places,
}

/// What was read, and what is to be kept of it, with what was known before where it was of no use.
struct Asked {
    located: LocatedSnapshot,
    known: Option<(Box<Known>, Option<Box<Known>>)>,
}

async fn ask(asking: &Asking<'_>, memory: Option<&Memory>) -> Result<Asked, Error> {
    let known = memory.and_then(|memory| memory.take());
    let known = known.filter(|known| &known.left_out == asking.left_out);
    let Some(mut known) = known else { return ask_all(asking, memory, None).await };
    if known.amend(asking).await? { Ok(Asked::of(known, None)) } else { ask_all(asking, memory, Some(known)).await }
}

impl Asked {
    fn of(known: Box<Known>, earlier: Option<Box<Known>>) -> Self {
        let located = LocatedSnapshot { snapshot: Arc::clone(&known.assembly.snapshot), places: Places::default() };
        Asked { located, known: Some((known, earlier)) }
    }
}

async fn ask_all(asking: &Asking<'_>, memory: Option<&Memory>, earlier: Option<Box<Known>>) -> Result<Asked, Error> {
    // Before anything is read: what commits meanwhile is to show up as moved the next time.
    let report = match memory.filter(|memory| !memory.is_hidden()) {
        Some(_) => {
            let catalogs = asking.readable().await?;
            Some((asking.first_report(catalogs).await?, catalogs))
        }
        None => None,
    };
    let facts = asking.client.query_typed_one(&facts(), &[]).await?;
    let mut assembly = Assembly::default();
    let version = assembly.facts(&facts)?;
    let questions = Questions::of(version, &facts.try_get::<_, Vec<bool>>(3)?);
    fill(asking, &questions, &mut assembly).await?;
    if let Some(memory) = memory {
        memory.prepared.note(assembly.snapshot.objects.len());
    }
    Ok(match report {
        Some((report, catalogs)) => {
            Asked::of(Box::new(Known::whole(assembly, report, catalogs, asking.left_out.clone())), earlier)
        }
        None => {
            let places = Places::of(&assembly.keys, &assembly.aliases, None);
            let located = LocatedSnapshot { places, snapshot: assembly.snapshot };
            Asked { located, known: None }
        }
    })
}

async fn fill(asking: &Asking<'_>, questions: &Questions, assembly: &mut Assembly) -> Result<(), Error> {
    let labels = async {
        match &questions.labels {
            Some(text) => asking.one(text, &[]).await,
            None => Ok(Vec::new()),
        }
    };
    let objects = try_join(asking.objects(&questions.objects), asking.objects(&questions.whole));
    let (objects, aliases, depends, labels, companions) = try_join5(
        objects,
        asking.one(&questions.aliases, &[]),
        asking.one(&questions.depends, &[]),
        labels,
        asking.one(&questions.companions, &[]),
    )
    .await?;
    for (rows, is_whole) in [(objects.0, false), (objects.1, true)] {
        for row in &rows {
            if let Some(found) = FoundObject::of(row, is_whole)? {
                assembly.object(found);
            }
        }
    }
    for row in &aliases {
        assembly.alias(row)?;
    }
    for row in &depends {
        assembly.edge(row)?;
    }
    assembly.connect(Extent::All);
    for row in &labels {
        assembly.label(row, Extent::All)?;
    }
    for row in &companions {
        assembly.companion(row, Extent::All)?;
    }
    Ok(())
}

/// Whether the server could not find something that a query had just listed, which shows as an error or as a definition with nothing in
/// it, or a query that was prepared; or would have waited for a lock.
fn has_vanished(error: &Error) -> bool {
    const STATES: [&SqlState; 6] = [
        &SqlState::LOCK_NOT_AVAILABLE,
        &SqlState::INTERNAL_ERROR,
        &SqlState::UNDEFINED_TABLE,
        &SqlState::UNDEFINED_OBJECT,
        &SqlState::UNDEFINED_FUNCTION,
        &SqlState::INVALID_SQL_STATEMENT_NAME,
    ];
    let is_empty = error.source().is_some_and(|source| source.is::<serde_json::Error>() || source.is::<WasNull>());
    is_empty || error.code().is_some_and(|state| STATES.contains(&state))
}
