//! The port to where backups are kept.

use std::{fmt, pin::Pin};

use futures_util::Stream;

use super::manifest::{Algorithm, CopyId, Manifest, TableCopy};
use crate::{catalog::Column, machine::Failure};

/// What a store answers, once it does.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;
/// Rows in COPY's text format, in the columns of the copy; pieces end anywhere.
pub type Pieces<'a> = Pin<Box<dyn Stream<Item = Result<Vec<u8>, Failure>> + Send + 'a>>;

/// Where backups are kept. `S` is a session of the database that they are of: a store in that database works in it, so that what it does
/// commits, or is rolled back, with everything else that the session does; any other store has no use for it.
///
/// A backup is partial from [`Backups::begin`] on, and complete with [`Backups::complete`]. A store proves nothing: whoever writes a
/// copy reads it back and compares. Who begins, completes or removes holds the run lock; several sessions may write and read side by
/// side.
pub trait Backups<S: ?Sized>: fmt::Debug + Send + Sync {
    /// Begins a backup and returns its id, which no other one has: the moment in UTC, `YYYY_MM_DD_HH24_MI_SS`.
    fn begin<'a>(&'a self, session: &'a S, new: &'a NewBackup<'a>) -> Reply<'a, String>;

    /// Keeps a table's rows, and returns how many bytes they take. In the session's transaction the table can be read; a store in the same
    /// database may read it itself.
    fn write<'a>(&'a self, session: &'a S, copy: &'a NewCopy<'a>, rows: &'a dyn TableRows) -> Reply<'a, u64>;

    /// The rows of a copy; none where it is gone.
    fn read<'a>(&'a self, session: &'a S, copy: CopyId<'a>) -> Reply<'a, Option<StoredRows<'a>>>;

    /// Turns a backup complete. Returns what it lacks that does not make it worthless, for people.
    fn complete<'a>(&'a self, session: &'a S, manifest: &'a Manifest) -> Reply<'a, Option<Failure>>;

    /// The manifest of a complete backup.
    fn manifest<'a>(&'a self, session: &'a S, id: &'a str) -> Reply<'a, Manifest>;

    /// All backups, partial ones too, the newest first.
    fn list<'a>(&'a self, session: &'a S) -> Reply<'a, Vec<StoredBackup>>;

    /// Removes a backup, whole or partial; one that is not there is removed. What was left by a removal that failed is removed by the
    /// next one.
    fn remove<'a>(&'a self, session: &'a S, id: &'a str) -> Reply<'a, ()>;
}

/// The rows of a table as they are to be kept.
pub trait TableRows: Sync {
    /// Reads them, once.
    fn pieces(&self) -> Reply<'_, Pieces<'_>>;
}

/// Where the rows of a copy are.
pub enum StoredRows<'a> {
    /// In a relation of the session's own database: its quoted name.
    Relation(String),
    /// Elsewhere.
    Pieces(Pieces<'a>),
}

/// What is known of a backup before its rows.
#[derive(Debug, Clone, Copy)]
pub struct NewBackup<'a> {
    /// The schema of copies in the same database.
    pub schema: &'a str,
    /// The plan that it is for.
    pub plan: &'a str,
    /// The run that takes it; none where a person does.
    pub run: Option<&'a str>,
    /// `server_version_num`
    pub server_version: u32,
    /// How rows are digested.
    pub algorithm: Algorithm,
}

/// A copy that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewCopy<'a> {
    /// What it is found by.
    pub id: CopyId<'a>,
    /// How rows are digested.
    pub algorithm: Algorithm,
    /// The table's columns.
    pub columns: &'a [Column],
    /// What its manifest will say of it, but for the bytes.
    pub table: &'a TableCopy,
}

/// Whether a backup can be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupStatus {
    /// It was never finished, or is being taken.
    Partial,
    /// It can.
    Complete,
}

impl BackupStatus {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            BackupStatus::Partial => "partial",
            BackupStatus::Complete => "complete",
        }
    }
}

/// A backup in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBackup {
    /// The moment in UTC at which it was begun, `YYYY_MM_DD_HH24_MI_SS`.
    pub id: String,
    /// The schema of copies in the same database.
    pub schema: String,
    /// The plan that it was taken for.
    pub plan: String,
    /// The run that took it.
    pub run: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// Whether it can be restored.
    pub status: BackupStatus,
    /// How many tables it holds.
    pub tables: u64,
    /// Of all its tables together.
    pub rows: u64,
    /// How large the copies are.
    pub bytes: u64,
}
