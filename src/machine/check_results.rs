//! What checks answered, as events carry it. Stored as JSON for ever, like the events themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::Severity;

/// Checks of one phase were evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChecksEvaluated {
    /// In the plan's order.
    pub results: Vec<CheckResult>,
}

impl ChecksEvaluated {
    /// Ids of the checks that stand in the way: those of severity `fail` that failed or could not be evaluated.
    pub fn blocking(&self) -> Vec<String> {
        self.results.iter().filter(|r| r.blocks()).map(|r| r.id.clone()).collect()
    }

    /// Takes over later answers of the same checks.
    pub fn answer_again(&mut self, later: &[CheckResult]) {
        for result in &mut self.results {
            let again = later.iter().find(|again| (again.phase, &again.id) == (result.phase, &result.id));
            if let Some(again) = again {
                result.clone_from(again);
            }
        }
    }
}

/// The phase that a check belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckPhase {
    /// Before the backup.
    Before,
    /// Before, and again after.
    Unchanged,
    /// After the last step.
    After,
    /// Before a step's commit.
    Step,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It holds.
    Pass,
    /// It does not, and its severity is `warn`.
    Warn,
    /// It does not.
    Fail,
    /// It could not be evaluated; never a pass, whatever its severity.
    Error,
}

/// A check's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// The check's id.
    pub id: String,
    /// Its phase.
    pub phase: CheckPhase,
    /// Its severity.
    pub severity: Severity,
    /// What became of it.
    pub outcome: CheckOutcome,
    /// What was found, a fragment: "3 rows without an organization".
    pub message: String,
    /// The count that was found, where one was.
    pub count: Option<u64>,
    /// Under `unchanged`: the answer, for comparison.
    pub answer: Option<String>,
    /// Offending rows, up to a bound.
    pub sample: Option<RowSample>,
    /// The plan's advice.
    pub hint: Option<String>,
}

impl CheckResult {
    /// What may say something of the database in a server's words.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let cells = self.sample.iter_mut().flat_map(|sample| sample.rows.iter_mut().flatten().flatten());
        [Some(&mut self.message), self.answer.as_mut()].into_iter().flatten().chain(cells)
    }

    /// Whether the run can't go on with this answer. A check of severity `warn` or `info` never stops it, also where it could not be
    /// evaluated: that is told, and recorded as an error.
    pub fn blocks(&self) -> bool {
        match self.outcome {
            CheckOutcome::Pass | CheckOutcome::Warn => false,
            CheckOutcome::Fail => true,
            CheckOutcome::Error => self.severity == Severity::Fail,
        }
    }
}

/// A few rows, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowSample {
    /// Column names.
    pub columns: Vec<String>,
    /// Cells; none is NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether there are more than shown.
    pub more: bool,
}
