//! A plan, with what its statements do: all that rules look at. Every statement is parsed once.

use std::collections::BTreeMap;

use super::{
    names::{NameLookup, patterns},
    step::StepFacts,
};
use crate::{
    plan::{Check, Phase, Place, Plan, Rendered, Text, Transaction, Written},
    render::ResolvedPlan,
    sql::{
        QualifiedName, StatementKind, TablePattern,
        facts::{self, DroppedKind, Operation, OperationKind, StatementFacts, TableAction},
    },
};

/// A plan, read.
#[derive(Debug)]
pub(super) struct LintSubject<'p> {
    /// As people wrote it.
    pub(super) written: &'p Plan<Written>,
    /// Texts of the files that it names.
    pub(super) files: &'p BTreeMap<String, String>,
    /// As it will run.
    pub(super) plan: &'p Plan<Rendered>,
    pub(super) steps: Vec<StepFacts<'p>>,
    /// Its checks with what their queries read, in the order before, unchanged, after.
    pub(super) checks: Vec<CheckFacts<'p>>,
    /// How names are understood.
    pub(super) names: NameLookup,
    /// What each target means, and what it leaves out.
    targets: Vec<(Vec<TablePattern>, Vec<TablePattern>)>,
    uncovered: Vec<TablePattern>,
    /// Tables that the plan makes: name, step, statement.
    made: Vec<(QualifiedName, usize, usize)>,
}

/// A check with what its query reads.
#[derive(Debug)]
pub(super) struct CheckFacts<'p> {
    pub(super) check: &'p Check<Rendered>,
    pub(super) phase: Phase,
    /// What its query does; none where it has no query of its own.
    pub(super) query: Vec<StatementFacts>,
}

impl<'p> LintSubject<'p> {
    /// Reads the plan.
    pub(super) fn of(written: &'p Plan<Written>, resolved: &'p ResolvedPlan, files: &'p BTreeMap<String, String>) -> Self {
        let plan = resolved.plan();
        let of_steps = plan.steps.iter().map(|step| step.sql.shown());
        let texts: Vec<&str> =
            of_steps.chain(plan.checks.with_phases().map(|(_, check)| query(check).unwrap_or_default())).collect();
        let mut read = facts::read(&texts).into_iter();
        let steps = plan.steps.iter().enumerate().map(|(index, step)| {
            let (statements, problem) = match read.next() {
                Some(Ok(statements)) => (statements, None),
                Some(Err(problem)) => (Vec::new(), Some(problem)),
                None => (Vec::new(), None),
            };
            StepFacts { index, step, statements, problem }
        });
        let steps: Vec<_> = steps.collect();
        let checks = plan.checks.with_phases().map(|(phase, check)| CheckFacts {
            check,
            phase,
            query: read.next().and_then(Result::ok).unwrap_or_default(),
        });
        let names = NameLookup::of(plan);
        LintSubject {
            written,
            files,
            plan,
            checks: checks.collect(),
            targets: plan.backup.targets.iter().map(|of| (patterns(&of.tables), patterns(&of.exclude))).collect(),
            uncovered: patterns(&plan.backup.allow_uncovered),
            made: made(&steps, &names),
            names,
            steps,
        }
    }

    /// Everything that the plan does when it is run: step, statement, operation.
    pub(super) fn operations(&self) -> impl Iterator<Item = (usize, usize, &Operation)> {
        self.steps.iter().flat_map(|step| step.operations().map(move |(nth, operation)| (step.index, nth, operation)))
    }

    /// Whether the plan itself has made the table when it comes to the statement, so that nobody else uses it yet.
    pub(super) fn is_new(&self, table: &QualifiedName, step: usize, nth: usize) -> bool {
        let whole = self.names.whole(table);
        let is_temporary = whole.schema.as_deref().is_some_and(|schema| schema.starts_with("pg_temp"));
        is_temporary || self.made.iter().any(|(made, s, n)| (*s, *n) <= (step, nth) && *made == whole)
    }

    /// Whether the operation locks a table that others use; of one without a table that is not known, and counts.
    pub(super) fn is_lock_on_used(&self, operation: &Operation, step: usize, nth: usize) -> bool {
        match &operation.action {
            OperationKind::AlterTable { table, .. }
            | OperationKind::CreateIndex { table, .. }
            | OperationKind::CreateTrigger { table } => !self.is_new(table, step, nth),
            OperationKind::Refresh { view: table, .. } => !self.is_new(table, step, nth),
            OperationKind::Policy(policy) => !self.is_new(&policy.table, step, nth),
            OperationKind::CreateTable { references, partition_of, .. } => {
                references.iter().chain(partition_of).any(|table| !self.is_new(table, step, nth))
            }
            OperationKind::Truncate { tables, .. }
            | OperationKind::LockTable { tables }
            | OperationKind::Drop { what: DroppedKind::Table, names: tables, .. } => {
                tables.iter().any(|table| !self.is_new(table, step, nth))
            }
            OperationKind::TightenDomain { .. } => true,
            _ => false,
        }
    }

    /// Whether a backup target is the table.
    pub(super) fn is_covered(&self, table: &QualifiedName) -> bool {
        let is_meant = |patterns: &[TablePattern]| self.names.is_meant(patterns, table);
        self.targets.iter().any(|(tables, exclude)| is_meant(tables) && !is_meant(exclude))
    }

    /// Whether the plan says that it may be changed without a copy.
    pub(super) fn is_left_uncovered(&self, table: &QualifiedName) -> bool {
        self.names.is_meant(&self.uncovered, table)
    }

    /// Whether all is known that the steps do: each statement is read, and none calls what stands elsewhere.
    pub(super) fn is_all_known(&self) -> bool {
        let mut statements = self.steps.iter().flat_map(|step| &step.statements);
        let is_known = |statement: &StatementFacts| {
            let calls = matches!(statement.kind, StatementKind::Do | StatementKind::Call | StatementKind::Select);
            statement.unread.is_none() && !calls
        };
        self.steps.iter().all(|step| step.problem.is_none()) && statements.all(is_known)
    }

    /// Whether a failure in a plan of one transaction leaves nothing behind: then the server itself is the way back.
    pub(super) fn is_one_transaction(&self) -> bool {
        self.plan.transaction == Transaction::Plan
    }

    /// The place that stands for the plan.
    pub(super) fn face(&self) -> Place {
        self.plan.name_at
    }
}

/// The query of a check that has one.
pub(super) fn query(check: &Check<Rendered>) -> Option<&str> {
    check.kind.query().map(Text::shown)
}

/// Tables that are made, under every name that they get. What is made only where it isn't there yet may be an old one.
fn made(steps: &[StepFacts<'_>], names: &NameLookup) -> Vec<(QualifiedName, usize, usize)> {
    let mut made: Vec<(QualifiedName, usize, usize)> = Vec::new();
    for step in steps {
        for (nth, operation) in step.operations() {
            match &operation.action {
                OperationKind::CreateTable { table, if_not_exists: false, .. }
                | OperationKind::CreateView { view: table, materialized: true } => {
                    made.push((names.whole(table), step.index, nth));
                }
                OperationKind::AlterTable { table, action: TableAction::Rename { to } } => {
                    let old = names.whole(table);
                    if made.iter().any(|(name, _, _)| *name == old) {
                        made.push((QualifiedName { schema: old.schema, name: to.clone() }, step.index, nth));
                    }
                }
                _ => {}
            }
        }
    }
    made
}
