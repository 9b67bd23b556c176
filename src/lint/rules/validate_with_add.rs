//! A constraint that is added and validated in one transaction.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{Operation, OperationKind, TableAction};

/// A constraint that is added and validated in one transaction.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "validate-with-add",
    title: "a constraint that is added and validated in one transaction",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "VALIDATE CONSTRAINT stands in the same transaction as the ADD … NOT VALID of the constraint.",
    effect: "The strong lock of ADD is held until the transaction ends, so that everybody waits while all rows are \
        read: NOT VALID has gained nothing.",
    remedy: "Give VALIDATE CONSTRAINT a step of its own.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").scanned()),
    bad: Example::Steps(&[sql(
        "ALTER TABLE public.orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0) NOT VALID;\n\
            ALTER TABLE public.orders VALIDATE CONSTRAINT orders_total_positive",
    )]),
    good: Example::Steps(&[
        sql("ALTER TABLE public.orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0) NOT VALID"),
        sql("ALTER TABLE public.orders VALIDATE CONSTRAINT orders_total_positive"),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, TableAction::Validate { constraint }) = done.altered()? else { return None };
    let adds = |operation: &Operation| match &operation.action {
        OperationKind::AlterTable { table: other, action: TableAction::AddConstraint(added) } => {
            added.name.as_ref() == Some(constraint) && done.subject.names.same(table, other)
        }
        _ => false,
    };
    let is_together = match done.subject.is_one_transaction() {
        true => done.before().any(adds),
        false => done.before_in_step().any(adds),
    };
    is_together.then(|| format!("`{constraint}` is validated under the lock that adding it took on {table}"))
}
