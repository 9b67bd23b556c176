//! Answers about what differs between a backup and the database.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{catalog::Change, machine::Failure, operations::difference::TableDelta};

/// What changed since a backup.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Difference {
    /// Id of the backup that it is counted from, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// Of the whole database's structure.
    pub structure: Vec<Change>,
    /// Of the rows of the backup's tables; those that are as they were are among them.
    pub rows: Vec<TableDelta>,
    /// Whether anything did.
    pub differs: bool,
}

/// What a restore would do.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct RestorePreview {
    /// The backup's id; none where the run has none and there is nothing to bring back.
    pub backup: Option<String>,
    /// The database that would be changed, by name.
    pub database: String,
    /// What of the structure would be brought back.
    pub structure: Vec<Change>,
    /// What of the tables' rows would be.
    pub rows: Vec<TableDelta>,
    /// Tables that were made since and would be dropped.
    pub dropped: Vec<DroppedTable>,
    /// What is set before the statements.
    pub settings: Vec<String>,
    /// The statements, in their order.
    pub statements: Vec<StatementRecord>,
    /// Why it could not be done.
    pub blocked: Option<Failure>,
    /// Foreign keys that rows which are left alone would break.
    pub misfits: Vec<MisfitRecord>,
}

/// A table that would be dropped.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DroppedTable {
    /// `schema.table`
    pub table: String,
    /// Its rows.
    pub rows: u64,
}

/// A statement and the object that it is for.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StatementRecord {
    /// `table public.items`, for instance.
    pub object: String,
    /// One statement, complete and quoted, without a semicolon.
    pub sql: String,
}

/// A foreign key that rows would break.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MisfitRecord {
    /// The foreign key.
    pub constraint: String,
    /// The table that rows would be missing in: `schema.table`
    pub missing_in: String,
    /// How many rows would break it.
    pub rows: u64,
    /// What some of them point to.
    pub keys: Vec<String>,
}
