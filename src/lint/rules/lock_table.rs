//! LOCK TABLE.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::{LockLevel, facts::OperationKind};

/// LOCK TABLE.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "lock-table",
    title: "LOCK TABLE",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "LOCK TABLE in a mode that readers or writers wait for.",
    effect: "They wait until the step ends, and before that for as long as the statement waits for its lock.",
    remedy: "Let the statements take their own locks; against later writes of the application the backup's `writers` \
        does what is needed.",
    manual: Some("https://www.postgresql.org/docs/current/sql-lock.html"),
    claim: Some(TableClaim::everybody("orders")),
    bad: Example::Steps(&[sql("LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE;\n\
            ALTER TABLE public.orders ADD COLUMN region text")]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN region text")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let OperationKind::LockTable { tables } = done.action() else { return None };
    let table = tables.iter().find(|table| done.is_used(table))?;
    let who = if done.operation.lock == LockLevel::Everybody { "everybody who uses" } else { "everybody who writes to" };
    done.operation.lock.makes_others_wait().then(|| format!("{who} {table} waits until the step ends"))
}
