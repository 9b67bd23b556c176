//! A backup's state in another database, with the live one left alone.

use super::{
    basis::RestoreBasis,
    target::{RestoreOptions, RestoreTarget, backup_of, chosen, found},
};
use crate::{
    operations::{problem::OperationProblem, run_context::RunContext, watcher::Watcher},
    postgres::{
        backup::{self, InDatabase},
        trial::{Filled, RestoreInto, into_database},
    },
};

/// Makes a backup's state in another database of the same server, which is new or empty. The live one is left alone.
///
/// # Errors
/// Where there is no such run, backup or table, and what keeps the database from being filled.
pub async fn restore_into(
    context: &RunContext<'_>,
    wanted: &RestoreOptions,
    database: &str,
    watcher: &mut dyn Watcher,
) -> Result<RestoredInto, OperationProblem> {
    let connection = context.connected(watcher).await?;
    let client = &connection.client;
    let id = match found(client, wanted).await? {
        RestoreTarget::Run(found) => backup_of(*found)?,
        RestoreTarget::Backup(id) => id,
    };
    RestoreBasis::at(client, &id).await?;
    let manifest = backup::read(&InDatabase, client, &id).await.map_err(OperationProblem::unreadable)?;
    let manifest = manifest.only(&chosen(&manifest, &wanted.tables)?).map_err(OperationProblem::unreadable)?;
    let beside = RestoreInto {
        manifest: &manifest,
        store: &InDatabase,
        options: context.database.options(),
        live: client,
        cancel: connection.cancel(),
        database,
        interruption: context.interruption,
    };
    let filled = into_database(&beside).await.map_err(OperationProblem::unreadable)?;
    Ok(RestoredInto { backup: manifest.id.clone(), database: database.to_owned(), filled })
}

/// A backup's state in another database.
pub struct RestoredInto {
    /// The backup's id, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// The other database.
    pub database: String,
    /// What it holds.
    pub filled: Filled,
}
