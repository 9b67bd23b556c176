//! A setting that outlives its step.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::{StatementKind, facts::OperationKind};

/// A setting that outlives its step.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "set-outlives-step",
    title: "a setting that outlives its step",
    group: Group::Halfway,
    level: RuleLevel::Warning,
    condition: "SET without LOCAL in a step.",
    effect: "The server keeps the setting until the session ends. A run takes it back after the step: later steps and checks \
        do not run under it, whatever the plan's order promises.",
    remedy: "Use SET LOCAL; the search path and the timeouts have their place under `session`.",
    manual: Some("https://www.postgresql.org/docs/current/sql-set.html"),
    claim: None,
    bad: Example::Steps(&[sql("SET work_mem = '1GB';\n\
            ALTER TABLE public.orders ADD COLUMN region text")]),
    good: Example::Steps(&[sql("SET LOCAL work_mem = '1GB';\n\
            ALTER TABLE public.orders ADD COLUMN region text")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Set { setting, local: false } if done.statement.kind == StatementKind::SetSession => {
            Some(format!("`{setting}` would stay set, and is reset when the step has ended"))
        }
        _ => None,
    }
}
