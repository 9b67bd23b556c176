//! What a session keeps from one snapshot to the next: the queries, prepared. Planning them takes as long as running them.

use std::sync::{Mutex, PoisonError};

use futures_util::future::try_join_all;
use tokio_postgres::{Client, Error, Statement, types::Type};

use super::query::{ALIASES, COMPANIONS, DEPENDS, LABELS, OBJECTS, fitted};

/// The settings under which prepared queries are run: what they are asked with does not change how they are best planned.
pub(super) const PLANNED_ONCE: &str = "SELECT pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)";

/// Plans that were made for a catalog so many times smaller are made anew.
const GROWTH_MAX: usize = 2;
/// Up to so many objects any plan is good enough.
const OBJECTS_SMALL: usize = 100;

/// What one session keeps from one snapshot to the next.
#[derive(Default)]
pub struct Memory(Mutex<Option<Prepared>>);

/// The queries in the order of [`texts`].
#[derive(Clone)]
struct Prepared {
    statements: Vec<Statement>,
    /// How many objects there were when they were first run; none before.
    objects: Option<usize>,
}

impl Memory {
    /// The queries, prepared in this session; now, where they are not yet.
    ///
    /// # Errors
    /// The driver's.
    pub(super) async fn queries(&self, client: &Client, version: u32) -> Result<Vec<Statement>, Error> {
        if let Some(prepared) = self.lock().as_ref() {
            return Ok(prepared.statements.clone());
        }
        let texts = texts(version);
        let statements = try_join_all(texts.iter().map(|(text, types)| client.prepare_typed(text, types))).await?;
        *self.lock() = Some(Prepared { statements: statements.clone(), objects: None });
        Ok(statements)
    }

    /// Takes note of how much there was to read.
    pub(super) fn note(&self, objects: usize) {
        let mut kept = self.lock();
        if let Some(prepared) = kept.as_mut() {
            let first = *prepared.objects.get_or_insert(objects);
            if objects > OBJECTS_SMALL.max(first * GROWTH_MAX) {
                *kept = None;
            }
        }
    }

    /// Forgets everything: the session is another one, or the plan's SQL has dropped what was prepared.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Prepared>> {
        // What is kept is whole whatever happened to the work that kept it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The queries for a server of this version with the types of their parameters: those that give objects, which take the
/// schemas that are left out, then aliases, edges, labels, and what came along.
pub(super) fn texts(version: u32) -> Vec<(String, &'static [Type])> {
    let objects = OBJECTS.iter().map(|query| (fitted(query, version), &[Type::TEXT_ARRAY][..]));
    objects.chain([ALIASES, DEPENDS, LABELS, COMPANIONS].map(|query| (fitted(query, version), &[][..]))).collect()
}
