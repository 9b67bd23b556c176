//! What a session keeps from one snapshot to the next: the queries, prepared. Planning them takes as long as running them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio_postgres::{Client, Error, Statement, types::Type};

/// The settings under which prepared queries are run: what they are asked with does not change how they are best planned.
pub(super) const PLANNED_ONCE: &str = "SELECT pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)";

/// Plans that were made for a catalog so many times smaller are made anew.
const GROWTH_MAX: usize = 2;
/// Up to so many objects any plan is good enough.
const OBJECTS_SMALL: usize = 100;

/// What one session keeps from one snapshot to the next.
#[derive(Default)]
pub struct Memory(Mutex<Prepared>);

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
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub(super) async fn prepared(&self, client: &Client, text: &str, types: &[Type]) -> Result<Statement, Error> {
        let known = self.lock().statements.get(text).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = client.prepare_typed(text, types).await?;
        self.lock().statements.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Takes note of how much there was to read.
    pub(super) fn note(&self, objects: usize) {
        let mut kept = self.lock();
        let first = *kept.objects.get_or_insert(objects);
        if objects > OBJECTS_SMALL.max(first * GROWTH_MAX) {
            *kept = Prepared::default();
        }
    }

    /// Forgets everything: the session is another one, or the plan's SQL has dropped what was prepared.
    pub fn forget(&self) {
        *self.lock() = Prepared::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Prepared> {
        // What is kept is whole whatever happened to the work that kept it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
