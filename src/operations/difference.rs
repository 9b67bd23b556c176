//! What changed in a database since a backup.

use super::{database::DatabaseAccess, problem::OperationProblem};
use crate::postgres::{
    backup::{self, InDatabase},
    difference::{ChangesSince, since},
};

pub use crate::postgres::difference::{By, RowDelta, TableDelta};

/// What changed since a backup, of the whole structure and of the rows of its tables.
pub struct SinceBackup {
    /// The backup's id, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// In structure and in rows.
    pub difference: ChangesSince,
}

/// Says what changed since a backup was taken.
///
/// # Errors
/// Where there is no such backup, and what keeps it from being compared.
pub async fn since_backup(database: &DatabaseAccess, id: &str) -> Result<SinceBackup, OperationProblem> {
    let connection = database.connect().await?;
    let manifest = backup::read(&InDatabase, &connection.client, id).await.map_err(OperationProblem::unreadable)?;
    let difference = since(&InDatabase, &connection.client, &manifest).await.map_err(OperationProblem::unreadable)?;
    Ok(SinceBackup { backup: manifest.id, difference })
}
