//! A trial restore, from the scratch database's making to its end.

use tokio_postgres::{Client, error::SqlState};

use super::{
    build::{BackupSource, BuiltState, RowSelection, build},
    in_schema::try_in_schema,
    scratch,
};
use crate::{
    drive::manifest::Manifest,
    machine::{Failure, Trial, TrialForm},
    postgres::{
        backup::Store,
        connection::{CancelHandle, ConnectOptions, Connection, connect},
        digest::{remember, unpin},
        error_class::failure,
        interrupt::Interruption,
        session::begin,
        transaction::{BEGIN, roll_back},
    },
};

/// What the sessions of a trial are called in `pg_stat_activity`.
const APPLICATION: &str = "backstop trial";

const FAILED: &str = "backstop::trial::failed";

/// What a trial is made with.
pub struct TrialRequest<'a> {
    /// The backup; complete, or with its copies complete.
    pub manifest: &'a Manifest,
    /// Where its rows are.
    pub store: &'a Store,
    /// How to connect to its database.
    pub options: &'a ConnectOptions,
    /// A session that sees the copies, within a transaction or not.
    pub live: &'a Client,
    /// What cancels that session's statement.
    pub cancel: CancelHandle,
    /// Who may stop the trial.
    pub interruption: &'a Interruption,
}

impl TrialRequest<'_> {
    fn origin(&self) -> BackupSource<'_> {
        BackupSource { client: self.live, manifest: self.manifest, store: self.store }
    }
}

/// Brings the backup back where it disturbs nobody, compares, and removes everything: in a database of its own where the role
/// may make one, else in a schema that is rolled back. Scratch databases of trials that crashed are removed first.
///
/// # Errors
/// `backstop::trial::...`, `backstop::restore::...` or `backstop::digest::failed` with what went wrong; nothing is left of it then,
/// unless `backstop::trial::not_removed` says so.
pub async fn trial_restore(setting: &TrialRequest<'_>) -> Result<Trial, Failure> {
    let keeper = connect(setting.options, APPLICATION).await?;
    begin(&keeper).await?;
    let client = &keeper.client;
    // One that somebody looks into just now is removed by a later trial.
    let _ = scratch::remove_stale(client).await;
    if !scratch::may_create(client).await? {
        let why = "the role may make no database (ALTER ROLE ... CREATEDB would allow it)";
        return in_schema(setting, why).await;
    }
    let name = scratch::own_name(client).await?;
    let made = setting.interruption.guard(&keeper.cancel(), scratch::create(client, &name)).await;
    let tried = match made {
        Ok(()) => in_database(setting, &name).await,
        Err(failure) => Err(failure.into()),
    };
    let removed = scratch::remove(client, &name).await;
    match tried {
        Ok(trial) => removed.map(|()| trial),
        Err(TrialRefused::Unreachable(why)) => {
            removed?;
            in_schema(setting, &format!("the scratch database could not be connected to ({why})")).await
        }
        Err(TrialRefused::Failed(failure)) => Err(setting.interruption.failure().unwrap_or(*failure)),
    }
}

/// Why there was no trial in a database.
enum TrialRefused {
    /// It was made, but the server lets nobody in.
    Unreachable(String),
    Failed(Box<Failure>),
}

impl From<Failure> for TrialRefused {
    fn from(failure: Failure) -> Self {
        TrialRefused::Failed(Box::new(failure))
    }
}

async fn in_database(setting: &TrialRequest<'_>, name: &str) -> Result<Trial, TrialRefused> {
    let there = match connect(&setting.options.with_database(name), APPLICATION).await {
        Ok(there) => there,
        Err(error) => return Err(TrialRefused::Unreachable(error.to_string())),
    };
    begin(&there).await?;
    let both = vec![setting.cancel.clone(), there.cancel()];
    let work = async {
        let frame = TrialFrame::open(setting.live).await?;
        let built = build_there(setting, &there).await;
        frame.close(setting.live).await;
        built
    };
    let BuiltState { tables, rows, objects, respelled, unproven } = setting.interruption.guard(&both, work).await?;
    Ok(Trial { form: TrialForm::Database, tables, rows, objects, respelled, unproven })
}

async fn build_there(setting: &TrialRequest<'_>, there: &Connection) -> Result<BuiltState, Failure> {
    there.client.batch_execute(BEGIN).await.map_err(|error| failure(FAILED, &error))?;
    let built = build(setting.origin(), &there.client, RowSelection::NamingNothing).await;
    roll_back(&there.client).await;
    built
}

async fn in_schema(setting: &TrialRequest<'_>, why: &str) -> Result<Trial, Failure> {
    let work = async {
        let frame = TrialFrame::open(setting.live).await?;
        let tried = try_in_schema(setting.origin(), why).await;
        frame.close(setting.live).await;
        tried
    };
    let tried = setting.interruption.guard(&setting.cancel, work).await;
    tried.map_err(|failure| setting.interruption.failure().unwrap_or(failure))
}

/// What is rolled back in the session that sees the copies.
enum TrialFrame {
    /// A transaction of the trial's own.
    Transaction,
    /// A savepoint in somebody's transaction, with the settings that it had.
    Savepoint(crate::postgres::digest::Unpinned),
}

impl TrialFrame {
    async fn open(client: &Client) -> Result<TrialFrame, Failure> {
        let failed = |error| failure(FAILED, &error);
        match client.batch_execute("SAVEPOINT backstop_frame").await {
            Ok(()) => Ok(TrialFrame::Savepoint(remember(client).await.map_err(failed)?)),
            Err(error) if error.code() == Some(&SqlState::NO_ACTIVE_SQL_TRANSACTION) => {
                client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ WRITE").await.map_err(failed)?;
                Ok(TrialFrame::Transaction)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// What can't be rolled back ends with the session.
    async fn close(self, client: &Client) {
        match self {
            TrialFrame::Transaction => roll_back(client).await,
            TrialFrame::Savepoint(settings) => {
                let back = "ROLLBACK TO SAVEPOINT backstop_frame; RELEASE SAVEPOINT backstop_frame";
                if client.batch_execute(back).await.is_ok() {
                    let _ = unpin(client, &settings).await;
                }
            }
        }
    }
}
