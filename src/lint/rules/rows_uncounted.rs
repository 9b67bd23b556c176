//! Rows that are changed and not counted.

use super::super::{
    example::{Example, sql, with},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{OperationKind, Write, WrittenRows};

/// Rows that are changed and not counted.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "rows-uncounted",
    title: "rows that are changed and not counted",
    group: Group::Loss,
    level: RuleLevel::Note,
    condition: "UPDATE or DELETE with a condition, in a step without `expect_rows`.",
    effect: "A condition that means more rows than was thought is noticed by nobody.",
    remedy: "Say with `expect_rows` how many there must be, or between which bounds.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[sql("DELETE FROM public.orders WHERE status = 'void'")]),
    good: Example::Steps(&[with("expect_rows: {at_most: 500}", "DELETE FROM public.orders WHERE status = 'void'")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Write { write: Write::Update | Write::Delete, rows: WrittenRows::Where, table, .. }
            if done.is_used(table) && !done.counts_rows() && !done.step.is_outside() =>
        {
            Some(format!("nobody counts the rows of {table} that are changed"))
        }
        _ => None,
    }
}
