//! Triggers that stay switched off.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{Operation, OperationKind, TableAction};

/// Triggers that stay switched off.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "triggers-left-off",
    title: "triggers that stay switched off",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "Triggers of a table in use are disabled, and nothing later in the plan enables them.",
    effect: "What they are for, checking, auditing, foreign keys even, doesn't happen any more, and nothing tells.",
    remedy: "Enable them in the same step.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::writers("orders")),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders DISABLE TRIGGER orders_touch")]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders DISABLE TRIGGER orders_touch;\n\
            ALTER TABLE public.orders ENABLE TRIGGER orders_touch")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::AlterTable { table, action: TableAction::Triggers(off) } if !off.enabled && done.is_used(table) => {
            let enables = |operation: &Operation| match &operation.action {
                OperationKind::AlterTable { table: other, action: TableAction::Triggers(on) } => {
                    on.enabled
                        && done.subject.names.same(other, table)
                        && (on.trigger.is_none() || on.trigger == off.trigger)
                }
                _ => false,
            };
            (!done.after().any(enables)).then(|| format!("triggers of {table} stay switched off"))
        }
        _ => None,
    }
}
