//! One thing that a step does, for the rules to ask what stands around it.

use super::{step::StepFacts, subject::LintSubject};
use crate::sql::{
    QualifiedName,
    facts::{Operation, OperationKind, StatementFacts, TableAction},
};

/// One thing that a step does, with all around it.
pub(super) struct OperationContext<'s> {
    pub(super) subject: &'s LintSubject<'s>,
    pub(super) step: &'s StepFacts<'s>,
    /// The statement's position.
    pub(super) nth: usize,
    pub(super) statement: &'s StatementFacts,
    pub(super) operation: &'s Operation,
}

impl<'s> OperationContext<'s> {
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
