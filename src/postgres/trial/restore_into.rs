//! The state of a backup in a database beside the live one, to stay there.

use tokio_postgres::{Client, error::SqlState};

use super::{
    build::{BackupSource, BuiltState, RowSelection, build},
    scratch,
};
use crate::{
    catalog::{ObjectKind, Snapshot},
    drive::manifest::Manifest,
    machine::Failure,
    postgres::{
        backup::Store,
        capture,
        connection::{CancelHandle, ConnectError, ConnectOptions, Connection, connect},
        error_class::failure,
        interrupt::Interruption,
        session::begin,
        transaction::{self, BEGIN, roll_back},
    },
};

const APPLICATION: &str = "backstop restore";
const FAILED: &str = "backstop::trial::failed";

/// What is wanted.
pub struct RestoreInto<'a> {
    /// Of a complete backup.
    pub manifest: &'a Manifest,
    /// Where its rows are.
    pub store: &'a Store,
    /// How to connect to its database.
    pub options: &'a ConnectOptions,
    /// A session there, outside of transactions.
    pub live: &'a Client,
    /// What cancels that session's statement.
    pub cancel: CancelHandle,
    /// The database that is to have the backup's state.
    pub database: &'a str,
    /// Who may stop it.
    pub interruption: &'a Interruption,
}

/// What stands in the database now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// Whether the database was made for it.
    pub made: bool,
    /// Tables with their rows.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// Objects, the tables among them.
    pub objects: usize,
    /// Those of them whose text the server respelled.
    pub respelled: Vec<String>,
    /// What is not as in the backup, a fragment each.
    pub unproven: Vec<String>,
}

/// Brings the backup's state into another database of the same server, which is made where it is missing, and proves it before
/// it commits. One that is not empty is refused.
///
/// # Errors
/// `backstop::trial::not_empty`, `backstop::trial::no_database` or as a trial; a database that was made for it is dropped again
/// then, another one is as it was.
pub async fn into_database(into: &RestoreInto<'_>) -> Result<Filled, Failure> {
    if into.database == into.options.database() {
        return Err(Failure::permanent(
            "backstop::trial::not_empty",
            format!("{} is the backup's own database", into.database),
        )
        .hint("Name another database; `backstop restore --backup ID` without `--into` brings this one back."));
    }
    let options = into.options.with_database(into.database);
    let (there, made) = match connect(&options, APPLICATION).await {
        Ok(there) => (there, false),
        Err(error) if is_missing(&error) => {
            make(into).await?;
            (connect(&options, APPLICATION).await?, true)
        }
        Err(error) => return Err(error.into()),
    };
    begin(&there).await?;
    let work = fill(into, &there);
    let filled = into.interruption.guard(&vec![there.cancel(), into.cancel.clone()], work).await;
    match filled {
        Ok(BuiltState { tables, rows, objects, respelled, unproven }) => {
            Ok(Filled { made, tables, rows, objects, respelled, unproven })
        }
        Err(failure) => {
            drop(there);
            if made {
                scratch::remove(into.live, into.database).await?;
            }
            Err(into.interruption.failure().unwrap_or(failure))
        }
    }
}

async fn make(into: &RestoreInto<'_>) -> Result<(), Failure> {
    if !scratch::may_create(into.live).await? {
        let message = format!("there is no database {}, and the role may make none", into.database);
        return Err(Failure::permanent("backstop::trial::no_database", message)
            .hint("Let somebody make it, empty and owned by the role, or say: ALTER ROLE ... CREATEDB."));
    }
    scratch::create(into.live, into.database).await
}

async fn fill(into: &RestoreInto<'_>, there: &Connection) -> Result<BuiltState, Failure> {
    let failed = |error| failure(FAILED, &error);
    let read = "BEGIN ISOLATION LEVEL REPEATABLE READ";
    into.live.batch_execute(read).await.map_err(failed)?;
    let filled = async {
        there.client.batch_execute(BEGIN).await.map_err(failed)?;
        let built = async {
            let now = capture::snapshot(&there.client, &[]).await.map_err(failed)?;
            is_empty(&now, into.database)?;
            let from = BackupSource { client: into.live, manifest: into.manifest, store: into.store };
            build(from, &there.client, RowSelection::All).await
        };
        let built = built.await;
        transaction::end(&there.client, built, FAILED).await
    };
    let filled = filled.await;
    roll_back(into.live).await;
    filled
}

/// Whether there is nothing but what a new database has. Extensions may be there: an administrator may have had to make them.
fn is_empty(now: &Snapshot, database: &str) -> Result<(), Failure> {
    let other = now.objects.keys().find(|key| {
        let is_new = (key.kind == ObjectKind::Schema && key.name == "public")
            || (key.kind == ObjectKind::Other
                && matches!(key.schema.as_str(), "extension" | "database" | "system objects" | "large objects"));
        !is_new
    });
    match other {
        None => Ok(()),
        Some(key) => Err(Failure::permanent(
            "backstop::trial::not_empty",
            format!("the database {database} is not empty: it has {key}"),
        )
        .hint("Name a database that does not exist yet, or an empty one.")),
    }
}

fn is_missing(error: &ConnectError) -> bool {
    Failure::from(error.clone()).sqlstate.as_deref() == Some(SqlState::INVALID_CATALOG_NAME.code())
}
