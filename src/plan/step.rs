//! One step of a plan.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    batch::Batch,
    check::CountBounds,
    exception::LintException,
    id::{CheckId, StepId},
    place::Place,
    stage::Stage,
};

/// A piece of SQL that commits, or does not, as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<S: Stage> {
    /// Unique in the plan.
    pub id: StepId,
    /// Where the id stands.
    pub at: Place,
    /// For people.
    pub description: Option<String>,
    /// What is run: in a written plan inline or a file's name, in a rendered one the final text.
    pub sql: S::Sql,
    /// Its transaction.
    pub transaction: StepTransaction,
    /// Many short transactions instead of one; where it is, [`StepTransaction::Plan`].
    pub batch: Option<Batch<S>>,
    /// What to do about transient failures; of a step in batches, those of one batch.
    pub retry: Retry,
    /// Rows that the step's last row-changing statement must report, looked at before the commit.
    pub expect_rows: Option<CountBounds>,
    /// After-checks that are also run before this step's commit, and where each is named.
    pub checks: Vec<(CheckId, Place)>,
    /// SQL that takes the step back.
    pub undo: Option<S::Text>,
    /// For `transaction: none`: a query whose single boolean says whether the step has been applied.
    pub probe: Option<S::Text>,
    /// Instead of the session's.
    pub lock_timeout: Option<Duration>,
    /// Instead of the session's.
    pub statement_timeout: Option<Duration>,
    /// Rules of `lint` that don't count in it. They change nothing that runs.
    pub lint: Vec<LintException>,
}

/// A step's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepTransaction {
    /// As the plan says: one of its own, or the plan's.
    #[default]
    Plan,
    /// None: for what PostgreSQL refuses in a transaction block, `CREATE INDEX CONCURRENTLY` for instance.
    None,
}

/// What to do about transient failures: lock timeouts, deadlocks, serialization failures, lost connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How often the step is tried, the first time included.
    pub attempts: u32,
    /// Pause before the second attempt; doubled, with jitter, before each further one.
    pub backoff: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry { attempts: 3, backoff: Duration::from_secs(1) }
    }
}
