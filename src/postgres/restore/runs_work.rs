//! What a run did to the structure, told from what others put in the place of it.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use crate::{
    catalog::{Change, ObjectKey, OthersWork},
    machine::{Failure, StepCommitted},
    postgres::{error_class::failure, made_tables::replaced_tables},
};

/// What a restore takes back of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunsWork {
    /// What its steps made, changed or dropped.
    pub changed: BTreeSet<ObjectKey>,
    /// The same with what they did; none where the journal does not know all of it.
    own: Option<Vec<Change>>,
}

impl RunsWork {
    /// That of these steps. own: everything that the run did, where that is known.
    ///
    /// # Errors
    /// `backstop::restore::failed`, with what the server said.
    pub async fn look(client: &Client, steps: &[StepCommitted], own: Option<Vec<Change>>) -> Result<Self, Failure> {
        let replaced = replaced_tables(client, steps).await.map_err(|error| failure("backstop::restore::failed", &error))?;
        let is_there = |key: &ObjectKey| {
            let table = key.of.as_deref().map(|of| ObjectKey::table(&key.schema, of));
            !replaced.contains(key) && !table.is_some_and(|table| replaced.contains(&table))
        };
        let changed = changed(steps).into_iter().filter(is_there).collect();
        let own = own.map(|own| own.into_iter().filter(|change| is_there(&change.object)).collect());
        Ok(RunsWork { changed, own })
    }

    /// What is not its own.
    pub fn others(&self) -> OthersWork<'_> {
        self.own.as_deref().map_or(OthersWork::Tables, OthersWork::AllBut)
    }
}

/// What steps made, changed or dropped.
pub fn changed(steps: &[StepCommitted]) -> BTreeSet<ObjectKey> {
    steps.iter().flat_map(|step| &step.changes).map(|change| change.object.clone()).collect()
}
