//! COMMIT and ROLLBACK in a block, or in a procedure that is called.

use super::super::{
    example::{Example, sql, with},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::{
    plan::RuleLevel,
    sql::{
        QualifiedName,
        facts::{OperationKind, When},
    },
};

/// COMMIT and ROLLBACK in a block, or in a procedure that is called.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "commit-in-body",
    title: "COMMIT and ROLLBACK in a block, or in a procedure that is called",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "A DO block ends its transaction, or a step calls a procedure that the plan makes and that does.",
    effect: "A step is one transaction, and nothing that it runs can end it: the step fails with SQLSTATE 2D000 when it comes to it.",
    remedy: "Leave COMMIT and ROLLBACK out, or write the loop as a step with `batch:`, which commits range by range.",
    manual: Some("https://www.postgresql.org/docs/current/plpgsql-transactions.html"),
    claim: None,
    bad: Example::Steps(&[sql("DO $$ BEGIN\n\
            UPDATE public.orders SET status = 'new' WHERE status IS NULL;\n\
            COMMIT;\n\
            END $$")]),
    good: Example::Steps(&[with(
        "expect_rows: {at_least: 0}",
        "UPDATE public.orders SET status = 'new' WHERE status IS NULL",
    )]),
    find: Find::Step(find),
};

fn find(subject: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    for (_, operation) in step.operations() {
        match &operation.action {
            OperationKind::EndTransaction { .. } if operation.when == When::InBlock => {
                said.in_sql(step.index, &operation.at, "the block ends the transaction that the step is");
            }
            OperationKind::Call { procedure } if commits(subject, procedure) => {
                said.in_sql(step.index, &operation.at, format!("{procedure} ends the transaction that the step is"));
            }
            _ => {}
        }
    }
}

/// Whether the plan makes the procedure, with a COMMIT or ROLLBACK in its body.
fn commits(subject: &LintSubject<'_>, procedure: &QualifiedName) -> bool {
    let statements = subject.steps.iter().flat_map(|step| &step.statements);
    statements.into_iter().any(|statement| {
        let makes = |action: &OperationKind| matches!(action, OperationKind::CreateRoutine(routine) if routine.name.name == procedure.name);
        statement.operations.iter().any(|operation| makes(&operation.action))
            && statement
                .operations
                .iter()
                .any(|operation| operation.when == When::InRoutine && matches!(operation.action, OperationKind::EndTransaction { .. }))
    })
}
