//! What a step does, for the rules to ask.

use super::subject::Subject;
use crate::{
    plan::{Rendered, Step, StepTransaction},
    sql::{
        QualifiedName, SqlProblem,
        facts::{Facts, Operation, OperationKind, TableAction, When},
    },
};

/// A step with what its statements do.
#[derive(Debug)]
pub(super) struct StepFacts<'p> {
    /// Its position.
    pub(super) index: usize,
    /// The step.
    pub(super) step: &'p Step<Rendered>,
    /// What each statement does; none where the text can't be split.
    pub(super) statements: Vec<Facts>,
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

/// One thing that a step does, with all around it.
pub(super) struct Done<'s> {
    pub(super) subject: &'s Subject<'s>,
    pub(super) step: &'s StepFacts<'s>,
    /// The statement's position.
    pub(super) nth: usize,
    pub(super) statement: &'s Facts,
    pub(super) operation: &'s Operation,
}

impl<'s> Done<'s> {
    /// What is done.
    pub(super) fn action(&self) -> &'s OperationKind {
        &self.operation.action
    }

    /// Whether the table was there before the plan, so that others use it.
    pub(super) fn is_used(&self, table: &QualifiedName) -> bool {
        !self.subject.is_new(table, self.step.index, self.nth)
    }

    /// Whether what is taken from the table is gone for good: others use it, and nothing has a copy.
    pub(super) fn is_lost(&self, table: &QualifiedName) -> bool {
        self.is_used(table) && !self.subject.is_covered(table) && !self.subject.is_left_uncovered(table)
    }

    /// Whether the step says how many rows it writes, or writes them range by range.
    pub(super) fn counts_rows(&self) -> bool {
        self.step.step.expect_rows.is_some() || self.step.step.batch.is_some()
    }

    /// The action of ALTER TABLE on a table that others use.
    pub(super) fn altered(&self) -> Option<(&'s QualifiedName, &'s TableAction)> {
        match self.action() {
            OperationKind::AlterTable { table, action } if self.is_used(table) => Some((table, action)),
            _ => None,
        }
    }

    /// Earlier things of the whole plan.
    pub(super) fn before(&self) -> impl Iterator<Item = &'s Operation> {
        let (step, nth, at) = (self.step.index, self.nth, self.operation.at.start);
        self.subject
            .operations()
            .filter(move |(other, statement, operation)| (*other, *statement, operation.at.start) < (step, nth, at))
            .map(|(_, _, operation)| operation)
    }

    /// Earlier things of the same transaction.
    pub(super) fn before_in_step(&self) -> impl Iterator<Item = &'s Operation> {
        let (nth, at) = (self.nth, self.operation.at.start);
        self.step
            .operations()
            .filter(move |(statement, operation)| (*statement, operation.at.start) < (nth, at))
            .map(|(_, operation)| operation)
    }

    /// Later things of the whole plan.
    pub(super) fn after(&self) -> impl Iterator<Item = &'s Operation> {
        let (step, nth, at) = (self.step.index, self.nth, self.operation.at.start);
        self.subject
            .operations()
            .filter(move |(other, statement, operation)| (*other, *statement, operation.at.start) > (step, nth, at))
            .map(|(_, _, operation)| operation)
    }
}
