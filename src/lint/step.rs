//! What a step does, for the rules to ask.

use crate::{
    plan::{Rendered, Step, StepTransaction},
    sql::{
        SqlProblem,
        facts::{Operation, StatementFacts, When},
    },
};

/// A step with what its statements do.
#[derive(Debug)]
pub(super) struct StepFacts<'p> {
    /// Its position.
    pub(super) index: usize,
    pub(super) step: &'p Step<Rendered>,
    /// What each statement does; none where the text can't be split.
    pub(super) statements: Vec<StatementFacts>,
    /// Why the text can't be split.
    pub(super) problem: Option<SqlProblem>,
}

impl StepFacts<'_> {
    /// Whether it is outside of any transaction.
    pub(super) fn is_outside(&self) -> bool {
        self.step.transaction == StepTransaction::None
    }

    /// Everything that it does when it is run.
    pub(super) fn operations(&self) -> impl Iterator<Item = (usize, &Operation)> {
        let numbered = self.statements.iter().enumerate();
        numbered
            .flat_map(|(nth, statement)| statement.operations.iter().map(move |operation| (nth, operation)))
            .filter(|(_, operation)| operation.when != When::InRoutine)
    }
}
