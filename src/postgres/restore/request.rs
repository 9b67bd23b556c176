//! What a restore is asked for.

use std::{collections::BTreeSet, sync::Arc};

use tokio_postgres::Client;

use crate::{
    catalog::{ObjectKey, OthersPlace, OthersWork, Snapshot},
    drive::manifest::Manifest,
    machine::{Failure, Fidelity},
    plan::Sequences,
    postgres::{
        backup::Store,
        capture::{self, Memory, Places},
        error_class::failure,
        later_writes::LaterWrites,
        table_lock::Patience,
    },
};

/// What is wanted.
#[derive(Debug, Clone)]
pub struct RestoreRequest<'a> {
    /// Of a complete backup.
    pub manifest: &'a Manifest,
    /// Where its rows are.
    pub store: &'a Store,
    /// What may be taken back beside the covered tables.
    pub changed: RestoreScope<'a>,
    /// What others made on the targets and is to stay.
    pub others: OthersWork<'a>,
    /// Whether sequences may move backwards.
    pub sequences: Sequences,
    /// The run whose fence is up: it lets this restore through, and is taken down by it.
    pub run: Option<&'a str>,
    /// What becomes of writes of others that were noted since the backup.
    pub later_writes: LaterWrites,
    /// How long locks are waited for.
    pub patience: Patience,
    /// Whether single objects may be left unfinished.
    pub fidelity: Fidelity,
    /// What the session keeps from one catalog snapshot to the next: how the structure is before anything is done is told by it. The
    /// proof is read anew.
    pub memory: Option<&'a Memory>,
}

impl RestoreRequest<'_> {
    /// Where what others made stands meanwhile: what keeps rows out is no reason not to bring them back.
    pub fn place(&self) -> OthersPlace {
        if self.fidelity.is_exact() { OthersPlace::Kept } else { OthersPlace::Apart }
    }
}

/// What may be taken back beside the covered tables, their parts and what depends on them.
#[derive(Debug, Clone, Copy)]
pub enum RestoreScope<'a> {
    /// What the run's steps changed.
    ByRun(&'a BTreeSet<ObjectKey>),
    /// Nobody recorded what changed: whatever the covered tables needed, types for instance, and nothing else.
    Beneath,
}

/// The structure as it is, without the schema of the copies.
pub async fn snapshot(client: &Client, request: &RestoreRequest<'_>) -> Result<Snapshot, Failure> {
    capture::snapshot(client, std::slice::from_ref(&request.manifest.schema))
        .await
        .map_err(|error| failure("backstop::restore::failed", &error))
}

/// The same before anything was done, with the places of the objects.
///
/// # Errors
/// As [`snapshot`].
pub async fn snapshot_before(client: &Client, request: &RestoreRequest<'_>) -> Result<(Snapshot, Places), Failure> {
    let new = Memory::default();
    let left_out = std::slice::from_ref(&request.manifest.schema);
    let read = capture::located_again(client, left_out, request.memory.unwrap_or(&new)).await;
    let (snapshot, places) = read.map_err(|error| failure("backstop::restore::failed", &error))?;
    Ok((Arc::unwrap_or_clone(snapshot), places))
}
