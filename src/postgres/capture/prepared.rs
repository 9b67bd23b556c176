//! The queries that a session keeps prepared.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio_postgres::{Client, Error, Statement, types::Type};

/// The settings under which prepared queries are run: what they are asked with does not change how they are best planned.
pub(super) const PLANNED_ONCE: &str = "SELECT pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)";

/// Plans that were made for a catalog so many times smaller are made anew.
const GROWTH_MAX: usize = 2;
/// Up to so many objects any plan is good enough.
const OBJECTS_SMALL: usize = 100;

/// Those of one session.
#[derive(Default)]
pub(super) struct Prepared(Mutex<Statements>);

#[derive(Default)]
struct Statements {
    /// By their texts.
    statements: HashMap<String, Statement>,
    /// How many objects there were when they were first run; none before.
    objects: Option<usize>,
}

impl Prepared {
    /// A query, prepared in this session; now, where it is not yet.
    ///
    /// # Errors
    /// Where the server takes the text for no statement, or the connection is lost.
    pub(super) async fn statement(&self, client: &Client, text: &str, types: &[Type]) -> Result<Statement, Error> {
        let known = lock(&self.0).statements.get(text).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = client.prepare_typed(text, types).await?;
        lock(&self.0).statements.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Takes note of how much there was to read.
    pub(super) fn note(&self, objects: usize) {
        let mut kept = lock(&self.0);
        let first = *kept.objects.get_or_insert(objects);
        if objects > OBJECTS_SMALL.max(first * GROWTH_MAX) {
            *kept = Statements::default();
        }
    }

    pub(super) fn forget(&self) {
        *lock(&self.0) = Statements::default();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept is whole whatever happened to the work that kept it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
