//! Many rows written while a table is locked.

use super::super::{
    example::{Example, sql, with},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{Operation, OperationKind, WrittenRows};

/// Many rows written while a table is locked.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "write-under-lock",
    title: "many rows written while a table is locked",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A step takes a lock that readers or writers wait for, and then writes all rows of a table or as many as \
        a query answers.",
    effect: "The lock is held for as long as the rows take.",
    remedy: "Write the rows in a step of their own, in batches, before or after the change of structure.",
    manual: Some("https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"),
    claim: Some(TableClaim::everybody("orders").scanned()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN region text;\n\
            UPDATE public.orders SET region = 'eu'")]),
    good: Example::Steps(&[
        sql("ALTER TABLE public.orders ADD COLUMN region text"),
        with(
            "batch: {table: public.orders, key: id, max_lag: 10s}",
            "UPDATE public.orders SET region = 'eu' WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }}",
        ),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let OperationKind::Write { table, rows: WrittenRows::All | WrittenRows::OfQuery, .. } = done.action() else {
        return None;
    };
    let strong = |operation: &&Operation| {
        operation.lock.makes_others_wait() && done.subject.is_lock_on_used(operation, done.step.index, done.nth)
    };
    done.before_in_step()
        .find(strong)
        .map(|_| format!("rows of {table} are written while the step holds the lock of an earlier statement"))
}
