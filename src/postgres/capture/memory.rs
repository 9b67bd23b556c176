//! What a session keeps from one snapshot to the next: the queries, prepared, because planning them takes as long as running them;
//! and the last snapshot, of which only what moved is read again.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio_postgres::{Client, Error, Statement, types::Type};

use super::amend::Known;

/// The settings under which prepared queries are run: what they are asked with does not change how they are best planned.
pub(super) const PLANNED_ONCE: &str = "SELECT pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)";

/// Plans that were made for a catalog so many times smaller are made anew.
const GROWTH_MAX: usize = 2;
/// Up to so many objects any plan is good enough.
const OBJECTS_SMALL: usize = 100;

/// What one session keeps from one snapshot to the next.
#[derive(Default)]
pub struct Memory {
    prepared: Mutex<Prepared>,
    structure: Mutex<Kept>,
}

/// The last snapshot.
#[derive(Default)]
struct Kept {
    known: Option<Box<Known>>,
    /// Whether the server does not let us see which rows moved.
    is_hidden: bool,
}

impl fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memory").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Prepared {
    /// By their texts.
    statements: HashMap<String, Statement>,
    /// How many objects there were when they were first run; none before.
    objects: Option<usize>,
}

impl Memory {
    /// A query, prepared in this session; now, where it is not yet.
    ///
    /// # Errors
    /// The driver's.
    pub(super) async fn prepared(&self, client: &Client, text: &str, types: &[Type]) -> Result<Statement, Error> {
        let known = lock(&self.prepared).statements.get(text).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = client.prepare_typed(text, types).await?;
        lock(&self.prepared).statements.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Takes note of how much there was to read.
    pub(super) fn note(&self, objects: usize) {
        let mut kept = lock(&self.prepared);
        let first = *kept.objects.get_or_insert(objects);
        if objects > OBJECTS_SMALL.max(first * GROWTH_MAX) {
            *kept = Prepared::default();
        }
    }

    /// Forgets everything: the session is another one, or the plan's SQL has dropped what was prepared.
    pub fn forget(&self) {
        *lock(&self.prepared) = Prepared::default();
        drop(self.take());
    }

    /// The last snapshot, where one was kept; to be kept again once it was amended. Work that fails in between leaves none, and the
    /// next one is read whole.
    pub(super) fn take(&self) -> Option<Box<Known>> {
        lock(&self.structure).known.take()
    }

    pub(super) fn keep(&self, known: Box<Known>) {
        lock(&self.structure).known = Some(known);
    }

    /// Whether snapshots are always read whole.
    pub(super) fn is_hidden(&self) -> bool {
        lock(&self.structure).is_hidden
    }

    pub(super) fn hide(&self) {
        *lock(&self.structure) = Kept { known: None, is_hidden: true };
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept is whole whatever happened to the work that kept it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
