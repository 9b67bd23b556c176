//! A plan that runs again and cannot.

use super::super::{
    example::Example,
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::{Repeat, RuleLevel};
use crate::sql::{QualifiedName, facts::OperationKind};

/// A plan that runs again and cannot.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "repeat-fails",
    title: "a plan that runs again and cannot",
    group: Group::Halfway,
    level: RuleLevel::Warning,
    condition: "A plan with `repeat: on_change` makes a table or an index that an earlier run has made.",
    effect: "The second run fails at it.",
    remedy: "Write IF NOT EXISTS, or move the statement to a plan that runs once.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        repeat: on_change\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: make, sql: \"CREATE TABLE public.lookup (id bigint PRIMARY KEY)\"}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        repeat: on_change\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: make, sql: \"CREATE TABLE IF NOT EXISTS public.lookup (id bigint PRIMARY KEY)\"}\n\
        ",
    ),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    if done.subject.plan.repeat != Repeat::OnChange {
        return None;
    }
    let is_dropped = |name: &QualifiedName| {
        done.before().any(|operation| matches!(&operation.action, OperationKind::Drop { names, .. } if names.iter().any(|other| done.subject.names.same(other, name))))
    };
    match done.action() {
        OperationKind::CreateTable { table, if_not_exists: false, temporary: false, .. } if !is_dropped(table) => {
            Some(format!("{table} is there already when the plan runs again"))
        }
        OperationKind::CreateIndex { index: Some(index), if_not_exists: false, table, .. }
            if done.is_used(table) && !is_dropped(index) =>
        {
            Some(format!("{index} is there already when the plan runs again"))
        }
        _ => None,
    }
}
