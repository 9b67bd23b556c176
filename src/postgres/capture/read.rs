//! Asking: one savepoint, two round trips.

use futures_util::future::{try_join, try_join_all, try_join5};
use tokio_postgres::{
    Client, Error, Row,
    error::SqlState,
    types::{ToSql, Type},
};

use super::{
    assemble::Assembly,
    memory::{Memory, PLANNED_ONCE},
    own_changes::Places,
    query::{PINS, Questions, facts},
};
use crate::catalog::Snapshot;

/// How often a snapshot is tried when an object vanishes while the server prints it: other sessions' changes are seen by
/// `pg_get_*def` at once, even where the transaction's own view of the catalog is older.
pub const ATTEMPTS: u32 = 3;

/// The name of the savepoint that holds the settings.
const SAVEPOINT: &str = "backstop_capture";

/// backstop's own schema, which is no part of any snapshot.
const OWN_SCHEMA: &str = "backstop";

/// The structure of the database as the client's transaction sees it, uncommitted changes included; outside a transaction as
/// of one moment. Left out are the system's schemas, `backstop`, the schemas named in `exclude`, temporary objects, and what
/// belongs to extensions.
///
/// Inside a transaction everything happens behind a savepoint that is rolled back, so that settings and an eventual error
/// leave no trace. If the future is dropped before it is done, the transaction must be rolled back.
///
/// # Errors
/// When the transaction has failed already, the connection is lost, the statement is cancelled, or the catalog keeps
/// changing under the queries.
pub async fn snapshot(client: &Client, exclude: &[String]) -> Result<Snapshot, Error> {
    located(client, exclude).await.map(|(snapshot, _)| snapshot)
}

/// The same with the places of the objects in the catalog, which are good for this very moment.
///
/// # Errors
/// As [`snapshot`].
pub async fn located(client: &Client, exclude: &[String]) -> Result<(Snapshot, Places), Error> {
    patiently(client, exclude, None).await
}

/// The same for a session of which many are wanted, one after the other.
///
/// # Errors
/// As [`snapshot`].
pub async fn located_again(client: &Client, exclude: &[String], memory: &Memory) -> Result<(Snapshot, Places), Error> {
    patiently(client, exclude, Some(memory)).await
}

/// [`located_again`] without the places.
///
/// # Errors
/// As [`snapshot`].
pub async fn snapshot_again(client: &Client, exclude: &[String], memory: &Memory) -> Result<Snapshot, Error> {
    located_again(client, exclude, memory).await.map(|(snapshot, _)| snapshot)
}

async fn patiently(client: &Client, exclude: &[String], memory: Option<&Memory>) -> Result<(Snapshot, Places), Error> {
    let mut attempt = 1;
    loop {
        match snapshot_once(client, exclude, memory).await {
            Err(error) if attempt < ATTEMPTS && has_vanished(&error) => attempt += 1,
            answer => return answer,
        }
        if let Some(memory) = memory {
            memory.forget();
        }
    }
}

async fn snapshot_once(client: &Client, exclude: &[String], memory: Option<&Memory>) -> Result<(Snapshot, Places), Error> {
    let frame = SettingsScope::open(client).await?;
    let answer = ask(client, exclude, memory).await;
    match answer {
        Ok(snapshot) => frame.close(client).await.map(|()| snapshot),
        // The first error is the one that says what happened; closing can only fail for the same reason.
        Err(error) => {
            let _ = frame.close(client).await;
            Err(error)
        }
    }
}

/// What keeps the settings away from the session.
enum SettingsScope {
    /// A savepoint in the caller's transaction.
    Savepoint,
    /// A transaction of our own.
    Transaction,
}

impl SettingsScope {
    async fn open(client: &Client) -> Result<SettingsScope, Error> {
        match client.batch_execute(&format!("SAVEPOINT {SAVEPOINT}")).await {
            Ok(()) => Ok(SettingsScope::Savepoint),
            Err(error) if error.code() == Some(&SqlState::NO_ACTIVE_SQL_TRANSACTION) => {
                client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                Ok(SettingsScope::Transaction)
            }
            Err(error) => Err(error),
        }
    }

    async fn close(self, client: &Client) -> Result<(), Error> {
        match self {
            SettingsScope::Savepoint => {
                client.batch_execute(&format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}; RELEASE SAVEPOINT {SAVEPOINT}")).await
            }
            SettingsScope::Transaction => client.batch_execute("ROLLBACK").await,
        }
    }
}

async fn ask(client: &Client, exclude: &[String], memory: Option<&Memory>) -> Result<(Snapshot, Places), Error> {
    let settings = match memory {
        None => PINS.to_owned(),
        Some(_) => format!("{PINS};\n{PLANNED_ONCE}"),
    };
    let ((), facts) = try_join(client.batch_execute(&settings), client.query_typed_one(&facts(), &[])).await?;
    let mut assembly = Assembly::default();
    let version = assembly.facts(&facts)?;
    let questions = Questions::of(version, &facts.try_get::<_, Vec<bool>>(3)?);
    let left_out: Vec<String> = exclude.iter().cloned().chain([OWN_SCHEMA.to_owned()]).collect();
    let answers = Asking { client, left_out: &left_out, memory }.all(&questions).await?;
    for row in answers.objects.iter().flatten() {
        assembly.object(row)?;
    }
    for row in &answers.aliases {
        assembly.alias(row)?;
    }
    for row in &answers.depends {
        assembly.edge(row)?;
    }
    for row in &answers.labels {
        assembly.label(row)?;
    }
    for row in &answers.companions {
        assembly.companion(row)?;
    }
    let (snapshot, keys) = assembly.finish();
    if let Some(memory) = memory {
        memory.note(snapshot.objects.len());
    }
    Ok((snapshot, Places::of(keys)))
}

/// What [`Questions`] were answered with.
struct Answers {
    objects: Vec<Vec<Row>>,
    aliases: Vec<Row>,
    depends: Vec<Row>,
    labels: Vec<Row>,
    companions: Vec<Row>,
}

/// How queries are sent: all at once.
struct Asking<'a> {
    client: &'a Client,
    left_out: &'a Vec<String>,
    memory: Option<&'a Memory>,
}

impl Asking<'_> {
    async fn all(&self, questions: &Questions) -> Result<Answers, Error> {
        let objects = try_join_all(questions.objects.iter().map(|text| self.one(text, true)));
        let labels = async {
            match &questions.labels {
                Some(text) => self.one(text, false).await,
                None => Ok(Vec::new()),
            }
        };
        let (objects, aliases, depends, labels, companions) = try_join5(
            objects,
            self.one(&questions.aliases, false),
            self.one(&questions.depends, false),
            labels,
            self.one(&questions.companions, false),
        )
        .await?;
        Ok(Answers { objects, aliases, depends, labels, companions })
    }

    async fn one(&self, text: &str, takes_schemas: bool) -> Result<Vec<Row>, Error> {
        let all: [(&(dyn ToSql + Sync), Type); 1] = [(self.left_out, Type::TEXT_ARRAY)];
        let with: &[(&(dyn ToSql + Sync), Type)] = if takes_schemas { &all } else { &[] };
        let Some(memory) = self.memory else { return self.client.query_typed(text, with).await };
        let (values, types): (Vec<&(dyn ToSql + Sync)>, Vec<Type>) = with.iter().cloned().unzip();
        let statement = memory.prepared(self.client, text, &types).await?;
        self.client.query(&statement, &values).await
    }
}

/// Whether the server could not find something that a query had just listed, or a query that was prepared.
fn has_vanished(error: &Error) -> bool {
    const STATES: [&SqlState; 5] = [
        &SqlState::INTERNAL_ERROR,
        &SqlState::UNDEFINED_TABLE,
        &SqlState::UNDEFINED_OBJECT,
        &SqlState::UNDEFINED_FUNCTION,
        &SqlState::INVALID_SQL_STATEMENT_NAME,
    ];
    error.code().is_some_and(|state| STATES.contains(&state))
}
