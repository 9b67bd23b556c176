//! Schemas and functions of the way back itself. Their tables are looked at like all others; these hold no rows.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use crate::{machine::Failure, postgres::error_class};

/// What there is of them: name, row, and the row's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own(BTreeSet<(String, i64, String)>);

impl Own {
    /// Looks, in the step's transaction. Nobody else changes them while the run has its lock.
    ///
    /// # Errors
    /// `backstop::run::coverage_unknown`, with what the server said.
    pub async fn look(client: &Client, schemas: &[String]) -> Result<Self, Failure> {
        let failed = |error: Error| error_class::failure("backstop::run::coverage_unknown", &error);
        let rows = client.query(include_str!("own.sql"), &[&schemas]).await.map_err(failed)?;
        let one = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        rows.iter().map(one).collect::<Result<_, Error>>().map(Own).map_err(failed)
    }

    /// Whether they are as they were.
    ///
    /// # Errors
    /// `backstop::run::touches_backup`, naming what was made, changed or dropped.
    pub fn untouched_since(&self, then: &Own) -> Result<(), Failure> {
        let touched: BTreeSet<&str> = self.0.symmetric_difference(&then.0).map(|(name, ..)| name.as_str()).collect();
        if touched.is_empty() {
            return Ok(());
        }
        let names = touched.into_iter().collect::<Vec<_>>().join(", ");
        Err(touches_backup(&names))
    }
}

/// That a step touches what is to bring everything back; with the names of what it touches.
pub fn touches_backup(names: &str) -> Failure {
    Failure::permanent("backstop::run::touches_backup", format!("the step touches the way back itself: {names}"))
        .hint("Leave the schemas of the journal and of the backup alone; name another schema in the plan's `backup`.")
}
